"""Read leads back from the target and hold every value, lead field and ledger row against the plan."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple, Protocol

import pandas as pd

from etl.connect.target import DELETED, Stored, Target
from etl.model import Chunk, Progress, no_progress
from etl.note import Labels, join, prove
from etl.plan import Bundle

LISTED = 1_000
"""How many differences are listed; all are counted."""

NOT_BLACKLISTED = "an address that opted out is not on the mail blacklist"

Layout = Callable[[Chunk, pd.DataFrame], pd.DataFrame]
"""Lays out the notes of a chunk from its records and members, as when they were folded."""


class Difference(NamedTuple):
    """One thing in which the target is not what the plan says.

    source_key, dataset, row, column: where; None where the lead as a whole is meant. dataset: an entry, a related
    table, `lead` (column is then a lead field) or `ledger`. kind: what `etl.note` says of values, and `missing lead`,
    NOT_BLACKLISTED, `emptied` and `different` of a lead field, `missing` and `another lead` of a ledger row.
    """

    lead: str
    lead_id: str | None
    source_key: str | None
    dataset: str | None
    row: int | None
    column: str | None
    kind: str


@dataclass(frozen=True)
class Verified:
    """What came of reading the target back.

    values, conserved: legacy values that the notes have to hold, and those that they do hold. omitted: those that the
    config leaves out. leads, missing: leads that have to be there, and those that are not. fields: lead fields
    compared. added: leads whose note has text around the block, which is no difference. ledger: moved records that
    the ledger has, rightly or not; none of them, and the plan was not applied. waiting: leads that `apply` has not come
    to, or has skipped: they are not missing. accepted: leads that are not there, as somebody has deleted them on
    purpose; nothing else counts of them. differences: the first of them; `different` counts them all.
    """

    values: int = 0
    conserved: int = 0
    omitted: int = 0
    leads: int = 0
    missing: int = 0
    fields: int = 0
    added: int = 0
    ledger: int = 0
    waiting: int = 0
    accepted: int = 0
    different: int = 0
    differences: tuple[Difference, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether the target holds what the plan says."""
        return self.conserved == self.values and not self.different

    def to_dict(self) -> dict[str, Any]:
        """All of it for machines, which know `conserved` as `found`."""
        return {"found" if name == "conserved" else name: value for name, value in asdict(self).items()}

    def __add__(self, other: Verified) -> Verified:
        return Verified(
            self.values + other.values,
            self.conserved + other.conserved,
            self.omitted + other.omitted,
            self.leads + other.leads,
            self.missing + other.missing,
            self.fields + other.fields,
            self.added + other.added,
            self.ledger + other.ledger,
            self.waiting + other.waiting,
            self.accepted + other.accepted,
            self.different + other.different,
            (*self.differences, *other.differences)[:LISTED],
        )


@dataclass(frozen=True)
class Job:
    """The verification of one chunk, as it is sent to a worker process.

    run: tells one `verify` from another. pending: leads that may not be written yet, without being missing; None for
    all of them.
    """

    run: str
    bundle: Bundle
    open_target: Callable[[], Target]
    layout: Layout
    labels: Labels
    chunk: int
    pending: frozenset[str] | None = frozenset()


class Each(Protocol):
    """`map`, or that of a pool of processes."""

    def __call__(self, function: Callable[[Job], Verified], jobs: Iterable[Job], /) -> Iterable[Verified]:
        """Give the results in the order of the jobs."""


def verify(
    bundle: Bundle,
    open_target: Callable[[], Target],
    layout: Layout,
    *,
    each: Each = map,
    pending: frozenset[str] | None = frozenset(),
    total: int | None = None,
    progress: Progress = no_progress,
) -> Verified:
    """Compare a target with a plan, value by value; nothing is written.

    pending: leads of which the ledger may have nothing, as `apply` has skipped them; None where it did not come to all,
    so that it may be any. open_target, layout: can be sent to another process. each: what maps `verify_chunk` over the
    chunks. total: leads in the plan, for the progress. Raises TargetError where the target cannot be read.
    """
    labels = Labels.of(bundle.config, bundle.manifest.columns)
    run = uuid.uuid4().hex
    jobs = (Job(run, bundle, open_target, layout, labels, chunk, pending) for chunk in range(bundle.chunks))
    verified_so_far = Verified()
    try:
        for verified in each(verify_chunk, jobs):
            verified_so_far += verified
            done = verified_so_far.leads + verified_so_far.waiting + verified_so_far.accepted
            progress("leads", done, total)
    finally:
        close_targets()
    return verified_so_far


