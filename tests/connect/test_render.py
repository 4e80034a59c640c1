"""The fixed rules from values to text."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, strategies as st

from etl.connect import render
from etl.connect.source import TEXT

from .reading import keep

PLAIN = st.characters(exclude_categories=["Cs"])
BERLIN = dt.timezone(dt.timedelta(hours=2))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(PLAIN),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(PLAIN), inner, max_size=4),
    max_leaves=12,
)


@given(st.lists(st.none() | st.text(PLAIN, min_size=1)))
def test_text_is_never_changed(values: list[str | None]) -> None:
    """Text is as it is, every character of it."""
    assert render.column(values, keep).texts.to_pylist() == values


@given(st.lists(st.none() | st.text(), min_size=1))
def test_lone_surrogates_are_shown_and_named(values: list[str | None]) -> None:
    """A text that is no valid Unicode is escaped, and exactly its rows are named."""
    rendered = render.column(values, keep)
    invalid = [at for at, value in enumerate(values) if value and any("\ud800" <= c <= "\udfff" for c in value)]

    assert rendered.invalid == invalid
    assert all(rendered.texts[at].as_py() == (v or None) for at, v in enumerate(values) if at not in invalid)


@given(st.lists(st.none() | st.integers()))
def test_whole_numbers_are_their_digits(values: list[int | None]) -> None:
    """A number of any size keeps all of its digits."""
    assert render.column(values, keep).texts.to_pylist() == [None if v is None else str(v) for v in values]


@given(st.floats())
def test_floating_point_comes_back(value: float) -> None:
    """The text of a floating point number gives the same number again."""
    assert repr(float(render.text(value, keep) or "")) == repr(value)


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_decimals_are_exact(value: Decimal) -> None:
    """A decimal keeps its value and has no exponent."""
    text = render.text(value, keep) or ""

    assert Decimal(text) == value
    assert "E" not in text.upper()


@given(st.datetimes(min_value=dt.datetime(1000, 1, 1)), st.booleans())  # noqa: DTZ001
def test_dates_from_servers_and_from_python_look_alike(value: dt.datetime, zone: bool) -> None:
    """A date with a time has one spelling, whichever way it came."""
    aware = value.replace(tzinfo=dt.UTC) if zone else value
    server = value.isoformat(" ").rstrip("0") if value.microsecond else value.isoformat(" ")
    served = render.datetimes(pa.array([server + ("+00" if zone else "")], TEXT))

    assert served.to_pylist() == [render.text(aware, keep)] == [aware.isoformat()]


@given(json_values)
def test_json_is_canonical(value: Any) -> None:
    """Any spelling of the same JSON is one text, which says the same."""
    text = render.json_text(json.dumps(value, indent=3), keep)

    assert json.loads(text) == value
    assert text == render.json_text(json.dumps(json.loads(text), ensure_ascii=False), keep)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (Decimal("12.50"), "12.50"),
        (Decimal("1E+3"), "1000"),
        (5.0, "5.0"),
        (1e20, "1e+20"),
        (dt.date(2026, 11, 1), "2026-11-01"),
        (dt.datetime(2026, 11, 1, 9, 30), "2026-11-01T09:30:00"),  # noqa: DTZ001
        (dt.datetime(2026, 11, 1, 9, 30, tzinfo=BERLIN), "2026-11-01T07:30:00+00:00"),
        (dt.datetime(1, 1, 1, tzinfo=BERLIN), "0001-01-01T00:00:00+02:00"),
        (dt.time(9, 30), "09:30:00"),
        (dt.timedelta(days=1, hours=2, milliseconds=1500), "P1DT2H1.5S"),
        (dt.timedelta(days=-1), "-P1D"),
        (dt.timedelta(), "PT0S"),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ({"b": [1, None, "ä"], "a": Decimal("1.50")}, '{"a":"1.50","b":[1,null,"ä"]}'),
        ((1, float("nan")), '[1,"nan"]'),
        (b"\x00", keep(b"\x00")),
        (bytearray(), None),
        (None, None),
    ],
)
def test_the_rules(value: object, text: str | None) -> None:
    """Each type has one rule."""
    assert render.text(value, keep) == text


@pytest.mark.parametrize(
    ("served", "text"),
    [
        ("2026-11-01 09:30:00.123456789", "2026-11-01T09:30:00.123456789"),
        ("2026-11-01 09:30:00.000000001Z", "2026-11-01T09:30:00.000000001+00:00"),
        ("2026-11-01 09:30:00.120000000", "2026-11-01T09:30:00.120000"),
        ("2026-11-01 09:30:00.000", "2026-11-01T09:30:00"),
        ("infinity", "infinity"),
        ("0044-03-15 12:00:00 BC", "0044-03-15 12:00:00 BC"),
        ("20000-01-01 00:00:00", "20000-01-01 00:00:00"),
    ],
)
def test_dates_as_servers_spell_them(served: str, text: str) -> None:
    """Fractions have six or nine digits; what ISO 8601 has no four-digit year for stays as it is."""
    assert render.datetimes(pa.array([served], TEXT)).to_pylist() == [text]


def test_json_that_is_nested_too_deep_stays_as_it_is() -> None:
    """One odd value stops nothing."""
    deep = "[" * 100_000 + "]" * 100_000

    assert render.json_text(deep, keep) == deep
    assert render.json_text("no json", keep) == "no json"


def test_json_keeps_what_python_would_lose() -> None:
    """Numbers keep their spelling, a key that stands twice stands twice, and half a pair stays escaped."""
    assert render.json_text(r'{"n": 1.0, "a": 1E5, "a": "\ud800"}', keep) == r'{"a":1E5,"a":"\ud800","n":1.0}'
