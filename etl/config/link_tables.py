"""The tables of links whose rows stand in notes, as history of the records that they name, made of each `through`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from etl.config.entries import Entry, Parent
from etl.config.links import Join, Link, Through, Under
from etl.config.related import Linking, Related
from etl.config.row_conditions import AllOfRow, ColumnCondition
from etl.empties import Empties


def links_name(part: str, by: str = "", number: int = 1) -> str:
    """What rows of a table of links are called.

    part: the entry or related table whose rows are linked. by: its join, or the entry of its `of`.
    """
    return "_".join([part, *([by] if by else []), "links", *([str(number)] if number > 1 else [])])


def possible_names(records: Mapping[str, Any], related: Mapping[str, Any]) -> Iterator[str]:
    """What tables of links may be called, of a config as it is written."""
    for part, said in {**records, **related}.items():
        yield links_name(part)
        said = said if isinstance(said, dict) else {}
        for by, links in {**(said.get("join") or {}), **(said.get("of") or {})}.items():
            yield from (links_name(part, by, n + 1) for n in range(len(links) if isinstance(links, list) else 1))


@dataclass(frozen=True)
class LinkTable:
    """A table of links, and how its rows name records.

    name: of the dataset. at: where the config has it. links: entry -> those of its rows to that entry's records.
    """

    name: str
    at: str
    through: Through
    links: Mapping[str, tuple[Link, ...]] = field(default_factory=dict)

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that hold nothing but what names a row or a record."""
        return (self.through.from_, *self.through.to)

    def with_links(self, other: LinkTable) -> LinkTable:
        """This one, with the links that the config says elsewhere of the same rows."""
        both = {e: (*self.links.get(e, ()), *other.links.get(e, ())) for e in {**self.links, **other.links}}
        return replace(self, links={entry: tuple(dict.fromkeys(links)) for entry, links in both.items()})


def link_tables(records: Mapping[str, Entry], related: Mapping[str, Related], none: Empties) -> dict[str, Related]:
    """A related table for each table of links that the config does not read for its rows: an entry or a related table.

    The same rows, whoever is linked by them, are one table. related: those that the config names.
    """
    parts: dict[str, Entry | Related] = {**records, **related}
    read = {part.from_ or name for name, part in parts.items()}
    tables: dict[tuple[str, str], LinkTable] = {}
    keys: dict[tuple[str, str], set[str]] = {}
    for table in _all(records, related):
        rows = (table.through.table, repr(table.through.where))
        if table.through.table not in read:
            tables[rows] = tables[rows].with_links(table) if rows in tables else table
            keys.setdefault(rows, set()).update(table.keys)
    return {
        table.name: Related.of_links(
            Linking(table.name, table.at, frozenset(keys[rows] | _settled(table, none))), table.through, table.links
        )
        for rows, table in tables.items()
    }


def _settled(table: LinkTable, none: Empties) -> set[str]:
    """The columns of which a `where` leaves one text: it says all that they could."""
    where = table.through.where
    tests: Sequence[object] = where.all if isinstance(where, AllOfRow) else (where,)
    asked = [test for test in tests if isinstance(test, ColumnCondition) and not test.fold]
    alone = {test.column for test in asked if len(test.literals) == 1}
    return alone | {test.column for test in asked if test.empty and not none.of(test.column)}


def _all(records: Mapping[str, Entry], related: Mapping[str, Related]) -> Iterator[LinkTable]:
    for name, entry in records.items():
        if entry.parent and entry.parent.through:
            yield _of_parent(name, entry, entry.parent, entry.parent.through)
    for name, table in related.items():
        for of, links in table.links.items():
            for number, link in enumerate(links, 1):
                if link.through:
                    yield _of_link(name, of, number, link, link.through)
    parts: dict[str, Entry | Related] = {**records, **related}
    for name, part in parts.items():
        for join_name, join in part.join.items():
            if join.through:
                yield _of_join(name, part, join_name, join, join.through)


def _of_parent(name: str, entry: Entry, parent: Parent, through: Through) -> LinkTable:
    """The links between an entry's records and those above them: each names both."""
    [link] = parent.links
    above, own = _to_record(link, through), Link(columns=(through.from_,))
    if parent.columns or through.normalize:
        own = Under(rows=name, by=parent.columns).link(own.columns, through.normalize)
    own = own.model_copy(update={"aliased": entry.aliases is not None})
    links = {parent.of: (above, own)} if parent.of == name else {parent.of: (above,), name: (own,)}
    return LinkTable(links_name(name), f"records.{name}.parent.through", through, links)


def _of_link(name: str, of: str, number: int, link: Link, through: Through) -> LinkTable:
    """The links between rows of a related table and records; by way of these rows where they say which are meant."""
    named = _to_record(link, through)
    if link.where is not None:
        rows = Under(rows=name, by=link.columns)
        named = rows.link((through.from_,), through.normalize, aliased=link.aliased)
    return LinkTable(links_name(name, of, number), f"related.{name}.of.{of}.through", through, {of: (named,)})


def _of_join(name: str, part: Entry | Related, by: str, join: Join, through: Through) -> LinkTable:
    """The links between rows of a joined table and the rows that take their values."""
    own = part.key_columns if isinstance(part, Entry) else None
    link = Link(columns=through.to, normalize=join.normalize)
    if own is None or join.on not in ((), own.columns) or join.normalize != own.normalize:
        link = Under(rows=name, by=join.on).link(through.to, join.normalize)
    of = dict.fromkeys((name,) if isinstance(part, Entry) else part.links, (link,))
    at = f"{'records' if isinstance(part, Entry) else 'related'}.{name}.join.{by}.through"
    return LinkTable(links_name(name, by), at, through, of)


def _to_record(link: Link, through: Through) -> Link:
    """A link by the key of a record that stands in a table of links."""
    return link.model_copy(update={"columns": through.to, "through": None})
