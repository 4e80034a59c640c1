"""Where the rows go: a folder of CSV files, or the tables of a database."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from .tables import LEGACY, Row

if TYPE_CHECKING:
    from sqlalchemy import Connection

BATCH = 20_000


class Refused(Exception):
    """Something stands already where the generator was told to write."""


class Sink(Protocol):
    """Takes rows, a batch of one table at a time."""

    def write(self, table: str, rows: Sequence[Row]) -> None:
        """Write rows after those that were written before."""


class Buffer:
    """Collects rows of all tables and hands them on in batches, so that memory stays bounded."""

    def __init__(self, sink: Sink, tables: Mapping[str, Sequence[str]]) -> None:
        self._sink = sink
        self._rows: dict[str, list[Row]] = {table: [] for table in tables}
        self.counts = dict.fromkeys(tables, 0)

    def add(self, table: str, row: Row) -> None:
        """Take one row."""
        rows = self._rows[table]
        rows.append(row)
        if len(rows) >= BATCH:
            self._flush(table)

    def close(self) -> None:
        """Hand on what is left."""
        for table in self._rows:
            self._flush(table)

    def _flush(self, table: str) -> None:
        rows = self._rows[table]
        if rows:
            self.counts[table] += len(rows)
            self._sink.write(table, rows)
            rows.clear()


@contextmanager
def open_sink(url: str, tables: Mapping[str, Sequence[str]], replace: bool) -> Iterator[Sink]:
    """Open `files:FOLDER` or a SQLAlchemy URL; what was written counts only if the block ends well.

    Raises Refused where the files or tables exist and are not to be replaced.
    """
    with (
        folder(Path(url.removeprefix("files:")), tables, replace)
        if url.startswith("files:")
        else database(url, tables, replace) as sink
    ):
        yield sink


@dataclass(frozen=True)
class Dialect:
    """How a table's file is written."""

    delimiter: str = ","
    encoding: str = "utf-8"
    suffix: str = "csv"


PLAIN = Dialect()
FIELD_SERVICE = Dialect(";", "cp1252")
DIALECTS = {"notes": Dialect("\t", suffix="tsv"), "prospects": FIELD_SERVICE, "visits": FIELD_SERVICE}
"""The tables that other tools have written, in their ways."""


def place(table: str) -> Path:
    """The file of a table below the folder: legacy/accounts.csv, erp/debtors.csv, truth/records.csv."""
    if table in LEGACY:
        return Path("legacy") / f"{table}.{DIALECTS.get(table, PLAIN).suffix}"
    return Path("erp") / f"{table}.csv" if table == "debtors" else Path("truth") / f"{table.removeprefix('truth_')}.csv"


class _Files:
    def __init__(self, writers: Mapping[str, Any]) -> None:
        self._writers = writers

    def write(self, table: str, rows: Sequence[Row]) -> None:
        self._writers[table].writerows(rows)


@contextmanager
def folder(path: Path, tables: Mapping[str, Sequence[str]], replace: bool) -> Iterator[Sink]:
    """CSV files (line feeds; UTF-8 and commas but for DIALECTS) that get their names when all are written."""
    places = {table: path / place(table) for table in tables}
    there = [str(file) for file in places.values() if file.exists()]
    if there and not replace:
        raise Refused(f"{there[0]} exists; add --replace to write it anew.")
    parts = {table: file.with_suffix(f"{file.suffix}.part") for table, file in places.items()}
    try:
        with ExitStack() as stack:
            writers = {}
            for table, part in parts.items():
                part.parent.mkdir(parents=True, exist_ok=True)
                dialect = DIALECTS.get(table, PLAIN)
                file = stack.enter_context(part.open("w", encoding=dialect.encoding, newline=""))
                writers[table] = csv.writer(file, delimiter=dialect.delimiter, lineterminator="\n")
                writers[table].writerow(tables[table])
            yield _Files(writers)
        for table, part in parts.items():
            part.replace(places[table])
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)


class _Database:
    def __init__(self, connection: Connection, tables: Mapping[str, Sequence[str]]) -> None:
        self._connection = connection
        quote = connection.dialect.identifier_preparer.quote
        mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
        self._columns = {table: f"{quote(table)} ({', '.join(map(quote, cols))})" for table, cols in tables.items()}
        self._inserts = {
            table: f"INSERT INTO {self._columns[table]} VALUES ({', '.join([mark] * len(cols))})"
            for table, cols in tables.items()
        }

    def write(self, table: str, rows: Sequence[Row]) -> None:
        if self._connection.dialect.name == "postgresql":
            self._copy(table, rows)
        else:
            self._connection.exec_driver_sql(self._inserts[table], list(rows))

    def _copy(self, table: str, rows: Sequence[Row]) -> None:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        cursor = self._connection.connection.cursor()
        with cursor.copy(f"COPY {self._columns[table]} FROM STDIN (FORMAT csv)") as copy:
            copy.write(text.getvalue())
        cursor.close()


@contextmanager
def database(url: str, tables: Mapping[str, Sequence[str]], replace: bool) -> Iterator[Sink]:
    """Tables of text columns without keys, as an export into a database makes them, in one transaction."""
    import sqlalchemy as sa

    engine = sa.create_engine(url)
    metadata = sa.MetaData()
    for table, columns in tables.items():
        made = (sa.Column(column, sa.Text) for column in columns)
        sa.Table(table, metadata, *made, mysql_charset="utf8mb4", mariadb_charset="utf8mb4")
    try:
        there = [table for table in tables if sa.inspect(engine).has_table(table)]
        if there and not replace:
            raise Refused(f"the table {there[0]} exists in {engine.url.database}; add --replace to write it anew.")
        with engine.begin() as connection:
            metadata.drop_all(connection)
            metadata.create_all(connection)
            yield _Database(connection, tables)
    finally:
        engine.dispose()
