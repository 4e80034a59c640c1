"""Which columns name rows of other tables: declared, or found by their values on all rows, whatever they are called."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property

import duckdb
import pyarrow as pa

from etl.profile.keys import KEYS
from etl.profile.link_counts import NONE, counted
from etl.profile.link_names import (
    PARENT,
    extends,
    is_nothing_but_a_link,
    is_short,
    looks_like_key,
    names_itself,
    speaks_of,
    spoken_roles,
)
from etl.profile.link_words import of_several
from etl.profile.model import Column, KeyOf, LinkTo, Table
from etl.profile.names import words_of
from etl.profile.sql import quoted, rows_in, text

MEETS = 0.5
"""So large a share of a sample's values must be keys for all rows to be asked."""
SURE = 0.9
"""So large a share of all values must be keys of a column that no name says to be a link."""
LOOSE = (
    "CASE WHEN regexp_matches(v, '^[a-zA-Z0-9]{15}([a-zA-Z0-9]{3})?$') THEN substr(v, 1, 15) "
    "ELSE coalesce(nullif(ltrim(regexp_replace(lower(trim(v)), '[.,]0+$', ''), '0'), ''), '0') END"
)


@dataclass(frozen=True, eq=False)
class Graph:
    """How tables name each other. links: all that were found, by the table whose columns they are."""

    links: tuple[LinkTo, ...]

    def of(self, table: str) -> Sequence[LinkTo]:
        """The links of one table, the surest first for each column."""
        return self._of.get(table, ())

    def to(self, table: str) -> Sequence[LinkTo]:
        """The links that name rows of one table."""
        return self._to.get(table, ())

    @cached_property
    def _of(self) -> Mapping[str, Sequence[LinkTo]]:
        return _grouped(self.links, lambda link: link.table)

    @cached_property
    def _to(self) -> Mapping[str, Sequence[LinkTo]]:
        return _grouped(self.links, lambda link: link.to)


def _grouped(links: Sequence[LinkTo], by: Callable[[LinkTo], str]) -> dict[str, list[LinkTo]]:
    groups: dict[str, list[LinkTo]] = {}
    for link in links:
        groups.setdefault(by(link), []).append(link)
    return groups


def graph_of(
    connection: duckdb.DuckDBPyConnection,
    tables: Sequence[Table],
    keys: Mapping[str, KeyOf],
    declared: Mapping[str, Sequence[tuple[tuple[str, ...], str, tuple[str, ...]]]],
) -> Graph:
    """Find the links of some tables. declared: table -> the foreign keys that the source declares of it."""
    by_name = {table.name: table for table in tables}
    links: list[LinkTo] = []
    for table in tables:
        for columns, to, named in declared.get(table.name, ()):
            key = keys.get(to)
            if to in by_name and key is not None and tuple(named) == key.columns and table.rows:
                links.append(counted(connection, by_name, keys, LinkTo(table.name, columns, to, 0, 0, declared=True)))
    said = {(link.table, link.columns) for link in links}
    met = _met_in_samples(connection, tables, keys)
    settled: set[tuple[str, str]] = set()
    for (name, column, to), share in sorted(met.items(), key=lambda item: (not _is_named(item[0], keys), item[0])):
        if (name, (column,)) in said or ((name, column) in settled and not _is_named((name, column, to), keys)):
            continue
        link = _link(connection, by_name, keys, by_name[name], by_name[name][column], to, share)
        if link is not None:
            links.append(link)
            if link.sure and _named(link):
                settled.add((name, column))
    links += _composite(connection, by_name, keys)
    links = [*of_several(connection, by_name, keys, links)]
    return Graph(tuple(_best(_to_the_rows_themselves(links, keys))))


def _is_named(place: tuple[str, str, str], keys: Mapping[str, KeyOf]) -> bool:
    """Whether a column's name says that it names the rows of a table: then no other one is asked if it does."""
    table, column, to = place
    return to == table or speaks_of(column, to, keys[to].columns)


