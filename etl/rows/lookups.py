"""Rows of another table by their key: what a record or row takes from there."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from etl.dates import NO_MOMENT, DateForm, read_moments

TEXT = pa.large_string()
NUMBER = r"^[+-]?[0-9]+([.,][0-9]+)?$"
Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Lookup:
    """One row a key.

    keys: each once; columns: name -> their values, in that order; rows: how many rows of the table have each key;
    all_taken: whether each of them gives its values; others: name -> the values of those that do not, by their keys.
    """

    keys: pa.Array
    columns: Mapping[str, pa.Array]
    rows: Places
    all_taken: bool
    others: Mapping[str, pa.Array] = field(default_factory=dict)

    @property
    def twice(self) -> int:
        """The keys that several rows of the table have."""
        return int(np.count_nonzero(self.rows > 1))

    @property
    def not_taken(self) -> int:
        """The rows of the table of which no value is taken, as another one has their key."""
        return 0 if self.all_taken else int((self.rows - 1).sum())

    def of(self, keys: pa.Array) -> dict[str, pa.Array]:
        """The values of each column for some keys; null for a key that is not in the table."""
        places = pc.index_in(keys, value_set=self.keys, skip_nulls=True)
        return {name: values.take(places) for name, values in self.columns.items()}

    def others_of(self, keys: pa.Array) -> tuple[Places, Places, dict[str, pa.Array]]:
        """The rows that are not taken for some keys: the place of the key, ascending, which of its rows it is, and the
        values of each column."""
        starts = np.r_[0, np.cumsum(self.rows - 1)].astype(np.int64)
        places, offset, rows = _spread(keys, self.keys, starts)
        return places, offset, {name: values.take(pa.array(rows)) for name, values in self.others.items()}


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
        places, _, rows = _spread(keys, self.keys, self.starts)
        return places, self.values.take(pa.array(rows))


def _spread(keys: pa.Array, known: pa.Array, starts: Places) -> tuple[Places, Places, Places]:
    """The rows of some keys: the place of the key, ascending, which of its rows it is, and where that stands.

    starts: where the rows of each known key begin, closed by their number.
    """
    wanted = np.asarray(pc.fill_null(pc.index_in(keys, value_set=known, skip_nulls=True), len(known)))
    lengths = np.append(np.diff(starts), 0)[wanted]
    places = np.repeat(np.arange(len(keys)), lengths)
    offset = np.arange(len(places)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return places.astype(np.int64), offset.astype(np.int64), starts[wanted[places]] + offset


@dataclass(frozen=True)
class Order:
    """What puts rows in order: numbers by their size, then other texts; moments where `form` says how they are written.

    A row without a value, or with one that cannot be read, has no place of its own.
    """

    values: pa.Array
    form: DateForm | None = None
    descending: bool = False

    @property
    def way(self) -> Literal["ascending", "descending"]:
        """How the rows are sorted."""
        return "descending" if self.descending else "ascending"

    def columns(self) -> list[pa.Array]:
        """The columns to sort by, one after the other; null where a row has no place."""
        if self.form is not None:
            moments = read_moments(self.values, self.form)
            return [pa.array(moments, mask=moments == NO_MOMENT)]
        trimmed = pc.utf8_trim_whitespace(self.values)
        values = pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, TEXT), trimmed)
        is_number = pc.match_substring_regex(values, NUMBER)
        written = pc.replace_substring(pc.if_else(is_number, values, pa.scalar(None, TEXT)), ",", ".")
        return [pc.invert(is_number), pc.cast(pc.replace_substring_regex(written, r"^\+", ""), pa.float64()), values]


def lookup_of(
    keys: pa.Array, rows: Mapping[str, pa.Array], orders: Sequence[Order], take: Literal["first", "last", "all"]
) -> Lookup:
    """Bring rows to one a key. Of several the first or the last counts, or all distinct values with `; ` between.

    keys: null where a row is of no use. orders: what puts rows in order, of equal ones all they hold; a row that has no
    place in it comes last, or first where the last one counts.
    """
    table = _in_order(keys, orders, rows.values(), nulls_first=take == "last")
    sorted_keys = _column(table, "key")
    borders = _borders(sorted_keys)
    starts, ends = borders[:-1], borders[1:]
    values = {name: _column(table, f"c{n}") for n, name in enumerate(rows)}
    if take == "all":
        all_values = {name: _all(v, borders) for name, v in values.items()}
        return Lookup(sorted_keys.take(pa.array(starts)), all_values, ends - starts, all_taken=True)
    places = starts if take == "first" else ends - 1
    taken = {name: column.take(pa.array(places)) for name, column in values.items()}
    left = pa.array(np.setdiff1d(np.arange(len(sorted_keys)), places, assume_unique=True))
    others = {name: column.take(left) for name, column in values.items()}
    return Lookup(sorted_keys.take(pa.array(places)), taken, ends - starts, all_taken=False, others=others)


def _in_order(
    keys: pa.Array, orders: Sequence[Order], rows: Iterable[pa.Array], *, nulls_first: bool = False
) -> pa.Table:
    """Rows that have a key, as columns `key` and `c0`, `c1` …, by their keys, then in order."""
    columns = {"key": keys, **{f"c{n}": column for n, column in enumerate(rows)}}
    by = [(keys, "ascending")]
    by += [(column, order.way) for order in orders for column in order.columns()]
    by += [(column, "ascending") for column in list(columns.values())[1:]]
    if nulls_first:
        by = [pair for column, way in by for pair in ((pc.is_valid(column), "ascending"), (column, way))]
    table = pa.table({**columns, **{f"o{n}": column for n, (column, _) in enumerate(by)}})
    table = table.filter(pc.is_valid(table["key"]))
    order = pc.sort_indices(table, sort_keys=[(f"o{n}", way) for n, (_, way) in enumerate(by)])
    return table.select(list(columns)).take(order)


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


def several_of(keys: pa.Array, values: pa.Array, orders: Sequence[Order] = ()) -> Several:
    """The values of each key, each once, in order; those that have no place in it come last."""
    table = _in_order(keys, orders, [values])
    table = table.filter(pc.is_valid(table["c0"]))
    keys, values = _column(table, "key"), _column(table, "c0")
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
