"""Narrow columns of a Parquet file as a DuckDB table: where joins, sorts and counts run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from etl.empties import NO_WORDS, Empties, emptied_rows
from etl.errors import PlanError

BATCH = 50_000


@contextmanager
def database(folder: Path, threads: int = 2, memory: str = "200MB") -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a DuckDB database in memory that spills into `folder`, in UTC and without progress bars.

    Raises PlanError if there is not enough room: the disk is full, or a join does not fit into memory.
    """
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": threads,
        "memory_limit": memory,
        "temp_directory": str(folder / "spill"),
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    try:
        with duckdb.connect(config=config) as connection:
            connection.execute("SET enable_progress_bar = false; SET TimeZone = 'UTC'")
            yield connection
    except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
        if isinstance(error, duckdb.IOException) and "No space left" not in str(error):
            raise
        raise PlanError(
            f"There is not enough room to join the tables: {str(error).splitlines()[0]}",
            where=folder,
            next="free some gigabytes on that disk, then run the command again",
        ) from None


def batches(
    path: Path, columns: Sequence[str], rows: int = BATCH, *, verbatim: bool = False
) -> Iterator[pa.RecordBatch]:
    """Stream columns of a Parquet file in its order; `columns` may name one twice.

    A word that stands for an empty value is null, as whoever decides has to see it; verbatim: as it stands.
    """
    distinct = list(dict.fromkeys(columns))
    with pq.ParquetFile(path) as file:
        empties = NO_WORDS if verbatim else Empties.read(file.schema_arrow.metadata)
        for batch in file.iter_batches(rows, columns=distinct):
            yield emptied_rows(batch, empties).select(list(columns))


def column_of(path: Path, column: str) -> pa.LargeStringArray:
    """One column of a Parquet file as texts, in one piece, as `batches` gives it."""
    parts = [batch.column(0).cast(pa.large_string()) for batch in batches(path, [column])]
    return pa.concat_arrays([pa.array([], pa.large_string()), *parts])


def load_columns(connection: duckdb.DuckDBPyConnection, table: str, path: Path, columns: Mapping[str, str]) -> None:
    """Make a DuckDB table of some columns of a Parquet file.

    columns: name in DuckDB -> column of the file, which may have any name. The table gets `row`, the place in the file
    from 0, as its first column.
    """
    schema = pa.schema([("row", pa.int32()), *((name, pa.large_string()) for name in columns)])
    reader = pa.RecordBatchReader.from_batches(schema, _numbered(path, list(columns.values()), schema))
    connection.register("reader", reader)
    try:
        connection.execute(f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM reader")
    finally:
        connection.unregister("reader")


def _numbered(path: Path, columns: list[str], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    first = 0
    for batch in batches(path, columns):
        numbers = pa.array(range(first, first + len(batch)), pa.int32())
        texts = [column.cast(pa.large_string()) for column in batch.columns]
        yield pa.RecordBatch.from_arrays([numbers, *texts], schema=schema)
        first += len(batch)
