"""What beside its type limits a column: its characters, and the table that a foreign key says its values are from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import sqlalchemy as sa

from etl.connect.sql.characters import charsets
from etl.connect.target import FieldLimit

MOST = 100_000
"""So many rows of another table are held as what a column may name; a larger one is left to the server."""


def further_limits(
    inspector: sa.Inspector, schema: str | None, table: str, columns: set[str]
) -> Callable[[str, FieldLimit], FieldLimit]:
    """Gives what adds to the limit of a column that its type sets. columns: those that are asked for."""
    codecs = charsets(inspector, schema, table)
    named = _named(inspector, schema, table, columns)

    def further(column: str, limit: FieldLimit) -> FieldLimit:
        if column in named:
            limit = replace(limit, choices=named[column], form=None)
        return replace(limit, charset=codecs[column]) if column in codecs and limit.kind == "text" else limit

    return further


def _named(inspector: sa.Inspector, schema: str | None, table: str, columns: set[str]) -> dict[str, Mapping[str, str]]:
    """For each column with a foreign key: what it may name, as small letters without outer blanks -> as it stands."""
    named: dict[str, Mapping[str, str]] = {}
    for key in inspector.get_foreign_keys(table, schema):
        if len(key["constrained_columns"]) != 1 or key["constrained_columns"][0] not in columns:
            continue
        other = sa.table(key["referred_table"], sa.column(key["referred_columns"][0]), schema=key["referred_schema"])
        with inspector.engine.connect() as connection:
            rows = connection.execute(sa.select(*other.c).limit(MOST + 1)).scalars().all()
        if len(rows) <= MOST:
            texts = [str(value) for value in rows if value is not None]
            named[key["constrained_columns"][0]] = {text.casefold().strip(): text for text in texts}
    return named
