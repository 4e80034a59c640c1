"""Whether somebody has worked with a lead in Odoo since it was written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from etl.connect.odoo.client import Odoo
from etl.connect.odoo.fields import LEAD

FOLLOWING = (
    ("mail.message", "res_id", (["model", "=", LEAD],), "it has a message"),
    ("mail.activity", "res_id", (["res_model", "=", LEAD],), "it has an activity"),
    ("calendar.event", "opportunity_id", (), "it has a meeting"),
    ("sale.order", "opportunity_id", (), "it has a quotation or order"),
)
"""Model, the field that names the lead, further conditions, and what it means that there is a row."""

CHANGED = "somebody has changed it since"

SYSTEM = 1
"""Odoo's own user, as whom its scheduled jobs run."""

LATE = timedelta(seconds=60)
"""How long after a lead was marked as done a call of a killed runner may still write it."""


def edited_leads(odoo: Odoo, ids: Mapping[str, int], done: Mapping[str, str]) -> dict[str, str]:
    """Lead key -> what was done, of those leads with which somebody has worked.

    ids: lead key -> id. done: lead key -> when the ledger marked it as done, as Odoo says it.
    """
    if not ids:
        return {}
    own = {key: lead for lead, key in ids.items()}
    edits: dict[str, str] = {}
    for model, field, conditions, edit in FOLLOWING:
        if field in odoo.fields(model):
            domain = [[field, "in", list(own)], *conditions]
            for row in odoo.call(model, "search_read", {"domain": domain, "fields": [field]}):
                value = row[field]
                edits[own[value[0] if isinstance(value, list) else value]] = edit
    fields = ["type", "active", "partner_id", "write_date", "write_uid"]
    for row in odoo.call(LEAD, "search_read", {"domain": [["id", "in", list(own)]], "fields": fields}):
        lead = own[row["id"]]
        if row["type"] != "lead":
            edits[lead] = "it was converted to an opportunity"
        elif not row["active"]:
            edits[lead] = "it was marked as lost"
        elif row["partner_id"]:
            edits[lead] = "it was given a customer"
        elif _changed(odoo, row, done.get(lead)):
            edits.setdefault(lead, CHANGED)
    return edits


def _changed(odoo: Odoo, row: Mapping[str, Any], done: str | None) -> bool:
    """Whether a person wrote a lead last: another user than the tool's, or that one some time after it was done."""
    user = row["write_uid"][0] if row["write_uid"] else SYSTEM
    if user == odoo.uid and done is not None:
        return _moment(row["write_date"]) > _moment(done) + LATE
    return bool(user not in (SYSTEM, odoo.uid))


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
