"""Match two lists, or one with itself: candidates, levels, model, weights."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from etl.matching.candidates import Candidates, candidates
from etl.matching.copies import Copies
from etl.matching.dependence import chances, damp
from etl.matching.features import Features, Identity, features
from etl.matching.fields import Codes, Floats
from etl.matching.model import Model, learn

Weights = npt.NDArray[np.float32]
AT_ONCE = 1_000_000


TOLD, SURE = 3, 0.99
"""Records of one list that many others equal, in so many kinds of columns, are this surely the same."""


@dataclass(frozen=True)
class Scored:
    """Pairs with their weights, in bits; NaN of copies, which are not compared.

    names: of the comparisons, the columns of `fields`.
    """

    names: tuple[str, ...]
    i: Codes
    j: Codes
    probability: Floats
    weight: Floats
    fields: Weights
    model: Model
    cut: dict[str, tuple[int, int]]


def match(identity: Identity, count: int, left: int) -> Scored:
    """Match two lists, the first `left` records and the others, or one list if that is all of them."""
    copies = Copies.of(identity, count, left)
    alone = copies.alone
    made = {kind: [column.take(pa.array(alone)) for column in columns] for kind, columns in identity.items()}
    found = score(features(made, len(alone), int(np.count_nonzero(alone < left))))
    found = replace(found, i=alone[found.i], j=alone[found.j])
    if not len(copies.others):
        return found
    return _with_copies(found, copies) if left == count else _spread(found, copies)


def _with_copies(found: Scored, copies: Copies) -> Scored:
    """Add to the pairs of one list each copy with the record that stands for it, where enough is told of it."""
    others = copies.others[copies.told[copies.others] >= TOLD]
    unknown = np.full((len(others), len(found.names)), np.nan, dtype=np.float32)
    i, j = np.r_[found.i, copies.first[others]], np.r_[found.j, others]
    order = np.lexsort((j, i))
    return replace(
        found,
        i=i[order],
        j=j[order],
        probability=np.r_[found.probability, np.full(len(others), SURE)][order],
        weight=np.r_[found.weight, np.full(len(others), np.nan)][order],
        fields=np.vstack([found.fields, unknown])[order],
    )


def _spread(found: Scored, copies: Copies) -> Scored:
    """Give what stands for copies to each of them: the pairs that are likelier to be the same than not."""
    use = found.probability >= 0.5
    place, i, j = copies.spread(found.i[use], found.j[use])
    both = np.r_[np.flatnonzero(use)[place], np.flatnonzero(~use)]
    i, j = np.r_[i, found.i[~use]], np.r_[j, found.j[~use]]
    order = np.lexsort((j, i))
    both = both[order]
    return replace(
        found,
        i=i[order],
        j=j[order],
        probability=found.probability[both],
        weight=found.weight[both],
        fields=found.fields[both],
    )


def score(made: Features, model: Model | None = None) -> Scored:
    """Find, compare and weigh the pairs of a list with another or with itself."""
    found = candidates(made)
    levels, shared = _compared(made, found)
    total = made.count * (made.count - 1) // 2 if made.one_list else made.left * (made.count - made.left)
    model = model or (learn(made, list(levels.T), total) if made.comparisons else Model(0.5, ()))
    fields = np.zeros(levels.shape, dtype=np.float32)
    for column, (one, field) in enumerate(zip(made.comparisons, model.fields, strict=True)):
        mine = levels[:, column]
        fields[:, column] = np.append(field.weights(), 0.0)[mine] + one.rarity(field.u, mine, shared[:, column])
    names = [one.name for one in made.comparisons]
    damp(names, levels, fields)
    weight = np.round(fields.astype(np.float64).sum(axis=1), 3)
    probability = chances(names, levels, weight, model.prior)
    return Scored(tuple(names), found.i, found.j, probability, weight, fields, model, found.cut)


def _compared(made: Features, found: Candidates) -> tuple[npt.NDArray[np.int8], Codes]:
    count, width = len(found.i), len(made.comparisons)
    levels, shared = np.empty((count, width), dtype=np.int8), np.empty((count, width), dtype=np.int32)
    for first in range(0, count, AT_ONCE):
        some = slice(first, first + AT_ONCE)
        for column, one in enumerate(made.comparisons):
            judged = one.judge(found.i[some], found.j[some])
            levels[some, column], shared[some, column] = judged.levels, judged.shared
    return levels, shared
