"""Whether somebody has worked with a lead in Odoo since it was written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from etl.connect.odoo_client import Odoo
from etl.connect.odoo_fields import LEAD

FOLLOWING = (
    ("mail.message", "res_id", (["model", "=", LEAD],), "it has a message"),
    ("mail.activity", "res_id", (["res_model", "=", LEAD],), "it has an activity"),
    ("calendar.event", "opportunity_id", (), "it has a meeting"),
    ("sale.order", "opportunity_id", (), "it has a quotation or order"),
)
"""Model, the field that names the lead, further conditions, and what it means that there is a row."""

SYSTEM = 1
"""Odoo's own user, as whom its scheduled jobs run."""


def touched(odoo: Odoo, fields: Mapping[str, Any], ids: Mapping[str, int]) -> dict[str, str]:
    """Lead key -> what was done, of those leads with which somebody has worked. ids: lead key -> id."""
    if not ids:
        return {}
    own = {key: lead for lead, key in ids.items()}
    found: dict[str, str] = {}
    for model, field, conditions, said in FOLLOWING:
        if field in odoo.fields(model):
            domain = [[field, "in", list(own)], *conditions]
            for row in odoo.call(model, "search_read", {"domain": domain, "fields": [field]}):
                value = row[field]
                found[own[value[0] if isinstance(value, list) else value]] = said
    asked = [
        name for name in ("type", "active", "partner_id", "create_date", "write_date", "write_uid") if name in fields
    ]
    domain = [["id", "in", list(own)]]
    for row in odoo.call(LEAD, "search_read", {"domain": domain, "fields": asked}):
        lead = own[row["id"]]
        if row["type"] != "lead":
            found[lead] = "it was converted to an opportunity"
        elif not row["active"]:
            found[lead] = "it was marked as lost"
        elif row["partner_id"]:
            found[lead] = "it was given a customer"
        elif row["write_date"] != row["create_date"] and row["write_uid"] and row["write_uid"][0] != SYSTEM:
            found.setdefault(lead, "somebody has changed it since")
    return found
