"""What makes a cutover safe at noon: one runner, families as they were planned, a first batch, work that is kept."""

from __future__ import annotations

import subprocess
import sys

import pytest

from etl.connect import open_target
from etl.errors import ConfigError, Locked, StalePlan
from etl.pipeline.apply import apply
from etl.pipeline.retire import retire
from etl.pipeline.undo import undo
from etl.pipeline.verify import compare_source, verify
from etl.plan.journal import Journal
from tests.cutover.world import World

EDITS = {
    "a record": (2, "UPDATE accounts SET city = 'Bonn' WHERE id = 2"),
    "a contact": (5, "UPDATE contacts SET email = 'neu@firma.example' WHERE id = 'P5-0'"),
    "a new contact": (4, "INSERT INTO contacts VALUES ('P4-9', 4, 'Neu', NULL, 1)"),
    "history": (8, "UPDATE activities SET text = 'anders' WHERE contact_id = 'P8-1'"),
    "new history": (7, "INSERT INTO activities VALUES (999, NULL, 'P7-0', '2026', 'neu')"),
    "new evidence": (10, "INSERT INTO invoices VALUES ('N1', 10, 'posted')"),
    "a contact that left": (11, "UPDATE contacts SET account_id = 3 WHERE id = 'P11-1'"),
}
"""What people change in a CRM -> the company whose family it is, and how."""


def test_a_family_that_changed_is_skipped_and_named(world: World) -> None:
    """Whatever of it changed, its records and its evidence; the others move, and verify misses nothing."""
    world.do("INSERT INTO accounts VALUES (13, 'Unberührt GmbH', NULL, 1, NULL, NULL, '2026-01-14')")
    bundle = world.plan()
    for _, edit in EDITS.values():
        world.do(edit)
    applied = apply(bundle)
    verified = verify(bundle, threads=1)

    assert {one.lead for one in applied.stale} == {f"accounts:{own}" for own, _ in EDITS.values()}
    assert [key for (key,) in world.ask("SELECT DISTINCT lead_key FROM crm_cleanup_ledger")] == ["accounts:13"]
    assert (verified.holds, verified.waiting, verified.leads) == (True, len(EDITS), 1)


def test_a_family_that_changed_after_it_was_written_is_not_archived(world: World) -> None:
    """It stays active, and is counted."""
    bundle = world.plan()
    apply(bundle)
    world.do(EDITS["a contact"][1])
    retired = retire(bundle, threads=1)

    assert [one.lead for one in retired.skipped] == ["accounts:5"]
    assert "contacts: changed" in retired.skipped[0].reason
    assert retired.active is not None
    assert (retired.active.leads, retired.active.proven) == (3, True)


def test_a_family_whose_lead_was_edited_is_not_archived(world: World) -> None:
    """Nothing is archived before its lead was read back and is what the plan says."""
    bundle = world.plan()
    apply(bundle)
    [(own,)] = world.ask("SELECT lead_id FROM crm_cleanup_ledger WHERE source_key = 'accounts:4'")
    world.do(f"UPDATE leads SET note = 'x' WHERE id = {own}", world.target)
    retired = retire(bundle, threads=1)

    assert [one.lead for one in retired.skipped] == ["accounts:4"]
    assert world.ask("SELECT active FROM accounts WHERE id = 4", world.source) == [(1,)]


def test_only_one_runner(world: World) -> None:
    """The second one is told who the first is; when that one is dead, however it died, the lock is free."""
    bundle = world.plan()
    other = open_target(bundle.config.target)
    with other.lock("Maria on host, crm-cleanup apply"):
        with pytest.raises(Locked, match="Maria on host, crm-cleanup apply, since 20") as raised:
            apply(bundle)
        assert raised.value.exit_code == 4
    other.close()

    assert apply(bundle).leads == 7


