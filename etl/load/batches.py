"""Cut a chunk of a plan into batches that a target can take: bounded in rows and bytes, long notes in parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from etl.connect.target import Batch, FieldLimit, LeadFile
from etl.errors import PlanError
from etl.note import join, split

ROWS, BYTES = 5_000, 16_000_000
"""The most leads in a batch, and the most bytes of notes; one lead alone may have more."""

Lengths = np.ndarray[Any, np.dtype[np.int64]]


def batches(
    leads: pd.DataFrame,
    members: pd.DataFrame,
    part: FieldLimit | None,
    files: Sequence[LeadFile] = (),
    *,
    rows: int = ROWS,
    size: int = BYTES,
) -> Iterator[Batch]:
    """Cut the leads of a chunk, with the legacy records that are moved with them.

    leads, members: of `Bundle.leads` and `Bundle.members`. part: the longest part of a note that the target takes.
    files: what is attached to the leads. Raises PlanError where a moved record has no lead, or a lead not its own
    record: its ledger row would be missing.
    """
    moved = members[members["lead"].notna()].filter(["lead", "contents"])
    owners = leads.index.get_indexer(pd.Index(moved["lead"]))
    own = np.zeros(len(leads), dtype=bool)
    own[owners[(moved.index == moved["lead"]) & (owners >= 0)]] = True
    if (owners < 0).any() or not own.all():
        key = moved.index[owners < 0][0] if (owners < 0).any() else leads.index[~own][0]
        record = "belongs to a lead that is" if (owners < 0).any() else "has a lead and is"
        raise PlanError(f"The plan is damaged: record {key} {record} not in its chunk.", where=key)
    order = np.argsort(owners, kind="stable")
    moved, owners = moved.iloc[order], owners[order]
    lengths = _lengths(leads["note"], "bytes")
    for first, last in _borders(lengths, rows, size):
        of = slice(*np.searchsorted(owners, [first, last]))
        some = _in_parts(leads.iloc[first:last], part)
        mine = tuple(file for file in files if file.lead in some[0].index) if files else ()
        yield Batch(*some, moved.iloc[of], partial(below, part=part), mine)


def below(stored: Sequence[str], note: Sequence[str], part: FieldLimit | None) -> list[str]:
    """Put a note below one that is stored, a blank line between.

    stored, note: their parts; part: the longest one that the target takes. Gives the parts of both together.
    """
    both = "\n\n".join(filter(None, (join(stored), join(note))))
    return [both] if part is None or part.length is None else split(both, part.length, part.unit)


def _borders(lengths: Lengths, rows: int, size: int) -> Iterator[tuple[int, int]]:
    first = total = 0
    for place, length in enumerate(lengths.tolist()):
        if place > first and (place - first == rows or total + length > size):
            yield first, place
            first, total = place, 0
        total += length
    if len(lengths):
        yield first, len(lengths)


def _lengths(texts: pd.Series[str], unit: str) -> Lengths:
    array = pa.array(texts, pa.large_string())
    lengths = pc.binary_length(array) if unit == "bytes" else pc.utf8_length(array)
    counted: Lengths = pc.fill_null(lengths, 0).to_numpy().astype(np.int64)
    return counted


def _in_parts(leads: pd.DataFrame, part: FieldLimit | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Split the notes that are longer than a part: the leads with the first parts, and the other parts."""
    rows: list[tuple[str, int, str]] = []
    if part is not None and part.length is not None:
        long = np.flatnonzero(_lengths(leads["note"], part.unit) > part.length)
        if len(long):
            notes = leads["note"].tolist()
            for place in long.tolist():
                notes[place], *others = split(notes[place], part.length, part.unit)
                rows += [(leads.index[place], number, text) for number, text in enumerate(others, 2)]
            leads = leads.assign(note=pd.array(notes, dtype="str"))
    return leads, pd.DataFrame(rows, columns=["lead", "number", "text"])
