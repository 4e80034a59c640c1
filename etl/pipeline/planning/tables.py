"""Write a plan's tables that are made in chunks: leads, findings, decisions; and add up what they contain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl.classify import Decisions
from etl.classify.records import Numbers
from etl.classify.rows import DECISION_SCHEMA, decision_rows, open_rows, unkeyed_rows
from etl.config import Config
from etl.connect.target import FieldLimit
from etl.model import Dataset, Progress
from etl.pipeline.parallel import workers
from etl.pipeline.planning.deciding import Decided
from etl.pipeline.planning.leads import (
    BLOCKED_SCHEMA,
    FINDING_SCHEMA,
    MERGED_SCHEMA,
    Job,
    Made,
    lead_schema,
    make_leads,
)
from etl.plan.digest import Contents, contents
from etl.plan.snapshot import COMPRESSION, ChunkPlace
from etl.report.safe_csv import OPEN_CASES, write_csv

EMPTY = pa.array([], pa.large_string())


@dataclass(frozen=True)
class Tables:
    """What the writing has counted.

    digests: part of the plan -> digest of its contents. values: in notes, read back.
    """

    decisions: Decisions
    digests: Mapping[str, str]
    values: int
    omitted: Mapping[tuple[str, str], int]


def write_tables(
    folder: Path,
    config: Config,
    decided: Decided,
    datasets: Sequence[Dataset],
    columns: Mapping[str, list[str]],
    limits: Mapping[str, FieldLimit | None],
    processes: int,
    progress: Progress,
) -> Tables:
    """Make the leads of every chunk in worker processes, and write all tables in the order of chunks."""
    decisions, chunks, snapshot = decided.decisions, decided.chunks, folder / "snapshot"
    kinds = {dataset.path.name: (dataset.kind, dataset.name) for dataset in datasets}
    jobs = (_job(snapshot, place, decisions, kinds, columns, config, limits) for place in chunks)
    found = {name: Contents() for name in kinds}
    leads, merged, values, done = Contents(), Contents(), 0, 0
    omitted: Counter[tuple[str, str]] = Counter()
    blocked, hashes = dict[str, str](), dict[str, str]()
    codes: list[pa.Table] = []
    with ExitStack() as open_files, workers(min(processes, len(chunks))) as each:
        writers = {name: open_files.enter_context(_writer(folder, name, schema)) for name, schema in _schemas(config)}
        for place, made in zip(chunks, each(make_leads, jobs), strict=True):
            _write_made(writers, made)
            leads += made.contents_of_leads
            merged += contents(made.merged)
            values += made.values
            omitted.update(made.omitted)
            blocked |= made.blocked_families
            hashes |= made.hashes
            codes.append(_codes(made.findings))
            for name, one in made.contents.items():
                found[name] += one
            done += len(place.numbers)
            progress("leads", done, len(decisions.records))
    if blocked:
        numbers = {key: decisions.records.number(key) for key in blocked}
        decisions = decisions.send_to_review(
            {numbers[key]: reason for key, reason in blocked.items()},
            {numbers[key]: found for key, found in hashes.items()},
            config.leads.one_per,
        )
    digests = {
        f"snapshot/{name}": (one + _strays(snapshot / name, chunks)).hex(pq.read_schema(snapshot / name).names)
        for name, one in found.items()
    }
    digests["leads"] = leads.hex(lead_schema(config).names)
    if config.leads.duplicates:
        digests["merged"] = merged.hex(MERGED_SCHEMA.names)
    digests["decisions"] = _write_decisions(folder, decisions, chunks, codes, config).hex(DECISION_SCHEMA.names)
    write_csv(folder / OPEN_CASES, open_rows(decisions))
    return Tables(decisions, digests, values, dict(omitted))


def _job(
    snapshot: Path,
    place: ChunkPlace,
    decisions: Decisions,
    kinds: Mapping[str, tuple[str, str]],
    columns: Mapping[str, list[str]],
    config: Config,
    limits: Mapping[str, FieldLimit | None],
) -> Job:
    """What a worker needs to know of a chunk."""
    return Job(
        snapshot,
        place.row_groups,
        decision_rows(decisions, place.numbers, config),
        _together(decisions, place.numbers),
        _elsewhere(decisions, place.numbers),
        kinds,
        columns,
        config,
        limits,
    )


def _together(decisions: Decisions, numbers: Numbers) -> dict[str, str]:
    """The families of a chunk that share history with another, each with its group, by source keys."""
    roots = np.unique(decisions.families.root[numbers])
    groups, which, sizes = np.unique(decisions.group[roots], return_inverse=True, return_counts=True)
    shared = sizes[which] > 1
    name = decisions.records.name
    return {name(int(root)): name(int(groups[at])) for root, at in zip(roots[shared], which[shared], strict=True)}


def _elsewhere(decisions: Decisions, numbers: Numbers) -> dict[str, list[bytes]]:
    """Of the families of a chunk that were matched, what their hash is over beside their own rows, by source keys."""
    roots = np.unique(decisions.families.root[numbers]).tolist()
    return {decisions.records.name(root): decisions.elsewhere[root] for root in roots if root in decisions.elsewhere}


def _schemas(config: Config) -> list[tuple[str, pa.Schema]]:
    return [
        ("leads", lead_schema(config)),
        ("findings", FINDING_SCHEMA),
        ("blocked", BLOCKED_SCHEMA),
        ("merged", MERGED_SCHEMA),
    ]


def _write_made(writers: Mapping[str, pq.ParquetWriter], made: Made) -> None:
    """Write what came of a chunk; leads have a row group for each chunk, an empty one where it has none."""
    writers["leads"].write_table(made.leads, row_group_size=max(1, len(made.leads)))
    for name, table in (("findings", made.findings), ("blocked", made.blocked), ("merged", made.merged)):
        if len(table):
            writers[name].write_table(table)


def _codes(findings: pa.Table) -> pa.Table:
    """The codes of a chunk's findings by record: columns source_key, codes (list, each once, sorted)."""
    pairs = findings.select(["source_key", "code"]).group_by(["source_key", "code"]).aggregate([])
    pairs = pairs.sort_by([("source_key", "ascending"), ("code", "ascending")]).combine_chunks()
    counts = pairs.group_by("source_key", use_threads=False).aggregate([("code", "count")])
    offsets = np.concatenate([[0], np.cumsum(counts["code_count"].to_numpy())]).astype(np.int32)
    lists = pa.ListArray.from_arrays(pa.array(offsets), pa.concat_arrays(pairs["code"].chunks or [EMPTY]))
    return pa.table({"source_key": counts["source_key"], "codes": lists})


def _with_findings(decided: pa.Table, codes: pa.Table) -> pa.Table:
    """Add to a chunk's decisions the codes of its findings; an empty list where there is none."""
    places = pc.index_in(decided["source_key"], value_set=codes["source_key"].combine_chunks())
    lists = pa.concat_arrays([*codes["codes"].chunks, pa.array([[]], pa.list_(pa.large_string()))])
    found = lists.take(pc.fill_null(places, len(lists) - 1).combine_chunks())
    return decided.append_column("findings", found)


def _write_decisions(
    folder: Path, decisions: Decisions, chunks: Sequence[ChunkPlace], codes: Sequence[pa.Table], config: Config
) -> Contents:
    """Write `decisions.parquet`, a row group a chunk; rows without a key are a last one. codes: of each chunk."""
    total = Contents()
    with _writer(folder, "decisions", DECISION_SCHEMA) as writer:
        for place, found in zip(chunks, codes, strict=True):
            table = _with_findings(decision_rows(decisions, place.numbers, config), found)
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
