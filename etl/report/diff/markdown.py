"""What changed between two dry runs, as Markdown for a pull request: groups first, records folded away."""

from __future__ import annotations

from collections.abc import Iterator

from etl.errors import plural
from etl.report.diff import wording
from etl.report.diff.model import Diff, RecordGroup
from etl.report.markup import Cell, fitted, folded, listed
from etl.report.text import code, number, prose

WHOLE = "crm-cleanup diff --format json"


def to_markdown(diff: Diff) -> str:
    """Draw a diff as Markdown that a comment on GitHub can hold, as `etl.report.markup.fitted` says."""
    return fitted(lambda rows: _parts(diff, rows))


def _parts(diff: Diff, rows: int) -> Iterator[str]:
    yield f"# What changed: {prose(diff.after.name)}"
    if worst := wording.worst(diff):
        yield f"**:warning: {worst}**"
    yield wording.headline(diff)
    yield from _groups(diff, rows)
    yield from _figures(diff, rows)
    yield from _leads(diff, rows)
    yield from _config(diff, rows)
    yield from _sides(diff)


def _groups(diff: Diff, rows: int) -> Iterator[str]:
    groups = diff.records.groups
    if groups:
        yield "## Legacy records"
    cells: list[tuple[Cell, ...]] = [
        (_way(group), group.records, group.families, prose(group.rule_before or ""), prose(group.rule_after or ""))
        for group in groups
    ]
    yield from listed(("decision", "records", "families", "rule before", "rule now"), cells, rows, WHOLE)
    if sentence := wording.other_evidence(diff):
        yield sentence
    yield from folded("The first of each, with the evidence", ("record", "before", "now"), _records(diff), rows, WHOLE)


def _way(group: RecordGroup) -> str:
    way = prose(wording.way(group))
    return f"**{way}**" if group.danger == "worst" else way


def _records(diff: Diff) -> list[tuple[Cell, ...]]:
    return [
        (code(record.source_key), code(wording.reason(record.before), 300), code(wording.reason(record.after), 300))
        for group in diff.records.groups
        for record in group.first
    ]


def _figures(diff: Diff, rows: int) -> Iterator[str]:
    changed = [figure for figure in (*diff.figures, *diff.findings) if figure.delta]
    gates = list(wording.gates_that_differ(diff))
    if changed or gates or diff.rules:
        yield "## Figures"
    yield from listed(
        ("figure", "before", "now", "change"),
        [(prose(figure.name), figure.before, figure.after, wording.delta(figure)) for figure in changed],
        rows,
        WHOLE,
    )
    yield from listed(
        ("gate", "before", "now", ""),
        [(f"`{gate.name}`", *(prose(text) for text in wording.gate(gate))) for gate in gates],
        rows,
        WHOLE,
    )
    yield from listed(
        ("rule", "decision", "decided before", "decides now"),
        [(prose(rule.name), rule.decision, rule.before, rule.after) for rule in diff.rules],
        rows,
        WHOLE,
    )


def _leads(diff: Diff, rows: int) -> Iterator[str]:
    leads = diff.leads
    if leads.came or leads.went or leads.changed:
        yield "## Leads"
    for event, count, first in (("came", leads.came, leads.first_came), ("went", leads.went, leads.first_went)):
        if count:
            shown = " ".join(code(lead) for lead in first[:rows])
            yield f"{plural(count, 'lead')} {event}, such as {shown}." if shown else f"{plural(count, 'lead')} {event}."
    yield from listed(
        ("lead field", "differs in leads"), [(field.field, field.leads) for field in leads.fields], rows, WHOLE
    )
    if leads.notes:
        yield f"The notes of {number(leads.notes)} differ."
    values: list[tuple[Cell, ...]] = []
    for lead in leads.first:
        values += [(code(lead.lead), "field", code(wording.value(value), 300)) for value in lead.fields]
        values += [(code(lead.lead), "note", code(wording.value(value), 300)) for value in lead.note]
    yield from folded("The first leads that differ, value by value", ("lead", "", "value"), values, rows, WHOLE)


def _config(diff: Diff, rows: int) -> Iterator[str]:
    if diff.config:
        yield "## Config"
    cells: list[tuple[Cell, ...]] = [
        (code(change.path, 120), code(change.before or ""), code(change.after or "")) for change in diff.config
    ]
    yield from listed(("key", "before", "now"), cells, rows, WHOLE)
    if diff.fingerprints:
        yield f"Read or written elsewhere, or as something else: {', '.join(map(code, diff.fingerprints))}."


def _sides(diff: Diff) -> Iterator[str]:
    yield "## Plans"
    head = ("", "plan", "as of", "source", "target", "digest")
    rows: list[tuple[Cell, ...]] = [
        (
            what,
            code(plan.folder, 200),
            str(plan.as_of),
            code(plan.source, 200),
            code(plan.target, 200),
            f"`{plan.digest}`",
        )
        for what, plan in (("before", diff.before), ("now", diff.after))
    ]
    yield from listed(head, rows, len(rows))
