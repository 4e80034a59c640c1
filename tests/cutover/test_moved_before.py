"""What plans and later plans know of records that were moved: archived by a flag, in one table, under another key."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.running import run
from tests.told import write

CONFIG = """
name: one-table
as_of: 2026-11-01
approvals: waived
gates: {customers: 0%..100%}
source:
  url: "sqlite:///FOLDER/crm.db"
  records:
    companies: {from: partners, key: id, type: company, where: {kind: company, deleted: "0"}}
    persons: {from: partners, key: id, type: person, where: {kind: person, deleted: "0"},
              parent: {column: parent, of: companies}}
classify: [{as: lead, name: rest}]
leads: {fields: {name: "{name}"}}
target: {url: "sqlite:///FOLDER/leads.db"}
retire: {companies: {deleted: 1}, persons: {deleted: 1}}
"""


def test_what_was_archived_is_unchanged_for_both(tmp_path: Path) -> None:
    """`deleted` is what `where` looks at: verify --source finds each record that this tool archived, and undo too."""
    with sqlite3.connect(tmp_path / "crm.db") as database:
        database.executescript("""
            CREATE TABLE partners (id INTEGER PRIMARY KEY, kind TEXT, name TEXT, parent INTEGER, deleted INTEGER);
            INSERT INTO partners VALUES (1, 'company', 'Alpha', NULL, 0), (7, 'person', 'Ann', 1, 0),
                (8, 'person', 'Gone', 1, 1);
        """)
    (tmp_path / "one.yaml").write_text(CONFIG.replace("FOLDER", str(tmp_path)), "utf-8")
    for verb in (
        ("plan", "one.yaml", "--out", "plan"),
        ("apply", "plan"),
        ("retire", "plan"),
        ("verify", "plan", "--source"),
        ("undo", "plan"),
    ):
        ended = run(*verb, folder=tmp_path)
        assert ended.returncode == 0, f"{verb}: {ended.stdout}{ended.stderr}"
    with sqlite3.connect(tmp_path / "crm.db") as database:
        assert database.execute("SELECT id, deleted FROM partners ORDER BY id").fetchall() == [(1, 0), (7, 0), (8, 1)]


SOFT = """
name: soft
as_of: 2026-11-01
approvals: waived
source:
  url: "sqlite:///FOLDER/crm.db"
  records:
    accounts: {key: id, type: company, where: {deleted: "0"}, identity: {company: name, postcode: zip, email: email}}
    contacts: {key: id, type: person, where: {deleted: "0"}, parent: {column: account, of: accounts}}
  related: {notes: {key: id, of: {accounts: account}}}
classify:
  - {as: customer, name: invoiced, when: {exists: invoices, key: no, of: {accounts: account}}}
  - {as: lead, name: rest}
leads: {fields: {name: "{name}", email: "{email}"}, duplicates: {merge_at: 0.98, review_at: 0.90}}
target: {url: "sqlite:///FOLDER/leads.db"}
retire: {accounts: {deleted: 1}, contacts: {deleted: 1}}
gates: {review: 100%, customers: 0%..100%}
"""


def test_a_second_plan_remembers_what_the_first_one_marked_as_deleted(tmp_path: Path) -> None:
    """Moved records are counted as such, with their history, and a second record of one of them is noticed."""
    with sqlite3.connect(tmp_path / "crm.db") as database:
        database.executescript("""
            CREATE TABLE accounts (id INTEGER PRIMARY KEY, name TEXT, zip TEXT, email TEXT, deleted INTEGER);
            CREATE TABLE contacts (id INTEGER PRIMARY KEY, name TEXT, account INTEGER, deleted INTEGER);
            CREATE TABLE notes (id INTEGER PRIMARY KEY, account INTEGER, text TEXT);
            CREATE TABLE invoices (no TEXT PRIMARY KEY, account INTEGER);
            INSERT INTO accounts VALUES (1, 'Alpha Brunnenbau GmbH', '01067', 'info@alpha.example', 0),
                (2, 'Beta Kaffee AG', '80331', 'info@beta.example', 0), (3, 'Gamma Holz KG', '10115', NULL, 0);
            INSERT INTO contacts VALUES (7, 'Ann', 1, 0);
            INSERT INTO notes VALUES (1, 1, 'called'), (2, 3, 'called');
            INSERT INTO invoices VALUES ('R1', 2);
        """)
    (tmp_path / "soft.yaml").write_text(SOFT.replace("FOLDER", str(tmp_path)), "utf-8")
    for verb in (("plan", "soft.yaml", "--out", "first"), ("apply", "first"), ("retire", "first")):
        assert run(*verb, folder=tmp_path).returncode == 0
    with sqlite3.connect(tmp_path / "crm.db") as database:
        database.execute("INSERT INTO accounts VALUES (9, 'Alpha Brunnenbau GmbH', '01067', 'info@alpha.example', 0)")
    ended = run("plan", "soft.yaml", "--out", "second", folder=tmp_path)

    assert ended.returncode == 0, ended.stdout + ended.stderr
    rows = pq.read_table(tmp_path / "second" / "decisions.parquet").to_pylist()
    assert {row["source_key"]: row["decision"] for row in rows} == {
        "accounts:1": "moved before",
        "accounts:2": "customer",
        "accounts:3": "moved before",
        "accounts:9": "review",
        "contacts:7": "moved before",
    }
    for verb in (("apply", "second"), ("retire", "second"), ("verify", "second")):
        ended = run(*verb, folder=tmp_path)
        assert ended.returncode == 0, f"{verb}: {ended.stdout}{ended.stderr}"


def test_a_key_that_changed_moves_nobody_twice(tmp_path: Path) -> None:
    """Another column as the key, between two plans: each record may be a lead already, so a person decides."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "accounts.csv").write_text(
        "id,debtor,name,email,zip\n007,D1,Alpha Brunnenbau GmbH,info@alpha.example,01067\n"
        "008,D2,Beta Kaffee AG,info@beta.example,80331\n",
        "utf-8",
    )
    config = """
name: key
as_of: 2026-11-01
approvals: waived
gates: {customers: 0%..100%}
source:
  url: "files:FOLDER/in"
  records: {accounts: {key: KEY, type: company, identity: {company: name, postcode: zip, email: email}}}
classify: [{as: lead, name: rest}]
leads: {fields: {name: "{name}", email: "{email}", postcode: "{zip}"}, duplicates: {merge_at: 0.98, review_at: 0.90}}
target: {url: "sqlite:///FOLDER/leads.db"}
""".replace("FOLDER", str(tmp_path))
    for key, folder in (("id", "first"), ("debtor", "second")):
        (tmp_path / "key.yaml").write_text(config.replace("KEY", key), "utf-8")
        for verb in (("plan", "key.yaml", "--out", folder), ("apply", folder)):
            ended = run(*verb, folder=tmp_path)
            assert ended.returncode == 0, f"{verb}: {ended.stdout}{ended.stderr}"
    with sqlite3.connect(tmp_path / "leads.db") as database:
        assert database.execute("SELECT count(*) FROM leads").fetchall() == [(2,)]


