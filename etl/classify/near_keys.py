"""Keys that name no record and nearly do: how many rows would find theirs if `normalize` brought keys to one form."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.classify.families import Mask
from etl.classify.join import Joined
from etl.classify.records import NONE, Numbers
from etl.plan.figures import WouldMeet
from etl.rows.keys import TEXT, normalized
from etl.rows.near_keys import LOOSEST, TRIED, cured_by, most_first


def would_meet(connection: duckdb.DuckDBPyConnection, joined: Joined, lost: Mask) -> tuple[tuple[WouldMeet, ...], int]:
    """What would help rows that name a record which does not exist: first what helps most, then what helps others.

    And how many rows any of it helps. lost: such rows of those that count.
    """
    cured = {steps: np.zeros(len(lost), dtype=np.bool_) for steps in TRIED}
    if lost.any():
        for rows, keys, known, _ in _by_entry(connection, joined, lost):
            for steps, meeting in cured_by(keys, known):
                cured[steps][rows[meeting]] = True
    helped = int(np.count_nonzero(np.logical_or.reduce(list(cured.values()))))
    return tuple(WouldMeet(steps, rows) for steps, rows in most_first(cured, len(lost))), helped


def nearly_linked(connection: duckdb.DuckDBPyConnection, joined: Joined, counted: Mask) -> tuple[Mask, Numbers]:
    """The rows that would name a record if keys were brought to one form, and the numbers of these records.

    counted: the rows that count. A table of links may lead such a row to a record that does not exist.
    """
    rows, numbers = np.zeros(len(counted), dtype=np.bool_), [np.zeros(0, dtype=np.int32)]
    led = connection.execute(
        f"""SELECT n.row, coalesce(r.number, {NONE})::INT AS number
            FROM near_{joined.id} n LEFT JOIN records r USING (entry, key) ORDER BY ALL"""
    ).fetchnumpy()
    counting = counted[led["row"]]
    rows[led["row"][counting]] = True
    numbers.append(np.asarray(led["number"][counting & (led["number"] != NONE)], dtype=np.int32))
    for places, keys, known, known_numbers in _by_entry(connection, joined, counted):
        for steps in LOOSEST:
            wanted, had = normalized(keys, steps), normalized(known, steps)
            rows[places[np.asarray(pc.is_in(wanted, had.drop_null(), skip_nulls=True))]] = True
            numbers.append(known_numbers[np.asarray(pc.is_in(had, wanted.drop_null(), skip_nulls=True))])
    return rows, np.unique(np.concatenate(numbers))


def _by_entry(
    connection: duckdb.DuckDBPyConnection, joined: Joined, lost: Mask
) -> Iterator[tuple[np.ndarray[tuple[int], np.dtype[np.int64]], pa.Array, pa.Array, Numbers]]:
    """For each entry that is named in vain: the rows, the keys in them, and the keys and numbers of its records."""
    entries = connection.execute(
        f"SELECT DISTINCT entry FROM lost_{joined.id} WHERE key IS NOT NULL ORDER BY entry"
    ).fetchall()
    for (entry,) in entries:
        keys = f"SELECT row, key FROM lost_{joined.id} WHERE entry = {entry} AND key IS NOT NULL"
        named = connection.sql(keys).to_arrow_table()
        named = named.filter(pa.array(lost[np.asarray(named["row"])]))
        if not len(named):
            continue
        known = connection.sql(f"SELECT key, number FROM records WHERE entry = {entry}").to_arrow_table()
        numbers = np.asarray(known["number"], dtype=np.int32)
        yield np.asarray(named["row"], dtype=np.int64), _keys(named), _keys(known), numbers


def _keys(table: pa.Table) -> pa.Array:
    return pa.concat_arrays([pa.array([], TEXT), *(chunk.cast(TEXT) for chunk in table["key"].chunks)])
