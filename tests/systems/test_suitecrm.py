"""SuiteCRM's own schema goes the whole way: check, plan, approve, apply, verify, retire, undo."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.running import run
from tests.systems.way import config_of, decisions, walk


@pytest.fixture
def crm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the database; the variables that the config asks for are set."""
    with sqlite3.connect(tmp_path / "crm.db") as database:
        database.executescript((Path(__file__).parent / "suitecrm.sql").read_text("utf-8"))
    monkeypatch.setenv("SUITECRM_URL", f"sqlite:///{tmp_path / 'crm.db'}")
    monkeypatch.setenv("TARGET_URL", f"sqlite:///{tmp_path / 'leads.db'}")
    return tmp_path


def dump(folder: Path) -> list[str]:
    """The whole legacy database as SQL."""
    with sqlite3.connect(folder / "crm.db") as database:
        return [line for line in database.iterdump() if "crm_cleanup" not in line]


def test_the_whole_way_and_back(crm: Path) -> None:
    """Decisions are those of plain SQL, nobody who opted out is reached, and undo leaves no trace."""
    before = dump(crm)
    walk(config_of("suitecrm", crm), crm, ["retire"])

    assert {key.partition(":")[2]: decision for key, decision in decisions(crm).items()} == {
        "a1": "lead", "a2": "customer", "a3": "customer", "a4": "keep", "a5": "lead",
        "c1": "lead", "c2": "lead", "c3": "customer",
    }  # fmt: skip
    [lead] = [row for row in pq.read_table(crm / "plan" / "leads.parquet").to_pylist() if row["lead"] == "accounts:a1"]
    assert (lead["email"], lead["contact_name"], lead["salesperson"]) == ("ben@alpha.example", "Ben Beispiel", "maria")
    assert (lead["do_not_contact"], lead["opted_out"]) == (False, "ann@alpha.example")
    for text in ("asked for a price", "called Ann", "construction", "ann@alpha.example", "Muster"):
        assert text in lead["note"]
    with sqlite3.connect(crm / "crm.db") as database:
        archived = database.execute(
            "SELECT id FROM accounts WHERE deleted = 1 UNION SELECT id FROM contacts WHERE deleted = 1 ORDER BY id"
        ).fetchall()
    assert [key for (key,) in archived] == ["a1", "a5", "a6", "c1", "c2", "c4"]

    ended = run("undo", "plan", folder=crm)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert dump(crm) == before
