"""What verify promises: all values counted, each damage found and named, and what people add is no damage."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import cast

import pandas as pd
import pytest

from etl import config
from etl.load import Difference, Verified, apply, verify
from etl.plan import Bundle
from tests.load.conftest import Pipeline
from tests.load.plans import layout, small_plan, with_leads

KEYS = ["A1", "a1", "B2", "C3", "D4"]
MEMBERS = 2 * len(KEYS)
VALUES = len(KEYS) * (4 + 3 + 2 * 3)


@pytest.fixture
def plan() -> Bundle:
    """A plan of five companies in two chunks."""
    return small_plan(KEYS, at_once=3)


@pytest.fixture
def applied(pipeline: Pipeline, plan: Bundle) -> Pipeline:
    """A pipeline into which that plan was applied."""
    apply(plan, pipeline.open())
    return pipeline


def check(pipeline: Pipeline, plan: Bundle) -> Verified:
    """Verify a plan."""
    return verify(plan, pipeline.opener, layout)


def lead_id(pipeline: Pipeline, key: str) -> str:
    """The id of a company's lead, as SQL."""
    rows = pipeline.rows("SELECT source_key, lead_id FROM crm_cleanup_ledger")
    return str(dict(rows)[f"accounts:{key}"])


def kinds(verified: Verified) -> set[tuple[str, str | None, str | None, str]]:
    """What was found: lead, dataset, column and kind."""
    assert not verified.holds
    return {(wrong.lead, wrong.dataset, wrong.column, wrong.kind) for wrong in verified.differences}


def test_all_values_are_found(applied: Pipeline, plan: Bundle) -> None:
    """After apply every value of the plan stands in the target, and every lead field is as planned."""
    verified = check(applied, plan)

    assert verified == Verified(values=VALUES, conserved=VALUES, leads=5, fields=5 * 4, ledger=MEMBERS)
    assert verified.holds


def test_before_apply_nothing_is_found(pipeline: Pipeline, plan: Bundle) -> None:
    """An empty target holds no value of the plan: each lead is missing, and each ledger row."""
    verified = check(pipeline, plan)

    assert (verified.values, verified.conserved, verified.missing) == (VALUES, 0, 5)
    assert {wrong.kind for wrong in verified.differences} == {"missing lead", "missing"}
    assert verified.ledger == 0


