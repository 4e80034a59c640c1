"""The report on one screen: the numbers that a person looks at first, and where the rest is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from etl.matching.calibration import Calibration
from etl.model import Severity
from etl.report import advice, calibration, consent, join_advice, wording
from etl.report.advice import NEARNESS
from etl.report.alarms import alarms
from etl.report.codes import FINDINGS
from etl.report.model import FaultyRows, Report
from etl.report.screen import WIDTH, Block, Line, Table, Tone, draw
from etl.texts import mark, t

LINES = 60
HEAD = 2
HINTS = 6
JOINS = mark("Evidence joins")
COUNTED = (
    mark("read"),
    mark("used"),
    mark("with record"),
    mark("without record"),
    mark("records"),
)
SEVERITY_TONES: dict[Severity, Tone] = {Severity.ERROR: "bad", Severity.WARNING: "warning", Severity.INFO: "faint"}


def show(report: Report, color: bool = False, width: int = WIDTH) -> str:
    """Draw a report on at most LINES lines; of lists that are longer the first rows, and how many there are.

    Entries, rules, gates and one row of each list are never left out, also where the screen must then be longer.
    """
    top = [*_headline(report), *_records(report), *_decisions(report), *_moved(report)]
    hints, bottom = _hints(report), [*_gates(report), *_end(report)]
    lists = [table for draws in LISTS if (table := draws(report)).rows]
    room = LINES - draw([*top, *hints, *bottom], False, width).count("\n") - HEAD * len(lists)
    cut = [_first(table, rows) for table, rows in zip(lists, share([len(t.rows) for t in lists], room), strict=True)]
    middle = [
        block for table in cut for block in (Line(), table, *(hints if table.head[0].startswith(t(JOINS)) else ()))
    ]
    if hints and not any(table.head[0].startswith(t(JOINS)) for table in cut):
        middle += [Line(), *hints]
    return draw([*top, *middle, *bottom], color, width)


def show_calibration(of: Calibration, color: bool = False, width: int = WIDTH) -> str:
    """Draw what the pairs that people decided say of thresholds, for `match`."""
    return draw([_of_pairs(of), *(Line(f"{sentence}.") for sentence in calibration.sentences(of))], color, width)


def share(lengths: Sequence[int], room: int) -> list[int]:
    """Deal out rows to lists one at a time, as long as there is room; each gets at least one, none more than it has."""
    rows = [min(1, length) for length in lengths]
    while sum(rows) < room and rows != [*lengths]:
        for place, length in enumerate(lengths):
            if rows[place] < length and sum(rows) < room:
                rows[place] += 1
    return rows


def _first(table: Table, rows: int) -> Table:
    """The first rows of a list; its title says how many there are where these are not all."""
    title = table.head[0] if rows == len(table.rows) else f"{table.head[0]} ({rows} of {len(table.rows)})"
    return Table((title, *table.head[1:]), table.rows[:rows], table.tones[:rows])


def _headline(report: Report) -> Iterator[Block]:
    if waived := wording.waived(report):
        yield Line(waived, "warning")
    yield from (Line(f"! {alarm}", "warning") for alarm in alarms(report))
    headline = t(
        "Plan {name}, as of {date}: {source} to {target}",
        name=report.name,
        date=report.as_of,
        source=report.source,
        target=report.target,
    )
    yield Line(headline, "strong")


def _records(report: Report) -> Iterator[Block]:
    rows: list[tuple[str | int, ...]] = [
        (entry.entry, entry.read, *wording.divided(report, entry)) for entry in report.entries
    ]
    if len(rows) > 1:
        rows.append((t("together"), report.read, *wording.divided(report)))
    yield Table((t("Legacy records"), t("read"), *wording.parts_of_the_sum(report)), rows)
    yield Line(wording.the_sum(report), "good" if report.sum_is_right else "bad")
    yield from (Line(sentence, "faint") for sentence in wording.left_out(report))


def _decisions(report: Report) -> Iterator[Block]:
    rows = [(wording.reason(rule.name), t(rule.decision), rule.applies_to, rule.decided) for rule in report.rules]
    tones: list[Tone] = ["warning" if rule.applies_to == 0 else "plain" for rule in report.rules]
    yield Line()
    yield Table((t("Decisions by rule"), t("decision"), t("applies to"), t("decided")), rows, tones)


def _moved(report: Report) -> Iterator[Block]:
    omitted = ", ".join(f"{column.dataset}.{column.column} ({column.reason})" for column in report.values.omitted)
    yield Line()
    yield Table(
        ("", ""),
        [
            (t("Leads"), wording.leads(report)),
            (t("Values"), wording.values(report) + (f": {omitted}" if omitted else "")),
            (t("Fields"), wording.field_coverage(report)),
            (t("No evidence"), wording.undecided(report)),
            *((t("In {list}", list=master.name), wording.customers(master)) for master in report.masters),
            *([(t("Duplicates"), wording.duplicates(report.duplicates))] if report.duplicates else []),
            *([(t("Do not contact"), consent.done(report.consent))] if report.consent else []),
            *([(t("Conversion"), wording.conversion(report.conversion))] if report.conversion else []),
            *((t("Threshold"), sentence) for sentence in wording.steps(report)),
            *((t("Decided pairs"), sentence) for sentence in calibration.short(report.calibration)),
            *((t("Overrides"), sentence) for sentence in wording.overrides(report)),
        ],
    )


def _joins(report: Report) -> Table:
    joins = sorted(report.joins, key=lambda join: join.kind)
    kinds = [f"({t(join.kind)})" if join.looks_up else t("(history)") for join in joins]
    cells = [
        (join.dataset, *wording.join_counts(join), ", ".join(join.rules) or kind)
        for join, kind in zip(joins, kinds, strict=True)
    ]
    return Table((t(JOINS), *(t(name) for name in COUNTED), t("used by")), cells)


def _hints(report: Report) -> list[Block]:
    hints = consent.notices(report.consent) if report.consent else []
    hints += [f"{tables}: {hint}" for tables, hint in join_advice.hints_of_joins(report.joins)]
    hints += [f"{table.table}: {join_advice.unnamed(table)}" for table in report.unnamed]
    hints += [f"{master.name}: {hint}" for master in report.masters for hint in advice.master_hints(master)]
    hints += [f"{remark.dataset}: {advice.remark(remark.remark)}" for remark in report.remarks]
    shown: list[Block] = [Line(f"! {hint}", "warning") for hint in hints[:HINTS]]
    return [
        *shown,
        *([Line("! " + t("… and {n} more in report.html", n=len(hints) - HINTS), "warning")] if hints[HINTS:] else []),
    ]


def _literals(report: Report) -> Table:
    rows: list[tuple[str, str, str, int, str]] = []
    for literals in report.literals:
        column = f"{literals.dataset}.{literals.column}"
        rows += [(literals.at, column, f"'{near.value}'", near.rows, t(NEARNESS[near.by])) for near in literals.near]
        rows += [(literals.at, column, f"'{value}'", 0, t("no row has this value")) for value in literals.never]
    rows.sort(key=lambda row: not row[3])
    head = (t("Where config and data do not meet"), t("column"), t("value"), t("rows"), t("what does not meet"))
    return Table(head, rows, ["warning" if row[3] else "plain" for row in rows])


def _review(report: Report) -> Table:
    rows = []
    for reason in report.review:
        named = ", ".join(map(wording.case, reason.first))
        rows.append((wording.reason(reason.reason), reason.cases, reason.families, reason.records, named))
    return Table(
        (t("People must decide"), t("open cases"), t("families"), t("records"), t("the first")),
        rows,
        ["warning"] * len(rows),
    )


def _findings(report: Report) -> Table:
    rows = [
        (
            t(FINDINGS.get(finding.code, finding.code)),
            finding.severity,
            finding.findings,
            finding.leads,
            wording.example(finding.example),
        )
        for finding in report.findings
    ]
    tones = [SEVERITY_TONES[finding.severity] for finding in report.findings]
    return Table((t("Quality findings"), t("severity"), t("findings"), t("leads"), t("for example")), rows, tones)


def _left_behind(report: Report) -> Table:
    rows: list[tuple[str, str, int, str]] = [
        *_codes(t("reject"), report.rejects),
        *_codes(t("orphan"), report.orphans),
    ]
    if report.blocked.total:
        about = f"{report.blocked.first[0].lead}, {wording.blocked(report.blocked.first[0])}"
        rows.append((t("does not fit the target"), t("leads"), report.blocked.total, about))
    return Table((t("What stays behind"), t("in"), t("faults"), t("the first")), rows, ["warning"] * len(rows))


def _codes(kind: str, faulty: FaultyRows) -> Iterator[tuple[str, str, int, str]]:
    for count in faulty.by_code:
        place = next((row.place for row in faulty.first if (row.dataset, row.code) == (count.dataset, count.code)), "")
        yield f"{kind}: {count.code}", count.dataset, count.faults, place


def _calibration(report: Report) -> Table:
    """What the pairs that people decided say of thresholds."""
    return _of_pairs(report.calibration)


def _of_pairs(of: Calibration | None) -> Table:
    head = (t(calibration.TITLE), *(t(name) for name in calibration.HEAD[1:]))
    return Table(head, [(t("from {n}", n=row[0]), *row[1:]) for row in calibration.rows(of)])


LISTS = (_joins, _literals, _review, _calibration, _findings, _left_behind)


def _gates(report: Report) -> Iterator[Block]:
    kept = "; ".join(f"{gate.name} {gate.actual}, {gate.limit}" for gate in report.gates if gate.ok)
    yield Line()
    if broken := report.broken_gates:
        rows = [(f"{gate.name}", gate.limit, gate.actual) for gate in broken]
        yield Table((t("GATES BROKEN"), t("limit"), t("measured")), rows, ["bad"] * len(rows))
        yield from (Line(f"! {gate.name}: {gate.advice}", "bad") for gate in broken)
    if kept:
        yield Line(t("Gates kept: {gates}", gates=kept), "good")


def _end(report: Report) -> Iterator[Block]:
    yield Line(t("Digest: {digest}", digest=report.digest), "faint")
    yield Line(t("Next: {command}", command=report.next), "strong")
