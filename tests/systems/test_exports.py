"""Exports go the whole way: ids of 15 and 18 characters, decimals of a spreadsheet, and links by names."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.systems.truth import EXPORTS
from tests.systems.way import config_of, decisions, leads, walk, walk_on

HERE = Path(__file__).parent


@pytest.mark.parametrize("system", EXPORTS)
def test_an_exports_files_go_the_whole_way(system: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Decisions are as they should be, and notes hold what other files knew, also of records that were merged away."""
    shutil.copytree(HERE / "exports" / system, tmp_path / "export")
    monkeypatch.setenv("TARGET_URL", f"sqlite:///{tmp_path / 'leads.db'}")
    walk(config_of(system, tmp_path), tmp_path)

    assert decisions(tmp_path) == EXPORTS[system].decided
    for lead, texts in EXPORTS[system].notes.items():
        assert [text for text in texts if text not in leads(tmp_path)[lead]["note"]] == []
    walk_on(tmp_path, ("undo", "plan"))
