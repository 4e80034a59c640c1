"""The house: imports run one way, each system has a folder of its own, and names say what a thing is."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "etl").rglob("*.py"))
FOLDERS = [path.name for path in (ROOT / "etl" / "connect").iterdir() if path.is_dir()]
FOLDER_OF = {
    "csv": "files",
    "parquet": "files",
    "xlsx": "files",
    "mariadb": "sql",
    "postgresql": "sql",
    "sqlite": "sql",
}
"""The folder of what has none of its own name."""

SYSTEMS = {*FOLDERS, *FOLDER_OF} - {"__pycache__"}

SAY_NOTHING = {"back", "found", "given", "held", "one", "seen", "there", "touched"}
"""Names that fit everything, and so tell a reader nothing."""

KEYS_OF_PLANS = {"etl/plan/figures.py": {"held", "there"}}
"""Keys of manifest.json: plans that were made before have them."""


def test_imports_run_one_way() -> None:
    """No room imports one on its own floor or above, and no modules import each other in a circle."""
    assert (
        lint_imports(config_filenames=(str(ROOT / "pyproject.toml"),), no_cache=True, no_logo=True)
        == EXIT_STATUS_SUCCESS
    )


def test_the_floors_are_those_of_the_design() -> None:
    """`docs/design.md` and `pyproject.toml` name the same floors, from the top down."""
    text = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    [sentence] = re.findall(r"Imports run one way: `([^`]+)`", text)
    drawn = [set(re.findall(r"\w+", floor)) for floor in sentence.split("→")]
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    [floors] = [contract["layers"] for contract in contracts if contract["type"] == "layers"]

    assert [set(re.findall(r"\w+", floor)) for floor in floors] == drawn


def test_what_belongs_to_one_system_stands_in_its_folder() -> None:
    """A file whose name begins with a system's is in `etl/connect/`, in that system's folder."""
    prefixed = {
        path: path.stem.partition("_")[0]
        for path in MODULES
        if path.stem.partition("_")[0] in SYSTEMS and "_" in path.stem
    }
    connect = ROOT / "etl" / "connect"

    assert [path for path, name in prefixed.items() if path.parent != connect / FOLDER_OF.get(name, name)] == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_names_say_what_a_thing_is(path: Path) -> None:
    """Nothing is called by a word that fits everything."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    forbidden = SAY_NOTHING - KEYS_OF_PLANS.get(str(path.relative_to(ROOT)), set())

    assert [f"{name} in line {line}" for name, line in _named(tree) if name in forbidden] == []


def _named(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Every name that a module gives: to variables, fields, parameters, functions and classes; with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno
        elif isinstance(node, ast.arg):
            yield node.arg, node.lineno
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name, node.lineno
