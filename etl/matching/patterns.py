"""Combinations of levels: of millions of pairs there are some ten thousand, so that each is told by a number."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from etl.matching.compare import Levels
from etl.matching.fields import Codes

WIDEST = 2**62
"""Numbers of combinations stay below this."""


class Patterns:
    """Numbers for combinations of levels, in the order in which they are met, and how many pairs have each.

    sizes: how many levels each comparison has. Patterns of several parts of the pairs are added up in any order.
    """

    def __init__(self, sizes: Sequence[int]) -> None:
        self._sizes = tuple(sizes)
        self._numbers: dict[bytes, int] = {}
        self._rows = [np.zeros((0, len(sizes)), dtype=np.int8)]
        self._counts = np.zeros(0, dtype=np.int64)

    def add(self, levels: Levels) -> Codes:
        """Count the pairs of a part, and number each. levels: a row a pair, a column a comparison."""
        first, place = self._distinct(levels)
        rows, known = levels[first], len(self._numbers)
        numbers = np.array([self._number(row) for row in rows], dtype=np.int32)
        self._rows.append(rows[numbers >= known])
        self._counts = np.r_[self._counts, np.zeros(len(self._numbers) - known, dtype=np.int64)]
        self._counts[numbers] += np.bincount(place, minlength=len(first))
        return numbers[place]

    def _number(self, row: Levels) -> int:
        return self._numbers.setdefault(row.tobytes(), len(self._numbers))

    def _distinct(self, levels: Levels) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """Where each combination is met first, and by pair its place among them; made anew before a number gets too
        large, so that any number of comparisons will do."""
        code, most = np.zeros(len(levels), dtype=np.int64), 1
        for column, size in enumerate(self._sizes):
            if most * (size + 1) > WIDEST:
                values, code = np.unique(code, return_inverse=True)
                most = len(values)
            code = code * (size + 1) + levels[:, column] + 1
            most *= size + 1
        _, first, place = np.unique(code, return_index=True, return_inverse=True)
        return first, place

    @property
    def levels(self) -> Levels:
        """The combinations: a row each, by number."""
        return np.concatenate(self._rows)

    def counted(self) -> tuple[Levels, npt.NDArray[np.int64]]:
        """The combinations, and how many pairs have each, in an order that does not depend on that of the parts."""
        levels = self.levels
        order = np.lexsort(levels.T[::-1]) if self._sizes else np.arange(len(levels))
        return levels[order], self._counts[order]
