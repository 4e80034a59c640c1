"""Match two lists, or one with itself: candidates, levels, model, weights."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import repeat

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from etl.matching.candidates import candidates
from etl.matching.copies import Copies
from etl.matching.dependence import damp
from etl.matching.doubts import PERHAPS, doubts, probabilities, to_be_seen
from etl.matching.features import Features, Identity, features
from etl.matching.fields import Codes, Floats
from etl.matching.model import Model, learn

AT_ONCE = 1_000_000
THREADS = 2
"""Fields that are compared at a time: most of the work is done in numpy and RapidFuzz, beside each other."""


MOST_RARE, HOPELESS = 8.0, -10.0
"""How much the rarity of what a field shares adds at most, in bits; a pair whose odds, with all of that, are less than
1 : 1,000 is two, and how rare what it shares is not asked."""
TOLD, SURE = 3, 0.99
"""Records of one list that many others equal, in so many kinds of columns, are this surely the same."""


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
        levels, shared = _compared(self.made, self.place[i], self.place[j])
        return self.weighed(levels, shared)

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
        fields = self._of_levels(levels)
        for column, (comparison, field) in enumerate(zip(self.made.comparisons, self.model.fields, strict=True)):
            fields[:, column] += comparison.rarity(field.u, levels[:, column], shared[:, column])
        damp(self.names, levels, fields)
        weight = np.round(fields.astype(np.float64).sum(axis=1), 3)
        chance = probabilities(doubts(self.names, levels), weight, self.model.prior)
        chance = np.where(to_be_seen(self.names, levels), np.maximum(chance, PERHAPS), chance)
        return Weighed(levels, shared, fields, weight, chance)


@dataclass(frozen=True)
class Scored:
    """Pairs, in order, with their weights, in bits; NaN of copies, which are not compared.

    judge: weighs them once more, field by field, and any other pair. cut: kind of key -> keys that too many records
    share, and the pairs that were not compared for them alone.
    """

    i: Codes
    j: Codes
    probability: Floats
    weight: Floats
    judge: Judge
    cut: dict[str, tuple[int, int]]


def match(identity: Identity, count: int, left: int, model: Model | None = None) -> Scored:
    """Match two lists, the first `left` records and the others, or one list if that is all of them.

    model: one that was learned before; learned from these lists if left out. Raises ValueError where it is of other
    comparisons than these lists have.
    """
    copies = Copies.of(identity, count, left)
    alone = copies.alone
    made = {kind: [column.take(pa.array(alone)) for column in columns] for kind, columns in identity.items()}
    scored = score(features(made, len(alone), int(np.count_nonzero(alone < left))), model)
    place = np.searchsorted(alone, copies.first).astype(np.int32)
    scored = replace(scored, i=alone[scored.i], j=alone[scored.j], judge=replace(scored.judge, place=place))
    if not len(copies.others):
        return scored
    return _with_copies(scored, copies) if left == count else _spread(scored, copies)


def _with_copies(scored: Scored, copies: Copies) -> Scored:
    """Add to the pairs of one list each copy with the record that stands for it, where enough is told of it."""
    others = copies.others[copies.told[copies.others] >= TOLD]
    i, j = np.r_[scored.i, copies.first[others]], np.r_[scored.j, others]
    order = np.lexsort((j, i))
    return replace(
        scored,
        i=i[order],
        j=j[order],
        probability=np.r_[scored.probability, np.full(len(others), SURE)][order],
        weight=np.r_[scored.weight, np.full(len(others), np.nan)][order],
    )


def _spread(scored: Scored, copies: Copies) -> Scored:
    """Give what stands for copies to each of them: the pairs that are likelier to be the same than not."""
    use = scored.probability >= 0.5
    place, i, j = copies.spread(scored.i[use], scored.j[use])
    both = np.r_[np.flatnonzero(use)[place], np.flatnonzero(~use)]
    i, j = np.r_[i, scored.i[~use]], np.r_[j, scored.j[~use]]
    order = np.lexsort((j, i))
    both = both[order]
    return replace(scored, i=i[order], j=j[order], probability=scored.probability[both], weight=scored.weight[both])


def score(made: Features, model: Model | None = None) -> Scored:
    """Find, compare and weigh the pairs of a list with another or with itself. Raises ValueError as `match` does."""
    pairs = candidates(made)
    levels = _levels(made, pairs.i, pairs.j)
    total = made.count * (made.count - 1) // 2 if made.one_list else made.left * (made.count - made.left)
    if model is None:
        model = learn(made, list(levels.T), total) if made.comparisons else Model(0.5, ())
    else:
        model = model.fitted({comparison.name: len(comparison.levels) for comparison in made.comparisons})
    judge = Judge(made, model, np.arange(made.count, dtype=np.int32))
    probability, weight = np.empty(len(pairs.i)), np.empty(len(pairs.i))
    for first in range(0, len(pairs.i), AT_ONCE):
        some = slice(first, first + AT_ONCE)
        weight[some] = judge.at_levels(levels[some])
        probability[some] = np.exp2(np.minimum(weight[some] + np.log2(model.prior), 0))
        rarest = MOST_RARE * (levels[some] > 0).sum(axis=1)
        asked = (weight[some] + rarest + np.log2(model.prior) >= HOPELESS) | to_be_seen(judge.names, levels[some])
        likely = first + np.flatnonzero(asked)
        weighed = judge.weigh(pairs.i[likely], pairs.j[likely])
        probability[likely], weight[likely] = weighed.probability, weighed.weight
    return Scored(pairs.i, pairs.j, probability, weight, judge, pairs.cut)


def _levels(made: Features, i: Codes, j: Codes) -> npt.NDArray[np.int8]:
    """The levels of pairs: a column a comparison. What they share takes four times the room, and is found once more for
    the few for which it may matter."""
    levels = np.empty((len(i), len(made.comparisons)), dtype=np.int8)
    for first in range(0, len(i), AT_ONCE):
        some = slice(first, first + AT_ONCE)
        levels[some] = _compared(made, i[some], j[some])[0]
    return levels


def _compared(made: Features, i: Codes, j: Codes) -> tuple[npt.NDArray[np.int8], Codes]:
    """The levels of pairs, and the values that they share: a column a comparison."""
    count, width = len(i), len(made.comparisons)
    levels, shared = np.empty((count, width), dtype=np.int8), np.empty((count, width), dtype=np.int32)

    def judge(column: int, some: slice) -> None:
        judged = made.comparisons[column].judge(i[some], j[some])
        levels[some, column], shared[some, column] = judged.levels, judged.shared

    with ThreadPoolExecutor(THREADS) as pool:
        for first in range(0, count, AT_ONCE):
            some = slice(first, first + AT_ONCE)
            list(pool.map(judge, range(width), repeat(some)))
    return levels, shared
