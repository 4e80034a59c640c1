"""Where the records of an entry are archived: a table or an updatable view, read and set by the records' keys."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import sqlalchemy as sa

from etl import config
from etl.config.retire import EXAMPLE, Retire
from etl.connect.archive import RetireRefused
from etl.connect.sql.columns import MYSQL
from etl.connect.sql.ledger import KEYS_AT_ONCE
from etl.connect.sql.source import QUERY
from etl.connect.sql.tables import split_name
from etl.connect.target import nearest
from etl.errors import ConfigError, excerpt
from etl.rows.keys import parts_of

INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
BINARY = (sa.LargeBinary, sa.BINARY, sa.VARBINARY)
"""The types of columns that hold bytes, on any server."""
Records = Sequence[tuple[str, Mapping[str, Any]]]
"""Key of a record, and column -> value."""


@dataclass(frozen=True)
class KeyColumn:
    """A column by which records are found. type: as the database has it."""

    name: str
    type: sa.types.TypeEngine[Any]
    dialect: sa.Dialect

    @property
    def is_integer(self) -> bool:
        """Whether keys are integers in a column that takes nothing else."""
        return isinstance(self.type, sa.Integer) and self.dialect.name != "sqlite"

    @property
    def is_padded(self) -> bool:
        """Whether the server pads keys with blanks: PostgreSQL's `char(10)`, where those do not count."""
        return self.dialect.name == "postgresql" and isinstance(self.type, sa.CHAR)

    def plain(self, text: str) -> str:
        """A key as its text comes back."""
        return text.rstrip(" ") if self.is_padded else text

    def sent(self, text: str) -> list[Any]:
        """What to ask for: in SQLite also a number, which a column without a type may hold; nothing for no integer."""
        if self.is_integer:
            return [int(text)] if INTEGER.fullmatch(text) else []
        number = _number(text)
        return [text] if self.dialect.name != "sqlite" or isinstance(number, str) else [text, number]

    def condition(self, place: int) -> list[sa.ColumnElement[bool]]:
        """It holds one key: found by an index, and its text equal character by character. place: among the columns."""
        key: sa.ColumnClause[Any] = sa.column(self.name)
        own: sa.BindParameter[Any] = sa.bindparam(f"crm_key{place}")
        text: sa.BindParameter[Any] = sa.bindparam(f"crm_text{place}")
        if self.dialect.name == "sqlite":
            number: sa.BindParameter[Any] = sa.bindparam(f"crm_number{place}")
            return [key.in_([own, number]), sa.cast(key, sa.Text) == text]
        if self.dialect.name in MYSQL and not self.is_integer:
            return [key == own, sa.cast(sa.cast(key, sa.CHAR), sa.BINARY) == sa.cast(text, sa.BINARY)]
        return [key == own]

    def bound(self, place: int, text: str) -> dict[str, Any]:
        """What that condition is asked with."""
        own, exact = f"crm_key{place}", f"crm_text{place}"
        if self.dialect.name == "sqlite":
            return {own: text, f"crm_number{place}": _number(text), exact: text}
        if self.is_integer:
            return {own: int(text) if INTEGER.fullmatch(text) else None}
        return {own: text, exact: text} if self.dialect.name in MYSQL else {own: text}


