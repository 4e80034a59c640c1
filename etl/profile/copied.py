"""A profile's copies as a source, so that a config can be asked of them what it would be asked of the system."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import pyarrow as pa
from pyarrow import parquet

from etl.connect import TEXT, Batch
from etl.connect.source import Among, Keep, Reference
from etl.errors import SourceError
from etl.model import Remark
from etl.profile.model import Table


@dataclass(frozen=True)
class CopiedSource:
    """The rows that a profile has read, long values cut. copied: table -> what is known of it."""

    where: str
    copied: Mapping[str, Table]
    refuses_changes: bool = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def tables(self) -> list[str]:
        """The tables that were copied."""
        return sorted(self.copied)

    def listed(self, table: str, /) -> str:
        """The name itself: the config was made of these names."""
        return table

    def columns(self, table: str) -> list[str]:
        """Its columns in their order. Raises SourceError of a table that was not copied."""
        return [column.name for column in self._table(table).columns]

    def read(
        self,
        table: str,
        dataset: str,
        columns: Sequence[str] | None,
        rows: int,
        keep: Keep,
        among: Among | None = None,
    ) -> Iterator[Batch]:
        """The copied rows in batches."""
        names = [name for name in self.columns(table) if columns is None or name in set(columns)]
        schema = pa.schema([(name, TEXT) for name in names])
        with parquet.ParquetFile(self._table(table).path) as file:
            for batch in file.iter_batches(rows, columns=names):
                yield Batch(pa.Table.from_batches([batch]).select(names).cast(schema))

    def finds(self, table: str, columns: Sequence[str]) -> bool:
        """Never: a copy is read as a whole."""
        return False

    def references(self, table: str, /) -> list[Reference]:
        """None: they are in the profile."""
        return []

    def keys(self, table: str, /) -> tuple[str, ...]:
        """Those that the table declares."""
        return self._table(table).declared

    def suggest(self, table: str, /) -> list[str]:
        """Nothing: the copies are as they should be."""
        return []

    def remarks(self, table: str, /) -> list[Remark]:
        """None."""
        return []

    def passed_over(self) -> list[tuple[str, str]]:
        """Nothing."""
        return []

    def fingerprint(self) -> dict[str, str]:
        """Where the rows are from."""
        return {"source": self.where}

    def _table(self, table: str) -> Table:
        if table not in self.copied:
            raise SourceError("This table was not read.", where=table)
        return self.copied[table]
