"""Write a plan's leads into the target: what the plan says, nothing that the ledger has already, nothing twice."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import pandas as pd

from etl.connect.target import Batch, BatchRefused, Target, Written
from etl.errors import CleanupError, TargetError, excerpt
from etl.load.batches import BYTES, ROWS, batches
from etl.load.files import files_of
from etl.load.reread import Reread
from etl.model import Progress, no_progress
from etl.plan import Bundle

HOPELESS = 1_000
"""So many refusals before anything was written are no damaged rows: the target takes none."""

SHOWN, LEAST = 200, 3
"""The longest reason that is shown, and the shortest value of a lead that is looked for in it."""


Frames = tuple[pd.DataFrame, pd.DataFrame]


@dataclass(frozen=True)
class Refusal:
    """A lead that was not written, and why; in the target's words without a value of the lead."""

    lead: str
    reason: str


@dataclass(frozen=True)
class Applied:
    """What `apply` did.

    leads: written now, with `records` legacy records. before: leads that the ledger had already. stale: leads that were
    not written because their families changed in the source, and what did. refused: leads that the target did not take;
    with any, the run has failed for them (exit code 1). left: leads that it did not come to. stopped: somebody asked it
    to stop. unlisted: leads of somebody who opted out with what the target's mail blacklist does not take. guide: the
    file that says how people import the leads, where they do.
    """

    leads: int = 0
    records: int = 0
    before: int = 0
    stale: tuple[Refusal, ...] = ()
    refused: tuple[Refusal, ...] = ()
    left: int = 0
    stopped: bool = False
    unlisted: tuple[str, ...] = ()
    guide: str | None = None


@dataclass
class Run:
    """One run of `apply`: where it writes to, and what it has done so far, however it ends.

    limit: the most leads that it writes. stop: asked after each batch.
    """

    target: Target
    system: str
    plan: str
    limit: int | None = None
    stop: Callable[[], bool] = bool
    leads: int = 0
    records: int = 0
    before: int = 0
    stale: list[Refusal] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    unlisted: list[str] = field(default_factory=list)

    @property
    def done(self) -> int:
        """Leads that it has come to."""
        return self.leads + self.before + len(self.stale) + len(self.refused)

    @property
    def ended(self) -> bool:
        """Whether it writes no more."""
        return self.stop() or (self.limit is not None and self.leads >= self.limit)

    def room(self, batch: Batch) -> Batch:
        """As much of a batch as the limit leaves room for."""
        if self.limit is None or len(batch.leads) <= self.limit - self.leads:
            return batch
        return batch.only(batch.leads.index[: self.limit - self.leads].tolist())

    def new(self, leads: pd.DataFrame, members: pd.DataFrame) -> Frames:
        """Leave out the leads of which the ledger has a record: they do not count for the limit."""
        moved = members[members["lead"].notna()]
        known = self.target.ledger_of(self.system, moved.index)
        written_before = moved["lead"][moved.index.isin(known.index)].unique()
        self.before += len(written_before)
        return leads[~leads.index.isin(written_before)], members[~members["lead"].isin(written_before)]

    def choose(self, leads: pd.DataFrame, members: pd.DataFrame, now: Reread | None) -> Frames:
        """Leave out the leads whose families are not as they were planned."""
        if now is None:
            return leads, members
        if now.stale:
            why = {members.at[key, "lead"]: reason for key, reason in now.stale.items()}
            self.stale += [Refusal(lead, why[lead]) for lead in leads.index if lead in why]
            leads = leads[~leads.index.isin(list(why))]
            members = members[~members["lead"].isin(list(why))]
        return leads, members.assign(contents=now.contents.reindex(members.index))

    def write(self, batch: Batch) -> None:
        """Write a batch; one that is refused is halved until the rows that the target does not take stand alone."""
        try:
            self._count(batch, self.target.write(batch, system=self.system, plan=self.plan))
        except BatchRefused as refusal:
            keys = batch.leads.index.tolist()
            if len(keys) > 1:
                self.write(batch.only(keys[: len(keys) // 2]))
                self.write(batch.only(keys[len(keys) // 2 :]))
            else:
                self._write_one(batch, refusal)

    def _write_one(self, batch: Batch, refusal: BatchRefused) -> None:
        """Try a single lead again: if another runner was faster, the ledger has it now."""
        try:
            self._count(batch, self.target.write(batch, system=self.system, plan=self.plan))
        except BatchRefused:
            reason = excerpt(without_values(refusal.reason, batch), SHOWN)
            self.refused.append(Refusal(batch.leads.index[0], reason))
        if len(self.refused) >= HOPELESS and not self.leads and not self.before:
            raise TargetError(
                f"The target refused the first {HOPELESS:,} leads. The first was refused because: "
                f"{self.refused[0].reason}",
                where=self.target.where,
                next="crm-cleanup check CONFIG",
            )

    def _count(self, batch: Batch, written: Written) -> None:
        everything = len(written.leads) == len(batch.leads)
        self.records += len(batch.members if everything else batch.only(written.leads).members)
        self.leads += len(written.leads)
        self.before += len(written.before)
        self.unlisted += written.unlisted
        self.refused += [Refusal(lead, reason) for lead, reason in written.conflicts.items()]


def apply(
    bundle: Bundle,
    target: Target,
    *,
    run: Run | None = None,
    now: Iterable[Reread] | None = None,
    rows: int = ROWS,
    size: int = BYTES,
    total: int | None = None,
    progress: Progress = no_progress,
) -> Applied:
    """Write the leads of a plan that the target's ledger has not, each with its ledger rows.

    run: what the caller wants to see of it, also when it fails. now: what each chunk is like in the source, read anew
    just before it is written; None where that is not asked. rows, size: the most leads and bytes of notes in one
    transaction. total: leads in the plan, for the progress. Running it again goes on where it ended, however it ended.
    Raises an error, saying what was written, where the target or the source is lost, and PlanError for a damaged plan.
    """
    run = run or Run(target, bundle.manifest.system, bundle.manifest.written_as)
    try:
        target.prepare()
        part = target.part()
        currents = iter(itertools.repeat(None) if now is None else now)
        for chunk in range(bundle.chunks):
            current = next(currents)
            leads, members = run.choose(bundle.leads(chunk), bundle.members(chunk), current)
            if run.limit is not None:
                leads, members = run.new(leads, members)
            files = files_of(bundle, chunk, members) if target.takes_files and len(leads) else ()
            for batch in batches(leads, members, part, files, rows=rows, size=size):
                if not run.ended:
                    run.write(run.room(batch))
                    progress("leads", run.done, total)
            if run.ended:
                break
    except CleanupError as error:
        error.written = _written(run)
        first = f"{error.next}; " if error.next and "run the command again" not in error.next else ""
        error.next = f"{first}crm-cleanup apply {bundle.path}, which continues from there"
        raise
    left = 0 if total is None else total - run.done
    return Applied(
        run.leads, run.records, run.before, tuple(run.stale), tuple(run.refused), left, run.stop(), tuple(run.unlisted)
    )


def _written(run: Run) -> str:
    if not run.leads:
        return "nothing"
    return f"{run.leads:,} leads with {run.records:,} legacy records, each lead complete and in the ledger"


def without_values(reason: str, batch: Batch) -> str:
    """Take the values of a batch's only lead out of what a target says of it; triggers say what they like."""
    row = batch.leads.iloc[0]
    values = {value for value in row if isinstance(value, str) and len(value) >= LEAST}
    for value in sorted(values, key=len, reverse=True):
        reason = reason.replace(value, "…")
    return reason
