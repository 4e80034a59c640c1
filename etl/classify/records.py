"""Number the legacy records: the compact keys on which everything global is decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from etl.config import Entry, TypeColumn
from etl.errors import excerpt
from etl.model import MAX_SOURCE_KEY, Dataset, Fault
from etl.plan.tables import load_columns
from etl.texts import stored

Numbers = npt.NDArray[np.int32]
T = TypeVar("T", bound=np.generic)
NONE = -1
MISSING = -2
COMPANY, PERSON, UNKNOWN = 0, 1, -1
TYPES = {"company": COMPANY, "person": PERSON}


@dataclass(frozen=True)
class Records:
    """All source keys, numbered from 0 in their order as text.

    source_key, key: text by number. entry: which of `entries`, by number. parent: the number of the record above, NONE
    without one, MISSING where it names one that does not exist. type: COMPANY, PERSON or UNKNOWN. copies: how many rows
    share the key. rows: entry -> the number of each row of its dataset, NONE where the key is empty.
    """

    entries: tuple[str, ...]
    source_key: pa.LargeStringArray
    key: pa.LargeStringArray
    entry: npt.NDArray[np.int16]
    parent: Numbers
    type: npt.NDArray[np.int8]
    copies: Numbers
    rows: dict[str, Numbers]

    def __len__(self) -> int:
        return len(self.source_key)

    def name(self, number: int) -> str:
        """The source key of one record."""
        return str(self.source_key[number].as_py())

    def numbers(self, names: pa.Array | pa.ChunkedArray) -> Numbers:
        """The number of each source key, NONE where there is no such record."""
        return np.asarray(pc.fill_null(pc.index_in(names, value_set=self.source_key), NONE), dtype=np.int32)

    def number(self, name: str) -> int:
        """The number of a source key, NONE where there is no such record."""
        return int(pc.index(self.source_key, name).as_py())


def number_records(
    connection: duckdb.DuckDBPyConnection, datasets: Sequence[Dataset], entries: dict[str, Entry]
) -> Records:
    """Number the records of all entries and find each one's parent.

    Leaves the table `records(number, entry, key)` in the connection, for joins by key.
    """
    names = tuple(entries)
    connection.execute(
        "CREATE OR REPLACE TABLE legacy (entry SMALLINT, row INT, key VARCHAR, parent VARCHAR, type TINYINT)"
    )
    for code, name in enumerate(names):
        _load(connection, code, entries[name], next(d for d in datasets if d.name == name))
    connection.execute("CREATE OR REPLACE TABLE entries (entry SMALLINT, name VARCHAR, parent SMALLINT)")
    parents = [names.index(p.of) if (p := entries[name].parent) else None for name in names]
    connection.executemany(
        "INSERT INTO entries VALUES (?, ?, ?)", list(zip(range(len(names)), names, parents, strict=True))
    )
    connection.execute(
        """CREATE OR REPLACE TABLE records AS
           SELECT (row_number() OVER (ORDER BY source_key) - 1)::INT AS number, * FROM (
               SELECT entry, key, e.name || ':' || key AS source_key, e.parent AS parent_entry, count(*)::INT AS copies,
                      min(l.parent) AS parent, CASE WHEN min(type) = max(type) THEN min(type) ELSE -1 END AS type
               FROM legacy l JOIN entries e USING (entry) WHERE key IS NOT NULL GROUP BY ALL)"""
    )
    table = connection.sql(
        f"""SELECT r.source_key, r.key, r.entry, r.type, r.copies,
                   CASE WHEN r.parent IS NULL THEN {NONE} ELSE coalesce(p.number, {MISSING}) END::INT AS parent
            FROM records r LEFT JOIN records p ON p.entry = r.parent_entry AND p.key = r.parent ORDER BY r.number"""
    ).to_arrow_table()
    rows = {}
    for code, name in enumerate(names):
        numbers = connection.execute(
            f"""SELECT coalesce(r.number, {NONE})::INT AS number FROM legacy l LEFT JOIN records r USING (entry, key)
                WHERE l.entry = {code} ORDER BY l.row"""
        ).fetchnumpy()["number"]
        rows[name] = np.asarray(numbers, dtype=np.int32)
    connection.execute("DROP TABLE legacy")
    return Records(
        entries=names,
        source_key=_texts(table["source_key"]),
        key=_texts(table["key"]),
        entry=_array(table["entry"], np.int16),
        parent=_array(table["parent"], np.int32),
        type=_array(table["type"], np.int8),
        copies=_array(table["copies"], np.int32),
        rows=rows,
    )


def _load(connection: duckdb.DuckDBPyConnection, code: int, entry: Entry, dataset: Dataset) -> None:
    columns = {"key": entry.key}
    if entry.parent:
        columns["parent"] = entry.parent.column
    if isinstance(entry.type, TypeColumn):
        columns["type"] = entry.type.column
    load_columns(connection, "loaded", dataset.path, columns)
    parent = "parent" if entry.parent else "NULL"
    if isinstance(entry.type, TypeColumn):
        connection.execute(
            f"""INSERT INTO legacy SELECT {code}, row, key, {parent},
                CASE WHEN list_contains(?, type) THEN {COMPANY} WHEN list_contains(?, type) THEN {PERSON}
                ELSE {UNKNOWN} END FROM loaded""",
            [list(entry.type.company), list(entry.type.person)],
        )
    else:
        connection.execute(f"INSERT INTO legacy SELECT {code}, row, key, {parent}, {TYPES[entry.type]} FROM loaded")
    connection.execute("DROP TABLE loaded")


def _texts(column: pa.ChunkedArray) -> pa.LargeStringArray:
    return pc.cast(column, pa.large_string()).combine_chunks()


def _array(column: pa.ChunkedArray, dtype: type[T]) -> npt.NDArray[T]:
    return np.asarray(column.to_numpy(), dtype=dtype)


def faults_of_keys(
    records: Records, datasets: Sequence[Dataset], entries: dict[str, Entry]
) -> Iterator[tuple[int, Fault]]:
    """Give the faults that only show when all keys are known, with the record's number: a fault for each row.

    The number is NONE for rows without a key.
    """
    for dataset in datasets:
        if dataset.name not in entries:
            continue
        entry, numbers = entries[dataset.name], records.rows[dataset.name]
        for row in np.flatnonzero(numbers == NONE):
            yield (
                NONE,
                _fault(
                    dataset,
                    int(row),
                    entry.key,
                    "missing-key",
                    stored("the key is empty"),
                    stored("enter a key for the record in the source"),
                ),
            )
        keyed = np.flatnonzero(numbers != NONE)
        for row in keyed[records.copies[numbers[keyed]] > 1]:
            number = int(numbers[row])
            reason = stored("{n} rows have the same key", n=records.copies[number])
            advice = stored("in the source, keep one of these rows or give each its own key")
            yield (
                number,
                _fault(dataset, int(row), entry.key, "duplicate-key", reason, advice, records.key[number].as_py()),
            )
        yield from _faults_of_columns(records, dataset, entries, numbers)


def _faults_of_columns(
    records: Records, dataset: Dataset, entries: Mapping[str, Entry], numbers: Numbers
) -> Iterator[tuple[int, Fault]]:
    entry = entries[dataset.name]
    first = _first_rows(numbers, len(records))
    in_entry = first >= 0
    long = np.asarray(pc.greater(pc.utf8_length(records.source_key), MAX_SOURCE_KEY))
    unknown = records.type == UNKNOWN
    for number in np.flatnonzero(in_entry & (long | unknown | (records.parent == MISSING))):
        row, key = int(first[number]), records.key[int(number)].as_py()
        if long[number]:
            reason, advice = (
                stored("the key is longer than {n} characters", n=MAX_SOURCE_KEY),
                stored("give the record a shorter key in the source"),
            )
            yield int(number), _fault(dataset, row, entry.key, "key-too-long", reason, advice, key)
        if unknown[number] and isinstance(entry.type, TypeColumn):
            company, person = (" or ".join(map(repr, words)) for words in (entry.type.company, entry.type.person))
            reason = stored(
                "the column says neither {quoted_company} nor {quoted_person}",
                quoted_company=company,
                quoted_person=person,
            )
            yield (
                int(number),
                _fault(
                    dataset,
                    row,
                    entry.type.column,
                    "unknown-type",
                    reason,
                    stored("enter one of these in the source, or name the value under type in the config"),
                    key,
                ),
            )
        if records.parent[number] == MISSING and entry.parent and entry.parent.missing == "reject":
            reason = _missing_parent(entry.parent.of, entries)
            advice = stored("correct the column in the source, or clear it if the record belongs to no other")
            yield int(number), _fault(dataset, row, entry.parent.column, "parent-missing", reason, advice, key)


def _missing_parent(above: str, entries: Mapping[str, Entry]) -> str:
    """What is wrong with a parent that was not read: it may be there, where only some records are."""
    if entries[above].where is None:
        return stored("the column names a record that does not exist in {entry}", entry=above)
    return stored("the column names a record that {entry} does not have, or that its `where` leaves out", entry=above)


def _first_rows(numbers: Numbers, count: int) -> Numbers:
    first = np.full(count, NONE, dtype=np.int32)
    rows = np.flatnonzero(numbers >= 0)[::-1]
    first[numbers[rows]] = rows
    return first


def fault_of_circle(records: Records, number: int) -> Fault:
    """The fault of a record whose parents lead back to itself."""
    return Fault(
        records.entries[records.entry[number]], None, records.name(number), None, "parent-circle",
        stored("the chain of its parents leads back to the record itself"),
        stored("correct one of these parents in the source"),
        records.key[number].as_py(),
    )  # fmt: skip


def _fault(
    dataset: Dataset, row: int, column: str, code: str, reason: str, advice: str, key: str | None = None
) -> Fault:
    place = stored("{table}, row {n}", table=excerpt(dataset.table), n=row + 1)
    return Fault(dataset.name, row, place, column, code, reason, advice, key)
