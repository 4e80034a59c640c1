"""Records that are one company or person: clusters that hold together, and the pairs that follow from others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from etl.matching.fields import Codes, Floats

LARGEST = 500
"""In a larger cluster no pair is made out of others: so many records of one company are no slips of the pen."""
UNCERTAIN = 0.99
"""A pair that a fact tells apart is at most this probable, whatever chain connects it."""
OWN = 1 / 6
"""What the odds of a pair by itself count beside those of a chain."""
HOLDS = 0.5
"""Two clusters become one only if the pairs between them that were compared are this probable on average."""


def connected(count: int, i: Codes, j: Codes) -> Codes:
    """The least record number that each record is connected with, over any number of pairs."""
    least = np.arange(count, dtype=np.int32)
    while True:
        low = np.minimum(least[i], least[j])
        new = least.copy()
        np.minimum.at(new, i, low)
        np.minimum.at(new, j, low)
        new = new[new]
        if (new == least).all():
            return least
        least = new


def clusters(count: int, i: Codes, j: Codes, probability: Floats, at_least: float) -> Codes:
    """The least record number of each record's cluster.

    Pairs of at least that probability join clusters, the surest first, unless the clusters do not hold together: a
    chain of likely pairs must not join records that are unlike. Pairs of equal probability are taken in order of i, j.
    """
    sure = probability >= at_least
    group = connected(count, i[sure], j[sure])
    inside = np.flatnonzero(group[i] == group[j])
    order = inside[np.lexsort((j[inside], i[inside], -probability[inside], group[i[inside]]))]
    least = np.arange(count, dtype=np.int32)
    for run in _runs(group[i[order]]):
        mine = order[run]
        if len(mine) == 1:
            least[j[mine]] = i[mine]
            continue
        for members in _held_together(i[mine].tolist(), j[mine].tolist(), probability[mine].tolist(), at_least):
            least[members] = min(members)
    return least


def _runs(values: Codes) -> Iterator[slice]:
    """Where each run of equal values begins and ends."""
    borders = np.flatnonzero(np.r_[True, np.diff(values) != 0, True]).tolist() if len(values) else []
    yield from (slice(first, last) for first, last in pairwise(borders))


def _held_together(
    i: Sequence[int], j: Sequence[int], probability: Sequence[float], at_least: float
) -> list[list[int]]:
    """Join the records of one connected group, pairs given by falling probability."""
    of = {record: record for record in (*i, *j)}
    members = {record: [record] for record in of}
    between: dict[int, dict[int, tuple[float, int]]] = {record: {} for record in of}
    for a, b, chance in zip(i, j, probability, strict=True):
        between[a][b] = between[b][a] = (chance, 1)
    for a, b, chance in zip(i, j, probability, strict=True):
        left, right = of[a], of[b]
        if chance < at_least:
            break
        if left == right:
            continue
        total, pairs = between[left][right]
        if total / pairs >= HOLDS:
            _join(left, right, of, members, between)
    return list(members.values())


def _join(
    larger: int,
    smaller: int,
    of: dict[int, int],
    members: dict[int, list[int]],
    between: dict[int, dict[int, tuple[float, int]]],
) -> None:
    """Put the smaller of two clusters into the larger one."""
    if len(between[larger]) < len(between[smaller]):
        larger, smaller = smaller, larger
    for record in members[smaller]:
        of[record] = larger
    members[larger] += members.pop(smaller)
    for third, (total, pairs) in between.pop(smaller).items():
        between[third].pop(smaller)
        if third != larger:
            more, further = between[larger].get(third, (0.0, 0))
            between[larger][third] = between[third][larger] = (total + more, pairs + further)


def chained(
    cluster: Codes, i: Codes, j: Codes, probability: Floats, at_least: float
) -> Iterator[tuple[int, int, float]]:
    """All pairs within the clusters of one list, in the order of clusters, each with the probability of the chain of
    pairs that connects it best: that all of its links are the same.

    cluster: by record, as `clusters` gives it; no chain leaves one. Links are pairs of at least that probability.
    """
    sure = (probability >= at_least) & (cluster[i] == cluster[j])
    i, j, probability = i[sure], j[sure], probability[sure]
    group = cluster[i]
    order = np.argsort(group, kind="stable")
    i, j, probability, group = i[order], j[order], probability[order], group[order]
    for run in _runs(group):
        a, b, chance = i[run], j[run], probability[run]
        members, places = np.unique(np.r_[a, b], return_inverse=True)
        if len(members) == 2 or len(members) > LARGEST:
            yield from zip(a.tolist(), b.tolist(), chance.tolist(), strict=True)
        else:
            table = _strongest_chains(len(members), places[: len(a)], places[len(a) :], chance)
            x, y = np.triu_indices(len(members), 1)
            yield from zip(members[x].tolist(), members[y].tolist(), table[x, y].tolist(), strict=True)


def with_chain(own: Floats, chain: Floats) -> Floats:
    """How probable pairs are by themselves and by the chain that connects them.

    A chain is as sure as all of its links together, but these were not chosen at random; so a sixth of the odds is
    what the two records show themselves. own, chain: the probabilities by either. The share was chosen on one public
    list, of persons who are there six times on average (historical in docs/matching.md).
    """
    odds = OWN * _bits(own) + (1 - OWN) * _bits(chain)
    together: Floats = 1 / (1 + np.exp2(-odds))
    return np.maximum(own, together)


def _bits(probability: Floats) -> Floats:
    """The logarithm of the odds, to base 2."""
    bounded = np.clip(probability, 1e-9, 1 - 1e-9)
    bits: Floats = np.log2(bounded / (1 - bounded))
    return bits


def _strongest_chains(size: int, a: npt.NDArray[np.intp], b: npt.NDArray[np.intp], chance: Floats) -> Floats:
    """The greatest product of probabilities over any chain between two members (Floyd and Warshall)."""
    table: Floats = np.zeros((size, size))
    table[a, b] = table[b, a] = chance
    for through in range(size):
        np.maximum(table, np.outer(table[:, through], table[through]), out=table)
    return table
