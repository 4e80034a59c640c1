"""Take leads back: remove those that this tool wrote, and give those that it added to their former values."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from etl.connect.sql.append import select_leads
from etl.connect.sql.ledger import KEY_LIST, KEYS_AT_ONCE
from etl.connect.sql.rows import state_of, stored_leads, stored_parts
from etl.connect.sql.tables import LeadTable, split_name
from etl.connect.target import Judge, Stored, TakenBack

WORKED_WITH = "somebody has worked with it: a column that crm-cleanup does not fill has changed"


@dataclass(frozen=True)
class Reference:
    """A table with a foreign key to the table of leads: who has a row there has been worked with."""

    table: str
    schema: str | None
    column: str


def references(inspector: sa.Inspector, table: LeadTable) -> list[Reference]:
    """The tables of the same schema that refer to the leads' id, but that of the notes' parts."""
    parts = None if table.parts is None else split_name(table.parts.table)[1]
    referring = []
    for name in inspector.get_table_names(table.schema):
        for key in inspector.get_foreign_keys(name, table.schema):
            if key["referred_table"] == table.name and key["referred_columns"] == [table.id] and name != parts:
                referring.append(Reference(name, table.schema, key["constrained_columns"][0]))
    return referring


@dataclass(frozen=True)
class Written:
    """What the ledger says of one lead that is to be taken back. id: as the table has it."""

    key: str
    id: int | str
    state: str | None
    former: str | None


class Undo:
    """Takes leads back within one transaction."""

    def __init__(self, connection: sa.Connection, table: LeadTable, refer: Sequence[Reference]) -> None:
        self._connection, self._table, self._refer = connection, table, refer

    def judged(self, written: Sequence[Written], judge: Judge, forced: frozenset[str]) -> TakenBack:
        """Say which leads nobody has touched; those that are forced are taken back in any case."""
        stored, states = self._read(written)
        kept = dict(judge(stored))
        for lead in written:
            if str(lead.id) in states and lead.former is None and lead.state not in (None, states[str(lead.id)][0]):
                kept.setdefault(lead.key, WORKED_WITH)
            if lead.former is not None and str(lead.id) in states:
                kept.pop(lead.key, None)  # it has values of its own; its state tells
                if lead.state != states[str(lead.id)][1]:
                    kept[lead.key] = "it existed before the plan, and somebody has changed it since"
        kept |= {key: reason for key, reason in self._referred(written).items() if key not in kept}
        kept = {key: reason for key, reason in kept.items() if key not in forced}
        gone = [lead.key for lead in written if str(lead.id) not in states]
        mine = tuple(lead.key for lead in written if lead.key not in kept and str(lead.id) in states)
        return TakenBack(mine, tuple(gone), kept)

    def take_back(self, written: Sequence[Written], judged: TakenBack) -> None:
        """Remove leads, and give those that were there before what they had; the ledger's rows are not touched."""
        mine = [lead for lead in written if lead.key in judged.leads]
        for lead in mine:
            if lead.former is not None:
                self._restore(lead.id, json.loads(lead.former))
        self._delete([lead.id for lead in mine if lead.former is None])

    def _read(self, written: Sequence[Written]) -> tuple[Stored, dict[str, tuple[str, str]]]:
        """The leads as they stand, locked, and of each the state of its other columns, and of all."""
        import pandas as pd

        table = self._table
        names = [*table.columns, *table.others]
        columns = [table.id, *table.columns.values(), *table.others]
        rows = self._rows(table.table(), columns, table.id, [lead.id for lead in written])
        further = table.parts_table()
        parts = (
            [] if further is None else self._rows(further, further.c.keys(), further.c.keys()[0], [r[0] for r in rows])
        )
        own = len(table.columns)
        by_id: dict[str, list[object]] = {}
        for row in sorted(parts, key=lambda part: (str(part[0]), int(part[1]))):
            by_id.setdefault(str(row[0]), []).extend(row[1:])
        states = {
            str(row[0]): (state_of(row[1 + own :]), state_of([*row[1:], *by_id.get(str(row[0]), [])])) for row in rows
        }
        leads = stored_leads([row[: own + 1] for row in rows], names[:own])
        keys = {str(lead.id): lead.key for lead in written}
        leads.index = pd.Index([keys[key] for key in leads.index], name="lead")
        further_parts = stored_parts(parts)
        return Stored(leads, further_parts.assign(lead=[keys[key] for key in further_parts["lead"]])), states

    def states(self, ids: Sequence[int | str], *, everything: bool) -> dict[int | str, str]:
        """The state of leads as they stand: of the columns that nothing fills, or of all with the note's parts."""
        written = [Written(str(lead_id), lead_id, None, None) for lead_id in ids]
        if everything:
            _, states = self._read(written)
            return {lead_id: states[str(lead_id)][1] for lead_id in ids if str(lead_id) in states}
        columns = [self._table.id, *self._table.others]
        rows = self._rows(self._table.table(), columns, self._table.id, ids)
        by_id = {str(row[0]): state_of(row[1:]) for row in rows}
        return {lead_id: by_id[str(lead_id)] for lead_id in ids if str(lead_id) in by_id}

    def _rows(self, source: sa.TableClause, names: Sequence[str], id: str, ids: Sequence[Any]) -> list[Any]:
        rows: list[Any] = []
        chosen = sa.select(*(source.c[name] for name in names))
        if source.name == self._table.name:
            chosen = select_leads(self._table, names)
        query = chosen.where(sa.column(id).in_(KEY_LIST)).with_for_update()
        for first in range(0, len(ids), KEYS_AT_ONCE):
            rows += self._connection.execute(query, {"keys": list(ids[first : first + KEYS_AT_ONCE])}).all()
        return rows

    def _referred(self, written: Sequence[Written]) -> dict[str, str]:
        """The leads to which other tables have rows, such as messages."""
        referred: dict[str, str] = {}
        keys = {str(lead.id): lead.key for lead in written}
        for reference in self._refer:
            source = sa.table(reference.table, sa.column(reference.column), schema=reference.schema)
            query = sa.select(source.c[reference.column]).distinct().where(source.c[reference.column].in_(KEY_LIST))
            ids = [lead.id for lead in written]
            for first in range(0, len(ids), KEYS_AT_ONCE):
                for (own,) in self._connection.execute(query, {"keys": ids[first : first + KEYS_AT_ONCE]}):
                    if str(own) in keys:
                        referred[keys[str(own)]] = f"the table {reference.table} has rows that refer to it"
        return referred

    def _restore(self, id: int | str, former: Mapping[str, Any]) -> None:
        source, further = self._table.table(), self._table.parts_table()
        self._connection.execute(sa.update(source).where(source.c[self._table.id] == id).values(former["columns"]))
        if further is not None:
            lead, number, text = further.c.keys()
            self._connection.execute(sa.delete(further).where(further.c[lead] == id))
            for place, part_text in former["parts"]:
                self._connection.execute(sa.insert(further).values({lead: id, number: place, text: part_text}))

    def _delete(self, ids: Sequence[int | str]) -> None:
        source, further = self._table.table(), self._table.parts_table()
        for first in range(0, len(ids), KEYS_AT_ONCE):
            some = {"keys": list(ids[first : first + KEYS_AT_ONCE])}
            if further is not None:
                self._connection.execute(sa.delete(further).where(further.c[further.c.keys()[0]].in_(KEY_LIST)), some)
            self._connection.execute(sa.delete(source).where(source.c[self._table.id].in_(KEY_LIST)), some)


