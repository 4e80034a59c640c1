"""What leads are in Odoo, and what happens to those that people have worked with."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any

from etl.connect.odoo.client import SILENT, Odoo
from etl.connect.odoo.lock import KEY, OdooLock
from tests.odoo.instance import make_partners
from tests.odoo.test_convert import lead_ids
from tests.odoo.test_whole_way import silence
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


def test_each_address_of_who_must_not_be_contacted_is_on_the_blacklist(way: Way) -> None:
    """Several in one field, one with a name around it, one of whom another reaches; what is no address is told."""
    odoo = way.source.odoo
    several = ("eins@opt.example; zwei@opt.example", "vier@opt.example / fuenf@opt.example")
    emails = (
        *several,
        "Drei (alt <drei@opt.example>",
        "fragen Sie Frau Muster",
        "sechs@opt.example, jane(at)opt.example",
    )
    rows = [
        {"name": f"Ohne Werbung {at}", "city": "Musterstadt", "email": one} for at, one in enumerate((*emails, False))
    ]
    odoo.call("res.partner", "create", {"vals_list": rows}, context=SILENT)
    duo = {"name": "Duo", "is_company": True, "city": "Neuort"}
    [of] = odoo.call("res.partner", "create", {"vals_list": [duo]}, context=SILENT)
    pair = [
        {"name": name, "email": f"{name.lower()}@opt.example", "city": city, "type": "other", "parent_id": of}
        for name, city in (("Ann", "Musterstadt"), ("Ben", "Neuort"))
    ]
    odoo.call("res.partner", "create", {"vals_list": pair}, context=SILENT)
    prepared(way, 6, do_not_contact='{column: city, equals: "Musterstadt"}')
    silent = silence(way.source)
    applied = way.result("apply", "plan")
    names = ["Ohne Werbung 3", "Ohne Werbung 4"]
    unread = odoo.call("res.partner", "search", {"domain": [["name", "in", names]]})
    assert len(unread) == 2
    assert (applied["refused"], sorted(applied["unlisted"])) == ([], sorted(f"partners:{each}" for each in unread))
    assert silence(way.source) == silent
    listed = odoo.call("mail.blacklist", "search_read", {"domain": [], "fields": ["email"]})
    wanted = {f"{one}@opt.example" for one in ("eins", "zwei", "drei", "vier", "fuenf", "sechs", "ann")}
    assert {row["email"] for row in listed if row["email"].endswith("@opt.example")} == wanted
    verified = way.result("verify", "plan")
    assert (verified["different"], verified["missing"]) == (0, 0)
    [zwei] = [row["id"] for row in listed if row["email"] == "zwei@opt.example"]
    odoo.call("mail.blacklist", "write", {"vals": {"active": False}}, ids=[zwei], context=SILENT)
    [own] = odoo.call("res.partner", "search", {"domain": [["name", "=", "Ohne Werbung 0"]]})
    said = way.run("verify", "plan", code=5)
    assert f"lead partners:{own} (id {lead_ids(odoo)[own]}): an address that opted out is not on the mail bl" in said
    assert "1 difference: 0 values lost or different, 0 leads missing" in said


def test_undo_keeps_what_people_have_worked_with(way: Way) -> None:
    """A message, an edit, a salesperson: these leads stay and are named, and their partners stay archived."""
    odoo = way.source.odoo
    companies = prepared(way)
    way.run("apply", "plan")
    way.run("retire", "plan")
    leads = lead_ids(odoo)
    messaged, edited, renamed, lost, taken, starred, later, again = companies[:8]  # again: by a call of a killed run
    [user] = odoo.call("res.users", "search", {"domain": [["login", "=", "demo"]]})
    odoo.call("crm.lead", "message_post", {"body": "Angerufen"}, ids=[leads[messaged]])
    note = read(odoo, leads[edited], "description")["description"]
    odoo.call("crm.lead", "write", {"vals": {"description": f"{note}\n<p>ruft zurück</p>"}}, ids=[leads[edited]])
    odoo.call("crm.lead", "write", {"vals": {"email_from": "neu@firma.example"}}, ids=[leads[renamed]])
    odoo.call("crm.lead", "write", {"vals": {"active": False}}, ids=[leads[lost]])
    odoo.call("crm.lead", "write", {"vals": {"user_id": odoo.uid}}, ids=[leads[taken]])
    odoo.call("crm.lead", "write", {"vals": {"priority": "2"}}, ids=[leads[starred]])
    way.source.execute(f"UPDATE crm_lead SET write_uid = {user} WHERE id = {leads[starred]}")
    odoo.call("crm.lead", "write", {"vals": {"priority": "1"}}, ids=[leads[later]])
    way.source.execute(f"UPDATE crm_lead SET write_date = write_date + interval '2 minutes' WHERE id = {leads[later]}")
    odoo.call("crm.lead", "write", {"vals": {"name": read(odoo, leads[again], "name")["name"]}}, ids=[leads[again]])
    undone = way.result("undo", "plan")
    kept = {one["lead"]: one["reason"] for one in undone["kept"]}
    assert set(kept) == {f"partners:{own}" for own in (messaged, edited, renamed, lost, taken, starred, later)}
    assert kept[f"partners:{messaged}"] == "it has a message"
    assert "note" in kept[f"partners:{edited}"]
    assert "email" in kept[f"partners:{renamed}"]
    assert kept[f"partners:{starred}"] == kept[f"partners:{later}"] == "somebody has changed it since"
    rows = odoo.call("res.partner", "read", {"fields": ["active"]}, ids=companies)
    assert {row["id"] for row in rows if not row["active"]} == {messaged, edited, renamed, lost, taken, starred, later}
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
    assert "Another crm-cleanup command is writing to this Odoo: Maria on pc1, crm-cleanup apply" in said
    lock.confirm()
    lock.release()
    dead = json.dumps({"holder": "gone", "host": "pc2", "pid": 1, "started": "1", "beat": 0})
    odoo.call("ir.config_parameter", "create", {"vals_list": [{"key": KEY, "value": dead}]})
    assert way.result("apply", "plan")["leads"] > 0
    assert way.source.count(f"SELECT count(*) FROM ir_config_parameter WHERE key = '{KEY}'") == 0


def test_a_partner_that_odoo_does_not_let_archive_stays_with_its_family(way: Way) -> None:
    """The partner of an active user is named with Odoo's reason and is a failure; all other families are archived."""
    odoo = way.source.odoo
    [company] = odoo.call("res.partner", "create", {"vals_list": [{"name": "Portal GmbH", "is_company": True}]})
    family = [{"name": "Paula Portal", "parent_id": company}, {"name": "Peter Portal", "parent_id": company}]
    paula, peter = odoo.call("res.partner", "create", {"vals_list": family}, context=SILENT)
    user = {"login": "paula", "name": "Paula Portal", "partner_id": paula}
    odoo.call("res.users", "create", {"vals_list": [user]}, context={"no_reset_password": True, **SILENT})
    make_partners(odoo, 30)
    way.configure()
    config = way.folder / "odoo.yaml"
    text = config.read_text()
    lines = [line for line in text.splitlines() if "when: {odoo: users}" not in line]
    assert len(lines) == len(text.splitlines()) - 1
    config.write_text("\n".join(lines))
    way.run("plan", "odoo.yaml", "--out", "plan")
    way.run("apply", "plan")
    retired = way.result("retire", "plan", code=1)
    assert f"partners:{company}" in {one["lead"] for one in retired["skipped"]}
    assert retired["records"] > 20
    active = odoo.call("res.partner", "read", {"fields": ["active"]}, ids=[company, paula, peter])
    assert [row["active"] for row in active] == [True, True, True]


