"""Bring the copied datasets into the order of families, so that whole families can be read a chunk at a time.

No wide cell enters a sort over everything: rows are dealt into partitions of whole families by one pass over each
dataset; a partition fits into memory, is sorted there, and is written as row groups that end where chunks end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl.dates import DateForm, in_text_order, read_moments
from etl.empties import emptied
from etl.model import SOURCE_KEY_COLUMN, Dataset
from etl.plan.tables import batches

PARTITION_BYTES = 24_000_000
ROW_OVERHEAD = 40
STRAYS = 100_000
COMPRESSION = {"compression": "zstd", "compression_level": 1, "write_page_checksum": True}


@dataclass(frozen=True)
class Place:
    """Where the rows of one dataset belong.

    owner: the number of the record that each row is, or stands with, -1 where there is none; such rows come last, in no
    chunk. order_by, key: columns that put the rows of one record in order. form: how order_by's dates are written,
    where they are not ISO 8601, which sorts as text; zone: in which moments that name their zone are compared then.
    words: those that stand for an empty value in order_by.
    """

    owner: npt.NDArray[np.int32]
    order_by: str | None = None
    key: str | None = None
    form: DateForm | None = None
    words: tuple[str, ...] = ()
    zone: str | None = None


@dataclass(frozen=True)
class Arranged:
    """A snapshot that was written: its chunks in the order of their families, and of each dataset, in the order of its
    file, the place that each row had before, from 0."""

    chunks: list[ChunkPlace]
    rows: dict[str, npt.NDArray[np.int32]]


@dataclass(frozen=True)
class ChunkPlace:
    """One chunk: the row group of each file of the snapshot that has rows in it, and the numbers of its records."""

    row_groups: dict[str, int]
    numbers: npt.NDArray[np.int32]


def arrange(
    datasets: Sequence[Dataset],
    places: Mapping[str, Place],
    roots: npt.NDArray[np.int32],
    source_keys: pa.Array,
    folder: Path,
    *,
    chunk_bytes: int,
    chunk_records: int,
) -> Arranged:
    """Write the snapshot: one Parquet file a dataset, in the order of families, with SOURCE_KEY_COLUMN added.

    roots: by record number, of its family, or of all families that must be in one chunk with it; source_keys: by record
    number. Deletes each copied file as soon as it is dealt out.
    """  # fmt: skip
    order = np.argsort(roots, kind="stable").astype(np.int32)  # records by family, then by source key
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    ranks = {d.name: _ranks(places[d.name].owner, rank) for d in datasets}
    starts = _starts_of_families(roots[order])
    borders = _partition_borders(datasets, ranks, starts)
    chunks: list[ChunkPlace] = []
    with ExitStack() as open_files:
        writers = {d.name: open_files.enter_context(_writer(folder, d)) for d in datasets}
        written, rows = dict.fromkeys(writers, 0), {name: [np.zeros(0, dtype=np.int32)] for name in writers}
        files = {d.name: d.path.name for d in datasets}
        parts = {d.name: _deal(d, places[d.name].owner, ranks[d.name], borders, folder) for d in datasets}
        for tables in zip(*parts.values(), strict=True):
            named = {d.name: _sorted(t, d, places[d.name], source_keys) for d, t in zip(datasets, tables, strict=True)}
            for name, part in named.items():
                rows[name].append(part.rows)
            for cut in _cuts(named, starts, chunk_bytes, chunk_records, len(order)):
                groups = {}
                for name, (low, high) in cut.slices.items():
                    writers[name].write_table(
                        named[name].table.slice(low, high - low), row_group_size=max(1, high - low)
                    )
                    groups[files[name]] = written[name]
                    written[name] += 1
                if cut.first < len(order):
                    chunks.append(ChunkPlace(groups, order[cut.first : cut.last]))
    return Arranged(chunks, {name: np.concatenate(parts) for name, parts in rows.items()})


def _ranks(owner: npt.NDArray[np.int32], rank: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """The rank of each row's record; rows without one come after all records, a partition for each STRAYS of them."""
    ranks: npt.NDArray[np.int32] = rank[owner] if len(rank) else np.zeros(len(owner), dtype=np.int32)
    strays = np.flatnonzero(owner < 0)
    ranks[strays] = len(rank) + np.arange(len(strays), dtype=np.int32) // STRAYS
    return ranks