@dataclass(frozen=True)
class Place:
    """A table, and its columns with the records' keys; several are one key, its parts joined by `/`.

    stored: the columns that can hold what they are given, with their types, binary ones left out; what a write moves is
    looked for in them. is_view: it may hide a row when that is set.
    """

    name: str
    table: str
    schema: str | None
    key: tuple[KeyColumn, ...]
    stored: Mapping[str, sa.types.TypeEngine[Any]]
    is_view: bool
    dialect: sa.Dialect

    @property
    def key_names(self) -> tuple[str, ...]:
        """The names of the key's columns."""
        return tuple(column.name for column in self.key)

    def parts(self, key: str) -> tuple[str, ...]:
        """A key's text in each of its columns."""
        return (key,) if len(self.key) == 1 else tuple(parts_of(key))

    def rows(
        self, connection: sa.Connection, keys: Sequence[str], columns: Sequence[str] | None = None
    ) -> dict[str, dict[str, Any]]:
        """What columns of records hold, locked until the transaction ends, by key; those that are not there, absent.

        columns: all that are stored if None. Raises RetireRefused for a key of two rows.
        """
        names = tuple(self.stored) if columns is None else columns
        selected = [self.text_of(sa.column(name)).label(f"c{number}") for number, name in enumerate(names)]
        own = [self.text_of(sa.column(name)).label(f"crm_cleanup_key{n}") for n, name in enumerate(self.key_names)]
        query = sa.select(*own, *selected).select_from(self._clause()).with_for_update()
        by_key: dict[str, dict[str, Any]] = {}
        for first in range(0, len(keys), KEYS_AT_ONCE):
            wanted = {self._plain(self.parts(key)): key for key in keys[first : first + KEYS_AT_ONCE]}
            for row in connection.execute(query.where(self._among(list(wanted)))):
                key = wanted.get(self._plain([str(part) for part in row[: len(own)]]))
                if key is None:
                    continue  # another text that the column's collation takes for equal
                if key in by_key:
                    raise RetireRefused(f"two rows of {self.name} have its key")
                by_key[key] = dict(zip(names, row[len(own) :], strict=True))
        return by_key

    def _among(self, keys: Sequence[tuple[str, ...]]) -> sa.ColumnElement[bool]:
        """The rows of some keys, found by an index."""
        columns: list[sa.ColumnClause[Any]] = [sa.column(name) for name in self.key_names]
        sent = [
            values
            for parts in keys
            for values in product(*(column.sent(part) for column, part in zip(self.key, parts, strict=True)))
        ]
        if len(columns) == 1:
            return columns[0].in_([value for (value,) in sent])
        return sa.tuple_(*columns).in_(sent)

    def set(self, connection: sa.Connection, columns: Sequence[str], records: Records, *, exact: bool = False) -> None:
        """Set columns of records, each found by its key alone. exact: the values are as the database gave them.

        Raises RetireRefused where not each of them was set.
        """
        if not records:
            return
        values: dict[str, Any] = {name: sa.bindparam(f"crm_v{number}") for number, name in enumerate(columns)}
        statement = sa.update(self._clause(columns)).where(*self._is_key()).values(values)
        rows = [
            {
                **{f"crm_v{n}": new[name] if exact else self.sent(new[name]) for n, name in enumerate(columns)},
                **self._key_values(key),
            }
            for key, new in records
        ]
        changed = connection.execute(statement, rows).rowcount
        if changed not in (-1, len(rows)):
            raise RetireRefused(f"the update would change {changed} rows of {self.name} instead of {len(rows)}")

    def set_nothing(self, connection: sa.Connection, columns: Sequence[str]) -> None:
        """Set columns of no record: the server says what this user may not do."""
        nothing = sa.update(self._clause(columns)).where(sa.false())
        connection.execute(nothing.values({name: sa.column(name) for name in columns}))

    def holds(self, connection: sa.Connection, key: str, column: str, value: str | None) -> bool:
        """Whether a record's column holds a value, as the server compares them."""
        own: sa.ColumnClause[Any] = sa.column(column)
        equal = own.is_(None) if value is None else own == sa.bindparam("crm_value", self.sent(value))
        query = sa.select(sa.func.count()).select_from(self._clause((column,))).where(*self._is_key(), equal)
        return bool(connection.execute(query, self._key_values(key)).scalar())

    def text_of(self, column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        """A column as text, so that it comes back exactly; in SQLite a column is what it holds."""
        if self.dialect.name == "sqlite":
            return column
        return sa.cast(column, sa.CHAR if self.dialect.name in MYSQL else sa.Text)

    def sent(self, value: str | None) -> str | int | None:
        """A value as it is sent: to SQLite an integer as one, as a column without a type would keep the text."""
        return _number(value) if self.dialect.name == "sqlite" and value is not None else value

    def _clause(self, columns: Sequence[str] = ()) -> sa.TableClause:
        names = dict.fromkeys((*self.key_names, *columns))
        return sa.table(self.table, *map(sa.column, names), schema=self.schema)

    def _plain(self, parts: Sequence[str]) -> tuple[str, ...]:
        """The parts of a key as their texts come back."""
        return tuple(column.plain(part) for column, part in zip(self.key, parts, strict=True))

    def _is_key(self) -> list[sa.ColumnElement[bool]]:
        """The row of one key."""
        return [condition for place, column in enumerate(self.key) for condition in column.condition(place)]

    def _key_values(self, key: str) -> dict[str, Any]:
        parts = enumerate(zip(self.key, self.parts(key), strict=True))
        return {name: value for place, (column, part) in parts for name, value in column.bound(place, part).items()}


def _number(text: str) -> int | str:
    """An integer of 64 bits, where a text is one as a database spells it; else the text."""
    if not INTEGER.fullmatch(text) or len(text) > 20:
        return text
    return number if -(2**63) <= (number := int(text)) < 2**63 else text


def place_of(inspector: sa.Inspector, source: config.Source, entry: str, retire: Retire, where: str) -> Place:
    """Find the table in which an entry's records are archived.

    Raises ConfigError for an entry that is read by a query while `retire` names no table, and for a table or column
    that is not there.
    """
    own = source.records[entry]
    name = retire.table or own.from_ or entry
    if QUERY.match(name):
        raise ConfigError(
            f"The entry {entry!r} is read by a query, and the rows of a query cannot be archived.",
            where=where,
            next=f"say under retire which table has its records, for example {entry}: {EXAMPLE}",
        )
    tables, views = inspector.get_table_names(), inspector.get_view_names()
    schema, table = (None, name) if name in (*tables, *views) else split_name(name)
    try:
        columns = {column["name"]: column for column in inspector.get_columns(table, schema)}
    except sa.exc.NoSuchTableError:
        raise ConfigError(
            f"retire: there is no table {excerpt(name)!r}; there are {nearest(name, [*tables, *views]) or 'none'}.",
            where=where,
        ) from None
    key = (retire.key,) if retire.key else own.key_columns.columns
    for column in (*key, *retire.set_):
        if column not in columns:
            raise ConfigError(
                f"retire: {excerpt(name)} has no column {column!r}; it has {nearest(column, columns)}.",
                where=where,
                next=f"correct retire.{entry}; it can name a table and key of its own, for example {EXAMPLE}",
            )
    for column in key:
        if isinstance(columns[column]["type"], BINARY):
            raise ConfigError(
                f"retire: {excerpt(name)} has binary values in {column!r}, and keys are compared as texts.",
                where=where,
                next="name a table or an updatable view with the key as text, such as a generated column of its "
                f"hexadecimal digits, for example {EXAMPLE}",
            )
    stored = {
        column["name"]: column["type"]
        for column in columns.values()
        if column["name"] in retire.set_
        or not (column.get("computed") or isinstance(column["type"], BINARY) or column["name"] in key)
    }
    is_view = name in views or table in inspector.get_view_names(schema)
    keys = tuple(KeyColumn(column, columns[column]["type"], inspector.dialect) for column in key)
    return Place(name, table, schema, keys, stored, is_view, inspector.dialect)
