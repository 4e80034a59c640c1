"""Whether small numbers are keys of a table by more than chance."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from etl.profile.model import Column

DENSE = 0.97
"""Where so many of the numbers between the least and the greatest key are keys, any small number meets one."""
UNLIKELY = 1e-6
"""Rarer than that is no chance."""
NUMBER = r"^\s*[0-9]{1,15}(?:\.0)?\s*$"


@dataclass(frozen=True, eq=False)
class Spread:
    """The numbers that are keys of a table. some: of these, in order; each stands for `times` keys."""

    some: npt.NDArray[np.int64]
    times: float

    @property
    def is_sparse(self) -> bool:
        """Whether there are gaps between the keys, by which others can be told from them."""
        return len(self.some) > 0 and self._density(int(self.some[0]), int(self.some[-1])) < DENSE

    def is_chance(self, column: Column, share: float) -> bool:
        """Whether so large a share of a column's values could be keys although the column names no rows.

        The chance that `share` of n numbers are keys where each is one with the density of the keys around them, at
        most: exp(-n · KL(share ‖ density)), Chernoff's bound.
        """
        values = numbers_of(column.values)
        if not len(values):
            return False
        density = self._density(int(values[0]), int(values[-1]))
        if share <= density:
            return True
        gain = share * math.log(share / density)
        if share < 1:
            gain += (1 - share) * math.log((1 - share) / (1 - density))
        return math.exp(-len(values) * gain) > UNLIKELY

    def _density(self, least: int, greatest: int) -> float:
        """Which share of the numbers between two are keys, rather too high."""
        inside = int(np.searchsorted(self.some, greatest, "right") - np.searchsorted(self.some, least, "left"))
        return min((inside + 1) * self.times / (greatest - least + 1), 1.0)


def spread_of(column: Column) -> Spread:
    """How a key's numbers are spread; nothing of one that holds others than numbers."""
    values = numbers_of(column.values)
    if len(values) < 0.9 * len(column.values):
        values = values[:0]
    return Spread(values, max(column.distinct, 1) / max(len(column.values), 1))


def numbers_of(values: pa.Array) -> npt.NDArray[np.int64]:
    """The values that are whole numbers, in order."""
    whole = pc.utf8_trim_whitespace(values.filter(pc.match_substring_regex(values, NUMBER)))
    plain = pc.replace_substring_regex(whole, r"\.0$", "")
    return np.unique(np.asarray(plain.cast(pa.int64()), dtype=np.int64))
