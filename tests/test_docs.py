"""README and docs: their commands and options exist, their config is valid, their output is what the demo prints."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from etl import config, report
from etl.cli import cli
from etl.config import Gate
from etl.config.part import Part
from etl.pipeline.plan import Planned
from tests.docs.config import NO_KEYS
from tests.pipeline.test_demo import demo

__all__ = ["demo"]
ROOT = Path(__file__).parents[1]
PAGES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")))
}
NOT_BUILT = {"docs/design.md": {"init", "review"}}
"""Page -> verbs that it calls *later*."""


def blocks(page: str, kind: str) -> list[str]:
    """The fenced blocks of one kind on a page."""
    return re.findall(rf"```{kind}\n(.*?)```", PAGES[page], re.DOTALL)


def calls(page: str) -> Iterator[tuple[str, str, list[str]]]:
    """Each call of the command in a page's code: the whole call, its verb, its options."""
    text = PAGES[page]
    code = [*re.findall(r"`([^`\n]+)`", text), *re.findall(r"^(?: {4,}|\$ )(.+)$", text, re.MULTILINE)]
    for line in code:
        for call in re.findall(r"crm-cleanup ([a-z]+(?: [^|>;]*)?)", line):
            verb, *words = call.split()
            yield call, verb, [word for word in words if word.startswith("--")]


@pytest.mark.parametrize("page", PAGES)
def test_every_command_and_option_exists(page: str) -> None:
    """What a page tells people to type is taken by the command line."""
    for call, verb, options in calls(page):
        if verb not in NOT_BUILT.get(page, set()):
            known = {option for parameter in cli.commands[verb].params for option in parameter.opts}
            assert {option.split("=")[0] for option in options} <= known, call


def test_no_command_is_left_out() -> None:
    """docs/commands.md has a row for each verb."""
    assert {verb for _, verb, _ in calls("docs/commands.md")} == set(cli.commands)


@pytest.mark.parametrize("page", PAGES)
def test_every_make_target_exists(page: str) -> None:
    """What a page tells people to make is in the Makefile."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))

    assert set(re.findall(r"(?:`|^    )make ([a-z-]+)", PAGES[page], re.MULTILINE)) <= targets


def test_the_config_of_the_docs_is_valid(tmp_path: Path) -> None:
    """It is read as it stands."""
    [text] = blocks("docs/config.md", "yaml")
    (tmp_path / "example.yaml").write_text(text, encoding="utf-8")

    assert config.load(tmp_path / "example.yaml").name == "example"


def parts(base: type[Part]) -> Iterator[type[Part]]:
    """Every part that a config can have."""
    for part in base.__subclasses__():
        yield part
        yield from parts(part)


@pytest.mark.parametrize("part", sorted(set(parts(Part)) - {Gate}, key=str))
def test_every_key_of_the_config_is_described(part: type[Part]) -> None:
    """In docs/config.md, those of `match` in docs/customers.md; a gate is one text, and NO_KEYS are no keys."""
    for name, field in part.model_fields.items():
        key = field.alias or name.rstrip("_")
        if name not in NO_KEYS:
            assert re.search(rf"\b{key}\b", PAGES["docs/config.md"] + PAGES["docs/customers.md"]), key


def test_the_dry_run_of_the_docs_is_the_demos(demo: Planned) -> None:
    """All lines but the digest and the next command, with the folder names of a fresh clone."""
    renamed = replace(demo.report, source="data/legacy", target="sqlite:///build/demo/pipeline.db")
    printed = [line.rstrip() for line in report.show(renamed).splitlines()]
    end = next(place for place, line in enumerate(printed) if line.startswith("Digest"))

    assert blocks("docs/dry-run.md", "text")[0].splitlines()[:-2] == printed[:end]


def test_what_is_said_of_the_dry_run_has_its_numbers() -> None:
    """What leads through the output below it, from the top."""
    said = (ROOT / "docs/dry-run.md").read_text("utf-8").split("Read it from the top:")[1].split("\n## ")[0]
    numbers = set(re.findall(r"\d[\d,]*", said))

    assert len(numbers) > 5
    assert numbers <= set(re.findall(r"\d+(?:,\d+)*", blocks("docs/dry-run.md", "text")[0]))


def test_the_note_of_the_docs_is_one_of_the_demos(demo: Planned) -> None:
    """As it stands in the plan."""
    notes = {
        "\n".join(map(str.rstrip, note.splitlines()))
        for note in pq.read_table(demo.folder / "leads.parquet")["note"].to_pylist()
    }

    assert blocks("docs/dry-run.md", "text")[1].strip() in notes


def test_the_match_of_the_docs_is_one_of_the_demos(demo: Planned) -> None:
    """As the demo explains it, for the record that the text names."""
    rows = pq.read_table(demo.folder / "decisions.parquet").to_pylist()
    [evidence] = [row["evidence"] for row in rows if row["source_key"] == "accounts:577"]

    assert blocks("docs/customers.md", "text")[0].strip() == evidence


def test_the_session_of_the_docs_goes_as_it_says(tmp_path: Path) -> None:
    """Each command, typed as it stands, prints what is shown below it, whenever the process in between was killed."""
    for name in ("data", "configs"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "build" / "demo").mkdir(parents=True)
    (tmp_path / "crm-cleanup").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m etl "$@"\n', encoding="utf-8")
    (tmp_path / "crm-cleanup").chmod(0o755)
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    [session] = blocks("docs/cutover.md", "console")
    for step in session.split("$ ")[1:]:
        command, *expected = step.splitlines()
        ended = subprocess.run(
            ["bash", "-c", command], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
        )
        assert ended.returncode == 0, (command, ended.stderr)
        printed = ended.stdout.replace(f"{tmp_path}/", "").splitlines()
        assert printed[: len(expected)] == expected, command


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    """Every page and heading that is linked is there."""
    for link in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"```.*?```", "", PAGES[page], flags=re.DOTALL)):
        if "://" in link:
            continue
        name, _, heading = link.partition("#")
        target = (ROOT / page).parent / name if name else ROOT / page
        assert target.exists(), link
        if heading:
            headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            assert heading in {re.sub(r"[^\w -]", "", text.lower()).replace(" ", "-") for text in headings}, link


def test_the_index_names_every_page() -> None:
    """docs/README.md has a line for each page."""
    for page in PAGES:
        if page.startswith("docs/") and page != "docs/README.md":
            assert f"]({Path(page).name})" in PAGES["docs/README.md"], page


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`([\w/.*-]+/[\w.*-]*)`", PAGES["docs/architecture.md"]))))
def test_the_architecture_names_files_that_are_there(path: str) -> None:
    """A file or folder that moved is named where it is now; what begins with no top folder stands in etl/."""
    assert [*ROOT.glob(path.rstrip("/")), *(ROOT / "etl").glob(path.rstrip("/"))], path
