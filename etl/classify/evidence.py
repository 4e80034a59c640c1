"""Join rows of other tables to the records they name, and count what does not meet: a silent mis-join is the worst."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb
import numpy as np
import pyarrow as pa

from etl.classify.families import Mask
from etl.classify.records import NONE, Numbers, Records
from etl.classify.words import TEXT, Words
from etl.config import Exists
from etl.dates import UNREADABLE, read_dates
from etl.model import Dataset, damaged_rows
from etl.plan.figures import JoinFigures
from etl.plan.tables import alike, batches, having, load_columns

SHOWN = 60


@dataclass(frozen=True)
class Joined:
    """The rows of one dataset, joined to records by key.

    owner: the number of the record that each row stands with, NONE where it names none that exists; of several, the
    first in the order of `of`. damaged: rows that cannot be trusted; they stand with no record. In DuckDB it left
    `pairs_<id>(row, link, number)`, a row for each record that is named, and `lost_<id>(row, entry, key)`, a row for
    each link that met none.
    """

    dataset: Dataset
    owner: Numbers
    damaged: Mask
    id: int


def join(
    connection: duckdb.DuckDBPyConnection, dataset: Dataset, of: Mapping[str, str], records: Records, id: int
) -> Joined:
    """Join the rows of a dataset to the records that its link columns name.

    of: entry -> link column. Keys meet only when they are equal, character by character.
    """
    links = list(of.items())
    load_columns(connection, "loaded", dataset.path, {f"link{n}": column for n, (_, column) in enumerate(links)})
    parts = " UNION ALL ".join(
        f"""SELECT row, {n} AS link, link{n} AS key, {records.entries.index(entry)} AS entry
            FROM loaded WHERE link{n} IS NOT NULL"""
        for n, (entry, _) in enumerate(links)
    )
    connection.execute(f"CREATE OR REPLACE TABLE linked AS {parts}")
    connection.execute(
        f"""CREATE OR REPLACE TABLE pairs_{id} AS
            SELECT l.row, l.link, r.number FROM linked l JOIN records r USING (entry, key)"""
    )
    connection.execute(
        f"""CREATE OR REPLACE TABLE lost_{id} AS
            SELECT row, entry, key FROM linked ANTI JOIN pairs_{id} USING (row, link)"""
    )
    connection.execute("DROP TABLE loaded; DROP TABLE linked")
    owner = _owners(connection, f"SELECT row, min_by(number, link)::INT AS number FROM pairs_{id}", dataset.rows)
    damaged = damaged_rows(dataset.faults, dataset.rows)
    return Joined(dataset, np.where(damaged, np.int32(NONE), owner), damaged, id)


def _owners(connection: duckdb.DuckDBPyConnection, query: str, rows: int) -> Numbers:
    """The record number of each row of a dataset, from a query that gives some rows' number; NONE for the others."""
    found = connection.execute(f"SELECT * FROM ({query} GROUP BY ALL) ORDER BY row").fetchnumpy()
    owner = np.full(rows, NONE, dtype=np.int32)
    owner[np.asarray(found["row"])] = np.asarray(found["number"], dtype=np.int32)
    return owner


def named_by(connection: duckdb.DuckDBPyConnection, joined: Joined, rows: Mask) -> Numbers:
    """The numbers of all records that some rows name, damaged rows as well."""
    if not rows.any():
        return np.zeros(0, dtype=np.int32)
    _load_rows(connection, rows)
    query = f"SELECT DISTINCT number FROM pairs_{joined.id} SEMI JOIN counted USING (row) ORDER BY number"
    return np.asarray(connection.execute(query).fetchnumpy()["number"], dtype=np.int32)


def prefer(connection: duckdb.DuckDBPyConnection, joined: Joined, records: Mask) -> Joined:
    """Let each row stand with the first of the records it names that a mask chooses, where there is one."""
    _load_rows(connection, records)
    chosen = _owners(
        connection,
        f"""SELECT p.row, min_by(number, link)::INT AS number
            FROM pairs_{joined.id} p SEMI JOIN counted c ON c.row = p.number""",
        joined.dataset.rows,
    )
    owner = np.where((chosen != NONE) & ~joined.damaged, chosen, joined.owner)
    return replace(joined, owner=owner)


def join_figures(
    connection: duckdb.DuckDBPyConnection,
    joined: Joined,
    rules: Sequence[str] = (),
    passing: Mask | None = None,
    unreadable: int = 0,
) -> JoinFigures:
    """Count how the rows met records.

    passing: the rows that count for a rule; without it those of a related table that are not damaged. A row met its
    records when each link that is filled met one.
    """
    counted = ~joined.damaged if passing is None else passing
    _load_rows(connection, counted)
    pairs, lost = (f"(SELECT * FROM {table}_{joined.id} SEMI JOIN counted USING (row))" for table in ("pairs", "lost"))
    [met] = _one(connection, f"SELECT count(DISTINCT row) FROM {pairs} ANTI JOIN {lost} USING (row)")
    [records] = _one(connection, f"SELECT count(DISTINCT number) FROM {pairs}")
    near = [
        _one(
            connection,
            f"""SELECT count(DISTINCT row) FROM {lost} l WHERE {form.format("key")} <> '' AND
                (entry, {form.format("key")}) IN (SELECT (entry, {form.format("key")}) FROM records)""",
        )[0]
        for form in ("trim({})", "ltrim(trim({}), '0')")
    ]
    rows = int(np.count_nonzero(counted))
    return JoinFigures(
        dataset=joined.dataset.name,
        kind="related" if passing is None else "evidence",
        rules=tuple(rules),
        rows_read=joined.dataset.rows,
        rows=rows,
        joined=met,
        without_record=rows - met,
        records_with_row=records,
        unreadable_dates=unreadable,
        would_meet_trimmed=near[0],
        would_meet_without_zeros=near[1],
    )


