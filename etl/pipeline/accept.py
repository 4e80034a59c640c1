"""Accept that leads of a plan were deleted in the target on purpose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from etl.connect.target import DELETED, Target
from etl.errors import CleanupError
from etl.load.undo import named_leads
from etl.pipeline.target import finish, holder, open_planned_target
from etl.plan import Bundle
from etl.plan.accepted import add_accepted
from etl.plan.approvals import readable_name
from etl.plan.intact import refuse_changed
from etl.plan.journal import Journal


@dataclass(frozen=True)
class Accepted:
    """What was accepted: leads that were deleted on purpose, now, and those that were accepted before."""

    leads: tuple[str, ...]
    before: tuple[str, ...]


def accept_deleted(bundle: Bundle, keys: Sequence[str], *, by: str, exports: Sequence[Path] = ()) -> Accepted:
    """Write down that somebody accepts that leads were deleted; `verify` does not miss them from then on.

    keys: of leads, or the ids that they had in the target. exports: as `verify` takes them. Their records stay in the
    ledger, so that no later plan moves them again. All of the keys, or none. Raises CleanupError for a key that is no
    lead of the plan, that was not written, or whose lead is still there; StalePlan and Locked as `apply` does.
    """
    name = readable_name(bundle, by)
    target = open_planned_target(bundle)
    try:
        refuse_changed(bundle)
        with Journal(bundle.path, bundle.manifest.digest).command("accept-deleted") as counts:
            with target.lock(holder("verify")):
                if exports:
                    target.take_export(exports)
                target.read_back(export=True)
                accepted = _accept(bundle, target, keys, name)
                finish(bundle, target)
            counts.update(accepted=len(accepted.leads), before=len(accepted.before))
        return accepted
    finally:
        target.close()


def _accept(bundle: Bundle, target: Target, keys: Sequence[str], by: str) -> Accepted:
    system, plan = bundle.manifest.system, bundle.manifest.written_as
    leads = sorted(named_leads(bundle, target, keys))
    rows = target.ledger_of(system, leads)  # a lead has the key of a record of its own
    for lead in leads:
        if lead not in rows.index or rows.at[lead, "lead_key"] != lead:
            raise CleanupError(
                f"The lead {lead} was not written, so that nobody can have deleted it.",
                where=target.where,
                next=f"crm-cleanup status {bundle.path}",
            )
    existing = target.read(rows["lead_id"].tolist(), []).leads.index
    for lead in leads:
        if rows.at[lead, "lead_id"] in existing:
            raise CleanupError(
                f"The lead {lead} is still in the target.",
                where=target.where,
                next="delete the lead in the target first, or leave out the key; "
                f"crm-cleanup undo {bundle.path} --lead {lead} takes a lead back",
            )
    new = [lead for lead in leads if rows.at[lead, "state"] != DELETED]
    add_accepted(bundle.path, leads, by)
    target.accept_deleted(new, system=system, plan=plan)
    return Accepted(tuple(new), tuple(lead for lead in leads if lead not in new))
