"""Columns of dates that put rows in order: the values in them that cannot be read, and the formats that read them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.config.dates import DateColumn
from etl.dates import ISO_DATES, NO_MOMENT, DateForm, read_moments
from etl.rows.conditions import Asked, Mask, count_near

FIRST = 100
"""So many texts show of nearly all formats that they do not read a column."""

Values = Callable[[], Iterator[pa.Array | pa.ChunkedArray]]

SURE = (
    r"^[1-9][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])"
    r"([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.,][0-9]{1,9})?)?)?$"
)
"""Texts that are ISO dates for certain: no other one is looked at on its own."""

PARTS = {
    "%d": "(0?[1-9]|[12][0-9]|3[01])",
    "%m": "(0?[1-9]|1[0-2])",
    "%b": "(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)",
    "%B": "(January|February|March|April|May|June|July|August|September|October|November|December)",
    "%Y": "[0-9]{4}",
    "%y": "[0-9]{2}",
    "%H": "([01]?[0-9]|2[0-3])",
    "%I": "(0?[1-9]|1[0-2])",
    "%M": "[0-5]?[0-9]",
    "%S": "[0-5]?[0-9]",
    "%p": "(?i:AM|PM)",
}
DAYS = (
    *("%d.%m.%Y %d.%m.%y %m/%d/%Y %d/%m/%Y %m/%d/%y %d/%m/%y %d-%m-%Y %m-%d-%Y %Y-%m-%d %Y/%m/%d %Y.%m.%d".split()),
    *("%d %b %Y|%b %d %Y|%b %d, %Y|%d %B %Y|%B %d %Y|%B %d, %Y|%d-%b-%Y|%d-%b-%y".split("|")),
)
TIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
LIKE = (
    r"(?i)^\s*([a-z]{2,9}[.,]? *)?([0-9]{1,4}[./-][0-9]{1,2}[./-][0-9]{2,4}([^0-9]|$)"
    r"|[0-9]{1,2}[. -]+(jan|feb|mar|mär|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez)"
    r"|(jan|feb|mar|mär|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez)[a-zä]*[. ]+[0-9]{1,2}[., ])"
)
"""What people would call a date, read or not."""


def ask_dates(asked: Asked, by: DateColumn, values: Values, *, surely: bool) -> None:
    """Count the values of a column that put no row in order because they are no dates as the config has them.

    values: gives them a part at a time, whenever it is called. surely: whether they must be dates; if not, and without
    a form of their own, a column of which less than half is like dates has numbers or words.
    """
    filled = dates = 0
    for part in values():
        words, counts = _distinct(part)
        read = readable(words, by.form)
        like = read.copy()
        like[~read] = _like(words.filter(pa.array(~read)))
        filled, dates = filled + int(counts.sum()), dates + int(counts[like].sum())
        count_near(asked, words, counts, ~read)
    if not surely and by.form == ISO_DATES and 2 * dates < filled:
        asked.forget()
    elif asked.near:
        asked.formats = _formats(values)


def unread(values: pa.Array, form: DateForm) -> pa.Array:
    """The values that are no dates in a form, each once."""
    words, _ = _distinct(values)
    return words.filter(pa.array(~readable(words, form)))


def readable(values: pa.Array, form: DateForm) -> Mask:
    """Which texts are dates in a form."""
    if form.formats or form.epoch or form.excel:
        return np.not_equal(read_moments(values, form), NO_MOMENT)
    sure = np.asarray(pc.match_substring_regex(values, SURE))
    sure[~sure] = read_moments(values.filter(pa.array(~sure)), form) != NO_MOMENT
    return sure


def _distinct(values: pa.Array | pa.ChunkedArray) -> tuple[pa.Array, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Each value that is there once, and how many rows have it."""
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    counted = pc.value_counts(values.drop_null())
    return counted.field(0), np.asarray(counted.field(1))


def _like(words: pa.Array) -> Mask:
    like: Mask = np.asarray(pc.match_substring_regex(words, LIKE))
    return like


def _formats(values: Values) -> tuple[str, ...]:
    """The usual formats each of which reads all values."""
    left = {day + time: shape(day + time) for day, time in itertools.product(DAYS, TIMES)}
    for part in values():
        words, _ = _distinct(part)
        for some in (words.slice(0, FIRST), words.slice(FIRST)):
            left = {written: pattern for written, pattern in left.items() if _all_match(some, pattern)}
        if not left:
            break
    return tuple(left)


def _all_match(words: pa.Array, pattern: str) -> bool:
    return bool(pc.all(pc.match_substring_regex(words, pattern), min_count=0).as_py())


def shape(written: str) -> str:
    """The pattern of the texts that a format reads."""
    return "^" + re.sub("%.", lambda match: PARTS[match[0]], written.replace(".", "[.]")) + "$"
