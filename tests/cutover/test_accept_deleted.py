"""A lead that was deleted in the target on purpose: accepted by name, counted apart, and never written again."""

from __future__ import annotations

import json

import pytest

from etl.errors import CleanupError
from etl.pipeline.accept import accept_deleted
from etl.pipeline.apply import apply
from etl.pipeline.find import find
from etl.pipeline.retire import retire
from etl.pipeline.status import status
from etl.pipeline.undo import undo
from etl.pipeline.verify import verify
from etl.plan import Bundle
from tests.cutover.small_crm import decisions
from tests.cutover.world import World
from tests.running import run

LEAD = "accounts:5"
RECORDS = {"accounts:5", "contacts:P5-0", "contacts:P5-1"}


def deleted(world: World) -> Bundle:
    """A plan that was applied, and of whose leads somebody has deleted one."""
    bundle = world.plan()
    apply(bundle)
    [(own,)] = world.ask(f"SELECT lead_id FROM crm_cleanup_ledger WHERE source_key = '{LEAD}'")
    world.do(f"DELETE FROM lead_notes WHERE lead_id = {own}", world.target)
    world.do(f"DELETE FROM leads WHERE id = {own}", world.target)
    return bundle


def test_an_accepted_deletion_is_no_difference_and_counted(world: World) -> None:
    """Verify misses the lead until somebody accepts it; again is no other; the plan says who and when."""
    bundle = deleted(world)
    assert verify(bundle, threads=1).missing == 1

    first, again = (accept_deleted(bundle, [LEAD], by="Maria  Muster") for _ in range(2))
    verified = verify(bundle, threads=1)

    assert (first.leads, first.before, again.leads, again.before) == ((LEAD,), (), (), (LEAD,))
    assert (verified.holds, verified.accepted, verified.leads, verified.missing) == (True, 1, 6, 0)
    [row] = json.loads((bundle.path / "accepted.json").read_text("utf-8"))
    assert (row["lead"], row["by"], bool(row["user"] and row["at"])) == (LEAD, "Maria Muster", True)
    stands = status(bundle)
    assert stands.state == "verified"
    assert any("Maria Muster accepted" in note for note in stands.notes)
    assert [(h.command, h.ended) for h in stands.happened if h.command == "accept-deleted"] == [
        ("accept-deleted", "done")
    ] * 2


def test_it_is_not_proposed_again_whatever_happens_in_the_source(world: World) -> None:
    """Not after an edit, which would else be a review, and not after the plan was taken back."""
    bundle = deleted(world)
    accept_deleted(bundle, [LEAD], by="Maria")
    world.do("UPDATE accounts SET city = 'Bonn' WHERE id = 5")

    assert {decisions(world.plan())[key] for key in RECORDS} == {"moved before"}
    undone = undo(bundle)
    assert (undone.leads, undone.gone, status(bundle).state) == (6, 1, "undone")
    again = world.plan()
    assert {decisions(again)[key] for key in RECORDS} == {"moved before"}
    assert apply(again).leads == 6
    assert verify(again, threads=1).holds


def test_its_records_stay_in_the_crm(sqlite: World) -> None:
    """Nothing is archived whose lead cannot be read back, and that is no failure; find says where it is."""
    bundle = deleted(sqlite)
    accept_deleted(bundle, [LEAD], by="Maria")
    verify(bundle, threads=1)
    retired = retire(bundle, threads=1)

    assert sqlite.ask("SELECT active FROM accounts WHERE id = 5", sqlite.source) == [(1,)]
    assert (retired.whole, retired.left, retired.deleted) == (True, 0, 1)
    assert "deleted on purpose" in retired.skipped[0].reason
    assert status(bundle).state == "retired"
    [hit] = [hit for hit in find("Firma 5", [bundle.path]).hits if hit.source_key == LEAD]
    assert hit.state == "moved to the lead pipeline; its lead was deleted there"
    assert undo(bundle).records == retired.records


def test_a_lead_that_comes_back_is_compared_again(sqlite: World) -> None:
    """Who restores it in the target has it verified like all others."""
    bundle = sqlite.plan()
    apply(bundle)
    [(own,)] = sqlite.ask(f"SELECT lead_id FROM crm_cleanup_ledger WHERE source_key = '{LEAD}'")
    sqlite.do(f"CREATE TABLE kept AS SELECT * FROM leads WHERE id = {own}", sqlite.target)
    sqlite.do(f"DELETE FROM leads WHERE id = {own}", sqlite.target)
    accept_deleted(bundle, [own], by="Maria")
    sqlite.do("INSERT INTO leads SELECT * FROM kept", sqlite.target)
    verified = verify(bundle, threads=1)

    assert (verified.holds, verified.accepted, verified.leads) == (True, 0, 7)


def test_what_was_not_deleted_is_refused(sqlite: World) -> None:
    """A lead that is there, one that was never written, and a key that is none of the plan's."""
    bundle = sqlite.plan()
    with pytest.raises(CleanupError, match="was not written"):
        accept_deleted(bundle, [LEAD], by="Maria")
    apply(bundle)
    with pytest.raises(CleanupError, match="is still in the target"):
        accept_deleted(bundle, [LEAD], by="Maria")
    with pytest.raises(CleanupError, match="did not write a lead"):
        accept_deleted(bundle, ["accounts:999"], by="Maria")

    assert not (bundle.path / "accepted.json").exists()
    assert verify(bundle, threads=1).accepted == 0


def test_the_command_says_it_in_words_and_in_json(sqlite: World) -> None:
    """And asks for a name."""
    bundle = deleted(sqlite)
    nameless = run("verify", bundle.path, "--accept-deleted", LEAD)
    said = run("verify", bundle.path, "--accept-deleted", LEAD, "--by", "Maria")
    machine = run("verify", bundle.path, "--json")

    assert (nameless.returncode, "--by NAME" in nameless.stderr) == (2, True)
    assert said.returncode == 0, said.stderr
    assert "1 lead deleted in the target on purpose" in said.stdout
    assert (json.loads(machine.stdout)["accepted"], json.loads(machine.stdout)["holds"]) == (1, True)
    assert "1 accepted" in run("status", bundle.path).stdout
