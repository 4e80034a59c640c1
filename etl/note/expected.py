"""What the notes of a chunk have to hold, taken from its frames on another way than `fold` takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from etl.model import Chunk
from etl.note.columns import strings
from etl.note.contents import Contents, Values
from etl.note.labels import DatasetLabels, Labels

if TYPE_CHECKING:
    import pandas as pd

Section = tuple[str, str | None]
"""A source key, and the lead in whose note the record's values stand if not in this one."""


class Expected:
    """The values of a chunk's records and related rows, found by source key."""

    def __init__(self, layout: pd.DataFrame, chunk: Chunk, labels: Labels) -> None:
        keys = strings(layout["source_key"].astype("str"))
        self._records = {entry: Table(frame, keys, labels.entries.get(entry)) for entry, frame in chunk.records.items()}
        self._related = {name: Table(frame, keys, labels.tables.get(name)) for name, frame in chunk.related.items()}

    def contents(self, sections: Sequence[Section]) -> Contents:
        """What the note of these sections holds; a record that is not among the rows has no values."""
        own = [key for key, see in sections if see is None]
        records = {key: self._record(key) for key in own}
        related = {}
        for name, table in self._related.items():
            rows = {key: table.rows(key) for key in own if table.holds(key)}
            if rows:
                related[name] = rows
        return Contents(records, related, {key: see for key, see in sections if see is not None})

    def omitted(self, sections: Sequence[Section]) -> int:
        """How many values of these sections the config leaves out."""
        tables = (*self._records.values(), *self._related.values())
        return sum(
            table.omitted.get(key, 0) for table in tables if table.omitted for key, see in sections if see is None
        )

    def _record(self, key: str) -> Values:
        table = self._records.get(key.partition(":")[0])
        return table.rows(key)[0] if table is not None and table.holds(key) else {}


class Table:
    """The rows of one frame that belong to some source keys.

    omitted: source key -> how many values are left out.
    """

    def __init__(self, frame: pd.DataFrame, keys: Any, labels: DatasetLabels | None) -> None:
        index = strings(frame.index.astype("str"))
        mask = pc.is_in(index, value_set=keys)
        owners = index.filter(mask).to_pylist()
        left_out = labels.omitted if labels is not None else {}
        self._names = [column for column in frame.columns if column not in left_out]
        cells = [strings(frame[column]).filter(mask).to_pylist() for column in self._names]
        self._rows = list(zip(*cells, strict=True)) if cells else [()] * len(owners)
        self._places: dict[str, list[int]] = {}
        for place, owner in enumerate(owners):
            self._places.setdefault(owner, []).append(place)
        self.omitted: dict[str, int] = {}
        for column in left_out:
            if column in frame.columns:
                self._count(pc.and_(mask, pc.is_valid(strings(frame[column]))), index)

    def _count(self, mask: Any, index: pa.Array) -> None:
        for owner in index.filter(mask).to_pylist():
            self.omitted[owner] = self.omitted.get(owner, 0) + 1

    def holds(self, key: str) -> bool:
        """Whether any row belongs to this source key."""
        return key in self._places

    def rows(self, key: str) -> list[Values]:
        """The rows of a source key, in their order, without the columns that have no value."""
        names = self._names
        rows = [zip(names, self._rows[place], strict=True) for place in self._places[key]]
        return [{name: value for name, value in row if value is not None} for row in rows]
