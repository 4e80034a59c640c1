"""Words that stand for an empty value, such as NULL or n/a: to whoever decides, a value that is one of them is missing.

Notes and snapshots keep such a value as it stands. A copied table carries the words of its columns in its file, so that
who reads it for a decision (`plan.tables.batches`) need not know them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

USUAL = tuple(
    "NULL|null|Null|(null)|\\N|n/a|N/A|#N/A|-|--|none|None|nil|k.A.|k. A.|keine|Keine|néant|Néant|aucun|Aucun"
    "|ninguno|Ninguno|nessuno|Nessuno".split("|")
)
"""What programs and people often write where there is no value."""

AT = b"crm_cleanup_empties"
"""Where a Parquet file has the words of its columns."""


@dataclass(frozen=True)
class Empties:
    """The words of one table. everywhere: in all columns; by_column: further ones of a column, or none at all."""

    everywhere: tuple[str, ...] = ()
    by_column: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.everywhere or self.by_column)

    def of(self, column: str) -> tuple[str, ...]:
        """The words of a column."""
        own = self.by_column.get(column)
        return self.everywhere if own is None else own and (*self.everywhere, *own)

    def metadata(self) -> dict[bytes, bytes] | None:
        """The words as a Parquet file keeps them; None where there are none."""
        if not self:
            return None
        return {AT: json.dumps({"everywhere": self.everywhere, "by_column": dict(self.by_column)}).encode()}

    @staticmethod
    def read(metadata: Mapping[bytes, bytes] | None) -> Empties:
        """The inverse of `metadata`."""
        if not metadata or AT not in metadata:
            return NO_WORDS
        words = json.loads(metadata[AT])
        by_column = {column: tuple(own) for column, own in words["by_column"].items()}
        return Empties(tuple(words["everywhere"]), by_column)


NO_WORDS = Empties()


def emptied(values: pa.Array, words: tuple[str, ...]) -> pa.Array:
    """Texts with null in place of those that are one of the words; blanks around them do not count."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not words:
        return values
    among = pc.is_in(pc.utf8_trim_whitespace(values), value_set=pa.array(words, values.type))
    return pc.if_else(among, pa.scalar(None, values.type), values) if pc.any(among).as_py() else values


def emptied_rows(rows: pa.RecordBatch, empties: Empties) -> pa.RecordBatch:
    """Rows as who decides sees them."""
    import pyarrow as pa

    if not empties:
        return rows
    names = rows.schema.names
    columns = [emptied(column, empties.of(name)) for name, column in zip(names, rows.columns, strict=True)]
    return pa.RecordBatch.from_arrays(columns, names)


def emptied_frame(frame: pd.DataFrame, empties: Empties) -> pd.DataFrame:
    """A frame of text as who decides sees it."""
    names = [name for name in map(str, frame.columns) if empties.of(name)]
    masks = {name: frame[name].str.strip().isin(empties.of(name)) for name in names}
    changed = {name: frame[name].mask(mask) for name, mask in masks.items() if mask.any()}
    return frame.assign(**changed) if changed else frame
