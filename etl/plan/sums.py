"""Checksums over the rows that name a record: they show a change in a family, whatever the order of the rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from etl.config import Config
from etl.config.shapes import is_remark
from etl.config.tables import Links, tables
from etl.model import SOURCE_KEY_COLUMN
from etl.plan.digest import LANES, Lanes, hashed

_AFTER_NAME, _AFTER_CELL = (pa.scalar(byte, pa.large_binary()) for byte in (b"\xfe", b"\xff"))
"""Neither byte occurs in UTF-8, so no two rows give the same bytes."""

FEW = 20_000


def own_columns(config: Config, stamps: Mapping[str, Sequence[str]] | None = None) -> dict[str, tuple[str, ...]]:
    """The columns of each dataset that this tool and the source itself write: they are no change of the record.

    stamps: entry -> columns that move by themselves when a record is archived.
    """
    own: dict[str, tuple[str, ...]] = {}
    for name, entry in config.source.records.items():
        retired = config.retire[name].set_ if name in config.retire else ()
        changed = [entry.changed.column] if entry.changed else []
        own[name] = tuple(dict.fromkeys([*retired, *changed, *(stamps or {}).get(name, ())]))
    return in_all_datasets(config, own)


def retired_columns(config: Config) -> dict[str, tuple[str, ...]]:
    """The columns that retiring sets, by dataset."""
    return in_all_datasets(config, {name: tuple(retire.set_) for name, retire in config.retire.items()})


def in_all_datasets(config: Config, columns: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Columns of entries, and the same ones in each other dataset that is read from the table which retiring writes.

    A contact at several companies, or a company as another one's subsidiary, is history of others in the same table.
    """
    read = {table.name: table.table for table in tables(config)}
    everywhere = {name: tuple(own) for name, own in columns.items()}
    for name, own in columns.items():
        written = {read[name], config.retire[name].table} if name in config.retire else {read[name]}
        for dataset, table in read.items():
            if dataset != name and table in written:
                everywhere[dataset] = tuple(dict.fromkeys([*everywhere.get(dataset, ()), *own]))
    return everywhere


class Sums:
    """For each of some records, how many rows of a dataset name it, and what the hashes of these rows add up to.

    keys: the records' source keys, each once. Adding makes it independent of order, chunks and batches. lanes: shape
    (records, LANES), rows: (records,).
    """

    def __init__(self, keys: pd.Index[str]) -> None:
        self.keys = keys
        self._few = pa.array(keys, pa.large_string()) if len(keys) <= FEW else None
        self.rows: npt.NDArray[np.int64] = np.zeros(len(keys), dtype=np.int64)
        self.lanes: Lanes = np.zeros((len(keys), LANES), dtype=np.uint64)

    def add(self, table: pa.Table, dataset: str, links: Links, without: Collection[str] = ()) -> None:
        """Add the rows of a table that name one of the records. without: columns that do not count, like remarks."""
        named = [self._named(table, entry, column) for entry, column in links]
        counted = np.logical_or.reduce([places >= 0 for places in named])
        if not counted.any():
            return
        remarks = filter(is_remark, table.column_names)
        hashes = named_hashes(table.filter(pa.array(counted)), dataset, {*without, *remarks})
        for number, places in enumerate(named):
            chosen = places[counted]
            for earlier in named[:number]:  # a row that names one record twice is one row of it
                chosen = np.where(earlier[counted] == chosen, -1, chosen)
            naming = np.flatnonzero(chosen >= 0)
            np.add.at(self.lanes, chosen[naming], hashes[naming])
            np.add.at(self.rows, chosen[naming], 1)

    def count(self, table: pa.Table, links: Links) -> None:
        """Count the rows of a table that name one of the records, without what they hold."""
        for entry, column in links:
            places = self._named(table, entry, column)
            np.add.at(self.rows, places[places >= 0], 1)

    def hex(self) -> list[str]:
        """What stands for each record: 32 hex digits of its sums."""
        halves = self.lanes[:, :2].astype(">u8").tobytes().hex()
        return [halves[at : at + 32] for at in range(0, len(halves), 32)]

    def _named(self, table: pa.Table, entry: str, column: str) -> npt.NDArray[np.int64]:
        """For each row the place of the record that it names by a column; -1 where it is none of these."""
        if column not in table.column_names or not table.num_rows:
            return np.full(table.num_rows, -1, dtype=np.int64)
        keys = source_keys(entry, table[column])
        if self._few is not None:  # a list so short is made into a hash table faster than keys into objects
            return np.asarray(pc.fill_null(pc.index_in(keys, value_set=self._few), -1)).astype(np.int64)
        places = self.keys.get_indexer(pd.Index(keys.to_pandas()))
        return np.where(np.asarray(pc.is_valid(table[column])), places, -1).astype(np.int64)


def source_keys(entry: str, keys: pa.ChunkedArray) -> pa.ChunkedArray:
    """The source keys of an entry's keys; null stays null."""
    texts = pc.cast(keys, pa.large_string())
    return pc.binary_join_element_wise(pa.scalar(entry, pa.large_string()), texts, pa.scalar(":", pa.large_string()))


def named_hashes(table: pa.Table, dataset: str, without: Collection[str] = ()) -> Lanes:
    """SHA-256 of each row over the dataset's name and its filled cells with their columns' names, in four lanes.

    Neither the order of the columns counts, nor one that is empty: a new column changes the rows that have a value.
    """
    cells: list[Any] = [pa.scalar(dataset.encode(), pa.large_binary())]
    for name in sorted(set(table.column_names) - {SOURCE_KEY_COLUMN, *without}):
        values = table[name].combine_chunks().cast(pa.large_binary())
        cells.append(pc.binary_join_element_wise(pa.scalar(name.encode(), pa.large_binary()), values, _AFTER_NAME))
    return hashed(pc.binary_join_element_wise(*cells, _AFTER_CELL, null_handling="skip"))


def keys_by_entry(members: pd.DataFrame) -> dict[str, list[str]]:
    """The keys, as the source has them, of some records, by entry. members: as `Bundle.members` gives them."""
    return {str(entry): rows["key"].tolist() for entry, rows in members.groupby("entry", sort=False)}
