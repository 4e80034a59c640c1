"""Match two lists, or one with itself: candidates, levels, model, weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from etl.matching.candidates import Candidates, candidates
from etl.matching.dependence import chances, damp
from etl.matching.features import Features
from etl.matching.fields import Codes, Floats
from etl.matching.model import Model, learn

Weights = npt.NDArray[np.float32]
AT_ONCE = 1_000_000


@dataclass(frozen=True)
class Scored:
    """Pairs with their weights. fields: weight by comparison (columns) and pair (rows), in bits."""

    i: Codes
    j: Codes
    probability: Floats
    weight: Floats
    fields: Weights
    levels: npt.NDArray[np.int8]
    model: Model
    cut: dict[str, tuple[int, int]]


def score(features: Features, model: Model | None = None) -> Scored:
    """Find, compare and weigh the pairs of a list with another or with itself."""
    found = candidates(features)
    levels, shared = _compared(features, found)
    total = (
        features.count * (features.count - 1) // 2
        if features.one_list
        else features.left * (features.count - features.left)
    )
    model = model or learn(features, list(levels.T), total)
    fields = np.zeros(levels.shape, dtype=np.float32)
    for column, (one, field) in enumerate(zip(features.comparisons, model.fields, strict=True)):
        mine = levels[:, column]
        fields[:, column] = np.append(field.weights(), 0.0)[mine] + one.rarity(field.u, mine, shared[:, column])
    names = [one.name for one in features.comparisons]
    damp(names, levels, fields)
    weight = np.round(fields.astype(np.float64).sum(axis=1), 3)
    probability = chances(names, levels, weight, model.prior)
    return Scored(found.i, found.j, probability, weight, fields, levels, model, found.cut)


def _compared(features: Features, found: Candidates) -> tuple[npt.NDArray[np.int8], Codes]:
    count, width = len(found.i), len(features.comparisons)
    levels, shared = np.empty((count, width), dtype=np.int8), np.empty((count, width), dtype=np.int32)
    for first in range(0, count, AT_ONCE):
        some = slice(first, first + AT_ONCE)
        for column, one in enumerate(features.comparisons):
            judged = one.judge(found.i[some], found.j[some])
            levels[some, column], shared[some, column] = judged.levels, judged.shared
    return levels, shared
