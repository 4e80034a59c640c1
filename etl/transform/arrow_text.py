"""Columns of text between pandas and Arrow, and what counts as blank in a lead field."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

BLANKS = "".join(chr(code) for code in range(0x3001) if chr(code).isspace())
"""The characters that are cut off at both ends of a lead field: all that Python calls a space."""


def arrow(series: pd.Series[Any]) -> pa.Array:
    """A column of text as Arrow strings, in one piece, NA as null."""
    array = pa.array(series.values, from_pandas=True)  # of a series itself Arrow would index the labels first
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    return array if pa.types.is_large_string(array.type) else array.cast(pa.large_string())


def text(value: str | None) -> pa.Scalar:
    """One text as an Arrow string, None as null."""
    return pa.scalar(value, pa.large_string())


def texts(values: list[str | None]) -> pa.Array:
    """A list of texts as Arrow strings."""
    return pa.array(values, pa.large_string())


def column(values: pa.Array, index: pd.Index[Any]) -> pd.Series[Any]:
    """Arrow strings as a column of text with that index, null as NA."""
    return pd.Series(pd.array(values, dtype="str"), index=index)


def empty(length: int) -> pa.Array:
    """A column of text without a value."""
    return pa.nulls(length, pa.large_string())


def trimmed(values: pa.Array) -> pa.Array:
    """The texts without their outer blanks; null where nothing else is left."""
    cut = pc.utf8_trim(values, BLANKS)
    return pc.if_else(pc.equal(pc.binary_length(cut), 0), text(None), cut)


def keys(values: pa.Array) -> Any:
    """Arrow strings as a numpy array of str and None, for the few rows that are looked at one by one."""
    return values.to_numpy(zero_copy_only=False)
