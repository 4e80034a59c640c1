"""What changed between two dry runs, for a terminal: groups, the most dangerous on top, then records."""

from __future__ import annotations

from collections.abc import Iterator

from etl.report.diff import wording
from etl.report.diff.model import Diff, LeadChange, RecordChange, RecordGroup
from etl.report.screen import WIDTH, Block, Line, Table, Tone, draw
from etl.report.text import number
from etl.report.wording import reason
from etl.texts import t, tn

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
    for what, side in ((t("Before"), diff.before), (t("Now"), diff.after)):
        plan = t(
            "{folder}, plan {name}, as of {date}, digest {digest}",
            folder=side.folder,
            name=side.name,
            date=side.as_of,
            digest=side.digest[:16],
        )
        yield Line(f"{what}: {plan}", "faint")


def _figures(diff: Diff) -> Iterator[Block]:
    changed = [figure for figure in (*diff.figures, *diff.findings) if figure.delta]
    yield from _table(
        (t("Figures"), t("before"), t("now"), t("change")),
        [(t(figure.name), figure.before, figure.after, wording.delta(figure)) for figure in changed],
    )
    gates = [(gate, *wording.gate(gate)) for gate in wording.gates_that_differ(diff)]
    tones: list[Tone] = ["bad" if gate.after and not gate.after.ok else "plain" for gate, *_ in gates]
    yield from _table(
        (t("Gates"), t("state"), t("before"), t("now")),
        [(gate.name, state, was, now) for gate, was, now, state in gates],
        tones,
    )
    yield from _table(
        (t("Rules"), t("decision"), t("decided before"), t("decides now")),
        [(reason(rule.name), t(rule.decision), rule.before, rule.after) for rule in diff.rules],
    )


def _groups(diff: Diff) -> Iterator[Block]:
    groups = diff.records.groups
    yield from _table(
        (t("Decisions"), t("records"), t("families"), t("rule before"), t("rule now")),
        [
            (wording.way(group), group.records, group.families, *map(_rule, (group.rule_before, group.rule_after)))
            for group in groups
        ],
        [TONES[group.danger] for group in groups],
    )
    if sentence := wording.other_evidence(diff):
        yield Line()
        yield Line(sentence)


def _rule(name: str | None) -> str:
    return reason(name or "")


def _records(diff: Diff) -> Iterator[Block]:
    groups = diff.records.groups
    for group in groups[:LISTED]:
        yield from _group(group)
    if groups[LISTED:]:
        records = sum(group.records for group in groups[LISTED:])
        yield Line()
        more = t(
            "{records} records of {groups} more groups; --format json has them.",
            records=number(records),
            groups=number(len(groups) - LISTED),
        )
        yield Line(more, "faint")


def _group(group: RecordGroup) -> Iterator[Block]:
    yield Line()
    mark = "! " if group.danger == "worst" else ""
    yield Line(
        f"{mark}{wording.way(group)}: {tn(group.records, '{n} record', '{n} records')}, "
        f"{_rule(group.rule_before) or '-'} → {_rule(group.rule_after) or '-'}",
        TONES[group.danger] if group.danger != "none" else "strong",
    )
    for record in group.first:
        yield from _record(record)
    yield from _more(group.records - len(group.first))


def _record(record: RecordChange) -> Iterator[Block]:
    yield Line(record.source_key, "strong", 2)
    before, now = f"{t('before')}:", f"{t('now')}:"
    width = max(len(before), len(now))
    yield Line(f"{before:{width}} {wording.reason(record.before)}", indent=4)
    yield Line(f"{now:{width}} {wording.reason(record.after)}", indent=4)


def _leads(diff: Diff) -> Iterator[Block]:
    leads = diff.leads
    added, removed = wording.leads_added(leads.came), wording.leads_removed(leads.went)
    for sentence, count, first in ((added, leads.came, leads.first_came), (removed, leads.went, leads.first_went)):
        if count:
            yield Line()
            yield Line(f"{sentence}:", "strong")
            yield from (Line(lead, indent=2) for lead in first)
            yield from _more(count - len(first))
    yield from _table(
        (t("Lead fields"), t("leads in which it differs")), [(field.field, field.leads) for field in leads.fields]
    )
    if leads.first:
        yield Line()
        yield Line(tn(leads.changed, "{n} lead differs:", "{n} leads differ:"), "strong")
    for lead in leads.first:
        yield from _lead(lead)
    yield from _more(leads.changed - len(leads.first))


def _lead(lead: LeadChange) -> Iterator[Block]:
    yield Line(lead.lead, "strong", 2)
    yield from (Line(wording.value(value), indent=4) for value in lead.fields)
    yield from (Line(f"{t('note')}, {wording.value(value)}", indent=4) for value in lead.note)


def _config(diff: Diff) -> Iterator[Block]:
    yield from _table(
        (t("Config"), t("before"), t("now")), [(change.path, change.before, change.after) for change in diff.config]
    )
    if diff.fingerprints:
        yield Line()
        yield Line(wording.other_place(diff.fingerprints), "warning")


def _table(
    head: tuple[str, ...], rows: list[tuple[str | int | None, ...]], tones: list[Tone] | None = None
) -> Iterator[Block]:
    """A table of the first rows after an empty line; nothing at all where there are none."""
    if rows:
        yield Line()
        yield Table(head, rows[:LISTED], (tones or [])[:LISTED])
        if rows[LISTED:]:
            more = t("… and {n} more; --format json has all of them.", n=number(len(rows) - LISTED))
            yield Line(more, "faint", 2)


def _more(count: int) -> Iterator[Block]:
    if count > 0:
        more = t("… and {n} more; --limit shows more of them, also in --format json.", n=number(count))
        yield Line(more, "faint", 2)
