"""How much each agreement weighs: a Fellegi-Sunter model, learned without labels and blended with what is known.

The model is that of Fellegi and Sunter, A Theory for Record Linkage (JASA 64, 1969), its parameters estimated by
expectation-maximisation (Winkler, 1988), with the frequency of values taken into account (Newcombe, 1959).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
import pydantic

from etl.matching.compare import MISSING, Levels
from etl.matching.dependence import chances, damp
from etl.matching.features import Features
from etl.matching.fields import Floats

SAMPLE = 400_000
"""So many pairs taken at random show how often two different records agree."""
ROUNDS = 60
TRUST_M, TRUST_U = 60.0, 1_000.0
"""What is known beforehand weighs as much as so many matches, pairs."""
DECIMALS = 4
HELD_BACK = 0.1
"""Pairs that something speaks against teach little of how those agree that are the same."""


Share = Annotated[float, pydantic.Field(gt=0, le=1)]


@dataclass(frozen=True)
class Field:
    """One comparison's parameters: by level m and u; `words` of each level."""

    name: str
    words: tuple[str, ...]
    m: tuple[Share, ...]
    u: tuple[Share, ...]

    def weights(self) -> Floats:
        """The weight of each level, in bits."""
        bits: Floats = np.round(np.log2(np.array(self.m) / np.array(self.u)), DECIMALS)
        return bits


@dataclass(frozen=True)
class Model:
    """prior: the share of all pairs that are the same company or person."""

    prior: Annotated[float, pydantic.Field(gt=0, le=0.5)]
    fields: tuple[Field, ...]

    def fitted(self, levels: Mapping[str, int]) -> Model:
        """The fields that lists have. levels: a comparison's name -> how many levels it has, in order.

        Raises ValueError where the model has not learned one of them.
        """
        known = {field.name: field for field in self.fields}
        for name, count in levels.items():
            if name not in known:
                raise ValueError(f"it does not know {name!r}; it knows {', '.join(known)}")
            if not len(known[name].m) == len(known[name].u) == count:
                raise ValueError(f"it has {len(known[name].m)} levels of {name!r}, and this version has {count}")
        return Model(self.prior, tuple(known[name] for name in levels))

    def as_dict(self) -> dict[str, Any]:
        """The model as JSON can hold it; `of` is the inverse."""
        from pydantic import TypeAdapter

        dumped: dict[str, Any] = TypeAdapter(Model).dump_python(self, mode="json")
        return dumped

    @staticmethod
    def of(parsed_json: Any) -> Model:
        """Read what `as_dict` gave. Raises ValueError where it is something else."""
        from pydantic import TypeAdapter

        return TypeAdapter(Model).validate_python(parsed_json)


def learn(features: Features, levels: list[Levels], total: int) -> Model:
    """Learn a model from candidate pairs. levels: by comparison; total: how many pairs there are in all."""
    patterns, counts = _patterns(levels)
    names = [comparison.name for comparison in features.comparisons]
    u = _differing(features)
    known = [_normal(np.array([level.m for level in comparison.levels])) for comparison in features.comparisons]
    m = known
    right = features.count - features.left
    expected = 0.1 * features.count if features.one_list else 0.3 * min(features.left, right)
    prior = min(max(expected, 1.0) / max(total, 1), 0.5)
    for _ in range(ROUNDS):
        bits = [np.append(np.log2(a / b), 0.0)[mine] for a, b, mine in zip(m, u, patterns.T, strict=True)]
        weights = np.stack(bits, axis=1)
        damp(names, patterns, weights)
        chance = counts * chances(names, patterns, weights.sum(axis=1), prior, HELD_BACK, HELD_BACK)
        prior = min((float(chance.sum()) + 0.1) / (total + 1), 0.5)
        m = [
            _normal(np.bincount(mine[mine != MISSING], chance[mine != MISSING], len(share)) + TRUST_M * share)
            for share, mine in zip(known, patterns.T, strict=True)
        ]
    fields = (
        Field(comparison.name, tuple(level.words for level in comparison.levels), _rounded(a), _rounded(b))
        for comparison, a, b in zip(features.comparisons, m, u, strict=True)
    )
    return Model(float(f"{prior:.6g}"), tuple(fields))


def _normal(counted: Floats) -> Floats:
    """Shares from counts."""
    shares: Floats = counted / counted.sum()
    return shares


def _rounded(shares: Floats) -> tuple[float, ...]:
    return tuple(np.round(shares, 12).tolist())


def _patterns(levels: list[Levels]) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int64]]:
    """The different combinations of levels, and how many pairs have each."""
    codes = np.zeros(len(levels[0]) if levels else 0, dtype=np.int64)
    for level in levels:
        codes = codes * 16 + (level + 1)
    combined, counts = np.unique(codes, return_counts=True)
    patterns = np.empty((len(combined), len(levels)), dtype=np.int8)
    for column in reversed(range(len(levels))):
        patterns[:, column] = combined % 16 - 1
        combined = combined // 16
    return patterns, counts


def _differing(features: Features) -> list[Floats]:
    """By comparison, how often two records that are taken at random agree at each level.

    Records that are the same are among the pairs, too few to count. The sample depends on the number of records alone.
    """
    random = np.random.default_rng(2026)
    right = (0, features.count) if features.one_list else (features.left, features.count)
    whole = features.left * (right[1] - right[0])
    if whole <= SAMPLE:
        i, j = (grid.ravel().astype(np.int32) for grid in np.meshgrid(np.arange(features.left), np.arange(*right)))
    else:
        i = random.integers(0, features.left, SAMPLE).astype(np.int32)
        j = random.integers(*right, SAMPLE).astype(np.int32)
    i, j = i[i != j], j[i != j]
    u_probabilities = []
    for comparison in features.comparisons:
        levels = comparison.judge(i, j).levels
        counted = np.bincount(levels[levels != MISSING], minlength=len(comparison.levels)).astype(np.float64)
        u_probabilities.append(_normal(counted + TRUST_U * _normal(np.array([level.u for level in comparison.levels]))))
    return u_probabilities
