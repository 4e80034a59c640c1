"""Where a plan stands: from its journal and approvals, and from the target's ledger; where they differ, it says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from etl.errors import CleanupError, plural
from etl.pipeline.target import open_planned_target
from etl.plan import Bundle
from etl.plan.accepted import accepted_deletions
from etl.plan.approvals import Approval, approvals, counts_for
from etl.plan.bundle import FORGETTING, PURGED, ForgetStep
from etl.plan.intact import damage, refuse_changed
from etl.plan.journal import Event, Journal
from etl.plan.skipped import read_skipped

KILLED = "was killed"
"""How a command is called that began, and of which the journal has no end."""

INTERRUPTED = f"A person is being taken out of the plan: run crm-cleanup forget again for whom {FORGETTING} names."
LOST = "applied, and the ledger has lost leads"
AGAIN = "do not run apply while those leads may still exist, as they would be written twice"


@dataclass(frozen=True)
class Happened:
    """One command that was run. ended: `done`, `failed`, `stopped` or KILLED. counts: what it did, by words."""

    at: str
    command: str
    ended: str
    who: str
    counts: dict[str, int]

    @property
    def changed(self) -> bool:
        """Whether it wrote, or took back, something, or may have.

        One that ended without any counts was refused before its work began, as by a lock.
        """
        if self.ended == "done":
            return any(self.counts.get(name) for name in ("leads", "records", "gone"))
        return self.ended == KILLED or bool(self.counts)


@dataclass(frozen=True)
class Status:
    """Where a plan stands.

    state: one word of `judge`. leads: that the plan has; applied: those of them in the target's ledger, None where it
    could not be asked, `unreachable` says why. approvals: names that count, of so many needed (0: waived). notes: what
    somebody should know, such as a journal that the ledger contradicts. next: the command to run now. damage: which
    file of the plan is missing, damaged or changed.
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
    damage: str | None = None


def status(bundle: Bundle) -> Status:
    """Say where a plan stands, also where a `${NAME}` of its config is not set.

    Raises PlanError where its journal or approvals cannot be read.
    """
    manifest = bundle.manifest
    needed, purged = manifest.approvals, (bundle.path / PURGED).exists()
    journal = Journal(bundle.path, manifest.digest)
    happened, gap = history(journal.events()), journal.gap()
    all_approvals = approvals(bundle)
    good = [approval for approval in all_approvals if counts_for(approval, bundle)]
    applied, unreachable = (None, "the plan was purged") if purged else _applied(bundle)
    state, advice = judge(
        happened, manifest.leads, applied, len(good), needed, len(manifest.broken_gates), purged=purged
    )
    broken, deletions = None if purged else damage(bundle), accepted_deletions(bundle.path)
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
        approvals=tuple(
            f"{approval.by} ({approval.user}@{approval.host}, {approval.at})"
            + (f": {approval.note}" if approval.note else "")
            for approval in good
        ),
        needed=needed,
        notes=(
            *_notes(happened, manifest.leads, applied, all_approvals, good),
            *(note for step in manifest.forgotten.steps for note in _taken_out(step)),
            *([INTERRUPTED] if (bundle.path / FORGETTING).exists() else []),
            *(
                f"{deletion.by} accepted on {deletion.at} that the lead {deletion.lead} was deleted."
                for deletion in deletions
            ),
            *([gap] if gap else []),
        ),
        happened=tuple(happened),
        next=(broken.next if broken else None) or advice.format(plan=bundle.path, config=manifest.config_path),
        unreachable=unreachable,
        damage=broken.message if broken else None,
    )


def _taken_out(step: ForgetStep) -> Iterator[str]:
    """That a record was taken out, and where the target had values of it all the same."""
    yield f"{step.by} took a record out of the plan on {step.at}."
    for place in step.remaining:
        yield f"The target then still held values of that record, unless somebody has removed them since: {place}."


def raise_for_damage(bundle: Bundle, current: Status) -> None:
    """Raise what `status` has found to be missing, damaged or changed in a plan's folder: StalePlan or PlanError."""
    if current.damage:
        refuse_changed(bundle)


def _applied(bundle: Bundle) -> tuple[int | None, str | None]:
    """The plan's leads in the target's ledger, or why it cannot be asked."""
    try:
        target = open_planned_target(bundle)
        try:
            return target.counts(bundle.manifest.system, bundle.manifest.written_as)[0], None
        finally:
            target.close()
    except CleanupError as error:
        return None, error.message


def history(events: Sequence[Event]) -> list[Happened]:
    """The commands in the order in which they began, whatever the clock said."""
    commands: list[Happened] = []
    for event in events:
        who = f"{event.user}@{event.host}"
        open_ones = [n for n, run in enumerate(commands) if run.command == event.command and run.ended == KILLED]
        if event.state == "begun" or not open_ones:
            ended = KILLED if event.state == "begun" else event.state
            commands.append(Happened(event.at, event.command, ended, who, dict(event.counts)))
        else:
            begun = commands[open_ones[-1]]
            commands[open_ones[-1]] = Happened(begun.at, begun.command, event.state, who, dict(event.counts))
    return commands


