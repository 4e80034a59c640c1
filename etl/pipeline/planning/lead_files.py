"""The files of leads, findings, blocked values and merged records, a row group a chunk, and what they add up to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from etl.config import Config
from etl.pipeline.planning.leads import BLOCKED_SCHEMA, FINDING_SCHEMA, MERGED_SCHEMA, ChunkLeads, lead_schema
from etl.plan.digest import Contents, contents
from etl.plan.snapshot import COMPRESSION
from etl.transform.consent import Consent

EMPTY = pa.array([], pa.large_string())


@dataclass
class Totals:
    """What the chunks add up to. blocked: family -> why a value of it does not fit; codes: a table for each chunk.
    counted: the files of the snapshot whose rows are counted already."""

    snapshot: dict[str, Contents]
    leads: Contents = field(default_factory=Contents)
    merged: Contents = field(default_factory=Contents)
    values: int = 0
    omitted: Counter[tuple[str, str]] = field(default_factory=Counter)
    blocked: dict[str, str] = field(default_factory=dict)
    hashes: dict[str, str] = field(default_factory=dict)
    codes: list[pa.Table] = field(default_factory=list)
    consent: Consent = field(default_factory=Consent)
    counted: frozenset[str] = frozenset()

    def add(self, chunk: ChunkLeads) -> None:
        """Add what became of one chunk."""
        self.leads += chunk.contents_of_leads
        self.merged += contents(chunk.merged)
        self.values += chunk.values
        self.omitted.update(chunk.omitted)
        self.blocked |= chunk.blocked_families
        self.hashes |= chunk.hashes
        self.consent += chunk.consent
        for name in chunk.contents.keys() - self.counted:
            self.snapshot[name] += chunk.contents[name]

    def take(self, chunk: ChunkLeads) -> None:
        """Take away what became of a chunk, as if its families were not there."""
        self.leads -= chunk.contents_of_leads
        self.merged -= contents(chunk.merged)
        self.values -= chunk.values
        emptied = [key for key, count in chunk.omitted.items() if count and self.omitted[key] == count]
        self.omitted.subtract(chunk.omitted)
        for key in emptied:
            del self.omitted[key]
        self.consent -= chunk.consent
        for name in chunk.contents.keys() & self.snapshot.keys() - self.counted:
            self.snapshot[name] -= chunk.contents[name]


def schemas(config: Config) -> dict[str, pa.Schema]:
    """The tables that are made of each chunk."""
    return {
        "leads": lead_schema(config),
        "findings": FINDING_SCHEMA,
        "blocked": BLOCKED_SCHEMA,
        "merged": MERGED_SCHEMA,
    }


class LeadFiles:
    """The files, open to be written."""

    def __init__(self, writers: Mapping[str, pq.ParquetWriter]) -> None:
        self._writers = writers

    def write(self, tables: Mapping[str, pa.Table]) -> None:
        """Write the tables of a chunk: each has one row group for each chunk, even if it is empty."""
        for name, writer in self._writers.items():
            writer.write_table(tables[name], row_group_size=max(1, len(tables[name])))


def tables_of(chunk: ChunkLeads) -> dict[str, pa.Table]:
    """What became of a chunk, by the name of its file."""
    return {"leads": chunk.leads, "findings": chunk.findings, "blocked": chunk.blocked, "merged": chunk.merged}


@contextmanager
def lead_files(folder: Path, config: Config) -> Iterator[LeadFiles]:
    """Open the files of a plan's folder."""
    with ExitStack() as stack:
        yield LeadFiles({n: stack.enter_context(writer(folder, n, s)) for n, s in schemas(config).items()})


def writer(folder: Path, name: str, schema: pa.Schema) -> pq.ParquetWriter:
    """Open one table of a plan to be written."""
    return pq.ParquetWriter(folder / f"{name}.parquet", schema, **COMPRESSION)


def codes_of(findings: pa.Table) -> pa.Table:
    """The codes of a chunk's findings by record: columns source_key, codes (list, each once, sorted)."""
    pairs = findings.select(["source_key", "code"]).group_by(["source_key", "code"]).aggregate([])
    pairs = pairs.sort_by([("source_key", "ascending"), ("code", "ascending")]).combine_chunks()
    counts = pairs.group_by("source_key", use_threads=False).aggregate([("code", "count")])
    offsets = np.concatenate([[0], np.cumsum(counts["code_count"].to_numpy())]).astype(np.int32)
    lists = pa.ListArray.from_arrays(pa.array(offsets), pa.concat_arrays(pairs["code"].chunks or [EMPTY]))
    return pa.table({"source_key": counts["source_key"], "codes": lists})
