"""The fast way into each database: COPY on PostgreSQL, many rows a statement elsewhere, with ids known afterwards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, Protocol

import pyarrow as pa
import sqlalchemy as sa

MAX_ROWID = 2**63 - 1
STATEMENT_BYTES = 2_000_000


class Writer(Protocol):
    """Puts rows into tables, within the transaction of a connection.

    Rows are an Arrow table with the columns of the database's table.
    """

    def begin(self, connection: sa.Connection, ledger: sa.TableClause) -> None:
        """Take the locks that a batch needs before it reads what is there."""

    def insert(self, connection: sa.Connection, table: sa.TableClause, rows: pa.Table) -> None:
        """Insert rows that have all their keys."""

    def insert_new(self, connection: sa.Connection, table: sa.TableClause, id: str, rows: pa.Table) -> list[int]:
        """Insert rows that have no id yet; returns the ids that they got, in the order of the rows."""


def writer(dialect: sa.Dialect) -> Writer:
    """The writer for a database."""
    if dialect.name == "postgresql" and dialect.driver == "psycopg":
        return PostgresWriter()
    if dialect.name == "sqlite":
        return SqliteWriter()
    if getattr(dialect, "is_mariadb", False):
        return MariaWriter()
    return CoreWriter()


class CoreWriter:
    """Any database that SQLAlchemy knows, by SQLAlchemy's own bulk inserts."""

    def begin(self, connection: sa.Connection, ledger: sa.TableClause) -> None:
        """Nothing: the primary key of the ledger decides between two runners."""

    def insert(self, connection: sa.Connection, table: sa.TableClause, rows: pa.Table) -> None:
        """Insert rows that have all their keys."""
        if rows.num_rows:
            connection.execute(sa.insert(table), rows.to_pylist())

    def insert_new(self, connection: sa.Connection, table: sa.TableClause, id: str, rows: pa.Table) -> list[int]:
        """Insert rows and get their ids.

        SQLAlchemy ties returned ids to rows with `sort_by_parameter_order`, in bulk where the database allows that,
        else row by row (its manual, "Correlating RETURNING rows to parameter sets").
        """
        reflected = sa.Table(table.name, sa.MetaData(), schema=table.schema, autoload_with=connection)
        reflected.c[id].nullable = False  # SQLite says of a primary key that it might be NULL
        if connection.dialect.insert_executemany_returning_sort_by_parameter_order:
            statement = sa.insert(reflected).returning(reflected.c[id], sort_by_parameter_order=True)
            return [int(new_id) for new_id in connection.execute(statement, rows.to_pylist()).scalars()]
        keys = [connection.execute(sa.insert(reflected), row).inserted_primary_key for row in rows.to_pylist()]
        return [int(key[0]) for key in keys if key is not None]


class SqliteWriter:
    """SQLite: one writer at a time, so that ids can be counted on from the largest."""

    _ledger: sa.TableClause | None = None

    def begin(self, connection: sa.Connection, ledger: sa.TableClause) -> None:
        """Take the write lock at once: a transaction whose first statement writes (sqlite.org/lang_transaction.html).

        One that reads first may find, when it comes to write, that another was faster, and could only give up.
        """
        self._ledger = ledger
        key = ledger.c.source_key
        connection.execute(sa.update(ledger).values(source_key=key).where(sa.false()))

    def insert(self, connection: sa.Connection, table: sa.TableClause, rows: pa.Table) -> None:
        """Insert rows by one prepared statement."""
        if rows.num_rows:
            names, values = _names(connection, rows.column_names), ", ".join("?" * rows.num_columns)
            statement = f"INSERT INTO {_table(connection, table)} ({names}) VALUES ({values})"
            connection.exec_driver_sql(statement, list(_tuples(rows)))

    def insert_new(self, connection: sa.Connection, table: sa.TableClause, id: str, rows: pa.Table) -> list[int]:
        """Insert rows with ids that were never given to a lead before.

        AUTOINCREMENT knows the largest that ever was (sqlite.org/autoinc.html). Without it SQLite gives the id of a
        deleted lead again, to which ledger rows may still point: ids are then larger than those of the ledger, too.
        Nobody else can write meanwhile: `begin` has locked the database.
        """
        largest = connection.execute(sa.select(sa.func.max(table.c[id]))).scalar() or 0
        last_given = None
        if connection.exec_driver_sql("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'").first():
            query = "SELECT seq FROM sqlite_sequence WHERE name = ? COLLATE NOCASE"
            last_given = connection.exec_driver_sql(query, (table.name,)).scalar()
        largest = max(largest, self._largest_of_ledger(connection) if last_given is None else last_given)
        if largest > MAX_ROWID - rows.num_rows:
            return CoreWriter().insert_new(connection, table, id, rows)
        ids = list(range(int(largest) + 1, int(largest) + 1 + rows.num_rows))
        self.insert(connection, table, rows.add_column(0, id, pa.array(ids, pa.int64())))
        return ids

    def _largest_of_ledger(self, connection: sa.Connection) -> int:
        """The largest lead id of the ledger: read once, and again when somebody else has changed the database.

        What this connection adds to the ledger is in the table of leads too, unless somebody else deletes it there.
        """
        if self._ledger is None:
            return 0
        version = connection.exec_driver_sql("PRAGMA data_version").scalar()
        known = connection.info.get("largest of ledger")
        if known is None or known[0] != version:
            query = sa.select(sa.func.max(sa.cast(self._ledger.c.lead_id, sa.Integer)))
            known = connection.info["largest of ledger"] = (version, connection.execute(query).scalar() or 0)
        return int(known[1])


