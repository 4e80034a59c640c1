"""A plan notices before anything is written that a record which moves belongs to others than when it was made."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from etl.pipeline.plan import plan
from etl.pipeline.settings import Settings
from tests.running import run
from tests.told import Planned, write

CONFIG = """
source:
  url: 'sqlite:///FOLDER/crm.db'
  records:
    accounts: {key: id, type: company, where: {deleted: "0"}}
    contacts: {key: id, type: person, parent: {of: accounts, PARENT}}
classify: [{as: customer, name: cust, when: {column: cust, equals: "1"}}, {as: lead, name: rest}]
gates: {customers: 0%..100%, reject: 100%, review: 100%, evidence_without_record: 100%}
"""
THROUGH = "through: {table: links, from: c, to: a, order_by: n}"
MERGES = 'where: {deleted: "0"}, aliases: {from: merges, old: old, new: new}'
TABLES = """
CREATE TABLE accounts (id TEXT PRIMARY KEY, name TEXT, cust TEXT, deleted TEXT);
CREATE TABLE contacts (id TEXT PRIMARY KEY, name TEXT, account TEXT);
CREATE TABLE links (c TEXT, a TEXT, n TEXT);
CREATE TABLE merges (old TEXT, new TEXT);
INSERT INTO accounts VALUES ('A', 'Alpha', '', '0'), ('B', 'Beta', '', '0'), ('C', 'Gamma', '1', '0'),
                            ('D', 'Delta', '', '0'), ('X', 'Left out', '1', '1');
INSERT INTO contacts VALUES ('1', 'Ann', 'X'), ('4', 'Dan', 'D');
INSERT INTO links VALUES ('1', 'A', '1'), ('4', 'D', '1');
"""


def made(folder: Path, *changes: str, parent: str = THROUGH, config: str = CONFIG, name: str = "plan") -> Planned:
    """A plan of some companies and contacts in a database, each family in a chunk of its own where that can be."""
    if not (folder / "crm.db").exists():
        sql(folder / "crm.db", TABLES, *changes)
    path = write(folder, {}, config.replace("PARENT", parent))
    planned = plan(path, folder / name, replace=True, settings=Settings(threads=1, chunk_records=1))
    return Planned(planned.folder, planned.report)


def sql(path: Path, *statements: str) -> list[tuple[str]]:
    """Run some statements; the rows of the last one."""
    with sqlite3.connect(path) as database:
        for statement in statements[:-1]:
            database.executescript(statement)
        if statements[-1].startswith("SELECT"):
            return database.execute(statements[-1]).fetchall()
        database.executescript(statements[-1])
        return []


def written(folder: Path) -> list[str]:
    """Apply the plan; the names of the leads that there are then."""
    run("apply", folder / "plan")
    return [name for (name,) in sql(folder / "leads.db", "SELECT name FROM leads ORDER BY name")]


def changed(folder: Path) -> dict[str, str]:
    """The records that changed in the source since the plan, and how."""
    said = json.loads(run("verify", folder / "plan", "--source", "--json").stdout)
    return dict(said["source"]["changed"])


@pytest.mark.parametrize("company", ["B", "C"])
def test_a_contact_that_got_another_company_does_not_move(tmp_path: Path, company: str) -> None:
    """The link came after the plan: to a customer, which stays, or to a company that moves. Its own one waits, too."""
    made(tmp_path)
    sql(tmp_path / "crm.db", f"INSERT INTO links VALUES ('1', '{company}', '2')")

    assert written(tmp_path) == (["Delta"] if company == "B" else ["Beta", "Delta"])


@pytest.mark.parametrize("links", ["('1', 'B', '2')", "('1', 'B', '2'), ('4', 'B', '2')"])
def test_a_company_that_became_a_customer_holds_its_contacts_and_their_companies(tmp_path: Path, links: str) -> None:
    """All that is bound to it in the plan is skipped with it, and nothing else."""
    made(tmp_path, f"INSERT INTO links VALUES {links}")
    sql(tmp_path / "crm.db", "UPDATE accounts SET cust = '1' WHERE id = 'B'")

    assert written(tmp_path) == (["Delta"] if "'4'" not in links else [])


@pytest.mark.parametrize("parent", [THROUGH, "column: account, missing: ignore"])
def test_a_company_that_was_left_out_and_is_there_again_holds_its_contact(tmp_path: Path, parent: str) -> None:
    """It is a customer that was marked as deleted when the plan was made: its contact is no lead of its own."""
    made(tmp_path, "INSERT INTO links VALUES ('1', 'X', '2')", parent=parent)
    unchanged = written(tmp_path)
    assert unchanged == ["Alpha", *([] if parent == THROUGH else ["Ann"]), "Beta", "Delta"]
    assert changed(tmp_path) == {}

    sql(tmp_path / "crm.db", "UPDATE accounts SET deleted = '0' WHERE id = 'X'")
    assert set(changed(tmp_path)) == {"contacts:1", *({"accounts:A"} if parent == THROUGH else ())}


def test_a_contact_at_a_company_that_there_is_not_is_as_it_was(tmp_path: Path) -> None:
    """Nothing changed: it moves with its own company, and a later plan sees no edit of it."""
    made(tmp_path, "INSERT INTO links VALUES ('1', 'B', '2'), ('1', 'gone', '3')")
    assert written(tmp_path) == ["Alpha", "Beta", "Delta"]
    assert changed(tmp_path) == {}

    assert made(tmp_path, name="later").decisions["contacts:1"] == "moved before"
    sql(tmp_path / "crm.db", "DELETE FROM links WHERE a = 'gone'")
    assert made(tmp_path, name="later").why("contacts:1")[0] == "edited after it was moved"


def test_what_is_one_by_aliases_is_read_anew_together(tmp_path: Path) -> None:
    """A merged record that is still there became a customer after people let both move: neither does."""
    config = CONFIG.replace('where: {deleted: "0"}', MERGES)
    (tmp_path / "decisions.csv").write_text("source_key,decision,who\naccounts:A,lead,Maria\n", "utf-8")
    made(tmp_path, "INSERT INTO merges VALUES ('A', 'D')", config=config)
    sql(tmp_path / "crm.db", "UPDATE accounts SET cust = '1' WHERE id = 'A'")

    assert written(tmp_path) == ["Beta"]