def test_a_lead_deleted(applied: Pipeline, plan: Bundle) -> None:
    """A lead that was deleted is missing, with all of its values."""
    applied.sql(f"DELETE FROM leads WHERE id = {lead_id(applied, 'a1')}")

    verified = check(applied, plan)

    assert (verified.missing, verified.conserved) == (1, VALUES - VALUES // 5)
    assert kinds(verified) == {("accounts:a1", None, None, "missing lead")}


def test_a_ledger_that_was_emptied(applied: Pipeline, plan: Bundle) -> None:
    """The leads are there, and nothing says so: each of their records is missing in the ledger, and is counted."""
    applied.sql("DELETE FROM crm_cleanup_ledger")

    verified = check(applied, plan)

    assert verified.ledger == 0
    assert {wrong.kind for wrong in verified.differences if wrong.dataset == "ledger"} == {"missing"}
    assert verified.conserved == 0


def test_a_note_edited(applied: Pipeline, plan: Bundle) -> None:
    """A value that was edited in a note is named with its record and column, and the block as edited."""
    applied.sql(
        f"UPDATE leads SET note = replace(note, 'Example a1', 'Exempel a1') WHERE id = {lead_id(applied, 'a1')}"
    )

    verified = check(applied, plan)

    assert verified.conserved == VALUES - 1
    assert kinds(verified) == {("accounts:a1", "accounts", "name", "different"), ("accounts:a1", None, None, "edited")}


def test_a_note_emptied(applied: Pipeline, plan: Bundle) -> None:
    """A note that was emptied has lost all of its values."""
    applied.sql(f"UPDATE leads SET note = '' WHERE id = {lead_id(applied, 'B2')}")

    verified = check(applied, plan)

    assert (verified.missing, verified.conserved) == (0, VALUES - VALUES // 5)
    assert kinds(verified) == {("accounts:B2", None, None, "missing note")}


@pytest.mark.parametrize("empty", ["NULL", "''"])
def test_a_field_emptied(applied: Pipeline, plan: Bundle, empty: str) -> None:
    """A lead field that was emptied is named; the values in the notes are all there."""
    applied.sql(f"UPDATE leads SET email = {empty} WHERE id = {lead_id(applied, 'C3')}")

    verified = check(applied, plan)

    assert (verified.conserved, verified.different) == (VALUES, 1)
    assert kinds(verified) == {("accounts:C3", "lead", "email", "emptied")}


def test_fields_changed(applied: Pipeline, plan: Bundle) -> None:
    """A changed text, a turned flag, and a blank at the end are each a difference."""
    applied.sql(
        f"UPDATE leads SET name = 'Another' WHERE id = {lead_id(applied, 'A1')}",
        f"UPDATE leads SET do_not_contact = NOT do_not_contact WHERE id = {lead_id(applied, 'a1')}",
        f"UPDATE leads SET city = 'Musterstadt ' WHERE id = {lead_id(applied, 'D4')}",
    )

    assert kinds(check(applied, plan)) == {
        ("accounts:A1", "lead", "name", "different"),
        ("accounts:a1", "lead", "do_not_contact", "different"),
        ("accounts:D4", "lead", "city", "different"),
    }


def test_two_notes_swapped(applied: Pipeline, plan: Bundle) -> None:
    """Two notes that changed places are found though both are intact."""
    one, other = lead_id(applied, "A1"), lead_id(applied, "B2")
    notes = dict(applied.rows("SELECT id, note FROM leads"))
    applied.sql(f"UPDATE leads SET note = :note WHERE id = {one}", note=notes[int(other)])
    applied.sql(f"UPDATE leads SET note = :note WHERE id = {other}", note=notes[int(one)])

    verified = check(applied, plan)

    assert verified.conserved == VALUES - 2 * VALUES // 5
    assert {lead for lead, *_ in kinds(verified)} == {"accounts:A1", "accounts:B2"}


def test_a_line_of_history_removed(applied: Pipeline, plan: Bundle) -> None:
    """A history row without its text is named by its place."""
    note = applied.rows(f"SELECT note FROM leads WHERE id = {lead_id(applied, 'C3')}")[0][0]
    line = next(line for line in note.split("\n") if "call number 2 about C3" in line)
    applied.sql(
        f"UPDATE leads SET note = :note WHERE id = {lead_id(applied, 'C3')}", note=note.replace(f"\n{line}", "")
    )

    verified = check(applied, plan)

    lost = [wrong for wrong in verified.differences if wrong.kind == "lost"]
    place = Difference("accounts:C3", lead_id(applied, "C3"), "accounts:C3", "activities", 1, "text", "lost")
    assert (lost, verified.conserved) == ([place], VALUES - 1)


def test_a_note_cut_at_half(applied: Pipeline, plan: Bundle) -> None:
    """A note of which half is gone has lost the values of that half."""
    applied.sql(f"UPDATE leads SET note = substr(note, 1, length(note) / 2) WHERE id = {lead_id(applied, 'D4')}")

    verified = check(applied, plan)

    assert VALUES - VALUES // 5 <= verified.conserved < VALUES
    assert {lead for lead, *_ in kinds(verified)} == {"accounts:D4"}


def test_a_ledger_row_deleted(applied: Pipeline, plan: Bundle) -> None:
    """A contact without its ledger row could be moved twice: it is named, though all values are there."""
    applied.sql("DELETE FROM crm_cleanup_ledger WHERE source_key = 'contacts:B2'")

    verified = check(applied, plan)

    lead = Difference("accounts:B2", lead_id(applied, "B2"), "contacts:B2", "ledger", None, None, "missing")
    assert (verified.differences, verified.conserved) == ((lead,), VALUES)


@pytest.mark.parametrize("column", ["lead_id", "lead_key"])
def test_a_ledger_row_of_another_lead(applied: Pipeline, plan: Bundle, column: str) -> None:
    """A ledger row that points to another lead, by id or by key, is named."""
    other = {"lead_id": lead_id(applied, "A1"), "lead_key": "accounts:A1"}[column]
    applied.sql(f"UPDATE crm_cleanup_ledger SET {column} = '{other}' WHERE source_key = 'contacts:B2'")

    verified = check(applied, plan)

    lead = Difference("accounts:B2", lead_id(applied, "B2"), "contacts:B2", "ledger", None, None, "another lead")
    assert verified.differences == (lead,)


def test_all_ledger_rows_of_another_lead(applied: Pipeline, plan: Bundle) -> None:
    """Where all rows of a lead point to another one, its values are not found there."""
    own, other = lead_id(applied, "B2"), lead_id(applied, "A1")
    applied.sql(f"UPDATE crm_cleanup_ledger SET lead_id = '{other}' WHERE lead_id = '{own}'")

    verified = check(applied, plan)

    assert verified.conserved == VALUES - VALUES // 5
    assert {lead for lead, *_ in kinds(verified)} == {"accounts:B2"}


@pytest.mark.parametrize("part", [2, 3])
def test_a_part_lost(pipeline: Pipeline, part: int) -> None:
    """Of a note in parts, a part that is gone is found; together they hold every value."""
    pipeline.sql(
        "CREATE TABLE opportunities (id {id}, title VARCHAR(200), body VARCHAR(200))",
        "CREATE TABLE more (opportunity INTEGER, turn INTEGER, body VARCHAR(200))",
    )
    parts = config.PartsTable(table="more", lead="opportunity", number="turn", text="body")
    columns = {"name": "title", "note": "body"}
    pipeline.target = config.Target(url=pipeline.url, table="opportunities", columns=columns, parts=parts)
    plan = small_plan(["A1", "A2"], remark="x" * (9_000_000 if pipeline.kind == "sqlite" else 900))
    apply(plan, pipeline.open())
    assert check(pipeline, plan).holds

    pipeline.sql(f"DELETE FROM more WHERE turn = {part} AND opportunity = 2")

    cut = check(pipeline, plan)
    assert ("accounts:A2", None, None, "edited") in kinds(cut)
    assert cut.conserved < cut.values


def test_text_around_the_block_is_added(applied: Pipeline, plan: Bundle) -> None:
    """What people write above and below a note is no damage, and counted."""
    both = lead_id(applied, "A1"), lead_id(applied, "C3")
    notes = dict(applied.rows("SELECT id, note FROM leads"))
    applied.sql(f"UPDATE leads SET note = :note WHERE id = {both[0]}", note=f"{notes[int(both[0])]}\n\nCall in May.")
    applied.sql(f"UPDATE leads SET note = :note WHERE id = {both[1]}", note=f"Ask for Erika.\n\n{notes[int(both[1])]}")

    verified = check(applied, plan)

    assert verified.holds
    assert (verified.added, verified.conserved) == (2, VALUES)


def test_two_processes_find_what_one_finds(postgresql_pipeline: Pipeline, plan: Bundle) -> None:
    """A pool of processes, each with a connection of its own, gives the same result as one process."""
    applied = postgresql_pipeline
    apply(plan, applied.open())
    applied.sql(f"UPDATE leads SET city = 'elsewhere' WHERE id = {lead_id(applied, 'D4')}")

    with ProcessPoolExecutor(2, mp_context=get_context("forkserver")) as pool:
        apart = verify(plan, applied.opener, layout, each=pool.map)

    assert apart == check(applied, plan)
    assert apart.different == 1


def test_an_existing_table_is_verified(pipeline: Pipeline) -> None:
    """Numbers, flags and JSON come back as text that equals the plan's."""
    kind = "JSONB" if pipeline.kind == "postgresql" else "JSON"
    pipeline.sql(
        "CREATE TABLE opportunities (id {id}, title VARCHAR(200) NOT NULL, owner INTEGER, optout SMALLINT,"
        f" since DATE, labels {kind}, phone VARCHAR(30) NOT NULL DEFAULT '', body {{long}})"
    )
    mapped = {"do_not_contact": "optout", "tags": "labels", "team": "since", "phone": "phone", "note": "body"}
    pipeline.map(name="title", salesperson="owner", **mapped)
    planned = small_plan(["A1", "A2"])
    tags = pd.array(['["CRM clean-up","Größe"]', None], dtype="str")
    owners, since = pd.array(["17", None], dtype="str"), pd.array([None, "2026-11-01"], dtype="str")
    phones = pd.array([None, "+49 30 1"], dtype="str")
    planned = with_leads(planned, tags=tags, salesperson=owners, team=since, phone=phones)

    assert apply(planned, pipeline.open()).leads == 2

    assert check(pipeline, planned).holds
    rows = pipeline.rows("SELECT title, owner, optout, phone FROM opportunities ORDER BY id")
    assert rows == [("Example 0 GmbH", 17, 1, ""), ("Example 1 GmbH", None, 0, "+49 30 1")]
    pipeline.sql("UPDATE opportunities SET labels = '[]' WHERE labels IS NOT NULL")
    assert kinds(check(pipeline, planned)) == {("accounts:A1", "lead", "tags", "different")}


def test_differences_are_counted_beyond_those_listed(sqlite_pipeline: Pipeline) -> None:
    """A thousand differences are listed, all are counted."""
    plan = small_plan([f"C{number}" for number in range(1200)], at_once=600)
    apply(plan, sqlite_pipeline.open())
    sqlite_pipeline.sql("UPDATE leads SET city = 'elsewhere'")

    verified = check(sqlite_pipeline, plan)

    assert (verified.different, len(verified.differences)) == (1200, 1000)


def test_a_text_id_is_the_lead_key(pipeline: Pipeline) -> None:
    """A table whose id is a text gets the lead key as id, and is read back by it."""
    exact = {"mariadb": " COLLATE utf8mb4_nopad_bin", "postgresql": ' COLLATE "C"'}.get(pipeline.kind, "")
    pipeline.sql(f"CREATE TABLE opportunities (code VARCHAR(400){exact} PRIMARY KEY, title TEXT, body {{long}})")
    columns = {"name": "title", "note": "body"}
    pipeline.target = config.Target(url=pipeline.url, table="opportunities", id="code", columns=columns)
    plan = small_plan(KEYS)

    assert pipeline.open().key().length == (500 if pipeline.kind == "sqlite" else 400)
    apply(plan, pipeline.open())

    assert check(pipeline, plan).holds
    found = {cast(str, code) for (code,) in pipeline.rows("SELECT code FROM opportunities")}
    assert found == {f"accounts:{key}" for key in KEYS}
