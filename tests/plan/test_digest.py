"""The digest of contents: blind to order and chunks, and to nothing else."""

from __future__ import annotations

import random

import pyarrow as pa
from hypothesis import given, strategies as st

from etl.plan.digest import Contents, contents, digest_of

CELLS = st.one_of(st.none(), st.text(max_size=5))
ROWS = st.lists(st.tuples(CELLS, CELLS), max_size=8)


def table(rows: list[tuple[str | None, str | None]]) -> pa.Table:
    """Two columns of text."""
    return pa.table({name: pa.array([row[n] for row in rows], pa.large_string()) for n, name in enumerate("ab")})


def total(rows: list[tuple[str | None, str | None]]) -> str:
    """The digest of all rows at once."""
    return contents(table(rows)).hex(["a", "b"])


@given(ROWS, st.integers(0, 8), st.randoms(use_true_random=False))
def test_order_and_chunks_do_not_count(
    rows: list[tuple[str | None, str | None]], cut: int, random: random.Random
) -> None:
    """The same rows shuffled and read in two parts give the same digest."""
    shuffled = random.sample(rows, len(rows))
    parts = contents(table(shuffled[:cut])) + contents(table(shuffled[cut:]))

    assert parts.hex(["a", "b"]) == total(rows)


@given(ROWS, ROWS)
def test_different_rows_differ(
    left: list[tuple[str | None, str | None]], right: list[tuple[str | None, str | None]]
) -> None:
    """NULL is not the empty text, cells do not run into each other, and a row that stands twice counts twice."""
    same = sorted(map(repr, left)) == sorted(map(repr, right))

    assert (total(left) == total(right)) == same


def test_a_missing_cell_is_no_empty_one() -> None:
    """NULL and the empty text are two values, in a table that has one of them alone, too."""
    assert total([(None, "x")]) != total([("", "x")])


def test_lists_and_flags_count() -> None:
    """The columns of decisions and leads that are no text."""
    first = pa.table({"held": [["a", "b"]], "flag": [True]})
    second = pa.table({"held": [["ab"]], "flag": [True]})
    third = pa.table({"held": [["a", "b"]], "flag": [False]})

    assert len({contents(t).hex(["held", "flag"]) for t in (first, second, third)}) == 3


def test_nothing_is_a_digest_too() -> None:
    """An empty table has one, and column names are part of it."""
    assert Contents().hex(["a"]) != Contents().hex(["b"])
    assert digest_of({"b": 1, "a": 2}) == digest_of({"a": 2, "b": 1})
