"""Values that must be unique: of those that have one, the first lead is written and no other."""

from __future__ import annotations

import hypothesis.strategies as st
import pyarrow as pa
import pytest
from hypothesis import given, settings

from etl.connect.target import Unique
from etl.transform.unique import THERE, Taken, folded, taken_values
from tests.profiles import examples

TEXTS = st.none() | st.sampled_from(["a", "A", "ä", "a ", "b", "ß", "ss"])
FOLDS = st.frozensets(st.sampled_from(["case", "accents", "blanks"]))


def leads(**columns: list[str | None]) -> pa.Table:
    """Leads with these fields, none of which goes into a lead that is there."""
    count = len(next(iter(columns.values())))
    keys = [f"accounts:{number}" for number in range(count)]
    return pa.table({"lead": keys, "into": pa.nulls(count, pa.string()), **columns})


@settings(max_examples=examples(100))
@given(st.lists(TEXTS, max_size=8), st.lists(TEXTS, max_size=3), FOLDS)
def test_what_is_left_is_unique_and_nothing_else_is_taken(
    values: list[str | None], existing: list[str | None], folds: frozenset[str]
) -> None:
    """Whatever does not count; an empty value is like no other, and the holder that is named has the value."""
    unique = Unique(("email",), (folds,))
    taken = taken_values([leads(email=values)], [unique], [[pa.table({"email": pa.array(existing, pa.string())})]])
    keys = [None if value is None else folded(value, folds) for value in values]
    written = [key for number, key in enumerate(keys) if key is not None and f"accounts:{number}" not in taken]
    before = {folded(value, folds) for value in existing if value is not None}

    assert len(written) == len(set(written))
    assert not before & set(written)
    for lead, (_, holder) in taken.items():
        key = keys[int(lead.partition(":")[2])]
        assert key in before if holder == THERE else keys[int(holder.partition(":")[2])] == key


@pytest.mark.parametrize(
    ("cities", "empty", "expected"),
    [
        (["x", "y"], frozenset(), {}),
        (["x", "x"], frozenset(), {"accounts:1": Taken("email + city", "accounts:0")}),
        ([None, None], frozenset(), {}),
        ([None, None], frozenset({"city"}), {"accounts:1": Taken("email + city", "accounts:0")}),
    ],
)
def test_fields_that_are_unique_together(
    cities: list[str | None], empty: frozenset[str], expected: dict[str, Taken]
) -> None:
    """They are one value; an empty one counts where its column takes no NULL."""
    unique = Unique(("email", "city"), (frozenset(), frozenset()), empty)

    assert taken_values([leads(email=["a", "a"], city=cities)], [unique], [[]]) == expected


def test_a_lead_that_goes_into_another_needs_no_value_of_its_own() -> None:
    """It fills empty fields alone."""
    table = pa.table({"lead": ["accounts:0", "accounts:1"], "into": ["7", None], "email": ["a", "a"]})

    assert taken_values([table], [Unique(("email",), (frozenset(),))], [[]]) == {}
