"""Write the leads of a plan, and nothing else; run it again to go on."""

from __future__ import annotations

import pyarrow.parquet as pq

from etl import load
from etl.errors import GateError, StalePlan
from etl.load import Applied
from etl.model import Progress, no_progress
from etl.pipeline.target import open_planned_target
from etl.plan import Bundle
from etl.plan.bundle import reading
from etl.plan.digest import Contents, contents, digest_of


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
            f"and run crm-cleanup plan {bundle.manifest.config_path}",
        )
    target = open_planned_target(bundle)
    try:
        if bundle.manifest.fingerprints["target"]["schema"] != digest_of(target.schema()):
            raise StalePlan(
                "The target is not as it was when the plan was made: its schema differs.",
                where=target.where,
                next=f"crm-cleanup plan {bundle.manifest.config_path}",
            )
        _refuse_changed(bundle)
        return load.apply(bundle, target, total=bundle.manifest.leads, progress=progress)
    finally:
        target.close()


def _refuse_changed(bundle: Bundle) -> None:
    """Hold what will be written against the digests that the plan was made with, a row group at a time."""
    for name in ("leads", "decisions"):
        path, found = bundle.path / f"{name}.parquet", Contents()
        with reading(path), pq.ParquetFile(path) as file:
            for group in range(file.num_row_groups):
                found += contents(file.read_row_group(group))
            digest = found.hex(file.schema_arrow.names)
        if digest != bundle.manifest.digests[name]:
            raise StalePlan(
                f"The plan is not as it was made: {path.name} differs.",
                where=path,
                next="make the plan anew: "
                f"crm-cleanup plan {bundle.manifest.config_path} --out {bundle.path} --replace",
            )
