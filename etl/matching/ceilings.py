"""How probable pairs are against which something speaks: the ceilings, as each list shows them without labels.

On a list with many sister companies few of the pairs with a word of their own each are one, on a list without them most
are. So a ceiling that was measured elsewhere is only where the estimate for a list begins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from etl.matching.doubts import NAMESAKE, PERHAPS, Doubt, Mask
from etl.matching.fields import Floats

LIKELY = 0.5
"""From here on a pair is likelier the same than not."""
MOST = 0.94
"""No list says more of pairs whose ceiling it tells: people decide."""
TRUST = 10.0
"""A ceiling weighs as much beforehand as so many pairs of the list."""
SEEN, SAME_NUMBER = "to be seen", 0.02
"""The name of the share of the pairs to be seen; the share of the same that have nothing but the number in common."""


def shares(against: Sequence[Doubt], shown: Mask, weight: Floats, prior: float) -> dict[str, float]:
    """By what speaks against pairs, the share of them that is the same, as this list shows without labels.

    Of the pairs that nothing speaks against it is known how many are the same, and how often such are written down in a
    way that does; if many more are there than would follow from this, they are sisters and relatives. A pair counts for
    that alone which has the lowest ceiling. shown: of these pairs, as `to_be_seen` gives them, likewise by `SEEN`.
    """
    chance, lowest = _chance(against, weight, prior), np.ones(len(weight))
    estimated = [doubt for doubt in against if doubt.ceiling < NAMESAKE]
    for doubt in estimated:
        lowest = np.where(doubt.holds, np.minimum(lowest, doubt.ceiling), lowest)
    unlikely = float(np.count_nonzero(shown & (np.minimum(chance, lowest) < PERHAPS)))
    chance = np.where(chance >= LIKELY, chance, 0.0)
    same = float(chance[lowest == 1].sum())
    estimates = {SEEN: min(_share(same * SAME_NUMBER, PERHAPS, unlikely), PERHAPS)}
    for doubt in estimated:
        count = float(chance[doubt.holds & (lowest == doubt.ceiling)].sum())
        estimates[doubt.words] = _share(same * doubt.usual, doubt.ceiling, count)
    return estimates


def _share(expected: float, beforehand: float, count: float) -> float:
    """Which share of so many pairs is the same. expected: how many should be; beforehand: the share that is taken
    where the list is too short; a pair by itself tells nothing of itself."""
    others = max(count - 1, 0)
    return round(min((min(expected, others) + TRUST * beforehand) / (others + TRUST), MOST), 3)


def probabilities(
    against: Sequence[Doubt], weight: Floats, prior: float, most: Mapping[str, float] | float = MappingProxyType({})
) -> Floats:
    """The probability that pairs are the same, from their weights in bits and what speaks against them.

    prior: the share of all pairs that are the same; most: the ceilings of what has one, by its words, or one for all;
    its own where it has none there.
    """
    chance = _chance(against, weight, prior)
    for doubt in against:
        if doubt.ceiling < 1:
            ceiling = most if isinstance(most, float) else most.get(doubt.words, doubt.ceiling)
            chance = np.where(doubt.holds, np.minimum(chance, ceiling), chance)
    return chance


def _chance(against: Sequence[Doubt], weight: Floats, prior: float) -> Floats:
    """How probable pairs are whatever tells them apart."""
    odds = weight + np.log2(prior / (1 - prior))
    for doubt in against:
        odds = odds - doubt.bits * doubt.holds
    chance: Floats = 1 / (1 + np.exp2(-np.clip(odds, -1000, 1000)))
    return chance
