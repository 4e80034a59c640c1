"""vtiger, Dolibarr, CiviCRM and HubSpot go the whole way, each with its own tables and a few rows."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.running import run
from tests.systems.way import config_of, decisions, notes, walk

VTIGER = """
CREATE TABLE vtiger_crmentity (crmid int PRIMARY KEY, smownerid int, setype text, deleted int);
CREATE TABLE vtiger_users (id int PRIMARY KEY, user_name text);
CREATE TABLE vtiger_account (accountid int PRIMARY KEY, accountname text, parentid int, account_type text, phone text,
  email1 text, website text);
CREATE TABLE vtiger_accountbillads (accountaddressid int PRIMARY KEY, bill_city text, bill_code text, bill_street text);
CREATE TABLE vtiger_contactdetails (contactid int PRIMARY KEY, accountid int, firstname text, lastname text, email text,
  phone text, emailoptout text);
CREATE TABLE vtiger_invoice (invoiceid int PRIMARY KEY, accountid int, invoicestatus text, invoicedate text);
INSERT INTO vtiger_users VALUES (1, 'maria');
INSERT INTO vtiger_crmentity VALUES (1, 1, 'Accounts', 0), (2, 1, 'Accounts', 0), (3, 1, 'Accounts', 1),
  (4, 1, 'Contacts', 0), (5, 1, 'Invoice', 0);
INSERT INTO vtiger_account VALUES (1, 'Alpha Bau GmbH', 0, 'Prospect', NULL, NULL, NULL),
  (2, 'Beta Glas AG', 2, 'Prospect', NULL, NULL, NULL), (3, 'Gone GmbH', 0, NULL, NULL, NULL, NULL);
INSERT INTO vtiger_accountbillads VALUES (1, 'Dresden', '01099', 'Weg 1');
INSERT INTO vtiger_contactdetails VALUES (4, 1, 'Ann', 'Muster', 'ann@alpha.example', NULL, '0');
INSERT INTO vtiger_invoice VALUES (5, 2, 'Paid', '2026-05-01');
"""
DOLIBARR = """
CREATE TABLE llx_societe (rowid int PRIMARY KEY, nom text, client int, fournisseur int, parent int, fk_pays int,
  email text, phone text, zip text, town text, tva_intra text);
CREATE TABLE llx_socpeople (rowid int PRIMARY KEY, fk_soc int, firstname text, lastname text, email text);
CREATE TABLE llx_facture (rowid int PRIMARY KEY, ref text, fk_soc int, fk_statut int, datef text);
CREATE TABLE llx_categorie (rowid int PRIMARY KEY, label text);
CREATE TABLE llx_categorie_societe (fk_categorie int, fk_soc int);
CREATE TABLE llx_c_country (rowid int PRIMARY KEY, label text);
INSERT INTO llx_c_country VALUES (5, 'Germany');
INSERT INTO llx_categorie VALUES (1, 'Fair'), (2, 'Newsletter');
INSERT INTO llx_categorie_societe VALUES (1, 1), (2, 1);
INSERT INTO llx_societe VALUES (1, 'Alpha Bau GmbH', 2, 0, NULL, 5, NULL, NULL, NULL, NULL, NULL),
  (2, 'Beta Glas AG', 1, 0, 0, 5, NULL, NULL, NULL, NULL, NULL),
  (3, 'Delta Stahl', 0, 1, 99, 5, NULL, NULL, NULL, NULL, NULL);
INSERT INTO llx_socpeople VALUES (1, 1, 'Ann', 'Muster', 'ann@alpha.example');
INSERT INTO llx_facture VALUES (1, 'FA1', 2, 2, '2026-02-01'), (2, 'FA2', 1, 0, '2026-02-01');
"""
CIVICRM = """
CREATE TABLE civicrm_contact (id int PRIMARY KEY, contact_type text, display_name text, organization_name text,
  household_name text, first_name text, last_name text, employer_id int, do_not_email int, is_deleted int);
