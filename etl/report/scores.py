"""How probable the best matches are: counted between the probabilities at which something else would be decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from etl.config import Config, matches_of
from etl.model import STRENGTH, THRESHOLDS, Decision
from etl.plan.figures import StepFigures
from etl.report.model import ScoreBin
from etl.report.read import Tables, parquet


def scores(plan: Tables, config: Config, steps: Sequence[StepFigures]) -> tuple[ScoreBin, ...]:
    """Count the best matches with each master, and the pairs of records that may be one.

    Each probability that the config asks for is a bound, so that no bar of a chart stands on both sides of it.
    """
    bins: list[ScoreBin] = []
    for name in config.masters:
        thresholds = _asked(config, name)
        bounds = {step.at_least for step in steps if step.master == name} | set(thresholds)
        matches = parquet(plan.folder / "matches.parquet")
        best = f"SELECT probability FROM {matches} WHERE how = 'probability' AND master = ?"
        bins += _counted(plan, best, [name], name, bounds, thresholds)
    if config.leads.duplicates:
        two = config.leads.duplicates
        thresholds = {two.review_at: Decision.REVIEW, two.merge_at: Decision.LEAD}
        bins += _counted(plan, "SELECT probability FROM duplicates", [], None, set(thresholds), thresholds)
    return tuple(bins)


def _asked(config: Config, master: str) -> dict[float, Decision]:
    """Probability -> the strongest decision that a rule makes of it."""
    decisions: dict[float, list[Decision]] = {}
    for rule in config.classify:
        for condition in matches_of(rule.when):
            if condition.matches == master and condition.at_least is not None:
                decisions.setdefault(condition.at_least, []).append(Decision(rule.as_))
    return {at_least: min(some, key=STRENGTH.index) for at_least, some in decisions.items()}


def _counted(
    plan: Tables,
    rows: str,
    parameters: Sequence[object],
    master: str | None,
    bounds: Iterable[float],
    thresholds: Mapping[float, Decision],
) -> list[ScoreBin]:
    edges = sorted({*THRESHOLDS, *bounds, 0.0, 1.0})
    edges += [1.0] if 1.0 in bounds else []  # what is certain has a score of its own where that is asked for
    least = " + ".join(f"(probability >= {edge!r})::INTEGER" for edge in edges[1:-1])
    counts = dict(plan.rows(f"SELECT {least}, count(*) FROM ({rows}) GROUP BY 1 ORDER BY 1", parameters))
    bins = [
        ScoreBin(master, low, high, counts.get(place, 0), _decided(low, thresholds))
        for place, (low, high) in enumerate(pairwise(edges))
    ]
    first = next((place for place, score in enumerate(bins) if score.count or score.decision), len(bins))
    return bins[first:]


def _decided(low: float, thresholds: Mapping[float, Decision]) -> Decision | None:
    """What the highest probability that is asked for, and no more than this, makes of a match."""
    reached = [at_least for at_least in thresholds if at_least <= low]
    return thresholds[max(reached)] if reached else None
