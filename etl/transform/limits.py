"""What the target's fields can hold: a lead that does not fit is not written, and nothing is ever cut."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Iterator, Mapping
from decimal import ROUND_DOWN, Decimal
from typing import Any, Literal, Protocol

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from etl.model import Severity
from etl.texts import stored
from etl.transform.arrow_text import arrow, column
from etl.transform.quality.emails import is_valid
from etl.transform.quality.findings import Finding, table

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
    def charset(self) -> str | None:
        """The codec of the characters that it can hold, `bmp` for those below U+10000; None for all."""

    @property
    def form(self) -> str | None:
        """What a text must look like: a key of FORMS; None for anything."""

    @property
    def least(self) -> int | None:
        """The least number; None without one."""

    @property
    def most(self) -> int | None:
        """The greatest number; None without one."""

    @property
    def digits(self) -> int | None:
        """How many digits a number can have after the point; None for any."""

    @property
    def stands_in(self) -> str | None:
        """What an empty value is there; None where it stays empty."""

    @property
    def choices(self) -> Mapping[str, str] | None:
        """What may be written, casefolded -> what the target has for it; None for any text."""


def settled(leads: pd.DataFrame, limits: Mapping[str, FieldLimit | None]) -> pd.DataFrame:
    """The leads in the target's own words, where it has words of its own: what names a record, websites, and what
    stands in for an empty value where a field is never empty.

    leads: index = lead key. A text that names no record stays as it is; `blocked` finds it.
    """
    for field, limit in limits.items():
        if limit is None or field not in leads:
            continue
        if limit.choices is not None:
            array = arrow(leads[field]).dictionary_encode()
            own = set(limit.choices.values())
            known = [
                name if name in own else limit.choices.get(name.casefold().strip(), name)
                for name in array.dictionary.to_pylist()
            ]
            leads[field] = column(pa.array(known, pa.large_string()).take(array.indices), leads.index)
        if limit.kind == "website":
            leads[field] = column(_with_scheme(arrow(leads[field])), leads.index)
        if limit.stands_in is not None:
            leads[field] = column(pc.fill_null(arrow(leads[field]), limit.stands_in), leads.index)
    return leads


def with_defaults(
    leads: pd.DataFrame, limits: Mapping[str, FieldLimit | None], defaults: Mapping[str, str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give fields that name a record which the target does not have their default, and say so.

    leads: as `settled` gives them. defaults: field -> what the config says for values without a better one. Returns the
    leads, and a finding for each value that was replaced.
    """
    findings: list[Finding] = []
    for field, default in defaults.items():
        limit = limits.get(field)
        if limit is None or limit.choices is None or field not in leads:
            continue
        array, stands = arrow(leads[field]), limit.choices.get(default.casefold().strip(), default) or None
        unknown = _unknown(array, limit.choices)
        message = (
            stored("is not known to the target, so the default {name} is used", name=stands)
            if stands
            else stored("is not known to the target, so it is left empty")
        )
        for row in pc.indices_nonzero(unknown).to_pylist():
            lead = str(leads.index[row])
            findings.append(
                Finding(lead, lead, "unknown", Severity.WARNING, field, array[row].as_py(), stands, message)
            )
        leads[field] = column(pc.if_else(unknown, pa.scalar(stands, pa.large_string()), array), leads.index)
    return leads, table(findings)


def _unknown(array: pa.Array, choices: Mapping[str, str]) -> pa.Array:
    known = pa.array(set(choices.values()), pa.large_string())
    return pc.and_(pc.is_valid(array), pc.invert(pc.is_in(array, value_set=known)))


def unfit(text: str, limit: FieldLimit) -> str | None:
    """Why a field cannot hold a text, in words; None where it can."""
    leads = pd.DataFrame({"it": pd.array([text], dtype="str")}, index=[""])
    reasons = blocked(leads, {"it": limit})["reason"].tolist()
    return WORDS[reasons[0]] if reasons else None


