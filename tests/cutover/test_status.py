"""Where a plan stands, by its journal and by the target's ledger, and what to run next."""

from __future__ import annotations

import dataclasses
import shutil

import pytest

from etl.errors import CleanupError, PlanError
from etl.pipeline.apply import apply
from etl.pipeline.approve import approve
from etl.pipeline.purge import purge
from etl.pipeline.retire import retire
from etl.pipeline.status import LOST, bounds, history, judge, status
from etl.pipeline.undo import undo
from etl.pipeline.verify import verify
from etl.plan import Bundle
from etl.plan.journal import Event, Journal
from tests.cutover.world import World


def event(command: str, state: str = "done", **counts: int) -> Event:
    """One line of a journal."""
    return Event("2026-11-24T12:00:00+00:00", command, state, "maria", "host", "1", "d", counts)  # type: ignore[arg-type]


APPLIED, PART = event("apply", leads=7, left=0), event("apply", leads=3, left=4)
VERIFIED, RETIRED = event("verify", different=0), event("retire", records=9)
NO_MORE, REFUSED = event("apply", leads=0, before=7, left=0), event("apply", "failed")


@pytest.mark.parametrize(
    ("events", "applied", "approved", "state", "next_command"),
    [
        ([], 0, 0, "planned", "approve"),
        ([], 0, 1, "approved", "apply"),
        ([PART], 3, 1, "partly applied", "apply"),
        ([event("apply", "begun")], 2, 1, "partly applied", "apply"),
        ([APPLIED], 7, 1, "applied", "verify"),
        ([APPLIED], None, 1, "applied", "verify"),
        ([APPLIED, event("verify", different=2)], 7, 1, "applied, and verify found differences", "verify"),
        ([APPLIED, VERIFIED], 7, 1, "verified", "retire"),
        ([APPLIED, VERIFIED, APPLIED], 7, 1, "applied", "verify"),
        ([APPLIED, VERIFIED, NO_MORE], 7, 1, "verified", "retire"),
        ([APPLIED, VERIFIED, REFUSED], 7, 1, "verified", "retire"),
        ([APPLIED, VERIFIED, event("retire", "failed")], 7, 1, "verified", "retire"),
        ([APPLIED, VERIFIED, event("retire", "failed", records=3)], 7, 1, "partly retired", "retire"),
        ([APPLIED, VERIFIED, event("retire", "begun")], 7, 1, "partly retired", "retire"),
        ([APPLIED, VERIFIED, RETIRED, NO_MORE], 7, 1, "retired", "undo"),
        ([APPLIED, VERIFIED, RETIRED, REFUSED], 7, 1, "retired", "undo"),
        ([APPLIED, VERIFIED, event("verify", "begun")], 7, 1, "verified", "retire"),
        ([APPLIED], 0, 1, LOST, "verify"),
        ([APPLIED], 6, 1, LOST, "verify"),
        ([APPLIED, VERIFIED, event("verify", "begun")], 0, 1, LOST, "verify"),
        ([PART, event("apply", "begun")], 2, 1, LOST, "verify"),
        ([PART, event("apply", "begun")], 6, 1, "partly applied", "apply"),
        ([APPLIED, event("undo", "begun")], 3, 1, "partly undone", "undo"),
        ([APPLIED, event("undo", "failed")], 7, 1, "applied", "verify"),
        ([APPLIED, event("purge", "begun")], 7, 1, "applied", "verify"),
        ([APPLIED, VERIFIED, RETIRED], 7, 1, "retired", "undo"),
        ([APPLIED, VERIFIED, RETIRED, event("undo", leads=7)], 0, 1, "undone", "plan"),
        ([APPLIED, event("undo", leads=5)], 2, 1, "partly undone", "undo"),
    ],
)
def test_each_state_names_the_next_command(
    events: list[Event], applied: int | None, approved: int, state: str, next_command: str
) -> None:
    """From the journal and the ledger together; the journal alone where the ledger cannot be asked."""
    found, advice = judge(history(events), 7, applied, approved, 1, 0)

    assert found == state
    assert next_command in advice


@pytest.mark.parametrize(
    ("state", "word"), [("done", "purged"), ("begun", "partly purged"), ("failed", "partly purged")]
)
def test_a_plan_that_says_so_is_purged(state: str, word: str) -> None:
    """And one whose purge did not come to its end is not called purged."""
    found, advice = judge(history([APPLIED, event("purge", state)]), 7, None, 1, 1, 0, purged=True)

    assert found == word
    assert ("crm-cleanup purge" in advice) == (word != "purged")


@pytest.mark.parametrize(
    ("events", "least", "most"),
    [
        ([], 0, 0),
        ([PART], 3, 3),
        ([PART, event("apply", leads=4, before=3, left=0)], 7, 7),
        ([PART, event("apply", "begun")], 3, 7),
        ([PART, event("apply", "failed", leads=1)], 4, 7),
        ([PART, event("apply", "failed")], 3, 3),
        ([APPLIED, event("undo", leads=4, gone=1)], 2, 2),
        ([APPLIED, event("undo", "begun")], 0, 7),
        ([APPLIED, event("undo", leads=7), APPLIED], 7, 7),
    ],
)
def test_what_the_journal_knows_of_the_ledger(events: list[Event], least: int, most: int) -> None:
    """What was killed, or failed on its way, leaves room; what ended, and what was refused at once, leaves none."""
    assert bounds(history(events), 7) == (least, most)


