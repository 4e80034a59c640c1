"""Partners become leads in a real Odoo, and partners again: exactly once, whatever happens on the way."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tests.odoo.instance import STAMPS, Instance, instance, make_partners
from tests.odoo.way import Way

PARTNERS = 3000
KILLS = 21


def silence(crm: Instance) -> tuple[int, ...]:
    """How many messages, followers and mails there are."""
    tables = ("mail_message", "mail_followers", "mail_mail", "mail_tracking_value")
    return tuple(crm.count(f"SELECT count(*) FROM {table}") for table in tables)


def once_each(crm: Instance, leads_before: int) -> int:
    """How many new leads there are, each with one external id of its own.

    One statement sees one moment: a call of a killed runner may be carried out while this is asked.
    """
    own = "FROM ir_model_data WHERE module = 'crm_cleanup' AND model = 'crm.lead' AND name LIKE 'lead/%'"
    ids, records, leads = crm.row(
        f"SELECT (SELECT count(*) {own}), (SELECT count(DISTINCT res_id) {own}), (SELECT count(*) FROM crm_lead)"
    )
    assert ids == records == leads - leads_before
    return int(ids)


def announced(crm: Instance) -> int:
    """How many ledger rows there are: a batch begins with them."""
    return crm.count("SELECT count(*) FROM ir_model_data WHERE module = 'crm_cleanup' AND name LIKE 'row/%'")


def test_the_whole_way_with_kills(way: Way, share: float) -> None:
    """Killed again and again and resumed, apply writes each lead once; after undo every partner is as it was."""
    crm, chance = way.source, random.Random(way.source.version)
    partners, kills = round(PARTNERS * share), round(KILLS * share)
    make_partners(crm.odoo, partners)
    way.configure()
    before = crm.dump("res_partner", *STAMPS)
    leads_before = crm.count("SELECT count(*) FROM crm_lead")
    way.run("check", "odoo.yaml")
    way.run("plan", "odoo.yaml", "--out", "plan")
    plan = way.result("status", "plan")
    silent = silence(crm)

    struck = attempts = 0
    while struck < kills and attempts < 3 * kills:
        if attempts % 2:
            struck += way.killed("apply", "plan", after=chance.uniform(0.3, 1.5))
        else:
            struck += way.killed("apply", "plan", after=chance.uniform(0.0, 0.3), sign=lambda: announced(crm))
        attempts += 1
        once_each(crm, leads_before)
    way.run("apply", "plan")
    again = way.result("apply", "plan")

    assert struck == kills
    assert (again["leads"], again["before"]) == (0, plan["leads"])
    assert once_each(crm, leads_before) == plan["leads"]
    assert silence(crm) == silent
    verified = way.result("verify", "plan")
    assert verified["values"] == verified["found"] > partners * 10
    assert verified["different"] == verified["missing"] == 0

    for _ in range(2):
        way.killed("retire", "plan", after=chance.uniform(1.5, 4.0))
    retired = way.result("retire", "plan")
    assert retired["active"]["stays"] == retired["active"]["planned"]
    assert retired["active"]["leads"] == 0
    assert retired["skipped"] == []
    way.killed("undo", "plan", after=chance.uniform(1.5, 4.0))
    assert way.result("undo", "plan")["kept"] == []
    after = crm.dump("res_partner", *STAMPS)
    assert [pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]] == []
    assert crm.count("SELECT count(*) FROM crm_lead") == leads_before
    assert crm.count("SELECT count(*) FROM ir_model_data WHERE module = 'crm_cleanup'") == 0
    assert silence(crm) == silent


def test_search_finds_moved_companies_and_contacts(way: Way) -> None:
    """Odoo's own search over leads finds each of 100 companies, and with one_per contact each of 100 contacts."""
    made = make_partners(way.source.odoo, 600)
    way.configure(one_per="contact")
    way.run("plan", "odoo.yaml", "--out", "plan")
    way.run("apply", "plan")
    odoo = way.source.odoo
    names = {
        row["id"]: row["name"]
        for row in odoo.call("res.partner", "read", {"fields": ["name"]}, ids=[*made["companies"], *made["persons"]])
    }
    moved = [own for own in made["companies"] if own not in made["customers"]]
    rows = odoo.call("res.partner", "read", {"fields": ["parent_id"]}, ids=made["persons"])
    staying = set(made["customers"])
    contacts = [row["id"] for row in rows if not row["parent_id"] or row["parent_id"][0] not in staying]

    assert len(moved) >= 100
    assert len(contacts) >= 100
    for own in (*moved[:100], *contacts[:100]):
        assert searched(odoo, names[own]), f"nothing is found for partner {own}"


def searched(odoo: Any, text: str) -> int:
    """How many leads Odoo's own search filter, `Lead` in the search view, finds for a text."""
    fields = ("partner_name", "email_from", "contact_name", "name")
    domain = [["type", "=", "lead"], "|", "|", "|", *([field, "ilike", text] for field in fields)]
    return int(odoo.call("crm.lead", "search_count", {"domain": domain}, context={"active_test": True}))


@pytest.mark.parametrize("one_per", ["company", "contact"])
def test_from_14_to_19(tmp_path: Any, one_per: str) -> None:
    """The clean-up goes with an upgrade: partners of a 14 become leads of a 19, with their files."""
    with instance(14) as old, instance(19) as new:
        make_partners(old.odoo, 300)
        way = Way(old, new, tmp_path)
        way.configure(one_per)
        way.run("plan", "odoo.yaml", "--out", "plan")
        way.run("apply", "plan")
        verified = way.result("verify", "plan")
        assert verified["values"] == verified["found"] > 3000
        files = "SELECT count(*) FROM ir_attachment WHERE res_model = 'crm.lead' AND name LIKE 'Angebot%'"
        assert new.count(files) > 0
        way.run("retire", "plan")
        way.run("undo", "plan")
        assert new.count("SELECT count(*) FROM ir_model_data WHERE module = 'crm_cleanup'") == 0
