"""Records that many others on their list equal in every column: one stands for all, so that pairs do not explode."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from etl.matching.features import Identity
from etl.matching.fields import Codes, ranges
from etl.matching.keys import mix

FEW = 20
"""Up to so many equal records are compared with each other like any others."""
MOST = 100_000
"""So many pairs at most are made of one pair whose records stand for others."""

Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Copies:
    """first: by record, the record that stands for it, on its own list; itself where none does. told: by record, how
    many kinds of columns are filled."""

    first: Codes
    told: Codes

    @staticmethod
    def of(identity: Identity, count: int, left: int) -> Copies:
        """Find the records of which a list has more than FEW with the same texts, in more than one kind of column; the
        left list's come first."""
        same = mix((np.arange(count) >= left).astype(np.int64))
        told = np.zeros(count, dtype=np.int32)
        for _, columns in sorted(identity.items()):
            filled = np.zeros(count, dtype=bool)
            for column in columns:
                codes = pc.fill_null(column.dictionary_encode().indices.cast("int64"), -1)
                same = mix(same.view(np.int64), np.asarray(codes, dtype=np.int64))
                filled |= np.asarray(codes) >= 0
            told += filled
        _, first, group, counts = np.unique(same, return_index=True, return_inverse=True, return_counts=True)
        many = (counts[group] > FEW) & (told > 1)
        return Copies(np.where(many, first[group], np.arange(count)).astype(np.int32), told)

    @property
    def alone(self) -> Codes:
        """The records that stand for themselves, and for others."""
        return np.flatnonzero(self.first == np.arange(len(self.first))).astype(np.int32)

    @property
    def others(self) -> Codes:
        """The records for which another one stands."""
        return np.flatnonzero(self.first != np.arange(len(self.first))).astype(np.int32)

    def spread(self, i: Codes, j: Codes) -> tuple[Places, Codes, Codes]:
        """Give the pairs of all records for which those of a pair stand: the pair's place, and the two records.

        Of a pair that stands for more than MOST, those of its left record alone.
        """
        order = np.argsort(self.first, kind="stable").astype(np.int32)
        starts = np.searchsorted(self.first[order], np.arange(len(self.first) + 1))
        lefts, rights = (starts[side + 1] - starts[side] for side in (i, j))
        rights = np.where(lefts * rights > MOST, 1, rights)
        pairs_per_pair = (lefts * rights).astype(np.int64)
        place, inside = np.repeat(np.arange(len(i)), pairs_per_pair), ranges(pairs_per_pair)
        width = rights[place]
        return place, order[starts[i[place]] + inside // width], order[starts[j[place]] + inside % width]
