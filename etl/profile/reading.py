"""Copy a source's tables, so that they can be asked about: every column as text, long values cut."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from etl.connect import TEXT, Source
from etl.errors import SourceError
from etl.model import Progress
from etl.profile.model import Unread

BATCH = 50_000
LONGEST = 200
"""So many characters of a value say what it is."""
ROWS = 3_000_000
"""So many rows of one table are read; what is said of a longer one is said of its first rows."""
ALL_ROWS = 12_000_000
"""So many rows are read of all tables together; after these, a table's first `FEW` only."""
FEW = 20_000
OWN = "crm_cleanup_"
"""How this tool's own tables begin."""


class Copy(NamedTuple):
    """A table's rows in a Parquet file. whole: whether these are all."""

    table: str
    path: Path
    rows: int
    whole: bool
    columns: tuple[str, ...]
    declared: tuple[str, ...]


def copies(
    source: Source, folder: Path, progress: Progress, only: frozenset[str] | None = None
) -> tuple[list[Copy], list[Unread]]:
    """Copy each table of an opened source; a view that fails or a damaged file is told, and the others are copied.

    only: the tables that are copied, with `FEW` rows each, of a system that is asked over a network, page by page.
    """
    copied: list[Copy] = []
    unread = [Unread(name, why) for name, why in source.passed_over()]
    tables = [table for table in source.tables() if not table.startswith(OWN) and (only is None or table in only)]
    left = ALL_ROWS if only is None else 0
    for number, table in enumerate(tables):
        progress("tables", number, len(tables))
        try:
            copy = _copy(source, table, folder / f"{number}.parquet", min(ROWS, max(left, FEW)))
        except SourceError as error:
            unread.append(Unread(table, error.message))
            continue
        left -= copy.rows
        copied.append(copy)
    progress("tables", len(tables), len(tables))
    return copied, unread


def _copy(source: Source, table: str, path: Path, most: int) -> Copy:
    names = source.columns(table)
    schema = pa.schema([(name, TEXT) for name in names])
    rows, whole = 0, True
    with parquet.ParquetWriter(path, schema, compression="zstd", compression_level=1) as writer:
        for batch in source.read(table, table, None, min(BATCH, most), _size):
            if rows >= most:
                whole = False
                break
            cut = [pc.utf8_slice_codeunits(column, 0, LONGEST) for column in batch.data.columns]
            writer.write_table(pa.Table.from_arrays(cut, schema=schema))
            rows += batch.data.num_rows
    return Copy(table, path, rows, whole, tuple(names), source.keys(table))


def _size(value: bytes) -> str:
    """What stands for a file's content; a short one may be a key."""
    return f"{len(value)} bytes"
