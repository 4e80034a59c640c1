"""The first config of a real Odoo runs as it stands, and knows its customers."""

from __future__ import annotations

import json

from tests.odoo.instance import make_partners
from tests.odoo.way import Way
from tests.systems.way import decisions


def test_the_first_config_of_an_odoo_runs_unedited(way: Way) -> None:
    """Whoever ordered or was invoiced is a customer; the question on top has the numbers of the config's own rules."""
    made = make_partners(way.source.odoo, 150)
    first = way.result("init", way.source.url, "--out", "first.yaml", "--yes")
    way.run("check", "first.yaml")
    way.run("plan", "first.yaml", "--out", "plan")
    decided, text = decisions(way.folder), (way.folder / "first.yaml").read_text(encoding="utf-8")
    report = json.loads((way.folder / "plan" / "report.json").read_text(encoding="utf-8"))
    ordered, invoiced = (
        next(join["records_with_row"] for join in report["joins"] if join["dataset"] == f"odoo.{name}")
        for name in ("confirmed_orders", "posted_invoices")
    )

    assert first["entries"] == {"partners": way.source.count("SELECT count(*) FROM res_partner")}
    assert {decided[f"partners:{own}"] for own in made["customers"]} == {"customer"}
    assert "lead" in decided.values()
    assert f"odoo.confirmed_orders: {ordered} within 1" in text
    assert f", {invoiced} ever (partners)" in text
    assert "Here: ever." in text
    assert f":{way.source.key}@" not in text
