"""All rows of a plan's snapshot that are, or name, some records: as datasets of their own."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl.config.tables import Links, links_of
from etl.model import SOURCE_KEY_COLUMN, Dataset, Fault
from etl.plan import reading
from etl.plan.bundle import Bundle
from etl.plan.damage import reading as read
from etl.plan.figures import DatasetFigures

TEXT = pa.large_string()


def datasets_of(bundle: Bundle, keys: Collection[str], folder: Path) -> list[Dataset]:
    """Copy the rows into a folder, one file a dataset; every dataset of the plan is there, even without a row.

    keys: source keys. Raises PlanError where a file cannot be read.
    """
    links, figures = links_of(bundle.config), bundle.manifest.figures.datasets
    known = bundle.manifest.reading is not None
    rows = reading.read_rows(bundle.path, [each.name for each in figures]) if known else {}
    faults = reading.read_faults(bundle.path) if known else {}
    datasets = []
    for each in figures:
        table, places = _rows(bundle.path / "snapshot" / each.file, links.get(each.name, ()), keys)
        table = table.drop_columns([SOURCE_KEY_COLUMN])
        path = folder / each.file
        pq.write_table(table.replace_schema_metadata(bundle.config.source.empties(each.name).metadata()), path)
        of_source = rows[each.name][places].tolist() if known else []
        own = [replace(f, row=of_source.index(f.row)) for f in faults.get(each.name, ()) if f.row in of_source]
        datasets.append(_dataset(each, path, table, own))
    return datasets


def _dataset(of: DatasetFigures, path: Path, table: pa.Table, faults: Sequence[Fault]) -> Dataset:
    return Dataset(of.name, of.kind, of.table, path, tuple(table.column_names), len(table), 0, tuple(faults))


def _rows(
    path: Path, links: Links, keys: Collection[str]
) -> tuple[pa.Table, np.ndarray[tuple[int], np.dtype[np.intp]]]:
    """The rows of one file that stand with some records or name them, and their places in it."""
    wanted = pa.array(list(keys), TEXT)
    with read(path), pq.ParquetFile(path) as file:
        names = file.schema_arrow.names
        columns = [column for _, column in links if column in names]
        tables, places, first = [file.schema_arrow.empty_table()], [np.zeros(0, dtype=np.intp)], 0
        for group in range(file.num_row_groups):
            some = file.read_row_group(group, list(dict.fromkeys([SOURCE_KEY_COLUMN, *columns])))
            chosen = np.asarray(pc.fill_null(pc.is_in(some[SOURCE_KEY_COLUMN], value_set=wanted), False))
            for entry, column in links:
                if column in names:
                    own = pa.array([key.partition(":")[2] for key in keys if key.startswith(f"{entry}:")], TEXT)
                    chosen = chosen | np.asarray(pc.is_in(some[column], value_set=own))
            if chosen.any():
                tables.append(file.read_row_group(group).filter(pa.array(chosen)))
                places.append(np.flatnonzero(chosen) + first)
            first += len(some)
    return pa.concat_tables(tables).combine_chunks(), np.concatenate(places)
