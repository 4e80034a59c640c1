"""The dry run: read, decide, and write down what would be done; nothing but the plan is written."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from etl import __version__, config as configs, report
from etl.classify import Decisions, classify, read_overrides
from etl.classify.rows import (
    DECISION_SCHEMA,
    ORPHAN_SCHEMA,
    REJECT_SCHEMA,
    decision_rows,
    open_rows,
    orphan_rows,
    reject_rows,
    unkeyed_rows,
)
from etl.connect import open_source
from etl.connect.target import FieldLimit, Target, require
from etl.connect.targets import open_target
from etl.errors import GateError
from etl.extract import check_columns, extract
from etl.model import Dataset, Decision, Progress, no_progress
from etl.pipeline.leads import BLOCKED_SCHEMA, FINDING_SCHEMA, Job, Made, lead_schema, make_leads
from etl.pipeline.parallel import cores, workers
from etl.plan.bundle import FORMAT, Manifest, new_folder
from etl.plan.digest import Contents, contents, digest_of
from etl.plan.figures import DatasetFigures, Figures, OmittedFigures, OverrideFigures, RuleFigures, ValueFigures
from etl.plan.snapshot import COMPRESSION, ChunkPlace, Place, arrange
from etl.plan.tables import database
from etl.report import Report

CHUNK_BYTES = 8_000_000
CHUNK_RECORDS = 10_000
OPEN_CASES = "open-cases.csv"


@dataclass(frozen=True)
class Settings:
    """How the work is cut up; the plan and its digest do not depend on it.

    threads: worker processes, and threads of DuckDB. rows: read from the source at a time. chunk_bytes, chunk_records:
    the most that a chunk of whole families has.
    """

    threads: int = 0
    rows: int = 20_000
    chunk_bytes: int = CHUNK_BYTES
    chunk_records: int = CHUNK_RECORDS

    @property
    def workers(self) -> int:
        """How many worker processes: as many as there are cores if not said otherwise."""
        return self.threads or cores()


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
                f"The plan breaks {len(broken)} of its gates. {said}.", where=self.folder, written="the plan and its reports", next=self.report.next
            )


def plan(
    config_path: Path, folder: Path | None = None, *, replace: bool = False, settings: Settings = Settings(), progress: Progress = no_progress
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
            columns = check_columns(config, source)
            target = open_target(config.target)
            try:
                seen = _look_at(target, config)
                where = source.where, target.where
            finally:
                target.close()
            extracted = extract(config, source, new / "staging", rows=settings.rows, progress=progress)
        datasets = extracted.datasets
        with database(new, settings.workers) as connection:
            progress("classify", 0, None)
            decisions = classify(connection, datasets, config, overrides, seen.moved)
        writing = _Writing(new, config, datasets, {n: list(c) for n, c in columns.items()}, settings, progress)
        made = writing.write(decisions, seen.limits)
        figures = _figures(config, datasets, made, *where)
        digests = {name: found.hex(names) for name, (found, names) in made.contents.items()}
        digests["attachments"] = digest_of(sorted(path.name for path in (new / "attachments").rglob("*") if path.is_file()))
        digest = digest_of({"as_of": config.as_of.isoformat(), "config": config.raw, "parts": digests})
        progress("report", 0, None)
        found = report.build(new, config, figures, digest, shown=folder)
        _write_reports(new, found)
        Manifest(
            format=FORMAT,
            version=__version__,
            name=config.name,
            system=config.system,
            as_of=config.as_of,
            created=dt.datetime.now(dt.UTC),
            digest=digest,
            digests=digests,
            fingerprints={
                "source": {**extracted.fingerprint, "rows": {d.name: d.rows for d in datasets}},
                "target": {"where": where[1], "schema": digest_of(seen.schema)},
            },
            config_path=str(config.path),
            config=config.raw,
            columns=writing.columns,
            chunks=[place.row_groups for place in made.chunks],
            leads=found.leads,
            broken_gates=[gate.name for gate in found.gates if not gate.ok],
            figures=figures,
        ).save(new)
    return Planned(folder, found)


@dataclass(frozen=True)
class _Target:
    """What a plan must know of the target: what its fields hold, its schema, and what its ledger says moved before."""

    limits: dict[str, FieldLimit | None]
    schema: str
    moved: pa.Table


def _look_at(target: Target, config: configs.Config) -> _Target:
    fields = target.fields()
    require(fields, list(config.leads.fields), str(config.path))
    limits: dict[str, FieldLimit | None] = dict(fields)
    if target.part() is not None:
        limits["note"] = None
    ledger = [table.select(["source_key", "lead_id"]) for table in target.ledger(config.system)]
    empty = pa.table({"source_key": pa.array([], pa.large_string()), "lead_id": pa.array([], pa.large_string())})
    return _Target(limits, target.schema(), pa.concat_tables([t.cast(empty.schema) for t in ledger]) if ledger else empty)


@dataclass(frozen=True)
class _Made:
    """All that the writing of a plan's tables has counted."""

    decisions: Decisions
    chunks: Sequence[ChunkPlace]
    contents: Mapping[str, tuple[Contents, list[str]]]
    values: int
    omitted: Mapping[tuple[str, str], int]


