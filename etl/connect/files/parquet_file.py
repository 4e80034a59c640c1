"""A table in a Parquet file: any types, by the fixed rules, a column at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from etl.connect import render
from etl.connect.render import Rendered
from etl.connect.rows import batch, header, invalid_unicode, renamed
from etl.connect.source import BATCH_BYTES, TEXT, Batch, Keep
from etl.errors import SourceError, excerpt
from etl.model import Fault, Remark

DAMAGED = (pa.ArrowException, OSError, ValueError)
"""What pyarrow raises for a damaged file; ValueError is Python's for names that are no UTF-8."""


class ParquetFile:
    """One Parquet file. Raises SourceError where it is unusable as a whole."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def columns(self) -> list[str]:
        """The names in the file's schema."""
        names = header(self._file.schema_arrow.names)
        if not names:
            raise SourceError("The file has no columns.", where=self.path)
        return names

    def read(self, dataset: str, wanted: Sequence[int], rows: int, keep: Keep, /) -> Iterator[Batch]:
        """Stream the rows, fewer at a time where they are wide."""
        names, done = self.columns(), 0
        try:
            for stored in self._file.iter_batches(self._step(rows), use_threads=False):
                columns = [column(stored.column(at), keep) for at in wanted]

                def unreadable(row: int, name: str, shown: str, first: int = done) -> Fault:
                    where = f"{self.path}, row {first + row + 1}"
                    return invalid_unicode(dataset, first + row, where, name, shown)

                yield batch([names[at] for at in wanted], columns, [], unreadable)
                done += stored.num_rows
        except DAMAGED as error:
            raise self._damaged(error) from None

    def suggest(self) -> list[str]:
        """Nothing: a Parquet file declares how it is stored."""
        return []

    def remarks(self) -> list[Remark]:
        """Say which columns had to get another name."""
        return renamed(self._file.schema_arrow.names, self.columns())

    @cached_property
    def _file(self) -> pa.parquet.ParquetFile:
        from pyarrow import parquet

        try:
            return parquet.ParquetFile(self.path)
        except DAMAGED as error:
            raise self._damaged(error) from None

    def _step(self, rows: int) -> int:
        """As many rows as are asked for, but no more than fit into a batch's bytes by their mean size."""
        described = self._file.metadata
        size = sum(described.row_group(at).total_byte_size for at in range(described.num_row_groups))
        mean: int = max(1, size // max(1, described.num_rows))
        return max(1, min(rows, BATCH_BYTES // mean))

    def _damaged(self, error: BaseException) -> SourceError:
        return SourceError(
            f"The file is damaged, or it is not a Parquet file: {excerpt(str(error), 80)}.", where=self.path
        )


def column(values: pa.Array, keep: Keep) -> Rendered:
    """Render an Arrow column by the fixed rules."""
    kind = values.type
    if isinstance(kind, pa.ExtensionType) and not isinstance(kind, pa.UuidType):
        return column(values.storage, keep)
    if pa.types.is_dictionary(kind):
        return column(values.dictionary_decode(), keep)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return _strings(values)
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind) or pa.types.is_date(kind) or pa.types.is_null(kind):
        return Rendered(pc.cast(values, TEXT))
    if pa.types.is_timestamp(kind):
        in_utc = values if kind.tz is None else values.cast(pa.timestamp(kind.unit, "UTC"))
        return Rendered(render.datetimes(pc.cast(in_utc, TEXT)))
    if pa.types.is_time(kind):
        return Rendered(render.times(pc.cast(values, TEXT)))
    if pa.types.is_duration(kind):
        return _durations(values)
    if pa.types.is_floating(kind):
        return _floats(values, keep)
    return render.column(values.to_pylist(), keep)


def _strings(values: pa.Array) -> Rendered:
    """Take text as it is; a file can hold bytes that are no UTF-8, which Arrow finds only when it is asked to."""
    try:
        values.validate(full=True)
    except pa.ArrowInvalid:
        raw = values.cast(TEXT).cast(pa.large_binary()).to_pylist()
        return render.strings([None if value is None else value.decode("utf-8", "surrogateescape") for value in raw])
    return Rendered(render.without_empty(values.cast(TEXT)))


def _durations(values: pa.Array) -> Rendered:
    factor = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}[values.type.unit]
    spans = values.cast(pa.int64()).to_pylist()
    return render.strings([None if span is None else render.duration(span * factor) for span in spans])


def _floats(values: pa.Array, keep: Keep) -> Rendered:
    """Render floating point numbers; those of 32 and 16 bits have fewer digits."""
    import numpy as np

    narrow = {16: np.float16, 32: np.float32}.get(values.type.bit_width)
    numbers = values.to_pylist()
    if narrow is None:
        return render.column(numbers, keep)
    return render.strings([None if number is None else repr(float(str(narrow(number)))) for number in numbers])
