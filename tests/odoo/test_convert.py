"""A warm lead becomes an opportunity and a customer by Odoo's own button; nothing has to be typed again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from etl.connect.odoo.client import Odoo
from tests.odoo.instance import Instance, make_partners
from tests.odoo.test_whole_way import silence
from tests.odoo.way import Way

LEADS = 100
ASIDE = {"comment", "company_name"}


def give_more(odoo: Odoo, companies: list[int], persons: list[int]) -> None:
    """What conversion drops: VAT number, reference, industry, payment terms and more."""
    industry = odoo.call("res.partner.industry", "search_read", {"domain": [], "fields": ["id"], "limit": 1})[0]["id"]
    terms = odoo.call("account.payment.term", "search_read", {"domain": [], "fields": ["id"], "limit": 1})[0]["id"]
    for number, own in enumerate(companies):
        values = {
            "vat": f"DE{123456000 + number}",
            "industry_id": industry,
            "property_payment_term_id": terms,
            "color": number % 7,
            "street2": f"Hof {number}",
            "lang": "de_DE",
        }
        odoo.call("res.partner", "write", {"vals": values}, ids=[own], context={"no_vat_validation": True})
    odoo.call("res.partner", "write", {"vals": {"ref": "P-1", "lang": "de_DE"}}, ids=persons)


def press(odoo: Odoo, lead: int, *, company_only: bool) -> int:
    """Press Convert to Opportunity, as the form does it: the wizard with its own defaults; gives the customer.

    A company without a contact: Odoo 14 links no customer by default, so a person chooses to create one.
    """
    context = {"active_id": lead, "active_ids": [lead], "active_model": "crm.lead", "active_test": True}
    values: dict[str, Any] = {"lead_id": lead}
    if company_only:
        values["action"] = "create"
    [wizard] = odoo.call("crm.lead2opportunity.partner", "create", {"vals_list": [values]}, context=context)
    [chosen] = odoo.call(
        "crm.lead2opportunity.partner", "read", {"fields": ["name", "action"]}, ids=[wizard], context=context
    )
    assert (chosen["name"], chosen["action"]) == ("convert", "create")
    odoo.call("crm.lead2opportunity.partner", "action_apply", {}, ids=[wizard], context=context)
    [row] = odoo.call("crm.lead", "read", {"fields": ["type", "partner_id"]}, ids=[lead])
    assert row["type"] == "opportunity"
    assert row["partner_id"]
    return int(row["partner_id"][0])


def compared(crm: Instance, legacy: int, customer: int) -> tuple[int, list[str]]:
    """How many stored fields that a legacy partner had and a customer can hold there are, and which differ."""
    odoo = crm.odoo
    fields = odoo.fields("res.partner")
    own = {"id", "parent_id", "active", "is_company", "type", "display_name", "complete_name", *ASIDE}
    names = [
        name
        for name, field in fields.items()
        if (field.get("store") or field.get("company_dependent"))
        and not field.get("readonly")
        and field["type"] not in ("one2many", "many2many", "binary", "properties")
        and name not in own
        and not name.startswith(("message_", "signup_", "calendar_", "create_", "write_", "commercial_", "customer_"))
        and name not in ("email_normalized", "phone_sanitized", "partner_gid", "additional_info", "supplier_rank")
    ]
    [before, after] = odoo.call("res.partner", "read", {"fields": [*names, "category_id"]}, ids=[legacy, customer])
    had = [name for name in (*names, "category_id") if before[name] not in (False, 0, 0.0, "", [])]
    return len(had), [name for name in had if before[name] != after[name]]


def test_converted_leads_become_the_customers_that_they_were(way: Way) -> None:
    """Each of 100 leads gives the right customer and contact; restore makes its fields equal again, and undoes it."""
    crm, odoo = way.source, way.source.odoo
    made = make_partners(odoo, 420, seed=3)
    companies = [own for own in made["companies"] if own not in made["customers"]]
    rows = odoo.call("res.partner", "read", {"fields": ["parent_id", "name"]}, ids=made["persons"])
    parents = {row["id"]: row["parent_id"] and row["parent_id"][0] for row in rows}
    give_more(odoo, companies, made["persons"])
    way.configure()
    way.run("plan", "odoo.yaml", "--out", "plan")
    way.run("apply", "plan")
    way.run("retire", "plan")
    ids = lead_ids(odoo)
    ids = {own: lead for own, lead in ids.items() if own not in mislinked(odoo, ids)}
    alone = [own for own in companies if own not in parents.values() and own in ids]
    with_contacts = [own for own in companies if own in parents.values() and own in ids]
    persons = [own for own, parent in parents.items() if not parent and own in ids]
    chosen = [*alone[:5], *persons[:35], *with_contacts][:LEADS]
    assert len(chosen) == LEADS
    assert alone
    assert persons

    names = {row["id"]: row["name"] for row in odoo.call("res.partner", "read", {"fields": ["name"]}, ids=chosen)}
    customers: dict[int, int] = {}
    for own in chosen:
        partner = press(odoo, ids[own], company_only=own in alone)
        [found] = odoo.call("res.partner", "read", {"fields": ["name", "is_company", "parent_id"]}, ids=[partner])
        if own in with_contacts:
            assert not found["is_company"]
            assert found["parent_id"]
            contacts = {row["name"] for row in rows if parents[row["id"]] == own}
            assert found["name"] in contacts
            customers[own] = found["parent_id"][0]
        else:
            assert found["is_company"] == (own in alone)
            customers[own] = partner
    [*_] = odoo.call("res.partner", "read", {"fields": ["name"]}, ids=list(customers.values()))
    for own, customer in customers.items():
        [row] = odoo.call("res.partner", "read", {"fields": ["name"]}, ids=[customer])
        assert row["name"] == names[own]

    after_conversion = crm.dump("res_partner", "write_date", "write_uid")
    silent = silence(crm)
    dry = way.result("restore", "plan")
    assert crm.dump("res_partner", "write_date", "write_uid") == after_conversion
    written = way.result("restore", "plan", "--write")
    assert (dry["leads"], written["leads"]) == (LEADS, LEADS)
    assert (dry["values"], dry["partners"]) == (written["values"], written["partners"])
    assert written["refused"] == []
    assert silence(crm)[1:3] == silent[1:3]  # no followers, no mails; Odoo itself logs what changed on opportunities
    total, differing = 0, list[tuple[int, list[str]]]()
    for own, customer in customers.items():
        count, different = compared(crm, own, customer)
        total += count
        if different:
            differing.append((own, different))
    equal = total - sum(len(names) for _, names in differing)
    print(f"Odoo {crm.version}: {total} fields compared, {equal} equal")  # noqa: T201
    assert differing == []
    assert total > LEADS * 5
    again = way.result("restore", "plan")
    assert (again["values"], again["banks"]) == (0, 0)

    way.run("restore", "plan", "--undo")
    assert [row[:3] for row in crm.dump("res_partner", "write_date", "write_uid")] == [
        row[:3] for row in after_conversion
    ]
    assert way.result("restore", "plan")["values"] == dry["values"]


def mislinked(odoo: Odoo, ids: Mapping[int, int]) -> set[int]:
    """Those whose lead Odoo 14's wizard would link to a partner whose name holds its own: the plan reports them."""
    active = odoo.call("res.partner", "search_read", {"domain": [["active", "=", True]], "fields": ["name"]})
    names = [row["name"].lower() for row in active]
    asked = ["partner_name", "contact_name"]
    leads = {row["id"]: row for row in odoo.call("crm.lead", "read", {"fields": asked}, ids=list(ids.values()))}
    return {
        own
        for own, lead in ids.items()
        for field in asked
        if (text := leads[lead][field]) and any(text.lower() in name for name in names)
    }


def lead_ids(odoo: Odoo) -> dict[int, int]:
    """Legacy partner -> the lead that it is the first record of."""
    domain = [["module", "=", "crm_cleanup"], ["name", "=like", "lead/%"]]
    rows = odoo.call("ir.model.data", "search_read", {"domain": domain, "fields": ["name", "res_id"]})
    return {int(row["name"].rpartition(":")[2]): row["res_id"] for row in rows}
