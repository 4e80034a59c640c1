"""What changed between two dry runs in at most five lines: how `plan` ends on a terminal."""

from __future__ import annotations

from etl.report.diff import wording
from etl.report.diff.model import Diff, GateChange
from etl.report.text import number, shown
from etl.texts import t

WAYS = 4
"""So many ways from one decision to another are named."""


def short(diff: Diff) -> list[str]:
    """The most dangerous first: customers that would move, what changed, how decisions went, reviews, gates."""
    lines = [t("Against {plan}: {changes}", plan=shown(diff.before.folder), changes=wording.headline(diff))]
    if worst := wording.worst(diff):
        lines.insert(0, f"! {worst}")
    if diff.same:
        return lines
    groups = diff.records.groups
    ways = [f"{wording.way(group)} {number(group.records)}" for group in groups[:WAYS]]
    if len(groups) > WAYS:
        ways.append("…")
    lines += [f"  {'; '.join(ways)}"] if ways else []
    figures = [figure for figure in diff.figures if figure.name in ("families in review", "leads") and figure.delta]
    told = [f"{t(f.name)} {number(f.before)} → {number(f.after)} ({wording.delta(f)})" for f in figures]
    lines += [f"  {'; '.join(told)}"] if told else []
    gates = [f"{gate.name}: {wording.gate(gate)[2]}" for gate in wording.gates_that_differ(diff) if _turned(gate)]
    return [*lines, f"  {'; '.join(gates)}"] if gates else lines


def _turned(gate: GateChange) -> bool:
    """Whether a limit is kept now that was not, or the other way round."""
    before, after = (side is None or side.ok for side in (gate.before, gate.after))
    return before != after
