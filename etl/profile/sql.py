"""Small things of SQL: names and texts in queries, and queries that give one row or one column."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa


def quoted(name: str) -> str:
    """A column's name in SQL."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """A text in SQL."""
    return "'" + value.replace("'", "''") + "'"


def rows_in(path: Path) -> str:
    """A Parquet file's rows in SQL."""
    return f"read_parquet({text(str(path))})"


def only_row(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    """The row of a query that gives one."""
    row: tuple[Any, ...] = connection.sql(query).fetchall()[0]
    return row


def only_column(connection: duckdb.DuckDBPyConnection, query: str) -> pa.Array:
    """The texts of a query that gives one column."""
    return connection.sql(query).to_arrow_table().column(0).combine_chunks().cast(pa.large_string())
