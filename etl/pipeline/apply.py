"""Write the leads of a plan, and nothing else; run it again to go on."""

from __future__ import annotations

from etl import load
from etl.connect.targets import open_target
from etl.errors import GateError, StalePlan
from etl.load import Applied
from etl.model import Progress, no_progress
from etl.plan import Bundle
from etl.plan.digest import digest_of


def apply(bundle: Bundle, *, progress: Progress = no_progress) -> Applied:
    """Write those leads of a plan that the target's ledger has not.

    Raises GateError for a plan that breaks a gate, StalePlan where the target is another one, or has another schema,
    than that which the plan was made for, and TargetError where it is lost, saying what was written.
    """
    if bundle.manifest.broken_gates:
        raise GateError(
            f"The plan breaks {', '.join(bundle.manifest.broken_gates)}.",
            where=bundle.path,
            next=f"read {bundle.path}/report.md, mend what it names, "
            f"and run crm-cleanup plan {bundle.manifest.config_path}",
        )
    target = open_target(bundle.config.target)
    try:
        planned = bundle.manifest.fingerprints["target"]
        for kept, now, what in (("where", target.where, "place"), ("schema", digest_of(target.schema()), "schema")):
            if planned[kept] != now:
                raise StalePlan(
                    f"The target is not as it was when the plan was made: its {what} differs.",
                    where=target.where,
                    next=f"crm-cleanup plan {bundle.manifest.config_path}",
                )
        return load.apply(bundle, target, total=bundle.manifest.leads, progress=progress)
    finally:
        target.close()
