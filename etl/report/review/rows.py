"""Which rows of a plan the open cases show: families, the records beside them, and their last history, as tables."""

from __future__ import annotations

from collections.abc import Sequence

from etl.model import SOURCE_KEY_COLUMN
from etl.report.read import Tables, parquet
from etl.report.review.forms import Form

MEMBERS, OTHERS, LAST = 12, 4, 3
"""The most members of a family that a case shows, records beside it of each kind, and rows of each table."""
SENTENCE = 2_000
"""The longest evidence, in characters, and the longest list of what agrees."""


def keep_rows(plan: Tables, forms: Sequence[Form], most: int) -> None:
    """Read what the first `most` open cases show into tables of the database, which spill where memory is short."""
    plan.keep(
        "asked",
        f"""SELECT number, source_key, other, for_both, hash, records, rule, left(evidence, {SENTENCE}) AS evidence
            FROM cases ORDER BY number LIMIT {most}""",
    )
    _keep_people(plan)
    _keep_pairs(plan)
    _keep_customers(plan)
    _keep_leads(plan)
    shown = 'SELECT source_key FROM people UNION SELECT "right" FROM pairs'
    for place, form in enumerate(forms):
        if form.kind == "entry":
            plan.keep(f"values_{place}", f"{_cells(form)} WHERE {SOURCE_KEY_COLUMN} IN ({shown})")
        elif form.kind == "related":
            plan.keep(f"history_{place}", _last(form))
        else:
            query = f"""SELECT file_row_number AS row, {form.cells} AS cells FROM {form.rows} WHERE file_row_number IN
                        (SELECT row FROM customers WHERE master = '{form.name.replace("'", "''")}')"""
            plan.keep(f"master_{place}", query)


def _cells(form: Form) -> str:
    return f"SELECT {SOURCE_KEY_COLUMN} AS source_key, {form.cells} AS cells FROM {form.rows}"


def _last(form: Form) -> str:
    """The last rows of history of each member, in their order, and how many there are."""
    return f"""SELECT source_key, place, cells, rows FROM (
        SELECT {SOURCE_KEY_COLUMN} AS source_key, file_row_number AS place, {form.cells} AS cells,
            count(*) OVER (PARTITION BY {SOURCE_KEY_COLUMN}) AS rows,
            row_number() OVER (PARTITION BY {SOURCE_KEY_COLUMN} ORDER BY file_row_number DESC) AS newest
        FROM {form.rows} WHERE {SOURCE_KEY_COLUMN} IN (SELECT source_key FROM people WHERE side = 0)
        ) WHERE newest <= {LAST}"""


def _keep_people(plan: Tables) -> None:
    """The families of both sides of each case: the record that it names first, then companies, then persons."""
    plan.keep(
        "people",
        f"""WITH sides AS (SELECT number, 0 AS side, source_key AS root FROM asked UNION ALL
                           SELECT number, 1, other FROM asked WHERE other IS NOT NULL),
            families AS (SELECT s.*, min(d.family) AS family FROM sides s JOIN decisions d ON d.source_key = s.root
                         GROUP BY ALL),
            members AS (SELECT f.number, f.side, d.source_key, d.entry, d.type, d.decision, d.rule,
                               left(d.evidence, {SENTENCE}) AS evidence, d.held, d.match, d.score,
                               row_number() OVER (PARTITION BY f.number, f.side ORDER BY d.source_key <> f.root,
                                   d.type IS DISTINCT FROM 'company', d.source_key, d.rule, d.evidence) AS place,
                               count(*) OVER (PARTITION BY f.number, f.side) AS members
                        FROM families f JOIN decisions d ON d.family = f.family)
            SELECT * FROM members WHERE place <= {MEMBERS}""",
    )


def _keep_pairs(plan: Tables) -> None:
    """The records that each family may be the same as: that of the case itself first, then the likeliest."""
    plan.keep(
        "pairs",
        f"""WITH likely AS (SELECT "left", "right", probability, left(words, {SENTENCE}) AS words FROM duplicates
                UNION ALL SELECT "right", "left", probability, left(words, {SENTENCE}) FROM duplicates),
            mine AS (SELECT p.number, b.*, coalesce(o.source_key IS NOT NULL, false) AS asked
                FROM people p JOIN likely b ON b."left" = p.source_key
                LEFT JOIN people o ON o.number = p.number AND o.side = 1 AND o.source_key = b."right"
                WHERE p.side = 0 AND NOT EXISTS (SELECT 1 FROM people q WHERE q.number = p.number AND q.side = 0
                                                 AND q.source_key = b."right"))
            SELECT * FROM mine QUALIFY row_number() OVER (
                PARTITION BY number ORDER BY NOT asked, probability DESC, "left", "right") <= {OTHERS}""",
    )


def _keep_customers(plan: Tables) -> None:
    """The customers of the masters that members of each family may be, the likeliest first."""
    matches = plan.folder / "matches.parquet"
    rows = (
        parquet(matches) if matches.exists() else _nothing("source_key, master, how, customer, row, probability, words")
    )
    plan.keep(
        "customers",
        f"""SELECT p.number, m.source_key, m.master, m.how, m.customer, m.row, m.probability,
                   left(m.words, {SENTENCE}) AS words
            FROM people p JOIN {rows} m ON m.source_key = p.source_key WHERE p.side = 0
            QUALIFY row_number() OVER (PARTITION BY p.number, m.master, m.row
                        ORDER BY m.how <> 'probability', m.probability DESC, p.place) = 1
                AND dense_rank() OVER (
                    PARTITION BY p.number ORDER BY m.probability DESC, m.master, m.row) <= {OTHERS}""",
    )


def _keep_leads(plan: Tables) -> None:
    """The leads of the pipeline that members of each family may be, the likeliest first."""
    existing = plan.folder / "existing.parquet"
    rows = parquet(existing) if existing.exists() else _nothing("source_key, lead_id, title, probability, words")
    plan.keep(
        "existing_leads",
        f"""SELECT p.number, e.source_key, e.lead_id, e.title, e.probability, left(e.words, {SENTENCE}) AS words
            FROM people p JOIN {rows} e ON e.source_key = p.source_key WHERE p.side = 0
            QUALIFY row_number() OVER (
                PARTITION BY p.number ORDER BY e.probability DESC, e.lead_id, p.place) <= {OTHERS}""",
    )


def _nothing(columns: str) -> str:
    """A table without a row, for plans of an older version."""
    return "(SELECT " + ", ".join(f"NULL AS {name}" for name in columns.split(", ")) + " WHERE false)"
