"""The columns that lead fields are made of, fetched for all leads of a chunk at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
    """Gives a referenced column for all leads, in their order."""

    def __init__(
        self, chunk: Chunk, members: pd.DataFrame, layout: pd.DataFrame, columns: Mapping[str, Sequence[str]]
    ) -> None:
        """chunk, members, layout: as `transform` has them; columns: entry -> its source columns."""
        self.leads = pd.Index(layout["lead"].drop_duplicates(), name="lead", dtype="str")
        self._chunk = chunk
        self._columns = {entry: frozenset(columns.get(entry, ())) for entry in chunk.records}
        own = members.reindex(self.leads)
        self.company_keys = arrow(own["company"])
        self.contact_keys = arrow(_first_contacts(layout).reindex(self.leads))
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


def _first_contacts(layout: pd.DataFrame) -> pd.Series[str]:
    """Lead key -> the lead itself if it is a person, else the person in it with the lowest source key."""
    persons = layout[(layout["type"] == "person") & layout["see"].isna()]
    return persons.drop_duplicates("lead").set_index("lead")["source_key"]