def _load_rows(connection: duckdb.DuckDBPyConnection, rows: Mask, days: Numbers | None = None) -> None:
    """Make the DuckDB table `counted(row, day)` of the rows that a mask chooses."""
    chosen = np.flatnonzero(rows).astype(np.int32)
    day = np.zeros(len(chosen), dtype=np.int32) if days is None else days[rows]
    table = pa.table({"row": chosen, "day": day})
    connection.register("given", table)
    connection.execute("CREATE OR REPLACE TEMP TABLE counted AS SELECT * FROM given")
    connection.unregister("given")


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[int, ...]:
    [row] = connection.execute(query).fetchall()
    return tuple(int(value) for value in row)


@dataclass(frozen=True)
class Evidence:
    """What one `exists` found.

    passing: the rows that count for it. holds: by record number. text: the row that speaks for each record for which it
    holds; of several the latest. unreadable: a row of a record that cannot be read: damaged, or without a date that
    could be. alike: rows that would pass if case and blanks around the values of `where` did not count.
    """

    joined: Joined
    passing: Mask
    holds: Mask
    text: Words
    unreadable: Words
    unreadable_dates: int
    alike: int


def find_evidence(
    connection: duckdb.DuckDBPyConnection,
    condition: Exists,
    joined: Joined,
    key: str | None,
    records: Records,
    since: int,
) -> Evidence:
    """Find the records that have a row as the condition wants it.

    key: the column that names a row for people, where there is one. since: the first day within, as an ordinal; it
    counts only where the condition has `within`. There is no last day: an invoice after the as-of date is one.
    """
    passing, near, days = _rows_that_pass(condition, joined.dataset)
    passing |= joined.damaged
    undated = (days == UNREADABLE) & passing & ~joined.damaged if condition.within else np.zeros_like(passing)
    good = passing & ~undated & ~joined.damaged & (days >= since if condition.within else True)
    bad = undated | joined.damaged
    texts = _texts(connection, condition, joined, key, days, good)
    unreadable = _texts(connection, condition, joined, key, days, bad) if bad.any() else Words.none()
    holds = np.zeros(len(records), dtype=np.bool_)
    holds[texts.numbers] = True
    return Evidence(joined, passing, holds, texts, unreadable, int(np.count_nonzero(undated)), near)


def _rows_that_pass(condition: Exists, dataset: Dataset) -> tuple[Mask, int, Numbers]:
    """Which rows have the values that `where` names, how many more have such that only look alike, each one's day."""
    masks, days, near = [np.zeros(0, dtype=np.bool_)], [np.zeros(0, dtype=np.int32)], 0
    within = condition.within
    columns = [*condition.where, *([within.column] if within else [])] or list(condition.of.values())
    for batch in batches(dataset.path, list(dict.fromkeys(columns))):
        masks.append(having(batch, condition.where))
        near += alike(batch, condition.where)
        days.append(read_dates(batch[within.column], within.format) if within else np.zeros(len(batch), dtype=np.int32))
    return np.concatenate(masks), near, np.concatenate(days)


def _texts(
    connection: duckdb.DuckDBPyConnection, condition: Exists, joined: Joined, key: str | None, days: Numbers, rows: Mask
) -> Words:
    """One row in words for each record: of the rows that count the one with the latest day, then the greatest text."""
    shown = [column for column in condition.columns() if column not in condition.of.values()]
    shown = list(dict.fromkeys([*([key] if key else []), *shown])) or list(condition.of.values())
    load_columns(connection, "shown", joined.dataset.path, {f"c{n}": column for n, column in enumerate(shown)})
    _load_rows(connection, rows, days)
    words = ", ".join(f"? || ' ' || left(c{n}, {SHOWN})" for n in range(len(shown)))
    found = connection.sql(
        f"""SELECT number, max_by(text, (day, text)) AS text FROM (
                SELECT p.number, c.day, ? || concat_ws(', ', {words}) AS text
                FROM pairs_{joined.id} p JOIN counted c USING (row) JOIN shown s USING (row))
            GROUP BY number ORDER BY number""",
        params=[f"{joined.dataset.name}: ", *shown],
    ).to_arrow_table()
    connection.execute("DROP TABLE shown")
    return Words(np.asarray(found["number"].to_numpy(), dtype=np.int32), found["text"].combine_chunks().cast(TEXT))