def test_images_and_files_are_attached_as_they_were(way: Way) -> None:
    """Many large ones, read a few at a time: each is on its lead, byte for byte, and a second apply adds none."""
    odoo = way.source.odoo
    picture = base64.b64encode(png(64)).decode()
    partners = [{"name": f"Bild {number} GmbH", "is_company": True, "image_1920": picture} for number in range(25)]
    made = odoo.call("res.partner", "create", {"vals_list": partners}, context=SILENT)
    files = [
        {
            "name": f"Anlage {own}.bin",
            "res_model": "res.partner",
            "res_id": own,
            "datas": base64.b64encode(own.to_bytes(4, "big") * 500_000).decode(),
        }
        for own in made[:6]
    ]
    for one in files:
        odoo.call("ir.attachment", "create", {"vals_list": [one]}, context=SILENT)
    way.configure()
    way.run("plan", "odoo.yaml", "--out", "plan")
    way.run("apply", "plan")
    leads = lead_ids(odoo)
    stored = "SELECT string_agg(checksum, ' ' ORDER BY checksum) FROM ir_attachment WHERE {} AND res_id = {}"
    for own in made:
        before = stored.format("res_model = 'res.partner' AND (res_field IS NULL OR res_field = 'image_1920')", own)
        assert way.source.row(before) == way.source.row(stored.format("res_model = 'crm.lead'", leads[own]))
    assert way.result("apply", "plan")["leads"] == 0


def png(size: int) -> bytes:
    """A picture of some pixels in many colours."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return len(content).to_bytes(4, "big") + kind + content + zlib.crc32(kind + content).to_bytes(4, "big")

    rows = b"".join(b"\0" + bytes((x * y) % 256 for x in range(size * 3)) for y in range(size))
    head = size.to_bytes(4, "big") * 2 + b"\x08\x02\0\0\0"
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