@dataclass
class _Writing:
    """Writes a plan's tables, chunk by chunk."""

    folder: Path
    config: configs.Config
    datasets: Sequence[Dataset]
    columns: dict[str, list[str]]
    settings: Settings
    progress: Progress

    def write(self, decisions: Decisions, limits: dict[str, FieldLimit | None]) -> _Made:
        """Write snapshot, leads, findings, decisions, rejects and orphans."""
        related = self.config.source.related
        keys = {name: table.key for name, table in related.items()}
        self._table("orphans", ORPHAN_SCHEMA, orphan_rows(decisions, self.datasets, keys, self.config))
        self._table("rejects", REJECT_SCHEMA, [reject_rows(decisions)])
        snapshot = self.folder / "snapshot"
        snapshot.mkdir()
        chunks = arrange(
            self.datasets,
            self._places(decisions),
            decisions.families.root,
            decisions.records.source_key,
            snapshot,
            chunk_bytes=self.settings.chunk_bytes,
            chunk_records=self.settings.chunk_records,
        )
        attachments = self.folder / "staging" / "attachments"
        if attachments.exists():
            attachments.rename(self.folder / "attachments")
        (self.folder / "staging").rmdir()
        sums: Counter[tuple[str, str]] = Counter()
        found = {file.name: Contents() for file in snapshot.iterdir()}
        values, blocked = 0, []
        jobs = (
            Job(snapshot, place.row_groups, decision_rows(decisions, place.numbers, self.config), self._kinds, self.columns, self.config, limits)
            for place in chunks
        )
        with ExitStack() as files, workers(min(self.settings.workers, len(chunks))) as each:
            writers = {
                name: files.enter_context(self._writer(name, schema))
                for name, schema in (("leads", lead_schema(self.config)), ("findings", FINDING_SCHEMA), ("blocked", BLOCKED_SCHEMA))
            }
            leads, done = Contents(), 0
            for place, made in zip(chunks, each(make_leads, jobs), strict=True):
                _write_made(writers, made)
                leads += contents(made.leads)
                values += made.values
                sums.update(made.omitted)
                blocked += made.blocked_families
                for name, one in made.contents.items():
                    found[name] += one
                done += len(place.numbers)
                self.progress("leads", done, len(decisions.records))
        if blocked:
            decisions = self._send_to_review(decisions, blocked)
        self._strays(snapshot, chunks, found)
        tables = {name: (one, pq.read_schema(snapshot / name).names) for name, one in found.items()}
        tables["leads"] = (leads, lead_schema(self.config).names)
        tables["decisions"] = (self._decisions(decisions, chunks), DECISION_SCHEMA.names)
        pa_csv.write_csv(open_rows(decisions), self.folder / OPEN_CASES)
        return _Made(decisions, chunks, {f"snapshot/{n}" if n in found else n: t for n, t in tables.items()}, values, dict(sums))

    def _places(self, decisions: Decisions) -> dict[str, Place]:
        places = {name: Place(rows) for name, rows in decisions.records.rows.items()}
        for name, joined in decisions.owners.items():
            related = self.config.source.related.get(name)
            order = related.order_by if related else None
            key = related.key if related else None
            places[name] = Place(joined.owner, order.column if order else None, key, order.format if order else None)
        return places

    @property
    def _kinds(self) -> dict[str, tuple[str, str]]:
        return {d.path.name: (d.kind, d.name) for d in self.datasets}

    def _send_to_review(self, decisions: Decisions, families: Sequence[str]) -> Decisions:
        roots = [int(decisions.records.number(key)) for key in families]
        return decisions.send_to_review(roots, self.config.leads.one_per)

    def _decisions(self, decisions: Decisions, chunks: Sequence[ChunkPlace]) -> Contents:
        """Write `decisions.parquet`, a row group a chunk; rows without a key are a last one."""
        total = Contents()
        with self._writer("decisions", DECISION_SCHEMA) as writer:
            for place in chunks:
                table = decision_rows(decisions, place.numbers, self.config)
                writer.write_table(table, row_group_size=max(1, len(table)))
                total += contents(table)
            table = unkeyed_rows(decisions)
            writer.write_table(table)
            return total + contents(table)

    def _strays(self, snapshot: Path, chunks: Sequence[ChunkPlace], found: dict[str, Contents]) -> None:
        """Add up the rows of the snapshot that are in no chunk: those without a record."""
        for path in snapshot.iterdir():
            inside = {place.row_groups[path.name] for place in chunks if path.name in place.row_groups}
            with pq.ParquetFile(path) as file:
                for group in sorted(set(range(file.num_row_groups)) - inside):
                    found[path.name] += contents(file.read_row_group(group))

    def _table(self, name: str, schema: pa.Schema, tables: Any) -> None:
        with self._writer(name, schema) as writer:
            for table in tables:
                writer.write_table(table)

    def _writer(self, name: str, schema: pa.Schema) -> pq.ParquetWriter:
        return pq.ParquetWriter(self.folder / f"{name}.parquet", schema, **COMPRESSION)


