"""The open cases: what people decide in, with what is known of the records, and what they must not change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from etl.config import Config
from etl.config.identity import IDENTITY_FIELDS
from etl.model import SOURCE_KEY_COLUMN
from etl.plan.figures import DatasetFigures
from etl.report import wording
from etl.report.read import Tables, parquet
from etl.report.workbook.marks import CASES, CHECK, check_of, key_cell
from etl.report.workbook.paper import Book, Cell, Column, headed
from etl.texts import mark, t, told

UNSEEN = [Column("hash", 36, "quiet"), Column(CHECK, 18, "quiet")]
"""What is not printed."""
COLUMNS = [
    Column("source_key", 17, "quiet"),
    Column(mark("record"), 32, "wrap"),
    Column(mark("decision"), 14, "answer"),
    Column("other", 17, "quiet"),
    Column(mark("other record"), 32, "wrap"),
    Column(mark("who"), 14, "answer"),
    Column(mark("when"), 12, "date"),
    Column(mark("why"), 28, "answer"),
    Column(mark("rule"), 24, "wrap"),
    Column(mark("evidence"), 60, "wrap"),
    Column(mark("records"), 9, "count"),
    Column(mark("match"), 24, "wrap"),
    Column(mark("probability"), 11, "chance"),
    *UNSEEN,
]
ANSWERS = (mark("customer"), mark("keep"), mark("lead"), mark("review"), mark("moved before"))
OF_TWO = (mark("same"), mark("different"))
KNOWN = 300
"""The characters of what is known of a record that a cell shows."""


def cases(book: Book, plan: Tables, config: Config, datasets: Sequence[DatasetFigures]) -> None:
    """Write one row for each open case, with a list of decisions to choose from."""
    answers = [t(answer) for answer in (*ANSWERS, *(OF_TWO if config.leads.duplicates else ()))]
    for page in book.list(t(CASES), headed(COLUMNS), _cells(plan, config, datasets), fixed=2):
        page.sheet.print_area(0, 0, max(page.next - 1, 1), len(COLUMNS) - len(UNSEEN) - 1)
        place = [column.name for column in COLUMNS].index("decision")
        page.sheet.data_validation(
            1,
            place,
            max(page.next - 1, 1),
            place,
            {
                "validate": "list",
                "source": answers,
                "error_type": "warning",
                "error_title": t("Another decision?"),
                "error_message": t("Choose from the list, or write into: ID with the id of an existing lead."),
                "input_title": t("Decision"),
                "input_message": t("Choose one, or write into: ID. An empty cell stays undecided."),
            },
        )


def _cells(plan: Tables, config: Config, datasets: Sequence[DatasetFigures]) -> Iterator[list[Cell]]:
    """The rows of the sheet: a person's three answers are empty."""
    query = f"""WITH known AS ({_known(plan, config, datasets)})
        SELECT c.*, a.known, b.known AS other_known, d.match, d.score FROM cases c
        LEFT JOIN known a ON a.source_key = c.source_key LEFT JOIN known b ON b.source_key = c.other
        LEFT JOIN (SELECT source_key, min(match) AS match, max(score) AS score FROM decisions
                   WHERE source_key IN (SELECT source_key FROM cases) GROUP BY 1) d ON d.source_key = c.source_key
        ORDER BY c.number"""
    for batch in plan.batches(query):
        for row in batch.to_pylist():
            yield _sheet_row(config.name, row)


def _sheet_row(name: str, row: dict[str, object]) -> list[Cell]:
    key, other, hash_ = (str(row[column] or "") for column in ("source_key", "other", "hash"))
    text = {column: str(row[column] or "") or None for column in ("known", "other_known", "rule", "evidence", "match")}
    score, records = row["score"], row["records"]
    return [
        key_cell(key),
        text["known"],
        None,
        key_cell(other) or None,
        text["other_known"],
        None,
        None,
        None,
        wording.reason(text["rule"] or "") or None,
        told(text["evidence"] or "") or None,
        records if isinstance(records, int) else None,
        text["match"],
        round(score, 4) if isinstance(score, float) else None,
        hash_,
        check_of(name, key, other, hash_),
    ]


def _known(plan: Tables, config: Config, datasets: Sequence[DatasetFigures]) -> str:
    """A query for what the identity columns say of the records that the open cases name: source_key, known."""
    parts = []
    for dataset in datasets:
        if dataset.kind == "entry":
            identity = config.source.records[dataset.name].identity
            named = [column for kind in IDENTITY_FIELDS for column in identity.get(kind, ())]
            quoted = ['"' + name.replace('"', '""') + '"' for name in dict.fromkeys(named) if name in dataset.columns]
            words = f"left(concat_ws(', ', {', '.join(quoted)}), {KNOWN})" if quoted else "NULL::VARCHAR"
            parts.append(
                f"""SELECT {SOURCE_KEY_COLUMN} AS source_key, min({words}) AS known
                    FROM {parquet(plan.folder / "snapshot" / dataset.file)}
                    WHERE {SOURCE_KEY_COLUMN} IN (SELECT source_key FROM cases UNION SELECT other FROM cases)
                    GROUP BY 1"""
            )
    return " UNION ALL ".join(parts)
