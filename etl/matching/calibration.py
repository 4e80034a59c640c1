"""How good a probability is as a threshold, by the pairs on which people decided whether they are the same.

Precision and recall come with the interval of Wilson (1927, "Probable inference, the law of succession, and statistical
inference", Journal of the American Statistical Association 22, 209-212), which holds also for few pairs and for shares
near 0 and 1 (Brown, Cai and DasGupta 2001, "Interval estimation for a binomial proportion", Statistical Science 16).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Z = 1.959963984540054
"""So many standard deviations to both sides hold 95% of a normal distribution."""
ENOUGH = 0.95
"""A threshold is proposed where the lower end of its interval is at least this."""
NEEDED = math.ceil(ENOUGH / (1 - ENOUGH) * Z * Z)
"""So many pairs, all of one mind, bring the lower end there."""


@dataclass(frozen=True)
class Share:
    """A part of a whole, and the interval that has the true share in it 19 times of 20."""

    part: int
    whole: int
    share: float
    low: float
    high: float

    @staticmethod
    def of(part: int, whole: int) -> Share | None:
        """The share with Wilson's interval; None of nothing."""
        if not whole:
            return None
        share, spread = part / whole, Z * Z / whole
        middle = (share + spread / 2) / (1 + spread)
        margin = Z / (1 + spread) * math.sqrt(share * (1 - share) / whole + spread / (4 * whole))
        low, high = (0.0 if not part else middle - margin), (1.0 if part == whole else middle + margin)
        return Share(part, whole, round(share, 6), round(low, 6), round(high, 6))


@dataclass(frozen=True)
class Step:
    """One threshold. used: as what it is in the config, empty if it is none there. precision: of the labelled pairs
    from there on, those that are the same; recall: of all labelled pairs that are the same, those from there on."""

    at_least: float
    used: str
    precision: Share | None
    recall: Share | None


@dataclass(frozen=True)
class Calibration:
    """What people's labels say of thresholds.

    same, different: labelled pairs; unmatched: those of them that no probability was written down for, so that no
    threshold reaches them. precise: the lowest threshold that is precise enough; complete: the highest that keeps
    enough of what is the same. None where no threshold is, by these labels.
    """

    same: int
    different: int
    unmatched: int
    steps: tuple[Step, ...]
    precise: float | None
    complete: float | None


def from_each(
    labels: Iterable[tuple[float | None, bool]], thresholds: Iterable[float]
) -> tuple[tuple[float, int, int], ...]:
    """Each threshold, the lowest first, with the labelled pairs from there on that are the same, and that are not.

    labels: probability, or None where there is none, and whether the two are the same.
    """
    known = [(probability, same) for probability, same in labels if probability is not None]
    return tuple(
        (
            at_least,
            sum(probability >= at_least and same for probability, same in known),
            sum(probability >= at_least and not same for probability, same in known),
        )
        for at_least in sorted({*thresholds})
    )


def calibrate(
    steps: Sequence[tuple[float, int, int]], same: int, different: int, unmatched: int, used: Mapping[str, float]
) -> Calibration:
    """What labelled pairs say of thresholds. steps: as of `from_each`; same, different: of all pairs; used: the
    thresholds of the config by name."""
    names = {at_least: name for name, at_least in used.items()}
    told = tuple(
        Step(at_least, names.get(at_least, ""), Share.of(right, right + wrong), Share.of(right, same))
        for at_least, right, wrong in steps
    )
    precise = [step.at_least for step in told if step.precision and step.precision.low >= ENOUGH]
    complete = [step.at_least for step in told if step.recall and step.recall.low >= ENOUGH]
    return Calibration(same, different, unmatched, told, min(precise, default=None), max(complete, default=None))
