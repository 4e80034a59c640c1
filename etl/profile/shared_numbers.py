"""The number by which records and a list of known customers name each other, such as a debtor's in the CRM."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from etl.matching.normal import officials
from etl.profile.link_chance import spread_of
from etl.profile.link_names import is_telling
from etl.profile.link_others import kind_name, tells_apart
from etl.profile.link_samples import LOOSE
from etl.profile.model import Column, Table
from etl.profile.names import words_of
from etl.profile.parts import Part
from etl.profile.sql import only_row, quoted, rows_in

FEWEST = 5
"""Fewer numbers meet by chance."""
MEETS = 0.5
"""So large a share of the numbers on the side with fewer must be on the other."""


@dataclass(frozen=True)
class SharedNumber:
    """A column of records and one of a master that hold the same numbers. met: how many of the `filled` ones meet."""

    column: str
    of_master: str
    met: int
    filled: int


def shared_number(connection: duckdb.DuckDBPyConnection, part: Part, master: Part) -> SharedNumber | None:
    """The number that records have in common with a master; None where they have none."""
    likely = [
        met
        for own in _numbers(part)
        for other in _numbers(master)
        if (met := _met(connection, part.table, own, master.table, other)) is not None
    ]
    return max(likely, key=lambda met: (met.met, met.column, met.of_master), default=None)


def _numbers(part: Part) -> Iterator[Column]:
    """The columns that may hold numbers which somebody gave: keys, and others that tell rows apart."""
    for column in part.table.columns:
        if kind_name(part, column) == "code" and tells_apart(column):
            some = column.values.to_pylist()[:200]
            if sum(bool(officials(value, "number")) for value in some) >= MEETS * len(some):
                yield column


def _met(
    connection: duckdb.DuckDBPyConnection, table: Table, own: Column, master: Table, other: Column
) -> SharedNumber | None:
    numbers, others = (
        f"(SELECT DISTINCT {LOOSE} AS n FROM (SELECT {quoted(c.name)} AS v FROM {rows_in(t.path)}) WHERE v IS NOT NULL)"
        for t, c in ((table, own), (master, other))
    )
    met, filled, known = only_row(
        connection,
        f"SELECT (SELECT count(*) FROM {numbers} SEMI JOIN {others} USING (n)), "
        f"(SELECT count(*) FROM {numbers}), (SELECT count(*) FROM {others})",
    )
    if met < FEWEST or met < MEETS * min(filled, known):
        return None
    is_named = words_of(own.name) == words_of(other.name) and is_telling(own.name)
    if not is_named and spread_of(other).is_chance(own, met / filled):
        return None
    return SharedNumber(own.name, other.name, met, filled)
