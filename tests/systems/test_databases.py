"""The schemas of known systems go the whole way, from check to undo, with the config that is shipped for each.

Each stands in a file of SQL with a few rows of our own, and is loaded into SQLite and into the server that it runs on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from etl.connect.sql.engine import open_engine
from tests.conftest import throw_away
from tests.systems.way import config_of, decisions, leads, walk, walk_on

HERE = Path(__file__).parent
SERVED = {"northwind": "postgresql"}
"""The server of those that do not run on MariaDB."""


@dataclass(frozen=True)
class System:
    """What must come of a system's rows.

    decided: a query of the entry, key and decision of each record that is not deleted; notes: lead key -> what its note
    must say; archived: a query of the keys that are archived, None where the schema has no column that says so.
    """

    decided: str
    notes: dict[str, tuple[str, ...]]
    archived: str | None = None


INVOICED = """EXISTS (SELECT 1 FROM vtiger_invoice WHERE vtiger_invoice.accountid = {}.accountid
    AND invoicestatus IN ('Paid', 'Sent', 'Approved') AND invoicedate >= '2023-11-01')"""
BILLED = "EXISTS (SELECT 1 FROM llx_facture WHERE fk_soc = {} AND fk_statut IN (1, 2) AND datef >= '2023-11-01')"
WON = """EXISTS (SELECT 1 FROM accounts_opportunities l JOIN opportunities o ON o.id = l.opportunity_id
    WHERE l.account_id = a.id AND l.deleted = 0 AND o.deleted = 0 AND o.sales_stage = 'Closed Won')
    OR lower(trim(a.account_type)) = 'customer'"""
SYSTEMS = {
    "suitecrm": System(
        decided=f"""SELECT 'accounts', a.id, CASE WHEN {WON} THEN 'customer'
              WHEN lower(trim(a.account_type)) IN ('partner', 'reseller', 'supplier') THEN 'keep' ELSE 'lead' END
            FROM accounts a WHERE a.deleted = 0
            UNION ALL SELECT 'contacts', c.id, CASE WHEN EXISTS (SELECT 1 FROM accounts_contacts l
              JOIN accounts a ON a.id = l.account_id WHERE l.contact_id = c.id AND l.deleted = 0 AND ({WON}))
              THEN 'customer' ELSE 'lead' END
            FROM contacts c WHERE c.deleted = 0""",
        notes={
            "accounts:a1": (
                *("asked for a price", "called Ann", "construction", "ann@alpha.example", "Muster"),
                *(
                    "accounts_contacts (2)",
                    "id: l2",
                    "date_modified: 2024-01-01",
                    "email_addr_bean_rel (contacts_mail_links) (1)",
                ),
            ),
            "accounts:a5": ("met at the fair", "accounts_contacts (1)", "id: l3", "date_modified: 2024-02-01"),
        },
        archived="SELECT id FROM accounts WHERE deleted = 1 AND id <> 'a6' UNION ALL "
        "SELECT id FROM contacts WHERE deleted = 1 AND id <> 'c4'",
    ),
    "vtiger": System(
        decided=f"""SELECT 'accounts', accountid, CASE WHEN {INVOICED.format("a")} THEN 'customer'
              WHEN account_type = 'Partner' THEN 'keep' ELSE 'lead' END
            FROM vtiger_account a JOIN vtiger_crmentity ON crmid = accountid WHERE deleted = 0
            UNION ALL SELECT 'contacts', contactid, CASE WHEN {INVOICED.format("c")} THEN 'customer' ELSE 'lead' END
            FROM vtiger_contactdetails c JOIN vtiger_crmentity ON crmid = contactid WHERE deleted = 0""",
        notes={"accounts:1": ("Dresden", "user_name: maria", "Ann")},
        archived="SELECT crmid FROM vtiger_crmentity WHERE deleted = 1 AND crmid <> 3",
    ),
    "dolibarr": System(
        decided=f"""SELECT 'parties', rowid, CASE WHEN {BILLED.format("p.rowid")} THEN 'customer'
              WHEN fournisseur = 1 THEN 'keep' ELSE 'lead' END FROM llx_societe p
            UNION ALL SELECT 'contacts', rowid, CASE WHEN {BILLED.format("c.fk_soc")} THEN 'customer' ELSE 'lead' END
            FROM llx_socpeople c""",
        notes={"parties:1": ("Germany", "Fair; Newsletter")},
        archived="SELECT rowid FROM llx_societe WHERE status = 0 UNION ALL "
        "SELECT rowid FROM llx_socpeople WHERE statut = 0",
    ),
    "civicrm": System(
        decided="""SELECT 'contacts', id, CASE WHEN EXISTS (SELECT 1 FROM civicrm_contribution
              WHERE contact_id = c.id AND contribution_status_id = 1 AND receive_date >= '2023-11-01')
              THEN 'customer' ELSE 'lead' END FROM civicrm_contact c WHERE is_deleted = 0""",
        notes={"contacts:1": ("ann@alpha.example",), "contacts:2": ("member of the household",)},
        archived="SELECT id FROM civicrm_contact WHERE is_deleted = 1 AND id <> 5",
    ),
    "northwind": System(
        decided="""SELECT 'customers', "CustomerID", CASE WHEN EXISTS (SELECT 1 FROM "Orders"
              WHERE "Orders"."CustomerID" = c."CustomerID" AND "OrderDate" >= '2023-11-01')
              THEN 'customer' ELSE 'lead' END FROM "Customers" c""",
        notes={"customers:ALFAB": ("Bolts", "Nuts", "EmployeeID.LastName: Muster")},
    ),
}


@dataclass(frozen=True)
class Crm:
    """The legacy database of a system, loaded."""

    system: str
    url: str

    def ask(self, query: str) -> list[tuple[object, ...]]:
        """The rows of a query."""
        engine = open_engine(self.url)
        try:
            with engine.connect() as connection:
                return [tuple(row) for row in connection.execute(sa.text(query))]
        finally:
            engine.dispose()

    def load(self) -> None:
        """Run the file of SQL."""
        engine = open_engine(self.url)
        with engine.begin() as connection:
            for statement in (HERE / f"{self.system}.sql").read_text("utf-8").split(";\n"):
                if statement.strip():
                    connection.exec_driver_sql(statement.replace("%", "%%"))
        engine.dispose()

    def dump(self) -> dict[str, list[tuple[object, ...]]]:
        """All rows of all tables but this tool's own."""
        engine = open_engine(self.url)
        names = [name for name in sa.inspect(engine).get_table_names() if not name.startswith("crm_cleanup")]
        quote = engine.dialect.identifier_preparer.quote
        engine.dispose()
        return {name: sorted(self.ask(f"SELECT * FROM {quote(name)}"), key=repr) for name in names}


