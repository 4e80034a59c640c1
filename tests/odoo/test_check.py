"""What check says of an Odoo before anything is planned, and what it refuses: users that do not see all, above all."""

from __future__ import annotations

import dataclasses

import pytest

from etl.connect.odoo.client import Odoo
from tests.odoo.way import Way

SETTINGS, OWN_ORDERS = "base.group_system", "sales_team.group_sale_salesman"
SALES, INVOICING = "sales_team.group_sale_manager", "account.group_account_manager"
PASSWORD = "neu-geheim-123"


def as_user(way: Way, *groups: str) -> Way:
    """The same way, gone by a new user who has the rights of some groups."""
    odoo = way.source.odoo
    of_user = "groups_id" if "groups_id" in odoo.fields("res.users") else "group_ids"
    values = {
        "name": "Neu",
        "login": "neu",
        "password": PASSWORD,
        of_user: [[6, 0, [_id(odoo, one) for one in groups]]],
    }
    odoo.call("res.users", "create", {"vals_list": [values]}, context={"no_reset_password": True})
    crm = dataclasses.replace(way.source, url=way.source.url.replace("//admin:", "//neu:"), key=PASSWORD)
    return Way(crm, crm, way.folder)


def _id(odoo: Odoo, name: str) -> int:
    module, _, own = name.partition(".")
    domain = [["module", "=", module], ["name", "=", own]]
    [row] = odoo.call("ir.model.data", "search_read", {"domain": domain, "fields": ["res_id"]})
    return int(row["res_id"])


def install(odoo: Odoo, *modules: str) -> None:
    """Install some of Odoo's own modules."""
    ids = odoo.call("ir.module.module", "search", {"domain": [["name", "in", list(modules)]]})
    odoo.call("ir.module.module", "button_immediate_install", {}, ids=ids)


def test_a_user_with_the_rights_that_the_docs_name_can_go_the_way(way: Way) -> None:
    """Settings, Sales: Administrator and Invoicing: Administrator are enough, and nothing is said of rights."""
    one = as_user(way, SETTINGS, SALES, INVOICING)
    one.configure()
    said = one.run("check", "odoo.yaml")
    assert "The user may not" not in said
    assert "Record rules" not in said
    one.run("plan", "odoo.yaml", "--out", "plan")
    one.run("apply", "plan")
    one.run("retire", "plan")
    assert one.result("undo", "plan")["kept"] == []


@pytest.mark.parametrize("verb", ["check", "plan"])
def test_who_sees_only_own_orders_plans_nothing(way: Way, verb: str) -> None:
    """Others' customers would be taken for leads, as their orders are hidden from this user."""
    one = as_user(way, SETTINGS, OWN_ORDERS, INVOICING)
    one.configure()
    said = one.run(verb, "odoo.yaml", code=1)
    assert "Record rules hide rows of sale.order from this user (Personal Orders)" in said
    assert "Sales: Administrator" in said


def test_a_user_without_the_rights_is_told_which(way: Way) -> None:
    """Not to see leads or payments is an error that names the first of them, and says what rights to give."""
    one = as_user(way, SETTINGS)
    one.configure()
    said = one.run("check", "odoo.yaml", code=1)
    assert "odoo." in said or "crm.lead" in said
    assert "give the user the rights of Settings, of Sales: Administrator and of Invoicing" in said


def test_companies_and_fields_that_the_user_does_not_see_are_named(way: Way) -> None:
    """A second company, and employees' private addresses, by which partners would be kept."""
    install(way.source.odoo, "hr")
    one = as_user(way, SETTINGS, SALES, INVOICING)
    way.source.odoo.call("res.company", "create", {"vals_list": [{"name": "Tochter AG"}]})
    one.configure()
    said = one.run("check", "odoo.yaml")
    assert "Partners who bought only from the others would be taken for leads" in said
    if way.source.version == 14:
        assert "cannot see the field address_home_id of hr.employee" in said


def test_employees_and_suppliers_are_kept_by_the_modules_that_know_them(way: Way) -> None:
    """A purchase order and an employee's contact keep partners that nothing else does."""
    odoo = way.source.odoo
    install(odoo, "hr", "purchase")
    names = ("Lieferwerk GmbH", "Eva Muster", "Niemand GmbH")
    supplier, employee, nobody = odoo.call("res.partner", "create", {"vals_list": [{"name": one} for one in names]})
    odoo.call("purchase.order", "create", {"vals_list": [{"partner_id": supplier}]})
    link = "address_home_id" if "address_home_id" in odoo.fields("hr.employee") else "work_contact_id"
    odoo.call("hr.employee", "create", {"vals_list": [{"name": "Eva Muster", link: employee}]})
    way.configure()
    assert "is not installed" not in way.run("check", "odoo.yaml")
    way.run("plan", "odoo.yaml", "--out", "plan")
    way.run("apply", "plan")
    way.run("retire", "plan")
    rows = odoo.call("res.partner", "read", {"fields": ["active"]}, ids=[supplier, employee, nobody])
    assert {row["id"]: row["active"] for row in rows} == {supplier: True, employee: True, nobody: False}


def test_an_odoo_without_crm_is_told(way: Way) -> None:
    """There are no leads without the module, and the next step is to install it."""
    odoo = way.source.odoo
    ids = odoo.call("ir.module.module", "search", {"domain": [["name", "=", "crm"]]})
    odoo.call("ir.module.module", "button_immediate_uninstall", {}, ids=ids)
    way.configure()
    said = way.run("check", "odoo.yaml", code=2)
    assert "The module CRM is not installed in this Odoo" in said
    assert "install CRM in Odoo" in said


@pytest.mark.parametrize("crm", [19], indirect=True)
def test_a_key_that_has_expired_is_told(way: Way) -> None:
    """Odoo 19 gives keys an end, 14 does not; what to do is said."""
    way.configure()
    way.source.execute("UPDATE res_users_apikeys SET expiration_date = now() - interval '1 day'")
    said = way.run("check", "odoo.yaml", code=1)
    assert "login" in said
    assert "API key" in said


def test_a_database_that_is_not_there_is_told(way: Way) -> None:
    """Its name is in the message, and no riddle."""
    way.configure()
    config = way.folder / "odoo.yaml"
    config.write_text(config.read_text().replace("/test_", "/no_such_"))
    said = way.run("check", "odoo.yaml", code=1)
    assert "this server has no database 'no_such_" in said
    assert "correct the database" in said
