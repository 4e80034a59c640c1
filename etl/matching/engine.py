"""Match two lists, or one with itself, in two passes over the pairs, part by part, so that they never are in memory.

The first pass compares the pairs of a part, and leaves of each its pattern of levels, on disk. How many pairs have each
pattern is all that the model learns from, and such counts of parts can be added up in any order. The second pass weighs
each pattern once, asks only where it matters how rare what a pair shares is, and keeps the pairs that are likely. What
is unlikely, but lies within what likely pairs connect, is taken up at the end: it holds clusters apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from etl.matching.candidates import AT_ONCE, Candidates
from etl.matching.ceilings import LIKELY
from etl.matching.clusters import connected
from etl.matching.compare import Levels
from etl.matching.copies import Copies
from etl.matching.doubts import to_be_seen
from etl.matching.features import Features, Identity, features
from etl.matching.fields import Codes, Floats
from etl.matching.model import Model, learn
from etl.matching.patterns import Patterns
from etl.matching.score import Judge, Scored, levels_of
from etl.matching.stored_pairs import Part, StoredPairs

MOST_RARE, HOPELESS = 8.0, -10.0
"""How much the rarity of what a field shares adds at most, in bits; a pair whose odds, with all of that, are less than
1 : 1,000 is two, and how rare what it shares is not asked."""
CERTAIN = 1_000.0
"""Bits after which nothing counts but what speaks against a pair."""
TOLD, SURE = 3, 0.99
"""Records of one list that many others equal, in so many kinds of columns, are this surely the same."""

Mask = npt.NDArray[np.bool_]
Probable = Callable[[Levels, Floats], Floats]


def match(
    identity: Identity, count: int, left: int, at_least: float, model: Model | None = None, at_once: int = AT_ONCE
) -> Scored:
    """Match two lists, the first `left` records and the others, or one list if that is all of them.

    at_least: from which probability pairs join records. Of all that are compared those pairs are given that are
    likelier the same than not, or this probable, and those within what the latter connect; with 0 all. model: one that
    was learned before; learned from these lists if left out. at_once: so many pairs are compared at once. Raises
    ValueError where the model is of other comparisons than these lists have, PlanError where the disk is full.
    """
    copies = Copies.of(identity, count, left)
    alone = copies.alone
    made = {kind: [column.take(pa.array(alone)) for column in columns] for kind, columns in identity.items()}
    scored = score(features(made, len(alone), int(np.count_nonzero(alone < left))), at_least, model, at_once)
    place = np.searchsorted(alone, copies.first).astype(np.int32)
    scored = replace(scored, i=alone[scored.i], j=alone[scored.j], judge=replace(scored.judge, place=place))
    if not len(copies.others):
        return scored
    return _with_copies(scored, copies, at_least) if left == count else _spread(scored, copies)


def _with_copies(scored: Scored, copies: Copies, at_least: float) -> Scored:
    """Add to the pairs of one list each copy with the record that stands for it: where enough is told of it surely the
    same, unless something speaks against it; else as likely as all that agrees makes them."""
    others = copies.others
    first = copies.first[others]
    weighed = scored.judge.weigh(first, others)
    surely = np.minimum(scored.judge.probabilities(weighed.levels, np.full(len(others), CERTAIN)), SURE)
    chance = np.where(copies.told[others] >= TOLD, surely, weighed.probability)
    likely = chance >= min(at_least, LIKELY)
    i, j = np.r_[scored.i, first[likely]], np.r_[scored.j, others[likely]]
    order = np.lexsort((j, i))
    return replace(
        scored,
        i=i[order],
        j=j[order],
        probability=np.r_[scored.probability, chance[likely]][order],
        weight=np.r_[scored.weight, np.full(len(others), np.nan)[likely]][order],
    )


def _spread(scored: Scored, copies: Copies) -> Scored:
    """Give what stands for copies to each of them: the pairs that are likelier to be the same than not."""
    use = scored.probability >= LIKELY
    place, i, j = copies.spread(scored.i[use], scored.j[use])
    both = np.r_[np.flatnonzero(use)[place], np.flatnonzero(~use)]
    i, j = np.r_[i, scored.i[~use]], np.r_[j, scored.j[~use]]
    order = np.lexsort((j, i))
    both = both[order]
    return replace(scored, i=i[order], j=j[order], probability=scored.probability[both], weight=scored.weight[both])


def score(made: Features, at_least: float, model: Model | None = None, at_once: int = AT_ONCE) -> Scored:
    """Find, compare and weigh the pairs of a list with another or with itself. Takes, gives and raises what `match`
    does."""
    candidates = Candidates.of(made)
    sizes = {comparison.name: len(comparison.levels) for comparison in made.comparisons}
    patterns = Patterns([*sizes.values()])
    with StoredPairs() as stored:
        for pairs in candidates.parts(at_once):
            stored.add(pairs, patterns.add(levels_of(made, *pairs)))
        model = _learned(made, patterns) if model is None else model.fitted(sizes)
        judge = Judge(made, model, np.arange(made.count, dtype=np.int32))
        second = _Second.of(judge, patterns.levels)
        likely = second.likely(stored, min(at_least, LIKELY))
        if not model.ceilings:
            second = second.of_list(likely)
        likely = second.kept(likely, stored, at_least)
        return Scored(likely.i, likely.j, likely.probability, likely.weight, second.judge, len(stored), candidates.cut)


def _learned(made: Features, patterns: Patterns) -> Model:
    total = made.count * (made.count - 1) // 2 if made.one_list else made.left * (made.count - made.left)
    return learn(made, *patterns.counted(), total) if made.comparisons else Model(0.5, ())


@dataclass(frozen=True)
class _Likely:
    """Pairs with their patterns and what they weigh."""

    i: Codes
    j: Codes
    pattern: Codes
    probability: Floats
    weight: Floats

    def of(self, use: Mask | npt.NDArray[np.intp]) -> _Likely:
        """Some of the pairs."""
        return _Likely(self.i[use], self.j[use], self.pattern[use], self.probability[use], self.weight[use])

    @staticmethod
    def together(several: list[_Likely]) -> _Likely:
        """The pairs of several, in order."""
        nobody, nothing = np.zeros(0, np.int32), np.zeros(0)
        none = _Likely(nobody, nobody, nobody, nothing, nothing)
        columns = ("i", "j", "pattern", "probability", "weight")
        pairs = _Likely(*(np.concatenate([getattr(some, name) for some in (none, *several)]) for name in columns))
        return pairs.of(np.lexsort((pairs.j, pairs.i)))


@dataclass(frozen=True)
class _Second:
    """The second pass. levels: by pattern; weight: of pairs by their levels alone; asked: whether it matters how rare
    what they share is."""

    judge: Judge
    levels: Levels
    weight: Floats
    asked: Mask

    @staticmethod
    def of(judge: Judge, levels: Levels) -> _Second:
        """Weigh each pattern once."""
        weight = judge.at_levels(levels)
        rarest = MOST_RARE * (levels > 0).sum(axis=1)
        asked = (weight + rarest + np.log2(judge.model.prior) >= HOPELESS) | to_be_seen(judge.names, levels)
        return _Second(judge, levels, weight, asked)

    def likely(self, stored: StoredPairs, least: float) -> _Likely:
        """The pairs that could be this probable, and how probable at most."""
        several = self._weighed(stored, _all, self.judge.without_ceilings)
        return _Likely.together([some.of(some.probability >= least) for some in several])

    def of_list(self, likely: _Likely) -> _Second:
        """With the ceilings of the list that has these pairs."""
        judge = self.judge.of_list(self.levels[likely.pattern], likely.weight)
        return replace(self, judge=judge)

    def kept(self, likely: _Likely, stored: StoredPairs, at_least: float) -> _Likely:
        """The pairs that are likely enough, and those within what they connect. likely: those that could be."""
        least = min(at_least, LIKELY)
        probability = self._probable(likely.pattern, likely.weight, self.judge.probabilities)
        likely = replace(likely, probability=probability).of(probability >= least)
        sure = likely.probability >= at_least
        group = connected(self.judge.made.count, likely.i[sure], likely.j[sure])
        inside = self._weighed(stored, lambda part: group[part.i] == group[part.j], self.judge.probabilities)
        return _Likely.together([likely, *(some.of(some.probability < least) for some in inside)])

    def _weighed(self, stored: StoredPairs, use: Callable[[Part], Mask], probable: Probable) -> Iterator[_Likely]:
        """The pairs of each part, those that are used."""
        for part in stored.parts():
            mine = use(part)
            yield self._weigh(Part(*(column[mine] for column in part)), probable)

    def _weigh(self, part: Part, probable: Probable) -> _Likely:
        weight = self.weight[part.pattern]
        asked = np.flatnonzero(self.asked[part.pattern])
        levels = self.levels[part.pattern[asked]]
        weight[asked] = self.judge.weigh_alone(part.i[asked], part.j[asked], levels)
        return _Likely(part.i, part.j, part.pattern, self._probable(part.pattern, weight, probable), weight)

    def _probable(self, pattern: Codes, weight: Floats, probable: Probable) -> Floats:
        """How probable pairs are; what speaks against them is asked only where it matters."""
        probability: Floats = np.exp2(np.minimum(weight + np.log2(self.judge.model.prior), 0))
        asked = np.flatnonzero(self.asked[pattern])
        probability[asked] = probable(self.levels[pattern[asked]], weight[asked])
        return probability


def _all(part: Part) -> Mask:
    return np.ones(len(part.i), dtype=np.bool_)
