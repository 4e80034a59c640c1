"""What rows of another table say beside the one whose values are taken: of its key, in doubt, or of a near key."""

from __future__ import annotations

from collections.abc import Hashable
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.empties import emptied
from etl.rows.lists import column_of_lists
from etl.rows.lookups import Lookup, Mask
from etl.rows.near_keys import NearKeys
from etl.rows.places import TEXT, Places, spread


class OtherRows:
    """The rows of a table that a rule may have to ask beside those of which values are taken."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._lists: dict[Hashable, pa.Array] = {}

    def each(self, keys: pa.Array, column: str, none: tuple[str, ...]) -> pa.Array:
        """What each row of some keys says, as lists, where the values of all are taken as one text.

        none: the words that stand for an empty value.
        """
        places = pc.index_in(keys, value_set=self._lookup.keys, skip_nulls=True)
        return self._by_key("each", column, none).take(places)

    def instead(self, keys: pa.Array, column: str, none: tuple[str, ...]) -> pa.Array:
        """What rows could say instead of the value that is taken, as lists; null where there are none.

        Such rows only nearly count, or have a key that nearly meets, or are others of the same key, where the config
        does not say which of them counts.
        """
        places = pc.index_in(keys, value_set=self._lookup.keys, skip_nulls=True)
        lists = self._by_key("instead", column, none).take(places)
        missing = np.flatnonzero(np.asarray(pc.and_(keys.is_valid(), places.is_null())))
        if not len(missing):
            return lists
        at, met = self._near.of(keys.take(pa.array(missing)))
        known = self._lookup.keys
        of, _, rows = spread(known.take(pa.array(met)), known, self._lookup.starts)
        values = self._values(column, none).take(pa.array(rows))
        return pc.coalesce(lists, column_of_lists(len(keys), missing[at[of]], values))

    @cached_property
    def _near(self) -> NearKeys:
        return NearKeys(self._lookup.keys)

    @cached_property
    def _key_of_row(self) -> Places:
        return np.repeat(np.arange(len(self._lookup.keys)), self._lookup.rows)

    @cached_property
    def _only_doubted(self) -> Mask:
        """The keys of which no row surely counts."""
        sure = np.bincount(self._key_of_row[~self._lookup.doubted], minlength=len(self._lookup.keys))
        only: Mask = sure == 0
        return only

    def _values(self, column: str, none: tuple[str, ...]) -> pa.Array:
        return emptied(self._lookup.all_rows[column], none)

    def _by_key(self, kind: str, column: str, none: tuple[str, ...]) -> pa.Array:
        made = (kind, column, none)
        if made not in self._lists:
            self._lists[made] = self._each(column, none) if kind == "each" else self._instead(column, none)
        return self._lists[made]

    def _each(self, column: str, none: tuple[str, ...]) -> pa.Array:
        """The values of the rows that count of each key that has several rows."""
        key, values = self._key_of_row, self._values(column, none)
        counts = (self._lookup.rows[key] > 1) & (~self._lookup.doubted | self._only_doubted[key])
        rows = np.flatnonzero(counts & np.asarray(values.is_valid()))
        return column_of_lists(len(self._lookup.keys), key[rows], values.take(pa.array(rows)))

    def _instead(self, column: str, none: tuple[str, ...]) -> pa.Array:
        lookup, key, values = self._lookup, self._key_of_row, self._values(column, none)
        could = lookup.doubted.copy()
        if lookup.taken is not None:
            could |= ~lookup.decided[key]
            could[lookup.taken] = False
            could &= ~_equal(values, values.take(pa.array(lookup.taken[key])))
        rows, nothing = np.flatnonzero(could), np.flatnonzero(self._only_doubted)
        said = pa.concat_arrays([values.take(pa.array(rows)), pa.nulls(len(nothing), TEXT)])
        return column_of_lists(len(lookup.keys), np.r_[key[rows], nothing].astype(np.int64), said)


def _equal(values: pa.Array, others: pa.Array) -> Mask:
    """Which values are those beside them, or empty as these are."""
    both_empty = pc.and_(values.is_null(), others.is_null())
    mask: Mask = np.asarray(pc.or_(pc.fill_null(pc.equal(values, others), False), both_empty))
    return mask
