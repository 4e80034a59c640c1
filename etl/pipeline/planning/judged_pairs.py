"""Pairs on which people decided: at which probability which of them are the same."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from etl.classify import Decisions, Override
from etl.classify.override_verdicts import OverrideOutcome
from etl.classify.overrides import PairDecision
from etl.classify.records import NONE
from etl.config import Config
from etl.matching.calibration import from_each
from etl.model import THRESHOLDS
from etl.pipeline.planning.kept_linkage import DUPLICATES
from etl.plan.figures import JudgedPairs


def judged_pairs(
    folder: Path, config: Config, overrides: Sequence[Override], outcome: OverrideOutcome, decisions: Decisions
) -> JudgedPairs | None:
    """Count people's `same` and `different` at each probability; None where there are none.

    folder: the plan's. overrides: all decisions of people; those do not count whose records changed since.
    """
    records, root, settings = decisions.records, decisions.families.root, config.leads.duplicates
    judged: dict[tuple[int, int], bool] = {}
    for override in overrides:
        numbers = [records.number(key) for key in override.about]
        if override.on_pair and override.source_key not in outcome.changed_since and NONE not in numbers:
            left, right = sorted(int(root[number]) for number in numbers)
            judged[left, right] = override.decision is PairDecision.SAME
    if not judged or settings is None:
        return None
    likeliest = _likeliest(folder, decisions, [*judged])
    told = [(likeliest.get(pair), same) for pair, same in judged.items()]
    steps = from_each(told, (*THRESHOLDS, settings.review_at, settings.merge_at))
    same = sum(judged.values())
    return JudgedPairs(same, len(judged) - same, sum(chance is None for chance, _ in told), steps)


def _likeliest(folder: Path, decisions: Decisions, families: Sequence[tuple[int, int]]) -> dict[tuple[int, int], float]:
    """Of some pairs of families, by their roots, the probability of the likeliest pair of their records."""
    records, root = decisions.records, decisions.families.root.astype(np.int64)
    table = pq.read_table(folder / DUPLICATES, columns=["left", "right", "probability"])
    left, right = (records.numbers(table[name]) for name in ("left", "right"))
    low, high = np.minimum(root[left], root[right]), np.maximum(root[left], root[right])
    wanted = np.array([lesser * len(root) + greater for lesser, greater in families], dtype=np.int64)
    places = np.flatnonzero((left != NONE) & (right != NONE) & np.isin(low * len(root) + high, wanted))
    chances: dict[tuple[int, int], float] = {}
    for place, chance in zip(places.tolist(), np.asarray(table["probability"])[places].tolist(), strict=True):
        pair = int(low[place]), int(high[place])
        chances[pair] = max(chance, chances.get(pair, 0.0))
    return chances
