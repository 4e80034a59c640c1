"""Plans that an older version made can be opened, verified, retired, searched, compared and taken back.

`format-3.zip` was made by version 0.1.0 before its rooms were moved: a folder with the config, the legacy files, the
plan and the database that it was applied to. `@FOLDER@` stands in it where the folder's path was.
"""

from __future__ import annotations

import sqlite3
import zipfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from etl.cli import cli

OLD = Path(__file__).with_name("format-3.zip")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The old folder, unpacked where the test runs."""
    with zipfile.ZipFile(OLD) as packed:
        packed.extractall(tmp_path)
    for path in (tmp_path / "plan").glob("*.*"):
        if path.suffix in (".json", ".html", ".md"):
            path.write_text(path.read_text(encoding="utf-8").replace("@FOLDER@", str(tmp_path)), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> str:
    """Run a verb, which must end well, and give what it printed."""
    ended = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    assert ended.exit_code == 0, ended.output
    return ended.output


def leads(folder: Path) -> int:
    """How many leads the target holds."""
    with sqlite3.connect(folder / "pipeline.db") as connection:
        count: int = connection.execute("SELECT count(*) FROM leads").fetchone()[0]
    connection.close()
    return count


def test_an_older_plan_goes_the_rest_of_its_way(folder: Path) -> None:
    """An older version applied it; verify proves its 33 values, retire archives its records, undo takes all back."""
    assert "33 of 33 values" in run("verify", "plan")
    assert "verified" in run("status", "plan")
    assert "4 legacy records" in run("retire", "plan")
    assert "3 leads" in run("undo", "plan")
    assert leads(folder) == 0


def test_an_older_plan_is_applied_again_without_writing_twice(folder: Path) -> None:
    """The ledger of the older version is read: nothing is written a second time."""
    assert leads(folder) == 3
    run("apply", "plan")
    assert leads(folder) == 3


@pytest.mark.usefixtures("folder")
def test_an_older_plan_is_searched() -> None:
    """`find` names the lead that a record went into."""
    assert "lead 1" in run("find", "Alpha Bau", "--plan", "plan")


def test_this_version_plans_what_the_older_one_planned(folder: Path) -> None:
    """Once the older plan is taken back, the same config gives the same decisions and the same leads."""
    run("undo", "plan")
    run("plan", "config.yaml", "--out", "new")
    for table, columns in (("decisions", ["source_key", "decision", "lead"]), ("leads", None)):
        old, new = (pq.read_table(folder / plan / f"{table}.parquet", columns=columns) for plan in ("plan", "new"))
        assert new.select(old.column_names).equals(old), table
