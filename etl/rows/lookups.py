"""Rows of another table by their key: what a record or row takes from there."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from etl.dates import NO_MOMENT, DateForm, read_moments
from etl.empties import emptied
from etl.rows.near_keys import NearKeys
from etl.rows.places import TEXT, Places, spread

NUMBER = r"^[+-]?[0-9]+([.,][0-9]+)?$"
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class KnownKeys:
    """The keys that a table has, each once, as others meet them.

    rows: how many of the table have each; not_taken: of which nothing is taken; left_out: rows that have none, for they
    do not count.
    """

    keys: pa.Array
    rows: Places
    not_taken: int = 0
    left_out: int = 0

    @property
    def twice(self) -> int:
        """The keys that several rows of the table have."""
        return int(np.count_nonzero(self.rows > 1))


@dataclass(frozen=True)
class Lookup:
    """One row a key.

    keys: each once; columns: name -> the values that are taken, in that order. all_rows: name -> the values of all rows
    by their keys, in order; starts: where those of each key begin, closed by their number. taken: by key, the row that
    gives its values; None where each does. doubted: by row, whether it only nearly counts. decided: by key, whether it
    is sure which of several rows counts. left_out: rows that do not count.
    """

    keys: pa.Array
    columns: Mapping[str, pa.Array]
    all_rows: Mapping[str, pa.Array]
    starts: Places
    taken: Places | None
    doubted: Mask
    decided: Mask
    left_out: int = 0

    @property
    def rows(self) -> Places:
        """How many rows of the table have each key."""
        rows: Places = np.diff(self.starts)
        return rows

    @cached_property
    def known(self) -> KnownKeys:
        """The keys that the table has."""
        return KnownKeys(self.keys, self.rows, self.not_taken, self.left_out)

    @property
    def not_taken(self) -> int:
        """The rows of the table of which no value is taken, as another one has their key."""
        return 0 if self.taken is None else int((self.rows - 1).sum())

    def of(self, keys: pa.Array) -> dict[str, pa.Array]:
        """The values of each column for some keys; null for a key that is not in the table."""
        places = pc.index_in(keys, value_set=self.keys, skip_nulls=True)
        return {name: values.take(places) for name, values in self.columns.items()}

    @cached_property
    def _left(self) -> Places:
        """The rows that are not taken."""
        every = np.arange(self.starts[-1], dtype=np.int64)
        return every[:0] if self.taken is None else np.setdiff1d(every, self.taken, assume_unique=True)

    def others_of(self, keys: pa.Array) -> tuple[Places, Places, dict[str, pa.Array]]:
        """The rows that are not taken for some keys: the place of the key, ascending, which of its rows it is, and the
        values of each column."""
        starts = np.r_[0, np.cumsum(self.rows - 1)].astype(np.int64)
        places, offset, left = spread(keys, self.keys, starts)
        rows = pa.array(self._left[left])
        return places, offset, {name: values.take(rows) for name, values in self.all_rows.items()}


@dataclass(frozen=True)
class Several:
    """Any number of values a key.

    keys: each once; starts: where the values of each begin, closed by their number; doubted: by value, whether its row
    only nearly counts. unlinked: keys of rows that lead nowhere, or do not count; left_out: rows that do not count.
    undecided: keys of which what puts their values in order cannot be read.
    """

    keys: pa.Array
    starts: Places
    values: pa.Array
    doubted: Mask
    unlinked: pa.Array = field(default_factory=lambda: pa.array([], TEXT))
    left_out: int = 0
    undecided: pa.Array = field(default_factory=lambda: pa.array([], TEXT))

    def is_undecided(self, keys: pa.Array) -> Mask:
        """Which of some keys lead to several, and nobody can say to which first."""
        several = self.keys.filter(pa.array(np.diff(self.starts) > 1))
        among = several.filter(pc.is_in(several, value_set=self.undecided))
        undecided: Mask = np.asarray(pc.is_in(keys, value_set=among, skip_nulls=True))
        return undecided

    @cached_property
    def known(self) -> KnownKeys:
        """All keys that the table has, in a row that counts or in another."""
        others = pc.unique(self.unlinked.drop_null())
        others = others.filter(pc.invert(pc.is_in(others, value_set=self.keys)))
        rows = np.r_[np.diff(self.starts), np.ones(len(others), dtype=np.int64)].astype(np.int64)
        return KnownKeys(pa.concat_arrays([self.keys, others]), rows, left_out=self.left_out)

    @cached_property
    def _near(self) -> NearKeys:
        return NearKeys(self.keys)

    def has(self, keys: pa.Array) -> pa.Array:
        """Which of some keys are in the table, in a row that counts or in another."""
        return pc.is_in(keys, value_set=self.known.keys, skip_nulls=True)

    def in_doubt(self, keys: pa.Array) -> Mask:
        """Which of some keys lead somewhere by a row that only nearly counts."""
        by_key = np.repeat(np.arange(len(self.keys)), np.diff(self.starts))
        doubted: Mask = np.asarray(pc.is_in(keys, value_set=self.keys.take(pa.array(by_key[self.doubted]))))
        return doubted

    def nearly(self, keys: pa.Array) -> tuple[Places, pa.Array]:
        """The values of keys that some, which the table does not have, nearly are: the key's place, and the value."""
        missing = np.flatnonzero(np.asarray(pc.and_(keys.is_valid(), pc.invert(self.has(keys)))))
        if not len(missing):
            return missing.astype(np.int64), pa.array([], TEXT)
        places, met = self._near.of(keys.take(pa.array(missing)))
        at, values = self.of(self.keys.take(pa.array(met)))
        return missing[places[at]].astype(np.int64), values

    def of(self, keys: pa.Array) -> tuple[Places, pa.Array]:
        """The values of each of some keys: the place of the key, ascending, and the value."""
        places, _, rows = spread(keys, self.keys, self.starts)
        return places, self.values.take(pa.array(rows))


