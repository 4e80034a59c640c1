"""The dry run names the leads that Odoo's own wizard would convert wrongly; the wizard itself is asked."""

from __future__ import annotations

import csv
from typing import Any

from etl.connect.odoo.client import SILENT
from tests.odoo.test_convert import lead_ids
from tests.odoo.way import Way


def test_the_report_says_what_the_wizard_proposes(way: Way) -> None:
    """By e-mail, by a part of a name where the version does so, and merges of what shares an address."""
    odoo, old = way.source.odoo, way.source.version < 18
    values: dict[str, dict[str, Any]] = {
        "customer": {"name": "Kundenwerk Muster Holding", "email": "werk@kunde.example", "is_company": True},
        "by name": {"name": "Muster Hold", "is_company": True},
        "by email": {"name": "Anders Ltd", "email": "werk@kunde.example", "is_company": True},
        "shared": {"name": "Zwilling Eins", "email": "zwilling@firma.example", "is_company": True},
        "shared too": {"name": "Zwilling Zwei", "email": "zwilling@firma.example", "is_company": True},
        "lost": {"name": "Verloren 4712", "email": "verloren@firma.example", "is_company": True},
        "won": {"name": "Gewonnen 4713", "email": "gewonnen@firma.example", "is_company": True},
        "right": {"name": "Einzig 4711", "email": "einzig@firma.example", "is_company": True},
    }
    made = odoo.call("res.partner", "create", {"vals_list": list(values.values())}, context=SILENT)
    ids = dict(zip(values, made, strict=True))
    order = {"partner_id": ids["customer"], "state": "sale"}
    odoo.call("sale.order", "create", {"vals_list": [order]}, context=SILENT)
    [won] = odoo.call("crm.stage", "search", {"domain": [["is_won", "=", True]], "limit": 1})
    there = {"lost": {"active": False, "probability": 0}, "won": {"stage_id": won}}
    for name, more in there.items():
        one = {"name": f"Chance {name}", "type": "opportunity", "email_from": values[name]["email"], **more}
        odoo.call("crm.lead", "create", {"vals_list": [one]}, context=SILENT)
    way.configure()
    printed = way.run("plan", "odoo.yaml", "--out", "plan")
    assert "Odoo would link" in printed
    with (way.folder / "plan" / "conversion.csv").open(encoding="utf-8") as file:
        rows = {(row["lead"], row["what"]): (row["by"], row["other"]) for row in csv.DictReader(file)}
    customer = str(ids["customer"])
    found = {name: rows.get((f"partners:{own}", "linked")) for name, own in ids.items()}
    assert found["by email"] == ("email", customer)
    assert found["by name"] == (("name", customer) if old else None)
    assert found["right"] is None
    merged = {name for name, own in ids.items() if (f"partners:{own}", "merged") in rows}
    assert merged == {"shared", "shared too", "lost", *(["won"] if old else [])}

    way.run("apply", "plan")
    way.run("retire", "plan")
    leads = lead_ids(odoo)
    for name, own in ids.items():
        if name != "customer":
            proposed = wizard(odoo, leads[own])
            assert proposed["partner"] == (int(linked[1]) if (linked := found[name]) else None), name
            assert (proposed["name"] == "merge") == (name in merged), name


def wizard(odoo: Any, lead: int) -> dict[str, Any]:
    """What the wizard proposes for a lead."""
    context = {"active_id": lead, "active_ids": [lead], "active_model": "crm.lead", "active_test": True}
    model = "crm.lead2opportunity.partner"
    [own] = odoo.call(model, "create", {"vals_list": [{"lead_id": lead}]}, context=context)
    [row] = odoo.call(model, "read", {"fields": ["name", "partner_id"]}, ids=[own], context=context)
    return {"name": row["name"], "partner": row["partner_id"][0] if row["partner_id"] else None}
