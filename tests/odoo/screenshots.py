"""Take the screenshots of docs/odoo.md: the list of leads and a lead's notes, in both versions, in German.

    python -m tests.odoo.screenshots FOLDER

Needs the Odoos of tests/odoo/servers, Playwright for Python (`pip install playwright`) and Debian's package chromium.
"""

from __future__ import annotations

import importlib
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.odoo.instance import ODD, VERSIONS, Instance, instance, make_partners
from tests.odoo.way import ROOT, Way

WIDTH, HEIGHT = 1280, 800
LIST = {14: "/web#action={action}&model=crm.lead&view_type=list", 19: "/odoo/action-{action}"}
FORM = {14: "/web#id={lead}&model=crm.lead&view_type=form&action={action}", 19: "/odoo/action-{action}/{lead}"}
NOTES = {14: "Notizen", 19: "Notizen"}


def moved(crm: Instance, folder: Path) -> None:
    """Move the partners of a database, and show leads in German to its administrator."""
    odoo = crm.odoo
    rows = odoo.call("crm.lead", "search_read", {"domain": [], "fields": ["id"]})
    odoo.call("crm.lead", "unlink", {}, ids=[row["id"] for row in rows])  # those of Odoo's demo data
    made = make_partners(odoo, 75, seed=11)
    for number, own in enumerate(made["companies"][: len(ODD)], 90001):
        odoo.call("res.partner", "write", {"vals": {"name": f"Vorlage {number} GmbH"}}, ids=[own])
    rows = odoo.call("res.partner", "read", {"fields": ["name"]}, ids=made["persons"])
    for row in rows:  # not each machine has the letters
        if not row["name"].isascii():
            name = f"Anna {row['name'].split()[-2]} {row['name'].split()[-1]}"
            odoo.call("res.partner", "write", {"vals": {"name": name}}, ids=[row["id"]])
    way = Way(crm, crm, folder)
    shutil.copy(ROOT / "configs" / "odoo.yaml", folder)
    way.run("plan", "odoo.yaml", "--out", "plan")
    way.run("approve", "plan", "--by", "Maria Muster")
    way.run("apply", "plan")
    way.run("retire", "plan")
    odoo.call("res.users", "write", {"vals": {"lang": "de_DE"}}, ids=[odoo.uid])
    domain = [["module", "=", "crm"], ["name", "=", "group_use_lead"]]
    [row] = odoo.call("ir.model.data", "search_read", {"domain": domain, "fields": ["res_id"]})
    groups = "groups_id" if "groups_id" in odoo.fields("res.users") else "group_ids"
    odoo.call("res.users", "write", {"vals": {groups: [[4, row["res_id"]]]}}, ids=[odoo.uid])


def shown(crm: Instance, page: Any, folder: Path) -> None:
    """Log in, and take both pictures."""
    odoo = crm.odoo
    base = odoo.address.base
    page.goto(f"{base}/web/login?db={odoo.address.database}")
    page.fill("input[name=login]", "admin")
    page.fill("input[name=password]", "admin")
    page.click("form button[type=submit]")
    page.wait_for_selector(".o_main_navbar", timeout=60_000)
    domain: list[Any] = [["module", "=", "crm"], ["name", "=", "crm_lead_all_leads"]]
    [row] = odoo.call("ir.model.data", "search_read", {"domain": domain, "fields": ["res_id"]})
    page.goto(base + LIST[crm.version].format(action=row["res_id"]))
    page.wait_for_selector(".o_list_view .o_data_row", timeout=60_000)
    page.wait_for_timeout(1500)
    page.screenshot(path=folder / f"odoo{crm.version}-leads.png")
    domain = [
        ["partner_name", "!=", False],
        ["contact_name", "!=", False],
        ["description", "ilike", "kein Interesse"],
    ]
    domain.append(["country_id", "!=", False])
    [lead] = odoo.call("crm.lead", "search_read", {"domain": domain, "fields": ["id"], "limit": 1, "order": "id"})
    page.goto(base + FORM[crm.version].format(action=row["res_id"], lead=lead["id"]))
    page.wait_for_selector(".o_form_view", timeout=60_000)
    page.wait_for_timeout(1500)
    page.get_by_role("tab", name=NOTES[crm.version]).first.click()
    page.wait_for_timeout(1000)
    page.evaluate("document.querySelector('.o_notebook, .nav-tabs').scrollIntoView()")
    page.wait_for_timeout(500)
    page.screenshot(path=folder / f"odoo{crm.version}-note.png")


def main(folder: Path) -> None:
    """Take the pictures of both versions."""
    sync_playwright = importlib.import_module("playwright.sync_api").sync_playwright
    folder.mkdir(parents=True, exist_ok=True)
    chromium = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for version in VERSIONS:
            with instance(version) as crm, tempfile.TemporaryDirectory() as name:
                moved(crm, Path(name))
                page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, locale="de-DE")
                shown(crm, page, folder)
                page.close()
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
