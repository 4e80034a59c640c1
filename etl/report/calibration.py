"""What the pairs that people decided say of thresholds: one table and its sentences, for reports and for `match`."""

from __future__ import annotations

from collections.abc import Iterator

from etl.matching.calibration import ENOUGH, NEEDED, Calibration, Share
from etl.report.text import number, percent
from etl.texts import mark, t, tn

TITLE = mark("Pairs that people decided")
HEAD = (mark("probability from"), mark("pairs"), mark("the same"), mark("precision"), mark("recall"))
"""The columns of `rows`."""


def rows(calibration: Calibration | None) -> Iterator[tuple[str, int, int, str, str]]:
    """Each threshold with the pairs from there on, and both shares with their intervals; nothing without pairs."""
    for step in calibration.steps if calibration else ():
        threshold = f"{step.at_least:g}" + (f" ({step.used})" if step.used else "")
        whole, same = (step.precision.whole, step.precision.part) if step.precision else (0, 0)
        yield threshold, whole, same, _share(step.precision), _share(step.recall)


def short(calibration: Calibration | None) -> list[str]:
    """How many pairs there are, and which thresholds they speak for; nothing without pairs."""
    if calibration is None:
        return []
    return [_pairs(calibration), _precise(calibration), _complete(calibration)]


def sentences(calibration: Calibration) -> list[str]:
    """How many pairs there are, what the figures are about, and which thresholds the pairs speak for."""
    told = [
        _pairs(calibration),
        t(
            "Precision is how many of these pairs are the same from a probability on, recall how many of those that "
            "are the same lie from there on; 19 times of 20, the true share is in the brackets. Both are about the "
            "pairs that people saw, mostly doubtful ones, and not about all pairs"
        ),
    ]
    if calibration.unmatched:
        told.append(
            tn(
                calibration.unmatched,
                "{n} of these pairs is below every threshold: matching did not bring it up",
                "{n} of these pairs are below every threshold: matching did not bring them up",
            )
        )
    return [
        *told,
        _precise(calibration),
        _complete(calibration),
        t("A threshold changes only where you write it into the config"),
    ]


def _pairs(calibration: Calibration) -> str:
    return tn(
        calibration.same + calibration.different,
        "People decided on {n} pair whether both are the same: {same} the same, {different} different",
        "People decided on {n} pairs whether both are the same: {same} the same, {different} different",
        same=number(calibration.same),
        different=number(calibration.different),
    )


def _precise(calibration: Calibration) -> str:
    if calibration.precise is None:
        return _none(t("No threshold is surely precise enough by these pairs"))
    lowest = mark(
        "By these pairs, {value} is the lowest threshold from which on at least {enough} are surely the same{now}"
    )
    return _proposed(lowest, calibration.precise, calibration, "merge_at")


def _complete(calibration: Calibration) -> str:
    if calibration.complete is None:
        return _none(t("No threshold surely keeps enough of what is the same"))
    highest = mark(
        "By these pairs, {value} is the highest threshold that surely keeps at least {enough} of what is the same{now}"
    )
    return _proposed(highest, calibration.complete, calibration, "review_at")


def _proposed(sentence: str, value: float, calibration: Calibration, name: str) -> str:
    """Which threshold the pairs speak for, beside what the config has: under this name or, of one threshold, that."""
    used = {step.used: step.at_least for step in calibration.steps if step.used}
    name = name if name in used else next(iter(used), "")
    now = f" ({name}: {used[name]:g})" if name else ""
    return t(sentence, value=f"{value:g}", enough=percent(round(100 * ENOUGH), 100), now=now)


def _none(sentence: str) -> str:
    """Why there is none: a few pairs are never enough."""
    return f"{sentence}; " + t("it takes at least {n} such pairs, even if all agree", n=NEEDED)


def _share(share: Share | None) -> str:
    if share is None:
        return "–"
    low, high = (percent(round(1000 * end), 1000) for end in (share.low, share.high))
    return f"{percent(share.part, share.whole)} ({low}–{high})"
