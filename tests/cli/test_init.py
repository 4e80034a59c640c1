from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from etl.cli import cli
from etl.config import load
from tests.profile.profiles import files_in
from tests.running import run

COMPANIES = "id,name,city,email\n" + "".join(f"{n},Muster {n} GmbH,Köln,a{n}@x.example\n" for n in range(1, 30))
BILLS = "id,account_id,date,state\n" + "".join(f"R{n},{n},2023-02-0{1 + n % 9},paid\n" for n in range(1, 20))


@pytest.fixture
def crm(tmp_path: Path) -> Path:
    """A folder of companies and invoices."""
    return files_in(tmp_path / "crm", {"accounts": COMPANIES, "invoices": BILLS})


def test_init_says_what_was_found_and_which_command_is_next(crm: Path, tmp_path: Path) -> None:
    """Where nobody can be asked it takes the usual answers; check takes the config as it stands."""
    out = tmp_path / "my.yaml"
    made = run("init", crm, "--out", out)

    assert made.returncode == 0
    assert "accounts                               29 records" in made.stdout
    assert f"Next: crm-cleanup check {out}" in made.stdout
    assert run("check", out).returncode == 0


def test_init_in_json_and_with_what_each_column_holds(crm: Path, tmp_path: Path) -> None:
    """Machines get the entries and what is not sure; --explain prints a line a column."""
    out = tmp_path / "my.yaml"
    machine = json.loads(run("init", crm, "--out", out, "--json").stdout)
    explained = run("init", crm, "--out", out, "--replace", "--explain", "--profile", tmp_path / "profile.html")

    assert (machine["entries"], machine["path"]) == ({"accounts": 29}, str(out))
    assert "invoices: evidence, 19 rows, key id" in explained.stdout
    assert "account_id → accounts: 19 of 19" in explained.stdout
    assert (tmp_path / "profile.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_on_a_terminal_init_asks_what_only_people_can_decide(
    crm: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the numbers of each answer; 0 years is for ever."""
    monkeypatch.setattr("etl.cli.results.initial.asks", lambda *_: True)
    out = tmp_path / "my.yaml"
    told = CliRunner().invoke(cli, ["init", str(crm), "--out", str(out)], input="0\nn\n")

    assert told.exit_code == 0, told.output
    assert "19 ever (accounts)" in told.stderr
    config = load(out)
    assert config.leads.duplicates is None
    assert (
        "within"
        not in out.read_text(encoding="utf-8").partition("classify:")[2].partition("leads:")[0].split("when:")[1]
    )


def test_what_is_not_there_is_told_in_a_sentence(tmp_path: Path) -> None:
    """A folder that does not exist; a config in the way is an error of the call."""
    missing = run("init", tmp_path / "nowhere", "--out", tmp_path / "my.yaml")
    (tmp_path / "my.yaml").write_text("mine", encoding="utf-8")
    in_the_way = run("init", tmp_path, "--out", tmp_path / "my.yaml")

    assert (missing.returncode, in_the_way.returncode) == (1, 2)
    assert "There is no such folder" in missing.stderr
    assert "--replace" in in_the_way.stderr
