"""The first sheet: the report's figures, each in a cell of its own, and what is to be done now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from etl.model import Decision
from etl.report import wording
from etl.report.model import Report
from etl.report.text import percent
from etl.report.workbook.marks import CASES
from etl.report.workbook.paper import Book, Cell, Column, Page

WIDTHS = [Column("", 44), *[Column("", 18)] * 8]
JOINED = ("read", "asked", "joined", "without a record", "records with a row")
TO_DO = (
    f"Decide the families on the sheet {CASES!r}: choose a decision, say who you are, and why.",
    "What you leave empty stays undecided. The grey columns show what you looked at: leave them as they are.",
    "Save the file as .xlsx, and have it taken in with: crm-cleanup decide CONFIG review.xlsx",
    "Then plan again: what you decided wins over the rules, until the records change.",
)


def summary(book: Book, report: Report) -> None:
    """Write the sheet."""
    page = book.page("Summary")
    page.widths(WIDTHS)
    page.row([f"Review of the clean-up {report.name}"], ["title"])
    for sentence in filter(None, [wording.waived(report)]):
        page.row([sentence], ["bad"])
    page.row([wording.the_sum(report)], ["good" if report.sum_is_right else "bad"])
    kept = not report.broken_gates
    page.row(["All gates are kept." if kept else "THE PLAN BREAKS ITS GATES: see below."], ["good" if kept else "bad"])
    _section(page, "What to do", [], [[line] for line in TO_DO])
    for title, header, rows in _tables(report):
        _section(page, title, header, rows)


Table = tuple[str, Sequence[str], list[list[Cell]]]


def _tables(report: Report) -> Iterator[Table]:
    yield "Plan", [], _plan(report)
    yield "Records", ["", "read", *(decision.value for decision in Decision)], _records(report)
    yield "Figures", [], _figures(report)
    yield (
        "Gates",
        ["gate", "limit", "found", "kept"],
        [[gate.name, gate.limit, gate.actual, "yes" if gate.ok else "BROKEN"] for gate in report.gates],
    )
    yield (
        "Rules",
        ["rule", "decision", "held for", "decided", "share"],
        [
            [rule.name, rule.decision.value, rule.applies_to, rule.decided, percent(rule.decided, report.read)]
            for rule in report.rules
        ],
    )
    yield (
        "People must decide",
        ["reason", "families", "records"],
        [[reason.reason, reason.families, reason.records] for reason in report.review],
    )
    yield (
        "Evidence",
        ["table", *JOINED, "asked by"],
        [
            [j.dataset, j.rows_read, j.rows, j.joined, j.without_record, j.records_with_row, ", ".join(j.rules)]
            for j in report.joins
        ],
    )
    yield (
        "Quality findings",
        ["finding", "severity", "findings", "leads"],
        [[finding.code, finding.severity.value, finding.findings, finding.leads] for finding in report.findings],
    )
    yield (
        "What stays behind",
        ["what", "in", "faults"],
        [
            [f"{what}: {count.code}", count.dataset, count.faults]
            for what, faulty in (("reject", report.rejects), ("orphan", report.orphans))
            for count in faulty.by_code
        ],
    )
    yield (
        "Left out of the notes",
        ["column", "of", "values", "reason"],
        [[column.column, column.dataset, column.values, column.reason] for column in report.values.omitted],
    )


def _plan(report: Report) -> list[list[Cell]]:
    return [
        ["digest", report.digest],
        ["as of", report.as_of.isoformat()],
        ["source", report.source],
        ["target", report.target],
        ["approvals needed", report.approvals],
        ["next", report.next],
    ]


def _records(report: Report) -> list[list[Cell]]:
    rows: list[list[Cell]] = [
        [entry.entry, entry.read, *(entry.decisions.get(decision, 0) for decision in Decision)]
        for entry in report.entries
    ]
    return [*rows, ["together", report.read, *(report.decided(decision) for decision in Decision)]]


def _figures(report: Report) -> list[list[Cell]]:
    return [
        ["leads to be written", report.leads],
        ["of them with a finding of severity error", report.leads_with_errors],
        ["values conserved in notes", report.values.conserved],
        ["values omitted", report.values.left_out],
        ["records decided by the last rule alone", report.undecided],
        ["families in review", report.review_families],
        ["decisions of a person used", report.overrides.used],
        ["faults of records that cannot be processed", report.rejects.total],
        ["related and evidence rows that stay behind", report.orphans.total],
        ["values that the target cannot hold", report.blocked.total],
    ]


def _section(page: Page, title: str, header: Sequence[str], rows: list[list[Cell]]) -> None:
    """Write a title, a header where there is one, and rows; nothing where there are none."""
    if not rows:
        return
    page.next += 1
    page.row([title], ["section"])
    if header:
        counts = [isinstance(cell, int) for cell in rows[0]]
        page.row(list(header), ["number" if count else "header" for count in counts])
    for row in rows:
        page.row(row, ["count" if isinstance(cell, int) else "text" for cell in row])
