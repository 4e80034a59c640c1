"""Links that name a table by a word in another column, such as `parent_id` and `parent_type`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import duckdb

from etl.profile.keys import KEYS
from etl.profile.link_names import speaks_of
from etl.profile.model import Column, KeyOf, LinkTo, Table
from etl.profile.names import words_of
from etl.profile.sql import quoted, rows_in

KINDLY = frozenset("type module model kind class typ art entity object".split())
"""How columns are called that say which table another column means."""


def of_several(
    connection: duckdb.DuckDBPyConnection,
    by_name: Mapping[str, Table],
    keys: Mapping[str, KeyOf],
    links: Sequence[LinkTo],
) -> Iterator[LinkTo]:
    """Links that name a table by a word in another column, such as `parent_id` and `parent_type`; then the others."""
    explained: set[tuple[str, str]] = set()
    for table in by_name.values():
        for column, kind in _pairs(table):
            met = list(_by_word(connection, by_name, keys, table, column, kind))
            if met:
                explained.add((table.name, column.name))
                yield from met
    yield from (link for link in links if (link.table, link.columns[0]) not in explained or len(link.columns) > 1)


def _pairs(table: Table) -> Iterator[tuple[Column, Column]]:
    """Columns that hold keys, each with the one that says of which table, by their names."""
    for kind in table.columns:
        words = words_of(kind.name)
        if not set(words) & KINDLY or not kind.top or kind.distinct > 30 or kind.flag:
            continue
        stem = [word for word in words if word not in KINDLY]
        for column in table.columns:
            own = words_of(column.name)
            if column is not kind and stem and not column.dates and own[: len(stem)] == tuple(stem) and set(own) & KEYS:
                yield column, kind


def _by_word(
    connection: duckdb.DuckDBPyConnection,
    by_name: Mapping[str, Table],
    keys: Mapping[str, KeyOf],
    table: Table,
    column: Column,
    kind: Column,
) -> Iterator[LinkTo]:
    """Of each word the table that it means: the one that it is called like and whose keys the rows have."""
    words = [word for word, _ in kind.top]
    for to, key in keys.items():
        if len(key.columns) > 1 or not any(speaks_of(word, to, ()) for word in words):
            continue
        query = f"""SELECT {quoted(kind.name)}, count(*), count(k.v), min(c) FILTER (WHERE k.v IS NULL)
            FROM (SELECT {quoted(kind.name)}, {quoted(column.name)} AS c FROM {rows_in(table.path)}) r
            LEFT JOIN (SELECT DISTINCT {quoted(key.columns[0])} AS v FROM {rows_in(by_name[to].path)}) k ON k.v = r.c
            WHERE c IS NOT NULL AND {quoted(kind.name)} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1"""
        for word, filled, met, example in connection.sql(query).fetchall():
            if met >= 0.5 * filled and speaks_of(word, to, ()):
                yield LinkTo(table.name, (column.name,), to, met, filled, example, where=(kind.name, word))
