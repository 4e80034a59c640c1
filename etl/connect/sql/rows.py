"""Leads on their way into a SQL table and back: from pandas frames to rows of the right types, and again to text."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from etl.connect.sql.tables import LeadTable
from etl.connect.target import FieldLimit

if TYPE_CHECKING:
    import pandas as pd

UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
MAX_INTEGER = 2**63 - 1
LEDGER_COLUMNS = ("source_key", "lead_key", "lead_id", "plan", "contents", "state")


def lead_rows(leads: pd.DataFrame, table: LeadTable) -> pa.Table:
    """Rows for the table of leads, without their ids; with what every new lead gets."""
    columns: dict[str, pa.Array] = {}
    for field, column in table.columns.items():
        if field in leads.columns:
            columns[column] = _sent(leads[field], table.limits[field], field in table.never_null)
    for column, value in table.values.items():
        columns[column] = pa.array([value] * len(leads), pa.string())
    return pa.table(columns)


def _sent(values: pd.Series, limit: FieldLimit, never_null: bool) -> pa.Array:
    """One field's values in the type that its column takes: text, or a boolean as the column holds it."""
    if values.dtype != bool:
        texts = pa.array(values, pa.string())
        if limit.form == "boolean":  # MariaDB and MySQL take no other words
            texts = pc.replace_substring_regex(pc.utf8_lower(texts), "^true$", "1")
            texts = pc.replace_substring_regex(texts, "^false$", "0")
        return pc.fill_null(texts, "") if never_null else texts
    flags = pa.array(values, pa.bool_())
    if limit.kind == "number":
        return flags.cast(pa.int64())
    return flags if limit.kind == "boolean" else flags.cast(pa.string())


def ids_of(table: LeadTable, ids: Sequence[int] | Sequence[str]) -> pa.Array:
    """Lead ids as the further tables refer to them."""
    if table.ids.kind != "integer":
        return pa.array(ids, pa.string())
    beyond = any(int(own) > MAX_INTEGER for own in ids)
    return pa.array(ids, pa.uint64() if beyond else pa.int64())


def typed_ids(table: LeadTable, ids: Sequence[str]) -> list[int | str]:
    """Lead ids as the ledger has them, as the table has them."""
    own = [int(lead_id) for lead_id in ids] if table.ids.kind == "integer" else list(ids)
    typed: list[int | str] = ids_of(table, own).to_pylist()
    return typed


def can_be_id(table: LeadTable, text: str) -> bool:
    """Whether a text can be an id of the table at all."""
    if table.ids.kind == "integer":
        return text.isdecimal()
    return table.ids.kind == "text" or UUID.fullmatch(text) is not None


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
    members: pd.DataFrame,
    ids: Mapping[str, int | str],
    states: Mapping[int | str, str],
    system: str,
    plan: str,
    at: dt.datetime | str,
) -> pa.Table:
    """Rows for the ledger: one a legacy record that is moved with these leads. states: by lead id."""
    count, leads = len(members), members["lead"].tolist()
    contents = members["contents"] if "contents" in members else [None] * count
    return pa.table(
        {
            "source_system": pa.array([system] * count, pa.string()),
            "source_key": pa.array(members.index, pa.string()),
            "lead_key": pa.array(leads, pa.string()),
            "lead_id": pa.array([str(ids[key]) for key in leads], pa.string()),
            "plan": pa.array([plan] * count, pa.string()),
            "written_at": pa.array([at] * count),
            "contents": pa.array(contents, pa.string()),
            "state": pa.array([states.get(ids[key]) for key in leads], pa.string()),
        }
    )


def stored_leads(rows: Sequence[Sequence[object]], fields: Sequence[str]) -> pd.DataFrame:
    """Rows of the id and some fields, as leads: index = id; text, NA where NULL or empty; flags bool."""
    ids, *columns = list(zip(*rows, strict=True)) or [()] * (len(fields) + 1)
    arrays = {"id": pa.array(map(str, ids), pa.large_string())}
    for field, values in zip(fields, columns, strict=True):
        arrays[field] = pa.array(_flags(values), pa.bool_()) if field == "do_not_contact" else _texts(values)
    return _frame(arrays).set_index("id")


def stored_parts(rows: Sequence[Sequence[object]]) -> pd.DataFrame:
    """Rows of lead id, number and text, as parts in order."""
    lead, number, text = list(zip(*rows, strict=True)) or ((), (), ())
    frame = _frame({"lead": _texts(lead), "number": pa.array(number, pa.int64()), "text": _texts(text)})
    return frame.sort_values(["lead", "number"], kind="stable", ignore_index=True)


def stored_ledger(rows: Sequence[Sequence[object]]) -> pa.Table:
    """Rows of the ledger as text."""
    columns = list(zip(*rows, strict=True)) or [()] * len(LEDGER_COLUMNS)
    return pa.table({name: _texts(values) for name, values in zip(LEDGER_COLUMNS, columns, strict=True)})


def state_of(values: Sequence[object]) -> str:
    """A hash of what columns of one row hold, as the driver gives it."""
    return hashlib.sha256(repr([_text(value) for value in values]).encode("utf-8", "surrogatepass")).hexdigest()


def _frame(columns: Mapping[str, pa.Array]) -> pd.DataFrame:
    frame: pd.DataFrame = pa.table(dict(columns)).to_pandas()
    return frame


def texts_of(values: Sequence[object]) -> pa.Array:
    """A column as the driver gave it, as text."""
    try:
        return pa.array(values, pa.large_string())
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        return pa.array(map(_text, values), pa.large_string())


def _texts(values: Sequence[object]) -> pa.Array:
    """A column as the driver gave it, as text; NULL where it was empty."""
    array = texts_of(values)
    return pc.if_else(pc.equal(array, ""), pa.scalar(None, pa.large_string()), array)


def _text(value: object) -> str | None:
    """A value that the driver gave as something else than text, as ISO 8601 or plain decimals."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return str(value)


def _flags(values: Iterable[object]) -> list[bool]:
    return [value.strip().lower() in ("1", "true", "t") if isinstance(value, str) else bool(value) for value in values]
