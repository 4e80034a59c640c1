"""Reading from SQL databases: tables, views and queries, in one transaction, streamed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import NoSuchTableError, SQLAlchemyError

from etl.connect.rows import batch, invalid_unicode
from etl.connect.source import BATCH_BYTES, Among, Batch, Keep, Reference, near
from etl.connect.sql.drivers import DRIVERS, Driver, Renderer
from etl.connect.sql.engine import connect, driver_message, open_engine, parse, quoted, shown, sqlite_file
from etl.errors import SourceError, excerpt
from etl.model import Fault, Remark

QUERY = re.compile(r"\s*(?:select|with)\s", re.IGNORECASE)
FIRST_STEP, GROWTH = 16, 8
"""How many rows are fetched before their size is known, and how many times as many the next time at most."""


@dataclass(frozen=True)
class _Column:
    name: str
    code: Any


class SqlSource:
    """A database as a source. Each table's name may have its schema before it; a name may also be a query."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._driver: Driver = DRIVERS.get(parse(url).get_backend_name(), Driver)()
        self._engine = open_engine(url, connect_args=self._driver.arguments())
        self._connection: Connection | None = None
        self._described: dict[str, list[_Column]] = {}
        self._indexes: dict[str, frozenset[str]] = {}
        self._broken = False
        self._streams = False

    @property
    def where(self) -> str:
        """Who and where the source is, without its password."""
        return shown(self._url)

    @property
    def refuses_changes(self) -> bool:
        """A transaction sees the tables as they were when it began."""
        return False

    def fingerprint(self) -> dict[str, str]:
        """The kind of database, and who and where."""
        return {"kind": self._engine.dialect.name, "where": self.where}

    def remarks(self, _table: str, /) -> list[Remark]:
        """Nothing: a database shows all that it has."""
        return []

    def passed_over(self) -> list[tuple[str, str]]:
        """Nothing."""
        return []

    def references(self, table: str, /) -> list[Reference]:
        """Name the foreign keys of a table; none of a query, and of a view."""
        if QUERY.match(table):
            return []
        name, schema = self._named(table)
        try:
            keys = sa.inspect(self._live).get_foreign_keys(name, schema)
        except NoSuchTableError:
            return []  # a view
        except self._errors as error:
            raise self._failed(error, table) from None
        return [
            Reference(
                tuple(key["constrained_columns"]),
                ".".join(filter(None, (key["referred_schema"], key["referred_table"]))),
                tuple(key["referred_columns"]),
            )
            for key in keys
        ]

    def keys(self, table: str, /) -> tuple[str, ...]:
        """Name the primary key of a table; none of a query, and of a view."""
        if QUERY.match(table):
            return ()
        name, schema = self._named(table)
        try:
            declared = sa.inspect(self._live).get_pk_constraint(name, schema)
        except NoSuchTableError:
            return ()  # a view
        except self._errors as error:
            raise self._failed(error, table) from None
        return tuple(declared["constrained_columns"])

    def suggest(self, _table: str, /) -> list[str]:
        """Nothing: a database declares how its tables are stored."""
        return []

    def __enter__(self) -> Self:
        path = sqlite_file(self._engine.url) if self._engine.dialect.name == "sqlite" else None
        if path is not None:
            _must_exist(path)
        self._connection = connect(self._engine, self._url, SourceError)
        try:
            self._driver.begin(self._connection)
        except self._errors as error:
            self.__exit__(type(error), error, None)
            raise self._failed(error) from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        connection, self._connection = self._connection, None
        self._streams = False
        try:
            if connection is not None and (error is not None or self._broken):
                connection.invalidate()  # closing would wait for rows that nobody reads, or for a server that is gone
            if connection is not None:
                connection.close()
        except self._errors as failed:  # the server went while nothing was read
            raise self._failed(failed) from None
        finally:
            self._engine.dispose()

    def tables(self) -> list[str]:
        """Name the tables and views of the default schema."""
        return sorted(self._names(None))

    def listed(self, table: str, /) -> str:
        """Tables of the default schema are listed without it."""
        schema, _, name = table.rpartition(".")
        return (
            name
            if schema and schema == sa.inspect(self._live).default_schema_name and name in self._names(None)
            else table
        )

    def columns(self, table: str) -> list[str]:
        """Name a table's, view's or query's columns. Raises SourceError if there is none, or two of one name."""
        names = [column.name for column in self._describe(table)]
        if not names:
            raise SourceError("The table or query has no columns.", where=self._place(table))
        duplicates = sorted({name for name in names if names.count(name) > 1})
        if duplicates:
            raise SourceError(
                f"Two columns have the same name, {excerpt(duplicates[0])!r}.",
                where=self._place(table),
                next="give one of them another name in the query",
            )
        return names

    def finds(self, table: str, columns: Sequence[str]) -> bool:
        """Whether the columns are of a kind whose values the server finds by their text, each by an index."""
        codes = {column.name: column.code for column in self._describe(table)}
        indexed = self._indexed(table)
        return all(self._driver.findable(codes[name]) and name in indexed for name in columns)

    def read(
        self,
        table: str,
        dataset: str,
        columns: Sequence[str] | None,
        rows: int,
        keep: Keep,
        among: Among | None = None,
    ) -> Iterator[Batch]:
        """Stream a table's, view's or query's rows in the order in which the server gives them."""
        names = self.columns(table)
        for name in columns or ():
            if name not in names:
                raise SourceError(
                    f"There is no column {excerpt(name)!r}; {near(name, names)}", where=self._place(table)
                )
        wanted = [at for at, name in enumerate(names) if columns is None or name in set(columns)]
        reading = _Reading(self, table, dataset, wanted, rows, keep, among)
        try:
            yield from reading.batches()
        except self._errors as error:
            raise self._failed(error, table) from None

    def statement(self, table: str, wanted: Sequence[int]) -> str:
        """The SQL that reads some of a table's columns; a query is run as it stands."""
        if QUERY.match(table):
            return _query(table)
        dialect = self._engine.dialect
        described = self._describe(table)
        listed = ", ".join(
            self._driver.expression(quoted(dialect, described[at].name), described[at].code) for at in wanted
        )
        return f"SELECT {listed} FROM {quoted(dialect, *self._resolve(table))}"

    def chosen(self, table: str, wanted: Sequence[int], among: Among) -> tuple[str, list[Any]]:
        """The SQL that reads the rows with one of these values in one of these columns, and its parameters."""
        dialect, codes = self._engine.dialect, {column.name: column.code for column in self._describe(table)}
        conditions, parameters = [], []
        for name, values in among.items():
            condition, parameter = self._driver.among(codes[name], values)
            conditions.append(f"{quoted(dialect, name)} {condition}")
            parameters.append(parameter)
        statement = self.statement(table, wanted)
        if dialect.paramstyle in ("format", "pyformat"):
            statement = statement.replace("%", "%%")
            conditions = [condition.replace("%", "%%").replace("%%s", "%s") for condition in conditions]
        if QUERY.match(table):
            statement = f"SELECT * FROM (\n{statement}\n) crm_cleanup"
        return f"{statement} WHERE {' OR '.join(conditions)}", parameters

    def cursor(self, statement: str, tolerant: bool, parameters: Sequence[Any] = ()) -> Any:
        """Run a statement on a streaming cursor of the driver's own.

        Raises RuntimeError where another one is open: MariaDB's driver would drop the rows that it has not read yet.
        """
        if self._streams:
            raise RuntimeError("a connection reads one table at a time")
        cursor = self._driver.cursor(self._live.connection.driver_connection, tolerant)
        self._streams = True
        text = statement.encode() if tolerant and self.unchecked else statement
        try:
            cursor.execute(text, parameters) if parameters else cursor.execute(text)
        except BaseException:
            self.close(cursor)
            raise
        return cursor

    def close(self, cursor: Any) -> None:
        """Close a cursor of this source."""
        self._streams = False
        self._driver.close(cursor)

    def renderers(self, table: str, wanted: Sequence[int], description: Sequence[Any]) -> list[Renderer]:
        """How each column of a result becomes text."""
        stored = self._describe(table)
        codes = [None for _ in description] if QUERY.match(table) else [stored[at].code for at in wanted]
        return self._driver.renderers(codes, description)

    @property
    def unchecked(self) -> bool:
        """Tell whether the database holds any bytes as text."""
        return self._driver.unchecked

    def undecodable(self, error: Exception) -> bool:
        """Tell whether a tolerant cursor would read on where this error was raised."""
        return self._driver.undecodable(error)

    def _indexed(self, table: str) -> frozenset[str]:
        """The columns that an index begins with; none of a query, and of a view."""
        if table not in self._indexes:
            leading: list[str | None] = []
            if not QUERY.match(table):
                name, schema = self._named(table)
                inspector = sa.inspect(self._live)
                try:
                    keys: list[list[str | None]] = [[*inspector.get_pk_constraint(name, schema)["constrained_columns"]]]
                    keys += [
                        [*constraint["column_names"]] for constraint in inspector.get_unique_constraints(name, schema)
                    ]
                    keys += [[*index["column_names"]] for index in inspector.get_indexes(name, schema)]
                    leading = [columns[0] for columns in keys if columns]
                except NoSuchTableError:
                    leading = []  # a view
                except self._errors as error:
                    raise self._failed(error, table) from None
            self._indexes[table] = frozenset(column for column in leading if column is not None)
        return self._indexes[table]

    def _describe(self, table: str) -> list[_Column]:
        """Ask the server which columns there are, without reading a row."""
        if table not in self._described:
            if QUERY.match(table):
                statement = _query(table)
                if self._engine.dialect.name in ("mysql", "mariadb"):  # they send all rows, read or not
                    statement = f"SELECT * FROM (\n{statement}\n) crm_cleanup LIMIT 0"
            else:
                statement = f"SELECT * FROM {quoted(self._engine.dialect, *self._resolve(table))} WHERE 1 = 0"
            try:
                cursor = self.cursor(statement, False)
                self._described[table] = [_Column(column[0], column[1]) for column in cursor.description]
                self.close(cursor)
            except self._errors as error:
                raise self._failed(error, table) from None
        return self._described[table]

    def _resolve(self, table: str) -> tuple[str, ...]:
        """Find a table by its name, or by schema and name. Raises SourceError naming near matches."""
        if table in self._names(None):
            return (table,)
        for at in (dot.start() for dot in re.finditer(r"\.", table)):
            schema, name = table[:at], table[at + 1 :]
            if schema in self._schemas and name in self._names(schema):
                return schema, name
        raise SourceError(
            f"There is no table or view {excerpt(table)!r}; {near(table, self.tables())}", where=self.where
        )

    def _named(self, table: str) -> tuple[str, str | None]:
        """A table's name, and its schema if it is not the default one."""
        *schema, name = self._resolve(table)
        return name, next(iter(schema), None)

    @cached_property
    def _schemas(self) -> list[str]:
        try:
            return sa.inspect(self._live).get_schema_names()
        except self._errors as error:
            raise self._failed(error) from None

    def _names(self, schema: str | None) -> set[str]:
        if schema not in self._listed:
            inspector = sa.inspect(self._live)
            try:
                names = {*inspector.get_table_names(schema), *inspector.get_view_names(schema)}
                if self._engine.dialect.name == "postgresql":
                    names |= {*inspector.get_materialized_view_names(schema)}
                    names |= {*inspector.get_foreign_table_names(schema)}  # type: ignore[attr-defined]
            except self._errors as error:
                raise self._failed(error) from None
            self._listed[schema] = names
        return self._listed[schema]

    @cached_property
    def _listed(self) -> dict[str | None, set[str]]:
        return {}

    @property
    def _live(self) -> Connection:
        if self._connection is None:
            raise SourceError("The source is read outside of its `with` block.", where=self.where)
        return self._connection

    @property
    def _errors(self) -> tuple[type[Exception], ...]:
        """What reading can raise: the driver's errors, SQLAlchemy's, and text that is not what the server says."""
        return (self._engine.dialect.loaded_dbapi.Error, SQLAlchemyError, OSError, UnicodeDecodeError)

    def _place(self, table: str) -> str:
        return f"{self.where}, {'query' if QUERY.match(table) else 'table'} {excerpt(table, 80)}"

    def _failed(self, error: BaseException, table: str | None = None) -> SourceError:
        self._broken = True
        place = self.where if table is None else self._place(table)
        return SourceError(
            f"The database could not be read: {driver_message(error, self._url)}.",
            where=place,
            next="check the server, the user's rights and the query, and run the command again",
        )


