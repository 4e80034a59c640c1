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
CODES = KEYS | frozenset("codice codigo compte konto conto cuenta matricule matricola kennung kuerzel".split())
"""What such columns are called that name no rows of other tables: what somebody stands under in a list."""
PLACES = ("postcode", "city", "street", "phone", "email", "company", "last_name", "country")
"""What columns hold whose values differ only by chance."""
LONGEST = 80
NEARLY = 0.98
"""A column that is called a key and tells so many rows apart is one with rows that are there twice."""
FEW = 2
"""So many rows may be there twice in any list."""
NAMED = 40
"""So many points has a column that is called like a key."""
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
            return _single(connection, table, column)
    for column in [column for column in candidates if points(column, table) >= NAMED + 10][:2]:
        if table.rows - _distinct(connection, table, (column,)) <= max(FEW, (1 - NEARLY) * table.rows):
            return _single(connection, table, column)
    return _pair(connection, table, filled) or _any(connection, table, candidates)


def _any(connection: duckdb.DuckDBPyConnection, table: Table, candidates: list[Column]) -> KeyOf | None:
    """A column that happens to tell all rows apart: a mail address before a name."""
    candidates = sorted(candidates, key=lambda column: kinds_of(column.name).get("email", 0) < 60)
    texts = [
        column for column in candidates if not column.dates and _distinct(connection, table, (column,)) == table.rows
    ]
    return _single(connection, table, texts[0]) if texts else None


def single_key_of(connection: duckdb.DuckDBPyConnection, table: Table) -> KeyOf | None:
    """The column that tells a table's rows apart best, though perhaps not all; None where none does."""
    filled = [column for column in table.columns if column.filled >= 0.9 * column.rows and column.longest <= LONGEST]
    candidates = [column for column in filled if column.distinct >= 0.9 * table.rows]
    best = max(candidates, key=lambda column: points(column, table), default=None)
    return None if best is None else _single(connection, table, best)


def _single(connection: duckdb.DuckDBPyConnection, table: Table, column: Column) -> KeyOf:
    is_named = points(column, table) >= NAMED
    twice = table.rows - _distinct(connection, table, (column,))
    if twice:
        why = f"{twice:,} of {table.rows:,} rows have the key of another"
        return KeyOf((column.name,), sure=False, why=why, named=is_named)
    return KeyOf((column.name,), why=f"all {table.rows:,} values differ", named=is_named)


def points(column: Column, table: Table) -> int:
    """How much a column looks like a key: by its name, its place and what else it could be."""
    words = words_of(column.name)
    said = 0
    if words and (
        words[-1] in CODES or words[0] in CODES or any(words[-1].endswith(end) for end in ("id", "nr", "no"))
    ):
        said += 60 if words[-1] in CODES or words[-1].endswith("id") else 40
    own = {singular(word) for word in words_of(table.name)}
    kinds = kinds_of(column.name)
    said -= 50 if _names_another(words, table) or kinds.get("amount", 0) >= 60 else 0
    said -= 80 if any(kinds.get(kind, 0) >= 60 for kind in PLACES) else 0
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
            is_named = any(points(column, table) >= NAMED for column in pair)
            why = f"together, all {table.rows:,} values differ"
            return KeyOf(tuple(column.name for column in pair), why=why, named=is_named)
    return None


def _distinct(connection: duckdb.DuckDBPyConnection, table: Table, columns: tuple[Column, ...]) -> int:
    if len(columns) == 1 and table.rows <= SMALL:
        return columns[0].distinct
    named = ", ".join(quoted(column.name) for column in columns)
    is_filled = " AND ".join(f"{quoted(column.name)} IS NOT NULL" for column in columns)
    distinct = f"SELECT count(*) FROM (SELECT DISTINCT {named} FROM {rows_in(table.path)} WHERE {is_filled})"
    return int(only_row(connection, distinct)[0])
