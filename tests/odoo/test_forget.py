"""One person taken out of leads that stand in a real Odoo: of their notes, their fields and their files."""

from __future__ import annotations

import base64
from typing import Any

from tests.odoo.test_convert import lead_ids, press
from tests.odoo.test_leads import read
from tests.odoo.test_restore import make
from tests.odoo.test_whole_way import silence
from tests.odoo.way import Way
from tests.searching import places_of

VALUES = ("Vergissmeinnicht", "weg@vergessen.example", "Geheimnis")
COLUMNS = ("description", "contact_name", "email_from", "name", "write_date")


def planned(way: Way) -> dict[str, int]:
    """A company whose first contact asks to be forgotten, one who is alone, and a company for conversion; applied."""
    odoo = way.source.odoo
    firm = make(odoo, name="Bleibt GmbH", is_company=True, city="Musterstadt")
    sold = make(odoo, name="Verkauft GmbH", is_company=True)
    person = {"function": "Einkauf", "email": VALUES[1]}
    own = {
        "firm": firm,
        "gone": make(odoo, name="Ada Vergissmeinnicht", parent_id=firm, comment="Ein Geheimnis, sagt sie", **person),
        "stays": make(odoo, name="Berta Bleibt", parent_id=firm, email="berta@bleibt.example"),
        "alone": make(odoo, name="Solo Vergissmeinnicht", email="solo@vergessen.example"),
        "sold": sold,
        "buyer": make(odoo, name="Carla Vergissmeinnicht", parent_id=sold, email="carla@vergessen.example"),
    }
    files = {"gone": "Geheimnis.txt", "stays": "Angebot.txt"}
    attached = [
        {"name": name, "res_model": "res.partner", "res_id": own[who], "datas": base64.b64encode(who.encode()).decode()}
        for who, name in files.items()
    ]
    odoo.call("ir.attachment", "create", {"vals_list": attached})
    way.configure()
    way.run("plan", "odoo.yaml", "--out", "plan")
    way.run("apply", "plan")
    return own


def shown(way: Way, lead: int) -> str:
    """All that Odoo has of a lead, with its files."""
    odoo = way.source.odoo
    domain = [["res_model", "=", "crm.lead"], ["res_id", "=", lead]]
    files = odoo.call("ir.attachment", "search_read", {"domain": domain, "fields": ["name"]})
    rows: list[dict[str, Any]] = odoo.call("crm.lead", "read", {"fields": list(COLUMNS)}, ids=[lead])
    return repr((rows, files))


def test_a_person_is_taken_out_of_written_leads(way: Way) -> None:
    """The block, fields and files give way, what people wrote stays, and verify, undo and apply go on; killed, too."""
    odoo = way.source.odoo
    own = planned(way)
    leads = lead_ids(odoo)
    lead, key = leads[own["firm"]], f"partners:{own['gone']}"
    around = "<p><b>ruft zurück</b></p>" if way.source.version >= 19 else "ruft zurück\n"
    note = read(odoo, lead, "description")["description"]
    odoo.call("crm.lead", "write", {"vals": {"description": f"{around}{note}"}}, ids=[lead])
    count, silent = way.source.count("SELECT count(*) FROM crm_lead"), silence(way.source)
    assert all(value in shown(way, lead) for value in VALUES)
    for after in (0.2, 0.8, 1.6, 2.4):
        way.killed("forget", "plan", key, "--by", "Dana", after=after)
    way.run("forget", "plan", key, "--by", "Dana")

    stands = shown(way, lead)
    assert not [value for value in VALUES if value in stands]
    assert "Berta Bleibt" in stands
    assert "Angebot.txt" in stands
    assert read(odoo, lead, "description")["description"].startswith(around.strip())
    assert read(odoo, lead, "email_from", "contact_name") == {
        "id": lead, "email_from": "berta@bleibt.example", "contact_name": "Berta Bleibt",
    }  # fmt: skip
    assert silence(way.source) == silent
    assert places_of(VALUES, way.folder / "plan") != []  # the others who are called so
    way.run("verify", "plan")
    assert "Dana took a record out of the plan" in way.run("status", "plan")

    way.run("forget", "plan", f"partners:{own['alone']}", "--by", "Dana")
    assert way.source.count("SELECT count(*) FROM crm_lead") == count - 1
    assert way.source.count("SELECT count(*) FROM ir_model_data WHERE name LIKE 'row/%forgotten/%/forgotten'") == 2

    way.run("retire", "plan")
    customer = press(odoo, leads[own["sold"]], company_only=False)
    said = way.run("forget", "plan", f"partners:{own['buyer']}", "--by", "Dana", code=1)
    assert f"lead {leads[own['sold']]}: the customer {customer}, which it was converted to" in said
    assert f"lead {leads[own['sold']]}: contact_name" in said
    assert "Vergissmeinnicht" not in read(odoo, leads[own["sold"]], "description")["description"]
    assert "still held values" in way.run("status", "plan")
    assert places_of(VALUES, way.folder / "plan") == []

    way.run("plan", "odoo.yaml", "--out", "later")
    assert way.result("status", "later")["leads"] == 0
    kept = {one["lead"] for one in way.result("undo", "plan")["kept"]}
    assert kept == {f"partners:{own['firm']}", f"partners:{own['sold']}"}


def test_a_lead_that_lost_a_person_can_be_taken_back(way: Way) -> None:
    """What this tool wrote itself is no edit; what people had changed before stays one, and is never deleted."""
    odoo = way.source.odoo
    own = planned(way)
    leads = lead_ids(odoo)
    odoo.call("crm.lead", "write", {"vals": {"priority": "2"}}, ids=[leads[own["sold"]]])
    [user] = odoo.call("res.users", "search", {"domain": [["login", "=", "demo"]]})
    way.source.execute(
        f"UPDATE crm_lead SET write_uid = {user} WHERE id = {leads[own['sold']]}",
        "UPDATE ir_model_data SET write_date = write_date - interval '10 minutes' WHERE module = 'crm_cleanup'",
        "UPDATE crm_lead SET write_date = write_date - interval '10 minutes'",
    )
    way.run("forget", "plan", f"partners:{own['gone']}", "--by", "Dana")
    way.run("forget", "plan", f"partners:{own['buyer']}", "--by", "Dana")
    said = way.run("forget", "plan", f"partners:{own['sold']}", "--by", "Dana", code=1)
    assert "somebody has changed it since" in said  # the lead is that record's alone now
    kept = {one["lead"]: one["reason"] for one in way.result("undo", "plan")["kept"]}
    assert kept == {f"partners:{own['sold']}": "somebody has changed it since"}
    assert way.source.count("SELECT count(*) FROM ir_model_data WHERE name LIKE 'worked/%'") == 1