def test_a_command_without_an_end_was_killed() -> None:
    """And one that ended has one line, in the order in which they began, whatever the clock said."""
    late = dataclasses.replace(event("verify", "begun"), at="2020-01-01T00:00:00+00:00")
    found = history([event("apply", "begun"), event("apply", leads=7), late])

    assert [(one.command, one.ended) for one in found] == [("apply", "done"), ("verify", "was killed")]


def test_the_way_of_a_plan(sqlite: World) -> None:
    """Each command brings it one step on."""
    sqlite.approvals = "1"
    bundle = sqlite.plan()
    states = [status(bundle).state]
    for step in (lambda: approve(bundle, by="Maria"), lambda: apply(bundle), lambda: verify(bundle, threads=1)):
        step()
        states.append(status(bundle).state)
    retire(bundle, threads=1)
    states.append(status(bundle).state)
    undo(bundle)

    assert [*states, status(bundle).state] == ["planned", "approved", "applied", "verified", "retired", "undone"]


def test_a_journal_that_the_ledger_contradicts(sqlite: World) -> None:
    """A copy was applied, a target was restored, a journal is torn: it says so, and which is right."""
    bundle = sqlite.plan()
    shutil.copytree(bundle.path, sqlite.folder / "copy")
    apply(Bundle.open(sqlite.folder / "copy"))
    elsewhere = status(bundle)
    apply(bundle)
    with (bundle.path / "journal.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"at": "torn')
    sqlite.do("DELETE FROM crm_cleanup_ledger", sqlite.target)
    lost = status(Bundle.open(sqlite.folder / "copy"))
    events = Journal(bundle.path, bundle.manifest.digest).events()

    assert (elsewhere.applied, elsewhere.state) == (7, "partly applied")
    assert "The ledger is right" in elsewhere.notes[0]
    assert "would be written twice" in lost.notes[0]
    assert "crm-cleanup apply" not in lost.next
    assert events[-1].command == "apply"


def test_an_unset_variable_and_a_damaged_journal_keep_no_status(sqlite: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says that the target could not be asked, and goes on with what can be read."""
    sqlite.table = '{url: "${NO_SUCH_VARIABLE}"}'
    monkeypatch.setenv("NO_SUCH_VARIABLE", sqlite.target)
    bundle = sqlite.plan()
    apply(bundle)
    monkeypatch.delenv("NO_SUCH_VARIABLE")
    with (bundle.path / "journal.jsonl").open("ab") as file:
        file.write(b'[1]\n\xff\xfe\n{"at": "x", "command": "apply", "state": "done", "user": "u", "host": "h", '
                   b'"version": "1", "digest": "d", "counts": null}\n{"at": "torn')  # fmt: skip
    found = status(Bundle.open(bundle.path))
    (bundle.path / "journal.jsonl").unlink()
    without = status(Bundle.open(bundle.path))

    assert (found.applied, found.state) == (None, "applied")
    assert "NO_SUCH_VARIABLE" in str(found.unreachable)
    assert [run.command for run in found.happened] == ["plan", "apply"]
    assert any(note.startswith("4 lines of the plan's journal cannot be read") for note in found.notes)
    assert without.happened == ()
    assert any("The beginning of the plan's journal is missing" in note for note in without.notes)


@pytest.mark.parametrize("left", [None, b"", b'{"at": "cut'], ids=["deleted", "emptied", "cut"])
def test_a_lost_journal_misleads_nobody(sqlite: World, left: bytes | None) -> None:
    """Where the ledger is lost, too, status says what is missing, and no other plan takes the place of this one."""
    bundle = sqlite.plan()
    apply(bundle)
    journal = bundle.path / "journal.jsonl"
    journal.unlink()
    if left is not None:
        journal.write_bytes(left)
    with_ledger = status(Bundle.open(bundle.path))
    sqlite.do("DELETE FROM crm_cleanup_ledger", sqlite.target)
    without = status(Bundle.open(bundle.path))

    assert (with_ledger.applied, with_ledger.state) == (7, "partly applied")
    assert any("the journal was lost. The ledger is right" in note for note in with_ledger.notes)
    assert any("The beginning of the plan's journal is missing" in note for note in without.notes)
    with pytest.raises(PlanError, match="Nobody can say whether the plan in this folder was applied"):
        sqlite.planned_again(bundle.path)
    assert Bundle.open(bundle.path).manifest.digest == bundle.manifest.digest


def test_a_purged_plan_keeps_its_figures_alone(sqlite: World) -> None:
    """No value of a record is left, status still tells what was done, and other commands say why they do nothing."""
    bundle = sqlite.plan()
    apply(bundle)
    purge(bundle)
    left = b"".join(path.read_bytes() for path in bundle.path.rglob("*") if path.is_file())

    assert b"Firma" not in left
    assert b"Muster" not in left
    assert status(Bundle.open(bundle.path, purged=True)).state == "purged"
    with pytest.raises(PlanError, match="was purged"):
        Bundle.open(bundle.path)
    with pytest.raises(CleanupError, match="was applied"):
        sqlite.planned_again(bundle.path)
