"""Rows in which this tool has set columns since they were read for a plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from etl.config import Config
from etl.config.links import KeyColumns
from etl.config.tables import tables
from etl.connect.source import TEXT


@dataclass(frozen=True)
class Overwritten:
    """Rows of a dataset in which this tool has set columns since: no `where` leaves them out by what these hold now.

    key: the columns of their keys; keys: those of the rows, in the form in which they meet.
    """

    columns: frozenset[str]
    key: KeyColumns
    keys: pa.Array


def overwritten(
    config: Config, columns: Mapping[str, Sequence[str]], moved: Iterable[str] | pa.Array
) -> dict[str, list[Overwritten]]:
    """The rows of moved records by dataset: of an entry, and of another dataset that is read from its table.

    columns: dataset -> those that this tool has set; moved: the records' source keys.
    """
    read, ours = {table.name: table.table for table in tables(config)}, dict[str, list[Overwritten]]()
    named = pa.array(moved, TEXT)
    for name, entry in config.source.records.items():
        own = named.filter(pc.starts_with(named, f"{name}:"))
        keys = pc.utf8_slice_codeunits(own, len(name) + 1)
        for dataset, set_columns in columns.items() if len(keys) else ():
            if set_columns and read[dataset] == read[name]:
                ours.setdefault(dataset, []).append(Overwritten(frozenset(set_columns), entry.key_columns, keys))
    return ours
