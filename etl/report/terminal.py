"""The report on one screen: the numbers that a person looks at first, and where the rest is."""

from __future__ import annotations

from collections.abc import Iterator

from etl.model import Decision, Severity
from etl.report import wording
from etl.report.model import FaultyRows, Report
from etl.report.screen import WIDTH, Block, Line, Table, Tone, draw
from etl.report.text import plural

LINES = 50
HINTS = 6
"""At least so many hints at keys that do not meet are shown: nothing is worse than to overlook one."""
SEVERITY_TONES: dict[Severity, Tone] = {Severity.ERROR: "bad", Severity.WARNING: "warning", Severity.INFO: "faint"}


def show(report: Report, color: bool = False, width: int = WIDTH) -> str:
    """Draw a report on at most LINES lines; where a list is longer, its first rows and how many more there are.

    Rules, entries and gates that do not fit even so are never left out: then the screen is longer.
    """
    text = ""
    for rows in (12, 8, 5, 3, 2, 1):
        text = draw(_blocks(report, rows), color, width)
        if text.count("\n") <= LINES:
            return text
    return "".join(line for line in text.splitlines(keepends=True) if line.strip())


def _blocks(report: Report, rows: int) -> list[Block]:
    """The screen, with at most `rows` rows of each list."""
    return [
        Line(f"Plan {report.name}, as of {report.as_of}: {report.source} to {report.target}", "strong"),
        *_records(report),
        *_decisions(report),
        *_moved(report),
        *_joins(report, rows),
        *_listed(_review(report), rows),
        *_listed(_findings(report), rows),
        *_listed(_left_behind(report), rows),
        *_gates(report),
        Line(f"Digest: {report.digest}", "faint"),
        Line(f"Next: {report.next}", "strong"),
    ]


def _records(report: Report) -> Iterator[Block]:
    rows: list[tuple[str | int, ...]] = [
        (one.entry, one.read, *(one.decisions[d] for d in Decision)) for one in report.entries
    ]
    if len(rows) > 1:
        rows.append(("together", report.read, *(report.decided(d) for d in Decision)))
    yield Table(("Legacy records", "read", *Decision), rows)
    yield Line(wording.the_sum(report), "good" if report.sum_is_right else "bad")


def _decisions(report: Report) -> Iterator[Block]:
    rows = [(rule.name, rule.decision, rule.held, rule.decided) for rule in report.rules]
    tones: list[Tone] = ["warning" if rule.held == 0 else "plain" for rule in report.rules]
    yield Line()
    yield Table(("Decisions by rule", "decision", "held for", "decided"), rows, tones)


def _moved(report: Report) -> Iterator[Block]:
    omitted = ", ".join(f"{one.dataset}.{one.column} ({one.reason})" for one in report.values.omitted)
    yield Line()
    yield Table(
        ("", ""),
        [
            ("Leads", wording.leads(report)),
            ("Values", wording.values(report) + (f": {omitted}" if omitted else "")),
            ("Fields", wording.field_coverage(report)),
            ("Undecided", wording.undecided(report)),
            *(("Overrides", said) for said in wording.overrides(report)),
        ],
    )


def _joins(report: Report, rows: int) -> Iterator[Block]:
    cells = [(join.dataset, join.kind, *wording.join_counts(join)) for join in report.joins]
    hints = [f"{join.dataset}: {hint}" for join in report.joins for hint in wording.hints(join)]
    head = ("Evidence joins", "kind", "read", "asked", "joined", "without record", "records with a row")
    yield from _listed(Table(head, cells), rows)
    for hint in hints[: max(rows, HINTS)]:
        yield Line(f"! {hint}", "warning")


def _review(report: Report) -> Table:
    rows = []
    for reason in report.review:
        named = ", ".join(family.family for family in reason.first)
        rows.append((reason.reason, reason.families, reason.records, named))
    return Table(("People must decide", "families", "records", "the first"), rows, ["warning"] * len(rows))


def _findings(report: Report) -> Table:
    rows = [(one.code, one.severity, one.findings, one.leads, wording.example(one.example)) for one in report.findings]
    tones = [SEVERITY_TONES[one.severity] for one in report.findings]
    return Table(("Quality findings", "severity", "findings", "leads", "for example"), rows, tones)


def _left_behind(report: Report) -> Table:
    rows: list[tuple[str, str, int, str]] = [
        *_codes("reject", report.rejects),
        *_codes("orphan", report.orphans),
    ]
    if report.blocked.total:
        about = f"{report.blocked.first[0].lead}, {wording.blocked(report.blocked.first[0])}"
        rows.append(("the target cannot hold", "leads", report.blocked.total, about))
    return Table(("What stays behind", "in", "faults", "the first"), rows, ["warning"] * len(rows))


def _codes(kind: str, faulty: FaultyRows) -> Iterator[tuple[str, str, int, str]]:
    for count in faulty.by_code:
        place = next((one.place for one in faulty.first if (one.dataset, one.code) == (count.dataset, count.code)), "")
        yield f"{kind}: {count.code}", count.dataset, count.faults, place


def _gates(report: Report) -> Iterator[Block]:
    rows = [(gate.name, "kept" if gate.ok else "BROKEN", gate.limit, gate.actual) for gate in report.gates]
    tones: list[Tone] = ["good" if gate.ok else "bad" for gate in report.gates]
    yield from _listed(Table(("Gates", "", "limit", "is"), rows, tones), len(rows))
    for gate in report.broken_gates:
        yield Line(f"! {gate.name}: {gate.advice}", "bad")


def _listed(table: Table, rows: int) -> Iterator[Block]:
    """A table's first rows, and how many are not shown; nothing at all of an empty table."""
    if not table.rows:
        return
    yield Line()
    yield Table(table.head, table.rows[:rows], table.tones[:rows])
    if len(table.rows) > rows:
        yield Line(f"  … and {plural(len(table.rows) - rows, 'more row', 'more rows')} in report.md", "faint")