WORDS = {
    "too long": "it is too long",
    "characters": "it has characters that the column cannot hold",
    "empty": "it is empty",
    "unknown": "it is none of those that the column can name",
    "form": "it is nothing that a column of this type holds",
}
"""The reasons of `blocked`, of a value in the config."""


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
    blocks) and reason: `too long`, `characters` (it has some that the field cannot hold), `empty` (it is required),
    `unknown` (it names a record that the target has not) or `form` (it is no number or date as the field holds them).
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
        reasons["characters"] = pc.fill_null(_has_one_of(array, limit.without, limit.kind), False)
    if limit.charset is not None:
        beyond = _each(array, lambda text: not text.isascii() and not _encodable(text, limit.charset or ""))
        reasons["characters"] = pc.or_(reasons["characters"], beyond) if limit.without else beyond
    if limit.form is not None:
        reasons["form"] = _each(array, lambda text: not _has_form(text, limit))
    if limit.choices is not None:
        reasons["unknown"] = _unknown(array, limit.choices)
    if limit.required:
        reasons["empty"] = pc.equal(lengths, 0)
    for reason, mask in reasons.items():
        for row in pc.indices_nonzero(mask).to_pylist():
            longest = limit.length if reason == "too long" else None
            yield str(values.index[row]), field, lengths[row].as_py(), longest, reason


def _each(array: pa.Array, holds: Callable[[str], bool]) -> pa.Array:
    """Ask each distinct text; False where it is empty."""
    encoded = array.dictionary_encode()
    answers = pa.array([holds(text) for text in encoded.dictionary.to_pylist()], pa.bool_())
    return pc.fill_null(answers.take(encoded.indices), False)


def _encodable(text: str, charset: str) -> bool:
    if charset == "bmp":
        return max(text) < "\U00010000"
    try:
        text.encode(charset)
    except UnicodeEncodeError:
        return False
    return True


def _has_form(text: str, limit: FieldLimit) -> bool:
    """Whether a server takes a text for a number, date or flag, and gives it back unchanged in value."""
    try:
        FORMS[limit.form or ""](text)
    except ValueError:
        return False
    if limit.form not in ("integer", "decimal"):
        return True
    number = Decimal(text)
    whole = number.to_integral_value(ROUND_DOWN)
    exponent = number.normalize().as_tuple().exponent
    digits = -exponent if isinstance(exponent, int) else 0
    return (
        (limit.least is None or whole >= limit.least)
        and (limit.most is None or whole <= limit.most)
        and (limit.digits is None or digits <= limit.digits)
    )


def _email(text: str) -> None:
    if not is_valid(text):
        raise ValueError(text)


def _integer(text: str) -> None:
    if not re.fullmatch(r"[+-]?[0-9]{1,40}", text):
        raise ValueError(text)


def _decimal(text: str) -> None:
    if not re.fullmatch(r"[+-]?([0-9]{1,400}(\.[0-9]{0,400})?|\.[0-9]{1,400})", text):
        raise ValueError(text)


def _flag(text: str) -> None:
    if text.lower() not in ("0", "1", "true", "false"):
        raise ValueError(text)


FORMS: Mapping[str, Callable[[str], object]] = {
    "integer": _integer,
    "decimal": _decimal,
    "boolean": _flag,
    "date": dt.date.fromisoformat,
    "datetime": dt.datetime.fromisoformat,
    "email": _email,
}
"""What raises ValueError for a text that has not the form."""


def _has_one_of(array: pa.Array, characters: str, kind: str) -> pa.Array:
    """Which texts have one of some characters; of lists, which of their values."""
    if kind == "json":
        return _each(array, lambda text: any(c in item for item in _items(text) for c in characters))
    holds = pa.array([False] * len(array), pa.bool_())
    for character in characters:
        holds = pc.or_kleene(holds, pc.match_substring(array, character))
    return holds


def _items(text: str) -> list[str]:
    """The values of a list; what is no list is its own only value."""
    try:
        items = json.loads(text)
    except ValueError:
        return [text]
    return [str(item) for item in items] if isinstance(items, list) else [text]
