"""Take a plan back: archived records get their former values, leads that nobody has touched are removed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

import pandas as pd

from etl.connect.archive import Archive
from etl.connect.target import Batch, BatchRefused, Judge, Stored, TakenBack, Target
from etl.errors import CleanupError
from etl.load.apply import Refusal
from etl.load.batches import batches
from etl.load.verify import differing_fields
from etl.model import Progress, no_progress
from etl.note import join
from etl.plan import Bundle

ROWS = 500
"""How many leads are taken back in one transaction."""


@dataclass
class Run:
    """One run of `undo`: what it has done so far, however it ends.

    leads: removed, or given their former values; gone: that were not there any more; records: brought back in the
    CRM. kept: leads that stay, and why.
    """

    stop: Callable[[], bool] = bool
    leads: int = 0
    gone: int = 0
    records: int = 0
    kept: list[Refusal] = field(default_factory=list)


def undo(
    bundle: Bundle,
    target: Target,
    archive: Archive | None,
    run: Run,
    *,
    only: frozenset[str] | None = None,
    forced: frozenset[str] = frozenset(),
    total: int | None = None,
    progress: Progress = no_progress,
) -> None:
    """Take back what a plan has done; `run` tells what was done, however it ends. Running it again goes on.

    archive: None where nothing was archived. only: the lead keys to take back; all if None. forced: lead keys that are
    taken back although somebody has touched them.
    """
    system, plan = bundle.manifest.system, bundle.manifest.written_as
    try:
        archived: dict[str, str] = {}
        if archive is not None:
            for batch in _batches(bundle, target, only, run):
                archived |= _bring_back(target, archive, batch, run, forced, system, plan)
                progress("records", run.records, None)
            archive.unfinish(system=system, plan=plan)
        for batch in _batches(bundle, target, only, run):
            stays = [lead for lead in batch.leads.index if lead in archived and lead not in forced]
            taken = _removed(target, _without(batch, stays), forced, system, plan)
            run.leads += len(taken.leads)
            run.gone += len(taken.gone)
            kept = taken.kept | {lead: archived[lead] for lead in stays}
            run.kept += [Refusal(lead, reason) for lead, reason in kept.items()]
            progress("leads", run.leads + run.gone + len(run.kept), total)
    except CleanupError as error:
        done = f"{run.leads:,} leads taken back, {run.records:,} records brought back in the CRM"
        error.written = done if run.leads or run.records else "nothing"
        first = f"{error.next}; " if error.next and "run the command again" not in error.next else ""
        error.next = f"{first}crm-cleanup undo {bundle.path}, which continues from there"
        raise


def _batches(bundle: Bundle, target: Target, only: frozenset[str] | None, run: Run) -> Iterator[Batch]:
    """The leads that are to be taken back, until somebody asks to stop."""
    part = target.part()
    for chunk in range(bundle.chunks):
        leads, members = bundle.leads(chunk), bundle.members(chunk)
        if only is not None:
            leads, members = leads[leads.index.isin(list(only))], members[members["lead"].isin(list(only))]
        for batch in batches(leads, members, part, rows=ROWS):
            if run.stop():
                return
            yield batch


def _without(batch: Batch, leads: Collection[str]) -> Batch:
    return batch.only([lead for lead in batch.leads.index if lead not in leads]) if leads else batch


def _bring_back(
    target: Target, archive: Archive, batch: Batch, run: Run, forced: frozenset[str], system: str, plan: str
) -> dict[str, str]:
    """Bring back in the CRM the records whose leads can be taken back; gives lead -> why its record stays archived."""
    foreseen = _removed(target, batch, forced, system, plan, dry=True)
    members = _without(batch, list(foreseen.kept)).members
    brought, stay = archive.restore([str(key) for key in members.index], system=system, plan=plan)
    run.records += brought
    leads = dict(zip(members.index, members["lead"], strict=True))
    return {leads[key]: f"{key} stays archived: {reason}" for key, reason in stay.items()}


def _removed(
    target: Target, batch: Batch, forced: frozenset[str], system: str, plan: str, *, dry: bool = False
) -> TakenBack:
    """Take leads back, or only say what would come of it.

    If the target refuses that, they are halved until the one that it refuses stands alone.
    """
    try:
        return target.take_back(batch, judge(target, batch), system=system, plan=plan, forced=forced, dry=dry)
    except BatchRefused as refusal:
        leads = batch.leads.index.tolist()
        if len(leads) == 1:
            return TakenBack((), (), {leads[0]: f"the target refuses to remove it: {refusal.reason}"})
        halves = batch.only(leads[: len(leads) // 2]), batch.only(leads[len(leads) // 2 :])
        first, other = (_removed(target, half, forced, system, plan, dry=dry) for half in halves)
        return TakenBack((*first.leads, *other.leads), (*first.gone, *other.gone), first.kept | other.kept)


def judge(target: Target, batch: Batch) -> Judge:
    """Say of leads as they stand in which field or note they are not as the batch wrote them."""

    def changed(stored: Stored) -> Mapping[str, str]:
        existing = batch.leads.loc[[lead for lead in batch.leads.index if lead in stored.leads.index]]
        _, differing = differing_fields(target, existing, stored.leads)
        edited_fields = {lead: f"its {name} is {kind}" for lead, name, kind in reversed(differing)}
        edited_fields |= {} if target.tells_edits else _filled_since(target, existing, stored.leads)
        planned, now = _notes(existing["note"], batch.parts), _notes(stored.leads["note"], stored.parts)
        return {lead: "its note was edited" for lead in existing.index if planned[lead] != now[lead]} | edited_fields

    return changed


def _filled_since(target: Target, planned: pd.DataFrame, stored: pd.DataFrame) -> dict[str, str]:
    """New leads in which somebody has filled a field that the plan leaves empty: an owner, a phone, an opt-out."""
    current = stored.reindex(planned.index[planned["into"].isna()])
    others = [name for name in target.fields() if name in current.columns and name not in planned.columns]
    return {
        str(lead): f"its {name} is filled"
        for name in reversed(others)
        for lead in current.index[current[name].notna() & current[name].ne(False)]
    }


def _notes(first: pd.Series[str], parts: pd.DataFrame) -> dict[str, str]:
    """The whole note of each lead, from its first part and the others."""
    notes = {str(lead): [text] for lead, text in first.fillna("").items()}
    for lead, text in zip(parts["lead"], parts["text"].fillna(""), strict=True):
        if lead in notes:
            notes[lead].append(text)
    return {lead: join(texts) for lead, texts in notes.items()}


def named_leads(bundle: Bundle, target: Target, names: Collection[str]) -> frozenset[str]:
    """The lead keys that people name by key or by the id that the lead has in the target. Raises CleanupError."""
    wanted, named = set(names), set[str]()
    for chunk in range(bundle.chunks) if wanted else ():
        leads = bundle.leads(chunk).index
        named |= wanted.intersection(leads)
    ids = wanted - named
    if ids:
        rows = target.ledger_by_id(bundle.manifest.system, ids)
        rows = rows[rows["plan"] == bundle.manifest.written_as]
        named |= set(rows["lead_key"])
        unknown = sorted(ids - set(rows["lead_id"]))
        if unknown:
            raise CleanupError(
                f"This plan did not write a lead with the key or id {unknown[0]!r}.",
                where=bundle.path,
                next="crm-cleanup find NAME shows the ids of leads",
            )
    return frozenset(named)
