"""The columns that lead fields are made of, fetched for all leads of a chunk at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from etl.model import Chunk
from etl.transform.arrow_text import arrow, empty, text
from etl.transform.templates import Reference

Rows = dict[str, pa.Array]
"""Entry -> for each lead the row of its record in that entry, null where its record is of another entry."""


class LeadValues:
    """Gives a referenced column for all leads, in their order.

    Where a lead could take its contact from several persons, it takes the first by source key who did not opt out, if
    there is one.
    """

    def __init__(
        self,
        chunk: Chunk,
        members: pd.DataFrame,
        layout: pd.DataFrame,
        columns: Mapping[str, Sequence[str]],
        opted_out: pa.Array | None = None,
        reaching: frozenset[str] = frozenset(),
    ) -> None:
        """chunk, members, layout: as `transform` has them; columns: entry -> its source columns; opted_out: the source
        keys of those who did, nobody if left out; reaching: the columns of contacts by which leads reach them."""
        self.leads = pd.Index(layout["lead"].drop_duplicates(), name="lead", dtype="str")
        self._chunk = chunk
        self._columns = {entry: frozenset(columns.get(entry, ())) for entry in chunk.records}
        own = members.reindex(self.leads)
        self.company_keys = arrow(own["company"])
        self._opted_out = empty(0) if opted_out is None else opted_out
        self.contact_keys = arrow(_first_contacts(layout, self._opted_out, chunk, reaching).reindex(self.leads))
        self._rows = {
            "own": self._find(arrow(self.leads.to_series())),
            "contact": self._find(self.contact_keys),
            "company": self._find(self.company_keys),
        }
        self._fetched: dict[Reference, pa.Array] = {}

    def _find(self, wanted: pa.Array) -> Rows:
        return {
            entry: pc.index_in(wanted, value_set=arrow(frame.index.to_series()), skip_nulls=True)
            for entry, frame in self._chunk.records.items()
            if len(frame)
        }

    def __getitem__(self, reference: Reference) -> pa.Array:
        """The column's values as they stand in the source, one a lead, null where there is none."""
        if reference not in self._fetched:
            self._fetched[reference] = self._fetch(reference)
        return self._fetched[reference]

    def belongs_to_opted_out(self, reference: Reference) -> pa.Array:
        """Whether the column's value, of each lead, is that of a record which opted out."""
        keys = {"contact": self.contact_keys, "company": self.company_keys}.get(reference.role)
        if keys is not None:
            return self._flags(keys)
        lacks = pa.array(self._entry_lacks(reference.column))
        return pc.if_else(lacks, self._flags(self.company_keys), self.opted_out)

    @property
    def somebody_opted_out(self) -> bool:
        """Whether one of the chunk's records opted out."""
        return len(self._opted_out) > 0

    @cached_property
    def opted_out(self) -> pa.Array:
        """Whether the lead's own record opted out."""
        return self._flags(arrow(self.leads.to_series()))

    def _flags(self, keys: pa.Array) -> pa.Array:
        return pc.is_in(keys, value_set=self._opted_out)

    def _fetch(self, reference: Reference) -> pa.Array:
        candidates = [empty(len(self.leads)), *self._take(self._rows[reference.role], reference.column)]
        if reference.role == "own":
            lacks = self._entry_lacks(reference.column)
            if lacks.any():
                company = self._take(self._rows["company"], reference.column)
                candidates += [pc.if_else(pa.array(lacks), values, text(None)) for values in company]
        return pc.coalesce(*candidates)

    def _take(self, rows: Rows, name: str) -> list[pa.Array]:
        return [
            arrow(self._chunk.records[entry][name]).take(positions)
            for entry, positions in rows.items()
            if name in self._columns[entry] and positions.null_count < len(positions)
        ]

    def _entry_lacks(self, name: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Whether the entry of each lead's own record has no such column."""
        lacks = np.zeros(len(self.leads), dtype=bool)
        for entry, positions in self._rows["own"].items():
            if name not in self._columns[entry]:
                lacks |= pc.is_valid(positions).to_numpy(zero_copy_only=False)
        return lacks


class Reachable:
    """The same values, but none of a record that opted out."""

    def __init__(self, values: LeadValues) -> None:
        self._values = values
        self.leads = values.leads

    def __getitem__(self, reference: Reference) -> pa.Array:
        """The column's values, null where they are of a record that opted out."""
        return pc.if_else(self._values.belongs_to_opted_out(reference), text(None), self._values[reference])


def _first_contacts(
    layout: pd.DataFrame, opted_out: pa.Array, chunk: Chunk, reaching: frozenset[str]
) -> pd.Series[str]:
    """Lead key -> the lead itself if it is a person, else the person in it with the lowest source key.

    Where somebody of the lead opted out, a person who did stands behind all others, and before them one whose columns
    `reaching` are empty.
    """
    is_person = ((layout["type"] == "person") & layout["see"].isna()).to_numpy()
    persons = layout[is_person]
    out = np.asarray(pc.is_in(arrow(layout["source_key"]), value_set=opted_out))
    if out.any():
        with_some_out = pc.is_in(arrow(persons["lead"]), value_set=arrow(layout["lead"][out]))
        concerned = np.asarray(with_some_out) & (persons["lead"] != persons["source_key"]).to_numpy()
        silent = ~np.asarray(pc.is_in(arrow(persons["source_key"]), value_set=_reachable(chunk, reaching)))
        persons = persons.iloc[np.lexsort((silent & concerned, out[is_person] & concerned))]
    return persons.drop_duplicates("lead").set_index("lead")["source_key"]


def _reachable(chunk: Chunk, columns: frozenset[str]) -> pa.Array:
    """The source keys of the records with a value in one of some columns."""
    reachable = [empty(0)]
    for frame in chunk.records.values():
        filled = frame[list(columns & {*frame.columns})].notna().any(axis=1)
        reachable.append(arrow(frame.index.to_series()).filter(pa.array(filled.to_numpy(dtype=bool))))
    return pa.concat_arrays(reachable)
