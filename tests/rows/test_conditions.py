"""Conditions on rows: what holds, and what only looks alike."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, strategies as st

from etl.config import MatchList, single_tests
from etl.rows import answer, ask, gather
from etl.rows.conditions import MOST
from etl.rows.literals import folded, nearness


def where(condition: Any) -> object:
    """A condition as a config has it."""
    raw = {"url": "files:none", "from": "t", "key": "k", "where": condition, "identity": {"company": "n"}}
    return MatchList.model_validate(raw).where


def asked(condition: Any, *values: str | None) -> tuple[str, str]:
    """By place, for which values of the column `x` a condition holds, and which only look alike."""
    table = pa.table({"x": pa.array(values, pa.large_string())})
    rows = answer(table, where(condition))
    return tuple("".join(str(at) for at, yes in enumerate(mask) if yes) for mask in (rows.holds, rows.open))  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("condition", "values", "holds", "near"),
    [
        ({"x": "1"}, ["1", "TRUE", " 1", "1.0", "01", "ja", "x", "0", "2", None], "0", "123456"),
        ({"x": "ja"}, ["ja", "JA", "j", "yes", "wahr", "nein"], "0", "1234"),
        ({"x": "N"}, ["N", "n", "nein", "No", "false", "0", "J", "f"], "0", "12345"),
        ({"x": ["mm", "kb"]}, ["mm", "MM", "mm ", "kb", "km"], "03", "12"),
        ({"x": "Ä"}, ["Ä", "A\u0308", "ä", "A"], "0", "12"),
        ({"x": "1234"}, ["1234", "\uff11\uff12\uff13\uff14", "1234.00", "1,234", "12,34"], "0", "123"),
        ({"x": "1"}, ["1", "1,0", "1,00", "\ufeff1", "1\u200b", "-1", "1.000", "10"], "0", "123456"),
        ({"x": "1000"}, ["1000", "1.000", "1,000", "1", "1000,0"], "0", "124"),
        ({"x": "weiß"}, ["weiß", "WEISS", "Weiss", "weis", "we\u00adiß"], "0", "124"),
        ({"x": {"equals": "weiß", "fold": True}}, ["weiß", "WEISS", "won"], "01", ""),
        ({"x": {"matches": "weiß.*"}}, ["weiße", "WEISSE", "Weiße", "\ufeffweiße", "wei"], "0", "123"),
        ({"x": {"matches": "weiß.*", "fold": True}}, ["Weiße", "weiße\u200b", "wei"], "01", ""),
        ({"x": {"flag": True}}, ["-1", "1,0", "\ufeffja", "0,0", "-2"], "012", "4"),
        ({"x": "1.50"}, ["1.50", "1.5", "01.500", "15"], "0", "12"),
        ({"x": {"equals": "posted", "fold": True}}, ["posted", " POSTED ", "Posted", "post"], "012", ""),
        ({"x": {"equals": "1", "fold": True}}, ["1", " 1 ", "1.0", "yes"], "01", "23"),
        ({"x": {"equals": "AG", "fold": False}}, ["AG", "ag", " AG"], "0", ""),
        ({"x": {"matches": "Weiß|1"}}, ["1", "-1", "ja", "0"], "0", "12"),
        ({"x": {"matches": "inv-[0-9]+"}}, ["inv-1", "INV-1", " inv-1", "inv"], "0", "12"),
        ({"x": {"matches": "inv-[0-9]+", "fold": True}}, ["inv-1", "INV-1 ", "inv"], "01", ""),
        ({"x": {"empty": True}}, [None, "  ", "a"], "0", "1"),
        ({"x": {"empty": False}}, [None, "  ", "a"], "12", "1"),
        ({"x": {"flag": True}}, ["1", "Ja ", "0", "no", None, "vielleicht"], "01", "5"),
        ({"flag": "x"}, ["wahr", "falsch", "?"], "0", "2"),
        ({"not": {"column": "x", "equals": "a"}}, ["a", "A", "b", None], "123", "1"),
        ({"any": [{"column": "x", "equals": "a"}, {"column": "x", "equals": "b"}]}, ["a", "B", "c"], "0", "1"),
        ({"all": [{"column": "x", "empty": False}, {"column": "x", "equals": "a"}]}, ["a", "A", None], "0", "1"),
    ],
)
def test_what_only_looks_alike_is_told_from_what_is_another_value(
    condition: Any, values: list[str | None], holds: str, near: str
) -> None:
    """Case, blanks, Unicode form, number form and other words for the same truth look alike; nothing else does."""
    assert asked(condition, *values) == (holds, near)


def test_a_column_that_is_called_like_a_condition_is_a_column() -> None:
    """`where: {all: x}` asks the column all."""
    table = pa.table({"all": pa.array(["x", "y"], pa.large_string())})

    assert answer(table, where({"all": "x"})).holds.tolist() == [True, False]
    assert answer(table, where({"all": ["x", "y"]})).holds.tolist() == [True, True]


def test_where_refuses_what_only_a_record_can_be_asked() -> None:
    """A row of a table has no evidence of its own."""
    with pytest.raises(ValueError, match="begins with one of column, flag"):
        where({"any": [{"exists": "invoices", "of": {"accounts": "id"}}, {"column": "x", "equals": "1"}]})
    with pytest.raises(ValueError, match="remove of"):
        where({"all": [{"column": "x", "of": "accounts", "equals": "1"}]})


def test_values_that_nearly_meet_are_gathered_with_their_rows() -> None:
    """Over all batches: each value once, how many rows have it, by what it differs, and which literal never occurs."""
    condition = where({"x": ["posted", "paid"]})
    [test] = single_tests(condition)
    gathered = gather("here", "t", [test])
    for batch in (["posted", "Posted", None], ["Posted", "posted ", "draft"]):
        answer(pa.table({"x": pa.array(batch, pa.large_string())}), condition, gathered)
    told = gathered[test]

    assert dict(told.near) == {"Posted": 2, "posted ": 1}
    assert (told.nearness("Posted"), told.nearness("posted ")) == ("case", "blanks")
    assert told.never == ("paid",)
    assert (told.rows, told.meeting) == (5, 1)


@pytest.mark.parametrize(
    ("value", "by"),
    [
        (" 1", "blanks"),
        ("1\u00a0", "blanks"),
        ("\ufeff1", "unicode"),
        ("\uff11", "unicode"),
        ("1,00", "number"),
        ("1.000", "number"),
        ("-1", "truth"),
        ("ja", "truth"),
    ],
)
def test_it_is_told_by_what_a_value_differs(value: str, by: str) -> None:
    """The first reason that suffices: who reads it knows where to look."""
    assert nearness(value, frozenset({"1"})) == by


def test_capital_letters_without_a_small_one_of_their_own_differ_by_case() -> None:
    """`WEISS` is `weiß` in capital letters."""
    assert nearness("WEISS", frozenset({"weiß"})) == "case"


@given(st.sampled_from([chr(code) for code in range(0x20, 0x530) if chr(code).isalpha()]))
def test_a_letter_of_europe_is_one_in_either_case(letter: str) -> None:
    """Latin, Greek, Cyrillic and Armenian letters, as programs write them in capitals: one letter or two."""
    forms = folded(pa.array([letter, letter.upper()], pa.large_string())).to_pylist()

    assert forms[0] == forms[1]


def test_of_too_many_values_the_same_are_counted_in_any_order() -> None:
    """A flag on a column of free texts: memory is bounded, and no row is lost from the sum."""
    texts = [f"text {number:06}" for number in range(MOST + 500)]
    told = []
    for order in (texts, texts[::-1]):
        [gathered] = gather("here", "t", single_tests(where({"flag": "x"}))).items()
        for start in range(0, len(order), 7_000):
            ask(gathered[0], pa.array(order[start : start + 7_000], pa.large_string()), gathered[1])
        told.append((dict(gathered[1].near), gathered[1].rest))

    assert told[0] == told[1]
    assert (len(told[0][0]), told[0][1]) == (MOST, 500)
