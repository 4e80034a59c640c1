"""Put a name under a plan."""

from __future__ import annotations

from dataclasses import dataclass

from etl.pipeline.reports import renew_reports
from etl.pipeline.target import refuse_broken_gates
from etl.plan import Bundle
from etl.plan.approvals import proposed, save_approvals
from etl.plan.intact import refuse_changed
from etl.plan.journal import Journal


@dataclass(frozen=True)
class Approved:
    """What stands under a plan now: the names, how many the config asks for, and the digest."""

    names: tuple[str, ...]
    needed: int
    digest: str


def approve(bundle: Bundle, *, by: str, note: str = "") -> Approved:
    """Put a name, the operating system's user and the time under a plan's digest and fingerprints.

    Raises GateError for a plan that breaks a gate, StalePlan for one that is not as it was made, and PlanError for a
    name that has approved it already.
    """
    refuse_broken_gates(bundle)
    refuse_changed(bundle)
    needed = bundle.config.approvals  # before anything is written: a `${NAME}` may be missing
    with Journal(bundle.path, bundle.manifest.digest).command("approve") as counts:
        approvals = proposed(bundle, by, note)
        renew_reports(bundle, approvals)  # before the name counts: it stands under what the plan holds
        save_approvals(bundle, approvals)
        counts["approvals"] = len(approvals)
    return Approved(tuple(approval.by for approval in approvals), needed, bundle.manifest.digest)
