"""Several texts in one cell of a column that no person sees."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from etl.rows.keys import parts_of
from etl.rows.places import TEXT, Places

ESCAPED = str.maketrans({"\\": "\\\\", "/": "\\/"})


def listed(values: Iterable[str | None]) -> str:
    """Some values as one text; none is told apart from no values."""
    return "".join("/" + (value or "").translate(ESCAPED) for value in values)


def unlisted(text: str) -> list[str | None]:
    """The values of which `listed` made a text."""
    return [part or None for part in parts_of(text)[1:]]


def column_of_lists(rows: int, places: Places, values: pa.Array) -> pa.Array:
    """A column that lists, in each of so many rows, the values that have its place: each once, in order."""
    cells: dict[int, set[str | None]] = {}
    for place, value in zip(places.tolist(), values.to_pylist(), strict=True):
        cells.setdefault(place, set()).add(value)
    texts = np.full(rows, None, dtype=object)
    for place, inside in cells.items():
        texts[place] = listed(sorted(inside, key=lambda value: value or ""))
    return pa.array(texts, TEXT)


def rows_of_lists(column: pa.Array | pa.ChunkedArray) -> tuple[npt.NDArray[np.int64], pa.Array]:
    """The values of a column of lists: the row, ascending, and the value."""
    filled = np.flatnonzero(np.asarray(column.is_valid()))
    lists = [unlisted(text) for text in column.drop_null().to_pylist()]
    rows = np.repeat(filled, np.fromiter(map(len, lists), dtype=np.int64, count=len(lists)))
    return rows.astype(np.int64), pa.array([value for values in lists for value in values], TEXT)
