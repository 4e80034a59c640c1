"""Find the rows of other tables that are evidence for a record: those that an `exists` of a rule asks for."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np

from etl.classify.families import Mask
from etl.classify.join import Joined, load_rows
from etl.classify.record_texts import TEXT, RecordTexts
from etl.classify.records import Numbers, Records
from etl.config import Exists
from etl.dates import UNREADABLE, read_dates
from etl.model import Dataset
from etl.plan.tables import batches, having, load_columns, near_misses

SHOWN = 60


@dataclass(frozen=True)
class Evidence:
    """The rows that meet one `exists` condition.

    passing: the rows that count for it. holds: by record number. text: the row that speaks for each record for which it
    holds; of several the latest. unreadable: a row of a record that cannot be read: it is damaged, or its date cannot
    be read. near_misses: rows that would pass if case and blanks around the values of `where` did not count.
    """

    joined: Joined
    passing: Mask
    holds: Mask
    text: RecordTexts
    unreadable: RecordTexts
    unreadable_dates: int
    near_misses: int


def find_evidence(
    connection: duckdb.DuckDBPyConnection,
    condition: Exists,
    joined: Joined,
    key: str | None,
    records: Records,
    since: int,
) -> Evidence:
    """Find the records that have a row which meets the condition.

    key: the column that names a row for people, where there is one. since: the first day within, as an ordinal; it
    counts only where the condition has `within`. There is no last day: an invoice after the as-of date is one.
    """
    passing, near, days = _rows_that_pass(condition, joined.dataset)
    passing |= joined.damaged
    undated = (days == UNREADABLE) & passing & ~joined.damaged if condition.within else np.zeros_like(passing)
    good = passing & ~undated & ~joined.damaged & (days >= since if condition.within else True)
    bad = undated | joined.damaged
    texts = _texts(connection, condition, joined, key, days, good)
    unreadable = _texts(connection, condition, joined, key, days, bad) if bad.any() else RecordTexts.none()
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
        near += near_misses(batch, condition.where)
        days.append(read_dates(batch[within.column], within.format) if within else np.zeros(len(batch), dtype=np.int32))
    return np.concatenate(masks), near, np.concatenate(days)


def _texts(
    connection: duckdb.DuckDBPyConnection, condition: Exists, joined: Joined, key: str | None, days: Numbers, rows: Mask
) -> RecordTexts:
    """One row in words for each record: of the rows that count the one with the latest day, then the greatest text."""
    shown = [column for column in condition.columns() if column not in condition.of.values()]
    shown = list(dict.fromkeys([*([key] if key else []), *shown])) or list(condition.of.values())
    load_columns(connection, "shown", joined.dataset.path, {f"c{n}": column for n, column in enumerate(shown)})
    load_rows(connection, rows, days)
    words = ", ".join(f"? || ' ' || left(c{n}, {SHOWN})" for n in range(len(shown)))
    texts = connection.sql(
        f"""SELECT number, max_by(text, (day, text)) AS text FROM (
                SELECT p.number, c.day, ? || concat_ws(', ', {words}) AS text
                FROM pairs_{joined.id} p JOIN counted c USING (row) JOIN shown s USING (row))
            GROUP BY number ORDER BY number""",
        params=[f"{joined.dataset.name}: ", *shown],
    ).to_arrow_table()
    connection.execute("DROP TABLE shown")
    return RecordTexts(
        np.asarray(texts["number"].to_numpy(), dtype=np.int32), texts["text"].combine_chunks().cast(TEXT)
    )