def _write_made(writers: Mapping[str, pq.ParquetWriter], made: Made) -> None:
    writers["leads"].write_table(made.leads, row_group_size=max(1, len(made.leads)))
    for name, table in (("findings", made.findings), ("blocked", made.blocked)):
        if len(table):
            writers[name].write_table(table)


def _figures(config: configs.Config, datasets: Sequence[Dataset], made: _Made, source: str, target: str) -> Figures:
    decisions, omit = made.decisions, made.omitted
    overridden = decisions.overridden
    labels = _reasons(config)
    return Figures(
        as_of=config.as_of,
        source=source,
        target=target,
        datasets=tuple(
            DatasetFigures(d.name, d.kind, d.table, d.path.name, d.columns, d.rows, len({f.row for f in d.faults})) for d in datasets
        ),
        joins=decisions.joins,
        values=ValueFigures(
            made.values, tuple(OmittedFigures(name, column, labels(name, column), count) for (name, column), count in sorted(omit.items()))
        ),
        rules=tuple(
            RuleFigures(rule.name, Decision(rule.as_), int(held.sum())) for rule, held in zip(config.classify, decisions.held, strict=True)
        ),
        overrides=OverrideFigures(len(overridden.used), overridden.changed_since, overridden.unknown, overridden.conflicting),
        undecided=decisions.undecided,
    )


def _reasons(config: configs.Config) -> Any:
    omit = config.leads.note.omit
    return lambda name, column: omit.get(f"{name}.{column}") or omit.get(column, "")


def _write_reports(folder: Path, found: Report) -> None:
    (folder / "report.md").write_text(report.to_markdown(found), encoding="utf-8")
    (folder / "report.json").write_text(report.to_json(found), encoding="utf-8")
