"""The whole cutover, there and back: after undo, source and target are what they were before, table by table."""

from __future__ import annotations

import pytest

from etl.pipeline.apply import apply
from etl.pipeline.retire import retire
from etl.pipeline.undo import undo
from etl.pipeline.verify import verify
from tests.cutover.world import World


def test_there_and_back(world: World) -> None:
    """Plan, apply, verify, retire, undo: the customers alone are active, and then all is as before."""
    source, target = world.dump(world.source), world.dump(world.target)
    bundle = world.plan()
    applied, verified = apply(bundle), verify(bundle, threads=1)
    retired = retire(bundle, threads=1)
    active = world.ask("SELECT id FROM accounts WHERE active = 1 ORDER BY id", world.source)
    moved = world.ask("SELECT count(*) FROM accounts WHERE status = 'moved' AND lead IS NOT NULL", world.source)
    undone = undo(bundle)

    assert (applied.leads, applied.stale, applied.refused) == (7, (), ())
    assert verified.holds
    assert (retired.families, retired.skipped) == (7, ())
    assert retired.active is not None
    assert retired.active.proven
    assert active == [(1,), (3,), (6,), (9,), (12,)]
    assert moved == [(7,)]
    assert (undone.leads, undone.records, undone.kept) == (7, retired.records, ())
    assert world.dump(world.source) == source
    assert {name: rows for name, rows in world.dump(world.target).items() if rows} == target


def test_there_and_back_with_files(files: World) -> None:
    """New files have the remaining records, the old ones stay as they are; undo takes the new ones away."""
    before = files.dump(files.source)
    bundle = files.plan()
    apply(bundle)
    retired = retire(bundle, threads=1)
    after = files.dump(files.source)
    remaining = (files.folder / "in" / "remaining" / "accounts.csv").read_text(encoding="utf-8")
    undo(bundle)

    assert retired.active is not None
    assert retired.active.proven
    assert {name: rows for name, rows in after.items() if not name.startswith("remaining/")} == before
    assert [line.split(",")[0] for line in remaining.splitlines()] == ["id", "1", "3", "6", "9", "12"]
    assert files.dump(files.source) == before


@pytest.mark.parametrize("one_per", ["company", "contact"])
def test_applying_again_after_undo(sqlite: World, one_per: str) -> None:
    """What was taken back can be applied once more, and is whole."""
    sqlite.one_per = one_per
    bundle = sqlite.plan()
    first = apply(bundle)
    undo(bundle)
    again = apply(bundle)

    assert first.leads == again.leads > 0
    assert verify(bundle, threads=1).holds
