"""Add to leads that are there already: the note below their own, and values where a field is empty."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from etl.connect.sql.rows import can_be_id, lead_rows, stored_leads, stored_parts, typed_ids
from etl.connect.sql.tables import LeadTable
from etl.connect.target import Batch

if TYPE_CHECKING:
    import pandas as pd


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
        if not can_be_id(table, into):
            existing = None
        else:
            [own] = typed_ids(table, [into])
            existing = read_lead(connection, table, own)
        if existing is None:
            gone[lead] = f"the lead {into}, to which it was to be added, no longer exists; decide again"
            continue
        addition = batch.only([lead])
        notes = batch.below(existing.notes, [row["note"], *addition.parts.sort_values("number")["text"].tolist()])
        former[lead] = _write(connection, table, own, existing, addition.leads, notes)
        ids[lead] = own
    return Appended(ids, former, gone)


@dataclass(frozen=True)
class ExistingLead:
    """A lead that is there: the parts of its note, its fields, its columns as the driver gives them, and the parts'."""

    notes: list[str]
    fields: pd.Series[Any]
    columns: dict[str, Any]
    parts: list[list[Any]]


def read_lead(connection: sa.Connection, table: LeadTable, own: int | str) -> ExistingLead | None:
    """A lead, locked until the transaction ends; None where it is not there."""
    import pandas as pd

    columns = list(table.columns)
    query = select_leads(table, [table.id, *table.columns.values()])
    rows = connection.execute(query.where(sa.column(table.id) == own).with_for_update()).all()
    if not rows:
        return None
    fields: pd.Series[Any] = stored_leads(rows, columns).iloc[0]
    notes = [fields["note"]]
    further, parts = table.parts_table(), list[Any]()
    if further is not None:
        mine = further.c[further.c.keys()[0]] == own
        parts = list(connection.execute(sa.select(*further.c).where(mine).with_for_update()).all())
        notes += stored_parts(parts)["text"].tolist()
    return ExistingLead(
        ["" if pd.isna(text) else str(text) for text in notes],
        fields,
        dict(zip(table.columns.values(), rows[0][1:], strict=True)),
        [list(part[1:]) for part in parts],
    )


def _write(
    connection: sa.Connection,
    table: LeadTable,
    own: int | str,
    existing: ExistingLead,
    planned: pd.DataFrame,
    notes: Sequence[str],
) -> str:
    """Update a lead; gives what it was like, as JSON. notes: the parts that its note has from now on."""
    import pandas as pd

    rows = lead_rows(planned.assign(note=pd.array(notes[:1], dtype="str")), table).to_pylist()
    values = {column: rows[0][column] for column in _to_fill(table, existing.fields, planned.iloc[0])}
    values[table.columns["note"]] = rows[0][table.columns["note"]]
    write_lead(connection, table, own, values, notes)
    columns = {column: existing.columns[column] for column in values}
    return json.dumps({"columns": columns, "parts": existing.parts}, ensure_ascii=False, default=str)


def write_lead(
    connection: sa.Connection, table: LeadTable, own: int | str, values: Mapping[str, Any], notes: Sequence[str]
) -> None:
    """Update columns of a lead, and the further parts of its note. notes: all of its parts."""
    source, further = table.table(), table.parts_table()
    connection.execute(sa.update(source).where(source.c[table.id] == own).values(dict(values)))
    if further is not None:
        lead, number, text = further.c.keys()
        connection.execute(sa.delete(further).where(further.c[lead] == own))
        for place, part in enumerate(notes[1:], 2):
            connection.execute(sa.insert(further).values({lead: own, number: place, text: part}))


def _to_fill(table: LeadTable, current: pd.Series[Any], planned: pd.Series[Any]) -> Sequence[str]:
    """The columns of fields that are empty and get a value; who must not be contacted must not, whoever said so."""
    import pandas as pd

    names = [name for name in table.columns if name in planned.index and name != "note"]
    return [
        table.columns[name]
        for name in names
        if (name == "do_not_contact" and planned[name] and not current[name])
        or (name != "do_not_contact" and pd.isna(current[name]) and not pd.isna(planned[name]))
    ]


def select_leads(table: LeadTable, names: Sequence[str]) -> sa.Select[Any]:
    """Columns of the table of leads; JSON comes as its text."""
    source = table.table()
    json = {table.columns[field] for field, limit in table.limits.items() if limit.kind == "json"}
    return sa.select(*(sa.cast(source.c[name], sa.Text) if name in json else source.c[name] for name in names))