_opened: dict[str, Target] = {}
"""The target of this process, by the run that opened it: a connection serves all chunks of a worker."""


def _target(job: Job) -> Target:
    if job.run not in _opened:
        close_targets()
        _opened[job.run] = job.open_target()
    return _opened[job.run]


def close_targets() -> None:
    """Give back what this process has open."""
    while _opened:
        _opened.popitem()[1].close()


def verify_chunk(job: Job) -> Verified:
    """Compare the leads of one chunk."""
    return compare_chunk(job).verified


@dataclass(frozen=True)
class Compared:
    """The leads of one chunk, compared.

    different: lead key -> what differs first; ids: lead key -> id in the target, of those that the ledger has.
    accepted: leads that were deleted on purpose, which are in neither.
    """

    verified: Verified
    different: dict[str, str]
    ids: dict[str, str]
    accepted: frozenset[str] = frozenset()


def compare_chunk(job: Job) -> Compared:
    """Compare the leads of one chunk, each for itself."""
    target, leads, members = _target(job), job.bundle.leads(job.chunk), job.bundle.members(job.chunk)
    moved = members[members["lead"].notna()]
    rows = target.ledger_of(job.bundle.manifest.system, moved.index).reindex(moved.index)
    in_ledger = int(rows["lead_key"].notna().sum())
    waiting, accepted = _waiting(rows, moved, job.pending), _accepted(rows, moved, target)
    chunk = job.bundle.chunk(job.chunk)
    if absent := [*waiting, *accepted]:
        members = members[~members["lead"].isin(absent)]
        chunk = job.bundle.chunk(job.chunk, members)
        moved, leads = members[members["lead"].notna()], leads[~leads.index.isin(absent)]
        rows = rows.reindex(moved.index)
    ids, differences = _ledger(rows, moved)
    stored = by_lead(target.read(ids.unique().tolist(), list(leads.columns)), ids)
    missing = leads.index.difference(stored.index)
    proof = prove(job.layout(chunk, members), chunk, job.labels, stored["note"])
    for wrong in proof.differences:
        kind = "missing lead" if wrong.kind == "missing note" and wrong.lead in missing else wrong.kind
        where = (wrong.source_key, wrong.dataset, wrong.row, wrong.column)
        differences.append(Difference(wrong.lead, ids.get(wrong.lead), *where, kind))
    compared, changed = differing_fields(target, leads[stored.index.get_indexer(leads.index) >= 0], stored)
    differences += [Difference(lead, ids[lead], None, "lead", None, name, kind) for lead, name, kind in changed]
    reached = target.not_blacklisted(leads[leads.index.isin(ids.index)])
    differences += [Difference(lead, ids[lead], None, None, None, None, NOT_BLACKLISTED) for lead in reached]
    verified = Verified(
        values=proof.values,
        conserved=proof.conserved,
        omitted=proof.omitted,
        leads=len(leads),
        missing=len(missing),
        fields=compared,
        added=len(proof.added),
        ledger=in_ledger,
        waiting=len(waiting),
        accepted=len(accepted),
        different=len(differences),
        differences=tuple(differences[:LISTED]),
    )
    different = {wrong.lead: " ".join(filter(None, (wrong.kind, wrong.column))) for wrong in reversed(differences)}
    return Compared(verified, different, {str(lead): own for lead, own in ids.items()}, accepted)


def _waiting(rows: pd.DataFrame, moved: pd.DataFrame, pending: frozenset[str] | None) -> list[str]:
    """The leads of which the ledger has no record, and that may be so."""
    if pending is not None and not pending:
        return []
    written = moved["lead"][rows["lead_key"].notna()]
    absent = moved["lead"][~moved["lead"].isin(written)].drop_duplicates()
    return [lead for lead in absent if pending is None or lead in pending]


def _accepted(rows: pd.DataFrame, moved: pd.DataFrame, target: Target) -> frozenset[str]:
    """The leads that are not there, and of which the ledger says that somebody has deleted them on purpose."""
    marked = rows["state"] == DELETED
    if not marked.any():
        return frozenset()
    back_again = target.read(rows["lead_id"][marked].unique().tolist(), []).leads.index
    return frozenset(moved["lead"][marked & ~rows["lead_id"].isin(back_again)])


