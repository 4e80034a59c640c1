"""Columns of dates that put records and history in order: what of them cannot be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

import pyarrow as pa

from etl.config import Config
from etl.config.dates import DateColumn
from etl.model import Dataset
from etl.plan.tables import batches
from etl.rows import Asked
from etl.rows.dated import ask_dates


def asked_of_dates(datasets: Mapping[str, Dataset], config: Config) -> Iterator[Asked]:
    """What came of reading `changed` of all records and `order_by` of all history. datasets: by name."""
    for at, name, by in orderings(config):
        if by is not None and by.column in datasets[name].columns:
            asked = Asked(at, name, by)
            ask_dates(asked, by, partial(_column, datasets[name].path, by.column), surely=at.endswith("changed"))
            yield asked


def orderings(config: Config) -> Iterator[tuple[str, str, DateColumn | None]]:
    """Where the config has them, the dataset, and the column."""
    for name, entry in config.source.records.items():
        yield f"source.records.{name}.changed", name, entry.changed
    for name, table in config.source.related.items():
        if not table.is_made:
            yield f"source.related.{name}.order_by", name, table.order_by


def _column(path: Path, column: str) -> Iterator[pa.Array]:
    """The values of a column of a copied table, a batch at a time."""
    return (batch.column(0) for batch in batches(path, [column]))