class PostgresWriter:
    """PostgreSQL: COPY, with ids drawn from the column's sequence beforehand."""

    def begin(self, connection: sa.Connection, ledger: sa.TableClause) -> None:
        """Nothing: the second of two runners waits at the ledger's primary key, and is refused there."""

    def insert(self, connection: sa.Connection, table: sa.TableClause, rows: pa.Table) -> None:
        """Insert rows by COPY in CSV: there an unquoted nothing is NULL, and quoted text is taken as it stands."""
        from pyarrow import csv

        if not rows.num_rows:
            return
        sink = pa.BufferOutputStream()
        csv.write_csv(rows, sink, csv.WriteOptions(include_header=False, quoting_style="all_valid"))
        names = _names(connection, rows.column_names)
        statement = f"COPY {_table(connection, table)} ({names}) FROM STDIN (FORMAT csv)".replace("%%", "%")
        driver: Any = connection.connection.driver_connection
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            copy.write(memoryview(sink.getvalue()))

    def insert_new(self, connection: sa.Connection, table: sa.TableClause, id: str, rows: pa.Table) -> list[int]:
        """Insert rows with ids of the sequence that belongs to the id column, be it serial or identity.

        `pg_get_serial_sequence` names it (manual, table 9.76), and COPY writes the given ids also into an identity
        column that is GENERATED ALWAYS (manual, COPY, Notes). A column without such a sequence, whose default may
        be anything, gets its ids from INSERT … RETURNING.
        """
        query = "SELECT pg_get_serial_sequence(%s, %s)"
        sequence = connection.exec_driver_sql(query, (_table(connection, table).replace("%%", "%"), id)).scalar()
        if sequence is None:
            return CoreWriter().insert_new(connection, table, id, rows)
        query = "SELECT nextval(%s::regclass) FROM generate_series(1, %s)"
        ids = sorted(connection.exec_driver_sql(query, (sequence, rows.num_rows)).scalars())
        self.insert(connection, table, rows.add_column(0, id, pa.array(ids, pa.int64())))
        return ids


class MariaWriter:
    """MariaDB: statements of many rows, each well below the largest packet."""

    def begin(self, connection: sa.Connection, ledger: sa.TableClause) -> None:
        """Nothing: the second of two runners waits at the ledger's primary key, and is refused there."""

    def insert(self, connection: sa.Connection, table: sa.TableClause, rows: pa.Table) -> None:
        """Insert rows, many a statement."""
        for statement, values in _statements(connection, table, rows):
            connection.exec_driver_sql(statement, values)

    def insert_new(self, connection: sa.Connection, table: sa.TableClause, id: str, rows: pa.Table) -> list[int]:
        """Insert rows and get their ids by INSERT … RETURNING (MariaDB 10.5).

        A statement whose rows are known beforehand gets ascending ids in the order of its rows, in each of the lock
        modes (its manual, "AUTO_INCREMENT Handling in InnoDB"; SQLAlchemy builds on the same); the order in which
        RETURNING gives them is not documented, so they are sorted.
        """
        ids: list[int] = []
        for statement, values in _statements(connection, table, rows):
            returning = f"{statement} RETURNING {_names(connection, [id])}"
            ids += sorted(connection.exec_driver_sql(returning, values).scalars())
        return ids


def ledger_time(dialect: sa.Dialect) -> dt.datetime | str:
    """The time for the ledger; the databases with a writer of their own get it as text."""
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    if dialect.name == "postgresql":
        return now.isoformat(" ")
    return now.replace(tzinfo=None).isoformat(" ") if type(writer(dialect)) is not CoreWriter else now


def _statements(
    connection: sa.Connection, table: sa.TableClause, rows: pa.Table
) -> Iterator[tuple[str, tuple[object, ...]]]:
    """Cut rows into INSERT statements of bounded size; one row alone may be larger than that."""
    head = f"INSERT INTO {_table(connection, table)} ({_names(connection, rows.column_names)}) VALUES "
    placeholders = f"({', '.join(['%s'] * rows.num_columns)})"
    values: list[object] = []
    count = size = 0
    for row in _tuples(rows):
        length = sum(len(value) if isinstance(value, str) else 8 for value in row)
        if count and size + length > STATEMENT_BYTES:
            yield head + ", ".join([placeholders] * count), tuple(values)
            values, count, size = [], 0, 0
        values += row
        count, size = count + 1, size + length
    if count:
        yield head + ", ".join([placeholders] * count), tuple(values)


def _tuples(rows: pa.Table) -> Iterator[tuple[object, ...]]:
    return zip(*(column.to_pylist() for column in rows.columns), strict=True)


def _table(connection: sa.Connection, table: sa.TableClause) -> str:
    preparer = connection.dialect.identifier_preparer
    name = preparer.quote(table.name)
    return f"{preparer.quote_schema(table.schema)}.{name}" if table.schema else name


def _names(connection: sa.Connection, names: list[str]) -> str:
    return ", ".join(map(connection.dialect.identifier_preparer.quote, names))
