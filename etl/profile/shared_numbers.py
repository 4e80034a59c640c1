"""The number by which records and a list of known customers name each other, such as a debtor's in the CRM."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from etl.matching.normal import officials
from etl.profile.link_chance import spread_of
from etl.profile.link_names import is_telling, names_itself
from etl.profile.link_others import kind_name, tells_apart
from etl.profile.link_samples import LOOSE
from etl.profile.model import Column
from etl.profile.names import roles_of, words_of
from etl.profile.parts import Part
from etl.profile.sql import only_row, quoted, rows_in

FEWEST = 5
"""Fewer numbers meet by chance."""
MEETS = 0.5
"""So large a share of the numbers on the side with fewer must be on the other."""
AGREE = 0.1
"""In so large a share of rows with one number something else must agree where numbers are given one after the other."""
TELLING = ("company", "last_name", "email", "street", "vat")
"""What different companies do not have in common by chance."""


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
        if (met := _met(connection, part, own, master, other)) is not None
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
    connection: duckdb.DuckDBPyConnection, part: Part, own: Column, master: Part, other: Column
) -> SharedNumber | None:
    numbers, others = (
        f"(SELECT DISTINCT n FROM {rows} WHERE v IS NOT NULL)"
        for rows in (_numbered(part, own), _numbered(master, other))
    )
    met, filled, known = only_row(
        connection,
        f"SELECT (SELECT count(*) FROM {numbers} SEMI JOIN {others} USING (n)), "
        f"(SELECT count(*) FROM {numbers}), (SELECT count(*) FROM {others})",
    )
    if met < FEWEST or met < MEETS * min(filled, known):
        return None
    is_chance = not _is_called_so(own, master, other) and spread_of(other).is_chance(own, met / filled)
    if is_chance and _agreeing(connection, part, own, master, other) < AGREE:
        return None
    return SharedNumber(own.name, other.name, met, filled)


def _is_called_so(own: Column, master: Part, other: Column) -> bool:
    """Whether a column of the records is called as that of the master, as the master, or as the number of a debtor."""
    is_same = words_of(own.name) == words_of(other.name) and is_telling(own.name)
    return is_same or names_itself(own.name, master.table.name) or roles_of(own.name).get("debtor", 0) >= 60


def _agreeing(connection: duckdb.DuckDBPyConnection, part: Part, own: Column, master: Part, other: Column) -> float:
    """Of the rows that have one number the share that has one name, address or VAT number as well: numbers that are
    given one after the other meet those of any list."""
    pairs = [
        (mine, theirs)
        for mine, kind in part.kinds.items()
        for theirs, known in master.kinds.items()
        if kind.name == known.name and kind.name in TELLING
    ]
    if not pairs:
        return 0.0
    same = " OR ".join(f"{_plain('o', mine)} = {_plain('m', theirs)}" for mine, theirs in pairs)
    query = f"""SELECT count(*) FILTER (WHERE {same}), count(*) FROM {_numbered(part, own)} o
        JOIN {_numbered(master, other)} m USING (n)"""
    agreeing, count = only_row(connection, query)
    return agreeing / count if count else 0.0


def _numbered(part: Part, column: Column) -> str:
    return f"(SELECT *, {LOOSE} AS n FROM (SELECT *, {quoted(column.name)} AS v FROM {rows_in(part.table.path)}))"


def _plain(alias: str, column: str) -> str:
    return f"nullif(regexp_replace(lower({alias}.{quoted(column)}), '[^[:alnum:]]', '', 'g'), '')"