def differing_fields(
    target: Target, planned: pd.DataFrame, stored: pd.DataFrame
) -> tuple[int, list[tuple[str, str, str]]]:
    """Compare the lead fields of leads that are there: how many, and lead, field and kind of those that differ.

    A lead that was there before keeps the values of its own: only what is empty is filled in it.
    """
    kinds = {name: limit.kind for name, limit in target.fields().items() if name != "note"}
    names = [str(name) for name in planned.columns if name in kinds]
    current = stored.reindex(planned.index)
    own = planned["into"].notna()
    differ = [
        (lead, name, kind)
        for name in names
        for lead, kind in _changed(planned[name], current[name], kinds[name])
        if not (own[lead] and kind == "different" and not (planned[name].dtype == bool and planned.at[lead, name]))
    ]
    return len(names) * len(planned), differ


def _ledger(rows: pd.DataFrame, moved: pd.DataFrame) -> tuple[pd.Series[str], list[Difference]]:
    """Hold the ledger's rows against the moved records; gives lead key -> lead id, as most of its rows have it.

    rows: of the ledger, in the order of `moved`; NA where it has none.
    """
    right = rows["lead_key"] == moved["lead"]
    votes = pd.DataFrame({"lead": moved["lead"], "id": rows["lead_id"]})[right].value_counts(["lead", "id"], sort=False)
    ordered = votes.reset_index().sort_values("count", ascending=False, kind="stable").drop_duplicates("lead")
    ids: pd.Series[str] = ordered.set_index("lead")["id"]
    agrees = right & (rows["lead_id"] == ids.reindex(moved["lead"]).array)
    if agrees.all():
        return ids, []
    differences = []
    for key, lead, has_row in zip(moved.index, moved["lead"], rows["lead_key"].notna(), strict=True):
        if not agrees[key]:
            kind = "another lead" if has_row else "missing"
            differences.append(Difference(lead, ids.get(lead), key, "ledger", None, None, kind))
    return ids, differences


def by_lead(stored: Stored, ids: pd.Series[str]) -> pd.DataFrame:
    """The leads that were read back, by lead key, with their notes in one piece."""
    leads = stored.leads
    if len(stored.parts):
        further = stored.parts.groupby("lead")["text"].agg(list)
        further = further[further.index.isin(leads.index)]
        notes = leads["note"].to_dict()
        for lead_id, texts in further.items():
            notes[lead_id] = join(["" if pd.isna(text) else text for text in (notes[lead_id], *texts)])
        leads = leads.assign(note=pd.array(list(notes.values()), dtype="str"))
    written_ids = ids[leads.index.get_indexer(pd.Index(ids)) >= 0]
    return leads.loc[pd.Index(written_ids)].set_axis(written_ids.index)


def _changed(planned: pd.Series[str], current: pd.Series[str], field: str) -> Iterator[tuple[str, str]]:
    """The leads of which a field is not as planned, and how it differs. field: its kind."""
    same = SAME.get(field, _never)
    if planned.dtype != bool:
        planned, current = planned.fillna(""), current.fillna("")
    for lead in planned.index[(planned != current).to_numpy()]:
        before, after = planned.at[lead], current.at[lead]
        if not same(str(before), str(after)):
            yield lead, "emptied" if after == "" else "different"


def _never(_text: str, _other: str) -> bool:
    """Two texts that differ are two texts."""
    return False


def _same_number(text: str, other: str) -> bool:
    """Whether two texts are one number: `007`, `7` and `7.00`."""
    try:
        return Decimal(text) == Decimal(other)
    except InvalidOperation:
        return False


def _same_date(text: str, other: str) -> bool:
    """Whether two texts are one moment: a date is its midnight, and one without a zone is in UTC."""
    try:
        first, second = (dt.datetime.fromisoformat(one_text) for one_text in (text, other))
    except ValueError:
        return False
    return first.replace(tzinfo=first.tzinfo or dt.UTC) == second.replace(tzinfo=second.tzinfo or dt.UTC)


def _same_flag(text: str, other: str) -> bool:
    """Whether two texts are one flag: databases say it in words or in digits."""
    return bool(text) and bool(other) and (text.lower() in TRUE) == (other.lower() in TRUE)


def _same_json(text: str, other: str) -> bool:
    """Whether two JSON texts say the same; the tags of a lead have no order."""
    try:
        first, second = json.loads(text or "null"), json.loads(other or "null")
        if isinstance(first, list) and isinstance(second, list):
            return sorted(map(repr, first)) == sorted(map(repr, second))
        return bool(first == second)
    except ValueError:
        return False


TRUE = ("1", "true", "t", "yes")
SAME: Mapping[str, Callable[[str, str], bool]] = {
    "json": _same_json,
    "number": _same_number,
    "date": _same_date,
    "boolean": _same_flag,
}
"""Kind of a field -> whether two texts that differ are one value in it."""
