"""How much each agreement weighs: a Fellegi-Sunter model, learned without labels and blended with what is known.

The model is that of Fellegi and Sunter, A Theory for Record Linkage (JASA 64, 1969), its parameters estimated by
expectation-maximisation (Winkler, 1988), with the frequency of values taken into account (Newcombe, 1959).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
import pydantic

from etl.matching.ceilings import probabilities
from etl.matching.compare import MISSING, Levels
from etl.matching.comparisons import Comparison
from etl.matching.dependence import damp
from etl.matching.doubts import doubts
from etl.matching.features import Features
from etl.matching.fields import Floats
from etl.matching.patterns import Patterns

SAMPLE = 400_000
"""So many pairs taken at random show how often two different records agree."""
ROUNDS = 60
TRUST_M, TRUST_U = 60.0, 1_000.0
"""What is known beforehand weighs as much as so many matches, pairs."""
DECIMALS = 4
EQUAL_NAMES = 0.65
"""So many pairs of companies that are the same have one name, the legal form aside."""
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
        """The weight of each level, in bits; none is worth less than the one below it."""
        return np.round(_bits(np.array(self.m), np.array(self.u)), DECIMALS)

    def chances(self) -> list[float]:
        """How often two different records agree at each level, as the weights have it."""
        return [same / 2**bits for same, bits in zip(self.m, self.weights().tolist(), strict=True)]


@dataclass(frozen=True)
class Model:
    """prior: the share of all pairs that are the same company or person; ceilings: the most that the probability of a
    pair can be, by the words of what speaks against it (`ceilings.shares`)."""

    prior: Annotated[float, pydantic.Field(gt=0, le=0.5)]
    fields: tuple[Field, ...]
    ceilings: Mapping[str, Share] = field(default_factory=dict)

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
        return Model(self.prior, tuple(known[name] for name in levels), self.ceilings)

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


def learn(features: Features, patterns: Levels, counts: npt.NDArray[np.int64], total: int) -> Model:
    """Learn a model from candidate pairs. patterns: the combinations of levels that they have, a column a comparison;
    counts: how many pairs have each; total: how many pairs there are in all."""
    comparisons = features.comparisons
    names = [comparison.name for comparison in comparisons]
    known = [_normal(np.array([level.m for level in comparison.levels])) for comparison in comparisons]
    known_u = [_normal(np.array([level.u for level in comparison.levels])) for comparison in comparisons]
    sampled, often = _sampled(features)
    m, u = known, known_u
    prior, least = _first_prior(features, total)
    against, against_sampled = doubts(names, patterns), doubts(names, sampled)
    for _ in range(ROUNDS):
        chance = counts * probabilities(against, _weighed(names, patterns, m, u), prior, HELD_BACK)
        different = often * (1 - probabilities(against_sampled, _weighed(names, sampled, m, u), prior))
        prior = min(max((float(chance.sum()) + 0.1) / (total + 1), least), 0.5)
        m = [
            _normal(_at_levels(mine, chance, share) + TRUST_M * share) if comparison.learned else share
            for comparison, share, mine in zip(comparisons, known, patterns.T, strict=True)
        ]
        u = [
            _different(comparison, _at_levels(mine, different, share), share) if comparison.learned else share
            for comparison, share, mine in zip(comparisons, known_u, sampled.T, strict=True)
        ]
    fields = (
        Field(comparison.name, tuple(level.words for level in comparison.levels), _rounded(a), _rounded(b))
        for comparison, a, b in zip(comparisons, m, u, strict=True)
    )
    return Model(float(f"{prior:.6g}"), tuple(fields))


def _first_prior(features: Features, total: int) -> tuple[float, float]:
    """The share of all pairs that is taken to be the same before anything is learned, and the least that it can become.

    Where one field alone is compared, the lists can teach how often it agrees, but not how many of those that agree are
    the same: of each record one other is assumed to be; of companies more where names recur more often than by chance.
    """
    fewer = float(features.count if features.one_list else min(features.left, features.count - features.left))
    names = features.names_alone
    if names is not None:
        fewer = max(fewer, names.more_than_by_chance(features.left) / EQUAL_NAMES)
    if names is not None or sum(comparison.learned for comparison in features.comparisons) == 1:
        share = min(fewer / max(total, 1), 0.5)
        return share, share
    expected = (0.1 if features.one_list else 0.3) * fewer
    return min(max(expected, 1.0) / max(total, 1), 0.5), 0.0


def _bits(m: Floats, u: Floats) -> Floats:
    """The weights of levels: none is worth less than the one below it, whatever few data say.

    Levels that are in the wrong order are one (pool adjacent violators: Ayer et al., Annals of Mathematical Statistics
    26, 1955): of eight postcodes none is another but for a slip, and that it would be worth much must not lift them.
    """
    pooled: list[tuple[float, float, int]] = []
    for same, different in zip(m.tolist(), u.tolist(), strict=True):
        pooled.append((same, different, 1))
        while len(pooled) > 1 and pooled[-2][0] * pooled[-1][1] > pooled[-1][0] * pooled[-2][1]:
            (a, b, few), (c, d, more) = pooled.pop(-2), pooled.pop()
            pooled.append((a + c, b + d, few + more))
    same_of, different_of, levels = (np.array(part) for part in zip(*pooled, strict=True))
    bits: Floats = np.repeat(np.log2(same_of / different_of), levels)
    return bits


def _weighed(names: Sequence[str], patterns: Levels, m: Sequence[Floats], u: Sequence[Floats]) -> Floats:
    """The weights of combinations of levels, in bits."""
    weights = np.stack([np.append(_bits(a, b), 0.0)[mine] for a, b, mine in zip(m, u, patterns.T, strict=True)], axis=1)
    damp(names, patterns, weights)
    summed: Floats = weights.sum(axis=1)
    return summed


def _at_levels(levels: Levels, counts: Floats, shares: Floats) -> Floats:
    """How many pairs are at each level of a field. levels, counts: by combination."""
    filled = levels != MISSING
    return np.bincount(levels[filled], counts[filled], len(shares)).astype(np.float64)


def _different(comparison: Comparison, counts: Floats, known: Floats) -> Floats:
    """How often two different records agree at each level, from pairs taken at random.

    counts: of those, less what is likely the same, at each level; known: the shares beforehand.
    """
    shares = counts + TRUST_U * known
    for level, other in comparison.as_rare:
        shares[level] = shares[other]
    return _normal(shares)


def _normal(counted: Floats) -> Floats:
    """Shares from counts."""
    shares: Floats = counted / counted.sum()
    return shares


def _rounded(shares: Floats) -> tuple[float, ...]:
    return tuple(np.round(shares, 12).tolist())


def _sampled(features: Features) -> tuple[Levels, npt.NDArray[np.int64]]:
    """The combinations of levels of pairs that are taken at random, and how many pairs have each.

    Of a comparison that is not learned no level is known. The sample depends on the number of records alone.
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
    patterns = Patterns([len(comparison.levels) for comparison in features.comparisons])
    levels = np.full((len(i), len(features.comparisons)), MISSING, dtype=np.int8)
    for column, comparison in enumerate(features.comparisons):
        if comparison.learned:
            levels[:, column] = comparison.judge(i, j)
    patterns.add(levels)
    return patterns.counted()
