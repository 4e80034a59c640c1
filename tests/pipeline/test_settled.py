"""Who is a customer is settled over families, further companies and merged records, after people and duplicates."""

from __future__ import annotations

import csv
import sqlite3
from pathlib import Path

import pytest

from etl.pipeline.plan import plan
from etl.pipeline.settings import Settings
from tests.pipeline import twins
from tests.pipeline.test_duplicates import decided
from tests.told import Planned, planned

LINKED = """
source:
  url: SOURCE
  records:
    accounts: {key: id, type: company}
    contacts: {key: id, type: person, parent: {of: accounts, through: {table: links, from: c, to: a, order_by: n}}}
classify:
  - {as: customer, name: cust, when: {any: [{column: cust, equals: "1"}, {exists: invoices, of: {contacts: contact}}]}}
  - {as: keep, name: supplier, when: {column: cust, equals: supplier}}
  - {as: review, name: ask, when: {column: cust, equals: ask}}
  - {as: lead, name: rest}
"""
MERGED = """
source:
  url: SOURCE
  records:
    accounts: {key: id, type: company, aliases: {from: merges, old: old, new: new}}
    contacts: {key: id, type: person, parent: {column: account, of: accounts}}
classify: [{as: customer, name: cust, when: {column: cust, equals: "1"}}, {as: lead, name: rest}]
"""


def linked(folder: Path, accounts: str, links: str, *, contacts: str = "1", invoices: str = "") -> Planned:
    """Plan companies (`key,cust`) and the contacts that links (`contact,company,place`) say are theirs."""
    tables = {
        "accounts": "id,cust,name\n" + "\n".join(f"{row},Firm" for row in accounts.splitlines()),
        "contacts": f"id\n{contacts}",
        "links": f"c,a,n\n{links}",
        "invoices": f"no,contact\n{invoices}",
    }
    return planned(folder, tables, LINKED)


def answered(folder: Path, *lines: str) -> None:
    """Put people's decisions (`key,decision,hash`) beside the config."""
    rows = "".join(f"{line},Maria\n" for line in lines)
    (folder / "decisions.csv").write_text(f"source_key,decision,hash,who\n{rows}", "utf-8")


def hashes(made: Planned) -> dict[str, str]:
    """Family -> its hash, of those that people are to decide on."""
    with (made.folder / "open-cases.csv").open(encoding="utf-8", newline="") as file:
        return {row["source_key"]: row["hash"] for row in csv.DictReader(file)}


def test_a_person_says_that_the_second_company_is_a_customer(tmp_path: Path) -> None:
    """Its contact is a customer's then, and so is that one's own company; the evidence says which company it is."""
    answered(tmp_path, "accounts:8,customer,")
    made = linked(tmp_path, "7,\n8,ask", "1,7,1\n1,8,2")

    assert set(made.decisions.values()) == {"customer"}
    words = "accounts:8 is a customer, and contacts:1 belongs to it as well"
    assert made.why("contacts:1") == made.why("accounts:7") == ("contact of a customer", words)


@pytest.mark.parametrize(
    ("second", "becomes", "rule"),
    [
        ("supplier", "keep", "contact of a record that is kept"),
        ("ask", "review", "contact of a record in review"),
        ("TRUE", "review", "contact of a record in review"),
        ("", "lead", "rest"),
    ],
)
def test_a_contact_goes_by_the_strongest_of_its_companies(tmp_path: Path, second: str, becomes: str, rule: str) -> None:
    """The second one is kept, in review by a rule, or could be a customer by a value that nearly meets one."""
    made = linked(tmp_path, f"7,\n8,{second}", "1,7,1\n1,8,2")

    assert set(made.decisions.values()) == {becomes}
    assert made.why("accounts:7")[0] == rule


def test_customers_are_found_through_a_chain_of_contacts(tmp_path: Path) -> None:
    """C is a customer, so B is by the contact 2, so A is by the contact 1."""
    made = linked(tmp_path, "A,\nB,\nC,1\nD,", "1,A,1\n1,B,2\n2,B,1\n2,C,2\n3,D,1", contacts="1\n2\n3")

    assert {key for key, decision in made.decisions.items() if decision == "lead"} == {"accounts:D", "contacts:3"}
    assert made.why("accounts:A") == (
        "contact of a customer",
        "accounts:B is a customer, and contacts:1 belongs to it as well",
    )


def test_evidence_of_a_contact_counts_for_all_its_companies(tmp_path: Path) -> None:
    """An invoice to the contact makes its second company a customer, too; that of its first company does not."""
    made = linked(tmp_path, "A,\nB,", "1,A,1\n1,B,2", invoices="R1,1")
    assert set(made.decisions.values()) == {"customer"}
    assert made.why("accounts:B") == (
        "company of a contact who is a customer",
        "contacts:1 is a customer, and belongs to accounts:B as well",
    )

    made = linked(tmp_path, "A,1\nB,", "1,A,1\n1,B,2")
    assert made.decisions == {"accounts:A": "customer", "contacts:1": "customer", "accounts:B": "lead"}


