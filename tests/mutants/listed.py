"""The list of planted faults, for people: what goes wrong, which promise it breaks, and which test caught it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.mutants.mutant import DUTIES, PROMISES, Mutant

LIST = Path(__file__).with_name("README.md")
_ROW = re.compile(r"^\| (?P<name>.+?) \| `(?P<file>[^`]+)` \| (?P<by>.*?) \|$", re.MULTILINE)

HEAD = """# Planted faults

`python -m tests.mutants` plants each of these faults alone in a copy of `etl/` and runs the tests that are to
see it: one must fail within a minute of CPU, and must pass where nothing is planted. The test that this list names is
run first. `python -m tests.mutants --markdown` renews the list. A fault is added in `planted/`: its old text must stand
in the file exactly once.
"""


def markdown(mutants: Sequence[Mutant], caught_by: Mapping[str, str]) -> str:
    """Draw the list. caught_by: a fault's name -> the test that caught it when it was last tried."""
    parts = [HEAD]
    for breaks in (*PROMISES, *DUTIES):
        rows = [
            f"| {one.name} | `{one.file}` | {_cell(caught_by.get(one.name, ''))} |"
            for one in mutants
            if one.breaks == breaks
        ]
        head = ["| what goes wrong | in `etl/` | caught by |", "|---|---|---|"]
        parts.append("\n".join([f"## {breaks[0].upper()}{breaks[1:]}", "", *head, *rows, ""]))
    return "\n".join(parts)


def _cell(test: str) -> str:
    name = test.removeprefix("tests/").partition("[")[0]
    return f"`{name}`" if name else ""


def written(path: Path) -> dict[str, str]:
    """Which test caught each fault, as a list that was made before says."""
    if not path.exists():
        return {}
    rows = _ROW.finditer(path.read_text(encoding="utf-8"))
    return {row["name"]: f"tests/{test}" for row in rows if (test := row["by"].strip("`"))}
