"""The dry run: read, decide, and write down what would be done; nothing but the plan is written."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace as changed
from pathlib import Path

import pyarrow as pa

from etl import __version__, config as configs, report
from etl.classify import Decisions, Override, read_overrides
from etl.classify.duplicates import SAME_CUSTOMER, SAME_KEPT, STAYS, THERE, UNSURE
from etl.connect import open_source, open_target
from etl.connect.target import FieldLimit, Target, require
from etl.errors import ConfigError, GateError, PlanError, excerpt
from etl.extract import Extracted, check_columns, extract
from etl.model import Dataset, Decision, Progress, no_progress
from etl.pipeline.planning.conversion import conversion
from etl.pipeline.planning.deciding import Task, decide
from etl.pipeline.planning.edited import with_edits
from etl.pipeline.planning.existing_leads import read_existing
from etl.pipeline.planning.leads import LEAD_KEY
from etl.pipeline.planning.linkage import Held, hold
from etl.pipeline.planning.masters import ReadMaster, read_masters
from etl.pipeline.planning.tables import Tables, write_tables
from etl.pipeline.reports import write_reports
from etl.pipeline.settings import DEFAULT, Settings
from etl.pipeline.target import refuse_another_name
from etl.plan.bundle import FORMAT, MANIFEST, Manifest, new_folder
from etl.plan.digest import digest_of, plan_digest
from etl.plan.figures import (
    DatasetFigures,
    DuplicateFigures,
    Figures,
    OmittedFigures,
    OverrideFigures,
    RuleFigures,
    ValueFigures,
)
from etl.plan.intact import file_hash
from etl.plan.journal import Journal
from etl.report import Report, read

__all__ = ["Planned", "Settings", "plan"]


@dataclass(frozen=True)
class Planned:
    """A plan that was made: its folder and its report."""

    folder: Path
    report: Report

    def raise_for_gates(self) -> None:
        """Raise GateError, naming each limit that the plan does not keep."""
        broken = [gate for gate in self.report.gates if not gate.ok]
        if broken:
            said = "; ".join(f"{gate.name} {gate.actual}, {gate.limit}: {gate.advice}" for gate in broken)
            raise GateError(
                f"The plan breaks {len(broken)} of its gates. {said}.",
                where=self.folder,
                written="the plan and its reports",
                next=self.report.next,
            )


def plan(
    config_path: Path,
    folder: Path | None = None,
    *,
    replace: bool = False,
    settings: Settings = DEFAULT,
    progress: Progress = no_progress,
) -> Planned:
    """Make the plan of a clean-up in a new folder; `plans/NAME`, by the config's name, if left out.

    replace: an older plan in `folder` gives way. A plan that breaks a gate is written too, for people to read why; it
    cannot be applied. Raises ConfigError, SourceError, TargetError or PlanError, and then leaves no folder.
    """
    config = configs.load(config_path)
    folder = folder or Path("plans") / config.name
    overrides = read_overrides(config)
    with new_folder(folder, replace=replace) as new:
        with open_source(config.source) as source:
            columns = {name: list(names) for name, names in check_columns(config, source).items()}
            target = open_target(config.target)
            try:
                seen = _look_at(target, config)
                existing = read_existing(target, seen.moved, new / "pipeline") if config.leads.duplicates else None
                _refuse_unknown_leads(target, overrides, config)
                customers = target.customers()
            finally:
                target.close()
            _refuse_to_lose_an_applied_plan(folder, seen)
            masters = read_masters(config, new / "masters", progress=progress)
            extracted = extract(config, source, new / "staging", rows=settings.rows, progress=progress)
            where = source.where
        datasets = extracted.datasets
        entries = [dataset for dataset in datasets if dataset.kind == "entry"]
        held = hold(config, entries, masters, new, existing, settings.workers, progress)
        (new / "pipeline").unlink(missing_ok=True)
        progress("decide", 0, None)
        known = [master.dataset for master in masters]
        moved = with_edits(seen.moved, datasets, config)
        decided = decide(Task(new, config, datasets, known, held, overrides, moved, settings))
        _clear_staging(new)
        tables = write_tables(new, config, decided, datasets, columns, seen.limits, settings.workers, progress)
        progress("report", 0, None)
        figures = _figures(config, datasets, tables, held, where, seen.where)
        figures = changed(figures, conversion=conversion(new, config, customers))
        manifest = _manifest(new, config, extracted, masters, held, seen, columns, tables, figures)
        with read.tables(new) as opened:
            found = report.build(opened, config, figures, manifest.digest, shown=folder)
            manifest = manifest.with_results(
                chunks=[place.row_groups for place in decided.chunks],
                leads=found.leads,
                broken_gates=[gate.name for gate in found.gates if not gate.ok],
                files={str(path.relative_to(new)): file_hash(path) for path in sorted(new.rglob("*.parquet"))},
            )
            write_reports(opened, found, config, manifest)
        manifest.save(new)
        with Journal(new, manifest.digest).command("plan") as counts:
            counts.update(records=found.read, leads=found.leads)
    return Planned(folder, found)


def _refuse_to_lose_an_applied_plan(folder: Path, target: _Target) -> None:
    """Keep a plan that was applied, here or elsewhere: without its snapshot nothing could be verified."""
    if not (folder / MANIFEST).is_file():
        return
    digest = Manifest.read(folder).digest
    applied = any(event.command == "apply" for event in Journal(folder, digest).events())
    if applied or digest in target.plans:
        raise PlanError(
            "This plan was applied: what verifies its leads is in it.",
            where=folder,
            next="crm-cleanup plan CONFIG --out another folder, and keep this one",
        )


def _clear_staging(folder: Path) -> None:
    """Keep the attachments of what was copied; its tables were taken into the snapshot."""
    staging = folder / "staging"
    if (staging / "attachments").exists():
        (staging / "attachments").rename(folder / "attachments")
    staging.rmdir()


@dataclass(frozen=True)
class _Target:
    """What a plan must know of the target.

    where: who and where. limits: what its fields hold, and by the name LEAD_KEY what its key holds. moved: the source
    keys in its ledger, their lead ids and what they added up to; plans: the digests of the plans that wrote them.
    """

    where: str
    limits: dict[str, FieldLimit | None]
    schema: str
    moved: pa.Table
    plans: frozenset[str]


def _refuse_unknown_leads(target: Target, overrides: Sequence[Override], config: configs.Config) -> None:
    """Refuse a person's `into` with the id of a lead that the target has not."""
    wanted = sorted({override.into for override in overrides if override.into})
    missing = set(wanted) - set(target.read(wanted, []).leads.index) if wanted else set()
    if missing:
        first = min(missing)
        [override, *_] = [one for one in overrides if one.into == first]
        raise ConfigError(
            f"{override.source_key} is to go into lead {excerpt(first)}, and the target has no such lead.",
            where=config.overrides_path,
            next=f"correct the id; the leads are in {target.where}",
        )


