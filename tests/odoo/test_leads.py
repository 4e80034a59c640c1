"""What leads are in Odoo, and what happens to those that people have worked with."""

from __future__ import annotations

import json
from typing import Any

from etl.connect.odoo_client import SILENT, Odoo
from etl.connect.odoo_lock import KEY, OdooLock
from tests.odoo.instance import make_partners
from tests.odoo.test_convert import lead_ids
from tests.odoo.way import Way


def prepared(way: Way, count: int = 60, **fields: str) -> list[int]:
    """A plan of some partners, with further lead fields; gives their companies."""
    made = make_partners(way.source.odoo, count)
    way.configure()
    config = way.folder / "odoo.yaml"
    more = "".join(f"    {name}: {value}\n" for name, value in fields.items())
    config.write_text(config.read_text().replace("  fields:\n", f"  fields:\n{more}"))
    way.run("plan", "odoo.yaml", "--out", "plan")
    return [own for own in made["companies"] if own not in made["customers"]]


def read(odoo: Odoo, lead: int, *fields: str) -> dict[str, Any]:
    """Some fields of a lead."""
    [row] = odoo.call("crm.lead", "read", {"fields": list(fields)}, ids=[lead])
    return dict(row)


def test_opt_outs_users_and_what_odoo_would_set_itself(way: Way) -> None:
    """Who must not be contacted is on the blacklist and tagged; the user is who the config says, else nobody."""
    odoo = way.source.odoo
    [user] = odoo.call("res.users", "search_read", {"domain": [["login", "=", "demo"]], "fields": ["id"]})
    companies = prepared(
        way,
        do_not_contact='{column: city, equals: "Musterstadt"}',
        salesperson='{column: city, map: {Neuort: demo}, default: ""}',
    )
    before = way.source.count("SELECT count(*) FROM mail_blacklist")
    way.run("apply", "plan")
    leads = lead_ids(odoo)
    partners = odoo.call("res.partner", "read", {"fields": ["city", "email"]}, ids=companies)
    asked = ("type", "partner_id", "user_id", "tag_ids", "source_id", "is_blacklisted", "email_from")
    found = {row["id"]: read(odoo, leads[row["id"]], *asked) for row in partners}
    out = {row["id"] for row in partners if row["city"] == "Musterstadt"}
    mine = {row["id"] for row in partners if row["city"] == "Neuort"}
    assert out
    assert mine
    assert {lead["type"] for lead in found.values()} == {"lead"}
    assert {lead["partner_id"] for lead in found.values()} == {False}
    assert {lead["source_id"][1] for lead in found.values()} == {"CRM clean-up 2026"}
    assert {own for own, lead in found.items() if lead["user_id"]} == mine
    assert {found[own]["user_id"][0] for own in mine} == {user["id"]}
    assert {own for own, lead in found.items() if lead["is_blacklisted"]} == {
        own for own in out if found[own]["email_from"]
    }
    assert {own for own, lead in found.items() if len(lead["tag_ids"]) == 2} == out
    assert way.source.count("SELECT count(*) FROM mail_blacklist") > before
    verified = way.result("verify", "plan")
    assert verified["different"] == 0


def test_undo_keeps_what_people_have_worked_with(way: Way) -> None:
    """A message, an edited note, a conversion: these leads stay and are named, and their partners stay archived."""
    odoo = way.source.odoo
    companies = prepared(way)
    way.run("apply", "plan")
    way.run("retire", "plan")
    leads = lead_ids(odoo)
    messaged, edited, renamed, lost = companies[:4]
    odoo.call("crm.lead", "message_post", {"body": "Angerufen"}, ids=[leads[messaged]])
    note = read(odoo, leads[edited], "description")["description"]
    odoo.call("crm.lead", "write", {"vals": {"description": f"{note}\n<p>ruft zurück</p>"}}, ids=[leads[edited]])
    odoo.call("crm.lead", "write", {"vals": {"email_from": "neu@firma.example"}}, ids=[leads[renamed]])
    odoo.call("crm.lead", "write", {"vals": {"active": False}}, ids=[leads[lost]])
    undone = way.result("undo", "plan")
    kept = {one["lead"]: one["reason"] for one in undone["kept"]}
    assert set(kept) == {f"partners:{own}" for own in (messaged, edited, renamed, lost)}
    assert kept[f"partners:{messaged}"] == "it has a message"
    assert "note" in kept[f"partners:{edited}"]
    assert "email" in kept[f"partners:{renamed}"]
    rows = odoo.call("res.partner", "read", {"fields": ["active"]}, ids=companies)
    assert {row["id"] for row in rows if not row["active"]} == {messaged, edited, renamed, lost}
    forced = way.result("undo", "plan", "--force", f"partners:{messaged}")
    assert forced["leads"] == 1


def test_a_lead_that_somebody_deleted_is_not_written_again(way: Way) -> None:
    """The ledger outlives the lead: apply leaves it, verify names it, and a new plan does not move its record."""
    odoo = way.source.odoo
    companies = prepared(way)
    way.run("apply", "plan")
    leads = lead_ids(odoo)
    odoo.call("crm.lead", "unlink", {}, ids=[leads[companies[0]]], context=SILENT)
    assert way.result("apply", "plan")["leads"] == 0
    said = way.run("verify", "plan", code=5)
    assert f"partners:{companies[0]}" in said
    way.run("plan", "odoo.yaml", "--out", "again")
    assert way.result("status", "again")["leads"] == 0


def test_a_run_that_was_killed_after_the_leads_comes_to_their_files(way: Way) -> None:
    """Leads that are there, but not marked as done, get their files and their place on the blacklist."""
    prepared(way, 120, do_not_contact='{column: city, equals: "Musterstadt"}')
    way.run("apply", "plan")
    counts = [
        "SELECT count(*) FROM ir_attachment WHERE res_model = 'crm.lead' AND name LIKE 'Angebot%'",
        "SELECT count(*) FROM mail_blacklist",
        "SELECT count(*) FROM ir_model_data WHERE module = 'crm_cleanup' AND name LIKE 'row/%' AND noupdate",
    ]
    before = [way.source.count(query) for query in counts]
    assert all(before)
    way.source.execute(
        "UPDATE ir_model_data SET noupdate = false WHERE module = 'crm_cleanup'",
        "DELETE FROM ir_attachment WHERE res_model = 'crm.lead'",
        "DELETE FROM mail_blacklist",
    )
    assert way.result("apply", "plan")["leads"] == 0
    assert [way.source.count(query) for query in counts] == before


def test_one_runner_at_a_time(way: Way) -> None:
    """A second runner is refused and told who is at work; one that is dead is passed over."""
    odoo = way.source.odoo
    prepared(way, 30)
    lock = OdooLock(odoo, "Maria on pc1, crm-cleanup apply")
    lock.take()
    said = way.run("apply", "plan", code=4)
    assert "Another runner is at work: Maria on pc1, crm-cleanup apply" in said
    lock.hold()
    lock.release()
    dead = json.dumps({"holder": "gone", "host": "pc2", "pid": 1, "started": "1", "beat": 0})
    odoo.call("ir.config_parameter", "create", {"vals_list": [{"key": KEY, "value": dead}]})
    assert way.result("apply", "plan")["leads"] > 0
    assert way.source.count(f"SELECT count(*) FROM ir_config_parameter WHERE key = '{KEY}'") == 0
