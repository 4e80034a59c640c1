"""Compiled templates are kept where Python keeps compiled modules, and by its rules."""

from __future__ import annotations

import sys
from pathlib import Path

import jinja2
import pytest

from etl.report.html.compiled import Compiled


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of what is compiled, as PYTHONPYCACHEPREFIX names it."""
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "compiled"))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    (tmp_path / "templates").mkdir()
    return tmp_path / "compiled"


def drawn(folder: Path, text: str) -> str:
    """A template of this text, drawn in an environment that knows nothing of earlier ones."""
    (folder / "page.j2").write_text(text, encoding="utf-8")
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(folder), autoescape=True, bytecode_cache=Compiled())
    return environment.get_template("page.j2").render(name="<b>")


def test_a_template_is_compiled_once(kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second run takes what the first has kept; values are escaped all the same."""
    first = drawn(tmp_path / "templates", "Hello {{ name }}")
    monkeypatch.setattr(jinja2.Environment, "_generate", None)  # what compiles

    assert [first, drawn(tmp_path / "templates", "Hello {{ name }}")] == ["Hello &lt;b&gt;"] * 2
    assert len([path for path in kept.rglob("*") if path.is_file()]) == 1


def test_a_changed_template_is_compiled_anew(kept: Path, tmp_path: Path) -> None:
    """What was kept of another text is not used."""
    texts = [drawn(tmp_path / "templates", text) for text in ("Hello {{ name }}", "Bye {{ name }}")]

    assert kept.is_dir()
    assert texts == ["Hello &lt;b&gt;", "Bye &lt;b&gt;"]


@pytest.mark.parametrize("damage", [b"", b"no code", b"j2"])
def test_a_damaged_file_is_compiled_anew(kept: Path, tmp_path: Path, damage: bytes) -> None:
    """A file that was cut or overwritten is none."""
    drawn(tmp_path / "templates", "Hello {{ name }}")
    [path] = [path for path in kept.rglob("*") if path.is_file()]
    path.write_bytes(damage)

    assert drawn(tmp_path / "templates", "Hello {{ name }}") == "Hello &lt;b&gt;"


def test_where_python_keeps_nothing_nothing_is_kept(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PYTHONDONTWRITEBYTECODE holds for templates, too; and a folder that cannot be written is no error."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    drawn(tmp_path / "templates", "Hello {{ name }}")
    nothing = not kept.exists()
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    kept.write_text("a file where the folder would be", encoding="utf-8")

    assert nothing
    assert drawn(tmp_path / "templates", "Hello {{ name }}") == "Hello &lt;b&gt;"
