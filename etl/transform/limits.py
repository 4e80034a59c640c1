"""What the target's fields can hold: a lead that does not fit is not written, and nothing is ever cut."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, Protocol

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from etl.transform.arrow_text import arrow, column

COLUMNS = ["lead", "field", "length", "limit", "reason"]


class FieldLimit(Protocol):
    """What the target can hold in one field."""

    @property
    def length(self) -> int | None:
        """The longest text, counted in `unit`; None without a limit."""

    @property
    def unit(self) -> Literal["characters", "bytes"]:
        """What the length counts."""

    @property
    def required(self) -> bool:
        """Whether it cannot be empty."""

    @property
    def without(self) -> str:
        """The characters that it cannot hold."""

    @property
    def kind(self) -> str:
        """What it holds."""

    @property
    def choices(self) -> Mapping[str, str] | None:
        """What may be written, casefolded -> what the target has for it; None for any text."""


def settled(leads: pd.DataFrame, limits: Mapping[str, FieldLimit | None]) -> pd.DataFrame:
    """The leads in the target's own words, where it has words of its own: what names a record, and websites.

    leads: index = lead key. A text that names no record stays as it is; `blocked` finds it.
    """
    for field, limit in limits.items():
        if limit is None or field not in leads:
            continue
        if limit.choices is not None:
            array = arrow(leads[field]).dictionary_encode()
            known = [limit.choices.get(name.casefold().strip(), name) for name in array.dictionary.to_pylist()]
            leads[field] = column(pa.array(known, pa.large_string()).take(array.indices), leads.index)
        if limit.kind == "website":
            leads[field] = column(_with_scheme(arrow(leads[field])), leads.index)
    return leads


def _with_scheme(websites: pa.Array) -> pa.Array:
    """Websites as Odoo stores them (`res.partner._clean_website`): one without a scheme gets `http://`."""
    bare = pc.invert(pc.match_substring_regex(websites, r"^[A-Za-z][A-Za-z0-9+.-]*:(?:[^0-9]|.*[^0-9])"))
    slashes = pc.if_else(pc.starts_with(websites, "//"), "http:", "http://")
    joined = pc.binary_join_element_wise(slashes.cast(pa.large_string()), websites, pa.scalar("", pa.large_string()))
    return pc.if_else(pc.and_(bare, pc.is_valid(websites)), joined, websites)


def blocked(leads: pd.DataFrame, limits: Mapping[str, FieldLimit | None]) -> pd.DataFrame:
    """Find the leads that the target cannot hold as they are.

    leads: index = lead key; its text columns are held against `limits`; a column without a limit fits. One with the
    limit None is of any length: so is the note where the target takes it in parts.
    Returns columns lead, field (str), length, limit (Int64, in the field's unit, limit NA where length is not what
    blocks) and reason: `too long`, `characters` (it has some that the field cannot hold), `empty` (it is required) or
    `unknown` (it names a record that the target has not).
    """
    rows: list[tuple[str, str, int, int | None, str]] = []
    for field, values in leads.items():
        limit = limits.get(str(field))
        if limit is not None and isinstance(values.dtype, pd.StringDtype):
            rows += _of_field(str(field), values, limit)
    frame = pd.DataFrame(rows, columns=COLUMNS)
    frame = frame.astype({"lead": "str", "field": "str", "length": "Int64", "limit": "Int64", "reason": "str"})
    return frame.sort_values(["lead", "field", "reason"], ignore_index=True)


def _of_field(field: str, values: pd.Series[Any], limit: FieldLimit) -> Iterator[tuple[str, str, int, int | None, str]]:
    array = arrow(values)
    lengths = pc.fill_null(pc.utf8_length(array) if limit.unit == "characters" else pc.binary_length(array), 0)
    reasons = {}
    if limit.length is not None:
        reasons["too long"] = pc.greater(lengths, limit.length)
    if limit.without:
        reasons["characters"] = pc.fill_null(_has_one_of(array, limit.without), False)
    if limit.choices is not None:
        known = pa.array(set(limit.choices.values()), pa.large_string())
        reasons["unknown"] = pc.and_(pc.is_valid(array), pc.invert(pc.is_in(array, value_set=known)))
    if limit.required:
        reasons["empty"] = pc.equal(lengths, 0)
    for reason, mask in reasons.items():
        for row in pc.indices_nonzero(mask).to_pylist():
            longest = limit.length if reason == "too long" else None
            yield str(values.index[row]), field, lengths[row].as_py(), longest, reason


def _has_one_of(array: pa.Array, characters: str) -> pa.Array:
    holds = pa.array([False] * len(array), pa.bool_())
    for character in characters:
        holds = pc.or_kleene(holds, pc.match_substring(array, character))
    return holds
