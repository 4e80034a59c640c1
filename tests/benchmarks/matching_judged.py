"""How good pairs are: F1, precision and recall, what was found by kind, and whether probabilities are what they say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tests.benchmarks.matching_cases import Case

BINS = ((0.5, 0.9, 0.1), (0.9, 0.99, 0.05), (0.99, 1.0, 0.01))
"""From, to, and how far the share of true pairs may be from the mean probability."""
ENOUGH = 500
"""With fewer true pairs a share says little."""
CERTAIN = 0.99
CHANCE = "by chance"
FEW = 30
"""Of fewer pairs no share is judged."""
HEAD = "| list | F1 | precision | recall |"


def judged(case: Case, pairs: pd.DataFrame) -> pd.DataFrame:
    """Whether each pair is true. pairs: left_key, right_key and probability; a column `true` is added."""
    left, right = pairs.left_key.map(case.left.truth), pairs.right_key.map(case.other.truth)
    return pairs.assign(true=((left == right) & (left != "")).to_numpy())


def row(name: str, right: int, found: int, true: int) -> str:
    """F1, precision and recall as the beginning of a row."""
    precision, recall = right / max(found, 1), right / max(true, 1)
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    return f"| {name} | {f1:.4f} | {precision:.4f} | {recall:.4f} |"


def in_clusters(case: Case, clusters: pd.DataFrame) -> tuple[int, int]:
    """How many pairs of records in one cluster are the same, and how many there are. clusters: key and cluster."""
    both = pd.DataFrame({"cluster": clusters.cluster, "truth": clusters.key.map(case.left.truth)})
    return _pairs(both.groupby(["cluster", "truth"]).size()), _pairs(both.groupby("cluster").size())


def _pairs(sizes: pd.Series[int]) -> int:
    return int((sizes * (sizes - 1) // 2).sum())


@dataclass(frozen=True)
class Bin:
    """Pairs of a range of probabilities: how many, how probable on average, and the share that is true."""

    low: float
    high: float
    pairs: int
    mean: float
    true: float
    near: float

    @property
    def holds(self) -> bool:
        """Whether the share is as near to the mean probability as it has to be."""
        return abs(self.mean - self.true) <= self.near


def bins(pairs: pd.DataFrame) -> list[Bin]:
    """How sure pairs are and how many are true. pairs: as `judged` gives them, all from .5 up."""
    found = []
    for low, high, near in BINS:
        some = pairs[(pairs.probability >= low) & ((pairs.probability < high) | (high == 1.0))]
        empty = not len(some)
        mean, true = (0.0, 0.0) if empty else (float(some.probability.mean()), float(some.true.mean()))
        found.append(Bin(low, high, len(some), mean, true, near))
    return found


def reliability(case: Case, pairs: pd.DataFrame) -> Iterator[str]:
    """A line for each bin; FAIL where enough pairs are true and the share is too far from what was said."""
    enough = case.true_pairs() >= ENOUGH
    for one in bins(pairs):
        verdict = ("ok" if one.holds else "FAIL") if enough and one.pairs >= FEW else ""
        yield f"| {case.name} | {one.low}–{one.high} | {one.pairs:,} | {one.mean:.4f} | {one.true:.4f} | {verdict} |"


def by_kind(case: Case, pairs: pd.DataFrame) -> pd.DataFrame:
    """By kind: true pairs and how many were found, traps and how many were joined, also as certain. Pairs of two cases
    are of the kind `by chance`. pairs: as `judged` gives them, those that are joined."""
    of = [case.of[0], case.of[-1]]
    one, other = pairs.left_key.map(of[0]), pairs.right_key.map(of[1])
    same = np.array([a[0] == b[0] for a, b in zip(one, other, strict=True)], dtype=bool)
    kinds = pd.Series([a[1] for a in one], dtype=object).where(same, CHANCE).to_numpy()
    joined = pd.DataFrame({"kind": kinds, "true": pairs.true.to_numpy(), "certain": pairs.probability > CERTAIN})
    table = _all_pairs(case)
    table["found"] = joined[joined.true].groupby("kind").size()
    table["joined"] = joined[~joined.true].groupby("kind").size()
    table["certain"] = joined[~joined.true & joined.certain].groupby("kind").size()
    chance = joined[joined.kind == CHANCE]
    table.loc[CHANCE, ["joined", "certain"]] = [len(chance), int(chance.certain.sum())]
    return table.fillna(0).astype(int)[["true", "found", "traps", "joined", "certain"]]


def _all_pairs(case: Case) -> pd.DataFrame:
    """By kind, in the order in which they were made: the pairs of one group, and those of one case but of two."""
    columns = ["case", "kind", "group"]
    tables = [
        pd.DataFrame([(*of[key], group) for key, group in side.truth.items()], columns=columns)
        for side, of in zip(case.sides, case.of, strict=True)
    ]
    records = pd.concat(tables)
    kinds = records.drop_duplicates("case").set_index("case").kind
    by_case = _meeting(tables, "case")
    by_group = _meeting(tables, "group").groupby(records.drop_duplicates("group").set_index("group").case).sum()
    counted = pd.DataFrame({"kind": kinds, "all": by_case, "true": by_group}).fillna(0)
    summed = counted.groupby("kind", sort=False)[["all", "true"]].sum()
    return pd.DataFrame({"true": summed.true, "traps": summed["all"] - summed.true})


def _meeting(tables: list[pd.DataFrame], by: str) -> pd.Series[int]:
    """How many pairs each case, or group, makes: of one list with itself, or across both."""
    sizes = [table.groupby(by).size() for table in tables]
    pairs = sizes[0] * (sizes[0] - 1) // 2 if len(sizes) == 1 else (sizes[0] * sizes[1]).dropna()
    return pairs.astype(int)


def kinds_table(case: Case, pairs: pd.DataFrame) -> Iterator[str]:
    """A line for each kind."""
    for kind, counts in by_kind(case, pairs).iterrows():
        if counts.any():
            true = f"{counts.true:,} | {counts.found:,} ({counts.found / counts.true:.3f})" if counts.true else " | "
            false = f"{counts.traps:,} | {counts.joined:,} | {counts.certain:,}" if counts.traps else " |  | "
            false = f" | {counts.joined:,} | {counts.certain:,}" if kind == CHANCE else false
            yield f"| {case.name} | {kind} | {true} | {false} |"
