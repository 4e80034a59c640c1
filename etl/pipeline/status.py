"""Where a plan stands: from its journal and approvals, and from the target's ledger; where they differ, it says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from etl.errors import CleanupError, plural
from etl.pipeline.target import open_planned_target
from etl.plan import Bundle
from etl.plan.approvals import Approval, approvals, counts_for
from etl.plan.journal import Event, Journal
from etl.plan.skipped import read_skipped

KILLED = "was killed"
"""How a command is called that began, and of which the journal has no end."""


@dataclass(frozen=True)
class Happened:
    """One command that was run. ended: `done`, `failed`, `stopped` or KILLED. counts: what it did, by words."""

    at: str
    command: str
    ended: str
    who: str
    counts: dict[str, int]


@dataclass(frozen=True)
class Status:
    """Where a plan stands.

    state: one word of `judge`. leads: that the plan has; applied: those of them in the target's ledger, None where it
    could not be asked, `unreachable` says why. approvals: names that count, of so many needed (0: waived). notes: what
    somebody should know, such as a journal that the ledger contradicts. next: the command to run now.
    """

    plan: str
    name: str
    digest: str
    created: str
    state: str
    records: int
    leads: int
    applied: int | None
    skipped: int
    approvals: tuple[str, ...]
    needed: int
    notes: tuple[str, ...]
    happened: tuple[Happened, ...]
    next: str
    unreachable: str | None = None


def status(bundle: Bundle) -> Status:
    """Say where a plan stands. Raises PlanError where its journal or approvals cannot be read."""
    manifest = bundle.manifest
    happened = history(Journal(bundle.path, manifest.digest).events())
    given = approvals(bundle)
    good = [one for one in given if counts_for(one, bundle)]
    applied, unreachable = _applied(bundle)
    state, advice = judge(
        happened, manifest.leads, applied, len(good), bundle.config.approvals, len(manifest.broken_gates)
    )
    return Status(
        plan=str(bundle.path),
        name=manifest.name,
        digest=manifest.digest,
        created=manifest.created.replace(microsecond=0).isoformat(),
        state=state,
        records=sum(d.rows for d in manifest.figures.datasets if d.kind == "entry"),
        leads=manifest.leads,
        applied=applied,
        skipped=len(read_skipped(bundle.path)),
        approvals=tuple(f"{one.by} ({one.user}@{one.host}, {one.at})" for one in good),
        needed=bundle.config.approvals,
        notes=tuple(_notes(happened, applied, given, good)),
        happened=tuple(happened),
        next=advice.format(plan=bundle.path, config=manifest.config_path),
        unreachable=unreachable,
    )


def _applied(bundle: Bundle) -> tuple[int | None, str | None]:
    """The plan's leads in the target's ledger, or why it cannot be asked."""
    try:
        target = open_planned_target(bundle)
        try:
            return target.counts(bundle.manifest.system, bundle.manifest.digest)[0], None
        finally:
            target.close()
    except CleanupError as error:
        return None, error.message


def history(events: Sequence[Event]) -> list[Happened]:
    """The commands in the order in which they began, whatever the clock said."""
    found: list[Happened] = []
    for event in events:
        who = f"{event.user}@{event.host}"
        open_ones = [n for n, one in enumerate(found) if one.command == event.command and one.ended == KILLED]
        if event.state == "begun" or not open_ones:
            ended = KILLED if event.state == "begun" else event.state
            found.append(Happened(event.at, event.command, ended, who, dict(event.counts)))
        else:
            begun = found[open_ones[-1]]
            found[open_ones[-1]] = Happened(begun.at, begun.command, event.state, who, dict(event.counts))
    return found


def judge(
    happened: Sequence[Happened], leads: int, applied: int | None, approved: int, needed: int, broken_gates: int
) -> tuple[str, str]:
    """The state of a plan in a few words, and the command to run next, with {plan} and {config} in it.

    applied: leads in the ledger; None where the journal alone must tell.
    """
    last = {one.command: one for one in happened}
    order = [one.command for one in happened]
    if "purge" in last:
        return "purged", "nothing more can be done with this plan; its figures and journal are kept"
    if broken_gates:
        return (
            "planned, with broken gates",
            "mend what report.md names, and crm-cleanup plan {config} --out {plan} --replace",
        )
    there = applied if applied is not None else _by_journal(happened)
    if there == 0 and (leads or "apply" not in last):
        if _last(order, "undo") > _last(order, "apply") >= 0:
            return "undone", "crm-cleanup plan {config} --out another folder, for another try"
        if approved < needed:
            return "planned", "crm-cleanup approve {plan} --by NAME"
        return "approved" if needed else "planned", "crm-cleanup apply {plan}"
    if _last(order, "undo") > _last(order, "apply"):
        return "partly undone", "crm-cleanup undo {plan}, or crm-cleanup apply {plan} to write the leads again"
    if last.get("apply") is None or last["apply"].ended != "done" or last["apply"].counts.get("left", 0):
        return "partly applied", "crm-cleanup apply {plan}"
    verified = _last(order, "verify") > _last(order, "apply") and last["verify"].ended == "done"
    if not verified or last["verify"].counts.get("different", 0):
        state = "applied" if not verified else "applied, and verify found differences"
        return state, "crm-cleanup verify {plan}"
    if _last(order, "retire") < _last(order, "apply"):
        return "verified", "crm-cleanup retire {plan}"
    if last["retire"].ended != "done":
        return "partly retired", "crm-cleanup retire {plan}"
    return "retired", "nothing; crm-cleanup find NAME answers questions, crm-cleanup undo {plan} takes it back"


def _last(order: Sequence[str], command: str) -> int:
    return max((place for place, one in enumerate(order) if one == command), default=-1)


def _by_journal(happened: Sequence[Happened]) -> int:
    """The leads that are in the target by what the commands said; a killed one may have written more."""
    written = sum(one.counts.get("leads", 0) for one in happened if one.command == "apply")
    back = sum(one.counts.get("leads", 0) + one.counts.get("gone", 0) for one in happened if one.command == "undo")
    return max(0, written - back)


def _notes(
    happened: Sequence[Happened], applied: int | None, given: Sequence[Approval], good: Sequence[Approval]
) -> list[str]:
    """What somebody should know beside the state."""
    found = [
        f"The approval of {one.by} is of another state of this plan and does not count."
        for one in given
        if one not in good
    ]
    killed = [one.command for one in happened if one.ended == KILLED]
    if applied is None:
        return found
    by_journal = _by_journal(happened)
    if by_journal == applied:
        return found
    differ = (
        f"By the journal {plural(by_journal, 'lead')} of this plan are in the target, and its ledger has {applied:,}"
    )
    if killed:
        found.append(
            f"{differ}: {killed[-1]} was killed before it could write down what it had done. The ledger is right."
        )
    elif applied > by_journal:
        found.append(f"{differ}: a copy of this plan was applied, or the journal was lost. The ledger is right.")
    else:
        found.append(
            f"{differ}: the target was restored from an older state, or rows were deleted. Verify before anything else."
        )
    return found
