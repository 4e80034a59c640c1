"""Legacy values as Arrow columns, made ready to stand in a note."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.errors import NoteError
from etl.note.escape import NOTHING, SUSPECT, escape_value

if TYPE_CHECKING:
    import pandas as pd

TEXT = pa.large_string()


def text(value: str) -> Any:
    """A constant for Arrow's kernels, of the type of the columns."""
    return pa.scalar(value, TEXT)


def strings(series: pd.Series[str] | pd.Index[str], dataset: str = "") -> Any:
    """Read a column, or an index, as an Arrow array; NULL where it is missing or empty.

    Raises NoteError with the row's key and the column where it holds what is not Unicode text.
    """
    try:
        array = pa.array(series.values, type=TEXT, from_pandas=True)  # of a series itself Arrow would index its labels
    except (UnicodeEncodeError, pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise _not_text(series, dataset) from error
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    empty = pc.equal(pc.binary_length(array), 0)
    return pc.if_else(empty, pa.scalar(None, TEXT), array) if pc.any(empty).as_py() else array


def _not_text(series: pd.Series[str] | pd.Index[str], dataset: str) -> NoteError:
    import pandas as pd

    key = next(key for key, value in pd.Series(series).items() if not _is_text(value))
    return NoteError(
        f"A value of column {series.name!r} is not Unicode text and cannot stand in a note.",
        where=f"{key} {dataset}".rstrip(),
        next="correct the value in the source, or leave the column out with leads.note.omit and its reason",
    )


def _is_text(value: object) -> bool:
    try:
        pa.array([value], TEXT, from_pandas=True)
    except (UnicodeEncodeError, pa.ArrowInvalid, pa.ArrowTypeError):
        return False
    return True


def changed(values: Any, mask: Any, change: Any) -> Any:
    """Put `change(cell)` in the place of the cells where `mask` is true; Python sees only these."""
    mask = pc.fill_null(mask, False)
    if not pc.any(mask).as_py():
        return values
    cells = [change(cell) for cell in values.filter(mask).to_pylist()]
    return pc.replace_with_mask(values, mask, pa.array(cells, TEXT))


def written(values: Any, indent: str) -> Any:
    """Values as they stand in a note: escaped, the lines after the first indented; NULL stays NULL."""
    suspect = pc.match_substring_regex(values, SUSPECT)
    return changed(values, suspect, lambda cell: escape_value(cell).replace("\n", f"\n{indent}"))


def without_implied(values: Any, mask: Any, entry: str, owners: Any, shown: Any) -> Any:
    """Leave out of a column's written cells what the record's heading says already.

    mask: where the column is implied for the row's entry. owners: each row's source key. shown: the written cells.
    Where the column is missing though it is implied, `⟦⟧` says so.
    """
    same = pc.equal(pc.binary_join_element_wise(text(f"{entry}:"), values, text("")), owners)
    shown = pc.if_else(pc.and_(mask, pc.fill_null(same, False)), pa.scalar(None, TEXT), shown)
    return pc.if_else(pc.and_(mask, pc.is_null(values)), text(NOTHING), shown)


def joined(parts: Sequence[Any], separator: str, nothing: str = "") -> Any:
    """Join columns row by row without their NULLs; `nothing` where a row has only NULLs.

    Arrow drops such rows from its result (seen in 26.0), so that each row gets something that is not NULL before.
    """
    empty = reduce(pc.and_, [pc.is_null(part) for part in parts])
    first = pc.if_else(empty, text(nothing), parts[0]) if pc.any(empty).as_py() else parts[0]
    return pc.binary_join_element_wise(first, *parts[1:], text(separator), null_handling="skip")


def grouped(values: Any, counts: np.ndarray[Any, np.dtype[np.int64]], separator: str) -> Any:
    """Join values group by group; `counts` says how many stand in each of the groups that follow each other."""
    offsets = np.concatenate(([0], np.cumsum(counts)))
    return pc.binary_join(
        pa.LargeListArray.from_arrays(pa.array(offsets, pa.int64()), values),
        text(separator),
    )
