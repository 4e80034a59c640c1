"""Find the table of leads that a config means, and what its columns can hold; nothing is made here."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import ReflectedColumn

from etl.config import PartsTable, Target
from etl.connect.sql.columns import MYSQL, PART_BYTES, field_limit, forbidden, limit
from etl.connect.sql.further_limits import further_limits
from etl.connect.sql.ids import Ids, ids_of_column
from etl.connect.sql.tables import LEADS, OWN_PARTS, LeadTable, own_tables, split_name
from etl.connect.target import FieldLimit, nearest
from etl.errors import ConfigError
from etl.model import LEAD_FIELDS, MAX_SOURCE_KEY


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
    return LeadTable(LEADS, None, "id", Ids("integer"), columns, limits, OWN_PARTS, exists=False)


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
    mapped = (config.id, *config.columns.values(), *config.values)
    for column in mapped:
        if mapped.count(column) > 1:
            raise ConfigError(
                f"The column {column!r} is named twice under target; each column can store only one field.", where=place
            )
        if column not in columns:
            raise ConfigError(f"There is no column {column!r}; there are {nearest(column, columns)}.", where=place)
    _filled(set(mapped), columns, place)
    further = further_limits(inspector, schema, name, set(mapped))
    limits = {
        field: further(column, field_limit(field, columns[column], inspector.dialect, place))
        for field, column in config.columns.items()
    }
    _unicode(inspector, schema, name, config.columns["note"], place)
    if config.parts is not None:
        _check_parts(config.parts, schema, inspector, where)
        limits["note"] = FieldLimit(None, required=limits["note"].required, without=limits["note"].without)
    ids = ids_of_column(columns[config.id], inspector.dialect, place)
    longest = limit(columns[config.id], inspector.dialect, place).length if ids.is_lead_key else None
    nulls = {field for field, column in config.columns.items() if columns[column]["nullable"] or limits[field].required}
    return LeadTable(
        name,
        schema,
        config.id,
        ids,
        config.columns,
        limits,
        config.parts,
        frozenset(name for name, limit in limits.items() if limit.kind == "text" and name not in nulls),
        min(MAX_SOURCE_KEY, longest or MAX_SOURCE_KEY),
        tuple(name for name in columns if name not in (config.id, *config.columns.values())),
        values=config.values,
        value_limits={
            column: further(column, limit(columns[column], inspector.dialect, place)) for column in config.values
        },
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
