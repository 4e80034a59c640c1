"""What changed between two dry runs, for a terminal: groups, the most dangerous on top, then records."""

from __future__ import annotations

from collections.abc import Iterator

from etl.errors import plural
from etl.report.diff import wording
from etl.report.diff.model import Diff, LeadChange, RecordChange, RecordGroup
from etl.report.screen import WIDTH, Block, Line, Table, Tone, draw

LISTED = 40
"""Rows of a table; --format json has all."""

TONES: dict[str, Tone] = {"worst": "bad", "look": "warning", "none": "plain"}


def show(diff: Diff, color: bool = False, width: int = WIDTH) -> str:
    """Draw a diff for a terminal."""
    return draw(
        [*_headline(diff), *_groups(diff), *_figures(diff), *_records(diff), *_leads(diff), *_config(diff)],
        color,
        width,
    )


def _headline(diff: Diff) -> Iterator[Block]:
    if worst := wording.worst(diff):
        yield Line(f"! {worst}", "bad")
    yield Line(wording.headline(diff), "strong")
    for what, side in (("Before", diff.before), ("Now", diff.after)):
        yield Line(f"{what}: {side.folder}, plan {side.name}, as of {side.as_of}, digest {side.digest[:16]}", "faint")


def _figures(diff: Diff) -> Iterator[Block]:
    changed = [figure for figure in (*diff.figures, *diff.findings) if figure.delta]
    yield from _table(
        ("Figures", "before", "now", "change"),
        [(figure.name, figure.before, figure.after, wording.delta(figure)) for figure in changed],
    )
    gates = [(gate, *wording.gate(gate)) for gate in wording.gates_that_differ(diff)]
    tones: list[Tone] = ["bad" if gate.after and not gate.after.ok else "plain" for gate, *_ in gates]
    yield from _table(
        ("Gates", "", "before", "now"), [(gate.name, state, was, now) for gate, was, now, state in gates], tones
    )
    yield from _table(
        ("Rules", "decision", "decided before", "decides now"),
        [(rule.name, rule.decision, rule.before, rule.after) for rule in diff.rules],
    )


def _groups(diff: Diff) -> Iterator[Block]:
    groups = diff.records.groups
    yield from _table(
        ("Decisions", "records", "families", "rule before", "rule now"),
        [(wording.way(group), group.records, group.families, group.rule_before, group.rule_after) for group in groups],
        [TONES[group.danger] for group in groups],
    )
    if sentence := wording.other_evidence(diff):
        yield Line()
        yield Line(sentence)


def _records(diff: Diff) -> Iterator[Block]:
    groups = diff.records.groups
    for group in groups[:LISTED]:
        yield from _group(group)
    if groups[LISTED:]:
        records = sum(group.records for group in groups[LISTED:])
        yield Line()
        more = f"{plural(records, 'record')} of {len(groups) - LISTED:,} more groups"
        yield Line(f"{more}; --format json has them.", "faint")


def _group(group: RecordGroup) -> Iterator[Block]:
    yield Line()
    mark = "! " if group.danger == "worst" else ""
    yield Line(
        f"{mark}{wording.way(group)}: {plural(group.records, 'record')}, {group.rule_before or '-'} → "
        f"{group.rule_after or '-'}",
        TONES[group.danger] if group.danger != "none" else "strong",
    )
    for record in group.first:
        yield from _record(record)
    yield from _more(group.records - len(group.first))


def _record(record: RecordChange) -> Iterator[Block]:
    yield Line(record.source_key, "strong", 2)
    yield Line(f"before: {wording.reason(record.before)}", indent=4)
    yield Line(f"now:    {wording.reason(record.after)}", indent=4)


def _leads(diff: Diff) -> Iterator[Block]:
    leads = diff.leads
    for event, count, first in (("came", leads.came, leads.first_came), ("went", leads.went, leads.first_went)):
        if count:
            yield Line()
            yield Line(f"{plural(count, 'lead')} {event}:", "strong")
            yield from (Line(lead, indent=2) for lead in first)
            yield from _more(count - len(first))
    yield from _table(("Lead fields", "differ in leads"), [(field.field, field.leads) for field in leads.fields])
    if leads.first:
        yield Line()
        yield Line(f"{plural(leads.changed, 'lead')} that differ:", "strong")
    for lead in leads.first:
        yield from _lead(lead)
    yield from _more(leads.changed - len(leads.first))


def _lead(lead: LeadChange) -> Iterator[Block]:
    yield Line(lead.lead, "strong", 2)
    yield from (Line(wording.value(value), indent=4) for value in lead.fields)
    yield from (Line(f"note, {wording.value(value)}", indent=4) for value in lead.note)


def _config(diff: Diff) -> Iterator[Block]:
    yield from _table(
        ("Config", "before", "now"), [(change.path, change.before, change.after) for change in diff.config]
    )
    if diff.fingerprints:
        yield Line()
        yield Line(f"Read or written elsewhere, or as something else: {', '.join(diff.fingerprints)}", "warning")


def _table(
    head: tuple[str, ...], rows: list[tuple[str | int | None, ...]], tones: list[Tone] | None = None
) -> Iterator[Block]:
    """A table of the first rows after an empty line; nothing at all where there are none."""
    if rows:
        yield Line()
        yield Table(head, rows[:LISTED], (tones or [])[:LISTED])
        if rows[LISTED:]:
            yield Line(f"… and {len(rows) - LISTED:,} more; --format json has all of them.", "faint", 2)


def _more(count: int) -> Iterator[Block]:
    if count > 0:
        yield Line(f"… and {count:,} more; --limit shows more, --format json has all that is named.", "faint", 2)
