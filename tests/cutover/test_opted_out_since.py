"""Who opted out after the plan was made is not written to, whichever record says so."""

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
  records:
    accounts: {key: id, type: company, where: {deleted: "0"}, identity: {company: name, email: mail, phone: tel}}
classify: [{as: customer, name: cust, when: {column: cust, equals: "1"}}, {as: lead, name: rest}]
leads: {fields: {name: "{name}", email: "{mail}", phone: "{tel}", do_not_contact: {flag: stop}}}
gates: {review: 100%, customers: 100%}
"""
TABLES = """
CREATE TABLE accounts (id TEXT PRIMARY KEY, name TEXT, mail TEXT, tel TEXT, cust TEXT, stop TEXT, deleted TEXT);
INSERT INTO accounts VALUES ('1', 'Alpha', 'info@alpha.example', '030 23125 10', '1', '0', '0'),
                            ('2', 'Beta', 'INFO@alpha.example', '', '', '0', '0'),
                            ('3', 'Gamma', '', '+49 30 2312510', '', '0', '0'),
                            ('4', 'Delta', 'd@delta.example', '', '', '0', '0'),
                            ('9', 'Left out', 'old@delta.example', '', '', '0', '1');
"""


@pytest.mark.parametrize(
    ("change", "skipped"),
    [
        ("UPDATE accounts SET stop = '1' WHERE id = '1'", ["accounts:2", "accounts:3"]),
        ("UPDATE accounts SET stop = 'ja', mail = 'd@delta.example' WHERE id = '9'", ["accounts:4"]),
        ("INSERT INTO accounts VALUES ('10', 'New', 'd@delta.example', '', '', '1', '0')", ["accounts:4"]),
        ("UPDATE accounts SET stop = '0', name = 'Alfa' WHERE id = '1'", []),
    ],
)
def test_a_lead_with_the_address_of_who_opted_out_since_is_skipped_and_named(
    tmp_path: Path, change: str, skipped: list[str]
) -> None:
    """A customer, a record that `where` leaves out, or a new one says so: the lead's own family has not changed."""
    with sqlite3.connect(tmp_path / "crm.db") as crm:
        crm.executescript(TABLES)
    plan(write(tmp_path, {}, CONFIG), tmp_path / "plan", settings=Settings(threads=1, chunk_records=1))
    with sqlite3.connect(tmp_path / "crm.db") as crm:
        crm.execute(change)

    said = run("apply", tmp_path / "plan")

    told = "somebody opted out with an address or number of the lead since the plan was made"
    assert said.stderr.count(told) + said.stdout.count(told) == len(skipped)
    for lead in skipped:
        assert f"{lead}, {told}" in said.stdout + said.stderr
    with sqlite3.connect(tmp_path / "leads.db") as leads:
        assert leads.execute("SELECT count(*) FROM leads").fetchone() == (3 - len(skipped),)
