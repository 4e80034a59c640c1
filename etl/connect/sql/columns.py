"""What a column of a SQL table can hold, in the words of a lead's field."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.engine.interfaces import ReflectedColumn

from etl.connect.target import FieldLimit, Kind, Unit
from etl.errors import ConfigError

MYSQL = ("mysql", "mariadb")
PART_BYTES = 4_000_000
"""The longest part of a note: MariaDB takes 16 MiB in a packet, and escaping can double a text."""

TEXT_BYTES = {"TINYTEXT": 255, "TEXT": 65_535, "MEDIUMTEXT": 16_777_215, "LONGTEXT": 4_294_967_295}

_BITS = ((mysql.TINYINT, 8), (sa.SmallInteger, 16), (mysql.MEDIUMINT, 24), (sa.BigInteger, 64))
"""Types of integers, and how many bits they have; all others have 32."""

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
    taken = FieldLimit(length, unit, required, kind, forbidden(dialect))
    return taken if dialect.name == "sqlite" else _with_form(taken, _plain(column["type"]))  # which takes any text


def _with_form(taken: FieldLimit, of: sa.types.TypeEngine[Any]) -> FieldLimit:
    """What a server lets in by a column's type: numbers of its size, dates, flags, the words of an enumeration."""
    if isinstance(of, sa.Enum):
        return replace(taken, choices={word.casefold().strip(): word for word in of.enums})
    if taken.kind == "boolean":
        return replace(taken, form="boolean")
    if isinstance(of, sa.Integer):
        most = 2 ** (next((bits for kind, bits in _BITS if isinstance(of, kind)), 32) - 1)
        least = 0 if getattr(of, "unsigned", False) else -most
        return replace(taken, form="integer", least=least, most=most - 1 if least else 2 * most - 1)
    if isinstance(of, sa.Float):
        return replace(taken, form="decimal")
    if isinstance(of, sa.Numeric):
        whole = None if of.precision is None else 10 ** (of.precision - (of.scale or 0)) - 1
        return replace(taken, form="decimal", least=whole and -whole, most=whole, digits=of.scale)
    if isinstance(of, (sa.DateTime, sa.Date)):
        return replace(taken, form="datetime" if isinstance(of, sa.DateTime) else "date")
    return taken


def _plain(of: sa.types.TypeEngine[Any]) -> sa.types.TypeEngine[Any]:
    """The type below a domain of PostgreSQL's."""
    from sqlalchemy.dialects import postgresql

    return of.data_type if isinstance(of, postgresql.DOMAIN) else of


def _kind(column: ReflectedColumn, dialect: sa.Dialect, place: str) -> Kind:
    of = _plain(column["type"])
    if dialect.name in MYSQL and isinstance(of, mysql.TINYINT) and of.display_width == 1:
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
