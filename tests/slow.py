"""Write the slowest tests and what they prove as Markdown: `python -m tests.slow build/suite.xml > tests/slow.md`.

The durations are those of pytest's `--junitxml`. A test's cases stand in one line, with their sum.
"""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from xml.etree import ElementTree

MOST = 30
ROOT = Path(__file__).parents[1]
Test = tuple[str, str]
"""The file, from the repository's folder, and the function's name."""


def durations(junit: str) -> dict[Test, list[float]]:
    """The seconds of each test's cases, out of a JUnit file's text."""
    found: dict[Test, list[float]] = defaultdict(list)
    for case in ElementTree.fromstring(junit).iter("testcase"):
        if "classname" not in case.attrib:  # the run ended while it was under way
            continue
        file, owner = _file(case.attrib["classname"].split("."))
        name = ".".join([*owner, case.attrib["name"].partition("[")[0]])
        found[file, name].append(float(case.attrib["time"]))
    return dict(found)


def _file(parts: list[str]) -> tuple[str, list[str]]:
    """The file of a dotted name, and the classes within it that the rest of the name says."""
    modules = [part for part in parts if not part[:1].isupper()]
    return "/".join(modules) + ".py", parts[len(modules) :]


def slowest(found: Mapping[Test, list[float]], most: int = MOST) -> list[tuple[Test, list[float]]]:
    """The tests that took the most seconds, over all their cases; the slowest comes first."""
    return sorted(found.items(), key=lambda one: (-sum(one[1]), one[0]))[:most]


def what_it_proves(test: Test, root: Path = ROOT) -> str:
    """The first sentence of a test's docstring, or of its file where it is a class that has none of its own."""
    file, name = test
    tree = ast.parse((root / file).read_text(encoding="utf-8"))
    named = {
        node.name: ast.get_docstring(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef)
    }
    text = named.get(name.rpartition(".")[2]) or ast.get_docstring(tree) or ""
    return " ".join(text.partition("\n\n")[0].split())


def page(found: Mapping[Test, list[float]], root: Path = ROOT) -> str:
    """The page: a table of the slowest tests, and what share of the whole they are."""
    rows = slowest(found)
    whole, part = sum(map(sum, found.values())), sum(sum(times) for _, times in rows)
    lines = [
        "# The slowest tests",
        "",
        f"Of {whole:,.0f} s that {sum(map(len, found.values())):,} tests take, these take {part:,.0f} s. "
        "`make slow` writes this page.",
        "",
        "| seconds | cases | test | what it proves |",
        "|---:|---:|---|---|",
        *(_row(test, times, root) for test, times in rows),
    ]
    return "\n".join(lines) + "\n"


def _row(test: Test, times: Iterable[float], root: Path) -> str:
    taken = list(times)
    proves = what_it_proves(test, root).replace("|", "\\|")
    return f"| {sum(taken):.1f} | {len(taken)} | `{test[0]}` `{test[1]}` | {proves} |"


if __name__ == "__main__":
    sys.stdout.write(page(durations(Path(sys.argv[1]).read_text(encoding="utf-8"))))
