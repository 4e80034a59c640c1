"""What retired records held before: a table of this tool's own in the source, one row a column that moved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from etl.connect.sql.columns import MYSQL
from etl.connect.sql.ledger import KEY_LIST, KEYS_AT_ONCE
from etl.connect.sql.tables import EXACT, table_options
from etl.model import MAX_SOURCE_KEY

RETIRED = "crm_cleanup_retired"


class _Anything(sa.types.UserDefinedType[Any]):
    """A column of SQLite without a type: it gives back what was put in, text, number or binary value."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """No type at all."""
        return ""


def retired_table(dialect: sa.Dialect) -> sa.Table:
    """What retired records held before: one row a column that was set, or that moved with it, and what it holds now."""
    collation = EXACT.get("mariadb" if getattr(dialect, "is_mariadb", False) else dialect.name)
    value: Any = _Anything() if dialect.name == "sqlite" else sa.Text().with_variant(mysql.LONGTEXT(), *MYSQL)
    return sa.Table(
        RETIRED,
        sa.MetaData(),
        sa.Column("source_system", sa.String(100, collation=collation), primary_key=True),
        sa.Column("source_key", sa.String(MAX_SOURCE_KEY, collation=collation), primary_key=True),
        sa.Column("column_name", sa.String(64, collation=collation), primary_key=True),
        sa.Column("entry", sa.String(63), nullable=False),
        sa.Column("record_key", sa.String(MAX_SOURCE_KEY, collation=collation), nullable=False),
        sa.Column("former", value),
        sa.Column("written", value),
        sa.Column("lead_id", sa.String(MAX_SOURCE_KEY), nullable=False),
        sa.Column("plan", sa.String(100), nullable=False),
        sa.Column("retired_at", sa.String(40), nullable=False),
        **table_options(dialect),
    )


class FormerValues:
    """The rows of one source system, within a transaction."""

    def __init__(self, connection: sa.Connection, table: sa.Table, system: str) -> None:
        self._connection, self._table, self._system = connection, table, system

    def lock(self) -> None:
        """Take SQLite's write lock before anything is read."""
        if self._connection.dialect.name == "sqlite":
            nothing = sa.update(self._table).values(plan=self._table.c.plan).where(sa.false())
            self._connection.execute(nothing)

    def of(self, keys: Sequence[str]) -> list[Any]:
        """The rows of some source keys."""
        rows, query = list[Any](), sa.select(self._table).where(self._mine)
        for first in range(0, len(keys), KEYS_AT_ONCE):
            rows += self._connection.execute(query, {"keys": list(keys[first : first + KEYS_AT_ONCE])}).all()
        return rows

    def keep(self, rows: Sequence[dict[str, Any]]) -> None:
        """Write rows down."""
        self._connection.execute(sa.insert(self._table), [{"source_system": self._system, **row} for row in rows])

    def forget(self, keys: Sequence[str]) -> None:
        """Delete the rows of some source keys."""
        for first in range(0, len(keys), KEYS_AT_ONCE):
            some = {"keys": list(keys[first : first + KEYS_AT_ONCE])}
            self._connection.execute(sa.delete(self._table).where(self._mine), some)

    @property
    def _mine(self) -> sa.ColumnElement[bool]:
        return sa.and_(self._table.c.source_system == self._system, self._table.c.source_key.in_(KEY_LIST))
