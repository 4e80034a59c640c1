"""The profile of a source: its tables with their keys, links, kinds of columns and roles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from etl.connect import Source
from etl.errors import SourceError
from etl.model import Progress
from etl.profile.columns import described
from etl.profile.keys import key_of
from etl.profile.link_others import links_by_others
from etl.profile.links import Graph, graph_of
from etl.profile.model import KeyOf, Table, Unread
from etl.profile.parts import Part
from etl.profile.reading import copies
from etl.profile.roles import parts_of


@dataclass(frozen=True, eq=False)
class Profile:
    """What a source holds. where: who and where it is; unread: the tables that could not be read."""

    where: str
    tables: tuple[Table, ...]
    keys: Mapping[str, KeyOf]
    graph: Graph
    parts: Mapping[str, Part]
    unread: tuple[Unread, ...]


def profile_of(
    source: Source,
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    progress: Progress,
    only: frozenset[str] | None = None,
) -> Profile:
    """Profile an opened source. connection: of DuckDB; folder: for copies, which are needed as long as the profile.

    only: the tables that matter, where the others are known to be of no use.
    """
    copied, unread = copies(source, folder, progress, only)
    tables = []
    for number, copy in enumerate(copied):
        progress("columns", number, len(copied))
        tables.append(described(connection, copy))
    keys = {table.name: key for table in tables if (key := key_of(connection, table)) is not None}
    progress("links", 0, None)
    graph = graph_of(connection, tables, keys, _declared(source, tables))
    parts = parts_of(tables, keys, graph)
    further = list(links_by_others(connection, tables, keys, graph, parts))
    if further:
        graph = graph.and_also(further)
        parts = parts_of(tables, keys, graph)
    return Profile(source.where, tuple(tables), keys, graph, parts, tuple(unread))


def _declared(source: Source, tables: list[Table]) -> dict[str, list[tuple[tuple[str, ...], str, tuple[str, ...]]]]:
    declared: dict[str, list[tuple[tuple[str, ...], str, tuple[str, ...]]]] = {}
    for table in tables:
        try:
            references = source.references(table.name)
        except SourceError:
            continue
        for reference in references:
            to = source.listed(reference.table)
            declared.setdefault(table.name, []).append((reference.columns, to, reference.to))
    return declared
