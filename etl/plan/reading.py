"""What a plan keeps of how it was read, beside the rows: by it, it can be decided again without its source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl.config.links import Step
from etl.model import Fault, Remark
from etl.plan.damage import reading
from etl.plan.figures import JoinFigures, LiteralFigures

TEXT = pa.large_string()
FOLDER = "reading"
"""The folder in a plan that has what is too much for its manifest."""
ROWS, FAULTS, NAMED, OPTED_OUT = (f"{FOLDER}/{name}.parquet" for name in ("rows", "faults", "named", "opted-out"))
FILES = (ROWS, FAULTS, NAMED, OPTED_OUT)
ROW_SCHEMA = pa.schema([("dataset", TEXT), ("row", pa.int32())])
FAULT_SCHEMA = pa.schema([(each.name, pa.int64() if each.name == "row" else TEXT) for each in fields(Fault)])
NAMED_SCHEMA = pa.schema([("pointer", pa.int32()), ("key", TEXT), ("rows", pa.int32())])

Rows = npt.NDArray[np.int32]


@dataclass(frozen=True)
class MasterReading:
    """How one list of known customers was read. size: bytes of text; the rest as of `ReadMaster`."""

    name: str
    table: str
    size: int
    where: str
    fingerprint: dict[str, str]
    damaged: int
    others: int
    literals: tuple[LiteralFigures, ...]
    hints: tuple[str, ...]
    remarks: tuple[Remark, ...]


@dataclass(frozen=True)
class PointerReading:
    """A table that the config does not name, and by which column it names records of which entry. near: the steps by
    which it only nearly does. How many rows name which record stands in the plan's folder."""

    table: str
    column: str | None
    entry: str | None
    near: tuple[Step, ...]


@dataclass(frozen=True)
class Reading:
    """How the source, the masters and the target were read.

    source: who and where the source is; at: when it was read. asked: how the values that each `where` names met the
    rows; dates: what of the columns that put rows in order is no date; lookups: how rows met the tables that they take
    values from. sizes: dataset -> bytes of text. left_out_opted_out: rows that a `where` leaves out and that opted out.
    stamps, moving: what a rehearsal of `retire` has shown, by entry. moved: a digest of what the ledger had of this
    source; existing: of the leads that were in the pipeline, empty where none were asked.
    made_with: a digest of what leads are made of beside their records; contents: file of the plan -> what its rows add
    up to, and how many there are.
    """

    source: str
    at: str
    asked: tuple[LiteralFigures, ...]
    dates: tuple[LiteralFigures, ...]
    lookups: tuple[JoinFigures, ...]
    sizes: dict[str, int]
    left_out_opted_out: int
    masters: tuple[MasterReading, ...]
    pointers: tuple[PointerReading, ...]
    stamps: dict[str, tuple[str, ...]]
    moving: dict[str, tuple[str, ...]]
    moved: str
    existing: str
    made_with: str
    contents: dict[str, tuple[int, ...]]


def write(
    folder: Path,
    rows: Mapping[str, Rows],
    faults: Iterable[Fault],
    named: Iterable[tuple[pa.Array, Rows]],
    opted_out: npt.NDArray[np.uint64],
) -> None:
    """Write what the manifest does not hold into a plan's folder.

    rows: of each dataset, in the order of its file, the place of each row in the source. named: for each pointer the
    keys of records, and how many rows name each. opted_out: keys of the addresses of rows that are read no further.
    """
    from etl.plan.snapshot import COMPRESSION

    (folder / FOLDER).mkdir()
    with pq.ParquetWriter(folder / ROWS, ROW_SCHEMA, **COMPRESSION) as writer:
        for dataset, places in rows.items():
            names = pa.array([dataset], TEXT).take(pa.array(np.zeros(len(places), dtype=np.int8)))
            writer.write_table(pa.table([names, pa.array(places)], schema=ROW_SCHEMA), max(1, len(places)))
    pq.write_table(pa.Table.from_pylist([asdict(fault) for fault in faults], FAULT_SCHEMA), folder / FAULTS)
    pq.write_table(pa.concat_tables([NAMED_SCHEMA.empty_table(), *_named(named)]), folder / NAMED, **COMPRESSION)
    pq.write_table(pa.table({"key": pa.array(opted_out, pa.uint64())}), folder / OPTED_OUT)


def _named(named: Iterable[tuple[pa.Array, Rows]]) -> Iterator[pa.Table]:
    for number, (keys, counts) in enumerate(named):
        filled = np.flatnonzero(counts)
        pointers = pa.array(np.full(len(filled), number, dtype=np.int32))
        columns = [pointers, keys.take(pa.array(filled)).cast(TEXT), pa.array(counts[filled].astype(np.int32))]
        yield pa.table(columns, schema=NAMED_SCHEMA)


def read_rows(folder: Path, datasets: Sequence[str]) -> dict[str, Rows]:
    """The place in the source of each row of each dataset, in the order of its file. Raises PlanError."""
    with reading(folder / ROWS), pq.ParquetFile(folder / ROWS) as file:
        parts = (file.read_row_group(number, ["row"])["row"].to_numpy() for number in range(file.num_row_groups))
        return {name: places.astype(np.int32) for name, places in zip(datasets, parts, strict=True)}


def read_faults(folder: Path) -> dict[str, tuple[Fault, ...]]:
    """The faults of each dataset that has some. Raises PlanError."""
    with reading(folder / FAULTS):
        listed = [Fault(**row) for row in pq.read_table(folder / FAULTS).to_pylist()]
    return {name: tuple(f for f in listed if f.dataset == name) for name in {fault.dataset for fault in listed}}


def read_named(folder: Path, pointers: int) -> list[tuple[pa.Array, Rows]]:
    """For each pointer the keys that it names, and by how many rows. Raises PlanError."""
    with reading(folder / NAMED):
        table = pq.read_table(folder / NAMED)
    parts = (table.filter(pc.equal(table["pointer"], number)) for number in range(pointers))
    return [(part["key"].combine_chunks(), part["rows"].to_numpy()) for part in parts]


def read_opted_out(folder: Path) -> npt.NDArray[np.uint64]:
    """The keys of the addresses of rows that opted out and were read no further. Raises PlanError."""
    with reading(folder / OPTED_OUT):
        return np.asarray(pq.read_table(folder / OPTED_OUT)["key"].to_numpy(), dtype=np.uint64)
