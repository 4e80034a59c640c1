"""Which columns hold amounts: these name no rows, whatever keys they meet."""

from __future__ import annotations

import pyarrow.compute as pc

from etl.profile.model import Column
from etl.profile.names import kinds_of

MONEY = r"^\s*(?:[\pL\p{Sc}]{1,3}\s?)?[+-]?\s?[0-9][0-9.,'’\s]*[.,](?:[0-9]{2}|[1-9])\s?-?(?:\s?[\pL\p{Sc}%]{1,3})?\s*$"
"""A number with a fraction; `12.0` is none, as programs write numbers of records that way."""
MOSTLY = 0.5


def is_amount(column: Column) -> bool:
    """Whether a column holds amounts, by its name or because most of its values have a fraction; words are none."""
    is_called_so = kinds_of(column.name).get("amount", 0) >= 60
    return (is_called_so and not _holds_words(column)) or has_fractions(column)


def _holds_words(column: Column) -> bool:
    """Whether hardly any value has a digit: a `Vorhaben` is no `Haben`."""
    digits = pc.match_substring_regex(column.values, r"\d")
    return bool(column.filled) and int(pc.sum(digits).as_py() or 0) < MOSTLY * len(column.values)


def has_fractions(column: Column) -> bool:
    """Whether most of a column's values are numbers with a fraction."""
    if column.dates or not len(column.values):
        return False
    alike = pc.match_substring_regex(column.values, MONEY)
    return int(pc.sum(alike).as_py() or 0) > MOSTLY * len(column.values)