def _look_at(target: Target, config: configs.Config) -> _Target:
    fields = target.fields()
    require(fields, list(config.leads.fields), str(config.path))
    refuse_another_name(target, config)
    limits: dict[str, FieldLimit | None] = dict(fields)
    if target.part() is not None:
        limits["note"] = None
    limits[LEAD_KEY] = target.key()
    names = ["source_key", "lead_id", "plan", "contents"]
    nothing = pa.table({name: pa.array([], pa.large_string()) for name in names})
    ledger = pa.concat_tables([nothing, *(t.select(names).cast(nothing.schema) for t in target.ledger(config.system))])
    plans = frozenset(ledger["plan"].unique().to_pylist())
    return _Target(target.where, limits, target.schema(), ledger.drop_columns("plan"), plans)


def _manifest(
    folder: Path,
    config: configs.Config,
    extracted: Extracted,
    masters: Sequence[ReadMaster],
    held: Held,
    target: _Target,
    columns: dict[str, list[str]],
    tables: Tables,
    figures: Figures,
) -> Manifest:
    """What the plan says of itself; its digest is over the contents, the as-of date and the config."""
    attachments = sorted(path.name for path in (folder / "attachments").rglob("*") if path.is_file())
    digests = {**tables.digests, **held.digests, "attachments": digest_of(attachments)}
    return Manifest(
        format=FORMAT,
        version=__version__,
        name=config.name,
        system=config.system,
        as_of=config.as_of,
        created=dt.datetime.now(dt.UTC),
        digest=plan_digest(config.as_of.isoformat(), config.raw, digests),
        digests=digests,
        fingerprints={
            "source": {**extracted.fingerprint, "rows": {d.name: d.rows for d in extracted.datasets}},
            **{f"masters.{m.dataset.name}": {**m.fingerprint, "rows": m.dataset.rows} for m in masters},
            "target": {"where": target.where, "schema": digest_of(target.schema)},
        },
        config_path=str(config.path),
        config=config.raw,
        columns=columns,
        figures=figures,
    )


def _figures(
    config: configs.Config, datasets: Sequence[Dataset], tables: Tables, held: Held, source: str, target: str
) -> Figures:
    decisions, omit = tables.decisions, tables.omitted
    overridden = decisions.overridden
    reason = _reasons(config)
    return Figures(
        as_of=config.as_of,
        source=source,
        target=target,
        datasets=tuple(
            DatasetFigures(d.name, d.kind, d.table, d.path.name, d.columns, d.rows, len({f.row for f in d.faults}))
            for d in datasets
        ),
        joins=decisions.joins,
        values=ValueFigures(
            tables.values,
            tuple(
                OmittedFigures(name, column, reason(name, column), count)
                for (name, column), count in sorted(omit.items())
            ),
        ),
        rules=tuple(
            RuleFigures(rule.name, Decision(rule.as_), int(held.sum()))
            for rule, held in zip(config.classify, decisions.held, strict=True)
        ),
        overrides=OverrideFigures(
            len(overridden.used),
            overridden.changed_since,
            overridden.unknown,
            overridden.conflicting,
            len(overridden.without_hash),
            overridden.outweighed,
        ),
        undecided=decisions.undecided,
        masters=held.masters,
        steps=decisions.steps,
        duplicates=_duplicates(held, decisions),
    )


def _duplicates(held: Held, decisions: Decisions) -> DuplicateFigures | None:
    if held.duplicates is None:
        return None
    merged, of = decisions.merged
    rules = Counter(rule for rule, _ in decisions.verdicts.values())
    follow = rules[SAME_CUSTOMER] + rules[SAME_KEPT]
    return DuplicateFigures(held.duplicates, merged, of, follow, rules[STAYS], rules[UNSURE], rules[THERE],
                            len(decisions.into))  # fmt: skip


def _reasons(config: configs.Config) -> Callable[[str, str], str]:
    """The legal reason for which a dataset's column is left out of the notes."""
    omit = config.leads.note.omit
    return lambda name, column: omit.get(f"{name}.{column}") or omit.get(column, "")
