"""What pairs of records weigh: their levels, how rare what they share is, and how probable that makes them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from etl.matching.ceilings import SEEN, probabilities, shares
from etl.matching.dependence import damp
from etl.matching.doubts import PERHAPS, doubts, to_be_seen
from etl.matching.features import Features
from etl.matching.fields import Codes, Floats
from etl.matching.model import Model

Of = TypeVar("Of", bound=np.generic)
THREADS = 2
"""Fields that are compared at a time: most of the work is done in numpy and RapidFuzz, beside each other."""


@dataclass(frozen=True)
class Weighed:
    """Pairs as they were compared. levels, shared, fields: a column a comparison; fields and weight: in bits."""

    levels: npt.NDArray[np.int8]
    shared: Codes
    fields: npt.NDArray[np.float32]
    weight: Floats
    probability: Floats


@dataclass(frozen=True)
class Judge:
    """Weighs pairs of records. place: by record, where it, or the record that stands for it, is among the features."""

    made: Features
    model: Model
    place: Codes

    @property
    def names(self) -> tuple[str, ...]:
        """The comparisons: the columns of what is weighed."""
        return tuple(comparison.name for comparison in self.made.comparisons)

    def weigh(self, i: Codes, j: Codes) -> Weighed:
        """Compare pairs of records and weigh them."""
        i, j = self.place[i], self.place[j]
        levels = levels_of(self.made, i, j)
        return self.weighed(levels, _shared(self.made, i, j, levels))

    def at_levels(self, levels: npt.NDArray[np.int8]) -> Floats:
        """The weights of pairs by their levels alone, in bits, whatever they share and whatever speaks against them."""
        fields = self._of_levels(levels)
        damp(self.names, levels, fields)
        weight: Floats = fields.astype(np.float64).sum(axis=1)
        return weight

    def _of_levels(self, levels: npt.NDArray[np.int8]) -> npt.NDArray[np.float32]:
        """What each field weighs at its level, in bits; nothing where one of the two has none."""
        fields = np.empty(levels.shape, dtype=np.float32)
        for column, field in enumerate(self.model.fields):
            fields[:, column] = np.append(field.weights(), 0.0)[levels[:, column]]
        return fields

    def weighed(self, levels: npt.NDArray[np.int8], shared: Codes) -> Weighed:
        """Weigh pairs that were compared."""
        fields, weight = self._weights(levels, shared)
        return Weighed(levels, shared, fields, weight, self.probabilities(levels, weight))

    def weigh_alone(self, i: Codes, j: Codes, levels: npt.NDArray[np.int8]) -> Floats:
        """The weights of pairs whose levels are known. i, j: their places among the features."""
        _, weight = self._weights(levels, _shared(self.made, i, j, levels))
        return weight

    def _weights(self, levels: npt.NDArray[np.int8], shared: Codes) -> tuple[npt.NDArray[np.float32], Floats]:
        """What fields and pairs weigh, in bits."""
        fields = self._of_levels(levels)
        for column, (comparison, field) in enumerate(zip(self.made.comparisons, self.model.fields, strict=True)):
            fields[:, column] += comparison.rarity(field.chances(), levels[:, column], shared[:, column])
        damp(self.names, levels, fields)
        return fields, np.round(fields.astype(np.float64).sum(axis=1), 3)

    def probabilities(self, levels: npt.NDArray[np.int8], weight: Floats) -> Floats:
        """The probabilities of pairs that were weighed."""
        chance = probabilities(doubts(self.names, levels), weight, self.model.prior, self.model.ceilings)
        least = self.model.ceilings.get(SEEN, PERHAPS)
        return np.where(to_be_seen(self.names, levels), np.maximum(chance, least), chance)

    def without_ceilings(self, levels: npt.NDArray[np.int8], weight: Floats) -> Floats:
        """The most that the probabilities of pairs can be, whatever the ceilings of a list."""
        chance = probabilities(doubts(self.names, levels), weight, self.model.prior, 1.0)
        return np.where(to_be_seen(self.names, levels), np.maximum(chance, PERHAPS), chance)

    def told_apart(self, levels: npt.NDArray[np.int8]) -> npt.NDArray[np.bool_]:
        """Against which pairs a fact speaks that holds them below certainty, whatever else agrees."""
        told = np.zeros(len(levels), dtype=np.bool_)
        for doubt in doubts(self.names, levels):
            told |= doubt.holds & (doubt.ceiling < 1)
        return told

    def of_list(self, levels: npt.NDArray[np.int8], weight: Floats) -> Judge:
        """With the ceilings of the list whose likely pairs these are."""
        shown = to_be_seen(self.names, levels)
        ceilings = shares(doubts(self.names, levels), shown, weight, self.model.prior)
        return replace(self, model=replace(self.model, ceilings=ceilings))


@dataclass(frozen=True)
class Scored:
    """Pairs, in order, with their weights, in bits; NaN of copies, which are not compared.

    judge: weighs them once more, field by field, and any other pair. compared: how many were, of which those that are
    hardly the same are not here. cut: kind of key -> keys that too many records share, and the pairs that were not
    compared for them alone.
    """

    i: Codes
    j: Codes
    probability: Floats
    weight: Floats
    judge: Judge
    compared: int
    cut: dict[str, tuple[int, int]]


def levels_of(made: Features, i: Codes, j: Codes) -> npt.NDArray[np.int8]:
    """The levels of pairs: a column a comparison."""
    return _columns(lambda column: made.comparisons[column].judge(i, j), len(i), len(made.comparisons), np.int8)


def _shared(made: Features, i: Codes, j: Codes, levels: npt.NDArray[np.int8]) -> Codes:
    """The values that pairs share: a column a comparison."""
    return _columns(
        lambda column: made.comparisons[column].shared(i, j, levels[:, column]), len(i), len(made.comparisons), np.int32
    )


def _columns(column: Callable[[int], npt.NDArray[Of]], rows: int, width: int, of: type[Of]) -> npt.NDArray[Of]:
    """Columns beside each other, made in several threads."""
    table = np.empty((rows, width), dtype=of)
    with ThreadPoolExecutor(THREADS) as pool:
        for place, made in enumerate(pool.map(column, range(width))):
            table[:, place] = made
    return table
