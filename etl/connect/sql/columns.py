"""What a column of a SQL table can hold, in the words of a lead's field."""

from __future__ import annotations

from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import ReflectedColumn

from etl.connect.target import FieldLimit, Kind, Unit
from etl.errors import ConfigError

MYSQL = ("mysql", "mariadb")
PART_BYTES = 4_000_000
"""The longest part of a note: MariaDB takes 16 MiB in a packet, and escaping can double a text."""

TEXT_BYTES = {"TINYTEXT": 255, "TEXT": 65_535, "MEDIUMTEXT": 16_777_215, "LONGTEXT": 4_294_967_295}

_KINDS: dict[Kind, tuple[type[sa.types.TypeEngine[Any]], ...]] = {
    "boolean": (sa.Boolean,),
    "number": (sa.Integer, sa.Numeric),
    "date": (sa.Date, sa.DateTime, sa.Time),
    "json": (sa.JSON,),
    "text": (sa.String, sa.types.NullType),
}


def field_limit(field: str, column: ReflectedColumn, dialect: sa.Dialect, place: str) -> FieldLimit:
    """What a column can hold of a lead field. Raises ConfigError where it cannot take that field at all."""
    taken = limit(column, dialect, place)
    if (field == "note" and taken.kind != "text") or (field == "do_not_contact" and taken.kind in ("date", "json")):
        raise ConfigError(
            f"The column {column['name']!r} holds the type {taken.kind}, so it cannot store the lead field {field}.",
            where=place,
        )
    return taken


def limit(column: ReflectedColumn, dialect: sa.Dialect, place: str) -> FieldLimit:
    """What a column can hold. Raises ConfigError for a type that leads cannot fill."""
    required = not column["nullable"] and column["default"] is None
    kind = _kind(column, dialect, place)
    length, unit = _length(column["type"], dialect) if kind == "text" else (None, "characters")
    return FieldLimit(length, unit, required, kind, forbidden(dialect))


def _kind(column: ReflectedColumn, dialect: sa.Dialect, place: str) -> Kind:
    of = column["type"]
    if dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql

        of = of.data_type if isinstance(of, postgresql.DOMAIN) else of
    if dialect.name in MYSQL:
        from sqlalchemy.dialects import mysql

        if isinstance(of, mysql.TINYINT) and of.display_width == 1:
            return "boolean"
    for kind, classes in _KINDS.items():
        if isinstance(of, classes):
            return kind
    raise ConfigError(
        f"The column {column['name']!r} has the type {of}. Leads can only be written to text, numbers, dates, "
        "booleans and JSON.",
        where=place,
        next="map another column under target.columns",
    )


def _length(of: sa.types.TypeEngine[Any], dialect: sa.Dialect) -> tuple[int | None, Unit]:
    length = getattr(of, "length", None)
    if dialect.name == "sqlite":
        return None, "characters"  # a declared length is not enforced: sqlite.org/datatype3.html, section 3.1
    if dialect.name in MYSQL and isinstance(of, sa.Text):
        return min(length or TEXT_BYTES.get(type(of).__name__.upper(), 65_535), 2 * PART_BYTES), "bytes"
    return length, "characters"


def forbidden(dialect: sa.Dialect) -> str:
    """PostgreSQL's text types hold no NUL: its documentation, section 8.3."""
    return "\0" if dialect.name == "postgresql" else ""


def id_kind(column: ReflectedColumn, dialect: sa.Dialect, place: str) -> Literal["integer", "text"]:
    """How ids come about: from the server, or as the lead key. Raises ConfigError for a column that has neither."""
    if isinstance(column["type"], sa.String):
        return "text"
    assigned = column.get("autoincrement") is True or column.get("identity") or column["default"] is not None
    if isinstance(column["type"], sa.Integer) and (assigned or dialect.name == "sqlite"):
        return "integer"
    raise ConfigError(
        f"The id column {column['name']!r} must be a text, or an integer that the server assigns.",
        where=place,
        next="name another column under target.id, or let the server assign this one",
    )
