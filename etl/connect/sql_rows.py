"""Leads on their way into a SQL table and back: from pandas frames to rows of the right types, and again to text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from etl.connect.sql_tables import LeadTable
from etl.connect.target import Batch, FieldLimit


def lead_rows(leads: pd.DataFrame, table: LeadTable) -> pa.Table:
    """Rows for the table of leads, without the integer id; a text id is the lead key."""
    columns: dict[str, pa.Array] = {}
    if table.id_kind == "text":
        columns[table.id] = pa.array(leads.index, pa.string())
    for field, column in table.columns.items():
        if field in leads.columns:
            columns[column] = _sent(leads[field], table.limits[field], field in table.never_null)
    return pa.table(columns)


def _sent(values: pd.Series, limit: FieldLimit, never_null: bool) -> pa.Array:
    """One field's values in the type that its column takes: text, or a boolean as the column holds it."""
    if values.dtype != bool:
        texts = pa.array(values, pa.string())
        return pc.fill_null(texts, "") if never_null else texts
    flags = pa.array(values, pa.bool_())
    if limit.kind == "number":
        return flags.cast(pa.int64())
    return flags if limit.kind == "boolean" else flags.cast(pa.string())


def ids_of(table: LeadTable, given: Sequence[int] | Sequence[str]) -> pa.Array:
    """Lead ids as the further tables refer to them."""
    return pa.array(given, pa.int64() if table.id_kind == "integer" else pa.string())


def part_rows(parts: pd.DataFrame, table: LeadTable, ids: Mapping[str, int | str]) -> pa.Table | None:
    """Rows for the table of the further parts of notes; None where there are none."""
    if table.parts is None or parts.empty:
        return None
    return pa.table(
        {
            table.parts.lead: ids_of(table, [ids[key] for key in parts["lead"]]),  # type: ignore[arg-type]
            table.parts.number: pa.array(parts["number"], pa.int64()),
            table.parts.text: pa.array(parts["text"], pa.string()),
        }
    )


def ledger_rows(
    members: pd.DataFrame, ids: Mapping[str, int | str], system: str, plan: str, at: dt.datetime | str
) -> pa.Table:
    """Rows for the ledger: one a legacy record that is moved with these leads."""
    count, leads = len(members), members["lead"].tolist()
    return pa.table(
        {
            "source_system": pa.array([system] * count, pa.string()),
            "source_key": pa.array(members.index, pa.string()),
            "lead_key": pa.array(leads, pa.string()),
            "lead_id": pa.array([str(ids[key]) for key in leads], pa.string()),
            "plan": pa.array([plan] * count, pa.string()),
            "written_at": pa.array([at] * count),
        }
    )


def divide(batch: Batch, known: Mapping[str, str]) -> tuple[Batch, tuple[str, ...], dict[str, str]]:
    """Tell the leads of a batch apart by the ledger.

    known: source key -> lead key of those of its records that the ledger has. Returns the leads that are new, the
    keys of those that were written before, and lead key -> reason for those that are partly there.
    """
    if not known:
        return batch, (), {}
    members = batch.members
    there = pd.Series([known.get(key) for key in members.index], index=members.index, dtype="str")
    touched = set(members["lead"][there.notna()])
    conflicts: dict[str, str] = {}
    for key, lead, found in zip(members.index, members["lead"], there, strict=True):
        if lead in touched and pd.isna(found):
            conflicts.setdefault(lead, f"it was written before, without {key}; make a new plan")
        elif lead in touched and found != lead:
            conflicts[lead] = f"{key} was moved before, with the lead {found}; make a new plan"
    before = tuple(key for key in batch.leads.index if key in touched and key not in conflicts)
    return batch.only([key for key in batch.leads.index if key not in touched]), before, conflicts


def stored_leads(rows: Sequence[Sequence[object]], table: LeadTable) -> pd.DataFrame:
    """Rows of the id and all mapped columns, as leads: index = id; text, NA where NULL or empty; flags bool."""
    fields = list(table.columns)
    columns = list(zip(*rows, strict=True)) or [()] * (len(fields) + 1)
    found = {
        field: pd.Series(_flags(values) if field == "do_not_contact" else _texts(values))
        for field, values in zip(fields, columns[1:], strict=True)
    }
    frame = pd.DataFrame(found)
    frame.index = pd.Index([str(value) for value in columns[0]], dtype="str", name="id")
    return frame


def stored_parts(rows: Iterable[Sequence[object]]) -> pd.DataFrame:
    """Rows of lead id, number and text, as parts in order."""
    lead, number, text = list(zip(*rows, strict=True)) or ((), (), ())
    frame = pd.DataFrame({"lead": _texts(lead), "number": pd.array(number, "int64"), "text": _texts(text)})
    return frame.sort_values(["lead", "number"], kind="stable", ignore_index=True)


def _texts(values: Iterable[object]) -> pd.api.extensions.ExtensionArray:
    texts = [value if type(value) is str else _text(value) for value in values]
    return pd.array([text or None for text in texts], dtype="str")


def _text(value: object) -> str | None:
    """A value that the driver gave as something else than text, as ISO 8601 or plain decimals."""
    if value is None:
        return None
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return str(value)


def _flags(values: Iterable[object]) -> list[bool]:
    return [value.strip().lower() in ("1", "true", "t") if isinstance(value, str) else bool(value) for value in values]
