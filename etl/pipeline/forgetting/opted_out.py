"""The addresses of all records of a finished plan that opted out, as they were known when its leads were made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow.parquet as pq

from etl.classify.opted_out import FurtherRows, asked_for_consent, held_addresses, opted_out_addresses
from etl.classify.records import NONE, Numbers, Records, number_records
from etl.matching.addresses import NOBODY, Addresses
from etl.model import SOURCE_KEY_COLUMN, Dataset
from etl.plan import Bundle
from etl.plan.damage import reading
from etl.plan.figures import DatasetFigures
from etl.plan.tables import database


def opted_out_of(bundle: Bundle, folder: Path) -> Addresses:
    """Those that the plan's leads were made with. folder: where a join may spill.

    They are read from the snapshot, and are those of forgotten records, too, as far as other leads have them.
    """
    if not bundle.config.leads.consent:
        return NOBODY
    forgotten = np.array(bundle.manifest.forgotten.opted_out, dtype=np.uint64)
    return Addresses.of([_Snapshot.of(bundle, bundle.path, folder).opted_out(bundle).keys, forgotten])


def left_in_plan(bundle: Bundle, opted_out: Addresses, folder: Path) -> tuple[int, ...]:
    """The keys of those addresses that nobody opted out with any more, and that other records have all the same.

    Who has such an address must not be contacted after somebody is forgotten either, and a lead that has another one
    for it keeps that. opted_out: as they were; folder: has the snapshot without the person.
    """
    if not opted_out:
        return ()
    snapshot = _Snapshot.of(bundle, folder, folder)
    lost = Addresses(np.setdiff1d(opted_out.keys, snapshot.opted_out(bundle).keys))
    left = held_addresses(lost, snapshot.entries, snapshot.further, bundle.config)
    return tuple(left.keys.tolist())


@dataclass(frozen=True)
class _Snapshot:
    """The records of a plan's snapshot, and the further rows of joined tables that they have."""

    records: Records
    entries: Mapping[str, Dataset]
    further: Sequence[FurtherRows]

    @classmethod
    def of(cls, bundle: Bundle, plan: Path, folder: Path) -> _Snapshot:
        """Number the records. plan: the folder that has the snapshot; folder: where a join may spill."""
        config = bundle.config
        datasets = {figures.name: _dataset(plan, figures) for figures in bundle.manifest.figures.datasets}
        entries = {name: datasets[name] for name in config.source.records}
        with TemporaryDirectory(dir=folder) as spill, database(Path(spill)) as connection:
            records = number_records(connection, list(entries.values()), dict(config.source.records))
        further = [
            FurtherRows(table.further_of.dataset, datasets[name], _owners(datasets[name], records))
            for name, table in config.source.related.items()
            if table.further_of is not None and table.further_of.dataset in entries
        ]
        return cls(records, entries, further)

    def opted_out(self, bundle: Bundle) -> Addresses:
        """The addresses of those records that opted out."""
        companies = _companies(bundle, self.records)
        said = asked_for_consent(self.records, self.entries, self.further, bundle.config)
        return opted_out_addresses(said, self.records, companies, bundle.config)


def _dataset(plan: Path, figures: DatasetFigures) -> Dataset:
    path = plan / "snapshot" / figures.file
    with reading(path), pq.ParquetFile(path) as file:
        rows = file.metadata.num_rows
    return Dataset(figures.name, figures.kind, figures.table, path, figures.columns, rows, 0)


def _owners(dataset: Dataset, records: Records) -> Numbers:
    with reading(dataset.path):
        return records.numbers(pq.read_table(dataset.path, columns=[SOURCE_KEY_COLUMN])[SOURCE_KEY_COLUMN])


def _companies(bundle: Bundle, records: Records) -> Numbers:
    path, companies = bundle.path / "decisions.parquet", np.full(len(records), NONE, dtype=np.int32)
    with reading(path):
        decisions = pq.read_table(path, columns=["source_key", "company"])
    numbers = records.numbers(decisions["source_key"])
    companies[numbers[numbers >= 0]] = records.numbers(decisions["company"])[numbers >= 0]
    return companies
