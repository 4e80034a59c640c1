"""The tables of a SQL lead pipeline: those that this tool makes, and those that it finds and uses as they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import ReflectedColumn

from etl.config import PartsTable, Target
from etl.connect.sql.columns import MYSQL, PART_BYTES, field_limit, forbidden, id_kind, limit
from etl.connect.target import FieldLimit, nearest
from etl.errors import ConfigError
from etl.model import LEAD_FIELDS, MAX_SOURCE_KEY

LEADS, PARTS, LEDGER, FORMER = "leads", "lead_notes", "crm_cleanup_ledger", "crm_cleanup_former"
EXACT = {"postgresql": "C", "mariadb": "utf8mb4_nopad_bin", "mysql": "utf8mb4_0900_bin", "sqlite": "BINARY"}
"""The collation under which keys are equal only when they are the same text."""
OWN_PARTS = PartsTable(table=PARTS, lead="lead_id", number="part", text="text")


@dataclass(frozen=True)
class LeadTable:
    """A table of leads: which column takes which lead field.

    id_kind: an integer that the server assigns, or a text column, which gets the lead key. columns: lead field ->
    column, `note` among them. never_null: fields whose text column takes no NULL and has a default; there the empty
    text stands for an empty value. longest_key: characters of a source key that the ledger, and a text id, can hold.
    others: the columns that nothing here fills. exists: whether it is there yet; only the tool's own table may be
    missing.
    """

    name: str
    schema: str | None
    id: str
    id_kind: Literal["integer", "text"]
    columns: Mapping[str, str]
    limits: Mapping[str, FieldLimit]
    parts: PartsTable | None
    never_null: frozenset[str] = frozenset()
    longest_key: int = MAX_SOURCE_KEY
    others: tuple[str, ...] = ()
    exists: bool = True

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


def lead_table(config: Target, inspector: sa.Inspector | None, where: str) -> LeadTable:
    """Find the table of leads that a config means, and what its columns can hold.

    inspector: of the connected database; None where the database does not exist yet.
    Raises ConfigError where the table, a mapped column or its type is not there or not fit, and where a column must be
    filled and nothing fills it.
    """
    if config.table is not None:
        if inspector is None:
            raise ConfigError(
                f"The table {config.table} does not exist, because the database does not exist.", where=where
            )
        return _existing(config, inspector, where)
    if inspector is None or not inspector.has_table(LEADS):
        from sqlalchemy.dialects import sqlite

        return _missing(sqlite.dialect() if inspector is None else inspector.dialect)
    own = Target(url=config.url, table=LEADS, columns={n: n for n in (*LEAD_FIELDS, "note")}, parts=OWN_PARTS)
    try:
        return _existing(own, inspector, where)
    except ConfigError as error:
        raise ConfigError(
            f"The database already has a table {LEADS!r} that crm-cleanup did not make: {error.message}",
            where=where,
            next="to use this table, name it under target.table with its columns; or give the pipeline a "
            "database of its own",
        ) from None


def _missing(dialect: sa.Dialect) -> LeadTable:
    """The tool's own table before it is made: the limits that it will have."""
    metadata = own_tables(dialect)
    reflected = {
        column.name: _reflected(column, dialect) for column in metadata.tables[LEADS].columns if column.name != "id"
    }
    limits = {name: limit(column, dialect, LEADS) for name, column in reflected.items()}
    limits["note"] = FieldLimit(without=forbidden(dialect))
    columns = {name: name for name in limits}
    return LeadTable(LEADS, None, "id", "integer", columns, limits, OWN_PARTS, exists=False)


def _reflected(column: sa.Column[object], dialect: sa.Dialect) -> ReflectedColumn:
    """A column of ours in the words of reflection."""
    default = None if column.server_default is None else "0"
    return {
        "name": column.name,
        "type": column.type.dialect_impl(dialect),
        "nullable": bool(column.nullable),
        "default": default,
    }


def _existing(config: Target, inspector: sa.Inspector, where: str) -> LeadTable:
    schema, name = split_name(config.table or LEADS)
    place = f"{where}, table {config.table}"
    columns = _columns(inspector, schema, name, place)
    _transactional(inspector, schema, name, place)
    mapped = (config.id, *config.columns.values())
    for column in mapped:
        if mapped.count(column) > 1:
            raise ConfigError(
                f"The column {column!r} is named twice under target; each column can store only one field.", where=place
            )
        if column not in columns:
            raise ConfigError(f"There is no column {column!r}; there are {nearest(column, columns)}.", where=place)
    _filled(set(mapped), columns, place)
    limits = {
        field: field_limit(field, columns[column], inspector.dialect, place) for field, column in config.columns.items()
    }
    _unicode(inspector, schema, name, config.columns["note"], place)
    if config.parts is not None:
        _check_parts(config.parts, schema, inspector, where)
        limits["note"] = FieldLimit(None, required=limits["note"].required, without=limits["note"].without)
    kind = id_kind(columns[config.id], inspector.dialect, place)
    longest = limit(columns[config.id], inspector.dialect, place).length if kind == "text" else None
    nulls = {field for field, column in config.columns.items() if columns[column]["nullable"] or limits[field].required}
    return LeadTable(
        name,
        schema,
        config.id,
        kind,
        config.columns,
        limits,
        config.parts,
        frozenset(name for name, limit in limits.items() if limit.kind == "text" and name not in nulls),
        min(MAX_SOURCE_KEY, longest or MAX_SOURCE_KEY),
        tuple(name for name in columns if name not in mapped),
    )