def judge(
    happened: Sequence[Happened],
    leads: int,
    applied: int | None,
    approved: int,
    needed: int,
    broken_gates: int,
    *,
    purged: bool = False,
) -> tuple[str, str]:
    """The state of a plan in a few words, and the command to run next, with {plan} and {config} in it.

    applied: leads in the ledger; None where the journal alone must tell. purged: the plan says so itself.
    """
    if purged:
        return _purged(happened)
    if applied is not None and applied < bounds(happened, leads)[0]:
        return LOST, f"crm-cleanup verify {{plan}}; {AGAIN}"
    if broken_gates:
        return (
            "planned, with broken gates",
            "correct what report.html names, and run crm-cleanup plan {config} --out {plan} --replace",
        )
    happened = [run for run in happened if run.ended == "done" or (run.changed and run.command != "verify")]
    last = {run.command: run for run in happened}
    apply, undo = _last(happened, "apply"), _last(happened, "undo")
    in_target = applied if applied is not None else _by_journal(happened)
    if in_target == 0 and (leads or "apply" not in last):
        if undo > apply >= 0:
            return "undone", "crm-cleanup plan {config} --out NEW_FOLDER, to try again"
        if approved < needed:
            return "planned", "crm-cleanup approve {plan} --by NAME"
        return "approved" if needed else "planned", "crm-cleanup apply {plan}"
    if undo > apply:
        return "partly undone", "crm-cleanup undo {plan}, or crm-cleanup apply {plan} to write the leads again"
    if last.get("apply") is None or last["apply"].ended != "done" or last["apply"].counts.get("left", 0):
        return "partly applied", "crm-cleanup apply {plan}"
    return _applied_wholly(happened, last, apply)


def _purged(happened: Sequence[Happened]) -> tuple[str, str]:
    ended = [run.ended for run in happened if run.command == "purge"]
    if ended and ended[-1] != "done":
        return "partly purged", "crm-cleanup purge {plan}, which removes the rest"
    return "purged", "nothing more can be done with this plan; its figures and journal are kept"


def _applied_wholly(happened: Sequence[Happened], last: Mapping[str, Happened], apply: int) -> tuple[str, str]:
    """What came after all leads were written. apply: the place of the last command that wrote some."""
    if _last(happened, "verify", changed=False) < apply or "verify" not in last or last["verify"].ended != "done":
        return "applied", "crm-cleanup verify {plan}"
    if last["verify"].counts.get("different", 0):
        return "applied, and verify found differences", "crm-cleanup verify {plan}"
    if _last(happened, "retire", changed=False) < max(apply, 0):
        return "verified", "crm-cleanup retire {plan}"
    if last["retire"].ended != "done":
        return "partly retired", "crm-cleanup retire {plan}"
    counts = last["retire"].counts
    if counts.get("left") or (counts.get("skipped") and not (counts.get("records") or counts.get("before"))):
        return "partly retired", "crm-cleanup retire {plan}, which names the families that stayed active, and why"
    return "retired", "nothing; crm-cleanup find NAME answers questions, crm-cleanup undo {plan} takes it back"


def _last(happened: Sequence[Happened], command: str, *, changed: bool = True) -> int:
    """The place of the last run of a command, or of the last that changed something; -1 where there is none."""
    return max(
        (n for n, run in enumerate(happened) if run.command == command and (run.changed or not changed)), default=-1
    )


def bounds(happened: Sequence[Happened], leads: int) -> tuple[int, int]:
    """How many of a plan's leads the ledger has at least and at most, by the journal.

    A command that was killed has not said what it did; one that failed may have done more than it knows of.
    """
    least = most = 0
    for run in happened:
        if run.command == "apply" and run.changed:
            count = run.counts.get("leads", 0)
            least, most = least + count, most + count if run.ended == "done" else leads
        elif run.command == "undo" and run.changed:
            taken_back = run.counts.get("leads", 0) + run.counts.get("gone", 0)
            least, most = max(0, least - taken_back) if run.ended == "done" else 0, max(0, most - taken_back)
    return min(least, leads), min(most, leads)


def _by_journal(happened: Sequence[Happened]) -> int:
    """The leads that are in the target by what the commands said; a killed one may have written more."""
    written = sum(run.counts.get("leads", 0) for run in happened if run.command == "apply")
    taken_back = sum(
        run.counts.get("leads", 0) + run.counts.get("gone", 0) for run in happened if run.command == "undo"
    )
    return max(0, written - taken_back)


def _notes(
    happened: Sequence[Happened],
    leads: int,
    applied: int | None,
    all_approvals: Sequence[Approval],
    good: Sequence[Approval],
) -> list[str]:
    """What somebody should know beside the state."""
    notes = [
        f"The approval by {approval.by} was given to another state of this plan and does not count."
        for approval in all_approvals
        if approval not in good
    ]
    by_journal, (least, most) = _by_journal(happened), bounds(happened, leads)
    if applied is None or (by_journal == applied and least <= applied <= most):
        return notes
    recorded = plural(by_journal, "lead")
    differ = f"According to the journal {recorded} of this plan are in the target, but its ledger has {applied:,}"
    unsure = [run for run in happened if run.command in ("apply", "undo") and run.ended != "done" and run.changed]
    if applied < least:
        notes.append(
            f"{differ}. The target was restored from an older state, or rows were deleted. Run verify; {AGAIN}."
        )
    elif applied > most or not unsure:
        notes.append(f"{differ}. A copy of this plan was applied, or the journal was lost. The ledger is right.")
    else:
        ended = unsure[-1].ended if unsure[-1].ended in (KILLED, "failed") else f"was {unsure[-1].ended}"
        notes.append(
            f"{differ}. {unsure[-1].command} {ended} before it could record what it had done. The ledger is right."
        )
    return notes
