"""Bring a dataset of a snapshot back into the order in which the source gave it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl.plan.reading import Rows
from etl.plan.snapshot import PARTITION_BYTES
from etl.plan.tables import batches

TEXT = pa.large_string()
GROUP = 20_000
"""Rows of a row group of what is written."""


def in_source_order(
    path: Path, columns: Sequence[str], rows: Rows, to: Path, metadata: Mapping[bytes, bytes] | None, size: int
) -> int:
    """Write some columns of a file of the snapshot in the order of the source; the bytes of text in them.

    rows: the place of each row in the source. metadata: of the new file. size: bytes of text of the whole dataset. No
    more than a part of the rows is held at a time.
    """
    schema, total = pa.schema([(column, TEXT) for column in columns], metadata), 0
    with pq.ParquetWriter(to, schema, compression="lz4", write_statistics=False) as writer:
        for part in _parts(path, columns, rows, to, max(1, size // PARTITION_BYTES)):
            writer.write_table(part.cast(schema), row_group_size=GROUP)
            total += sum(pc.sum(pc.binary_length(column)).as_py() or 0 for column in part.columns)
    return total


def _parts(path: Path, columns: Sequence[str], rows: Rows, to: Path, count: int) -> Iterator[pa.Table]:
    """The rows in the order of the source, a part at a time."""
    if count == 1:
        table = pq.read_table(path, columns=list(columns))
        yield table.take(pa.array(np.argsort(rows)))
        return
    each = -(-len(rows) // count)
    files = [to.with_suffix(f".{part}.part") for part in range(count)]
    schema = pa.schema([(column, TEXT) for column in columns])
    with ExitStack() as stack:
        sinks = [stack.enter_context(pa.OSFile(str(file), "wb")) for file in files]
        writers = [stack.enter_context(pa.ipc.new_stream(sink, schema)) for sink in sinks]
        first = 0
        for batch in batches(path, columns, verbatim=True):
            here = rows[first : first + len(batch)] // each
            for part in np.unique(here):
                chosen = pa.Table.from_batches([batch]).take(pa.array(np.flatnonzero(here == part)))
                writers[part].write_table(chosen.cast(schema))
            first += len(batch)
    for part, file in enumerate(files):
        with pa.memory_map(str(file)) as source:
            table = pa.ipc.open_stream(source).read_all()
        file.unlink()
        yield table.take(pa.array(np.argsort(rows[rows // each == part])))
