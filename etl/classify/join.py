"""Join the rows of one table to the records they name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb
import numpy as np
import pyarrow as pa

from etl.classify.families import Mask
from etl.classify.records import NONE, Numbers, Records
from etl.config.shapes import lost_column, near_column
from etl.model import Dataset, damaged_rows
from etl.plan.tables import batches, load_columns
from etl.rows.lists import rows_of_lists


@dataclass(frozen=True)
class Joined:
    """The rows of one dataset, joined to records by key.

    owner: the number of the record that each row belongs to, NONE where it names none that exists; where it names
    several, the first in the order of `of`. damaged: rows that cannot be trusted; they belong to no record. In DuckDB
    the join left `pairs_<id>(row, link, number)`, a row for each record that is named, and `lost_<id>(row, entry,
    key)`, a row for each link that met no record, and with no key one for each made link whose columns are filled and
    lead to none, where the row names no record by another; and `near_<id>(row, entry, key)`, a row for each record that
    a row would name if its key met a table between the two.
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
    for entry, column in links:
        if lost_column(column) in dataset.columns:
            load_columns(connection, "loaded", dataset.path, {"lost": lost_column(column)})
            connection.execute(
                f"""INSERT INTO lost_{id} SELECT row, {records.entries.index(entry)}, NULL FROM loaded
                    ANTI JOIN pairs_{id} USING (row) WHERE lost IS NOT NULL"""
            )
    _load_near(connection, dataset, links, records, id)
    connection.execute("DROP TABLE loaded; DROP TABLE linked")
    owner = _owners(connection, f"SELECT row, min_by(number, link)::INT AS number FROM pairs_{id}", dataset.rows)
    damaged = damaged_rows(dataset.faults, dataset.rows)
    return Joined(dataset, np.where(damaged, np.int32(NONE), owner), damaged, id)


def _load_near(
    connection: duckdb.DuckDBPyConnection, dataset: Dataset, links: Sequence[tuple[str, str]], records: Records, id: int
) -> None:
    """Make the table of the records that rows would name."""
    connection.execute(f"CREATE OR REPLACE TABLE near_{id} (row INT, entry SMALLINT, key VARCHAR)")
    for entry, column in links:
        start = 0
        near = near_column(column)
        for batch in batches(dataset.path, [near]) if near in dataset.columns else ():
            rows, keys = rows_of_lists(batch.column(0))
            start += len(batch)
            if len(rows):
                connection.register("listed", pa.table({"row": rows + start - len(batch), "key": keys}))
                code = records.entries.index(entry)
                connection.execute(f"INSERT INTO near_{id} SELECT row, {code}, key FROM listed")
                connection.unregister("listed")


def _owners(connection: duckdb.DuckDBPyConnection, query: str, rows: int) -> Numbers:
    """The record number of each row of a dataset, from a query that gives some rows' number; NONE for the others."""
    pairs = connection.execute(f"SELECT * FROM ({query} GROUP BY ALL) ORDER BY row").fetchnumpy()
    owner = np.full(rows, NONE, dtype=np.int32)
    owner[np.asarray(pairs["row"])] = np.asarray(pairs["number"], dtype=np.int32)
    return owner


def records_named_by(connection: duckdb.DuckDBPyConnection, joined: Joined, rows: Mask) -> Numbers:
    """The numbers of all records that some rows name, damaged rows as well."""
    if not rows.any():
        return np.zeros(0, dtype=np.int32)
    load_rows(connection, rows)
    query = f"SELECT DISTINCT number FROM pairs_{joined.id} SEMI JOIN counted USING (row) ORDER BY number"
    return np.asarray(connection.execute(query).fetchnumpy()["number"], dtype=np.int32)


def prefer_owners(connection: duckdb.DuckDBPyConnection, joined: Joined, preferred: Mask) -> Joined:
    """Assign each row to the first preferred record that it names; rows that name none keep their owner."""
    load_rows(connection, preferred)
    chosen = _owners(
        connection,
        f"""SELECT p.row, min_by(number, link)::INT AS number
            FROM pairs_{joined.id} p SEMI JOIN counted c ON c.row = p.number""",
        joined.dataset.rows,
    )
    owner = np.where((chosen != NONE) & ~joined.damaged, chosen, joined.owner)
    return replace(joined, owner=owner)


def load_rows(connection: duckdb.DuckDBPyConnection, rows: Mask, days: Numbers | None = None) -> None:
    """Make the DuckDB table `counted(row, day)` of the rows that a mask chooses."""
    numbers = np.flatnonzero(rows).astype(np.int32)
    day = np.zeros(len(numbers), dtype=np.int32) if days is None else days[rows]
    table = pa.table({"row": numbers, "day": day})
    connection.register("chosen_rows", table)
    connection.execute("CREATE OR REPLACE TEMP TABLE counted AS SELECT * FROM chosen_rows")
    connection.unregister("chosen_rows")
