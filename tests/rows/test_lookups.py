"""Which of several rows of a key counts: by numbers, dates or texts, and never by the order in which they came."""

from __future__ import annotations

from typing import Literal

import pyarrow as pa
import pytest
from hypothesis import given, settings, strategies as st

from etl.dates import DateForm
from etl.rows.lookups import Order, lookup_of, several_of
from etl.rows.places import TEXT
from tests.profiles import examples

PLACES = st.sampled_from([None, "", " ", "2", "10", "-1", "1,5", "2020-01-01", "abc", "31.12.2019"])


@pytest.mark.parametrize(
    ("places", "form", "order"),
    [
        (["10", "2", None, "-3", "1,5"], None, ["-3", "1,5", "2", "10", None]),
        (["b", "10", "a", " "], None, ["10", "a", "b", " "]),
        (["2020-01-02", None, "2019-12-31"], None, ["2019-12-31", "2020-01-02", None]),
        (["31.12.2020", "soon", "01.02.2021"], DateForm(("%d.%m.%Y",)), ["31.12.2020", "01.02.2021", "soon"]),
    ],
)
def test_values_come_in_order(places: list[str | None], form: DateForm | None, order: list[str | None]) -> None:
    """Numbers by size, then texts, then what has no place; the last one is the greatest that has one."""
    keys, values = pa.array(["k"] * len(places), TEXT), pa.array([str(place) for place in places], TEXT)
    by = Order(pa.array(places, TEXT), form)

    assert several_of(keys, values, (by,)).values.to_pylist() == list(map(str, order))
    last = lookup_of(keys, {"value": values}, (by,), "last").columns["value"].to_pylist()
    assert last == [[str(place) for place in order if place not in (None, " ", "soon")][-1]]


@given(rows=st.lists(st.tuples(st.sampled_from("ab"), PLACES, PLACES), max_size=8), data=st.data())
@settings(max_examples=examples(50))
def test_the_order_in_which_rows_come_changes_nothing(
    rows: list[tuple[str, str | None, str | None]], data: st.DataObject
) -> None:
    """The same row counts, whichever of several it is that counts, and links come in one order."""
    mixed = data.draw(st.permutations(rows))
    take: Literal["first", "last", "all"] = data.draw(st.sampled_from(["first", "last", "all"]))
    descending = data.draw(st.booleans())

    def looked_up(some: list[tuple[str, str | None, str | None]]) -> object:
        keys, places, values = (pa.array([row[n] for row in some], TEXT) for n in range(3))
        by = (Order(places, descending=descending),)
        once, several = lookup_of(keys, {"value": values}, by, take), several_of(keys, values, by)
        return once.keys.to_pylist(), once.columns["value"].to_pylist(), several.values.to_pylist()

    assert looked_up(rows) == looked_up(mixed)