def _starts_of_families(roots: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    """The ranks at which a family starts, from roots in rank order; closed by the number of records."""
    first = np.flatnonzero(np.r_[True, roots[1:] != roots[:-1]]) if len(roots) else np.zeros(0, dtype=np.int64)
    starts: npt.NDArray[np.int64] = np.r_[first, len(roots)]
    return starts


def _partition_borders(
    datasets: Sequence[Dataset], ranks: Mapping[str, npt.NDArray[np.int32]], starts: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Ranks that divide the families into partitions of about PARTITION_BYTES; rows without a record follow."""
    total = int(starts[-1])
    last = max((int(r.max()) for r in ranks.values() if len(r)), default=total)
    weight = np.zeros(total + 1, dtype=np.float64)
    for dataset in datasets:
        each = dataset.size / max(1, dataset.rows) + ROW_OVERHEAD
        weight += np.bincount(np.minimum(ranks[dataset.name], total), minlength=total + 1) * each
    before = np.r_[0, np.cumsum(weight)][starts[:-1]]
    number = (before // PARTITION_BYTES).astype(np.int64)
    inner = starts[:-1][np.flatnonzero(np.diff(number)) + 1]
    return np.concatenate([inner, np.arange(total, last + 1)]).astype(np.int64)


def _writer(folder: Path, dataset: Dataset) -> pq.ParquetWriter:
    fields = [
        pa.field(SOURCE_KEY_COLUMN, pa.large_string()),
        *(pa.field(c, pa.large_string()) for c in dataset.columns),
    ]
    return pq.ParquetWriter(folder / dataset.path.name, pa.schema(fields), write_statistics=False, **COMPRESSION)


@dataclass(frozen=True)
class Part:
    """Rows of one dataset in one partition: the table, each row's rank, and its place in the copied file."""

    table: pa.Table
    rank: npt.NDArray[np.int32]
    rows: npt.NDArray[np.int32]


@dataclass(frozen=True)
class Dealt:
    """Rows of one dataset in one partition as they were dealt: the table, and each row's rank, owner and place."""

    table: pa.Table
    rank: npt.NDArray[np.int32]
    owner: npt.NDArray[np.int32]
    rows: npt.NDArray[np.int32]


def _deal(
    dataset: Dataset,
    owner: npt.NDArray[np.int32],
    ranks: npt.NDArray[np.int32],
    borders: npt.NDArray[np.int64],
    folder: Path,
) -> Iterator[Dealt]:
    """Deal the rows into partitions and give each back, in the order of partitions."""
    number = np.searchsorted(borders, ranks, side="right")
    rows = [np.flatnonzero(number == part) for part in range(len(borders) + 1)]
    with ExitStack() as stack:
        files = [folder / f"{dataset.path.name}.{part}.part" for part in range(len(rows))]
        schema = pa.schema([(c, pa.large_string()) for c in dataset.columns])
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        sinks = [stack.enter_context(pa.OSFile(str(f), "wb")) for f in files]
        writers = [stack.enter_context(pa.ipc.new_stream(sink, schema, options=options)) for sink in sinks]
        first = 0
        for batch in batches(dataset.path, dataset.columns, verbatim=True):
            table = pa.Table.from_batches([batch]).cast(schema)
            here = number[first : first + len(batch)]
            order = np.argsort(here, kind="stable")
            dealt = table.take(pa.array(order)).combine_chunks()
            ends = np.searchsorted(here[order], np.arange(len(rows) + 1))
            for part in np.unique(here):
                writers[part].write_table(dealt.slice(ends[part], ends[part + 1] - ends[part]))
            first += len(batch)
    dataset.path.unlink()
    for file, part_rows in zip(files, rows, strict=True):
        with pa.memory_map(str(file)) as source:
            table = pa.ipc.open_stream(source).read_all()
        file.unlink()
        yield Dealt(table, ranks[part_rows], owner[part_rows], part_rows.astype(np.int32))


def _sorted(
    dealt: Dealt,
    dataset: Dataset,
    place: Place,
    source_keys: pa.Array,
) -> Part:
    """Sort a partition's rows by record, then as history is shown: never by the order in which the source gave them."""
    table, owner = dealt.table, dealt.owner
    keys: dict[str, pa.Array] = {"rank": pa.array(dealt.rank)}
    if place.order_by and place.form:
        keys["moment"] = pa.array(read_moments(table[place.order_by], place.form))
    elif place.order_by:
        keys["moment"] = in_text_order(emptied(table[place.order_by], place.words), place.zone)
    named = [c for c in (place.order_by, place.key) if c]
    for position, column in enumerate([*named, *(c for c in dataset.columns if c not in named)]):
        keys[f"c{position}"] = emptied(table[column], place.words) if column == place.order_by else table[column]
    if place.order_by and place.words:
        keys["words"] = table[place.order_by]
    order = pc.sort_indices(pa.table(keys), sort_keys=[(name, "ascending") for name in keys])
    owners = pa.array(np.where(owner < 0, 0, owner), mask=owner < 0)
    table = table.add_column(0, SOURCE_KEY_COLUMN, source_keys.take(owners).cast(pa.large_string()))
    places = np.asarray(order)
    return Part(table.take(order).combine_chunks(), dealt.rank[places], dealt.rows[places])


@dataclass(frozen=True)
class Cut:
    """One chunk within a partition: ranks from `first` to before `last`, and each dataset's rows of it."""

    first: int
    last: int
    slices: dict[str, tuple[int, int]]


def _cuts(
    parts: Mapping[str, Part], starts: npt.NDArray[np.int64], chunk_bytes: int, chunk_records: int, total: int
) -> Iterator[Cut]:
    """Cut a partition into chunks of whole families; a family larger than a chunk is one of its own."""
    ranks_of_parts = [part.rank for part in parts.values() if len(part.rank)]
    if not ranks_of_parts:
        return
    low = min(int(ranks[0]) for ranks in ranks_of_parts)
    high = max(int(ranks[-1]) for ranks in ranks_of_parts) + 1
    if low >= total:
        yield Cut(low, high, {name: (0, len(part.rank)) for name, part in parts.items() if len(part.rank)})
        return
    families = starts[(starts >= low) & (starts < high)]
    size = np.zeros(high - low, dtype=np.int64)
    for part in parts.values():
        np.add.at(size, part.rank - low, _row_bytes(part.table))
    borders = _chunk_borders(families, np.r_[0, np.cumsum(size)], low, high, chunk_bytes, chunk_records)
    for first, last in pairwise(borders):
        ends = {name: np.searchsorted(part.rank, [first, last]).tolist() for name, part in parts.items()}
        yield Cut(first, last, {name: (a, b) for name, (a, b) in ends.items() if b > a})


def _chunk_borders(
    families: npt.NDArray[np.int64],
    size: npt.NDArray[np.int64],
    low: int,
    high: int,
    chunk_bytes: int,
    chunk_records: int,
) -> list[int]:
    """Ranks at which a chunk starts, closed by `high`: as many families as stay within both limits."""
    borders = [low]
    ends = np.r_[families[1:], high] if len(families) else np.zeros(0, dtype=np.int64)
    for start, end in zip(families.tolist(), ends.tolist(), strict=True):
        begun = borders[-1]
        if start > begun and (size[end - low] - size[begun - low] > chunk_bytes or end - begun > chunk_records):
            borders.append(start)
    return [*borders, high]


def _row_bytes(table: pa.Table) -> npt.NDArray[np.int64]:
    total = np.zeros(len(table), dtype=np.int64)
    for column in table.columns:
        total += np.asarray(pc.fill_null(pc.binary_length(column), 0), dtype=np.int64)
    return total