def test_a_contact_of_a_customer_does_not_hold_its_second_company(tmp_path: Path) -> None:
    """Ann works at the customer A first, and at B as well, which nobody bought for: B's note has her, its fields have
    her not, and she stays in the CRM."""
    tables = {
        "accounts": "id,cust,name\nA,1,Alpha\nB,,Beta",
        "contacts": "id,cust,name,mail\n1,,Ann Muster,ann@alpha.example",
        "links": "c,a,n\n1,A,1\n1,B,2",
        "invoices": "no,contact\n",
    }
    fields = 'leads: {fields: {name: "{name}", contact_name: "{contact.name}", email: "{contact.mail}"}}\n'
    made = planned(tmp_path, tables, LINKED + fields)

    assert made.decisions == {"accounts:A": "customer", "contacts:1": "customer", "accounts:B": "lead"}
    assert "ann@alpha.example" in made.note("accounts:B")
    assert made.leads("contact_name", "email") == {"accounts:B": (None, None)}


def test_a_contact_of_a_duplicate_of_a_customer_stays(tmp_path: Path) -> None:
    """The second company is the same as a customer, which duplicates tell: so the first one, 20, stays with it."""
    companies = [{**twins.KRASZEWSKI, "kind": "buys"}, twins.TWIN, *twins.OTHERS]
    path = twins.write_config(tmp_path, companies)
    (tmp_path / "in" / "links.csv").write_text("c,a,n\nc9,20,1\nc9,2,2\n", "utf-8")
    parent = "{of: accounts, through: {table: links, from: c, to: a, order_by: n}}"
    path.write_text(path.read_text("utf-8").replace("{column: account, of: accounts}", parent), "utf-8")
    made = plan(path, tmp_path / "plan", settings=Settings(threads=1))

    becomes = {key: (row["decision"], row["rule"]) for key, row in decided(made).items()}
    assert becomes["2"] == ("customer", "duplicate of a customer")
    assert becomes["20"] == becomes["c9"] == ("customer", "contact of a customer")
    assert becomes["21"][0] == "lead"


def test_a_persons_lead_stands_where_nothing_stronger_binds_the_family(tmp_path: Path) -> None:
    """Over a company in review it does; over one that is a customer the person is asked again."""
    cases = hashes(linked(tmp_path, "7,\n8,ask", "1,7,1\n1,8,2"))
    answered(tmp_path, f"accounts:7,lead,{cases['accounts:7']}")
    made = linked(tmp_path, "7,\n8,ask", "1,7,1\n1,8,2")
    assert made.decisions == {"accounts:7": "lead", "contacts:1": "lead", "accounts:8": "review"}

    made = linked(tmp_path, "7,\n8,1", "1,7,1\n1,8,2")
    assert made.decisions == {"accounts:7": "review", "contacts:1": "review", "accounts:8": "customer"}
    assert made.why("accounts:7")[0] == "contact of a customer"
    assert "decided as lead by Maria" in str(made.why("accounts:7")[1])
    assert made.json["overrides"]["outweighed"] == ["accounts:7"]


def test_the_hash_of_a_family_covers_the_further_companies_of_its_contacts(tmp_path: Path) -> None:
    """One more since a person decided: the decision goes back to review."""
    cases = hashes(linked(tmp_path, "7,\n8,ask\n9,", "1,7,1\n1,8,2"))
    answered(tmp_path, f"accounts:7,lead,{cases['accounts:7']}")
    made = linked(tmp_path, "7,\n8,ask\n9,", "1,7,1\n1,8,2\n1,9,3")

    assert made.decisions["accounts:7"] == "review"
    assert made.why("accounts:7")[0] == "changed since a person decided"


def test_so_does_the_hash_of_a_family_whose_lead_the_target_would_refuse(tmp_path: Path) -> None:
    """It is taken from the chunk, and is the one that the next plan takes from all records: the answer counts."""
    with sqlite3.connect(tmp_path / "leads.db") as target:
        target.execute("CREATE TABLE opportunities (id INTEGER PRIMARY KEY, title TEXT UNIQUE, body TEXT)")
    columns = "table: opportunities, id: id, columns: {name: title, note: body}"
    config = f"{LINKED}target: {{url: 'sqlite:///FOLDER/leads.db', {columns}}}\n"
    tables = {
        "accounts": "id,cust,name\n7,,Firm\n8,,Firm\n9,,Firm",
        "contacts": "id\n1",
        "links": "c,a,n\n1,9,1\n1,8,2\n1,6,3",
        "invoices": "no,contact",
    }
    cases = hashes(planned(tmp_path, tables, config))
    assert set(cases) == {"accounts:8", "accounts:9"}
    answered(tmp_path, f"accounts:9,keep,{cases['accounts:9']}")

    made = planned(tmp_path, tables, config)
    assert made.decisions["contacts:1"] == made.decisions["accounts:9"] == "keep"


def test_what_aliases_calls_one_gets_one_decision(tmp_path: Path) -> None:
    """The old record is a customer: so are the one that it was merged into, and that one's contact; else both wait."""
    tables = {"contacts": "id,account\nc1,2", "merges": "old,new\n2,1"}
    made = planned(tmp_path, {**tables, "accounts": "id,name,cust\n1,Alpha,\n2,Alpha old,1"}, MERGED)
    assert set(made.decisions.values()) == {"customer"}
    assert made.why("contacts:c1") == (
        "merged with a customer",
        "accounts:2 is a customer, and is one with accounts:1 by `aliases`",
    )

    made = planned(tmp_path, {**tables, "accounts": "id,name,cust\n1,Alpha,\n2,Alpha old,"}, MERGED)
    assert set(made.decisions.values()) == {"review"}
    answered(tmp_path, f"accounts:2,lead,{hashes(made)['accounts:2']}")
    assert set(planned(tmp_path, tables, MERGED).decisions.values()) == {"lead"}
