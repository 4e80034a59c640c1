"""Count and sample the tables of a plan's folder in DuckDB: narrow columns only, nothing is held but the results."""

from __future__ import annotations

import glob
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from etl.errors import PlanError
from etl.model import Decision, Severity
from etl.plan.tables import database
from etl.report.model import (
    BlockedValue,
    BlockedValues,
    CodeCount,
    FaultyRow,
    FaultyRows,
    FindingCount,
    FindingExample,
    MatchedRecord,
    MergedPair,
    OpenCase,
    ReviewReason,
)

TABLES = ("decisions", "leads", "findings", "rejects", "orphans", "blocked", "duplicates")
CASES_OF_OLDER_PLANS = """SELECT row_number() OVER (ORDER BY family, rule) AS number, family AS source_key,
    NULL::VARCHAR AS other, false AS for_both, NULL::VARCHAR AS hash, count(*) AS records, rule,
    min(evidence) AS evidence FROM decisions WHERE decision = 'review' GROUP BY family, rule"""
"""The families in review: a plan of an older version does not say which of them are one case."""
BATCH = 20_000
CASES = "cases"
FIRST_NAMED = 10
FIRST_ROWS = 50
VALUE = 60
SENTENCE = 200


class Tables:
    """The tables of one plan's folder, open for queries."""

    def __init__(self, folder: Path, connection: duckdb.DuckDBPyConnection) -> None:
        self.folder = folder
        self._connection = connection
        for name in TABLES:
            connection.execute(f"CREATE VIEW {name} AS SELECT * FROM {parquet(folder / f'{name}.parquet')}")
        path = folder / f"{CASES}.parquet"
        cases = f"SELECT * FROM {parquet(path)}" if path.exists() else CASES_OF_OLDER_PLANS
        connection.execute(f"CREATE VIEW {CASES} AS {cases}")

    def rows(self, query: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """The rows of a query, in its order."""
        return self._connection.execute(query, list(parameters)).fetchall()

    def batches(self, query: str) -> Iterator[pa.RecordBatch]:
        """The rows of a query, in its order, a batch at a time."""
        yield from self._connection.sql(query).to_arrow_reader(BATCH)

    def keep(self, name: str, query: str) -> None:
        """Keep the rows of a query as a table of this name, for as long as the tables are open."""
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {query}")

    def row(self, query: str) -> tuple[Any, ...]:
        """The one row of an aggregate."""
        return self.rows(query)[0]


@contextmanager
def tables(folder: Path) -> Iterator[Tables]:
    """Open the tables of a plan's folder. Raises PlanError where one is missing or damaged."""
    try:
        with database(folder) as connection:
            yield Tables(folder, connection)
    except (duckdb.IOException, duckdb.InvalidInputException, duckdb.BinderException) as error:
        raise PlanError(
            f"A table of the plan cannot be read: {str(error).splitlines()[0]}",
            where=folder,
            next=f"crm-cleanup plan CONFIG --out {folder} --replace",
        ) from None


def least_sure(plan: Tables, rules: Sequence[str]) -> tuple[MatchedRecord, ...]:
    """The first FIRST_NAMED of the records that one of these rules makes a customer, the least probable first."""
    rows = plan.rows(
        """SELECT source_key, rule, match, score, evidence FROM decisions
           WHERE decision = 'customer' AND decided_by = source_key AND score IS NOT NULL
                 AND list_contains(?::VARCHAR[], rule)
           ORDER BY score, source_key LIMIT ?""",
        [list(rules), FIRST_NAMED],
    )
    return tuple(MatchedRecord(*row) for row in rows)


def merged(plan: Tables) -> tuple[MergedPair, ...]:
    """The first FIRST_NAMED of the pairs of records that stand in one lead, the least probable first."""
    rows = plan.rows(
        """SELECT a.lead, p.left, p.right, p.probability, p.words FROM duplicates p
           JOIN decisions a ON a.source_key = p.left JOIN decisions b ON b.source_key = p.right
           WHERE a.lead = b.lead AND p.words IS NOT NULL
           ORDER BY p.probability, p.left, p.right LIMIT ?""",
        [FIRST_NAMED],
    )
    return tuple(MergedPair(*row) for row in rows)


def parquet(path: Path) -> str:
    """Name a file in a query, whatever its path holds."""
    return "read_parquet('" + glob.escape(str(path)).replace("'", "''") + "')"


def decisions(plan: Tables) -> list[tuple[str, Decision, int]]:
    """(entry, decision, records)."""
    rows = plan.rows("SELECT entry, decision, count(*) FROM decisions GROUP BY 1, 2 ORDER BY 1, 2")
    return [(entry, Decision(decision), records) for entry, decision, records in rows]


def reasons(plan: Tables) -> list[tuple[str, Decision, int]]:
    """(rule, decision, records), the most frequent first."""
    rows = plan.rows("SELECT rule, decision, count(*) AS n FROM decisions GROUP BY 1, 2 ORDER BY n DESC, 1, 2")
    return [(rule, Decision(decision), records) for rule, decision, records in rows]


def review(plan: Tables) -> tuple[ReviewReason, ...]:
    """The open cases by reason, the most frequent first, the first cases of each named."""
    counts = plan.rows(
        """WITH asked AS (SELECT rule, count(*) AS cases FROM cases GROUP BY 1),
                waiting AS (SELECT rule, count(*) AS records, count(DISTINCT coalesce(family, source_key)) AS families
                            FROM decisions WHERE decision = 'review' GROUP BY 1)
           SELECT rule, coalesce(records, 0), coalesce(families, 0), coalesce(cases, 0)
           FROM asked FULL JOIN waiting USING (rule) ORDER BY 4 DESC, 3 DESC, 1"""
    )
    named = plan.rows(
        f"""SELECT rule, source_key, other, records, left(evidence, {SENTENCE}) FROM cases
            QUALIFY row_number() OVER (PARTITION BY rule ORDER BY number) <= {FIRST_NAMED} ORDER BY rule, number"""
    )
    return tuple(
        ReviewReason(reason, records, families, cases, tuple(OpenCase(*row) for rule, *row in named if rule == reason))
        for reason, records, families, cases in counts
    )


def findings(plan: Tables) -> tuple[FindingCount, ...]:
    """The quality findings by code, the gravest first, with the first of each by source key as its example."""
    example = f"""arg_min({{'source_key': source_key, 'field': field, 'value': {_cut("value", VALUE)},
        'proposal': {_cut("proposal", VALUE)}, 'message': {_cut("message", SENTENCE)}}}, (source_key, lead, field))"""
    rows = plan.rows(
        f"""SELECT code, severity, count(*) AS n, count(DISTINCT lead), {example}
            FROM findings GROUP BY 1, 2 ORDER BY n DESC, 1"""
    )
    order = list(Severity)
    counts = [
        FindingCount(code, Severity(severity), number, leads, FindingExample(**values))
        for code, severity, number, leads, values in rows
    ]
    return tuple(sorted(counts, key=lambda count: order.index(count.severity)))


def leads(plan: Tables) -> tuple[int, int]:
    """The leads to be written, and those of them that have a finding of severity error."""
    written = plan.row("SELECT count(*) FROM leads")[0]
    wrong = plan.row("SELECT count(DISTINCT lead) FROM findings WHERE severity = 'error'")[0]
    return written, wrong


def rejects(plan: Tables) -> FaultyRows:
    """The records that cannot be processed."""
    return _faulty(plan, "rejects", "source_key", '"column"')


def orphans(plan: Tables) -> FaultyRows:
    """The related and evidence rows that belong to no record or are damaged."""
    return _faulty(plan, "orphans", '"key"', "NULL")


def _faulty(plan: Tables, table: str, key: str, column: str) -> FaultyRows:
    counts = plan.rows(f"SELECT dataset, code, count(*) AS n FROM {table} GROUP BY 1, 2 ORDER BY n DESC, 1, 2")
    first = plan.rows(
        f"""SELECT {key}, dataset, place, {column}, code, {_cut("reason", SENTENCE)}, {_cut("advice", SENTENCE)}
            FROM {table} ORDER BY dataset, code, place, {key} LIMIT {FIRST_ROWS}"""
    )
    by_code = tuple(CodeCount(*row) for row in counts)
    return FaultyRows(sum(count.faults for count in by_code), by_code, tuple(FaultyRow(*row) for row in first))


def blocked(plan: Tables) -> BlockedValues:
    """The values that the target cannot hold."""
    total, leads = plan.row("SELECT count(*), count(DISTINCT lead) FROM blocked")
    first = plan.rows(
        f'SELECT lead, field, length, "limit", reason FROM blocked ORDER BY lead, field, reason LIMIT {FIRST_ROWS}'
    )
    return BlockedValues(total, leads, tuple(BlockedValue(*row) for row in first))


def _cut(column: str, length: int) -> str:
    return f"CASE WHEN length({column}) > {length} THEN left({column}, {length - 1}) || '…' ELSE {column} END"
