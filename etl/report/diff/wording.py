"""The sentences that the terminal and Markdown share about what changed between two dry runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from etl.report.diff.model import Diff, FigureChange, GateChange, RecordGroup, ValueChange, Why
from etl.report.text import number
from etl.report.wording import reason as decided_by
from etl.texts import mark, spoken, t, tn

NEW, GONE = mark("not read"), mark("no longer read")


def worst(diff: Diff) -> str | None:
    """What must be looked at before anything else; None where no customer becomes a lead."""
    if not diff.customers_moved:
        return None
    return tn(
        diff.customers_moved,
        "{n} record that stayed as a customer would become a lead: check it.",
        "{n} records that stayed as customers would become leads: check each of them.",
    )


def headline(diff: Diff) -> str:
    """What changed, in one sentence."""
    if diff.same:
        return t("Nothing changed: records, decisions, leads and notes are the same, to the last value.")
    records, leads = diff.records, diff.leads
    changed = records.changed
    parts = [tn(changed, "{n} legacy record has another decision", "{n} legacy records have another decision")]
    parts += [tn(records.came, "{n} is new", "{n} are new")] if records.came else []
    parts += [tn(records.went, "{n} is no longer read", "{n} are no longer read")] if records.went else []
    of_leads = t(
        "Leads: {added} added, {removed} removed, {changed} changed ({notes} of these in their notes).",
        added=number(leads.came),
        removed=number(leads.went),
        changed=number(leads.changed),
        notes=number(leads.notes),
    )
    return f"{', '.join(parts)}. {of_leads}"


def leads_added(count: int) -> str:
    """How many leads only the newer plan has."""
    return tn(count, "{n} lead added", "{n} leads added")


def leads_removed(count: int) -> str:
    """How many leads only the older plan has."""
    return tn(count, "{n} lead removed", "{n} leads removed")


def other_evidence(diff: Diff) -> str | None:
    """How many records have the same decision for another reason; None where none has."""
    if not diff.records.evidence:
        return None
    return tn(
        diff.records.evidence,
        "{n} legacy record has the same decision by the same rule, but on different evidence.",
        "{n} legacy records have the same decision by the same rule, but on different evidence.",
    )


def way(group: RecordGroup) -> str:
    """From which decision to which some records went."""
    if group.before == group.after:
        return t("{decision}, by another rule", decision=t(group.before or NEW))
    return f"{t(group.before or NEW)} → {t(group.after or GONE)}"


def reason(why: Why | None) -> str:
    """Why a plan decided on a record as it did."""
    if why is None:
        return t("this plan did not read it")
    by = f" ({t('decided by {record}', record=why.by)})" if why.by else ""
    rule = decided_by(why.rule) if why.rule else t("no rule")
    return f"{t(why.decision)}: {rule}{by}" + (f": {why.evidence}" if why.evidence else "")


def other_place(names: Iterable[str]) -> str:
    """What of source and target is not what it was: where it is, or what it looks like."""
    return t("Source or target is not the same as before: {names}.", names=", ".join(names))


def delta(figure: FigureChange) -> str:
    """By how much a number changed, with its sign."""
    return spoken().digits(f"{figure.delta:+,}") if figure.delta else ""


def gate(change: GateChange) -> tuple[str, str, str]:
    """What a gate was, what it is, and what is to be said of it."""
    was, now = (
        t("not set") if side is None else f"{side.actual}, {side.limit}" for side in (change.before, change.after)
    )
    broken_before, broken = (side is not None and not side.ok for side in (change.before, change.after))
    states = {(False, True): t("BROKEN NOW"), (True, True): t("still broken"), (True, False): t("kept now")}
    return was, now, states.get((broken_before, broken), t("kept") if change.after else "")


def gates_that_differ(diff: Diff) -> Iterator[GateChange]:
    """The gates that measure something else now, or are broken."""
    for change in diff.gates:
        if change.before != change.after or (change.after is not None and not change.after.ok):
            yield change


def value(change: ValueChange) -> str:
    """A value then and now; a value that was not there, or cannot be told, is left out."""
    if change.before is None and change.after is None:
        return change.name
    empty = t("(empty)")
    return f"{change.name}: {change.before or empty} → {change.after or empty}"
