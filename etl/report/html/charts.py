"""Where the shapes of the page's charts lie; the page draws them. Lengths are in the units of each chart's view box."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

from etl.model import Decision
from etl.report.model import Report, ScoreBin
from etl.report.text import shown

WIDTH, HEIGHT, GAP, NODE, LEAST = 720.0, 300.0, 14.0, 12.0, 2.0
BASE = 170.0
"""Where the bars of a distribution stand."""
LEFT, RIGHT, NAME = 200.0, 520.0, 16
"""Where the nodes of both sides of the picture of flows stand, and how many cells wide a name beside one can be."""


@dataclass(frozen=True)
class Node:
    """One bar of the picture of flows."""

    name: str
    count: int
    x: float
    y: float
    height: float

    @property
    def label(self) -> str:
        """Its name, as far as there is room beside it; a wide character takes two cells."""
        name = shown(self.name, 2 * NAME)
        return name if cell_len(name) <= NAME else set_cell_size(name, NAME - 1).rstrip() + "…"

    @property
    def middle(self) -> float:
        """Where its label stands."""
        return self.y + self.height / 2


@dataclass(frozen=True)
class Flow:
    """Records of one entry that have one decision; path: an SVG path that is filled."""

    entry: str
    decision: Decision
    count: int
    path: str


@dataclass(frozen=True)
class Flows:
    """How the records of each entry divide into decisions."""

    entries: tuple[Node, ...]
    decisions: tuple[Node, ...]
    flows: tuple[Flow, ...]
    height: float
    width: float = WIDTH
    node: float = NODE


def flows(report: Report) -> Flows:
    """Lay out the picture: entries on the left, decisions on the right, a band for each number of the table."""
    read = [(entry.entry, entry.decided) for entry in report.entries if entry.decided]
    decided = [(str(decision), report.decided(decision)) for decision in Decision if report.decided(decision)]
    height = max(HEIGHT, (GAP + LEAST) * (len(read) + 2))
    entries, decisions = _column(read, LEFT, height), _column(decided, RIGHT, height)
    out = {node.name: node.y for node in entries}
    into = {node.name: node.y for node in decisions}
    scale_out = {node.name: node.height / node.count for node in entries}
    scale_into = {node.name: node.height / node.count for node in decisions}
    bands = []
    for entry in report.entries:
        for decision in Decision:
            count = entry.decisions.get(decision, 0)
            if count:
                left, right = count * scale_out[entry.entry], count * scale_into[decision]
                path = _band(out[entry.entry], left, into[decision], right)
                bands.append(Flow(entry.entry, decision, count, path))
                out[entry.entry] += left
                into[decision] += right
    return Flows(entries, decisions, tuple(bands), height)


def _column(counts: Sequence[tuple[str, int]], x: float, whole: float) -> tuple[Node, ...]:
    """Bars one below the other, as high as their counts, none too thin to be seen, and the whole in the height."""
    total = sum(count for _, count in counts) or 1
    room = whole - GAP * (len(counts) + 1)
    heights = [max(LEAST, room * count / total) for _, count in counts]
    fit = room / (sum(heights) or 1)
    nodes, y = [], GAP
    for (name, count), height in zip(counts, heights, strict=True):
        nodes.append(Node(name, count, x, y, height * fit))
        y += height * fit + GAP
    return tuple(nodes)


def _band(y: float, height: float, to: float, end: float) -> str:
    start, stop, middle = LEFT + NODE, RIGHT, (LEFT + NODE + RIGHT) / 2
    return (
        f"M{start:.1f} {y:.1f}C{middle:.1f} {y:.1f} {middle:.1f} {to:.1f} {stop:.1f} {to:.1f}"
        f"V{to + end:.1f}C{middle:.1f} {to + end:.1f} {middle:.1f} {y + height:.1f} {start:.1f} {y + height:.1f}Z"
    )


@dataclass(frozen=True)
class Bar:
    """One bar of a distribution, with what it counts."""

    bin: ScoreBin
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Threshold:
    """A probability from which something else is decided: a line between two bars."""

    at: float
    x: float
    decision: Decision


@dataclass(frozen=True)
class Distribution:
    """How probable the best matches on one list are; name: the list's, None for the records themselves."""

    name: str | None
    bars: tuple[Bar, ...]
    thresholds: tuple[Threshold, ...]
    width: float = WIDTH
    height: float = BASE + 50.0
    base: float = BASE


def distributions(report: Report) -> tuple[Distribution, ...]:
    """One chart for each list that was compared; a bar's height is the square root of its count."""
    names = dict.fromkeys(score.master for score in report.scores)
    return tuple(_distribution(name, [score for score in report.scores if score.master == name]) for name in names)


def _distribution(name: str | None, bins: Sequence[ScoreBin]) -> Distribution:
    top, left = 46.0, 10.0
    step = (WIDTH - 2 * left) / len(bins)
    highest = math.sqrt(max(score.count for score in bins) or 1)
    bars, lines, before = [], [], None
    for place, score in enumerate(bins):
        height = (BASE - top) * math.sqrt(score.count) / highest
        x = left + place * step
        bars.append(Bar(score, x + 3, BASE - height, step - 6, height))
        if score.decision is not None and score.decision != before:
            lines.append(Threshold(score.low, x, score.decision))
            before = score.decision
    return Distribution(name, tuple(bars), tuple(lines))