@dataclass(frozen=True)
class Order:
    """What puts rows in order: numbers by their size, then other texts; moments where `form` says how they are written.

    A row without a value, or with one that cannot be read, has no place of its own. unreadable: such values, each once.
    """

    values: pa.Array
    form: DateForm | None = None
    descending: bool = False
    unreadable: pa.Array = field(default_factory=lambda: pa.array([], TEXT))

    @property
    def lost(self) -> pa.Array:
        """The rows whose value cannot be read."""
        return pc.is_in(self.values, value_set=self.unreadable, skip_nulls=True)

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
    keys: pa.Array,
    rows: Mapping[str, pa.Array],
    orders: Sequence[Order],
    take: Literal["first", "last", "all"],
    doubts: Mask | None = None,
    none: tuple[str, ...] = (),
) -> Lookup:
    """Bring rows to one a key. Of several the first or the last counts, or all distinct values with `; ` between.

    keys: null where a row is of no use. orders: what puts rows in order, of equal ones all they hold; a row that has no
    place in it comes last, or first where the last one counts; so does an empty value, or a word of `none`. doubts: the
    rows that only nearly count: one of them is taken where no other has its key.
    """
    doubted = pa.array(np.zeros(len(keys), dtype=np.bool_) if doubts is None else doubts)
    table = _in_order(keys, orders, rows.values(), doubted, none, nulls_first=take == "last")
    sorted_keys, in_doubt = _column(table, "key"), np.asarray(table["doubt"])
    borders = _borders(sorted_keys)
    values = {name: _column(table, f"c{n}") for n, name in enumerate(rows)}
    each = sorted_keys.take(pa.array(borders[:-1]))
    if take == "all":
        all_values = {name: _all(v, borders) for name, v in values.items()}
        return Lookup(each, all_values, values, borders, None, in_doubt, np.zeros(len(each), dtype=np.bool_))
    places = borders[:-1] if take == "first" else borders[1:] - 1
    taken = {name: column.take(pa.array(places)) for name, column in values.items()}
    decided = np.asarray(pc.invert(pc.is_in(each, value_set=_undecided(keys, orders)))) & bool(orders)
    return Lookup(each, taken, values, borders, places, in_doubt, decided)


def _undecided(keys: pa.Array, orders: Sequence[Order]) -> pa.Array:
    """The keys of rows that have no place in an order, as their value cannot be read, each once."""
    lost = [keys.filter(order.lost).drop_null() for order in orders]
    return pc.unique(pa.concat_arrays([pa.array([], TEXT), *lost]))


def _in_order(
    keys: pa.Array,
    orders: Sequence[Order],
    rows: Iterable[pa.Array],
    doubts: pa.Array,
    none: tuple[str, ...] = (),
    *,
    nulls_first: bool = False,
) -> pa.Table:
    """Rows that have a key, as columns `key`, `doubt` and `c0`, `c1` …, by their keys, then in order."""
    columns = {"key": keys, "doubt": doubts, **{f"c{n}": column for n, column in enumerate(rows)}}
    by = [(keys, "ascending"), (doubts, "descending" if nulls_first else "ascending")]
    by += [(column, order.way) for order in orders for column in order.columns()]
    values = list(columns.values())[2:]
    by += [(column, "ascending") for column in (*(emptied(v, none) for v in values if none), *values)]
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


def several_of(keys: pa.Array, values: pa.Array, orders: Sequence[Order] = (), doubts: Mask | None = None) -> Several:
    """The values of each key, each once, in order; those that have no place in it come last.

    doubts: the rows that only nearly count: they come after all others.
    """
    doubted = pa.array(np.zeros(len(keys), dtype=np.bool_) if doubts is None else doubts)
    undecided = _undecided(keys, orders)
    table = _in_order(keys, orders, [values], doubted)
    table = table.filter(pc.is_valid(table["c0"]))
    keys, values = _column(table, "key"), _column(table, "c0")
    fresh = _first_of_each(keys, values)
    taken = pa.array(fresh)
    keys, values = keys.take(taken), values.take(taken)
    borders = _borders(keys)
    in_doubt = np.asarray(table["doubt"])[fresh]
    return Several(keys.take(pa.array(borders[:-1])), borders, values, in_doubt, undecided=undecided)


def _first_of_each(keys: pa.Array, values: pa.Array) -> Places:
    together = pc.binary_join_element_wise(keys, values, pa.scalar("\x00", TEXT)).dictionary_encode()
    _, first = np.unique(np.asarray(together.indices), return_index=True)
    places: Places = np.sort(first).astype(np.int64)
    return places
