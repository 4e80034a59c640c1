"""Companies and persons in one table, told apart by `where`, as Odoo and CiviCRM keep them: there and back."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from tests.running import run

CONFIG = """
name: one-table
as_of: 2026-11-01
approvals: waived
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
