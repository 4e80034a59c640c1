"""Every key of the config as Markdown, from its schema; `python -m tests.docs.config` renews docs/config.md.

What a key is for stands in the docstring below it, and ends in `Example:` and a value as YAML in backquotes.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from etl.config.gates import Gate
from etl.config.matching import MatchConfig
from etl.config.part import Part
from etl.config.schema import Config

PAGE = Path(__file__).parents[2] / "docs" / "config.md"
BEGIN = "<!-- Every key, from the schema: python -m tests.docs.config -->\n"
NO_KEYS = ("path", "raw", "aliased", "under_row")
"""Fields of the config that no file has, or that are filled in when it is read."""
WORDS = {str: "text", bool: "`true`, `false`", int: "whole number", float: "number", Gate: "limit"}


@dataclass(frozen=True)
class Key:
    """One key of a part. words: what it is for; example: as YAML; annotation: what pydantic checks."""

    part: type[Part]
    name: str
    field: FieldInfo
    words: str
    example: str

    @property
    def type(self) -> str:
        """What it takes, in words."""
        return kind(self.field.annotation)

    @property
    def default(self) -> str:
        """What it is if left out; empty where it must be there."""
        if self.field.is_required():
            return "*needed*"
        value = self.field.default
        if value is PydanticUndefined or value is None or (isinstance(value, Part) and not isinstance(value, Gate)):
            return ""
        return f"`{value}`"

    @property
    def annotation(self) -> Any:
        """The type with all that it is checked by."""
        return (
            Annotated[(self.field.annotation, *self.field.metadata)] if self.field.metadata else self.field.annotation
        )


def kind(annotation: Any) -> str:
    """A type in words."""
    origin, parts = get_origin(annotation), [one for one in get_args(annotation) if one is not NoneType]
    if annotation in WORDS:
        return WORDS[annotation]
    if origin is Annotated:
        return kind(parts[0])
    if origin is Literal:
        return ", ".join(f"`{one}`" for one in parts)
    if origin is dict:
        return f"name → {kind(parts[1])}"
    if origin is tuple:
        return f"list of {kind(parts[0])}"
    if parts:
        return " or ".join(dict.fromkeys(kind(one) for one in parts))
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return f"[{annotation.__name__}](#{annotation.__name__.lower()})"
    return str(getattr(annotation, "__name__", annotation)).replace("date", "day")


def keys(part: type[Part]) -> list[Key]:
    """The keys of a part, in its order."""
    told = docstrings(part)
    found = []
    for name, field in part.model_fields.items():
        if name not in NO_KEYS:
            words, _, example = told.get(name, "").partition(" Example: ")
            found.append(Key(part, field.alias or name, field, words, example.strip("`")))
    return found


@cache
def docstrings(part: type[Part]) -> Mapping[str, str]:
    """Field -> the text below it, on one line; also of those that it inherits."""
    texts = dict(docstrings(part.__base__)) if issubclass(part.__base__ or object, Part) else {}
    [of_class] = ast.parse(inspect.getsource(part)).body
    assert isinstance(of_class, ast.ClassDef)
    for field, below in zip(of_class.body, of_class.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
            texts[ast.unparse(field.target)] = " ".join(str(below.value.value).split())
    return texts


def parts(first: type[Part]) -> Iterator[type[Part]]:
    """A part and all that stand in it, each once, in the order of their keys."""
    waiting, known = [first], {first}
    while waiting:
        part = waiting.pop(0)
        yield part
        fields = (field for name, field in part.model_fields.items() if name not in NO_KEYS)
        for field in fields:
            for inner in _inside(field.annotation):
                if inner not in known:
                    known.add(inner)
                    waiting.append(inner)


def _inside(annotation: Any) -> Iterator[type[Part]]:
    of_keys = isinstance(annotation, type) and get_origin(annotation) is None and issubclass(annotation, Part)
    if of_keys and annotation is not Gate:
        yield annotation
    for one in get_args(annotation):
        yield from _inside(one)


def all_parts() -> list[type[Part]]:
    """The parts of a config, and those of a config for `match`."""
    return list(dict.fromkeys([*parts(Config), *parts(MatchConfig)]))


def markdown() -> str:
    """A table for each part."""
    lines = []
    for part in all_parts():
        lines += [f"### {part.__name__}", "", _first_sentence(part), ""]
        lines += ["| key | takes | if left out | what it is for | example |", "|---|---|---|---|---|"]
        for key in keys(part):
            cells = (f"`{key.name}`", key.type, key.default, key.words, f"`{key.example}`")
            lines.append("| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |")
        lines.append("")
    return "\n".join(lines)


def _first_sentence(part: type[Part]) -> str:
    return " ".join((part.__doc__ or "").split("\n\n")[0].split())


def renewed(page: str) -> str:
    """The page with its tables made anew; they stand at its end."""
    before, begin, _ = page.partition(BEGIN)
    assert begin, f"{PAGE} has no line {BEGIN!r}"
    return re.sub(r"\n+$", "\n", before + BEGIN + "\n" + markdown())


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