def test_a_careful_first_batch(world: World) -> None:
    """So many leads and no more, so many more of the others, and then the rest."""
    bundle = world.plan()
    first, partly, second, rest = (
        apply(bundle, limit=2),
        verify(bundle, threads=1),
        apply(bundle, limit=1),
        apply(bundle),
    )

    assert (first.leads, first.left) == (2, 5)
    assert (partly.holds, partly.leads, partly.waiting) == (True, 2, 5)
    assert (second.leads, second.before, second.left) == (1, 2, 4)
    assert (rest.leads, rest.before, rest.left) == (4, 3, 0)


TOUCHES = {
    "accounts:2": "UPDATE leads SET city = 'Bonn' WHERE id = {own}",
    "accounts:4": "UPDATE leads SET note = {longer} WHERE id = {own}",
    "accounts:7": "UPDATE leads SET name = NULL WHERE id = {own}",
}
"""A lead's key -> what somebody does to it: a field, the note below what the plan wrote, a field emptied."""


def test_a_lead_that_somebody_touched_is_kept(world: World) -> None:
    """And its record stays archived, unless the lead is forced."""
    bundle = world.plan()
    apply(bundle)
    retire(bundle, threads=1)
    ids = dict(world.ask("SELECT source_key, lead_id FROM crm_cleanup_ledger"))
    longer = "note || 'called'" if world.target.startswith(("sqlite", "postgresql")) else "CONCAT(note, 'called')"
    for key, touch in TOUCHES.items():
        world.do(touch.format(own=ids[key], longer=longer), world.target)
    undone = undo(bundle)
    archived = world.ask("SELECT id FROM accounts WHERE active = 0 ORDER BY id", world.source)
    forced = undo(bundle, force=[*TOUCHES])

    assert {one.lead for one in undone.kept} == TOUCHES.keys()
    assert archived == [(2,), (4,), (7,)]
    assert (forced.leads, forced.kept) == (3, ())
    assert world.ask("SELECT id FROM accounts WHERE active = 0", world.source) == []


def test_leads_with_a_stage_and_messages(world: World) -> None:
    """In a pipeline that was there, a lead that moved on or got a message is kept; what was there before stays."""
    long = {"sqlite": "TEXT", "postgresql": "TEXT", "mariadb": "LONGTEXT"}[world.target.split(":")[0].split("+")[0]]
    own = {
        "sqlite": "INTEGER PRIMARY KEY AUTOINCREMENT",
        "postgresql": "SERIAL PRIMARY KEY",
        "mariadb": "INTEGER PRIMARY KEY AUTO_INCREMENT",
    }[world.target.split(":")[0].split("+")[0]]
    columns = f"id {own}, title VARCHAR(200), body {long}, stage VARCHAR(20) DEFAULT 'new', city VARCHAR(99)"
    world.do(f"CREATE TABLE opportunity ({columns})", world.target)
    world.do("CREATE TABLE message (lead INTEGER REFERENCES opportunity (id), text VARCHAR(99))", world.target)
    if "mariadb" in world.target:
        world.do("ALTER TABLE message ADD FOREIGN KEY (lead) REFERENCES opportunity (id)", world.target)
    world.do("INSERT INTO opportunity (title) VALUES ('an old one')", world.target)
    columns = "{name: title, note: body, city: city}"
    world.table = f'{{url: "{world.url_of_target}", table: opportunity, columns: {columns}}}'
    before = world.dump(world.target)
    bundle = world.plan()
    apply(bundle)
    ids = dict(world.ask("SELECT source_key, lead_id FROM crm_cleanup_ledger"))
    world.do(f"UPDATE opportunity SET stage = 'won' WHERE id = {ids['accounts:2']}", world.target)
    world.do(f"INSERT INTO message VALUES ({ids['accounts:4']}, 'call back')", world.target)
    undone = undo(bundle)
    reasons = {one.lead: one.reason for one in undone.kept}
    world.do("DELETE FROM message", world.target)
    undo(bundle, force=["accounts:2", ids["accounts:4"]])

    assert reasons.keys() == {"accounts:2", "accounts:4"}
    assert "message" in reasons["accounts:4"]
    assert world.dump(world.target) == before


