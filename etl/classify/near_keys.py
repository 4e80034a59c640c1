"""Keys that name no record and nearly do: how many rows would find theirs if `normalize` brought keys to one form."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.classify.families import Mask
from etl.classify.join import Joined
from etl.classify.records import Numbers
from etl.config.links import Step
from etl.plan.figures import WouldMeet
from etl.rows.keys import TEXT, normalized

TRIED: tuple[tuple[Step, ...], ...] = (
    ("trim",),
    ("upper",),
    ("leading_zeros",),
    ("trim", "upper"),
    ("trim", "leading_zeros"),
    ("number",),
    ("salesforce_18",),
    ("trim", "salesforce_18"),
)
"""What `normalize` may say; the first of those that do the same is told. `upper` does what `lower` would."""
LOOSEST: tuple[tuple[Step, ...], ...] = (("trim", "number", "leading_zeros", "upper"), ("trim", "salesforce_18"))
"""Keys that meet by one of the tried meet by one of these: few records are left to try the others on."""


def would_meet(connection: duckdb.DuckDBPyConnection, joined: Joined, lost: Mask) -> tuple[WouldMeet, ...]:
    """What would help rows that name a record which does not exist: first what helps most, then what helps others.

    lost: such rows of those that count.
    """
    cured = {steps: np.zeros(len(lost), dtype=np.bool_) for steps in TRIED}
    if lost.any():
        for rows, keys, known, _ in _by_entry(connection, joined, lost):
            distinct = keys.dictionary_encode()
            for steps, meeting in _named_by(distinct.dictionary, known):
                cured[steps][rows[meeting[np.asarray(distinct.indices)]]] = True
    return tuple(_most_first(cured, len(lost)))


def nearly_named(connection: duckdb.DuckDBPyConnection, joined: Joined, rows: Mask) -> Numbers:
    """The numbers of the records that some rows would name if keys were brought to one form. rows: those that count."""
    near = [np.zeros(0, dtype=np.int32)]
    for _, keys, known, numbers in _by_entry(connection, joined, rows):
        wanted = keys.unique()
        for steps in LOOSEST:
            meeting = pc.is_in(normalized(known, steps), normalized(wanted, steps).drop_null())
            near.append(numbers[np.asarray(meeting)])
    return np.unique(np.concatenate(near))


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


def _named_by(wanted: pa.Array, known: pa.Array) -> Iterator[tuple[tuple[Step, ...], Mask]]:
    """Which of some keys would name one record, by what is tried. Two records that would have one key count as none."""
    near = [pc.is_in(normalized(known, steps), normalized(wanted, steps)) for steps in LOOSEST]
    known = known.filter(pc.or_(*near))
    if not len(known):
        return
    for steps in TRIED:
        counts = pc.value_counts(normalized(known, steps).drop_null())
        once = counts.field("values").filter(pc.equal(counts.field("counts"), 1))
        yield steps, np.asarray(pc.is_in(normalized(wanted, steps), once))


def _most_first(cured: dict[tuple[Step, ...], Mask], rows: int) -> Iterator[WouldMeet]:
    left = np.ones(rows, dtype=np.bool_)
    while True:
        steps = max(TRIED, key=lambda tried: int(np.count_nonzero(cured[tried] & left)))
        if not (cured[steps] & left).any():
            return
        yield WouldMeet(steps, int(np.count_nonzero(cured[steps])))
        left &= ~cured[steps]
