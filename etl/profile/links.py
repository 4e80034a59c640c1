"""Which columns name rows of other tables: declared, or found by their values on all rows, whatever they are called."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import duckdb

from etl.profile.link_chance import Spread, spread_of
from etl.profile.link_counts import counted
from etl.profile.link_names import extends, is_nothing_but_a_link, names_itself, speaks_above, speaks_of
from etl.profile.link_samples import FEW, met_in_samples
from etl.profile.link_words import of_several
from etl.profile.model import Column, KeyOf, LinkTo, Table
from etl.profile.names import words_of

MEETS = 0.5
"""So large a share of a sample's values must be keys for all rows to be asked."""
SURE = 0.9
"""So large a share of all values must be keys of a column that no name says to be a link."""
UNIQUE = 0.9
"""A column of a table that tells so many of its rows apart is another key, and names no rows of the same table."""


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

    def and_also(self, links: Iterable[LinkTo]) -> Graph:
        """The same with further links."""
        return Graph((*self.links, *links))

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
    met = met_in_samples(connection, tables, keys)
    finding = _Finding(connection, by_name, keys)
    settled: set[tuple[str, str]] = set()
    for (name, column, to), share in sorted(met.items(), key=lambda item: (not _is_named(item[0], keys), item[0])):
        if (name, (column,)) in said or ((name, column) in settled and not _is_named((name, column, to), keys)):
            continue
        link = finding.link(by_name[name], by_name[name][column], to, share)
        if link is not None:
            links.append(link)
            if link.sure and _named(link, keys):
                settled.add((name, column))
    links += _composite(connection, by_name, keys)
    links = [*of_several(connection, by_name, keys, links)]
    return Graph(tuple(_best(_to_the_rows_themselves(links, keys), keys)))


def _is_named(place: tuple[str, str, str], keys: Mapping[str, KeyOf]) -> bool:
    """Whether a column's name says that it names the rows of a table: then no other one is asked if it does."""
    table, column, to = place
    return speaks_above(column) if to == table else speaks_of(column, to, keys[to].columns)


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


@dataclass(frozen=True, eq=False)
class _Finding:
    """What a column is compared with. spreads: of the keys that are asked for."""

    connection: duckdb.DuckDBPyConnection
    by_name: Mapping[str, Table]
    keys: Mapping[str, KeyOf]
    spreads: dict[str, Spread] = field(default_factory=dict)

    def link(self, table: Table, column: Column, to: str, share: float) -> LinkTo | None:
        """The link of a column to a table of whose keys it has a share; None where it names no rows of it."""
        named = self._is_named(table, column, to)
        if named is None or not (named or self._is_plain(table, column, to, share)):
            return None
        link = counted(self.connection, self.by_name, self.keys, LinkTo(table.name, (column.name,), to, 0, 0))
        if self._is_key(table, column) and link.steps and not extends(table.name, to):
            return None  # numbers of two lists that count on their own meet by chance where zeros do not matter
        return link if link.met and link.met >= (FEW if named else MEETS) * link.filled else None

    def _is_key(self, table: Table, column: Column) -> bool:
        """Whether a column tells the rows of its own table apart."""
        return table.name in self.keys and self.keys[table.name].columns == (column.name,)

    def _is_named(self, table: Table, column: Column, to: str) -> bool | None:
        """Whether a column's name says that it names rows of a table; None where it cannot be."""
        is_own_key = self._is_key(table, column)
        if to == table.name:
            return speaks_above(column.name) or (
                None if is_own_key or column.distinct > UNIQUE * column.filled else False
            )
        if is_own_key:
            spoken = speaks_of(column.name, to, ()) or extends(table.name, to)
            return True if spoken else None
        return speaks_of(column.name, to, self.keys[to].columns)

    def _is_plain(self, table: Table, column: Column, to: str, share: float) -> bool:
        """Whether a column's values say so, whatever it is called."""
        if to != table.name and is_nothing_but_a_link(column.name, share):
            return True
        return share >= SURE and not self._spread(to).is_chance(column, share)

    def _spread(self, to: str) -> Spread:
        if to not in self.spreads:
            self.spreads[to] = spread_of(self.by_name[to][self.keys[to].columns[0]])
        return self.spreads[to]


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


def _best(links: Sequence[LinkTo], keys: Mapping[str, KeyOf]) -> Iterator[LinkTo]:
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
                -_named(link, keys),
                _rank(link),
                len(words_of(link.to)),
                -link.met,
                link.to,
            )
        )
        best = several[0]
        rivals = () if best.declared else tuple(link.to for link in several[1:] if _rivals(link, best, keys))
        yield replace(best, rivals=rivals)
        if not best.declared and not (best.sure and _named(best, keys)) and len(columns) == 1:
            yield from (link for link in several[1:] if link.met < link.filled and link.met + best.met <= best.filled)


def _rank(link: LinkTo) -> int:
    """A column that has a table's name in it names that one rather than one that is called by a like word."""
    is_above = link.to == link.table and speaks_above(link.columns[0])
    return 0 if is_above or names_itself(link.columns[0], link.to) else 1


def _rivals(link: LinkTo, best: LinkTo, keys: Mapping[str, KeyOf]) -> bool:
    """Whether a column could name the rows of another table as well as those of the best one."""
    return link.met >= best.met and _named(link, keys) == _named(best, keys) and _rank(link) == _rank(best)


def _named(link: LinkTo, keys: Mapping[str, KeyOf]) -> int:
    """How much a column's name says of the table: its name most, the name of its key less."""
    if link.to == link.table:
        return 2 * speaks_above(link.columns[0])
    if speaks_of(link.columns[0], link.to, ()):
        return 2
    return int(speaks_of(link.columns[0], link.to, keys[link.to].columns))
