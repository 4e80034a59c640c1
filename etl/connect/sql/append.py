"""Add to leads that are there already: the note below their own, and values where a field is empty."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import sqlalchemy as sa

from etl.connect.sql.rows import ids_of, lead_rows, stored_leads, stored_parts
from etl.connect.sql.tables import LeadTable
from etl.connect.target import Batch


@dataclass(frozen=True)
class Appended:
    """What was added. ids: lead key -> id; former: lead key -> what that lead was like before, as JSON; gone: lead key
    -> why, of those whose lead is not there any more."""

    ids: dict[str, int | str]
    former: dict[str, str]
    gone: dict[str, str]


def append(connection: sa.Connection, table: LeadTable, batch: Batch) -> Appended:
    """Add each lead of a batch to the one that it goes into, within the transaction of the connection."""
    ids, former, gone = dict[str, int | str](), dict[str, str](), dict[str, str]()
    for key, row in batch.leads.iterrows():
        lead, into = str(key), str(row["into"])
        if table.id_kind == "integer" and not into.isdecimal():
            found = None
        else:
            [own] = ids_of(table, [int(into)] if table.id_kind == "integer" else [into]).to_pylist()
            found = _read(connection, table, own)
        if found is None:
            gone[lead] = f"the lead {into}, which it was to go into, is not there any more; decide again"
            continue
        one = batch.only([lead])
        notes = batch.below(found.notes, [row["note"], *one.parts.sort_values("number")["text"].tolist()])
        former[lead] = _write(connection, table, own, found, one.leads, notes)
        ids[lead] = own
    return Appended(ids, former, gone)


@dataclass(frozen=True)
class _Found:
    """A lead that is there: the parts of its note, its fields, its columns as the driver gives them, and the parts'."""

    notes: list[str]
    fields: pd.Series[Any]
    columns: dict[str, Any]
    parts: list[list[Any]]


def _read(connection: sa.Connection, table: LeadTable, own: int | str) -> _Found | None:
    """A lead, locked until the transaction ends; None where it is not there."""
    columns = list(table.columns)
    query = select_leads(table, [table.id, *table.columns.values()])
    rows = connection.execute(query.where(sa.column(table.id) == own).with_for_update()).all()
    if not rows:
        return None
    found: pd.Series[Any] = stored_leads(rows, columns).iloc[0]
    notes = [found["note"]]
    further, parts = table.parts_table(), list[Any]()
    if further is not None:
        mine = further.c[further.c.keys()[0]] == own
        parts = list(connection.execute(sa.select(*further.c).where(mine).with_for_update()).all())
        notes += stored_parts(parts)["text"].tolist()
    return _Found(
        ["" if pd.isna(text) else str(text) for text in notes],
        found,
        dict(zip(table.columns.values(), rows[0][1:], strict=True)),
        [list(part[1:]) for part in parts],
    )


def _write(
    connection: sa.Connection,
    table: LeadTable,
    own: int | str,
    found: _Found,
    planned: pd.DataFrame,
    notes: Sequence[str],
) -> str:
    """Update a lead; gives what it was like, as JSON. notes: the parts that its note has from now on."""
    rows = lead_rows(planned.assign(note=pd.array(notes[:1], dtype="str")), table).to_pylist()
    values = {column: rows[0][column] for column in _to_fill(table, found.fields, planned.iloc[0])}
    values[table.columns["note"]] = rows[0][table.columns["note"]]
    source, further = table.table(), table.parts_table()
    connection.execute(sa.update(source).where(source.c[table.id] == own).values(values))
    if further is not None:
        lead, number, text = further.c.keys()
        connection.execute(sa.delete(further).where(further.c[lead] == own))
        for place, one in enumerate(notes[1:], 2):
            connection.execute(sa.insert(further).values({lead: own, number: place, text: one}))
    columns = {column: found.columns[column] for column in values}
    return json.dumps({"columns": columns, "parts": found.parts}, ensure_ascii=False, default=str)


def _to_fill(table: LeadTable, found: pd.Series[Any], planned: pd.Series[Any]) -> Sequence[str]:
    """The columns of fields that are empty and get a value; who must not be contacted must not, whoever said so."""
    names = [name for name in table.columns if name in planned.index and name != "note"]
    return [
        table.columns[name]
        for name in names
        if (name == "do_not_contact" and planned[name] and not found[name])
        or (name != "do_not_contact" and pd.isna(found[name]) and not pd.isna(planned[name]))
    ]


def select_leads(table: LeadTable, names: Sequence[str]) -> sa.Select[Any]:
    """Columns of the table of leads; JSON comes as its text."""
    source = table.table()
    json = {table.columns[field] for field, limit in table.limits.items() if limit.kind == "json"}
    return sa.select(*(sa.cast(source.c[name], sa.Text) if name in json else source.c[name] for name in names))
