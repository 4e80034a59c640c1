"""Rows of another table by their key: what a record or row takes from there."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

TEXT = pa.large_string()
Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Lookup:
    """One row a key. keys: each once; columns: name -> their values, in that order."""

    keys: pa.Array
    columns: Mapping[str, pa.Array]

    def of(self, keys: pa.Array, column: str) -> pa.Array:
        """The value of a column for each of some keys; null for a key that is not in the table."""
        return self.columns[column].take(pc.index_in(keys, value_set=self.keys, skip_nulls=True))

    def has(self, keys: pa.Array) -> pa.Array:
        """Which of some keys are in the table."""
        return pc.is_in(keys, value_set=self.keys, skip_nulls=True)


@dataclass(frozen=True)
class Several:
    """Any number of values a key.

    keys: each once; starts: where the values of each begin, closed by their number; unlinked: keys of rows that lead
    nowhere, or do not count.
    """

    keys: pa.Array
    starts: Places
    values: pa.Array
    unlinked: pa.Array = field(default_factory=lambda: pa.array([], TEXT))

    def has(self, keys: pa.Array) -> pa.Array:
        """Which of some keys are in the table, in a row that counts or in another."""
        return pc.or_(*(pc.is_in(keys, value_set=known, skip_nulls=True) for known in (self.keys, self.unlinked)))

    def of(self, keys: pa.Array) -> tuple[Places, pa.Array]:
        """The values of each of some keys: the place of the key, ascending, and the value."""
        known = pc.index_in(keys, value_set=self.keys, skip_nulls=True)
        wanted = np.asarray(pc.fill_null(known, len(self.keys)))
        lengths = np.append(np.diff(self.starts), 0)[wanted]
        places = np.repeat(np.arange(len(keys)), lengths)
        offset = np.arange(len(places)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        return places.astype(np.int64), self.values.take(pa.array(self.starts[wanted[places]] + offset))


def lookup_of(
    keys: pa.Array, rows: Mapping[str, pa.Array], order_by: pa.Array | None, take: Literal["first", "last", "all"]
) -> Lookup:
    """Bring rows to one a key. Of several the first or the last counts, or all distinct values with `; ` between.

    keys: null where a row is of no use. order_by: by what rows are put in order; of equal ones by all they hold.
    """
    columns = {
        "key": keys,
        **({"order": order_by} if order_by is not None else {}),
        **{f"c{n}": c for n, c in enumerate(rows.values())},
    }
    table = pa.table(columns)
    table = table.filter(pc.is_valid(table["key"]))
    table = table.sort_by([(name, "ascending") for name in table.column_names]).combine_chunks()
    sorted_keys = _column(table, "key")
    borders = _borders(sorted_keys)
    starts, ends = borders[:-1], borders[1:]
    values = {name: _column(table, f"c{n}") for n, name in enumerate(rows)}
    if take == "all":
        return Lookup(sorted_keys.take(pa.array(starts)), {name: _all(v, borders) for name, v in values.items()})
    places = pa.array(starts if take == "first" else ends - 1)
    return Lookup(sorted_keys.take(places), {name: column.take(places) for name, column in values.items()})


def _column(table: pa.Table, name: str) -> pa.Array:
    return pa.concat_arrays([pa.array([], TEXT), *(chunk.cast(TEXT) for chunk in table[name].chunks)])


def _borders(keys: pa.Array) -> Places:
    """Where each key begins among sorted ones, closed by their number."""
    if not len(keys):
        return np.zeros(1, dtype=np.int64)
    differs = np.asarray(pc.not_equal(keys.slice(1), keys.slice(0, len(keys) - 1)))
    borders: Places = np.r_[0, np.flatnonzero(differs) + 1, len(keys)].astype(np.int64)
    return borders


def _all(values: pa.Array, borders: Places) -> pa.Array:
    """The distinct filled values between the borders as one text."""
    texts = values.to_pylist()
    parts = [dict.fromkeys(text for text in texts[a:b] if text is not None) for a, b in itertools.pairwise(borders)]
    return pa.array(["; ".join(part) or None for part in parts], TEXT)


def several_of(keys: pa.Array, values: pa.Array, order_by: pa.Array | None, *, descending: bool = False) -> Several:
    """The values of each key, each once, in order."""
    table = pa.table({"key": keys, "order": order_by if order_by is not None else values, "value": values})
    table = table.filter(pc.and_(pc.is_valid(table["key"]), pc.is_valid(table["value"])))
    way = "descending" if descending else "ascending"
    table = table.sort_by([("key", "ascending"), ("order", way), ("value", "ascending")])
    keys, values = _column(table, "key"), _column(table, "value")
    fresh = pa.array(_first_of_each(keys, values))
    keys, values = keys.take(fresh), values.take(fresh)
    borders = _borders(keys)
    return Several(keys.take(pa.array(borders[:-1])), borders, values)


def _first_of_each(keys: pa.Array, values: pa.Array) -> Places:
    together = pc.binary_join_element_wise(keys, values, pa.scalar("\x00", TEXT)).dictionary_encode()
    _, first = np.unique(np.asarray(together.indices), return_index=True)
    places: Places = np.sort(first).astype(np.int64)
    return places


def without_chains(old: Sequence[str | None], new: Sequence[str | None]) -> dict[str, str]:
    """Where each key leads in the end, when keys were merged into others that were merged themselves.

    A circle of merges leads nowhere: its keys stay as they are.
    """
    step = {key: to for key, to in zip(old, new, strict=True) if key is not None and to is not None}
    ends: dict[str, str] = {}
    for key in step:
        passed, at = {key}, step[key]
        while at in step and at not in passed:
            passed.add(at)
            at = step[at]
        if at not in passed:
            ends[key] = at
    return ends
