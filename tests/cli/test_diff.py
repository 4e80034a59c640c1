"""crm-cleanup diff: its forms, its exit codes, and plans that cannot be compared."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from tests.pipeline import small
from tests.running import run


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two plans of the small CRM: in the second one, invoices count no more."""
    folder = tmp_path_factory.mktemp("plans")
    config = small.write_config(folder, small.write_csv(folder / "in"))
    assert run("plan", config, "--out", folder / "a").returncode == 0
    config.write_text(config.read_text(encoding="utf-8").replace("3 years", "3 days"), encoding="utf-8")
    assert run("plan", config, "--out", folder / "b").returncode == 0
    return folder / "a", folder / "b"


def test_text_names_the_worst_first(plans: tuple[Path, Path]) -> None:
    """Before any figure: customers that would move."""
    shown = run("diff", *plans)

    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout.startswith("! 5 records that stayed as customers would become leads")
    assert "customer → lead" in shown.stdout
    assert "classify[invoiced].when.within.last 3 years 3 days" in " ".join(shown.stdout.split())


def test_the_forms_say_the_same(plans: tuple[Path, Path]) -> None:
    """Text, Markdown and JSON have the same counts."""
    text, markdown = run("diff", *plans).stdout, run("diff", *plans, "--format", "markdown").stdout
    data = json.loads(run("diff", *plans, "--json").stdout)

    assert json.loads(run("diff", *plans, "--format", "json").stdout) == data
    [group] = [one for one in data["records"]["groups"] if one["after"] == "lead"]
    assert data["customers_moved"] == group["records"] == 5
    assert f"| **customer → lead** | {group['records']} | {group['families']} |" in markdown
    [row] = [line for line in text.splitlines() if line.startswith("  customer → lead")]
    assert row.split()[3:5] == [str(group["records"]), str(group["families"])]


def test_exit_codes_are_for_scripts(plans: tuple[Path, Path]) -> None:
    """A difference is no failure, unless it is asked for."""
    codes = [
        run("diff", *plans, "--quiet").returncode,
        run("diff", *plans, "--exit-code", "--quiet").returncode,
        run("diff", plans[0], plans[0], "--exit-code").returncode,
    ]

    assert codes == [0, 1, 0]


def test_nothing_is_written(plans: tuple[Path, Path]) -> None:
    """Also a plan that nobody can write into can be compared, and stays as it is."""
    before = {path: path.stat().st_mtime_ns for path in sorted(plans[0].parent.rglob("*"))}
    run("diff", *plans)

    assert {path: path.stat().st_mtime_ns for path in sorted(plans[0].parent.rglob("*"))} == before


@pytest.mark.parametrize(
    ("damage", "code", "said"),
    [
        ("purge", 1, "was purged"),
        ("format", 1, "this version of crm-cleanup reads format"),
        ("leads", 4, "leads.parquet differs"),
        ("no decisions", 1, "missing or damaged"),
        ("no report", 1, "missing or damaged"),
        ("no plan", 1, "There is no plan here"),
    ],
)
def test_what_cannot_be_compared_is_named(
    plans: tuple[Path, Path], tmp_path: Path, damage: str, code: int, said: str
) -> None:
    """Which plan it is, what is wrong with it, and what to run."""
    other = tmp_path / "other"
    shutil.copytree(plans[1], other)
    manifest = other / "manifest.json"
    if damage == "purge":
        run("purge", other, "--yes")
    elif damage == "format":
        manifest.write_text(
            manifest.read_text(encoding="utf-8").replace('"format": 4', '"format": 2'), encoding="utf-8"
        )
    elif damage == "leads":
        shutil.copy(plans[0] / "leads.parquet", other / "leads.parquet")
    elif damage == "no plan":
        shutil.rmtree(other)
    else:
        (other / {"no decisions": "decisions.parquet", "no report": "report.json"}[damage]).unlink()
    found = run("diff", plans[0], other)

    assert found.returncode == code, found.stderr
    assert said in found.stderr
    assert f"{other}{os.sep}" in found.stderr or f"where:   {other}\n" in found.stderr
    assert "written: nothing" in found.stderr
    assert "next:" in found.stderr
    assert found.stdout == ""