def _to_the_rows_themselves(links: Sequence[LinkTo], keys: Mapping[str, KeyOf]) -> list[LinkTo]:
    """Leave out links to a table whose key is a link itself, where the same columns name what that one names."""
    extended = {
        link.table: link.to for link in links if link.table in keys and keys[link.table].columns == link.columns
    }
    named = {(link.table, link.columns, link.where, link.to) for link in links}
    return [
        link
        for link in links
        if link.to not in extended or (link.table, link.columns, link.where, extended[link.to]) not in named
    ]


def _link(
    connection: duckdb.DuckDBPyConnection,
    by_name: Mapping[str, Table],
    keys: Mapping[str, KeyOf],
    table: Table,
    column: Column,
    to: str,
    share: float,
) -> LinkTo | None:
    key = keys[to].columns
    words = set(words_of(column.name))
    is_parent = to == table.name and (bool(words & PARENT) or any(word.startswith("parent") for word in words))
    if to == table.name and not is_parent:
        return None
    own_key = keys.get(table.name)
    is_own_key = own_key is not None and own_key.columns == (column.name,)
    if is_own_key and not speaks_of(column.name, to, ()) and not extends(table.name, to):
        return None
    named = (
        is_parent or (to != table.name and speaks_of(column.name, to, key)) or (is_own_key and extends(table.name, to))
    )
    if not named and (share < SURE or is_short(column)) and not is_nothing_but_a_link(column.name, share):
        return None
    link = counted(connection, by_name, keys, LinkTo(table.name, (column.name,), to, 0, 0))
    if is_own_key and link.steps and not extends(table.name, to):
        return None  # numbers of two lists that count on their own meet by chance where zeros do not matter
    is_enough = link.met >= MEETS * link.filled or (named and link.met >= FEW * link.filled)
    return link if link.met and is_enough else None


FEW = 0.02
"""So small a share of a sample is met by chance."""


def _met_in_samples(
    connection: duckdb.DuckDBPyConnection, tables: Sequence[Table], keys: Mapping[str, KeyOf]
) -> dict[tuple[str, str, str], float]:
    """Of a sample of each column's values: the share that is a key of each table, as it stands or nearly."""
    samples, sizes = _samples(tables, keys)
    if not len(samples):
        return {}
    with _view(connection, samples) as sampled:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE samples AS SELECT *, {LOOSE} AS loose FROM {sampled}")
    met: dict[tuple[str, str, str], int] = {}
    for known in _known(connection, tables, keys):
        for form in ("v", "loose"):
            query = (
                f"SELECT s.t, s.c, k.t, count(DISTINCT s.v) FROM samples s "
                f"JOIN (SELECT DISTINCT t, {form} FROM {known}) k USING ({form}) GROUP BY ALL"
            )
            for t, c, to, count in connection.sql(query).fetchall():
                met[t, c, to] = max(met.get((t, c, to), 0), count)
    return {(t, c, to): n / sizes[t, c] for (t, c, to), n in met.items() if n >= FEW * sizes[t, c]}


@contextmanager
def _view(connection: duckdb.DuckDBPyConnection, rows: pa.Table) -> Iterator[str]:
    """A table in memory as one that queries can name."""
    connection.register("in_memory", rows)
    yield "in_memory"
    connection.unregister("in_memory")


def _known(connection: duckdb.DuckDBPyConnection, tables: Sequence[Table], keys: Mapping[str, KeyOf]) -> Iterator[str]:
    """Tables of keys, with the columns t, v and loose: those of all small tables at once, of a large one by itself."""
    single = [table for table in tables if table.name in keys and len(keys[table.name].columns) == 1]
    named = [(table, table[keys[table.name].columns[0]]) for table in single]
    small = [(table, column) for table, column in named if column.distinct == len(column.values)]
    if small:
        names = [table.name for table, column in small for _ in range(len(column.values))]
        rows = pa.table({"t": names, "v": pa.concat_arrays([column.values for _, column in small])})
        with _view(connection, rows) as few:
            connection.execute(f"CREATE OR REPLACE TEMP TABLE known AS SELECT t, v, {LOOSE} AS loose FROM {few}")
        yield "known"
    for table, column in named:
        if column.distinct != len(column.values):
            rows_of_it = f"(SELECT {text(table.name)} AS t, {quoted(column.name)} AS v FROM {rows_in(table.path)})"
            yield f"(SELECT t, v, {LOOSE} AS loose FROM {rows_of_it})"


