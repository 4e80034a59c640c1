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
        (_way(one), one.records, one.families, prose(one.rule_before or ""), prose(one.rule_after or ""))
        for one in groups
    ]
    yield from listed(("decision", "records", "families", "rule before", "rule now"), cells, rows, WHOLE)
    if said := wording.other_evidence(diff):
        yield said
    yield from folded("The first of each, with the evidence", ("record", "before", "now"), _records(diff), rows, WHOLE)


def _way(group: RecordGroup) -> str:
    way = prose(wording.way(group))
    return f"**{way}**" if group.danger == "worst" else way


def _records(diff: Diff) -> list[tuple[Cell, ...]]:
    return [
        (code(one.source_key), code(wording.reason(one.before), 300), code(wording.reason(one.after), 300))
        for group in diff.records.groups
        for one in group.first
    ]


def _figures(diff: Diff, rows: int) -> Iterator[str]:
    changed = [one for one in (*diff.figures, *diff.findings) if one.delta]
    gates = list(wording.gates_that_differ(diff))
    if changed or gates or diff.rules:
        yield "## Figures"
    yield from listed(
        ("figure", "before", "now", "change"),
        [(prose(one.name), one.before, one.after, wording.delta(one)) for one in changed],
        rows,
        WHOLE,
    )
    yield from listed(
        ("gate", "before", "now", ""),
        [(f"`{one.name}`", *(prose(said) for said in wording.gate(one))) for one in gates],
        rows,
        WHOLE,
    )
    yield from listed(
        ("rule", "decision", "decided before", "decides now"),
        [(prose(one.name), one.decision, one.before, one.after) for one in diff.rules],
        rows,
        WHOLE,
    )


def _leads(diff: Diff, rows: int) -> Iterator[str]:
    leads = diff.leads
    if leads.came or leads.went or leads.changed:
        yield "## Leads"
    for said, count, first in (("came", leads.came, leads.first_came), ("went", leads.went, leads.first_went)):
        if count:
            shown = " ".join(code(lead) for lead in first[:rows])
            yield f"{plural(count, 'lead')} {said}, such as {shown}." if shown else f"{plural(count, 'lead')} {said}."
    yield from listed(("lead field", "differs in leads"), [(one.field, one.leads) for one in leads.fields], rows, WHOLE)
    if leads.notes:
        yield f"The notes of {number(leads.notes)} differ."
    found: list[tuple[Cell, ...]] = []
    for lead in leads.first:
        found += [(code(lead.lead), "field", code(wording.value(one), 300)) for one in lead.fields]
        found += [(code(lead.lead), "note", code(wording.value(one), 300)) for one in lead.note]
    yield from folded("The first leads that differ, value by value", ("lead", "", "value"), found, rows, WHOLE)


def _config(diff: Diff, rows: int) -> Iterator[str]:
    if diff.config:
        yield "## Config"
    cells: list[tuple[Cell, ...]] = [
        (code(one.path, 120), code(one.before or ""), code(one.after or "")) for one in diff.config
    ]
    yield from listed(("key", "before", "now"), cells, rows, WHOLE)
    if diff.fingerprints:
        yield f"Read or written elsewhere, or as something else: {', '.join(map(code, diff.fingerprints))}."


def _sides(diff: Diff) -> Iterator[str]:
    yield "## Plans"
    head = ("", "plan", "as of", "source", "target", "digest")
    rows: list[tuple[Cell, ...]] = [
        (what, code(one.folder, 200), str(one.as_of), code(one.source, 200), code(one.target, 200), f"`{one.digest}`")
        for what, one in (("before", diff.before), ("now", diff.after))
    ]
    yield from listed(head, rows, len(rows))
