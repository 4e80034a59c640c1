"""What goes wrong on the way to an Odoo: a clear line, nothing twice, nothing lost."""

from __future__ import annotations

import dataclasses
import itertools
import threading
import time
from pathlib import Path

from etl.connect.odoo.client import SILENT
from tests.odoo.instance import Instance, make_partners
from tests.odoo.proxy import Fate, proxy
from tests.odoo.way import Way

LONG = "Lang & <b>breit</b> 100 % 🚀 " * 70_000
"""About 2 MB."""


def through(crm: Instance, port: int) -> Instance:
    """The same database behind a proxy."""
    base = crm.odoo.address.base
    return dataclasses.replace(crm, url=crm.url.replace(base.rpartition("//")[2], f"127.0.0.1:{port}"))


def test_lost_answers_and_errors_of_a_proxy(crm: Instance, tmp_path: Path) -> None:
    """Answers that are lost after the commit, 502 and 429: each lead is there once, and every value in it."""
    made = make_partners(crm.odoo, 240)
    long = {"comment": LONG, "name": "Große Notiz GmbH"}
    crm.odoo.call("res.partner", "write", {"vals": long}, ids=[made["companies"][1]], context=SILENT)
    fates = itertools.cycle(["cut", "502", "pass", "429", "pass"])
    lock, struck = threading.Lock(), list[str]()

    def fate(path: str, body: bytes) -> Fate:
        writes = b'"load"' in body or path.endswith(("/load", "/create")) or b'"create"' in body
        if not writes:
            return "pass"
        with lock:
            struck.append(next(fates))
            return struck[-1]  # type: ignore[return-value]

    with proxy(crm.odoo.address.base, fate) as port:
        behind = through(crm, port)
        way = Way(behind, behind, tmp_path)
        way.configure()
        way.run("plan", "odoo.yaml", "--out", "plan")
        before = crm.count("SELECT count(*) FROM crm_lead")
        applied = way.result("apply", "plan")
        assert {"cut", "502", "429"} <= set(struck)
        assert crm.count("SELECT count(*) FROM crm_lead") - before == applied["leads"] > 50
        verified = way.result("verify", "plan")
        assert verified["found"] == verified["values"]
        way.run("retire", "plan")
        way.run("undo", "plan")
        assert crm.count("SELECT count(*) FROM crm_lead") == before


def test_a_server_that_is_restarted_while_leads_are_loaded(crm: Instance, tmp_path: Path) -> None:
    """Its calls end in the middle, for some seconds nothing answers, then it does not know its database yet: apply
    waits, and each lead is there once."""
    make_partners(crm.odoo, 240)
    lock, loads, away = threading.Lock(), list[float](), 6.0

    def fate(path: str, body: bytes) -> Fate:
        with lock:
            gone = time.monotonic() - loads[0] if loads else away
            if gone < away:
                return "gone" if gone < away / 2 or not path.startswith("/json/2/") else "404"
            if not loads and (path.endswith("/load") or b'"load"' in body):
                loads.append(time.monotonic())
                threading.Thread(target=end_calls).start()
        return "pass"

    def end_calls() -> None:
        for _ in range(20):
            crm.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            time.sleep(0.1)

    with proxy(crm.odoo.address.base, fate) as port:
        behind = through(crm, port)
        way = Way(behind, behind, tmp_path)
        way.configure()
        way.run("plan", "odoo.yaml", "--out", "plan")
        before = crm.count("SELECT count(*) FROM crm_lead")
        applied = way.result("apply", "plan")
        assert loads
        assert time.monotonic() - loads[0] > away
        assert crm.count("SELECT count(*) FROM crm_lead") - before == applied["leads"] > 50
        verified = way.result("verify", "plan")
        assert verified["found"] == verified["values"]


def test_one_lead_that_odoo_refuses_stands_alone(way: Way) -> None:
    """A constraint of the server refuses one lead: it is named with the reason, and all others are written."""
    crm = way.source
    made = make_partners(crm.odoo, 120)
    bad = made["companies"][1]
    crm.odoo.call("res.partner", "write", {"vals": {"name": "Verboten GmbH"}}, ids=[bad], context=SILENT)
    crm.execute("ALTER TABLE crm_lead ADD CONSTRAINT no_such CHECK (name <> 'Verboten GmbH')")
    way.configure()
    way.run("plan", "odoo.yaml", "--out", "plan")
    planned = way.result("status", "plan")["leads"]
    said = way.run("apply", "plan", code=1)
    assert f"Refused: partners:{bad}:" in said
    assert "no_such" in said
    assert "The target refused 1 lead." in said
    assert (
        crm.count("SELECT count(*) FROM ir_model_data WHERE module = 'crm_cleanup' AND name LIKE 'lead/%'")
        == planned - 1
    )
    way.run("retire", "plan")
    assert crm.count(f"SELECT count(*) FROM res_partner WHERE id = {bad} AND active") == 1


def test_a_required_field_that_nothing_fills_is_named(way: Way) -> None:
    """A custom field that Odoo requires stops check; target.values fills it."""
    odoo = way.source.odoo
    [model] = odoo.call("ir.model", "search_read", {"domain": [["model", "=", "crm.lead"]], "fields": ["id"]})
    own = {"name": "x_must", "model_id": model["id"], "ttype": "char", "required": True, "state": "manual"}
    odoo.call("ir.model.fields", "create", {"vals_list": [{**own, "field_description": "Pflicht"}]})
    way.configure()
    said = way.run("check", "odoo.yaml", code=2)
    assert "crm.lead requires the field 'x_must' (Pflicht), but nothing fills it" in said
    assert "target.values: {x_must:" in said
    config = way.folder / "odoo.yaml"
    config.write_text(config.read_text().replace("values: {", "values: {x_must: ja, "))
    way.run("check", "odoo.yaml")


def test_a_wrong_key_is_told(way: Way) -> None:
    """It says what to do, and not the key."""
    way.configure()
    wrong = Way(dataclasses.replace(way.source, key="n0t-this-0ne"), way.source, way.folder)
    said = wrong.run("check", "odoo.yaml", code=1)
    assert "login" in said
    assert "n0t-this-0ne" not in said


def test_an_unknown_country_sends_its_family_to_review(way: Way) -> None:
    """What names nothing in the target is asked of people, not dropped from the lead."""
    odoo = way.source.odoo
    [own] = odoo.call(
        "res.partner",
        "create",
        {"vals_list": [{"name": "Fern GmbH", "is_company": True, "city": "Nirgendland"}]},
        context=SILENT,
    )
    way.configure()
    config = way.folder / "odoo.yaml"
    config.write_text(config.read_text().replace('country: "{country_id.name}"', 'country: "{city}"'))
    way.run("plan", "odoo.yaml", "--out", "plan")
    cases = (way.folder / "plan" / "open-cases.csv").read_text()
    assert f"partners:{own}" in cases
    assert "country" in cases
