"""A column that the source loses between plan and apply stops everything: else nearly all leads would be skipped."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from etl.pipeline.plan import plan
from etl.pipeline.settings import Settings
from tests.running import run
from tests.told import write

CONFIG = """
source:
  url: 'sqlite:///FOLDER/crm.db'
  records: {accounts: {key: id, type: company, identity: {company: name, phone: tel}, labels_of: {user: LABELS}}}
  related: {calls: {key: id, of: {accounts: account}}}
classify: [{as: customer, name: paid, when: {exists: bills, of: {accounts: account}, where: {state: paid}}},
           {as: lead, name: rest}]
retire: {accounts: {set: {gone: "1"}}}
""".replace("LABELS", "{from: users, key: id, show: name}")
TABLES = """
CREATE TABLE accounts (id TEXT PRIMARY KEY, name TEXT, tel TEXT, user TEXT, gone TEXT);
INSERT INTO accounts VALUES ('1', 'Alpha', '030 23125 10', '7', ''), ('2', 'Beta', '', '7', '');
CREATE TABLE calls (id TEXT PRIMARY KEY, account TEXT, text TEXT);
INSERT INTO calls VALUES ('5', '2', 'hello');
CREATE TABLE bills (no TEXT PRIMARY KEY, account TEXT, state TEXT);
CREATE TABLE users (id TEXT PRIMARY KEY, name TEXT);
INSERT INTO bills VALUES ('B1', '9', 'paid');
INSERT INTO users VALUES ('7', 'Maria');
"""
GATES = "gates: {customers: 0..9, evidence_without_record: 9}\n"


def crm(folder: Path, statements: str) -> None:
    """Change something in the CRM."""
    with sqlite3.connect(folder / "crm.db") as connection:
        connection.executescript(statements)


@pytest.mark.parametrize(
    ("table", "column"), [("accounts", "tel"), ("calls", "text"), ("bills", "state"), ("users", "name")]
)
def test_nothing_is_written_once_a_column_is_gone(tmp_path: Path, table: str, column: str) -> None:
    """Of records, history, evidence or labels, under another name now: the error says which, and what is new there."""
    crm(tmp_path, TABLES)
    plan(write(tmp_path, {}, CONFIG + GATES), tmp_path / "plan", settings=Settings(threads=1))
    crm(tmp_path, f"ALTER TABLE {table} RENAME COLUMN {column} TO {column}_new")

    ended = run("apply", tmp_path / "plan")

    assert ended.returncode in (1, 4), ended.stdout + ended.stderr
    assert f"'{column}'" in ended.stderr
    assert f"{column}_new" in ended.stderr
    with sqlite3.connect(tmp_path / "leads.db") as leads:
        assert leads.execute("SELECT count(*) FROM leads").fetchone() == (0,)


@pytest.mark.parametrize("command", [["verify", "--source"], ["retire"]])
def test_nothing_goes_on_without_a_column_after_the_leads_are_written(tmp_path: Path, command: list[str]) -> None:
    """Neither a comparison with the source, which would call all records changed, nor archiving."""
    crm(tmp_path, TABLES)
    plan(write(tmp_path, {}, CONFIG + GATES), tmp_path / "plan", settings=Settings(threads=1))
    assert run("apply", tmp_path / "plan").returncode == 0
    crm(tmp_path, "ALTER TABLE accounts RENAME COLUMN tel TO telephone")

    ended = run(command[0], tmp_path / "plan", *command[1:])

    assert ended.returncode == 4, ended.stdout + ended.stderr
    assert "has no column 'tel' any more" in ended.stderr
    assert "telephone" in ended.stderr
    with sqlite3.connect(tmp_path / "crm.db") as connection:
        assert connection.execute("SELECT count(*) FROM accounts WHERE gone = '1'").fetchone() == (0,)
