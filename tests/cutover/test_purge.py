"""Purge: no value of a record is left, whatever ends it, and what is lost with it is said before."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from etl.errors import CleanupError, PlanError
from etl.pipeline import find, purge as room
from etl.pipeline.apply import apply
from etl.pipeline.approve import approve
from etl.pipeline.purge import losses, purge
from etl.pipeline.retire import retire
from etl.pipeline.status import status
from etl.pipeline.undo import undo
from etl.pipeline.verify import verify
from etl.plan import Bundle
from tests.cutover.world import World

MAPPED = '    salesperson: {column: name, map: {"Firma 2 GmbH": Kanarienvogel}}\n  '


@pytest.fixture
def plan(sqlite: World, monkeypatch: pytest.MonkeyPatch) -> Bundle:
    """A plan whose config names a company and a person, and whose people's decisions name records."""
    sqlite.approvals = "1"
    config = sqlite.config
    text = config.read_text(encoding="utf-8").replace("    city: ", MAPPED + "  city: ", 1)
    monkeypatch.setattr(World, "config", config)
    config.write_text(text, encoding="utf-8")
    lines = "source_key,decision,who,when,why,hash\naccounts:4711,keep,Maria,2026-10-12,,\n"
    (config.parent / "decisions.csv").write_text(lines, encoding="utf-8")
    bundle = sqlite.plan()
    assert bundle.manifest.figures.overrides.unknown == ("accounts:4711",)
    approve(bundle, by="Maria Muster")
    find.find("Firma", [bundle.path])
    return bundle


def left(folder: Path) -> bytes:
    """All that the files of a folder hold."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def again(bundle: Bundle) -> Bundle:
    """The plan as it is now."""
    return Bundle.open(bundle.path, purged=True)


def test_nothing_of_a_record_or_of_the_configs_values_is_left(plan: Bundle) -> None:
    """Also in the manifest, whose source keys become counts; the digest, the figures and the approval still stand."""
    assert b"Kanarienvogel" in left(plan.path)
    purge(plan)
    found = left(plan.path)
    figures = json.loads((plan.path / "purged").read_text(encoding="utf-8"))

    assert sorted(path.name for path in plan.path.iterdir()) == [
        "approvals.json", "journal.jsonl", "manifest.json", "purged"]  # fmt: skip
    assert not [word for word in (b"Firma", b"Kanarienvogel", b"Muster2", b"accounts:4711") if word in found]
    assert figures["overrides"] == {"changed": 0, "unknown": 1, "conflicting": 0}
    assert sum(figures["decisions"]["accounts"].values()) == 12
    assert again(plan).manifest.digest == plan.manifest.digest
    assert status(again(plan)).approvals[0].startswith("Maria Muster")
    assert status(again(plan)).notes == ()


@pytest.mark.parametrize("at", ["strip", "remove_data"])
def test_a_purge_that_was_killed_is_ended_by_the_next_one(
    plan: Bundle, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    """Whole until it has begun on the files, and from then on no plan any more; never called purged half-way."""
    right = getattr(room, at)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(room, at, killed)
    with pytest.raises(KeyboardInterrupt):
        purge(plan)
    between = status(again(plan))
    monkeypatch.setattr(room, at, right)
    purge(again(plan))

    assert (between.state, "crm-cleanup purge" in between.next) == (
        ("approved", False) if at == "strip" else ("partly purged", True)
    )
    assert status(again(plan)).state == "purged"
    assert status(again(plan)).approvals
    assert b"Firma" not in left(plan.path)


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="no links here")
def test_a_link_is_removed_and_not_what_it_leads_to(plan: Bundle, tmp_path: Path) -> None:
    """What somebody keeps elsewhere is not the plan's."""
    (tmp_path / "else").mkdir()
    (tmp_path / "else" / "kept.txt").write_text("x", encoding="utf-8")
    (plan.path / "link").symlink_to(tmp_path / "else")
    purge(plan)

    assert not (plan.path / "link").is_symlink()
    assert (tmp_path / "else" / "kept.txt").exists()


def test_what_is_lost_with_the_data_is_said_before(sqlite: World) -> None:
    """As long as something of it may be wanted: a proof, an archive, undo."""
    bundle = sqlite.plan()
    said = [losses(bundle)]
    for step in (apply, lambda one: verify(one, threads=1), lambda one: retire(one, threads=1), undo):
        step(bundle)
        said.append(losses(bundle))
    new, applied, verified, retired, undone = (" ".join(some) for some in said)

    assert (new, undone) == ("", "")
    assert all(word in applied for word in ("not verified", "not retired", "Undo"))
    assert "not verified" not in verified
    assert "not retired" in verified
    assert retired == "Undo will be impossible."


def test_data_beside_a_plan_is_named(sqlite: World) -> None:
    """What a plan that was killed has left there is a copy of the same records."""
    bundle = sqlite.plan()
    (bundle.path.parent / f".{bundle.path.name}.99.new").mkdir()

    assert [Path(one).name for one in purge(bundle).left] == [f".{bundle.path.name}.99.new"]


def test_a_purged_plan_keeps_no_other_from_being_searched(sqlite: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is left out, which is said; one that is named is refused."""
    monkeypatch.chdir(sqlite.folder)
    kept, gone = (Bundle.open(sqlite.planned(Path("plans") / name).folder) for name in ("kept", "gone"))
    purge(gone)
    found = find.find("Firma")

    assert found.plans == (str(kept.path),)
    assert found.hits
    assert [line for line in found.notices if "gone was purged" in line]
    with pytest.raises(PlanError, match="was purged"):
        find.find("Firma", [gone.path])
    purge(kept)
    with pytest.raises(PlanError, match="no plan"):
        find.find("Firma")


def test_a_file_that_cannot_be_removed_is_named(plan: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to do; the plan is no whole one any more."""
    monkeypatch.setattr("shutil.rmtree", lambda path: (_ for _ in ()).throw(PermissionError(13, "denied", str(path))))
    with pytest.raises(CleanupError, match="cannot be removed") as caught:
        purge(plan)

    assert f"crm-cleanup purge {plan.path}" in str(caught.value.next)
    assert status(again(plan)).state == "partly purged"
