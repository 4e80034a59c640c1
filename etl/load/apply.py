"""Write a plan's leads into the target: what the plan says, nothing that the ledger has already, nothing twice."""

from __future__ import annotations

from dataclasses import dataclass, field

from etl.connect.target import Batch, BatchRefused, Target, Written
from etl.errors import TargetError, excerpt
from etl.load.batches import BYTES, ROWS, batches
from etl.model import Progress, no_progress
from etl.plan import Bundle

HOPELESS = 1_000
"""So many refusals before anything was written are no damaged rows: the target takes none."""

SHOWN, LEAST = 200, 3
"""The longest reason that is shown, and the shortest value of a lead that is looked for in it."""


@dataclass(frozen=True)
class Refusal:
    """A lead that the target did not take, and why, in the target's words without a value of the lead."""

    lead: str
    reason: str


@dataclass(frozen=True)
class Applied:
    """What `apply` did.

    leads: written now, with `records` legacy records. before: leads that the ledger had already. refused: leads that
    are not in the target; with any, the run has failed for them (exit code 1).
    """

    leads: int = 0
    records: int = 0
    before: int = 0
    refused: tuple[Refusal, ...] = ()


@dataclass
class _Run:
    """One run of `apply`: where it writes to, and what it has done so far."""

    target: Target
    system: str
    plan: str
    leads: int = 0
    records: int = 0
    before: int = 0
    refused: list[Refusal] = field(default_factory=list)

    @property
    def done(self) -> int:
        return self.leads + self.before + len(self.refused)

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
                f"The target refused the first {HOPELESS:,} leads; the first because: {self.refused[0].reason}",
                where=self.target.where,
                next="crm-cleanup check CONFIG",
            )

    def _count(self, batch: Batch, written: Written) -> None:
        everything = len(written.leads) == len(batch.leads)
        self.records += len(batch.members if everything else batch.only(written.leads).members)
        self.leads += len(written.leads)
        self.before += len(written.before)
        self.refused += [Refusal(lead, reason) for lead, reason in written.conflicts.items()]


def apply(
    bundle: Bundle,
    target: Target,
    *,
    rows: int = ROWS,
    size: int = BYTES,
    total: int | None = None,
    progress: Progress = no_progress,
) -> Applied:
    """Write the leads of a plan that the target's ledger has not, each with its ledger rows.

    rows, size: the most leads and bytes of notes in one transaction. total: leads in the plan, for the progress.
    Running it again goes on where it ended, however it ended. Raises TargetError where the target is lost, saying what
    was written, and PlanError for a damaged plan.
    """
    run = _Run(target, bundle.manifest.system, bundle.manifest.digest)
    try:
        target.prepare()
        part = target.part()
        for chunk in range(bundle.chunks):
            for batch in batches(bundle.leads(chunk), bundle.members(chunk), part, rows=rows, size=size):
                run.write(batch)
                progress("leads", run.done, total)
    except TargetError as error:
        raise TargetError(
            error.message,
            where=error.where,
            written=_written(run),
            next=error.next or f"crm-cleanup apply {bundle.path}, which goes on from there",
        ) from error
    return Applied(run.leads, run.records, run.before, tuple(run.refused))


def _written(run: _Run) -> str:
    if not run.leads:
        return "nothing"
    return f"{run.leads:,} leads with {run.records:,} legacy records, each lead whole and in the ledger"


def without_values(reason: str, batch: Batch) -> str:
    """Take the values of a batch's only lead out of what a target says of it; triggers say what they like."""
    row = batch.leads.iloc[0]
    values = {value for value in row if isinstance(value, str) and len(value) >= LEAST}
    for value in sorted(values, key=len, reverse=True):
        reason = reason.replace(value, "…")
    return reason
