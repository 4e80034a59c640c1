"""Every sentence that people read, taken from code and templates; `python -m tests.texts.messages` renews de.po."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import jinja2

from etl.texts.po import STORED, read_po

PACKAGE = Path(__file__).parents[2] / "etl"
GERMAN = PACKAGE / "texts" / "de.po"


@dataclass(frozen=True)
class Message:
    """A sentence and where it stands; many: its form for other counts than 1; stored: plans keep it in English."""

    english: str
    many: str | None
    place: str
    stored: bool = False


def messages() -> Iterator[Message]:
    """All that `t`, `tn`, `mark` and `stored` say in code, and `t`, `s` and `n` in templates, in the files' order."""
    for path in sorted(PACKAGE.rglob("*.py")):
        yield from _in_code(path)
    for path in sorted(PACKAGE.rglob("*.j2")):
        yield from _in_template(path)


def _in_code(path: Path) -> Iterator[Message]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield from _message(node.func.id, [getattr(one, "value", None) for one in node.args], path)


def _in_template(path: Path) -> Iterator[Message]:
    for call in jinja2.Environment(autoescape=True).parse(path.read_text(encoding="utf-8")).find_all(jinja2.nodes.Call):
        if isinstance(call.node, jinja2.nodes.Name):
            yield from _message(call.node.name, [getattr(one, "value", None) for one in call.args], path)


def _message(function: str, arguments: list[object], path: Path) -> Iterator[Message]:
    place = path.relative_to(PACKAGE.parent).as_posix()
    match function, arguments:
        case (("t" | "s" | "mark"), [str() as english, *_]):
            yield Message(english, None, place)
        case "stored", [str() as english, *_]:
            yield Message(english, None, place, stored=True)
        case (("tn" | "n"), [_, str() as one, str() as many, *_]):
            yield Message(one, many, place)


def renewed(text: str) -> str:
    """A catalogue with the package's messages in their order, those that are new without a translation."""
    header, known = text.split("\n\n")[0], read_po(text)
    entries: dict[str, list[Message]] = {}
    for message in messages():
        entries.setdefault(message.english, []).append(message)
    return "\n\n".join([header, *(_entry(some, known.get(english, ())) for english, some in entries.items())]) + "\n"


def _entry(some: list[Message], forms: tuple[str, ...]) -> str:
    """One entry. some: the places where its sentence stands."""
    lines = [f"#: {place}" for place in dict.fromkeys(message.place for message in some)]
    lines += [STORED] if any(message.stored for message in some) else []
    lines.append(f"msgid {_quoted(some[0].english)}")
    many = next((message.many for message in some if message.many is not None), None)
    if many is None:
        return "\n".join([*lines, f"msgstr {_quoted(forms[0] if forms else '')}"])
    one, other = (forms[0], forms[-1]) if forms else ("", "")
    plural = [f"msgid_plural {_quoted(many)}", f"msgstr[0] {_quoted(one)}", f"msgstr[1] {_quoted(other)}"]
    return "\n".join([*lines, *plural])


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


if __name__ == "__main__":
    GERMAN.write_text(renewed(GERMAN.read_text(encoding="utf-8")), encoding="utf-8")
    translated = read_po(GERMAN.read_text(encoding="utf-8"))
    for untranslated in sorted({message.english for message in messages()} - translated.keys()):
        print(f"not translated yet: {untranslated}")
