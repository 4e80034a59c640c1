"""What changed between two dry runs, as Markdown for a pull request: groups first, records folded away."""

from __future__ import annotations

from collections.abc import Iterator

from etl.report.diff import wording
from etl.report.diff.model import Diff, RecordGroup
from etl.report.markup import Cell, fitted, folded, listed
from etl.report.text import code, prose
from etl.report.wording import reason
from etl.texts import t, tn

WHOLE = "crm-cleanup diff --format json"


def to_markdown(diff: Diff) -> str:
    """Draw a diff as Markdown that a comment on GitHub can hold, as `etl.report.markup.fitted` says."""
    return fitted(lambda rows: _parts(diff, rows))


def _parts(diff: Diff, rows: int) -> Iterator[str]:
    yield f"# {t('What changed')}: {prose(diff.after.name)}"
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
        yield f"## {t('Legacy records')}"
    cells: list[tuple[Cell, ...]] = [
        (_way(group), group.records, group.families, *map(_rule, (group.rule_before, group.rule_after)))
        for group in groups
    ]
    yield from listed((t("decision"), t("records"), t("families"), t("rule before"), t("rule now")), cells, rows, WHOLE)
    if sentence := wording.other_evidence(diff):
        yield sentence
    yield from folded(
        t("The first records of each, with the evidence"),
        (t("record"), t("before"), t("now")),
        _records(diff),
        rows,
        WHOLE,
    )


def _rule(name: str | None) -> str:
    return prose(reason(name or ""))


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
        yield f"## {t('Figures')}"
    yield from listed(
        (t("figure"), t("before"), t("now"), t("change")),
        [(prose(t(figure.name)), figure.before, figure.after, wording.delta(figure)) for figure in changed],
        rows,
        WHOLE,
    )
    yield from listed(
        (t("gate"), t("before"), t("now"), t("state")),
        [(f"`{gate.name}`", *(prose(text) for text in wording.gate(gate))) for gate in gates],
        rows,
        WHOLE,
    )
    yield from listed(
        (t("rule"), t("decision"), t("decided before"), t("decides now")),
        [(_rule(rule.name), t(rule.decision), rule.before, rule.after) for rule in diff.rules],
        rows,
        WHOLE,
    )


def _leads(diff: Diff, rows: int) -> Iterator[str]:
    leads = diff.leads
    if leads.came or leads.went or leads.changed:
        yield f"## {t('Leads')}"
    added, removed = wording.leads_added(leads.came), wording.leads_removed(leads.went)
    for sentence, count, first in ((added, leads.came, leads.first_came), (removed, leads.went, leads.first_went)):
        if count:
            shown = " ".join(code(lead) for lead in first[:rows])
            yield f"{sentence}, {t('for example')} {shown}." if shown else f"{sentence}."
    yield from listed(
        (t("lead field"), t("leads in which it differs")),
        [(field.field, field.leads) for field in leads.fields],
        rows,
        WHOLE,
    )
    if leads.notes:
        yield tn(leads.notes, "The note of {n} lead differs.", "The notes of {n} leads differ.")
    values: list[tuple[Cell, ...]] = []
    for lead in leads.first:
        values += [(code(lead.lead), t("field"), code(wording.value(value), 300)) for value in lead.fields]
        values += [(code(lead.lead), t("note"), code(wording.value(value), 300)) for value in lead.note]
    yield from folded(
        t("The first leads that differ, value by value"), (t("lead"), t("in"), t("value")), values, rows, WHOLE
    )


def _config(diff: Diff, rows: int) -> Iterator[str]:
    if diff.config:
        yield f"## {t('Config')}"
    cells: list[tuple[Cell, ...]] = [
        (code(change.path, 120), code(change.before or ""), code(change.after or "")) for change in diff.config
    ]
    yield from listed((t("key"), t("before"), t("now")), cells, rows, WHOLE)
    if diff.fingerprints:
        yield wording.other_place(map(code, diff.fingerprints))


def _sides(diff: Diff) -> Iterator[str]:
    yield f"## {t('Plans')}"
    head = ("", t("Plan"), t("As of"), t("source"), t("target"), t("Digest"))
    rows: list[tuple[Cell, ...]] = [
        (
            what,
            code(plan.folder, 200),
            str(plan.as_of),
            code(plan.source, 200),
            code(plan.target, 200),
            f"`{plan.digest}`",
        )
        for what, plan in ((t("before"), diff.before), (t("now"), diff.after))
    ]
    yield from listed(head, rows, len(rows))
