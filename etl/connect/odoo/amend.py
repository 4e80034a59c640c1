"""Take what one record gave out of leads that are written in Odoo: of their notes, their fields and their files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from etl.connect.odoo.attachments import detach
from etl.connect.odoo.client import SILENT, Odoo
from etl.connect.odoo.fields import FLAGS, LEAD, NOTE, LeadFields
from etl.connect.target import Amended, Amending, Amendment, Html, LeadFile, replaced

if TYPE_CHECKING:
    import pandas as pd

EDITED = "the block of its note was edited"


@dataclass(frozen=True)
class _Change:
    """A lead that is to be written: the values of its fields, and the files that it loses."""

    lead: str
    own: int
    values: Mapping[str, Any]
    files: Sequence[LeadFile]


class OdooAmending:
    """Amends leads: first all are judged, then each is written in one call, which is a transaction.

    No call of Odoo writes several leads in different ways. So each step may be done again: a lead that is as it is to
    be is not written, a file that is gone is not looked for, and the ledger is written last.
    """

    def __init__(self, odoo: Odoo, fields: LeadFields, html: Html, how: Amending) -> None:
        self._odoo, self._fields, self._how = odoo, fields, how
        self._read = html.read if fields.html else str
        self._replace = html.replace if fields.html else replaced
        self._changes: list[_Change] = []
        self.removals: list[int] = []

    def judged(self, amendments: Sequence[Amendment], ids: Mapping[str, int], edits: Mapping[str, str]) -> Amended:
        """Say which cannot be amended. ids: lead key -> id, of those that are there; edits: why one cannot be removed.

        A lead that is not there any more has nothing to lose.
        """
        edited: dict[str, str] = {}
        kept: dict[str, tuple[str, ...]] = {}
        customers: dict[str, str] = {}
        done: list[str] = []
        rows = self._rows(list(ids.values()))
        for amendment in amendments:
            lead = amendment.lead
            row = rows.get(ids.get(lead, 0))
            if row is None:
                continue
            note = None if amendment.after is None else self._note(row[NOTE] or "", amendment)
            if amendment.after is None and lead in edits:
                edited[lead] = edits[lead]
            elif amendment.after is None:
                self.removals.append(row["id"])
                done.append(lead)
            elif note is None:
                edited[lead] = EDITED
            else:
                values, people = self._values(amendment, amendment.after, row)
                values |= {NOTE: note} if note != (row[NOTE] or "") else {}
                kept |= {lead: people} if people else {}
                customers |= {lead: str(row["partner_id"][0])} if row["partner_id"] else {}
                self._changes.append(_Change(lead, row["id"], values, amendment.files))
                done.append(lead)
        return Amended(tuple(done), edited, kept, customers)

    @property
    def written(self) -> list[str]:
        """The leads of which a value is to be written."""
        return [change.lead for change in self._changes if change.values]

    def write(self, again: Callable[[Callable[[], None]], None]) -> None:
        """Write what was judged. again: does some work, and once more where bad luck ended it."""
        for change in self._changes:
            again(lambda change=change: self._write(change))  # type: ignore[misc]

    def _write(self, change: _Change) -> None:
        if change.values:
            vals = {"vals": dict(change.values)}
            self._odoo.call(LEAD, "write", vals, ids=[change.own], context=SILENT, again=True)
        detach(self._odoo, change.files, change.own)

    def _rows(self, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
        fields = [NOTE, "partner_id", *self._fields.read_fields(self._fields.limits())]
        domain = [["id", "in", list(ids)]]
        rows = self._odoo.call(LEAD, "search_read", {"domain": domain, "fields": list(dict.fromkeys(fields))})
        return {row["id"]: row for row in rows}

    def _note(self, stored: str, amendment: Amendment) -> str | None:
        """A note as it is to be stored; None where neither of the two blocks stands in it as it is."""
        before, after = amendment.blocks
        new = self._replace(stored, before, after)
        return stored if new is None and after in self._read(stored) else new

    def _values(
        self, amendment: Amendment, after: pd.DataFrame, row: Mapping[str, Any]
    ) -> tuple[dict[str, Any], tuple[str, ...]]:
        """The new values of a lead, and the fields that stay: people have changed them, or a customer has them."""
        names = [name for name in self._fields.limits() if name in after.columns and name != "note"]
        now = self._fields.stored([row], names)
        new, kept = list[str](), list[str]()
        for name in names:
            before, to_be = _text(amendment.before[name].iloc[0]), _text(after[name].iloc[0])
            stands = _text(now[name][0])
            if before == to_be or self._same(name, stands, to_be):
                continue
            mine = name in FLAGS or (not row["partner_id"] and self._same(name, stands, before))
            (new if mine else kept).append(name)
        return self._fields.amended(amendment.before, after, new) if new else {}, tuple(kept)

    def _same(self, name: str, text: str, other: str) -> bool:
        return text == other or self._how.same(name, text, other)


def _text(value: Any) -> str:
    import pandas as pd

    return "" if pd.isna(value) else str(value)
