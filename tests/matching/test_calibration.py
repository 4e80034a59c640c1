"""How good thresholds are, by pairs that people decided: shares with Wilson's intervals, and what they speak for."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from etl.matching.calibration import ENOUGH, NEEDED, Share, calibrate, from_each
from tests.profiles import examples

LABELS = st.lists(st.tuples(st.none() | st.floats(0, 1), st.booleans()), min_size=1, max_size=60)


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        (9, 10, 0.595850, 0.982124),
        (0, 10, 0.0, 0.277533),
        (10, 10, 0.722467, 1.0),
        (81, 263, 0.255289, 0.366210),
        (1, 1, 0.206549, 1.0),
    ],
)
def test_the_interval_is_wilsons(part: int, whole: int, low: float, high: float) -> None:
    """As published tables and other programs have it; 81 of 263 is an example of Newcombe (1998), 0.2553 to 0.3662."""
    share = Share.of(part, whole)

    assert share
    assert [share.low, share.high] == pytest.approx([low, high], abs=1e-6)


@settings(max_examples=examples(200))
@given(st.integers(0, 400), st.integers(0, 400))
def test_the_share_lies_in_its_interval(part: int, other: int) -> None:
    """Which grows smaller with more pairs of the same share; nothing has none."""
    share, more = Share.of(part, part + other), Share.of(4 * part, 4 * (part + other))
    if share is None or more is None:
        assert part + other == 0
        return

    assert 0 <= share.low <= share.share <= share.high <= 1
    assert more.high - more.low < share.high - share.low


@settings(max_examples=examples(200))
@given(LABELS)
def test_each_threshold_counts_the_pairs_from_there_on(labels: list[tuple[float | None, bool]]) -> None:
    """A pair without a probability is reached by none, and is missing in the recall of all."""
    steps = from_each(labels, (0.9, 0.5, 0.5))
    same = sum(right for _, right in labels)
    found = calibrate(steps, same, len(labels) - same, sum(p is None for p, _ in labels), {"merge_at": 0.9})

    assert [at_least for at_least, _, _ in steps] == [0.5, 0.9]
    for at_least, right, wrong in steps:
        assert right == len([p for p, is_same in labels if p is not None and p >= at_least and is_same])
        assert wrong == len([p for p, is_same in labels if p is not None and p >= at_least and not is_same])
    assert [step.used for step in found.steps] == ["", "merge_at"]
    assert all(step.recall is None or step.recall.whole == same for step in found.steps)


def test_a_threshold_is_proposed_where_enough_pairs_speak_for_it() -> None:
    """The lowest that is precise enough, and the highest that keeps enough; a pair less, and none is."""
    wrong: list[tuple[float | None, bool]] = [(0.6, False)] * 20
    for count, precise, complete in ((NEEDED - 1, None, None), (NEEDED, 0.7, 0.9)):
        labels = [*wrong, *[(0.95, True)] * count]
        found = calibrate(from_each(labels, (0.5, 0.7, 0.9)), count, 20, 0, {})
        assert (found.precise, found.complete) == (precise, complete)
    share = Share.of(NEEDED, NEEDED)

    assert share
    assert share.low >= ENOUGH
