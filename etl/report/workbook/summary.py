"""The first sheet: the report's figures, each in a cell of its own, and what is to be done now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from etl.report import advice, calibration, join_advice, wording
from etl.report.alarms import alarms
from etl.report.codes import GATES
from etl.report.model import Report
from etl.report.text import percent
from etl.report.workbook.marks import CASES
from etl.report.workbook.paper import Book, Cell, Column, Page
from etl.texts import mark, t, told

WIDTHS = [Column("", 44), *[Column("", 18)] * 8]
TO_DO = (
    mark("Decide the families on the sheet {sheet}: choose a decision, and write who you are and why."),
    mark("A row that you leave empty stays undecided. Do not change the grey columns: they say what you decide about."),
    mark("Save the file as .xlsx and import it with {command}"),
    mark("Then make the plan again. Your decisions override the rules until the records change."),
)


def summary(book: Book, report: Report) -> None:
    """Write the sheet."""
    page = book.page(t("Summary"))
    page.widths(WIDTHS)
    page.row([t("Review of the clean-up {name}", name=report.name)], ["title"])
    for sentence in filter(None, [wording.waived(report), *alarms(report)]):
        page.row([sentence], ["bad"])
    page.row([wording.the_sum(report)], ["good" if report.sum_is_right else "bad"])
    for sentence in wording.left_out(report):
        page.row([sentence], ["text"])
    kept = not report.broken_gates
    page.row([t("All gates are kept.") if kept else t("GATES ARE BROKEN: see below.")], ["good" if kept else "bad"])
    command = "crm-cleanup decide CONFIG review.xlsx"
    _section(page, t("What to do"), [], [[t(line, sheet=t(CASES), command=command)] for line in TO_DO])
    for title, header, rows in _tables(report):
        _section(page, title, header, rows)


Table = tuple[str, Sequence[str], list[list[Cell]]]


def _tables(report: Report) -> Iterator[Table]:
    yield t("Plan"), [], _plan(report)
    yield t("Legacy records"), [t("entry"), t("read"), *wording.parts_of_the_sum(report)], _records(report)
    yield t("Figures"), [], _figures(report)
    yield (
        t("Gates"),
        [t("gate"), t("state"), t("limit"), t("measured")],
        [
            [
                t(GATES.get(gate.name, gate.name)),
                t("kept") if gate.ok else t("BROKEN"),
                wording.limit(gate),
                told(gate.actual),
            ]
            for gate in report.gates
        ],
    )
    yield (
        t("Decisions by rule"),
        [t("rule"), t("decision"), t("applies to"), t("decided"), t("share")],
        [
            [
                wording.reason(rule.name),
                t(rule.decision),
                rule.applies_to,
                rule.decided,
                percent(rule.decided, report.read),
            ]
            for rule in report.rules
        ],
    )
    yield (
        t("People must decide"),
        [t("reason"), t("open cases"), t("families"), t("records")],
        [[wording.reason(r.reason), r.cases, r.families, r.records] for r in report.review],
    )
    if report.calibration:
        figures: list[list[Cell]] = [[*row] for row in calibration.rows(report.calibration)]
        yield t(calibration.TITLE), [t(name) for name in calibration.HEAD], figures
        yield "", [], [[sentence] for sentence in calibration.sentences(report.calibration)]
    yield (
        t("Evidence joins"),
        [t("table"), t("kind"), *(t(name) for name in wording.JOINED), t("used by"), t("what does not meet")],
        [
            [
                *(j.dataset, t(j.kind), j.rows_read, j.rows, j.joined, j.without_record, j.records_with_row),
                *(", ".join(j.rules), "; ".join(join_advice.join_hints(j))),
            ]
            for j in report.joins
        ],
    )
    yield (
        t("Tables that the config does not name"),
        [t("table"), t("column"), t("entry"), t("rows"), t("rows of records that move"), t("keys meet by")],
        [[u.table, u.column, u.entry, u.rows, u.moving, ", ".join(u.near)] for u in report.unnamed],
    )
    yield (
        t("Where config and data do not meet"),
        [t("in the config"), t("table"), t("column"), t("value"), t("rows"), t("what does not meet")],
        list(_literals(report)),
    )
    yield (
        t("Quality findings"),
        [t("finding"), t("severity"), t("findings"), t("leads")],
        [[finding.code, t(finding.severity), finding.findings, finding.leads] for finding in report.findings],
    )
    yield (
        t("What stays behind"),
        [t("fault"), t("table"), t("how often")],
        [
            [f"{what}: {count.code}", count.dataset, count.faults]
            for what, faulty in ((t("reject"), report.rejects), (t("orphan"), report.orphans))
            for count in faulty.by_code
        ],
    )
    yield (
        t("What the notes leave out"),
        [t("legacy column"), t("table"), t("values"), t("reason")],
        [[column.column, column.dataset, column.values, column.reason] for column in report.values.omitted],
    )


def _literals(report: Report) -> Iterator[list[Cell]]:
    for literals in report.literals:
        place: list[Cell] = [literals.at, literals.dataset, literals.column]
        for near in literals.near:
            yield [*place, near.value, near.rows, t(advice.NEARNESS[near.by])]
        if literals.rest:
            yield [*place, t("other values"), literals.rest, t("nearly meets")]
        for value in literals.never:
            yield [*place, value, 0, t("no row has this value")]


def _plan(report: Report) -> list[list[Cell]]:
    return [
        [t("Digest"), report.digest],
        [t("As of"), report.as_of.isoformat()],
        [t("source"), report.source],
        [t("target"), report.target],
        [t("approvals needed"), report.approvals],
        [t("Next"), report.next],
    ]


def _records(report: Report) -> list[list[Cell]]:
    rows: list[list[Cell]] = [[entry.entry, entry.read, *wording.divided(report, entry)] for entry in report.entries]
    return [*rows, [t("together"), report.read, *wording.divided(report)]]


def _figures(report: Report) -> list[list[Cell]]:
    return [
        [t("leads to be written"), report.leads],
        [t("leads with errors"), report.leads_with_errors],
        [t("values conserved"), report.values.conserved],
        [t("values omitted"), report.values.left_out],
        [t("records without evidence: the last rule decided them"), report.undecided],
        [t("open cases"), report.open_cases],
        [t("families in review"), report.review_families],
        [t("decisions of people that were applied"), report.overrides.used],
        [t("faults in records that cannot be processed"), report.rejects.total],
        [t("rows of history and evidence that stay behind"), report.orphans.total],
        [t("values that the target cannot hold"), report.blocked.total],
        *_consent(report),
    ]


def _consent(report: Report) -> Iterator[list[Cell]]:
    if report.consent:
        yield [t("records that opted out"), report.consent.records]
        yield [t("leads that must not be contacted"), report.consent.leads]
        yield [t("leads with an address or number of somebody who opted out"), report.consent.reached]
        yield [t("leads with an address or number of a record elsewhere that opted out"), report.consent.elsewhere]
        yield [t("leads with another member's address or number instead"), report.consent.replaced]
        yield [t("rows that the config leaves out and that opted out"), report.consent.left_out]
        for each in report.consent.unasked:
            column = f"{each.dataset}.{each.column}"
            yield [t("rows that may have opted out by {column}, which is not asked", column=column), each.rows]


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
