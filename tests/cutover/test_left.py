"""What is left as it is, and said, while the rest goes on: families, leads, records, lines of a file."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from etl.connect import open_target
from etl.errors import Locked
from etl.pipeline.apply import apply
from etl.pipeline.plan import Settings, plan
from etl.pipeline.retire import retire
from etl.pipeline.undo import undo
from etl.pipeline.verify import verify
from etl.plan import Bundle
from etl.plan.journal import Journal
from tests.cutover.world import World
from tests.running import run

REFUSE = "CREATE TRIGGER no BEFORE {event} ON {table} WHEN NEW.{which} BEGIN SELECT RAISE(ABORT, 'not this one'); END"


def test_a_limit_divides_a_chunk(sqlite: World) -> None:
    """Where more leads stand in one chunk than the limit has room for, the others are left."""
    bundle = Bundle.open(plan(sqlite.config, sqlite.folder / "whole", settings=Settings(threads=1)).folder)
    applied = apply(bundle, limit=2, threads=1)

    assert bundle.chunks == 1
    assert (applied.leads, applied.left) == (2, 5)


def test_families_that_share_history_wait_together(sqlite: World) -> None:
    """One of them changed in the source: neither moves, as the row belongs to both."""
    sqlite.do("INSERT INTO activities VALUES (999, 2, 'P4-0', '2026-01-05', 'both')")
    bundle = sqlite.plan()
    sqlite.do("UPDATE accounts SET city = 'Bonn' WHERE id = 4")

    assert [one.lead for one in apply(bundle, threads=1).stale] == ["accounts:2", "accounts:4"]


def test_a_lead_that_the_ledger_lost_is_not_one_that_waits(sqlite: World) -> None:
    """Only what apply has skipped waits; verify misses the other one."""
    bundle = sqlite.plan()
    sqlite.do("UPDATE accounts SET city = 'Bonn' WHERE id = 2")
    apply(bundle, threads=1)
    sqlite.do("DELETE FROM crm_cleanup_ledger WHERE lead_key = 'accounts:4'", sqlite.target)
    verified = verify(bundle, threads=1)

    assert (verified.waiting, verified.holds) == (1, False)


def test_a_family_that_the_source_refuses_to_archive_is_named(sqlite: World) -> None:
    """It stays active, and all others are archived."""
    bundle = sqlite.plan()
    apply(bundle, threads=1)
    sqlite.do(REFUSE.format(event="UPDATE", table="accounts", which="id = 4"))
    retired = retire(bundle, threads=1)

    assert [one.lead for one in retired.skipped] == ["accounts:4"]
    assert retired.families == 6
    assert sqlite.ask("SELECT active FROM accounts WHERE id = 4", sqlite.source) == [(1,)]


def test_undo_leaves_an_archived_record_that_somebody_changed(sqlite: World) -> None:
    """With its lead, which would else be nowhere; the reason names the record."""
    bundle = sqlite.plan()
    apply(bundle, threads=1)
    retire(bundle, threads=1)
    sqlite.do("UPDATE accounts SET status = 'again' WHERE id = 2")
    undone = undo(bundle)

    assert [one.lead for one in undone.kept] == ["accounts:2"]
    assert "accounts:2 stays archived" in undone.kept[0].reason
    assert sqlite.ask("SELECT active, status FROM accounts WHERE id = 2", sqlite.source) == [(0, "again")]
    assert sqlite.ask("SELECT count(*) FROM leads") == [(1,)]


def test_a_second_plan_leaves_the_first_ones_records_out_of_the_files(files: World) -> None:
    """And undoing it leaves them out still."""
    first = files.plan()
    apply(first, threads=1)
    retire(first, threads=1)
    _append(files, "accounts", ["13", "Firma 13 GmbH", "Bonn", "1", "", "", "2026-01-14"])
    second = files.plan()
    apply(second, threads=1)
    retire(second, threads=1)
    after = _remaining(files)
    undo(second)

    assert after == ["1", "3", "6", "9", "12"]
    assert _remaining(files) == [*after, "13"]


def test_a_command_that_an_error_ended_is_told_as_failed(sqlite: World) -> None:
    """The journal says so, with the error's class and nothing of its message."""
    bundle = sqlite.plan()
    other = open_target(bundle.config.target)
    with other.lock("Maria on host"), pytest.raises(Locked):
        apply(bundle, threads=1)
    other.close()
    last = Journal(bundle.path, bundle.manifest.digest).events()[-1]

    assert (last.command, last.state, last.result) == ("apply", "failed", "Locked")


def test_apply_that_was_refused_a_lead_ends_with_1(sqlite: World) -> None:
    """It names the lead, and says how many were written."""
    bundle = sqlite.plan()
    apply(bundle, limit=1, threads=1)
    sqlite.do(REFUSE.format(event="INSERT", table="leads", which="name = 'Firma 4 GmbH'"), sqlite.target)
    applied = run("apply", bundle.path)

    assert applied.returncode == 1
    assert "Refused: accounts:4" in applied.stderr
    assert "The target refused 1 lead." in applied.stderr


def test_retire_ends_with_1_where_what_stays_does_not_add_up(sqlite: World) -> None:
    """A customer that somebody deleted since the plan was made is missing among the active records."""
    bundle = sqlite.plan()
    apply(bundle, threads=1)
    sqlite.do("DELETE FROM accounts WHERE id = 3")
    retired = run("retire", bundle.path)

    assert retired.returncode == 1
    assert "differ from those that the plan leaves there" in retired.stderr


def _append(world: World, name: str, row: list[str]) -> None:
    with _file(world, name).open("a", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerow(row)


def _remaining(world: World) -> list[str]:
    with _file(world, "remaining/accounts").open(encoding="utf-8", newline="") as file:
        return [row["id"] for row in csv.DictReader(file)]


def _file(world: World, name: str) -> Path:
    return world.folder / "in" / f"{name}.csv"