def _samples(tables: Sequence[Table], keys: Mapping[str, KeyOf]) -> tuple[pa.Table, dict[tuple[str, str], int]]:
    parts: dict[str, list[str]] = {"t": [], "c": [], "v": []}
    sizes: dict[tuple[str, str], int] = {}
    for table in tables:
        for column in table.columns:
            values = [value for value in column.values.to_pylist()[:SAMPLE] if value.strip() not in NONE]
            if values and _may_be_link(table, column, keys):
                sizes[table.name, column.name] = len(values)
                parts["t"] += [table.name] * len(values)
                parts["c"] += [column.name] * len(values)
                parts["v"] += values
    return pa.table(parts), sizes


SAMPLE = 200


def _may_be_link(table: Table, column: Column, keys: Mapping[str, KeyOf]) -> bool:
    """Whether a column could name rows: small numbers do so only where its name says more than that it is a number."""
    if not column.filled or column.dates or column.longest > 100:
        return False
    words = words_of(column.name)
    is_key = table.name in keys and keys[table.name].columns == (column.name,)
    if is_short(column) or (column.flag and not column.flag.other):
        says_more = any(word not in KEYS for word in words) and looks_like_key(column.name)
        return says_more if is_key or looks_like_key(column.name) else bool(spoken_roles(column.name))
    return True


def _composite(
    connection: duckdb.DuckDBPyConnection, by_name: Mapping[str, Table], keys: Mapping[str, KeyOf]
) -> Iterator[LinkTo]:
    """Links by several columns that are called as the key's are."""
    for to, key in keys.items():
        if len(key.columns) < 2:
            continue
        for table in by_name.values():
            if table.name != to and table.rows and all(column in table for column in key.columns):
                link = counted(connection, by_name, keys, LinkTo(table.name, key.columns, to, 0, 0))
                if link.met >= SURE * max(link.filled, 1):
                    yield link


def _best(links: Sequence[LinkTo]) -> Iterator[LinkTo]:
    """Of each column the links that say something of their own: of one that meets two tables wholly, the named one."""
    by_column: dict[tuple[str, tuple[str, ...]], list[LinkTo]] = {}
    for link in links:
        by_column.setdefault((link.table, link.columns), []).append(link)
    for (_, columns), several in by_column.items():
        if any(link.where for link in several):
            yield from several
            continue
        several.sort(
            key=lambda link: (
                not link.declared,
                not _named(link),
                _rank(link),
                len(words_of(link.to)),
                -link.met,
                link.to,
            )
        )
        best = several[0]
        rivals = () if best.declared else tuple(link.to for link in several[1:] if _rivals(link, best))
        yield replace(best, rivals=rivals)
        if not best.declared and not (best.sure and _named(best)) and len(columns) == 1:
            yield from (link for link in several[1:] if link.met < link.filled and link.met + best.met <= best.filled)


def _rank(link: LinkTo) -> int:
    """A column that has a table's name in it names that one rather than one that is called by a like word."""
    return 0 if link.to == link.table or names_itself(link.columns[0], link.to) else 1


def _rivals(link: LinkTo, best: LinkTo) -> bool:
    """Whether a column could name the rows of another table as well as those of the best one."""
    return link.met >= best.met and _named(link) == _named(best) and _rank(link) == _rank(best)


def _named(link: LinkTo) -> bool:
    return speaks_of(link.columns[0], link.to, ()) or link.to == link.table
