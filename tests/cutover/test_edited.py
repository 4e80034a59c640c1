"""A record that is edited in the CRM after it moved: the next plan lists it, and a person decides."""

from __future__ import annotations

import csv
from pathlib import Path

import pyarrow.parquet as pq

from etl.pipeline.apply import apply
from etl.pipeline.retire import retire
from etl.plan import Bundle
from tests.cutover.world import World
from tests.running import run
from tests.told import write


def decisions(bundle: Bundle) -> dict[str, tuple[str, str]]:
    """Decision and rule of each record."""
    rows = pq.read_table(bundle.path / "decisions.parquet").to_pylist()
    return {row["source_key"]: (row["decision"], row["rule"]) for row in rows}


def answer(world: World, bundle: Bundle) -> None:
    """Answer all open cases with `moved before`."""
    with (bundle.path / "open-cases.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with (world.folder / "decisions.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(row | {"decision": "moved before", "who": "Maria"} for row in rows)


EDITS = {
    "a value": "UPDATE accounts SET name = 'Neu GmbH' WHERE id = 2",
    "a new row of history": "INSERT INTO activities VALUES (999, 5, NULL, '2026', 'neu')",
    "a row of history that is gone": "UPDATE activities SET account_id = NULL WHERE account_id = 8",
}
"""What people change in a CRM, each in a company of its own: 2, 5 and 8."""


def test_an_edited_record_is_in_review(world: World) -> None:
    """It is named with its lead; all others are as they moved."""
    apply(world.plan())
    for edit in EDITS.values():
        world.do(edit)
    found = decisions(world.plan())

    edited = {"accounts:2", "accounts:5", "accounts:8", "contacts:P8-1"}  # the row that is gone named a contact, too
    assert {key for key, (decision, _) in found.items() if decision == "review"} == edited
    assert {found[key] for key in edited if key.startswith("accounts")} == {("review", "edited after it was moved")}
    assert found["accounts:4"] == ("moved before", "moved before")


def test_what_this_tool_and_the_clock_write_is_no_edit(world: World) -> None:
    """Retiring sets columns, and the source stamps what changed: nothing is in review for that."""
    bundle = world.plan()
    apply(bundle)
    retire(bundle, threads=1)
    world.do("UPDATE accounts SET updated_at = '2026-11-24' WHERE id = 4")

    assert not [key for key, (decision, _) in decisions(world.plan()).items() if decision == "review"]


def test_an_answer_counts_until_the_next_edit(sqlite: World) -> None:
    """A person who has seen the edit lets the lead stand; another edit asks again."""
    apply(sqlite.plan())
    sqlite.do(EDITS["a value"])
    answer(sqlite, sqlite.plan())
    answered = decisions(sqlite.plan())
    sqlite.do("UPDATE accounts SET name = 'Noch neuer GmbH' WHERE id = 2")
    again = decisions(sqlite.plan())

    assert answered["accounts:2"] == ("moved before", "moved before")
    assert again["accounts:2"] == ("review", "edited after it was moved")


def test_files_that_are_edited(files: World) -> None:
    """From files as from databases."""
    apply(files.plan())
    accounts = files.folder / "in" / "accounts.csv"
    accounts.write_text(accounts.read_text(encoding="utf-8").replace("Firma 2 GmbH", "Neu GmbH"), encoding="utf-8")

    found = decisions(files.plan())
    assert [key for key, (decision, _) in found.items() if decision == "review"] == ["accounts:2"]


LATER = """
source: {url: SOURCE, records: {c: {key: id, type: company, identity: {company: name}},
  p: {key: id, type: person, parent: {column: c, of: c}}}}
classify:
  - {as: customer, name: bought, when: {exists: invoices, key: "no", of: {c: c, p: p}, where: {state: paid}}}
  - {as: lead, name: rest}
gates: {review: 100%, customers: 0%..100%, evidence_without_record: 100%, empty_tables: 1}
"""
PEOPLE = "id,name,c\n"
INVOICES = "no,c,p,state\n1,A9,,paid\n"


def later(folder: Path, name: str, **tables: str) -> dict[str, dict[str, str]]:
    """Plan once more with some tables, and give the open cases by source key."""
    write(folder, tables, LATER)
    ended = run("plan", "told.yaml", "--out", name, folder=folder)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    with (folder / name / "open-cases.csv").open(encoding="utf-8", newline="") as file:
        return {row["source_key"]: row for row in csv.DictReader(file)}


def test_a_customer_who_turns_up_after_the_move_is_in_review(tmp_path: Path) -> None:
    """Named with the rule, its evidence and the lead, also where a contact is new; an answer counts until the next."""
    companies = "id,name\nA1,Zimt\nA2,Adler\nA3,Hahn\nA9,Dorn\n"
    assert later(tmp_path, "first", c=companies, p=PEOPLE, invoices=INVOICES) == {}
    assert run("apply", "first", folder=tmp_path).returncode == 0
    new, paid = PEOPLE + "P2,Ann,A2\n", INVOICES + "7,A1,,paid\n8,,P2,paid\n9,A3,,open\n"
    found = later(tmp_path, "second", c=companies, p=new, invoices=paid)

    assert {key: row["rule"] for key, row in found.items()} == dict.fromkeys(
        ("c:A1", "c:A2"), "a customer now, after it was moved"
    )
    evidence = (
        "the rule 'bought' now makes it a customer; invoices: no 7, state paid; take lead 1 out of the pipeline by hand"
    )
    assert found["c:A1"]["evidence"].startswith(evidence)
    assert "; p:P2; invoices: no 8, state paid; " in found["c:A2"]["evidence"]
    ruled = {key: rule for key, (_, rule) in decisions(Bundle.open(tmp_path / "second")).items()}
    assert ruled == {
        "c:A1": found["c:A1"]["rule"],
        "c:A2": found["c:A2"]["rule"],
        "c:A3": "moved before",
        "c:A9": "bought",
        "p:P2": "bought",
    }

    lines = [f"{key},moved before,Ann,2026-11-01,,{row['hash']}" for key, row in found.items()]
    (tmp_path / "decisions.csv").write_text("\n".join(["source_key,decision,who,when,why,hash", *lines]), "utf-8")
    assert later(tmp_path, "third", c=companies, p=new, invoices=paid) == {}
    edited = companies.replace("Zimt", "Zimt Kaffee")
    assert "it was edited since, too" in later(tmp_path, "fourth", c=edited, p=new, invoices=paid)["c:A1"]["evidence"]
    more = paid + "10,,P2,paid\n"
    assert list(later(tmp_path, "fifth", c=companies, p=new, invoices=more)) == ["c:A2"]