CREATE TABLE civicrm_email (id int PRIMARY KEY, contact_id int, email text, is_primary int);
CREATE TABLE civicrm_contribution (id int PRIMARY KEY, contact_id int, receive_date text, contribution_status_id int);
CREATE TABLE civicrm_relationship (id int PRIMARY KEY, contact_id_a int, contact_id_b int, description text);
INSERT INTO civicrm_contact VALUES (1, 'Organization', 'Alpha e.V.', 'Alpha e.V.', NULL, NULL, NULL, NULL, 0, 0),
  (2, 'Household', 'Muster family', NULL, 'Muster family', NULL, NULL, NULL, 0, 0),
  (3, 'Individual', 'Ann Muster', NULL, NULL, 'Ann', 'Muster', 1, 0, 0),
  (4, 'Individual', 'Ben Beispiel', NULL, NULL, 'Ben', 'Beispiel', NULL, 0, 0),
  (5, 'Individual', 'Gone', NULL, NULL, 'Gone', 'Away', NULL, 0, 1);
INSERT INTO civicrm_email VALUES (1, 3, 'old@alpha.example', 0), (2, 3, 'ann@alpha.example', 1);
INSERT INTO civicrm_contribution VALUES (1, 4, '2026-01-01 10:00:00', 1);
INSERT INTO civicrm_relationship VALUES (1, 3, 2, 'member of the household');
"""
SQL = {
    "vtiger": (
        VTIGER,
        {"accounts:1": "lead", "accounts:2": "customer", "contacts:4": "lead"},
        ("accounts:1", ("Dresden", "user_name: maria", "Ann")),
    ),
    "dolibarr": (
        DOLIBARR,
        {"parties:1": "lead", "parties:2": "customer", "parties:3": "keep", "contacts:1": "lead"},
        ("parties:1", ("Germany", "Fair; Newsletter")),
    ),
    "civicrm": (
        CIVICRM,
        {"contacts:1": "lead", "contacts:2": "lead", "contacts:3": "lead", "contacts:4": "customer"},
        ("contacts:2", ("member of the household",)),
    ),
}


@pytest.mark.parametrize("system", SQL)
def test_a_database_goes_the_whole_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: str) -> None:
    """Each record gets its decision, the note has what other tables knew, and undo takes the leads back."""
    script, decided, (lead, texts) = SQL[system]
    with sqlite3.connect(tmp_path / "crm.db") as database:
        database.executescript(script)
    monkeypatch.setenv(f"{system.upper()}_URL", f"sqlite:///{tmp_path / 'crm.db'}")
    monkeypatch.setenv("TARGET_URL", f"sqlite:///{tmp_path / 'leads.db'}")
    walk(config_of(system, tmp_path), tmp_path)

    assert decisions(tmp_path) == decided
    for text in texts:
        assert text in notes(tmp_path)[lead]
    assert run("undo", "plan", folder=tmp_path).returncode == 0


HUBSPOT = {
    "companies": """Record ID,Company name,Company Domain Name,Phone Number,City,Lifecycle Stage,Last Modified Date
1,Alpha Bau GmbH,alpha.example,,Dresden,lead,2025-01-01 10:00
2,Beta Glas AG,,,,Customer,01/31/2025 10:00
3,Gamma Holz KG,,,,opportunity,2025-01-01 10:00
""",
    "contacts": """Record ID,First Name,Last Name,Email,Associated Company ID,Unsubscribed from all email
1,Ann,Muster,ann@alpha.example,1.0,false
""",
    "deals": "Record ID,Deal Name,Deal Stage,Associated Company ID\n9,Roof,Closed Won (Pipeline),3.0\n",
}


def test_hubspots_files_go_the_whole_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ids that a spreadsheet made decimals of meet, and a stage is known however it is written."""
    (tmp_path / "export").mkdir()
    for name, text in HUBSPOT.items():
        (tmp_path / "export" / f"{name}.csv").write_text(text, "utf-8")
    monkeypatch.setenv("TARGET_URL", f"sqlite:///{tmp_path / 'leads.db'}")
    walk(config_of("hubspot", tmp_path), tmp_path)

    assert decisions(tmp_path) == {
        "companies:1": "lead", "companies:2": "customer", "companies:3": "customer", "contacts:1": "lead",
    }  # fmt: skip
    assert "ann@alpha.example" in notes(tmp_path)["companies:1"]
    assert run("undo", "plan", folder=tmp_path).returncode == 0
