"""Copy what the config names from the source, in one consistent view, into Parquet files of text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from etl.config import Config
from etl.config.tables import Table, Width, wanted
from etl.connect import TEXT, Batch, Source
from etl.connect.datasets import Datasets
from etl.connect.hiding import Apart
from etl.connect.overwritten import Overwritten
from etl.empties import Empties
from etl.errors import PlanError
from etl.extract.attachments import Attachments
from etl.extract.binary_keys import refuse_binary_keys
from etl.extract.dated import asked_of_dates
from etl.extract.lookups import lookup_figures, merge_figures
from etl.matching.addresses import NOBODY as ADDRESSES_OF_NOBODY, Addresses
from etl.matching.opted_out import SayingSo
from etl.model import Dataset, Fault, Progress, no_progress
from etl.plan.figures import JoinFigures
from etl.rows import Asked
from etl.rows.forgotten import NOBODY, Forgotten


@dataclass(frozen=True)
class Extracted:
    """All that was read: the datasets in the order of the config, and who and where the source is.

    asked: how the values that `where` of records and related tables names met the data; dates: what of the columns
    that put rows in order is no date. lookups: how rows met the tables that they take values from. apart: what was
    read of forgotten records, which is in none of the datasets. opted_out: the addresses of the rows that say so and
    are read no further, left_out_opted_out: how many of them a `where` leaves out.
    """

    datasets: tuple[Dataset, ...]
    fingerprint: Mapping[str, str]
    asked: tuple[Asked, ...] = ()
    dates: tuple[Asked, ...] = ()
    lookups: tuple[JoinFigures, ...] = ()
    apart: Apart = field(default_factory=Apart)
    opted_out: Addresses = ADDRESSES_OF_NOBODY
    left_out_opted_out: int = 0

    def __getitem__(self, name: str) -> Dataset:
        return next(dataset for dataset in self.datasets if dataset.name == name)


def extract(
    config: Config,
    source: Source,
    folder: Path,
    *,
    rows: int = 20_000,
    columns: Width = "all",
    forgotten: Forgotten = NOBODY,
    overwritten: Mapping[str, Sequence[Overwritten]] | None = None,
    progress: Progress = no_progress,
) -> Extracted:
    """Read all datasets that the config names into `folder`, one Parquet file each, binary values as attachments.

    source: opened, so that it is one view of all tables. rows: how many are held at once; the files are the same for
    any number. columns: see `tables.wanted`. forgotten: the records of which nothing is copied. overwritten: rows of
    records that moved before. progress: called with each dataset's name and its rows so far.
    Raises SourceError where a table cannot be read as a whole, and PlanError where the folder cannot be written.
    """
    with _writing(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        attachments, apart = Attachments(folder / "attachments"), Apart()
        saying_so = SayingSo(config) if config.leads.consent else None
        datasets = Datasets(source, config, overwritten, forgotten=forgotten, apart=apart, aside=saying_so)
        staged = []
        for table in datasets.tables.values():
            chosen = wanted(table, config, datasets.all_columns(table.name), columns)
            batches = datasets.read(table.name, chosen, rows, attachments.keep)
            empties = config.source.empties(table.name)
            dataset = _stage(table, chosen, batches, folder / table.file_name, empties, progress)
            remarks, left_out = tuple(source.remarks(table.table)), datasets.left_out[table.name]
            hidden, shared = datasets.hidden[table.name], datasets.shared[table.name]
            staged.append(
                replace(dataset, remarks=remarks, left_out=left_out, forgotten=hidden, forgotten_shared=shared)
            )
    refuse_binary_keys(config, staged)
    asked = tuple(_asked(datasets))
    dates = tuple(asked_of_dates({dataset.name: dataset for dataset in staged}, config))
    records = {datasets.tables[entry].table for entry in config.source.records}
    lookups = [lookup_figures(meeting, records) for meeting in datasets.meetings.values()]
    lookups = [met for met in lookups if met.kind not in ("merges", "under") or met.near]
    lookups += [merge_figures(entry, merges) for entry, merges in datasets.merges().items()]
    opted_out, left_out = (saying_so.addresses, saying_so.left_rows) if saying_so else (ADDRESSES_OF_NOBODY, 0)
    return Extracted(tuple(staged), source.fingerprint(), asked, dates, tuple(lookups), apart, opted_out, left_out)


def _asked(datasets: Datasets) -> Iterator[Asked]:
    for tests in datasets.asked.values():
        yield from tests.values()


def _stage(
    table: Table, columns: Sequence[str], batches: Iterator[Batch], path: Path, empties: Empties, progress: Progress
) -> Dataset:
    from pyarrow import parquet

    schema = pa.schema([(name, TEXT) for name in columns], empties.metadata())
    done = size = 0
    faults: list[Fault] = []
    with parquet.ParquetWriter(path, schema, compression="zstd", compression_level=1) as writer:
        progress(table.name, 0, None)
        for batch in batches:
            faults += [_with_key(fault, table, batch.data, done) for fault in batch.faults]
            writer.write_table(batch.data, row_group_size=batch.data.num_rows)
            done += batch.data.num_rows
            size += _text_bytes(batch.data)
            progress(table.name, done, None)
    return Dataset(table.name, table.kind, table.table, path, tuple(columns), done, size, tuple(faults))


def _with_key(fault: Fault, table: Table, data: pa.Table, first: int) -> Fault:
    """Say which key a damaged row has, if the config names one and it could be read."""
    if fault.row is None or fault.key is not None or table.key not in data.column_names:
        return fault
    return replace(fault, key=data[table.key][fault.row - first].as_py())


def _text_bytes(data: pa.Table) -> int:
    return sum(pc.sum(pc.binary_length(column)).as_py() or 0 for column in data.columns)


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Turn an error of the disk into a PlanError that names the folder."""
    try:
        yield
    except OSError as error:
        raise PlanError(
            f"The snapshot cannot be written: {error.strerror or error}.",
            where=folder,
            written="part of the snapshot, which no command will use",
            next="free space on the disk or choose another folder, then run the command again",
        ) from None