def test_single_leads_are_taken_back(world: World) -> None:
    """By key or by id; the others stay as they are."""
    bundle = world.plan()
    apply(bundle)
    ids = dict(world.ask("SELECT source_key, lead_id FROM crm_cleanup_ledger"))
    undone = undo(bundle, leads=["accounts:2", ids["accounts:4"]])

    assert undone.leads == 2
    assert sorted(key for (key,) in world.ask("SELECT DISTINCT lead_key FROM crm_cleanup_ledger"))[:2] == [
        "accounts:10",
        "accounts:11",
    ]
    assert verify(bundle, threads=1).holds


def test_a_schema_that_changed_is_refused(world: World) -> None:
    """A column more in the target's table: exit code 4, nothing written."""
    apply(world.plan(), limit=1)
    bundle = world.plan()
    world.do("ALTER TABLE leads DROP COLUMN title", world.target)

    with pytest.raises((StalePlan, ConfigError)):
        apply(bundle)


def test_the_live_source_is_compared(sqlite: World) -> None:
    """Also after retiring, whose own columns are no difference."""
    bundle = sqlite.plan()
    apply(bundle)
    retire(bundle, threads=1)
    same = compare_source(bundle, threads=1)
    sqlite.do(EDITS["history"][1])
    edited = compare_source(bundle, threads=1)

    assert (same.changed, same.records > 7) == ({}, True)
    assert "contacts:P8-1" in edited.changed


@pytest.mark.parametrize(
    "work", ["salesperson = 'maria'", "phone = '+49 351 5550101'", "tags = 'call back in May'", "do_not_contact = TRUE"]
)
def test_a_lead_in_which_somebody_filled_a_field_is_kept(sqlite: World, work: str) -> None:
    """Also a field that the config fills nothing into: an owner, a phone, a tag, an opt-out are work of people."""
    bundle = sqlite.plan()
    apply(bundle)
    sqlite.do(f"UPDATE leads SET {work} WHERE name = 'Firma 2 GmbH'", sqlite.target)
    undone = undo(bundle)

    assert [(kept.lead, kept.reason) for kept in undone.kept] == [("accounts:2", f"its {work.split()[0]} is filled")]
    assert sqlite.ask("SELECT name FROM leads") == [("Firma 2 GmbH",)]


def test_ctrl_c_ends_at_a_border(sqlite: World) -> None:
    """The transaction that is under way ends, and the message says how to go on."""
    sqlite.chunk_records = 5
    bundle = sqlite.plan()
    script = (
        "import os, signal, sys; from etl.pipeline.apply import apply; from etl.plan import Bundle; "
        "done = apply(Bundle.open(sys.argv[1]), threads=1, "
        "progress=lambda *_: os.kill(os.getpid(), signal.SIGINT) if _[1] == 2 else None); "
        "print(done.leads, done.left, done.stopped)"
    )
    ended = subprocess.run([sys.executable, "-c", script, bundle.path], capture_output=True, text=True, check=False)
    leads, left, stopped = ended.stdout.split()

    assert (int(leads) + int(left), stopped) == (7, "True"), ended.stderr
    assert int(leads) >= 2
    assert apply(bundle).leads == int(left)


def test_the_journal_tells_all(sqlite: World) -> None:
    """Each command when it begins and when it ends, with what it did, and no value of a record."""
    bundle = sqlite.plan()
    apply(bundle)
    verify(bundle, threads=1)
    events = Journal(bundle.path, bundle.manifest.digest).events()
    text = (bundle.path / "journal.jsonl").read_text(encoding="utf-8")

    assert [(one.command, one.state) for one in events] == [
        (verb, state) for verb in ("plan", "apply", "verify") for state in ("begun", "done")
    ]
    assert events[3].counts["leads"] == 7
    assert all(one.digest == bundle.manifest.digest for one in events)
    assert "Firma" not in text