class _Reading:
    """One table on its way into batches."""

    def __init__(
        self,
        source: SqlSource,
        table: str,
        dataset: str,
        wanted: Sequence[int],
        rows: int,
        keep: Keep,
        among: Among | None,
    ) -> None:
        self._source, self._table, self._dataset, self._rows = source, table, dataset, rows
        self._wanted, self._keep_it = wanted, keep
        self._parameters: list[Any] = []
        if among is None:
            self._statement = source.statement(table, wanted)
        else:
            self._statement, self._parameters = source.chosen(table, wanted, among)
        self._names = [source.columns(table)[at] for at in wanted]
        self._kept = 0

    def batches(self) -> Iterator[Batch]:
        tolerant = self._source.unchecked
        cursor = self._source.cursor(self._statement, tolerant, self._parameters)
        try:
            done, step = 0, min(FIRST_STEP, self._rows)
            while True:
                try:
                    rows = cursor.fetchmany(step)
                except Exception as error:
                    if tolerant or not self._source.undecodable(error):
                        raise
                    self._source.close(cursor)
                    tolerant, cursor = True, self._again_from(done)
                    continue
                if not rows:
                    return
                read = self._batch(rows, cursor.description, done)
                done += len(rows)
                step = self._next_step(read, len(rows))
                del rows
                yield read
        finally:
            self._source.close(cursor)

    def _again_from(self, row: int) -> Any:
        """Run the statement again on a tolerant cursor, in the same view, and pass over what was read before."""
        cursor = self._source.cursor(self._statement, True, self._parameters)
        while row:
            row -= len(cursor.fetchmany(min(row, 1_000)))
        return cursor

    def _batch(self, rows: Sequence[Any], description: Sequence[Any], first: int) -> Batch:
        columns: list[Any] = list(zip(*rows, strict=True))
        if len(columns) != len(self._wanted):  # a query gives all of its columns
            columns, description = [columns[at] for at in self._wanted], [description[at] for at in self._wanted]
        renderers = self._source.renderers(self._table, self._wanted, description)
        self._kept = 0
        rendered = [render(values, self._keep) for render, values in zip(renderers, columns, strict=True)]

        def unreadable(row: int, column: str, text: str) -> Fault:
            where = f"{excerpt(self._table)}, row {first + row + 1}"
            return invalid_unicode(self._dataset, first + row, where, column, text)

        return batch(self._names, rendered, [], unreadable)

    def _keep(self, value: bytes) -> str:
        self._kept += len(value)
        return self._keep_it(value)

    def _next_step(self, read: Batch, rows: int) -> int:
        """As many rows as are asked for, but no more than fit into a batch's bytes by the size of those just read."""
        size: int = max(1, (read.data.nbytes + self._kept) // rows)
        return max(1, min(self._rows, BATCH_BYTES // size, GROWTH * rows))


def _query(text: str) -> str:
    return text.strip().rstrip(";").rstrip()


def _must_exist(path: Path) -> None:
    """SQLite makes a database of a wrong name without a word."""
    if not path.is_file():
        raise SourceError(f"There is no such file: {path.absolute()}.", where=path.absolute())
