"""Sources for tests: a folder or a database opened, read whole, and shown as plain rows."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from etl.config import CsvFormat
from etl.connect.files.source import FileSource
from etl.connect.source import TEXT, Source
from etl.connect.sql.engine import open_engine
from etl.connect.sql.source import SqlSource
from etl.model import Fault

Row = tuple[str | None, ...]


@dataclass(frozen=True)
class Read:
    """A table as it was read."""

    columns: list[str]
    rows: list[Row]
    faults: list[Fault]

    @property
    def codes(self) -> list[tuple[int | None, str | None, str]]:
        """Row, column and code of each fault."""
        return [(fault.row, fault.column, fault.code) for fault in self.faults]


def keep(value: bytes) -> str:
    """Stand in for the attachments' folder by the value's hash."""
    return "kept " + hashlib.sha256(value).hexdigest()[:8]


def read(source: Source, table: str = "t", columns: Sequence[str] | None = None, rows: int = 3) -> Read:
    """Read a table in small batches, and see that each keeps its promises."""
    with source as opened:
        return read_open(opened, table, columns, rows)


def read_open(source: Source, table: str = "t", columns: Sequence[str] | None = None, rows: int = 3) -> Read:
    """Read a table of a source that is open."""
    found: list[Row] = []
    faults: list[Fault] = []
    names = [name for name in source.columns(table) if columns is None or name in columns]
    for batch in source.read(table, "dataset", columns, rows, keep):
        assert 0 < batch.data.num_rows <= rows
        assert batch.data.column_names == names
        assert set(batch.data.schema.types) <= {TEXT}
        batch.data.validate(full=True)
        start = len(found)
        found += list(zip(*(column.to_pylist() for column in batch.data.columns), strict=True))
        assert all(fault.row is not None and start <= fault.row < len(found) for fault in batch.faults)
        faults += batch.faults
    assert not any(value == "" for row in found for value in row)
    return Read(names, found, faults)


def folder(path: Path, form: CsvFormat | None = None, **files: bytes | str | pa.Table) -> FileSource:
    """Write files into a folder, `t_csv` as t.csv, and make it a source."""
    from pyarrow import parquet

    for name, content in files.items():
        file = path / ".".join(name.rsplit("_", 1))
        if isinstance(content, pa.Table):
            parquet.write_table(content, file)
        else:
            file.write_bytes(content.encode() if isinstance(content, str) else content)
    return FileSource(path, form or CsvFormat())


def database(url: str, *statements: str) -> SqlSource:
    """Run statements in a database and make it a source."""
    run(url, *statements)
    return SqlSource(url)


def run(url: str, *statements: str) -> None:
    """Run statements in a database, all in one transaction."""
    engine = open_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execution_options(no_parameters=True).exec_driver_sql(statement)
    engine.dispose()


def store(url: str, columns: Sequence[str], rows: Sequence[Row], table: str = "t") -> SqlSource:
    """Make a table of text with these rows, in place of one that is there."""
    engine = open_engine(url)
    kind = sa.Text().with_variant(mysql.LONGTEXT(collation="utf8mb4_bin"), "mysql", "mariadb")
    stored = sa.Table(table, sa.MetaData(), *(sa.Column(name, kind, key=f"c{at}") for at, name in enumerate(columns)))
    with engine.begin() as connection:
        stored.drop(connection, checkfirst=True)
        stored.create(connection)
        if rows:
            connection.execute(stored.insert(), [{f"c{at}": value for at, value in enumerate(row)} for row in rows])
    engine.dispose()
    return SqlSource(url)
