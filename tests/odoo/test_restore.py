"""Restore gives each contact and address back once, whatever they are called, and takes only that back."""

from __future__ import annotations

from typing import Any

from etl.connect.odoo.client import SILENT, Odoo
from tests.odoo.test_convert import lead_ids, press
from tests.odoo.way import Way

FIELDS = ["name", "type", "street", "email", "ref", "phone"]


def make(odoo: Odoo, **values: Any) -> int:
    """A partner."""
    [own] = odoo.call("res.partner", "create", {"vals_list": [values]}, context=SILENT)
    return int(own)


def below(odoo: Odoo, customer: int) -> list[dict[str, Any]]:
    """The contacts and addresses of a customer, in the order of their making."""
    arguments = {"domain": [["parent_id", "=", customer]], "fields": FIELDS, "order": "id"}
    found: list[dict[str, Any]] = odoo.call("res.partner", "search_read", arguments)
    return found


def converted(way: Way) -> tuple[int, dict[str, int]]:
    """A company with contacts of one name and addresses without any, converted; its customer, and its records."""
    odoo = way.source.odoo
    company = make(
        odoo, name="Doppelhof GmbH", is_company=True, email="hof@doppel.example", ref="K-1", vat="DE123456788"
    )
    own = {
        "company": company,
        "first": make(odoo, name="Empfang", parent_id=company, email="eins@doppel.example", ref="E-1"),
        "second": make(odoo, name="Empfang", parent_id=company, email="zwei@doppel.example", ref="E-2"),
        "delivery": make(odoo, parent_id=company, type="delivery", street="Rampe 1", ref="L-1"),
        "other": make(odoo, parent_id=company, type="delivery", street="Rampe 2", ref="L-2"),
    }
    way.configure()
    way.run("plan", "odoo.yaml", "--out", "plan")
    way.run("apply", "plan")
    way.run("retire", "plan")
    partner = press(odoo, lead_ids(odoo)[company], company_only=False)
    [row] = odoo.call("res.partner", "read", {"fields": ["parent_id"]}, ids=[partner])
    return row["parent_id"][0], own


def test_contacts_of_one_name_and_addresses_without_one_come_back_once(way: Way) -> None:
    """Each is its own, none is made twice, no name is made up; and undo takes back what nobody has touched."""
    odoo = way.source.odoo
    customer, _ = converted(way)
    before = below(odoo, customer)
    assert [row["name"] for row in before] == ["Empfang"]
    written = way.result("restore", "plan", "--write")
    assert written["refused"] == []
    after = below(odoo, customer)
    told = sorted((row["name"] or "", row["type"], row["ref"]) for row in after)
    assert told == [
        ("", "delivery", "L-1"),
        ("", "delivery", "L-2"),
        ("Empfang", "contact", "E-1"),
        ("Empfang", "contact", "E-2"),
    ]
    again = way.result("restore", "plan", "--write")
    assert (again["partners"], again["made"]) == (0, 0)
    assert below(odoo, customer) == after

    edited, ordered, gone = [row["id"] for row in after if row["id"] != before[0]["id"]]
    odoo.call("res.partner", "write", {"vals": {"phone": "+49 30 23125 999"}}, ids=[edited], context=SILENT)
    odoo.call("res.partner", "write", {"vals": {"ref": "neu"}}, ids=[edited], context=SILENT)
    order = {"partner_id": customer, "partner_shipping_id": ordered, "state": "sale"}
    odoo.call("sale.order", "create", {"vals_list": [order]}, context=SILENT)
    undone = way.result("restore", "plan", "--undo")
    reasons = [one["reason"] for one in undone["kept"]]
    assert any("edited since: ref" in reason for reason in reasons)
    assert any(f"Odoo refuses to remove contact {ordered}" in reason for reason in reasons)
    left = {row["id"]: row["phone"] for row in below(odoo, customer)}
    assert gone not in left
    assert left[edited] == "+49 30 23125 999"
    assert ordered in left


def test_a_value_that_odoo_refuses_does_not_hold_back_the_others(way: Way) -> None:
    """It is named with its field; the other fields of the customer are given, and undo takes these back."""
    odoo = way.source.odoo
    customer, own = converted(way)
    _refuse_reference(way, "K-1")
    said = way.run("restore", "plan", "--write", code=1)
    assert f"Refused: partners:{own['company']}: ref:" in said
    assert "Odoo refused 1 value." in said
    [row] = odoo.call("res.partner", "read", {"fields": ["ref", "vat"]}, ids=[customer])
    assert row["vat"] == "DE123456788"
    assert not row["ref"]
    assert way.result("restore", "plan", "--undo")["kept"] == []
    [row] = odoo.call("res.partner", "read", {"fields": ["vat"]}, ids=[customer])
    assert not row["vat"]


def _refuse_reference(way: Way, ref: str) -> None:
    """Let the database refuse a reference for partners that are active."""
    way.source.execute(f"ALTER TABLE res_partner ADD CONSTRAINT no_such CHECK (ref <> '{ref}' OR NOT active)")