FORMS = """
source: {url: SOURCE, system: crm, records: {c: {key: KEY, type: company, identity: {company: name}}}}
classify: [{as: lead, name: rest}]
"""


@pytest.mark.parametrize(
    ("ids", "before", "after"),
    [
        (("0001", "0002"), "id", "{column: id, normalize: [leading_zeros]}"),
        (("0001", "2"), "{column: id, normalize: [leading_zeros]}", "id"),
        (("ab", "cd"), "{column: id, normalize: [upper]}", "{column: id, normalize: [lower]}"),
        (("17 ", "18 "), "{column: id, normalize: [trim]}", "id"),
        (("1.0", "2.0"), "id", "{column: id, normalize: [number]}"),
    ],
)
def test_a_key_in_another_form_moves_nobody_twice(
    tmp_path: Path, ids: tuple[str, str], before: str, after: str
) -> None:
    """Where normalize is added or taken away after a cutover, check and plan say so; the old one still works."""
    tables = {"c": f"id,name\n{ids[0]},Zimt Kaffee\n{ids[1]},Adler Metall\n"}
    write(tmp_path, tables, FORMS.replace("KEY", before))
    for verb in (("plan", "told.yaml", "--out", "first"), ("apply", "first")):
        assert run(*verb, folder=tmp_path).returncode == 0
    assert run("plan", "told.yaml", "--out", "same", folder=tmp_path).returncode == 0
    write(tmp_path, tables, FORMS.replace("KEY", after))
    for verb in (("check", "told.yaml"), ("plan", "told.yaml", "--out", "second")):
        ended = run(*verb, folder=tmp_path)
        assert (ended.returncode, "under another form of their keys" in ended.stderr) == (2, True), ended.stderr


OTHER_KEY = """
source: {url: SOURCE, system: crm, records: {c: {key: KEY, type: company, changed: changedWHERE}}}
classify: [{as: lead, name: rest}]
"""
COLUMNS = "id,no,name,region,changed\n1,K1,Zimt Kaffee,north,2026-01-01\n2,K2,Adler Metall,south,2026-01-01\n"


@pytest.mark.parametrize(
    ("first", "second", "refused"),
    [
        (("id", ""), ("no", ""), True),
        (("id", ", where: {region: north}"), ("no", ", where: {region: north}"), True),
        (("id", ", where: {region: north}"), ("id", ", where: {region: south}"), False),
        (("id", ", where: {region: north}"), ("no", ", where: {region: south}"), False),
    ],
)
def test_another_key_moves_nobody_twice_without_duplicates(
    tmp_path: Path, first: tuple[str, str], second: tuple[str, str], refused: bool
) -> None:
    """A record that holds all that one of the ledger held is that one; a second wave has others, whatever their key."""
    for folder, (key, where), day in (("first", first, "2026-01-01"), ("second", second, "2026-02-02")):
        config = OTHER_KEY.replace("KEY", key).replace("WHERE", where)
        write(tmp_path, {"c": COLUMNS.replace("2026-01-01", day)}, config)
        ended = run("plan", "told.yaml", "--out", folder, folder=tmp_path)
        if folder == "first":
            assert ended.returncode == 0, ended.stderr
            assert run("apply", folder, folder=tmp_path).returncode == 0

    assert (ended.returncode, "holds all that one of them held" in ended.stderr) == (
        (2, True) if refused else (0, False)
    )