class FormerLeads:
    """What leads were like before a record was added to them, kept within a transaction, by lead key."""

    def __init__(self, connection: sa.Connection, table: sa.Table, system: str) -> None:
        self._connection, self._table, self._system = connection, table, system

    def keep(self, former: Mapping[str, str]) -> None:
        """Write them down. former: lead key -> JSON."""
        rows = [{"source_system": self._system, "lead_key": key, "former": text} for key, text in former.items()]
        self._connection.execute(sa.insert(self._table), rows)

    def of(self, leads: Sequence[str]) -> dict[str, str]:
        """Those of some leads."""
        former: dict[str, str] = {}
        query = sa.select(self._table.c.lead_key, self._table.c.former).where(self._mine)
        for first in range(0, len(leads), KEYS_AT_ONCE):
            rows = self._connection.execute(query, {"keys": list(leads[first : first + KEYS_AT_ONCE])})
            former |= {row.lead_key: row.former for row in rows}
        return former

    def forget(self, leads: Sequence[str]) -> None:
        """Delete those of some leads."""
        for first in range(0, len(leads), KEYS_AT_ONCE):
            some = {"keys": list(leads[first : first + KEYS_AT_ONCE])}
            self._connection.execute(sa.delete(self._table).where(self._mine), some)

    @property
    def _mine(self) -> sa.ColumnElement[bool]:
        return sa.and_(self._table.c.source_system == self._system, self._table.c.lead_key.in_(KEY_LIST))
