"""Write a plan's tables that are made in chunks: leads, findings, decisions; and add up what they contain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl.classify import Decisions
from etl.classify.open_cases import open_cases, open_rows
from etl.classify.plan_rows import DECISION_SCHEMA, decision_rows, unkeyed_rows
from etl.classify.records import Numbers
from etl.config import Config
from etl.connect import open_target
from etl.pipeline.parallel import workers
from etl.pipeline.planning.deciding import Decided
from etl.pipeline.planning.inputs import Inputs
from etl.pipeline.planning.leads import (
    BLOCKED_SCHEMA,
    FINDING_SCHEMA,
    MERGED_SCHEMA,
    ChunkLeads,
    Job,
    lead_schema,
    make_leads,
)
from etl.pipeline.planning.run import Run
from etl.plan.digest import Contents, contents
from etl.plan.snapshot import COMPRESSION, ChunkPlace
from etl.report.safe_csv import OPEN_CASES, Form, write_csv
from etl.transform.consent import Consent
from etl.transform.unique import Taken, taken_values

EMPTY = pa.array([], pa.large_string())


@dataclass(frozen=True)
class LeadTables:
    """The results of making the leads, besides the tables that were written.

    decisions: a family with a value that does not fit its field in the target is in review. digests: part of the plan
    -> digest of its contents. values: legacy values in notes, read back; omitted: dataset and column -> values left
    out. consent: what was done for those who opted out.
    """

    decisions: Decisions
    digests: Mapping[str, str]
    values: int
    omitted: Mapping[tuple[str, str], int]
    consent: Consent


@dataclass
class _Totals:
    """What the chunks add up to. blocked: family -> why a value of it does not fit; codes: a table for each chunk."""

    snapshot: dict[str, Contents]
    leads: Contents = field(default_factory=Contents)
    merged: Contents = field(default_factory=Contents)
    values: int = 0
    omitted: Counter[tuple[str, str]] = field(default_factory=Counter)
    blocked: dict[str, str] = field(default_factory=dict)
    hashes: dict[str, str] = field(default_factory=dict)
    codes: list[pa.Table] = field(default_factory=list)
    consent: Consent = field(default_factory=Consent)

    def add(self, chunk: ChunkLeads) -> None:
        """Add what became of one chunk."""
        self.leads += chunk.contents_of_leads
        self.merged += contents(chunk.merged)
        self.values += chunk.values
        self.omitted.update(chunk.omitted)
        self.blocked |= chunk.blocked_families
        self.hashes |= chunk.hashes
        self.codes.append(codes_of(chunk.findings))
        self.consent += chunk.consent
        for name, added in chunk.contents.items():
            self.snapshot[name] += added


def make_lead_tables(run: Run, inputs: Inputs, decided: Decided) -> LeadTables:
    """Make the leads of every chunk in worker processes, and write all tables in the order of chunks."""
    folder, config, chunks = run.folder, run.config, decided.chunks
    totals = _make_chunks(run, inputs, decided, {})
    if taken := _taken(run, inputs):
        totals = _make_chunks(run, inputs, decided, taken)
    decisions = _without_blocked(decided.decisions, totals, config)
    written = _write_decisions(folder, decisions, chunks, totals.codes, config)
    cases = open_cases(decisions)
    pq.write_table(cases, folder / "cases.parquet", **COMPRESSION)
    write_csv(folder / OPEN_CASES, open_rows(cases), Form.of(config))
    digests = _snapshot_digests(folder / "snapshot", totals.snapshot, chunks)
    digests["leads"] = totals.leads.hex(lead_schema(config).names)
    if config.leads.duplicates:
        digests["merged"] = totals.merged.hex(MERGED_SCHEMA.names)
    digests["decisions"] = written.hex(DECISION_SCHEMA.names)
    return LeadTables(decisions, digests, totals.values, dict(totals.omitted), totals.consent)


def _taken(run: Run, inputs: Inputs) -> dict[str, Taken]:
    """The leads that were made with a value that another lead has, in a field that the target says is unique."""
    unique = inputs.target.unique
    if not unique:
        return {}
    target = open_target(run.config.target)
    try:
        existing = [list(target.taken(own)) for own in unique]
    finally:
        target.close()
    path, names = run.folder / "leads.parquet", {"lead", "into", *(name for own in unique for name in own.fields)}
    with pq.ParquetFile(path) as file:
        columns = [name for name in file.schema_arrow.names if name in names]
        groups = (file.read_row_group(number, columns) for number in range(file.num_row_groups))
        return taken_values(groups, unique, existing)


def _make_chunks(run: Run, inputs: Inputs, decided: Decided, taken: Mapping[str, Taken]) -> _Totals:
    """Make and write the leads, findings, blocked values and merged records of every chunk.

    taken: lead -> the value that another lead has, too; its family is in review.
    """
    chunks, done = decided.chunks, 0
    totals = _Totals({dataset.path.name: Contents() for dataset in inputs.datasets})
    jobs = _jobs(run, inputs, decided, taken)
    with ExitStack() as open_files, workers(min(run.settings.workers, len(chunks))) as each:
        writers = {
            name: open_files.enter_context(_writer(run.folder, name, schema)) for name, schema in _schemas(run.config)
        }
        for place, chunk in zip(chunks, each(make_leads, jobs), strict=True):
            _write_chunk(writers, chunk)
            totals.add(chunk)
            done += len(place.numbers)
            run.progress("leads", done, len(decided.decisions.records))
    return totals


def _jobs(run: Run, inputs: Inputs, decided: Decided, taken: Mapping[str, Taken]) -> Iterator[Job]:
    """What a worker needs to know of each chunk."""
    decisions = decided.decisions
    kinds = {dataset.path.name: (dataset.kind, dataset.name) for dataset in inputs.datasets}
    for place in decided.chunks:
        yield Job(
            run.folder / "snapshot",
            place.row_groups,
            decision_rows(decisions, place.numbers, run.config),
            _groups(decisions, place.numbers),
            _customer_rows(decisions, place.numbers),
            kinds,
            inputs.columns,
            run.config,
            inputs.target.limits,
            decided.opted_out,
            taken,
        )


def _without_blocked(decisions: Decisions, totals: _Totals, config: Config) -> Decisions:
    """The decisions, with every family in review that has a value which does not fit its field in the target."""
    if not totals.blocked:
        return decisions
    numbers = {family: decisions.records.number(family) for family in totals.blocked}
    return decisions.send_to_review(
        {numbers[family]: reason for family, reason in totals.blocked.items()},
        {numbers[family]: family_hash for family, family_hash in totals.hashes.items()},
        config.leads.one_per,
    )


def _snapshot_digests(snapshot: Path, chunked: Mapping[str, Contents], chunks: Sequence[ChunkPlace]) -> dict[str, str]:
    """The digests of the snapshot's files. chunked: what their rows in chunks add up to."""
    return {
        f"snapshot/{name}": (rows + _strays(snapshot / name, chunks)).hex(pq.read_schema(snapshot / name).names)
        for name, rows in chunked.items()
    }


