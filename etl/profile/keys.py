"""Which columns tell a table's rows apart: those that it declares, else such as are filled and unique."""

from __future__ import annotations

import itertools

import duckdb

from etl.profile.columns import SMALL
from etl.profile.model import Column, KeyOf, Table
from etl.profile.names import kinds_of, roles_of, singular, words_of
from etl.profile.sql import only_row, quoted, rows_in

KEYS = frozenset(
    "id key nr no num number code uuid guid rowid oid pk ref nummer numero ident schluessel clave beleg".split()
)
"""What columns that tell rows apart are called."""
LONGEST = 80
NEARLY = 0.98
"""A column that is called a key and tells so many rows apart is one with rows that are there twice."""
TRIED = 6
"""So many columns are tried in pairs."""


def key_of(connection: duckdb.DuckDBPyConnection, table: Table) -> KeyOf | None:
    """The key of a table; None where nothing tells its rows apart."""
    if table.declared:
        return KeyOf(table.declared, why="declared by the database")
    if not table.rows:
        return None
    filled = [column for column in table.columns if column.filled >= 0.99 * column.rows and column.longest <= LONGEST]
    candidates = [column for column in filled if column.distinct >= 0.9 * table.rows]
    candidates.sort(key=lambda column: -points(column, table))
    for column in candidates[:TRIED]:
        if points(column, table) > 0 and _distinct(connection, table, (column,)) == table.rows:
            return KeyOf((column.name,), why=f"all {table.rows:,} values differ")
    named = [column for column in candidates if points(column, table) >= 50]
    for column in named[:2]:
        if _distinct(connection, table, (column,)) >= NEARLY * table.rows:
            twice = table.rows - _distinct(connection, table, (column,))
            return KeyOf((column.name,), sure=False, why=f"{twice:,} of {table.rows:,} rows have the key of another")
    return _pair(connection, table, filled)


def points(column: Column, table: Table) -> int:
    """How much a column looks like a key: by its name, its place and what else it could be."""
    words = words_of(column.name)
    said = 0
    if words and (words[-1] in KEYS or words[0] in KEYS or any(words[-1].endswith(end) for end in ("id", "nr", "no"))):
        said += 60 if words[-1] in KEYS or words[-1].endswith("id") else 40
    own = {singular(word) for word in words_of(table.name)}
    said -= 50 if _names_another(words, table) or kinds_of(column.name).get("amount", 0) >= 60 else 0
    said += 20 if own & {singular(word) for word in words} or len(words) == 1 else 0
    said += max(0, 20 - 4 * [other.name for other in table.columns].index(column.name))
    return said - (100 if column.dates or column.longest > 40 or has_spaces(column) else 0)


def _names_another(words: tuple[str, ...], table: Table) -> bool:
    """Whether a column is called like the rows of another table, as `kunde_nr` of invoices."""
    spoken = roles_of(" ".join(word for word in words if word not in KEYS))
    roles = [role for role in ("company", "person", "strong", "user") if spoken.get(role, 0) >= 60]
    return bool(roles) and not any(role in roles_of(table.name) for role in roles)


def has_spaces(column: Column) -> bool:
    """Whether a column holds names or addresses rather than codes."""
    some = column.values.to_pylist()[:50]
    return sum(" " in value.strip() or "@" in value for value in some) > len(some) / 4


def _pair(connection: duckdb.DuckDBPyConnection, table: Table, filled: list[Column]) -> KeyOf | None:
    """Two columns that together tell all rows apart."""
    parts = [c for c in filled if not c.dates and c.distinct > 1 and c.longest <= 40 and not has_spaces(c)]
    parts = sorted(parts, key=lambda column: -points(column, table))[:TRIED]
    parts.sort(key=lambda column: [other.name for other in table.columns].index(column.name))
    for pair in itertools.combinations(parts, 2):
        if pair[0].distinct * pair[1].distinct >= table.rows and _distinct(connection, table, pair) == table.rows:
            return KeyOf(tuple(column.name for column in pair), why=f"together, all {table.rows:,} values differ")
    return None


def _distinct(connection: duckdb.DuckDBPyConnection, table: Table, columns: tuple[Column, ...]) -> int:
    if len(columns) == 1 and table.rows <= SMALL:
        return columns[0].distinct
    named = ", ".join(quoted(column.name) for column in columns)
    is_filled = " AND ".join(f"{quoted(column.name)} IS NOT NULL" for column in columns)
    distinct = f"SELECT count(*) FROM (SELECT DISTINCT {named} FROM {rows_in(table.path)} WHERE {is_filled})"
    return int(only_row(connection, distinct)[0])
