"""A config in the making: what stands in it, and the comments that say why; what is not sure is marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

Path = tuple[str | int, ...]
UNSURE = "?"
"""How a comment begins that people should look at."""
WIDTH = 116
"""So wide a line of a config may be."""


def marked(line: str) -> str:
    """A comment that says what is not sure, as people and `init` find it."""
    return f"{UNSURE} {line}"


def alone_or_all(values: Sequence[Any]) -> Any:
    """Several values as a config has them: one stands alone, without brackets."""
    return values[0] if len(values) == 1 else list(values)


def as_list(value: Any) -> list[Any]:
    """The inverse: several values, of which one may stand alone."""
    return value if isinstance(value, list) else [value]


@dataclass
class Draft:
    """A config as nested mappings and lists, in order.

    above: place -> lines of comment above it; beside: place -> the comment behind it. heading: lines on top.
    """

    config: dict[str, Any] = field(default_factory=dict)
    above: dict[Path, list[str]] = field(default_factory=dict)
    beside: dict[Path, str] = field(default_factory=dict)
    heading: list[str] = field(default_factory=list)

    def say(self, at: Path, *lines: str) -> None:
        """Write lines above a place."""
        self.above.setdefault(at, []).extend(lines)

    def begin(self, at: Path, *lines: str) -> None:
        """Write lines above a place, before what is said there already."""
        self.above[at] = [*lines, *self.above.get(at, ())]

    def doubt(self, at: Path, line: str) -> None:
        """Mark a place as not sure, with what to look at."""
        self.say(at, marked(line))

    def text(self) -> str:
        """The config as YAML with its comments."""
        out = StringIO()
        for line in self.heading:
            out.write(f"# {line}".rstrip() + "\n")
        if self.heading:
            out.write("\n")
        self._mapping(out, self.config, (), 0)
        return out.getvalue()

    def _mapping(self, out: StringIO, value: dict[str, Any], at: Path, depth: int) -> None:
        for key, inner in value.items():
            if depth == 0 and out.tell() and key != next(iter(value)):
                out.write("\n" if isinstance(inner, dict | list) else "")
            self._comments(out, (*at, key), depth)
            self._item(out, f"{'  ' * depth}{_scalar(key)}:", inner, (*at, key), depth)

    def _list(self, out: StringIO, value: list[Any], at: Path, depth: int) -> None:
        for number, inner in enumerate(value):
            self._comments(out, (*at, number), depth)
            self._item(out, f"{'  ' * depth}-", inner, (*at, number), depth)

    def _item(self, out: StringIO, start: str, value: Any, at: Path, depth: int) -> None:
        inline = _inline(value)
        comment = f"  # {self.beside[at]}" if at in self.beside else ""
        told = any(place[: len(at)] == at and place != at for place in (*self.above, *self.beside))
        if not isinstance(value, dict | list) or (not told and len(start) + 1 + len(inline) <= WIDTH and depth > 1):
            out.write(f"{start} {inline}{comment}\n")
        elif isinstance(value, dict) and start.endswith("-"):
            inner = StringIO()
            self._mapping(inner, value, at, depth + 1)
            lines = inner.getvalue().splitlines()
            first = next((n for n, line in enumerate(lines) if not line.lstrip().startswith("#")), 0)
            out.write("\n".join(["  " * depth + line.strip() for line in lines[:first]]) + ("\n" if first else ""))
            out.write(f"{start} {lines[first].lstrip()}{comment}\n")
            out.write("".join(f"{line}\n" for line in lines[first + 1 :]))
        elif not value:
            out.write(f"{start} {inline}{comment}\n")
        else:
            out.write(f"{start}{comment}\n")
            if isinstance(value, dict):
                self._mapping(out, value, at, depth + 1)
            else:
                self._list(out, value, at, depth + 1)

    def _comments(self, out: StringIO, at: Path, depth: int) -> None:
        for line in self.above.get(at, ()):
            out.write(f"{'  ' * depth}# {line}".rstrip() + "\n")


PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./ äöüÄÖÜßéèáàçñ")
WORDS = frozenset("true false yes no on off null ~ y n".split())


def _scalar(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return str(value) if _is_plain(str(value)) else _quoted(str(value))


def _is_plain(text: str) -> bool:
    """Whether a text may stand without quotation marks and is read as that text."""
    first_may = bool(text) and (text[0].isalpha() or text[0] == "_")
    return first_may and text == text.strip() and set(text) <= PLAIN and text.lower() not in WORDS


def _quoted(text: str) -> str:
    import json

    return json.dumps(text, ensure_ascii=False)


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_scalar(key)}: {_inline(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return _scalar(value)
