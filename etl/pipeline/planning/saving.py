"""Report on a plan whose tables are written, and save its manifest and the first line of its journal."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from etl import __version__, report
from etl.pipeline.planning.deciding import Decided
from etl.pipeline.planning.inputs import Inputs
from etl.pipeline.planning.kept_reading import keep_reading
from etl.pipeline.planning.linkage import LinkageFiles
from etl.pipeline.planning.run import Run
from etl.pipeline.planning.tables import LeadTables
from etl.pipeline.reports import write_reports
from etl.plan.bundle import FORMAT, ForgottenKeys, Manifest
from etl.plan.digest import digest_of, plan_digest
from etl.plan.figures import Figures
from etl.plan.intact import file_hash
from etl.plan.journal import Journal
from etl.report import Report, read

FROM = "from"
"""The part of the digest that is the digest of the plan whose snapshot was decided on again."""


def make_manifest(
    run: Run, inputs: Inputs, linkage: LinkageFiles, decided: Decided, leads: LeadTables, figures: Figures
) -> Manifest:
    """What the plan says of itself; its digest is over the contents, the as-of date and the config."""
    config = run.config
    attachments = sorted(path.name for path in (run.folder / "attachments").rglob("*") if path.is_file())
    digests = {**leads.digests, **linkage.digests, "attachments": digest_of(attachments)}
    if inputs.earlier:
        digests[FROM] = inputs.earlier.manifest.digest
    return Manifest(
        format=FORMAT,
        version=__version__,
        name=config.name,
        system=config.system,
        as_of=config.as_of,
        created=dt.datetime.now(dt.UTC),
        digest=plan_digest(config.as_of.isoformat(), config.raw, digests, FORMAT),
        digests=digests,
        fingerprints=_fingerprints(inputs),
        config_path=str(config.path),
        config=config.raw,
        columns=inputs.columns,
        figures=figures,
        reading=keep_reading(run, inputs, decided, leads),
        forgotten=ForgottenKeys.of((line.source_key for line in inputs.forget), decided.forgotten_out.keys.tolist()),
    )


def _fingerprints(inputs: Inputs) -> dict[str, Any]:
    """Who and where the source, the masters and the target are, and how many rows were read."""
    rows = {dataset.name: dataset.rows for dataset in inputs.datasets}
    masters = {f"masters.{m.dataset.name}": {**m.fingerprint, "rows": m.dataset.rows} for m in inputs.masters}
    target = {"where": inputs.target.where, "schema": digest_of(inputs.target.schema)}
    source = {**inputs.extracted.fingerprint, "rows": rows}
    return {"source": source, **masters, "target": target, "stamps": inputs.retiring.stamps}


def report_on(run: Run, decided: Decided, manifest: Manifest) -> tuple[Report, Manifest]:
    """Draw all reports; the report, and the manifest of the whole plan."""
    with read.tables(run.folder) as tables:
        drawn = report.build(tables, run.config, manifest.figures, manifest.digest, shown=run.name)
        manifest = manifest.with_results(
            chunks=[place.row_groups for place in decided.chunks],
            leads=drawn.leads,
            broken_gates=[gate.name for gate in drawn.gates if not gate.ok],
            files=_file_hashes(run.folder),
        )
        write_reports(tables, drawn, run.config, manifest)
    return drawn, manifest


def _file_hashes(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): file_hash(path) for path in sorted(folder.rglob("*.parquet"))}


def save(run: Run, manifest: Manifest, drawn: Report) -> None:
    """Write the manifest, without which there is no plan, and begin the journal."""
    manifest.save(run.folder)
    with Journal(run.folder, manifest.digest).command("plan") as counts:
        counts.update(records=drawn.read, leads=drawn.leads)
