"""The lists behind the figures, a sheet each: from the plan's tables, a batch at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from etl.report import wording
from etl.report.codes import REASONS
from etl.report.model import Report
from etl.report.read import Tables
from etl.report.safe_csv import told_columns
from etl.report.workbook.bulk import bulk
from etl.report.workbook.paper import Book, Cell, Column, headed
from etl.texts import mark, spoken, t

DECISIONS = (
    [
        Column("source_key", 22),
        Column(mark("decision"), 14),
        Column(mark("rule"), 32),
        Column(mark("evidence"), 60),
        Column(mark("family"), 22),
        Column(mark("lead"), 22),
        Column(mark("match"), 30),
        Column(mark("probability"), 12),
        Column(mark("findings"), 30),
    ],
    """SELECT source_key, decision, rule, evidence, family, lead, match, round(score, 4), findings FROM decisions""",
)
"""In the order of the plan: the records of one family follow each other."""
DUPLICATES = (
    [
        Column(mark("left record"), 22),
        Column(mark("right record"), 22),
        Column(mark("probability"), 12),
        Column(mark("one lead"), 10),
        Column(mark("left record: decision"), 14),
        Column(mark("right record: decision"), 14),
        Column(mark("what matches, with its weight in bits"), 100),
    ],
    """WITH pairs AS (SELECT * FROM duplicates WHERE words IS NOT NULL),
       decided AS (SELECT source_key, lead, decision FROM decisions
                   WHERE source_key IN (SELECT "left" FROM pairs UNION SELECT "right" FROM pairs))
       SELECT p.left, p.right, round(p.probability, 4), CASE WHEN a.lead = b.lead THEN 'yes' ELSE 'no' END AS one_lead,
              a.decision, b.decision, p.words
       FROM pairs p LEFT JOIN decided a ON a.source_key = p.left LEFT JOIN decided b ON b.source_key = p.right
       ORDER BY p.probability, p.left, p.right""",
)
FINDINGS = (
    [
        Column(mark("lead"), 22),
        Column("source_key", 22),
        Column(mark("severity"), 10),
        Column(mark("finding"), 24),
        Column(mark("field"), 16),
        Column(mark("value"), 40),
        Column(mark("proposal"), 40),
        Column(mark("what is wrong"), 60),
    ],
    """SELECT lead, source_key, severity, code, field, value, proposal = '' AS emptied, proposal, message
       FROM findings""",
)
REJECTS = (
    [
        Column("source_key", 22),
        Column(mark("table"), 16),
        Column(mark("place"), 30),
        Column(mark("column"), 16),
        Column(mark("fault"), 20),
        Column(mark("reason"), 60),
        Column(mark("what to do"), 60),
    ],
    """SELECT source_key, dataset, place, "column", code, reason, advice FROM rejects""",
)
FIELDS = [
    Column(mark("table"), 20),
    Column(mark("column"), 26),
    Column(mark("goes to"), 50, "wrap"),
    Column(mark("rows"), 12, "count"),
    Column(mark("filled"), 12, "count"),
    Column(mark("rows of moved records"), 12, "count"),
    Column(mark("filled in moved records"), 12, "count"),
]


SAID: Mapping[str, Sequence[str]] = {
    "rule": REASONS,
    "one_lead": (mark("yes"), mark("no")),
    "severity": (mark("error"), mark("warning"), mark("info")),
}
"""Columns of which some values are words of this tool."""
EMPTY = mark("(leave it empty)")


def lists(book: Book, plan: Tables, report: Report) -> None:
    """Write all lists but the open cases."""
    for name, (columns, query) in (
        (t("All decisions"), DECISIONS),
        (t("Duplicates"), DUPLICATES),
        (t("Quality findings"), FINDINGS),
        (t("Rejects"), REJECTS),
    ):
        bulk(book, name, headed(columns), map(_spoken, plan.batches(query)))
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
    book.list(t("Fields"), headed(FIELDS), rows, fixed=2)


def _spoken(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Rows with their sentences, and their words of this tool, in the language that is spoken now."""
    batch = told_columns(batch) if spoken().code != "en" else batch
    for place, name in enumerate(batch.schema.names):
        if name in SAID:
            known = pa.array(SAID[name], pa.string())
            words = pa.array([t(word) for word in SAID[name]], pa.string())
            texts = batch.column(place).cast(pa.string())
            batch = batch.set_column(place, name, pc.coalesce(words.take(pc.index_in(texts, known)), texts))
    if "emptied" in batch.schema.names:
        proposal = pc.if_else(batch.column("emptied"), t(EMPTY), batch.column("proposal").cast(pa.string()))
        batch = batch.set_column(batch.schema.get_field_index("proposal"), "proposal", proposal)
        batch = batch.select([name for name in batch.schema.names if name != "emptied"])
    return batch
