"""docs/ci.md: the steps of its workflow run in their order, in a clean clone, and end as the page says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[1]
EXPRESSIONS = {
    "github.base_ref": "main",
    "github.event.number": "7",
    "github.repository": "owner/name",
    "github.token": "not-a-token",
}
"""What GitHub fills in on a pull request."""

GH = """#!/bin/sh
# A stand-in for GitHub's command line, which needs an account: it keeps its arguments and the body that it would post.
printf '%s\\n' "$*" >> build/gh-calls
while [ $# -gt 0 ]; do [ "$1" = --body-file ] && cp "$2" build/gh-comment.md; shift; done
"""


def workflow() -> dict[str, Any]:
    """The workflow of the page."""
    [text] = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "ci.md").read_text(encoding="utf-8"), re.DOTALL)
    found: dict[str, Any] = YAML(typ="safe", pure=True).load(text)
    return found


def filled(variables: Mapping[str, str]) -> dict[str, str]:
    """Environment variables with GitHub's expressions filled in."""
    return {
        name: re.sub(r"\$\{\{ (.*?) \}\}", lambda found: EXPRESSIONS[found[1]], value)
        for name, value in variables.items()
    }


def git(folder: Path, *arguments: str) -> None:
    """Run git as somebody whom no configuration of this machine touches."""
    person = {f"GIT_{role}_{what}": "ci@a.example" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    nothing = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    subprocess.run(
        ["git", "-C", str(folder), *arguments], check=True, capture_output=True, env={**os.environ, **person, **nothing}
    )


@pytest.fixture
def clone(tmp_path: Path) -> Callable[[str, str], Path]:
    """A clean clone with a branch `change`, in which one text of configs/demo.yaml is replaced by another."""

    def make(old: str, new: str) -> Path:
        upstream, folder = tmp_path / "upstream.git", tmp_path / "clone"
        git(tmp_path, "clone", "--quiet", "--bare", str(ROOT), str(upstream))
        git(upstream, "branch", "--force", "the-main-branch", "HEAD")
        git(tmp_path, "clone", "--quiet", str(upstream), str(folder))
        git(folder, "update-ref", "refs/remotes/origin/main", "origin/the-main-branch")
        git(folder, "checkout", "--quiet", "-b", "change")
        config = folder / "configs" / "demo.yaml"
        text = config.read_text(encoding="utf-8")
        assert old in text
        config.write_text(text.replace(old, new), encoding="utf-8")
        git(folder, "commit", "--quiet", "--all", "--message", "A change of the config")
        return folder

    return make


def install(folder: Path) -> None:
    """Stand in for `make venv`, which takes minutes and a network: the clone's command runs in this interpreter."""
    command = folder / ".venv" / "bin" / "crm-cleanup"
    command.parent.mkdir(parents=True)
    command.write_text(f'#!/bin/sh\nPYTHONPATH="{folder}" exec "{sys.executable}" -m etl "$@"\n', encoding="utf-8")
    command.chmod(0o755)


def run_steps(folder: Path, tools: Path) -> dict[str, int]:
    """Run each step that is a command, as GitHub does: in bash, from the clone's folder. Gives their exit codes."""
    found = workflow()
    [job] = found["jobs"].values()
    tools.mkdir()
    (tools / "gh").write_text(GH, encoding="utf-8")
    (tools / "gh").chmod(0o755)
    environ = {**os.environ, **filled(found["env"]), "PATH": f"{tools}:{os.environ['PATH']}"}
    environ["GITHUB_STEP_SUMMARY"] = str(tools / "summary.md")
    codes = {}
    for step in (step for step in job["steps"] if "run" in step):
        if step["run"] == "make venv":
            install(folder)
            continue
        ended = subprocess.run(
            ["bash", "-e", "-c", step["run"]], cwd=folder, check=False, capture_output=True, text=True,
            env={**environ, **filled(step.get("env", {}))},
        )  # fmt: skip
        assert "Traceback" not in ended.stderr, (step["name"], ended.stderr)
        codes[step["name"]] = ended.returncode
    return codes


def test_the_steps_say_what_a_change_would_do(clone: Callable[[str, str], Path], tmp_path: Path) -> None:
    """A rule that looks back two years and not three: all pass, and the comment says which customers would move."""
    folder = clone("last: 3 years", "last: 2 years")

    codes = run_steps(folder, tmp_path / "tools")

    assert codes == dict.fromkeys(codes, 0)
    assert list(codes)[:2] == ["Does the config fit?", "Dry run"]
    comment = (folder / "build" / "gh-comment.md").read_text(encoding="utf-8")
    assert "that stayed as customers would become leads" in comment
    assert "`3 years` | `2 years`" in comment
    assert "# Dry run: demo" in comment
    assert (folder / "build" / "gh-calls").read_text(encoding="utf-8").startswith("pr comment 7 ")
    assert (tmp_path / "tools" / "summary.md").read_text(encoding="utf-8") == comment
    assert ElementTree.parse(folder / "build" / "junit.xml").getroot().get("failures") == "0"


def test_a_broken_gate_fails_the_check_and_is_shown_all_the_same(
    clone: Callable[[str, str], Path], tmp_path: Path
) -> None:
    """The dry run ends with 3; the steps after it run, and comment and JUnit name the gate."""
    folder = clone("gates: {review: 5%", "gates: {review: 1%")

    codes = run_steps(folder, tmp_path / "tools")

    assert codes.pop("Dry run") == 3
    assert set(codes.values()) == {0}
    assert "BROKEN NOW" in (folder / "build" / "gh-comment.md").read_text(encoding="utf-8")
    suites = ElementTree.parse(folder / "build" / "junit.xml").getroot()
    assert [case.get("name") for case in suites.iter("testcase") if case.find("failure") is not None] == ["review"]


def test_the_steps_after_the_dry_run_are_run_when_it_fails() -> None:
    """GitHub leaves a step without a condition out after a failure: each has one, and needs the report only."""
    [job] = workflow()["jobs"].values()
    names = [step.get("name", step.get("uses")) for step in job["steps"]]
    after = job["steps"][names.index("Dry run") + 1 :]

    assert all(step["if"].startswith("${{ !cancelled() && hashFiles('build/") for step in after)


def test_no_command_takes_what_others_write_into_it() -> None:
    """Titles and branch names come as environment variables, never as a part of a command: nothing in them is run."""
    [job] = workflow()["jobs"].values()

    assert not [step for step in job["steps"] if "${{" in step.get("run", "")]
