"""The sentences that the terminal and Markdown share about what changed between two dry runs."""

from __future__ import annotations

from collections.abc import Iterator

from etl.errors import plural
from etl.report.diff.model import Diff, FigureChange, GateChange, RecordGroup, ValueChange, Why
from etl.report.text import number

NEW, GONE = "not read", "not read any more"


def worst(diff: Diff) -> str | None:
    """What must be looked at before anything else; None where no customer becomes a lead."""
    if not diff.customers_moved:
        return None
    records = plural(diff.customers_moved, "record")
    return f"{records} that stayed as customers would become leads: look at each of them."


def headline(diff: Diff) -> str:
    """What changed, in one sentence."""
    if diff.same:
        return "Nothing changed: records, decisions, leads and notes are the same, to the last value."
    records, leads = diff.records, diff.leads
    changed = records.changed
    parts = [f"{plural(changed, 'legacy record')} {'has' if changed == 1 else 'have'} another decision"]
    parts += [f"{number(records.came)} came"] if records.came else []
    parts += [f"{number(records.went)} went"] if records.went else []
    return (
        f"{', '.join(parts)}. Of the leads, {number(leads.came)} came, {number(leads.went)} went and "
        f"{number(leads.changed)} differ, {number(leads.notes)} of these in their notes."
    )


def other_evidence(diff: Diff) -> str | None:
    """How many records have the same decision for another reason; None where none has."""
    if not diff.records.evidence:
        return None
    records = plural(diff.records.evidence, "legacy record")
    return f"The same decision by the same rule, on other evidence: {records}."


def way(group: RecordGroup) -> str:
    """From which decision to which some records went."""
    if group.before == group.after:
        return f"{group.before}, by another rule"
    return f"{group.before or NEW} → {group.after or GONE}"


def reason(why: Why | None) -> str:
    """Why a plan decided on a record as it did."""
    if why is None:
        return "the plan has not read it"
    by = f" (decided by {why.by})" if why.by else ""
    return f"{why.decision}: {why.rule or 'no rule'}{by}" + (f": {why.evidence}" if why.evidence else "")


def delta(figure: FigureChange) -> str:
    """By how much a number changed, with its sign."""
    return f"{figure.delta:+,}" if figure.delta else ""


def gate(change: GateChange) -> tuple[str, str, str]:
    """What a gate was, what it is, and what is to be said of it."""
    was, now = ("not set" if side is None else f"{side.actual}, {side.limit}" for side in (change.before, change.after))
    broken_before, broken = (side is not None and not side.ok for side in (change.before, change.after))
    states = {(False, True): "BROKEN NOW", (True, True): "still broken", (True, False): "kept now"}
    return was, now, states.get((broken_before, broken), "kept" if change.after else "")


def gates_that_differ(diff: Diff) -> Iterator[GateChange]:
    """The gates that measure something else now, or are broken."""
    for change in diff.gates:
        if change.before != change.after or (change.after is not None and not change.after.ok):
            yield change


def value(change: ValueChange) -> str:
    """A value then and now; a value that was not there, or cannot be told, is left out."""
    if change.before is None and change.after is None:
        return change.name
    return f"{change.name}: {change.before or '(empty)'} → {change.after or '(empty)'}"
