"""The lists behind the figures, a sheet each: from the plan's tables, a batch at a time."""

from __future__ import annotations

from etl.report import wording
from etl.report.model import Report
from etl.report.read import Tables
from etl.report.workbook.bulk import bulk
from etl.report.workbook.paper import Book, Cell, Column

DECISIONS = (
    [
        Column("source_key", 22),
        Column("decision", 14),
        Column("rule", 32),
        Column("evidence", 60),
        Column("family", 22),
        Column("lead", 22),
        Column("match", 30),
        Column("probability", 12),
        Column("findings", 30),
    ],
    """SELECT source_key, decision, rule, evidence, family, lead, match, round(score, 4), findings FROM decisions""",
)
"""In the order of the plan: the records of one family follow each other."""
DUPLICATES = (
    [
        Column("left", 22),
        Column("right", 22),
        Column("probability", 12),
        Column("one lead", 10),
        Column("left: decision", 14),
        Column("right: decision", 14),
        Column("what agrees", 100),
    ],
    """WITH pairs AS (SELECT * FROM duplicates WHERE words IS NOT NULL),
       decided AS (SELECT source_key, lead, decision FROM decisions
                   WHERE source_key IN (SELECT "left" FROM pairs UNION SELECT "right" FROM pairs))
       SELECT p.left, p.right, round(p.probability, 4), CASE WHEN a.lead = b.lead THEN 'yes' ELSE 'no' END,
              a.decision, b.decision, p.words
       FROM pairs p LEFT JOIN decided a ON a.source_key = p.left LEFT JOIN decided b ON b.source_key = p.right
       ORDER BY p.probability, p.left, p.right""",
)
FINDINGS = (
    [
        Column("lead", 22),
        Column("source_key", 22),
        Column("severity", 10),
        Column("finding", 24),
        Column("field", 16),
        Column("value", 40),
        Column("proposal", 40),
        Column("what is wrong", 60),
    ],
    """SELECT lead, source_key, severity, code, field, value, CASE WHEN proposal = '' THEN '(leave it empty)'
              ELSE proposal END, message FROM findings""",
)
REJECTS = (
    [
        Column("source_key", 22),
        Column("in", 16),
        Column("place", 30),
        Column("column", 16),
        Column("fault", 20),
        Column("reason", 60),
        Column("advice", 60),
    ],
    """SELECT source_key, dataset, place, "column", code, reason, advice FROM rejects""",
)
FIELDS = [
    Column("of", 20),
    Column("column", 26),
    Column("goes to", 50, "wrap"),
    Column("rows", 12, "count"),
    Column("filled", 12, "count"),
    Column("rows that move", 12, "count"),
    Column("of them filled", 12, "count"),
]


def lists(book: Book, plan: Tables, report: Report) -> None:
    """Write all lists but the open cases."""
    for name, (columns, query) in (
        ("All decisions", DECISIONS),
        ("Duplicates", DUPLICATES),
        ("Quality findings", FINDINGS),
        ("Rejects", REJECTS),
    ):
        bulk(book, name, columns, plan.batches(query))
    rows: list[list[Cell]] = [
        [
            column.dataset,
            column.column,
            wording.goes_to(column),
            column.rows,
            column.filled,
            column.rows_moved,
            column.filled_moved,
        ]
        for column in report.coverage
    ]
    book.list("Fields", FIELDS, rows, fixed=2)
