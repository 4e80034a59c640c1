"""The tables of a SQL lead pipeline: those that this tool makes, and those that it finds and uses as they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from etl.config import PartsTable
from etl.connect.sql.columns import MYSQL
from etl.connect.sql.ids import Ids
from etl.connect.target import FieldLimit
from etl.model import LEAD_FIELDS, MAX_SOURCE_KEY

LEADS, PARTS, LEDGER, FORMER = "leads", "lead_notes", "crm_cleanup_ledger", "crm_cleanup_former"
EXACT = {"postgresql": "C", "mariadb": "utf8mb4_nopad_bin", "mysql": "utf8mb4_0900_bin", "sqlite": "BINARY"}
"""The collation under which keys are equal only when they are the same text."""
OWN_PARTS = PartsTable(table=PARTS, lead="lead_id", number="part", text="text")


@dataclass(frozen=True)
class LeadTable:
    """A table of leads: which column takes which lead field.

    ids: how leads get theirs. columns: lead field -> column, `note` among them. values: column -> what every new lead
    gets in it. never_null: fields whose text column takes no NULL and has a default; there the empty text stands for an
    empty value. longest_key: characters of a source key that the ledger, and an id that is one, can hold. others: the
    columns that no field fills. exists: whether it is there yet; only the tool's own table may be missing.
    """

    name: str
    schema: str | None
    id: str
    ids: Ids
    columns: Mapping[str, str]
    limits: Mapping[str, FieldLimit]
    parts: PartsTable | None
    never_null: frozenset[str] = frozenset()
    longest_key: int = MAX_SOURCE_KEY
    others: tuple[str, ...] = ()
    exists: bool = True
    values: Mapping[str, str] = field(default_factory=dict)
    value_limits: Mapping[str, FieldLimit] = field(default_factory=dict)

    def table(self) -> sa.TableClause:
        """The table for queries; its columns have no type, so that values come as the driver gives them."""
        columns = dict.fromkeys((self.id, *self.columns.values(), *self.others))
        return sa.table(self.name, *map(sa.column, columns), schema=self.schema)

    def parts_table(self) -> sa.TableClause | None:
        """The table of the further parts of notes."""
        if self.parts is None:
            return None
        names = (self.parts.lead, self.parts.number, self.parts.text)
        schema, table = split_name(self.parts.table)
        return sa.table(table, *map(sa.column, names), schema=schema or self.schema)


def own_tables(dialect: sa.Dialect) -> sa.MetaData:
    """The lead pipeline that an empty database gets: leads, and the further parts of long notes."""
    metadata = sa.MetaData()
    texts = [sa.Column(name, sa.Text) for name in LEAD_FIELDS if name != "do_not_contact"]
    long = _long_text(dialect)
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    sa.Table(
        LEADS,
        metadata,
        sa.Column("id", number, primary_key=True),
        *texts,
        sa.Column("do_not_contact", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("note", long),
        sqlite_autoincrement=True,  # else the id of a lead that was deleted is given again
        **table_options(dialect),
    )
    sa.Table(
        PARTS,
        metadata,
        sa.Column("lead_id", number, sa.ForeignKey(f"{LEADS}.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("part", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("text", long, nullable=False),
        **table_options(dialect),
    )
    return metadata


def ledger_table(dialect: sa.Dialect, schema: str | None = None) -> sa.Table:
    """What was written: one row a moved legacy record, under the name of its source system and its source key.

    Keys compare exactly: `A1`, `a1`, `A1 ` and `Ä1` are four records. contents: what the record's rows added up to when
    it was moved, so that a later plan sees whether it was edited since. state: hash of what the lead has in columns
    that no lead field fills, so that `undo` sees whether somebody has worked with it.
    """
    collation = EXACT.get("mariadb" if getattr(dialect, "is_mariadb", False) else dialect.name)
    key = sa.String(MAX_SOURCE_KEY, collation=collation)
    return sa.Table(
        LEDGER,
        sa.MetaData(schema=schema),
        sa.Column("source_system", sa.String(100, collation=collation), primary_key=True),
        sa.Column("source_key", key, primary_key=True),
        sa.Column("lead_key", key, nullable=False),
        sa.Column("lead_id", key, nullable=False),
        sa.Column("plan", sa.String(100, collation=collation), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("contents", sa.String(32)),
        sa.Column("state", sa.String(64)),
        sqlite_with_rowid=False,
        **table_options(dialect),
    )


def former_table(dialect: sa.Dialect, schema: str | None = None) -> sa.Table:
    """What the leads were like that a record was added to: one row a lead key, as JSON, for `undo`."""
    collation = EXACT.get("mariadb" if getattr(dialect, "is_mariadb", False) else dialect.name)
    key = sa.String(MAX_SOURCE_KEY, collation=collation)
    return sa.Table(
        FORMER,
        sa.MetaData(schema=schema),
        sa.Column("source_system", sa.String(100, collation=collation), primary_key=True),
        sa.Column("lead_key", key, primary_key=True),
        sa.Column("former", _long_text(dialect), nullable=False),
        **table_options(dialect),
    )


def _long_text(dialect: sa.Dialect) -> sa.String:
    if dialect.name not in MYSQL:
        return sa.Text()
    from sqlalchemy.dialects import mysql

    return mysql.LONGTEXT()


def table_options(dialect: sa.Dialect) -> dict[str, Any]:
    """What a table of this tool's own needs beside its columns: transactions and every character."""
    if dialect.name not in MYSQL:
        return {}
    return {f"{dialect.name}_engine": "InnoDB", f"{dialect.name}_charset": "utf8mb4"}


def split_name(name: str) -> tuple[str | None, str]:
    """Take `crm.leads` apart into schema and table."""
    schema, _, table = name.rpartition(".")
    return schema or None, table


def described(table: LeadTable) -> Iterator[str]:
    """The table for a fingerprint: a line a column, in the order of the mapping's fields."""
    yield f"{table.name}.{table.id}: {table.ids.kind}, id"
    for name in sorted(table.limits):
        yield f"{table.name}.{table.columns[name]}: {name}, {table.limits[name]}"
    for column in sorted(table.value_limits):
        yield f"{table.name}.{column}: value, {table.value_limits[column]}"
    if table.parts is not None:
        yield f"{table.parts.table}: {table.parts.lead}, {table.parts.number}, {table.parts.text}"
