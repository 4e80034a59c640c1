"""A plan's snapshot without one record: its rows, and the rows and cells of others that name it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from etl.config import RESERVED
from etl.config.shapes import shape_of
from etl.config.tables import tables
from etl.connect.hiding import Hiding, hidings
from etl.model import SOURCE_KEY_COLUMN
from etl.pipeline.forgetting.person import mentions
from etl.plan import Bundle
from etl.plan.damage import reading
from etl.plan.snapshot import COMPRESSION
from etl.rows.forgotten import Forgotten

Mask = npt.NDArray[np.bool_]
FREE_TEXT = 20
"""A value of so many characters in a row of history is looked for in what is said of other records."""


@dataclass
class Taken:
    """What was taken out of a snapshot.

    rows: dataset -> rows; shared: those of them that name other records, too; changed: file -> the row groups in which
    something changed. texts: what its history said; cells: column of the record's own row -> value. below: the source
    keys of others that name it as the record above them; showing: the datasets whose rows have lost what they show of
    it beside that.
    """

    key: str

    rows: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    shared: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    changed: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    texts: set[str] = field(default_factory=set)
    cells: dict[str, str] = field(default_factory=dict)
    below: list[str] = field(default_factory=list)
    showing: set[str] = field(default_factory=set)

    def says(self, text: str | None) -> bool:
        """Whether a text names the record, or has something of its history in it."""
        return text is not None and (mentions(text, self.key) or any(value in text for value in self.texts))


def rewrite(path: Path, new: Path, change: Callable[[pa.Table, int], pa.Table]) -> None:
    """Write a Parquet file anew, each row group as a function gives it; their number stays the same."""
    new.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with reading(path), pq.ParquetFile(path) as file:
        schema = file.schema_arrow
        groups = (file.read_row_group(number) for number in range(file.num_row_groups))
        with pq.ParquetWriter(new, schema, **COMPRESSION) as writer:
            for number, table in enumerate(groups):
                changed = change(table, number).cast(schema)
                writer.write_table(changed, row_group_size=max(1, len(changed)))


def take_out(bundle: Bundle, key: str, folder: Path) -> Taken:
    """Write the snapshot without one record into a folder."""
    taken = Taken(key)
    for hiding, file in _hidings(bundle, key):
        rewrite(bundle.path / "snapshot" / file, folder / "snapshot" / file, _Change(hiding, file, taken))
    return taken


@dataclass(frozen=True)
class _Change:
    """Takes the rows of one file that name the record out of its row groups."""

    hiding: Hiding
    file: str
    taken: Taken

    def __call__(self, table: pa.Table, group: int) -> pa.Table:
        named, name = self.hiding.named(table), self.hiding.table.name
        if not named.changing.any():
            return table
        out = self.hiding.leaves_out(named, _copies(table))
        left = self.hiding.applied(table, out, named)
        if self.hiding.table.kind == "entry":
            self.taken.below += table.filter(pa.array(named.any & ~out))[SOURCE_KEY_COLUMN].to_pylist()
        if (named.changing & ~out).any():
            self.taken.showing.add(name)
        self.taken.changed[self.file].add(group)
        self.taken.rows[name] += int(np.count_nonzero(out))
        self.taken.shared[name] += int(np.count_nonzero(out & named.others)) if self.hiding.table.kind != "entry" else 0
        for row in table.filter(pa.array(out)).to_pylist():
            cells = {column: value for column, value in row.items() if value and not column.startswith(RESERVED)}
            if self.hiding.table.kind == "entry":
                self.taken.cells.update(cells)
            else:
                self.taken.texts.update(value for value in cells.values() if len(value) >= FREE_TEXT)
        return left


def _copies(table: pa.Table) -> npt.NDArray[np.int64]:
    """Which rows are copies of one: they differ at most in links, and in the record that they stand with."""
    own = [name for name in table.column_names if not name.startswith(RESERVED) and name != SOURCE_KEY_COLUMN]
    places: dict[tuple[str | None, ...], int] = {}
    rows = zip(*(table[name].to_pylist() for name in own), strict=True) if own else iter(())
    origins = [places.setdefault(row, len(places)) for row in rows]
    return np.array(origins or range(len(table)), dtype=np.int64)


def _hidings(bundle: Bundle, key: str) -> Iterator[tuple[Hiding, str]]:
    """How each file of the snapshot is read without a record."""
    config, manifest = bundle.config, bundle.manifest
    read = {table.name: table for table in tables(config)}
    shapes = {name: shape_of(config, table) for name, table in read.items()}
    taken: dict[str, Mapping[str, list[str]]] = {}
    for name, shape in shapes.items():
        columns = manifest.columns.get(name, ())
        joins = shape.joins if shape else ()
        taken[name] = {
            join: [c.removeprefix(f"{join}.") for c in columns if c.startswith(f"{join}.")] for join in joins
        }
    for_all = hidings(config, shapes, list(read.values()), taken, Forgotten(frozenset((key,))))
    for dataset in manifest.figures.datasets:
        yield for_all[dataset.name], dataset.file
