"""Take what one record gave out of leads that are written: the block of their notes, and values of their fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from etl.connect.sql.append import ExistingLead, read_lead, write_lead
from etl.connect.sql.rows import lead_rows, typed_ids
from etl.connect.sql.tables import LeadTable
from etl.connect.sql.undo import Undo, Written
from etl.connect.target import Amended, Amending, Amendment, replaced

if TYPE_CHECKING:
    import pandas as pd

EDITED = "the block of its note was edited"


@dataclass(frozen=True)
class _Change:
    """A lead that is to be written: the columns that change, and all parts of its note."""

    lead: str
    own: int | str
    columns: Mapping[str, Any]
    notes: Sequence[str]
    untouched: bool


class SqlAmending:
    """Amends leads within one transaction: first they are judged, then all are written."""

    def __init__(self, connection: sa.Connection, table: LeadTable, undo: Undo, how: Amending) -> None:
        self._connection, self._table, self._undo, self._how = connection, table, undo, how
        self._changes: list[_Change] = []
        self._removals: list[Written] = []

    def judged(self, amendments: Sequence[Amendment], rows: Mapping[str, Any]) -> Amended:
        """Say which cannot be amended. rows: lead key -> its row in the ledger, of those that the plan wrote.

        A lead that is not there any more has nothing to lose.
        """
        edited: dict[str, str] = {}
        kept: dict[str, tuple[str, ...]] = {}
        for amendment in amendments:
            row = rows.get(amendment.lead)
            if row is None:
                continue
            [own] = typed_ids(self._table, [row.lead_id])
            existing = read_lead(self._connection, self._table, own)
            if existing is None:
                continue
            if amendment.after is None:
                edited |= self._judged_removal(Written(amendment.lead, own, row.state, None))
                continue
            note = amended_note(self._how.joined(existing.notes), amendment)
            if note is None:
                edited[amendment.lead] = EDITED
                continue
            columns, people = self._fields(amendment, amendment.after, existing)
            kept |= {amendment.lead: people} if people else {}
            untouched = row.state is not None and row.state == self._state(own)
            self._changes.append(_Change(amendment.lead, own, columns, self._how.cut(note), untouched))
        leads = (*(change.lead for change in self._changes), *(removal.key for removal in self._removals))
        return Amended(leads, edited, kept)

    def write(self) -> dict[str, str]:
        """Write what was judged; gives lead key -> the state of its other columns, of those nobody has worked with."""
        states = {}
        for change in self._changes:
            columns = {**change.columns, self._table.columns["note"]: change.notes[0]}
            write_lead(self._connection, self._table, change.own, columns, change.notes)
            if change.untouched:
                states[change.lead] = self._state(change.own)
        if self._removals:
            self._undo.take_back(self._removals, self._undo.judged(self._removals, self._how.judge, frozenset()))
        return states

    def _judged_removal(self, lead: Written) -> Mapping[str, str]:
        """Why a lead cannot be removed; nothing where it can."""
        judged = self._undo.judged([lead], self._how.judge, frozenset())
        if not judged.kept:
            self._removals.append(lead)
        return judged.kept

    def _state(self, own: int | str) -> str:
        return self._undo.states([own], everything=False).get(own, "")

    def _fields(
        self, amendment: Amendment, after: pd.DataFrame, existing: ExistingLead
    ) -> tuple[dict[str, Any], tuple[str, ...]]:
        """The columns that get new values, and the fields that differ from the plan and so stay."""
        [row], kept = lead_rows(after, self._table).to_pylist(), list[str]()
        columns: dict[str, Any] = {}
        for name in (name for name in self._table.columns if name in after.columns and name != "note"):
            frames = amendment.before.iloc[0], after.iloc[0], existing.fields
            old, new, now = (_text(values[name]) for values in frames)
            if old != new and self._same(name, now, old):
                columns[self._table.columns[name]] = row[self._table.columns[name]]
            elif old != new and not self._same(name, now, new):
                kept.append(name)
        return columns, tuple(kept)

    def _same(self, name: str, text: str, other: str) -> bool:
        return text == other or self._how.same(name, text, other)


def amended_note(note: str, amendment: Amendment) -> str | None:
    """A note with the new block in the place of the old one; None where neither of them stands in it as it is."""
    before, after = amendment.blocks
    new = replaced(note, before, after)
    return note if new is None and after in note else new


def _text(value: Any) -> str:
    import pandas as pd

    return "" if pd.isna(value) else str(value)
