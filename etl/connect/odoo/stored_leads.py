"""Leads read back from an Odoo, in the words of lead fields."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import pandas as pd
import pyarrow as pa

from etl.connect.odoo.client import Odoo
from etl.connect.odoo.fields import LEAD, NOTE, LeadFields
from etl.connect.target import Html, Stored

AT_ONCE = 500
"""Leads that are read in one call."""


class StoredLeads:
    """The leads of an Odoo as they stand."""

    def __init__(self, odoo: Odoo, leads: LeadFields, html: Html) -> None:
        self._odoo, self._leads, self._html = odoo, leads, html

    def existing(self) -> Iterator[pa.Table]:
        """Stream all that are active: `id`, and the lead fields but the note."""
        names = [name for name in self._leads.limits() if name not in ("note", "do_not_contact")]
        fields_to_read = self._leads.read_fields(names)
        for rows in _batched(self._odoo.rows(LEAD, [["active", "=", True]], fields_to_read), AT_ONCE):
            values = self._leads.stored(rows, names)
            columns = {name: pa.array(values[name], pa.large_string()) for name in names}
            yield pa.table({"id": pa.array([str(row["id"]) for row in rows], pa.large_string()), **columns})

    def read(self, ids: Sequence[int], fields: Collection[str] | None) -> Stored:
        """Read those leads of some ids that exist; all of their fields if `fields` is None."""
        names = [name for name in self._leads.limits() if name != "note" and (fields is None or name in fields)]
        fields_to_read = [NOTE, *self._leads.read_fields(names)]
        rows: list[dict[str, Any]] = []
        for first in range(0, len(ids), AT_ONCE):
            domain = [["id", "in", ids[first : first + AT_ONCE]]]
            rows += self._odoo.call(LEAD, "search_read", {"domain": domain, "fields": fields_to_read, "order": "id"})
        values = self._leads.stored(rows, names)
        notes = [row[NOTE] or "" for row in rows]
        columns: dict[str, Any] = {
            name: pa.array(values, pa.bool_() if name == "do_not_contact" else pa.large_string())
            for name, values in values.items()
        }
        columns["note"] = pa.array(
            [self._html.read(note) if self._leads.html else note for note in notes], pa.large_string()
        )
        table = pa.table({"id": pa.array([str(row["id"]) for row in rows], pa.large_string()), **columns})
        parts = pd.DataFrame({"lead": [], "number": [], "text": []}).astype({"lead": "str", "text": "str"})
        return Stored(table.to_pandas().set_index("id"), parts)


def _batched(rows: Iterator[dict[str, Any]], size: int) -> Iterator[list[dict[str, Any]]]:
    """Some rows at a time; itertools has it from Python 3.12 on."""
    while some := list(itertools.islice(rows, size)):
        yield some
