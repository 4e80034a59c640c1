"""What holds for every verb of the command: its help, --json, --quiet, and no colour where none is wanted."""

from __future__ import annotations

import json
import os
import pty
import re
import stat
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from etl.cli import cli
from tests.pipeline import small
from tests.running import run

VERBS = sorted(cli.commands)
NOT_OUR_WORDS = re.compile(r"\b(dry-run mode|opportunit|migrat|record id|customer id|blob)\w*", re.IGNORECASE)


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_takes_json_and_quiet(verb: str) -> None:
    """The same names everywhere, and -q for short."""
    options = [option for parameter in cli.commands[verb].params for option in parameter.opts]

    assert {"--json", "--quiet", "-q"} <= set(options)
    assert len(options) == len(set(options))


@pytest.mark.parametrize("verb", VERBS)
def test_the_help_fits_and_is_in_the_words_of_the_design(verb: str) -> None:
    """At most 100 columns, examples, and a sentence for each option."""
    shown = CliRunner().invoke(cli, [verb, "--help"], terminal_width=100).output

    assert max(map(len, shown.splitlines())) <= 100
    assert "Examples:" in shown
    assert not NOT_OUR_WORDS.search(shown)
    for parameter in cli.commands[verb].params:
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.name
            assert parameter.help.endswith((".", "?")), parameter.help


def test_the_group_names_every_verb() -> None:
    """Who types `crm-cleanup` alone sees the way through it, and finds each verb."""
    shown = CliRunner().invoke(cli, ["--help"], terminal_width=120).output
    way = shown.partition("Commands:")[0]

    assert [verb for verb in VERBS if f"crm-cleanup {verb} " not in way and verb != "purge"] == []


@pytest.fixture(scope="module")
def crm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the small CRM and its config."""
    folder = tmp_path_factory.mktemp("crm")
    small.write_config(folder, small.write_csv(folder / "in"))
    return folder


def test_quiet_says_nothing_where_all_went_well(crm: Path) -> None:
    """No result, no notice, exit code 0, through the whole way; and with --json the result alone."""
    config, plan = crm / "small.yaml", crm / "plan"
    calls: list[tuple[str | Path, ...]] = [
        ("check", config),
        ("plan", config, "--out", plan),
        ("diff", plan, plan),
        ("apply", plan),
        ("verify", plan),
        ("status", plan),
        ("find", "Zahn", "--plan", plan),
        ("undo", plan),
    ]
    for call in calls:
        ended = run(*call, "--quiet")
        assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", ""), call
    machine = run("status", plan, "--quiet", "--json")

    assert json.loads(machine.stdout)["name"] == "small"
    assert run("purge", plan, "--quiet").returncode == 2
    purged = run("purge", plan, "--quiet", "--yes")
    assert (purged.returncode, purged.stdout, purged.stderr) == (0, "", "")


def test_quiet_still_says_what_went_wrong(crm: Path, tmp_path: Path) -> None:
    """An error, what led to it, and the exit code are as without --quiet."""
    import sqlite3

    config = small.write_config(tmp_path, f"files:{crm / 'in'}")
    run("plan", config, "--out", tmp_path / "plan", "-q")
    run("apply", tmp_path / "plan", "-q")
    with sqlite3.connect(tmp_path / "pipeline.db") as connection:
        connection.execute("DELETE FROM leads WHERE name LIKE 'Bäckerei%'")
    loud, quiet = run("verify", tmp_path / "plan"), run("verify", tmp_path / "plan", "--quiet")

    assert quiet.returncode == loud.returncode == 5
    assert quiet.stderr == loud.stderr
    assert "Difference: lead accounts:003" in quiet.stderr
    assert quiet.stdout == ""
    assert run("plan", config, "--bogus", "-q").returncode == 2


def test_junit_is_written_when_a_gate_is_broken(crm: Path, tmp_path: Path) -> None:
    """Exit code 3, and the file says which gate it was; a folder that is not there is told before anything is read."""
    from xml.etree import ElementTree

    config = small.write_config(tmp_path, f"files:{crm / 'in'}")
    config.write_text(config.read_text(encoding="utf-8").replace("reject: 50%", "reject: 0"), encoding="utf-8")
    ended = run("plan", config, "--out", tmp_path / "plan", "--junit", tmp_path / "junit.xml")
    refused = run("plan", config, "--out", tmp_path / "other", "--junit", tmp_path / "nowhere" / "junit.xml")

    assert ended.returncode == 3
    cases = ElementTree.parse(tmp_path / "junit.xml").iter("testcase")
    assert [case.get("name") for case in cases if case.find("failure") is not None] == ["reject"]
    assert sorted(path.name for path in tmp_path.iterdir() if "junit" in path.name) == ["junit.xml"]
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE((tmp_path / "junit.xml").stat().st_mode) == 0o666 & ~umask  # CI may read it as another user
    assert refused.returncode == 2
    assert "does not exist" in refused.stderr
    assert not (tmp_path / "other").exists()


def on_a_terminal(*arguments: str | Path, **variables: str) -> str:
    """What the command writes to a terminal, both streams."""
    own, its = pty.openpty()
    environ = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", **variables}
    environ = {name: value for name, value in environ.items() if value or name not in variables}
    with subprocess.Popen(
        [sys.executable, "-m", "etl", *map(str, arguments)], stdin=its, stdout=its, stderr=its, env=environ
    ) as command:
        os.close(its)
        written = b""
        while True:
            try:
                part = os.read(own, 65536)
            except OSError:  # Linux says so when the other side is closed
                break
            if not part:
                break
            written += part
        command.wait()
    os.close(own)
    return written.decode()


COLOUR = re.compile(r"\x1b\[[\d;]*(?:3[0-7]|9[0-7]|38;[\d;]+)m")


def test_no_color_holds_for_results_and_progress(crm: Path, tmp_path: Path) -> None:
    """A terminal gets colours and a bar; with NO_COLOR no colour, with --quiet not one byte."""
    config = small.write_config(tmp_path, f"files:{crm / 'in'}")
    call = ("plan", config, "--out", tmp_path / "plan", "--replace")
    coloured, plain = on_a_terminal(*call, NO_COLOR=""), on_a_terminal(*call, NO_COLOR="1")

    assert COLOUR.search(coloured)
    assert not COLOUR.search(plain)
    assert "The sum is right" in plain
    assert on_a_terminal(*call, "--quiet") == ""
