"""Archive records in a SQL database: set columns, and keep what they held in a table of this tool's own."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any, TypeVar

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.schema import CreateTable

from etl import config
from etl.connect.archive import RetireRefused, Retiring
from etl.connect.sql.columns import MYSQL
from etl.connect.sql.engine import driver_message, open_engine, shown
from etl.connect.sql.ledger import KEY_LIST, KEYS_AT_ONCE, ROWS_AT_ONCE
from etl.connect.sql.refusal import names_in, verdict, without_values
from etl.connect.sql.retry import transact
from etl.connect.sql.tables import EXACT, split_name, table_options
from etl.errors import ConfigError, SourceError
from etl.model import MAX_SOURCE_KEY
from etl.runner import now

T = TypeVar("T")
RETIRED = "crm_cleanup_retired"
QUERY = re.compile(r"\s*(?:select|with)\s", re.IGNORECASE)
INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
CHANGED = "somebody has changed it since it was retired"


class _Anything(sa.types.UserDefinedType[Any]):
    """A column of SQLite without a type: it gives back what was put in, text, number or binary value."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """No type at all."""
        return ""


def retired_table(dialect: sa.Dialect) -> sa.Table:
    """What retired records held before: one row a column that was set, with what it held and what it holds now."""
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


class SqlArchive:
    """A database whose records can be archived. `Archive` says what the methods promise.

    source: its URL; its entries say which table and key column each record is found by.
    """

    def __init__(self, source: config.Source, confirm_lock: Callable[[], None]) -> None:
        self._source, self._confirm_lock = source, confirm_lock
        self._engine = open_engine(source.url)
        dialect = self._engine.dialect
        self._errors = (sa.exc.DBAPIError, dialect.loaded_dbapi.Error)
        self._own = retired_table(dialect)

    @property
    def where(self) -> str:
        """Who and where, without a secret."""
        return shown(self._source.url)

    def prepare(self) -> None:
        """Make the table of former values. Raises ConfigError for an entry that is read by a query."""
        for name, entry in self._source.records.items():
            if QUERY.match(entry.from_ or name):
                raise ConfigError(
                    f"The entry {name!r} is read by a query, and the rows of a query cannot be archived.",
                    where=self.where,
                    next="read it from a table or an updatable view",
                )
        with self._translated("prepared"), self._engine.begin() as connection:
            if not sa.inspect(connection).has_table(RETIRED):
                connection.execute(CreateTable(self._own))
        self.__dict__.pop("_there", None)

    def retire(self, records: Sequence[Retiring], *, system: str, plan: str) -> int:
        """Archive records in one transaction."""
        return self._transact(lambda connection: self._retire(connection, records, system, plan))

    def _retire(self, connection: sa.Connection, records: Sequence[Retiring], system: str, plan: str) -> int:
        if connection.dialect.name == "sqlite":  # take the write lock before reading
            connection.execute(sa.update(self._own).values(plan=self._own.c.plan).where(sa.false()))
        done = {row.source_key for row in self._rows(connection, system, [record.source_key for record in records])}
        left = [record for record in records if record.source_key not in done]
        by_entry: dict[tuple[str, tuple[str, ...]], list[Retiring]] = defaultdict(list)
        for record in left:
            by_entry[record.entry, tuple(sorted(record.values))].append(record)
        for (entry, columns), some in by_entry.items():
            former = self._current_values(connection, entry, columns, [record.key for record in some])
            self._set(connection, entry, columns, [(record.key, dict(record.values)) for record in some])
            written = self._current_values(connection, entry, columns, [record.key for record in some])
            rows = [
                {
                    "source_system": system,
                    "source_key": record.source_key,
                    "column_name": column,
                    "entry": entry,
                    "record_key": record.key,
                    "former": former[record.key][column],
                    "written": written[record.key][column],
                    "lead_id": record.lead_id,
                    "plan": plan,
                    "retired_at": now(),
                }
                for record in some
                for column in columns
            ]
            connection.execute(sa.insert(self._own), rows)
        return len(left)

    def restore(self, keys: Sequence[str], *, system: str, plan: str) -> tuple[int, dict[str, str]]:
        """Bring records back in one transaction; none where nothing was ever archived."""
        if not self._has_own_table:
            return 0, {}
        return self._transact(lambda connection: self._restore(connection, keys, system, plan))

    def _restore(
        self, connection: sa.Connection, keys: Sequence[str], system: str, plan: str
    ) -> tuple[int, dict[str, str]]:
        by_entry: dict[tuple[str, tuple[str, ...]], dict[str, list[Any]]] = defaultdict(dict)
        of_record: dict[str, list[Any]] = defaultdict(list)
        for row in self._rows(connection, system, keys):
            if row.plan == plan:
                of_record[row.source_key].append(row)
        for key, rows in of_record.items():
            by_entry[rows[0].entry, tuple(sorted(row.column_name for row in rows))][key] = rows
        kept: dict[str, str] = {}
        for (entry, columns), some in by_entry.items():
            self._give_back(connection, entry, columns, some, kept)
        restored = [key for key in of_record if key not in kept]
        own = self._own
        mine = sa.and_(own.c.source_system == system, own.c.source_key.in_(KEY_LIST))
        for first in range(0, len(restored), KEYS_AT_ONCE):
            connection.execute(sa.delete(own).where(mine), {"keys": restored[first : first + KEYS_AT_ONCE]})
        return len(restored), kept

    def _give_back(
        self,
        connection: sa.Connection,
        entry: str,
        columns: Sequence[str],
        some: Mapping[str, Sequence[Any]],
        kept: dict[str, str],
    ) -> None:
        """Give records of one entry their former values, where the columns hold what was written."""
        current_values = self._current_values(
            connection, entry, columns, [rows[0].record_key for rows in some.values()], missing=True
        )
        to_restore: list[tuple[str, dict[str, Any]]] = []
        for key, rows in some.items():
            current = current_values.get(rows[0].record_key)
            former = {row.column_name: row.former for row in rows}
            if current is None:
                kept[key] = "it no longer exists"
            elif current == former:
                continue
            elif current != {row.column_name: row.written for row in rows}:
                kept[key] = CHANGED
            else:
                to_restore.append((rows[0].record_key, former))
        self._set(connection, entry, columns, to_restore, exact=True)

    def retired(self, system: str, plan: str | None = None) -> Iterator[pa.Table]:
        """Stream the records that are archived."""
        own = self._own
        if not self._has_own_table:
            return
        with self._translated("read"), self._engine.connect() as connection:
            query = sa.select(own.c.source_key, own.c.entry).distinct().where(own.c.source_system == system)
            if plan is not None:
                query = query.where(own.c.plan == plan)
            result = connection.execution_options(yield_per=ROWS_AT_ONCE).execute(query.order_by(own.c.source_key))
            for rows in result.partitions():
                keys, entries = zip(*rows, strict=True)
                yield pa.table({"source_key": pa.array(keys, pa.large_string()), "entry": list(entries)})

    def known(self, system: str, keys: Sequence[str]) -> frozenset[str]:
        """Those that are archived."""
        with self._translated("read"), self._engine.connect() as connection:
            if not self._has_own_table:
                return frozenset()
            return frozenset(row.source_key for row in self._rows(connection, system, keys))

    def finish(self, *, system: str, plan: str) -> None:
        """Nothing: each transaction is the end of its own."""

    def unfinish(self, *, system: str, plan: str) -> None:
        """Nothing: each transaction is the end of its own."""

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    def _rows(self, connection: sa.Connection, system: str, keys: Sequence[str]) -> list[Any]:
        own, rows = self._own, list[Any]()
        query = sa.select(own).where(own.c.source_system == system, own.c.source_key.in_(KEY_LIST))
        for first in range(0, len(keys), KEYS_AT_ONCE):
            rows += connection.execute(query, {"keys": list(keys[first : first + KEYS_AT_ONCE])}).all()
        return rows

    def _table(self, entry: str) -> sa.TableClause:
        schema, name = split_name(self._source.records[entry].from_ or entry)
        if schema is not None and self._is_plain(self._source.records[entry].from_ or entry):
            schema, name = None, self._source.records[entry].from_ or entry
        return sa.table(name, schema=schema)

    @cached_property
    def _has_own_table(self) -> bool:
        """Whether the table of former values is there."""
        with self._translated("read"), self._engine.connect() as connection:
            return sa.inspect(connection).has_table(RETIRED)

    def _is_plain(self, name: str) -> bool:
        """Whether a name with a dot in it is a table's own, not a schema's and a table's."""
        return name in self._names

    @cached_property
    def _names(self) -> set[str]:
        with self._translated("read"), self._engine.connect() as connection:
            return set(sa.inspect(connection).get_table_names())

    def _current_values(
        self,
        connection: sa.Connection,
        entry: str,
        columns: Sequence[str],
        keys: Sequence[str],
        *,
        missing: bool = False,
    ) -> dict[str, dict[str, Any]]:
        """What columns of records hold, locked until the transaction ends, by key.

        Raises RetireRefused for a record that is not there, unless some may be missing, and for a key of two rows.
        """
        key: sa.ColumnClause[Any] = sa.column(self._source.records[entry].key)
        selected = [self._text_of(sa.column(name)).label(f"c{number}") for number, name in enumerate(columns)]
        query = sa.select(self._text_of(key).label("crm_cleanup_key"), *selected).select_from(self._table(entry))
        query = query.where(key.in_(KEY_LIST)).with_for_update()
        by_key: dict[str, dict[str, Any]] = {}
        for first in range(0, len(keys), KEYS_AT_ONCE):
            some = keys[first : first + KEYS_AT_ONCE]
            wanted = set(some)
            for row in connection.execute(query, {"keys": self._bound(some)}):
                name = str(row[0])
                if name in by_key and name in wanted:
                    raise RetireRefused(f"two rows of {entry} have its key")
                if name in wanted:
                    by_key[name] = dict(zip(columns, row[1:], strict=True))
        if not missing and len(by_key) < len(set(keys)):
            raise RetireRefused(f"it is no longer in {entry}")
        return by_key

    def _set(
        self,
        connection: sa.Connection,
        entry: str,
        columns: Sequence[str],
        records: Sequence[tuple[str, Mapping[str, Any]]],
        *,
        exact: bool = False,
    ) -> None:
        """Set columns of records, each found by its key alone. exact: the values are as the database gave them."""
        if not records:
            return
        table = self._table(entry)
        key: sa.ColumnClause[Any] = sa.column(self._source.records[entry].key)
        source = sa.table(table.name, key, *map(sa.column, columns), schema=table.schema)
        statement = sa.update(source).where(*self._is_key(key))
        statement = statement.values({name: sa.bindparam(f"crm_v{number}") for number, name in enumerate(columns)})
        rows = []
        for record, values in records:
            bound_values = {
                f"crm_v{number}": values[name] if exact else self._value(values[name])
                for number, name in enumerate(columns)
            }
            rows.append({**bound_values, **self._key_values(record)})
        changed = connection.execute(statement, rows).rowcount
        if changed not in (-1, len(rows)):
            raise RetireRefused(f"the update would change {changed} rows of {entry} instead of {len(rows)}")

    def _is_key(self, key: sa.ColumnClause[Any]) -> list[sa.ColumnElement[bool]]:
        """The row of one key: found by an index, and its text equal character by character."""
        dialect = self._engine.dialect.name
        own: sa.BindParameter[Any] = sa.bindparam("crm_key")
        text: sa.BindParameter[Any] = sa.bindparam("crm_text")
        if dialect == "sqlite":
            number: sa.BindParameter[Any] = sa.bindparam("crm_number")
            return [key.in_([own, number]), sa.cast(key, sa.Text) == text]
        if dialect in MYSQL:
            return [key == own, sa.cast(self._text_of(key), sa.BINARY) == sa.cast(text, sa.BINARY)]
        return [key == own]

    def _key_values(self, key: str) -> dict[str, Any]:
        dialect = self._engine.dialect.name
        if dialect == "sqlite":
            return {"crm_key": key, "crm_number": self._value(key), "crm_text": key}
        return {"crm_key": key, "crm_text": key} if dialect in MYSQL else {"crm_key": key}

    def _bound(self, keys: Sequence[str]) -> list[Any]:
        """Keys to ask for: in SQLite also as numbers, which a column without a type may hold."""
        return [*keys, *(number for key in keys if not isinstance(number := self._value(key), str))]

    def _value(self, value: str | None) -> str | int | None:
        """A value as it is sent: to SQLite an integer as one, as a column without a type would keep the text."""
        loose = self._engine.dialect.name == "sqlite"
        return int(value) if loose and value is not None and INTEGER.fullmatch(value) else value

    def _text_of(self, column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        """A column as text, so that it comes back exactly; in SQLite a column is what it holds."""
        dialect = self._engine.dialect.name
        if dialect == "sqlite":
            return column
        return sa.cast(column, sa.CHAR if dialect in MYSQL else sa.Text)

    def _transact(self, work: Callable[[sa.Connection], T]) -> T:
        try:
            return transact(self._engine, self._errors, work, self._confirm_lock)
        except self._errors as error:
            if verdict(error, self._engine.dialect.name) == "refused":
                raise RetireRefused(
                    without_values(driver_message(error, self._source.url), frozenset(names_in(error)))
                ) from None
            raise self._failed("written", error) from None

    @contextmanager
    def _translated(self, doing: str) -> Iterator[None]:
        try:
            yield
        except self._errors as error:
            raise self._failed(doing, error) from None

    def _failed(self, doing: str, error: BaseException) -> SourceError:
        return SourceError(
            f"The source cannot be {doing}: {driver_message(error, self._source.url)}.",
            where=self.where,
            next="check the server, the network and the user's rights, and run the command again",
        )
