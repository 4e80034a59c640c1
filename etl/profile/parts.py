"""The tables of a source in their roles, and how their rows name records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from etl.profile.kinds import Kind
from etl.profile.links import Graph
from etl.profile.model import RECORDS, LinkTo, Role, Table

Kinds = Mapping[str, Kind]


@dataclass(frozen=True)
class Part:
    """A table in its role. kinds: of its columns that say who somebody is; type_words: of a table of both.

    why: the reason in words. points: how much speaks for it; guess: what its rows would be if any of the source were
    companies or persons; sure: whether it is more than that.
    """

    table: Table
    role: Role
    kinds: Kinds
    why: str
    points: float = 0.0
    type_column: str | None = None
    company_words: tuple[str, ...] = ()
    person_words: tuple[str, ...] = ()
    sure: bool = True
    guess: Role = Role.OTHER


def links_to_records(table: str, parts: Mapping[str, Part], graph: Graph) -> Iterator[LinkTo]:
    """The links of a table to records, also those by a table of links: then they are this one's."""
    own = [link for link in graph.of(table) if link.to in parts and parts[link.to].role in RECORDS]
    yield from own
    named = {link.to for link in own}
    for middle in graph.to(table):
        if middle.table in parts and parts[middle.table].role is Role.LINKS:
            for link in graph.of(middle.table):
                if link.by is None and link.to != table and link.to not in named and parts[link.to].role in RECORDS:
                    yield replace(link, through=middle.columns[0])


def above_of(table: str, parts: Mapping[str, Part], graph: Graph) -> LinkTo | None:
    """The link of a table to another one of evidence or history whose rows name records themselves."""
    return next(
        (
            link
            for link in graph.of(table)
            if link.sure
            and link.to != table
            and len(link.columns) == 1
            and link.by is None
            and parts[link.to].role in (Role.EVIDENCE, Role.HISTORY)
            and any(True for _ in links_to_records(link.to, parts, graph))
        ),
        None,
    )