def _groups(decisions: Decisions, numbers: Numbers) -> dict[str, str]:
    """The families of a chunk that share history with another, each with its group, by source keys."""
    roots = np.unique(decisions.families.root[numbers])
    groups, places, sizes = np.unique(decisions.outcome.group[roots], return_inverse=True, return_counts=True)
    shared = sizes[places] > 1
    name = decisions.records.name
    return {name(int(root)): name(int(groups[at])) for root, at in zip(roots[shared], places[shared], strict=True)}


def _customer_rows(decisions: Decisions, numbers: Numbers) -> dict[str, list[bytes]]:
    """The digests of customers' rows that the hashes of matched families cover, by the families' source keys."""
    roots = np.unique(decisions.families.root[numbers]).tolist()
    digests = decisions.hashes.customer_rows
    return {decisions.records.name(root): digests[root] for root in roots if root in digests}


def _schemas(config: Config) -> list[tuple[str, pa.Schema]]:
    return [
        ("leads", lead_schema(config)),
        ("findings", FINDING_SCHEMA),
        ("blocked", BLOCKED_SCHEMA),
        ("merged", MERGED_SCHEMA),
    ]


def _write_chunk(writers: Mapping[str, pq.ParquetWriter], chunk: ChunkLeads) -> None:
    """Write the results of a chunk. Leads have one row group for each chunk, even if it is empty."""
    writers["leads"].write_table(chunk.leads, row_group_size=max(1, len(chunk.leads)))
    for name, table in (("findings", chunk.findings), ("blocked", chunk.blocked), ("merged", chunk.merged)):
        if len(table):
            writers[name].write_table(table)


def codes_of(findings: pa.Table) -> pa.Table:
    """The codes of a chunk's findings by record: columns source_key, codes (list, each once, sorted)."""
    pairs = findings.select(["source_key", "code"]).group_by(["source_key", "code"]).aggregate([])
    pairs = pairs.sort_by([("source_key", "ascending"), ("code", "ascending")]).combine_chunks()
    counts = pairs.group_by("source_key", use_threads=False).aggregate([("code", "count")])
    offsets = np.concatenate([[0], np.cumsum(counts["code_count"].to_numpy())]).astype(np.int32)
    lists = pa.ListArray.from_arrays(pa.array(offsets), pa.concat_arrays(pairs["code"].chunks or [EMPTY]))
    return pa.table({"source_key": counts["source_key"], "codes": lists})


def with_findings(decided: pa.Table, codes: pa.Table) -> pa.Table:
    """Add to a chunk's decisions the codes of its findings; an empty list where there is none."""
    places = pc.index_in(decided["source_key"], value_set=codes["source_key"].combine_chunks())
    lists = pa.concat_arrays([*codes["codes"].chunks, pa.array([[]], pa.list_(pa.large_string()))])
    findings = lists.take(pc.fill_null(places, len(lists) - 1).combine_chunks())
    return decided.append_column("findings", findings)


def _write_decisions(
    folder: Path, decisions: Decisions, chunks: Sequence[ChunkPlace], codes: Sequence[pa.Table], config: Config
) -> Contents:
    """Write `decisions.parquet`, a row group a chunk; rows without a key are a last one. codes: of each chunk."""
    total = Contents()
    with _writer(folder, "decisions", DECISION_SCHEMA) as writer:
        for place, chunk_codes in zip(chunks, codes, strict=True):
            table = with_findings(decision_rows(decisions, place.numbers, config), chunk_codes)
            writer.write_table(table, row_group_size=len(table))
            total += contents(table)
        table = unkeyed_rows(decisions)
        writer.write_table(table)
    return total + contents(table)


def _strays(path: Path, chunks: Sequence[ChunkPlace]) -> Contents:
    """Add up the rows of one file of the snapshot that are in no chunk: those without a record."""
    inside = {place.row_groups[path.name] for place in chunks if path.name in place.row_groups}
    total = Contents()
    with pq.ParquetFile(path) as file:
        for group in sorted(set(range(file.num_row_groups)) - inside):
            total += contents(file.read_row_group(group))
    return total


def _writer(folder: Path, name: str, schema: pa.Schema) -> pq.ParquetWriter:
    return pq.ParquetWriter(folder / f"{name}.parquet", schema, **COMPRESSION)
