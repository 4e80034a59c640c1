"""Find the rows of other tables that are evidence for a record: those that an `exists` of a rule asks for."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.classify.families import Mask
from etl.classify.join import Joined, load_rows, records_named_by
from etl.classify.near_keys import nearly_linked
from etl.classify.record_texts import TEXT, RecordTexts
from etl.classify.records import Numbers, Records
from etl.config import Exists, Test, columns_named, single_tests
from etl.config.shapes import DOUBT, of_other_rows
from etl.dates import EARLIEST, PLACEHOLDERS, read_dates
from etl.model import Dataset
from etl.plan.tables import batches, load_columns
from etl.rows import Answer, Asked, answer, gather

SHOWN = 60


@dataclass(frozen=True)
class Days:
    """The days that count as within, as ordinals. since: the first; until: the last that can be read as a date."""

    since: int
    until: int
    zone: str | None = None


@dataclass(frozen=True)
class Evidence:
    """The rows that meet one `exists` condition.

    shown: what people call the table. passing: the rows that count for it. answer: by record number; it is open where
    only a row with a value that nearly meets `where` could turn it. text: the row that speaks for each record for which
    it holds; of several the latest. unreadable: a row of a record that cannot be read: it is damaged, or its date
    cannot be read. asked: how the values that `where` names met the data.
    """

    joined: Joined
    shown: str
    passing: Mask
    answer: Answer
    text: RecordTexts
    unreadable: RecordTexts
    unreadable_dates: int
    asked: tuple[Asked, ...]


def find_evidence(
    connection: duckdb.DuckDBPyConnection,
    condition: Exists,
    joined: Joined,
    key: str | None,
    records: Records,
    days: Days,
    at: str,
) -> Evidence:
    """Find the records that have a row which meets the condition.

    key: the column that names a row for people, where there is one. days: count only where the condition has `within`.
    at: where the config asks it.
    """
    asked = gather(at, joined.dataset.name, single_tests(condition.where))
    rows, day = _answers_of_rows(condition, joined.dataset, days, asked)
    counts = rows.holds | joined.damaged
    undated = _undated(day, days) & ~joined.damaged if condition.within else np.zeros_like(counts)
    in_time = (day >= days.since) | undated if condition.within else np.ones_like(counts)
    good = rows.holds & in_time & ~undated & ~joined.damaged
    bad = (undated & rows.possible) | joined.damaged
    texts = _texts(connection, condition, joined, key, day, good)
    unreadable = _texts(connection, condition, joined, key, day, bad) if bad.any() else RecordTexts.none()
    return Evidence(
        joined,
        condition.shown,
        counts,
        _answers_of_records(connection, joined, rows, in_time & ~joined.damaged, records, texts.numbers),
        texts,
        unreadable,
        int(np.count_nonzero(undated & rows.holds)),
        tuple(asked.values()),
    )


def _answers_of_rows(
    condition: Exists, dataset: Dataset, days: Days, asked: dict[Test, Asked]
) -> tuple[Answer, Numbers]:
    """What each row says to `where`, and its day."""
    answers, all_days = [Answer.of_all(0, True)], [np.zeros(0, dtype=np.int32)]
    within = condition.within
    columns = [*columns_named(condition.where), *([within.column] if within else [])] or list(condition.of.values())
    doubted = [DOUBT] if DOUBT in dataset.columns else []
    others = [made for column in columns for made in of_other_rows(column) if made in dataset.columns]
    for batch in batches(dataset.path, list(dict.fromkeys([*columns, *others, *doubted]))):
        rows = answer(batch, condition.where, asked)
        if doubted:
            rows = Answer.every([rows, _sure_of(batch[DOUBT])])
        answers.append(rows)
        if within:
            all_days.append(read_dates(batch[within.column], within.form.within(days.zone)))
        else:
            all_days.append(np.zeros(len(batch), dtype=np.int32))
    return (
        Answer(np.concatenate([a.holds for a in answers]), np.concatenate([a.open for a in answers])),
        np.concatenate(all_days),
    )


def _sure_of(doubts: pa.Array) -> Answer:
    """That rows count and name their record: open where a value only nearly says so."""
    doubtful = np.asarray(pc.is_valid(doubts))
    return Answer(~doubtful, doubtful)


def _undated(day: Numbers, days: Days) -> Mask:
    """The rows whose date cannot be read: it is none, too old, in the future, or stands for "none" or "for ever"."""
    mask: Mask = (day < EARLIEST) | (day > days.until) | np.isin(day, np.array(sorted(PLACEHOLDERS)))
    return mask


def _answers_of_records(
    connection: duckdb.DuckDBPyConnection,
    joined: Joined,
    rows: Answer,
    in_time: Mask,
    records: Records,
    holding: Numbers,
) -> Answer:
    """What the rows of each record say together: one that meets is enough.

    holding: the records that have such a row. It is open for a record whose key a row nearly names, and no other's.
    """
    holds, possible, sure = (np.zeros(len(records), dtype=np.bool_) for _ in range(3))
    holds[holding] = True
    _, near = nearly_linked(connection, joined, rows.possible & in_time)
    if not (rows.open & in_time).any():
        possible[near] = True
        return Answer(holds, possible & ~holds)
    possible[near] = True
    possible[records_named_by(connection, joined, rows.possible & in_time)] = True
    sure[records_named_by(connection, joined, rows.sure & in_time)] = True
    return Answer(holds, possible & ~sure)


def _texts(
    connection: duckdb.DuckDBPyConnection, condition: Exists, joined: Joined, key: str | None, days: Numbers, rows: Mask
) -> RecordTexts:
    """One row in words for each record: of the rows that count the one with the latest day, then the greatest text."""
    asked = [column for column in condition.columns() if column not in condition.of.values()]
    asked = list(dict.fromkeys([*([key] if key else []), *asked]))
    shown = asked or [column for column in condition.told() if column in joined.dataset.columns]
    load_columns(connection, "shown", joined.dataset.path, {f"c{n}": column for n, column in enumerate(shown)})
    load_rows(connection, rows, days)
    words = ", ".join(["NULL"] * (not shown) + [f"? || ' ' || left(c{n}, {SHOWN})" for n in range(len(shown))])
    texts = connection.sql(
        f"""SELECT number, max_by(text, (day, text)) AS text FROM (
                SELECT p.number, c.day, ? || coalesce(nullif(concat_ws(', ', {words}), ''), 'a row') AS text
                FROM pairs_{joined.id} p JOIN counted c USING (row) JOIN shown s USING (row))
            GROUP BY number ORDER BY number""",
        params=[f"{condition.shown}: ", *shown],
    ).to_arrow_table()
    connection.execute("DROP TABLE shown")
    return RecordTexts(
        np.asarray(texts["number"].to_numpy(), dtype=np.int32), texts["text"].combine_chunks().cast(TEXT)
    )
