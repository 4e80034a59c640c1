"""Templates of lead fields: `{name}`, `{contact.first_name} {contact.last_name}`, with `{{` and `}}` for braces."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from etl.errors import ConfigError, excerpt
from etl.transform.arrow_text import BLANKS

Role = Literal["own", "contact", "company"]
TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]+)\}|[{}]")


@dataclass(frozen=True)
class Reference:
    """A column that a lead field takes its value from, and the record whose column is meant.

    role: `own` is the lead's own record or, where its entry has no such column, its company; `contact` and `company`
    are itself or the nearest one.
    """

    role: Role
    column: str

    @classmethod
    def parse(cls, text: str) -> Reference:
        """Read `x`, `contact.x` or `company.x`."""
        role, dot, name = text.partition(".")
        if dot and name and role in ("contact", "company"):
            return cls("contact" if role == "contact" else "company", name)
        return cls("own", text)


@dataclass(frozen=True)
class Template:
    """Texts and references in turn, as they stand in the template."""

    parts: tuple[str | Reference, ...]

    @classmethod
    def parse(cls, text: str) -> Template:
        """Read a template. Raises ConfigError for a brace that neither opens nor closes a column."""
        parts: list[str | Reference] = []
        literal, end = "", 0
        for token in TOKEN.finditer(text):
            literal += text[end : token.start()]
            end = token.end()
            if token[1]:
                parts += [literal, Reference.parse(token[1])] if literal else [Reference.parse(token[1])]
                literal = ""
            elif len(token[0]) == 2:
                literal += token[0][0]
            else:
                raise _lone_brace(text, token.start())
        literal += text[end:]
        return cls((*parts, literal) if literal else tuple(parts))

    @property
    def references(self) -> tuple[Reference, ...]:
        """The columns in the template, once each, in its order."""
        return tuple(dict.fromkeys(part for part in self.parts if isinstance(part, Reference)))

    def filled(self, present: frozenset[Reference]) -> list[str | Reference]:
        """The parts that are left where only some references have a value.

        The blanks on both sides of an empty reference become those before it, so that `{title} {first} {last}` has no
        double blank in a record without a first name. Blanks inside values are not touched.
        """
        left: list[str | Reference] = []
        for part in self.parts:
            last = left[-1] if left else " "
            if isinstance(part, str) and isinstance(last, str) and last.endswith(tuple(BLANKS)):
                part = part.lstrip(BLANKS)  # texts only meet where a reference between them is empty
            if part if isinstance(part, str) else part in present:
                left.append(part)
        return left


def _lone_brace(text: str, at: int) -> ConfigError:
    return ConfigError(
        f"The template {excerpt(text)!r} has a single {text[at]!r} at character {at + 1}.",
        where="leads.fields",
        next="write {column} for a column, and {{ or }} for a brace",
    )