def _columns(inspector: sa.Inspector, schema: str | None, name: str, place: str) -> dict[str, ReflectedColumn]:
    if not inspector.has_table(name, schema):
        raise ConfigError(
            f"There is no table {name!r}; there are {nearest(name, inspector.get_table_names(schema)) or 'none'}.",
            where=place,
            next="name the table of leads under target.table, or leave target.table out for an empty database",
        )
    return {column["name"]: column for column in inspector.get_columns(name, schema)}


def _transactional(inspector: sa.Inspector, schema: str | None, name: str, place: str) -> None:
    """Refuse an engine that cannot take back half a batch."""
    if inspector.dialect.name in MYSQL:
        engine = inspector.get_table_options(name, schema).get(f"{inspector.dialect.name}_engine", "InnoDB")
        if engine != "InnoDB":
            raise ConfigError(
                f"The table {name} uses the engine {engine}, which has no transactions, so leads could be "
                "written twice.",
                where=place,
                next=f"ALTER TABLE {name} ENGINE=InnoDB, or use another table",
            )


def _unicode(inspector: sa.Inspector, schema: str | None, name: str, column: str, place: str) -> None:
    """Refuse a column for notes that cannot hold every character: it would refuse each note, for its own lines."""
    if inspector.dialect.name not in MYSQL:
        return
    query = sa.text(
        "SELECT character_set_name FROM information_schema.columns"
        " WHERE table_schema = coalesce(:schema, database()) AND table_name = :name AND column_name = :column"
    )
    with inspector.engine.connect() as connection:
        charset = connection.execute(query, {"schema": schema, "name": name, "column": column}).scalar()
    if charset != "utf8mb4":
        raise ConfigError(
            f"The column {column!r} is meant for notes, but it can only store the characters of {charset}.",
            where=place,
            next=f"ALTER TABLE {name} CONVERT TO CHARACTER SET utf8mb4, or map another column",
        )


def _filled(mapped: set[str], columns: Mapping[str, ReflectedColumn], place: str) -> None:
    """Refuse a column that the server requires and nobody fills."""
    for name, column in columns.items():
        server_fills = column["default"] is not None or column.get("computed") or column.get("identity")
        if (
            name not in mapped
            and not column["nullable"]
            and not server_fills
            and column.get("autoincrement") is not True
        ):
            raise ConfigError(
                f"The column {name!r} must not be empty and has no default, but no lead field is mapped to it.",
                where=place,
                next="map a lead field to it under target.columns, or give it a default",
            )


def _check_parts(parts: PartsTable, schema: str | None, inspector: sa.Inspector, where: str) -> None:
    own, name = split_name(parts.table)
    place = f"{where}, table {parts.table}"
    columns = _columns(inspector, own or schema, name, place)
    _transactional(inspector, own or schema, name, place)
    for column in (parts.lead, parts.number, parts.text):
        if column not in columns:
            raise ConfigError(f"There is no column {column!r}; there are {nearest(column, columns)}.", where=place)
    _filled({parts.lead, parts.number, parts.text}, columns, place)
    _unicode(inspector, own or schema, name, parts.text, place)


def part_limit(table: LeadTable, inspector: sa.Inspector | None) -> FieldLimit | None:
    """The longest text that both the note's column and the parts' column can hold; None where there are no parts."""
    if table.parts is None:
        return None
    if inspector is None or not table.exists:
        return FieldLimit(PART_BYTES, "bytes")
    schema, name = split_name(table.parts.table)
    places = ((table.schema, table.name, table.columns["note"]), (schema or table.schema, name, table.parts.text))
    lengths = [PART_BYTES]
    for of_schema, of_table, of_column in places:
        column = _columns(inspector, of_schema, of_table, of_table)[of_column]
        lengths.append(limit(column, inspector.dialect, of_table).length or PART_BYTES)
    return FieldLimit(min(lengths), "bytes")  # so many bytes are never more characters


def split_name(name: str) -> tuple[str | None, str]:
    """Take `crm.leads` apart into schema and table."""
    schema, _, table = name.rpartition(".")
    return schema or None, table


def described(table: LeadTable) -> Iterator[str]:
    """The table for a fingerprint: a line a column, in the order of the mapping's fields."""
    yield f"{table.name}.{table.id}: {table.id_kind}, id"
    for field in sorted(table.limits):
        yield f"{table.name}.{table.columns[field]}: {field}, {table.limits[field]}"
    if table.parts is not None:
        yield f"{table.parts.table}: {table.parts.lead}, {table.parts.number}, {table.parts.text}"
