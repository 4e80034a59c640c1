"""What a command does not load and does not start: it is what makes small clean-ups quick, and no clock tells it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.pipeline import small
from tests.running import run

HEAVY = ("pandas", "pyarrow", "numpy", "pydantic", "sqlalchemy", "duckdb", "jinja2", "rich")
LOADED = """
import sys
from etl.cli import main
sys.argv = ["crm-cleanup", *sys.argv[1:]]
try:
    main()
finally:
    print(*(name for name in {heavy!r} if name in sys.modules), file=sys.stderr)
"""
ALONE = """
import multiprocessing.util
import os
import sys

def refuse(*_):
    raise SystemExit("a second process was started")

multiprocessing.util.spawnv_passfds = refuse
os.sched_getaffinity = lambda _: {0, 1, 2, 3}
from etl.cli import main
sys.argv = ["crm-cleanup", "plan", *sys.argv[1:]]
main()
"""


def python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run code in a fresh Python, where nothing is loaded yet."""
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_loads_no_library_of_the_work(option: str) -> None:
    """What a verb needs is imported where it needs it."""
    ended = python(LOADED.format(heavy=HEAVY), option)

    assert (ended.returncode, ended.stderr.split()) == (0, [])


def test_a_small_plan_starts_no_second_process(tmp_path: Path) -> None:
    """Neither workers nor the server that gives them: their start takes longer than the work."""
    config = small.write_config(tmp_path, small.write_csv(tmp_path / "in"))

    ended = python(ALONE, str(config), "--out", str(tmp_path / "plan"))
    asked = python(ALONE, str(config), "--out", str(tmp_path / "again"), "--threads", "2")

    assert ended.returncode in (0, 3), ended.stderr
    assert "Digest:" in ended.stdout
    assert "a second process was started" in asked.stderr


def test_status_loads_no_library_of_the_plan(tmp_path: Path) -> None:
    """It looks at the plan's files by their metadata, and asks the ledger; nothing is worked on, nothing drawn."""
    config = small.write_config(tmp_path, small.write_csv(tmp_path / "in"))
    run("plan", config, "--out", tmp_path / "plan")

    ended = python(LOADED.format(heavy=("pandas", "duckdb", "jinja2", "xlsxwriter")), "status", str(tmp_path / "plan"))

    assert (ended.returncode, ended.stderr.split()) == (0, [])
