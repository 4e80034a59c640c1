"""Read dates from text: ISO 8601 or the one format that the config declares, never a guess."""

from __future__ import annotations

import datetime as dt

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

UNREADABLE = np.iinfo(np.int32).min
"""What stands for a date that is missing or cannot be read."""

ISO = r"^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?: ?(?:Z|[+-]\d{2}(?::?\d{2})?))?)?$"


def read_dates(values: pa.Array | pa.ChunkedArray, format: str | None = None) -> npt.NDArray[np.int32]:
    """Read each text as a date.

    values: text, nulls allowed. format: in the words of `datetime.strptime`; without it ISO 8601, with or without a
    time of day, whose date part counts.
    Returns days as proleptic ordinals (`date.toordinal`), UNREADABLE for null and for all that is no date.
    """
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    if format is None:
        values = pc.if_else(pc.match_substring_regex(values, ISO), pc.utf8_slice_codeunits(values, 0, 10), None)
    distinct = pc.dictionary_encode(values)
    days = np.array([_day(text, format) for text in distinct.dictionary.to_pylist()] + [UNREADABLE], dtype=np.int32)
    places: npt.NDArray[np.intp] = distinct.indices.fill_null(len(days) - 1).to_numpy(zero_copy_only=False)
    return days[places]


def _day(text: str, format: str | None) -> int:
    try:
        if format is None:
            return dt.date.fromisoformat(text).toordinal()
        return dt.datetime.strptime(text, format).toordinal()  # noqa: DTZ007 - the day counts as it is written
    except ValueError:
        return int(UNREADABLE)