@pytest.fixture(params=[(system, kind) for system in SYSTEMS for kind in ("sqlite", "server")], ids="-".join)
def crm(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Crm]:
    """The database of each system; the variables that its config asks for are set."""
    system, kind = request.param
    with throw_away(SERVED.get(system, "mariadb") if kind == "server" else kind, tmp_path_factory) as url:
        made = Crm(system, url)
        made.load()
        monkeypatch.setenv(f"{system.upper()}_URL", url)
        monkeypatch.setenv("TARGET_URL", f"sqlite:///{tmp_path / 'leads.db'}")
        yield made


def test_the_whole_way_and_back(crm: Crm, tmp_path: Path) -> None:
    """Decisions are those of plain SQL, notes hold what other tables knew, and undo leaves no trace."""
    system, before = SYSTEMS[crm.system], crm.dump()
    decided = {f"{entry}:{str(key).strip()}": decision for entry, key, decision in crm.ask(system.decided)}
    walk(config_of(crm.system, tmp_path), tmp_path)

    assert {"customer", "lead"} <= set(decided.values())
    assert decisions(tmp_path) == decided
    for lead, texts in system.notes.items():
        assert [text for text in texts if text not in leads(tmp_path)[lead]["note"]] == []
    if system.archived:
        walk_on(tmp_path, ("retire", "plan"), ("verify", "plan", "--source"), ("retire", "plan"))
        moved = sorted(key.partition(":")[2] for key, decision in decided.items() if decision == "lead")
        assert sorted(str(key).strip() for (key,) in crm.ask(system.archived)) == moved
    walk_on(tmp_path, ("undo", "plan"))
    assert crm.dump() == before


@pytest.mark.parametrize("crm", [("suitecrm", "sqlite")], indirect=True, ids=["suitecrm"])
def test_nobody_who_opted_out_is_reached(crm: Crm, tmp_path: Path) -> None:
    """SuiteCRM keeps opt-outs at addresses: the lead has that of the contact who did not, and the owner by name."""
    walk(config_of(crm.system, tmp_path), tmp_path)
    lead = leads(tmp_path)["accounts:a1"]

    assert (lead["email"], lead["contact_name"], lead["salesperson"]) == ("ben@alpha.example", "Ben Beispiel", "maria")
    assert (lead["do_not_contact"], lead["opted_out"]) == (False, "ann@alpha.example")
