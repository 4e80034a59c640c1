"""The README: its commands exist, its config is valid, and the output it shows is what the demo prints."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from etl import config, report
from etl.cli import cli
from etl.pipeline.plan import Planned
from tests.pipeline.test_demo import demo

__all__ = ["demo"]
ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(kind: str) -> list[str]:
    """The fenced blocks of one kind."""
    return re.findall(rf"```{kind}\n(.*?)```", README, re.DOTALL)


def test_every_command_of_the_readme_exists() -> None:
    """Verbs and options are those of the command line, and no verb is left out."""
    named = set()
    for call in re.findall(r"`crm-cleanup ([^`]+)`", README):
        verb, *arguments = shlex.split(call)
        named.add(verb)
        known = {option for parameter in cli.commands[verb].params for option in parameter.opts}
        assert {one for one in arguments if one.startswith("--")} <= known, call

    assert named == set(cli.commands)


def test_every_make_target_of_the_readme_exists() -> None:
    """What it tells people to type is in the Makefile."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))

    assert set(re.findall(r"make ([a-z]+)", README)) - {"every"} <= targets


def test_the_config_of_the_readme_is_valid(tmp_path: Path) -> None:
    """It is read as it stands."""
    [text] = blocks("yaml")
    (tmp_path / "readme.yaml").write_text(text, encoding="utf-8")

    assert config.load(tmp_path / "readme.yaml").name == "example"


def test_the_output_of_the_readme_is_the_demos(demo: Planned) -> None:
    """All lines but the digest and the next command, with the folder names of a fresh clone."""
    found = replace(demo.report, source="data/legacy", target="sqlite:///build/demo/pipeline.db")
    printed = [line.rstrip() for line in report.show(found).splitlines()]

    assert (
        blocks("text")[0].splitlines()[:-2] == printed[: printed.index(next(one for one in printed if "Digest" in one))]
    )


def test_the_note_of_the_readme_is_one_of_the_demos(demo: Planned) -> None:
    """As it stands in the plan."""
    import pyarrow.parquet as pq

    notes = {
        "\n".join(map(str.rstrip, note.splitlines()))
        for note in pq.read_table(demo.folder / "leads.parquet")["note"].to_pylist()
    }

    assert blocks("text")[2].strip() in notes


def test_the_match_of_the_readme_is_one_of_the_demos(demo: Planned) -> None:
    """As the demo explains it, for the record that the text names."""
    import pyarrow.parquet as pq

    rows = pq.read_table(demo.folder / "decisions.parquet").to_pylist()
    [evidence] = [row["evidence"] for row in rows if row["source_key"] == "accounts:577"]

    assert blocks("text")[1].strip() == evidence


def test_the_session_of_the_readme_goes_as_it_says(tmp_path: Path) -> None:
    """Each command, typed as it stands, prints what is shown below it, whenever the process in between was killed."""
    for name in ("data", "configs"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "build" / "demo").mkdir(parents=True)
    (tmp_path / "crm-cleanup").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m etl "$@"\n', encoding="utf-8")
    (tmp_path / "crm-cleanup").chmod(0o755)
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    [session] = blocks("console")
    for step in session.split("$ ")[1:]:
        command, *expected = step.splitlines()
        ended = subprocess.run(
            ["bash", "-c", command], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
        )
        assert ended.returncode == 0, (command, ended.stderr)
        assert not expected or ended.stdout.replace(f"{tmp_path}/", "").splitlines()[: len(expected)] == expected, (
            command
        )


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)]+)\)", README))
def test_links_lead_somewhere(link: str) -> None:
    """Every page that is linked is there."""
    assert (ROOT / link).exists()
