"""Write the leads of a plan, and nothing else; run it again to go on."""

from __future__ import annotations

from contextlib import suppress

from etl import load
from etl.errors import GateError, StalePlan
from etl.load import Applied
from etl.model import Progress, no_progress
from etl.pipeline.target import open_planned_target, refuse_another_name
from etl.plan import Bundle
from etl.plan.bundle import APPLIED, refuse_changed
from etl.plan.digest import digest_of


def apply(bundle: Bundle, *, progress: Progress = no_progress) -> Applied:
    """Write those leads of a plan that the target's ledger has not.

    Raises GateError for a plan that breaks a gate, StalePlan where its leads or decisions were changed, or where the
    target, or its schema, is not that which the plan was made for, and TargetError where it is lost, saying what was
    written.
    """
    if bundle.manifest.broken_gates:
        raise GateError(
            f"The plan breaks {', '.join(bundle.manifest.broken_gates)}.",
            where=bundle.path,
            next=f"read {bundle.path}/report.md, mend what it names, "
            f"and run crm-cleanup plan {bundle.manifest.config_path} --out {bundle.path} --replace",
        )
    target = open_planned_target(bundle)
    try:
        if bundle.manifest.fingerprints["target"]["schema"] != digest_of(target.schema()):
            raise StalePlan(
                "The target is not as it was when the plan was made: its schema differs.",
                where=target.where,
                next=f"crm-cleanup plan {bundle.manifest.config_path}",
            )
        refuse_another_name(target, bundle.config)
        refuse_changed(bundle, ("leads.parquet", "decisions.parquet"))
        _remember(bundle)
        return load.apply(bundle, target, total=bundle.manifest.leads, progress=progress)
    finally:
        target.close()


def _remember(bundle: Bundle) -> None:
    """Leave a mark in the plan that it was applied: without its snapshot nothing could be verified."""
    with suppress(OSError):  # a plan on a medium that cannot be written still applies; the ledger knows it, too
        (bundle.path / APPLIED).touch(mode=0o600)
