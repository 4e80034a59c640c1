"""The fixed rules by which a typed value becomes text, whatever database or file it comes from.

| value                      | text                                                                            |
|----------------------------|---------------------------------------------------------------------------------|
| text                       | as it is, every character of it                                                 |
| NULL, the empty text       | missing                                                                         |
| whole number               | its digits: `7`                                                                 |
| decimal                    | exact, never with an exponent, trailing zeros as in the source: `12.50`         |
| binary floating point      | the shortest text that gives the same number again: `0.1`, `5.0`, `1e+20`       |
| truth value                | `true`, `false`; MySQL's and MariaDB's tinyint is a number                      |
| date                       | `2026-11-01`                                                                    |
| date and time              | `2026-11-01T09:30:00`; a fraction has six digits, nine where it needs them      |
| the same with a zone       | in UTC: `2026-11-01T08:30:00+00:00`                                             |
| time                       | `09:30:00`, with its offset if it has one: `09:30:00+02:00`                     |
| span of time               | ISO 8601: `P1DT2H30M`, `PT0S`                                                   |
| UUID                       | `6fa459ea-ee8a-3ca4-894e-db77e160355e`                                          |
| JSON, array, struct, map   | canonical JSON: keys sorted, no blanks, no character escaped that need not be,  |
|                            | numbers as they were spelled                                                    |
| binary                     | put away as an attachment; the text names file, size and hash                   |
| anything else              | as the server spells it                                                         |

What ISO 8601 has no four-digit year for (`infinity`, `0044-03-15 BC`, year 20000) and MySQL's zero dates keep the
server's spelling. Text that is no valid Unicode shows its bytes as `\\xNN`, and its row gets a fault.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from types import NoneType
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from etl.connect.source import TEXT, Keep

SURROGATE = re.compile("[\ud800-\udfff]")


class Number(str):
    """A number in JSON, as it was spelled."""

    __slots__ = ()


class Pairs(list[tuple[str, Any]]):
    """An object in JSON; a list, so that a key that stands twice is not lost."""


@dataclass(frozen=True)
class Rendered:
    """One column as text. invalid: the rows, from 0, whose text was no valid Unicode and is shown escaped."""

    texts: pa.Array
    invalid: list[int] = field(default_factory=list)


def column(values: Sequence[Any], keep: Keep) -> Rendered:
    """Render a column of Python values; pure text and whole numbers never pass through Python one by one."""
    kinds = set(map(type, values)) - {NoneType}
    if kinds == {int}:
        try:
            return Rendered(pa.array(values, pa.int64()).cast(TEXT))
        except (OverflowError, pa.ArrowInvalid):
            pass  # numbers over 64 bits
    if not kinds <= {str}:
        values = [text(value, keep) for value in values]
    return strings(values)


def strings(values: Sequence[str | None]) -> Rendered:
    """Bring a column of text to Arrow; the empty text is missing."""
    try:
        return Rendered(without_empty(pa.array(values, TEXT)))
    except UnicodeEncodeError:
        invalid = [row for row, value in enumerate(values) if value is not None and SURROGATE.search(value)]
        return Rendered(without_empty(pa.array([value and escaped(value) for value in values], TEXT)), invalid)


def without_empty(texts: pa.Array) -> pa.Array:
    """Make the empty text null."""
    empty = pc.equal(texts, pa.scalar("", texts.type))
    if pc.any(empty).as_py():
        return pc.if_else(empty, pa.scalar(None, texts.type), texts)
    return texts


def text(value: Any, keep: Keep) -> str | None:
    """Render one Python value by the fixed rules; None is missing."""
    match value:
        case None | str():
            return value
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return repr(float(value))
        case Decimal():
            return format(value, "f")
        case bytes() | bytearray() | memoryview():
            return keep(bytes(value)) if len(value) else None
        case dt.datetime():
            return _datetime(value)
        case dt.date() | dt.time():
            return value.isoformat()
        case dt.timedelta():
            return duration(value // dt.timedelta(microseconds=1) * 1000)
        case dict() | list() | tuple() | set() | frozenset():
            return canonical(value, keep)
    return str(value)


def _datetime(value: dt.datetime) -> str:
    if value.tzinfo is not None:
        with suppress(OverflowError):  # the first and the last day that Python has: shown with its own offset
            value = value.astimezone(dt.UTC)
    return value.isoformat()


def duration(nanoseconds: int) -> str:
    """Render a span of time in ISO 8601: `-P1DT2H3M4.5S`."""
    sign = "-" if nanoseconds < 0 else ""
    seconds, fraction = divmod(abs(nanoseconds), 10**9)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    shown = f"{seconds}.{fraction:09}".rstrip("0").rstrip(".") if fraction else f"{seconds}"
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "") + (f"{shown}S" if shown != "0" else "")
    date = f"{days}D" if days else ""
    return f"{sign}P{date}T{clock}" if clock else f"{sign}P{date}" if date else "PT0S"


def escaped(value: str) -> str:
    """Show what is no valid Unicode: a byte that could not be decoded as `\\xNN`, a lone surrogate as `\\udNNN`."""

    def show(character: re.Match[str]) -> str:
        code = ord(character[0])
        return f"\\x{code - 0xDC00:02x}" if 0xDC00 <= code <= 0xDCFF else f"\\u{code:04x}"

    return SURROGATE.sub(show, value)


def canonical(value: Any, keep: Keep) -> str:
    """Write a structure as canonical JSON; what JSON has no type for stands as its text."""
    match value:
        case Number():
            return str(value)
        case None:
            return "null"
        case bool() | int():
            return text(value, keep) or ""
        case float() if value - value == 0:
            return repr(float(value))
        case Pairs():
            return _object(value, keep)
        case dict():
            return _object(((text(key, keep) or "", inner) for key, inner in value.items()), keep)
        case list() | tuple():
            return "[" + ",".join(canonical(inner, keep) for inner in value) + "]"
        case set() | frozenset():
            return "[" + ",".join(sorted(canonical(inner, keep) for inner in value)) + "]"
    return _quoted(text(value, keep) or "")


def _object(pairs: Iterable[tuple[str, Any]], keep: Keep) -> str:
    ordered = sorted(pairs, key=lambda pair: pair[0])
    return "{" + ",".join(f"{_quoted(key)}:{canonical(inner, keep)}" for key, inner in ordered) + "}"


def _quoted(value: str) -> str:
    """Write a JSON string; only a lone surrogate, which no text can hold, makes it all ASCII."""
    return json.dumps(value, ensure_ascii=SURROGATE.search(value) is not None)


def parsed(value: str) -> Any:
    """Read JSON so that `canonical` loses nothing of it: numbers as spelled, keys that stand twice."""
    return json.loads(value, parse_int=Number, parse_float=Number, object_pairs_hook=Pairs)


def json_text(value: str, keep: Keep) -> str:
    """Bring JSON text to its canonical form; what cannot be read as JSON, or is nested too deep, stays as it is."""
    try:
        return canonical(parsed(value), keep)
    except (ValueError, RecursionError):
        return value


def mapped(values: Sequence[str | None], rule: Callable[[str], str]) -> Rendered:
    """Apply a rule to each text of a column."""
    return strings([None if value is None else rule(value) for value in values])


def datetimes(texts: pa.Array) -> pa.Array:
    """Bring dates with times as servers and Arrow spell them, those with a zone in UTC, to the fixed rule."""
    day, clock = r"^(\d{4}-\d\d-\d\d)[ T]", r"(\d\d:\d\d:\d\d(?:\.\d+)?)"
    texts = pc.replace_substring_regex(texts, f"{day}{clock}$", r"\1T\2")
    texts = pc.replace_substring_regex(texts, rf"{day}{clock}(?:Z|\+00(?::?00)?)$", r"\1T\2+00:00")
    return fractions(texts)


def times(texts: pa.Array) -> pa.Array:
    """Bring times of day, perhaps with an offset, to the fixed rule."""
    return fractions(pc.replace_substring_regex(texts, r"^(\d\d:\d\d:\d\d(?:\.\d+)?[+-]\d\d)$", r"\1:00"))


def fractions(texts: pa.Array) -> pa.Array:
    """Give fractions of a second six digits, more where they need them, and none where they are zero."""
    if not pc.any(pc.match_substring(texts, ".")).as_py():
        return texts
    texts = pc.replace_substring_regex(texts, r"(:\d\d\.\d+)", r"\100000")
    texts = pc.replace_substring_regex(texts, r"(:\d\d\.\d{6}(?:\d*[1-9])?)0*", r"\1")
    return pc.replace_substring_regex(texts, r"\.000000([^\d]|$)", r"\1")


def floats(values: Sequence[str | None]) -> Rendered:
    """Bring floating point numbers as servers spell them to the shortest text that gives the same number again."""
    return mapped(values, lambda value: repr(float(value)))
