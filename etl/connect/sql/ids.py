"""How the leads of a table get their ids: from the server, in whatever type, or from the lead key."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import ReflectedColumn

from etl.errors import ConfigError, TargetError

LITERAL = re.compile(r"\(*('.*'|[-+]?[0-9.]+|NULL)(::[\w ()]+)?\)*", re.IGNORECASE)
"""A default that is the same for each row, and so makes no id."""

UUID_LENGTH, AT_ONCE = 36, 500
NAMESPACE = uuid.UUID("6c0a7f0e-6a0c-5d55-9c38-8b7c2f3c0f11")
"""Of the ids that are made here."""


@dataclass(frozen=True)
class Ids:
    """How ids come about.

    kind: how they are sent and read. default: the expression by which the server makes one that is no integer of its
    own counting. made: an UUID is made of the lead key; where neither is so, an integer is counted by the server, and a
    text is the lead key.
    """

    kind: Literal["integer", "text", "uuid"]
    default: str | None = None
    made: bool = False

    @property
    def is_lead_key(self) -> bool:
        """Whether the lead key is the id."""
        return self.kind == "text" and self.default is None and not self.made


def ids_of_column(column: ReflectedColumn, dialect: sa.Dialect, place: str) -> Ids:
    """How ids of a column come about. Raises ConfigError for a column that leads can get no ids in."""
    of, default = column["type"], column["default"]
    maker = None if default is None or LITERAL.fullmatch(default.strip()) else default
    if isinstance(of, sa.UUID):
        return Ids("uuid", maker, made=maker is None)
    if isinstance(of, sa.String) and not isinstance(of, sa.Enum):
        made = maker is None and of.length == UUID_LENGTH
        if dialect.name == "postgresql" and isinstance(of, sa.CHAR) and of.length != UUID_LENGTH:
            raise ConfigError(
                f"The id column {column['name']!r} is padded with blanks, so its ids are not those that were written.",
                where=place,
                next="name another column under target.id, or make this one varchar, or char(36) for UUIDs",
            )
        return Ids("text", maker, made)
    assigned = column.get("autoincrement") is True or column.get("identity") or default is not None
    if isinstance(of, sa.Integer) and (assigned or dialect.name == "sqlite"):
        return Ids("integer")
    raise ConfigError(
        f"The id column {column['name']!r} must be a text or UUID, or an integer that the server assigns.",
        where=place,
        next="name another column under target.id, or let the server assign this one",
    )


def new_ids(connection: sa.Connection, ids: Ids, keys: Sequence[str], system: str, where: str) -> list[str]:
    """The ids of new leads where the server does not count them. keys: of the leads."""
    if ids.made:
        return [str(uuid.uuid5(NAMESPACE, f"{system} {key}")) for key in keys]
    if ids.default is None:
        return list(keys)
    drawn: list[str] = []
    while len(drawn) < len(keys):
        drawn += _drawn(connection, ids.default, min(AT_ONCE, len(keys) - len(drawn)))
    if len(set(drawn)) < len(drawn):
        raise TargetError(f"The default of the id column gives several leads one id: {ids.default}.", where=where)
    return drawn


def _drawn(connection: sa.Connection, default: str, count: int) -> list[str]:
    """So many values of a column's default."""
    percent = "%%" if connection.dialect.paramstyle in ("format", "pyformat") else "%"
    numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
    statement = f"{numbers} SELECT ({default.replace('%', percent)}) FROM n"
    return [str(row[0]) for row in connection.exec_driver_sql(statement)]
