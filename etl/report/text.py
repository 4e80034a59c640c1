"""Show legacy values in a terminal and in Markdown as the text they are, never as an order to either."""

from __future__ import annotations

import re
from itertools import accumulate

from etl.texts import spoken

CELL = 60
MARKUP = re.compile(r"([\\`*_\[\]<>|&~$]|:(?=//)|(?<=www)\.)", re.IGNORECASE)
"""What would begin markup, HTML, an entity, a cell or a link within a line of Markdown; a backslash takes that away."""
BACKSLASHES_BEFORE_PIPE = re.compile(r"\\(?=\|)")


def shown(value: str, length: int = CELL) -> str:
    """A value on one line of at most `length` characters.

    Control characters, line ends, escape sequences, direction marks and blanks at either end are shown escaped, as
    Python would write them; what is too long ends in `…`.
    """
    if len(value) <= length and value.isprintable() and value == value.strip(" "):
        return value  # as nearly all are
    inner = value.strip(" ")
    before = len(value) - len(value.lstrip(" ")) if inner else len(value)
    after = len(value) - len(inner) - before
    parts = [r"\x20"] * before + [_escaped(c) for c in inner[: length + 1]] + [r"\x20"] * after
    return _fit(parts, length)


def _fit(parts: list[str], length: int) -> str:
    """Join what fits; an escape is never cut in half."""
    if sum(map(len, parts)) <= length:
        return "".join(parts)
    ends = accumulate(map(len, parts))
    return "".join(part for part, end in zip(parts, ends, strict=True) if end < length) + "…"


def escaped(text: str) -> str:
    """A text of any length, each of its control characters, line ends and direction marks as Python would write it."""
    return text if text.isprintable() else "".join(map(_escaped, text))


def _escaped(character: str) -> str:
    if character.isprintable():
        return character
    return character.encode("unicode_escape").decode("ascii")


def code(value: str, length: int = CELL) -> str:
    """A value as a Markdown code span, also within a table: nothing in it is a link, a mention, HTML or a new cell."""
    text = BACKSLASHES_BEFORE_PIPE.sub(r"\\x5c", shown(value, length)).replace("|", r"\|")
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    if longest or not text:
        return f"{'`' * (longest + 1)} {text} {'`' * (longest + 1)}" if text else ""
    return f"`{text}`"


def prose(value: str, length: int = 200) -> str:
    """A sentence or name as Markdown text, also within a table; every character stands for itself."""
    return MARKUP.sub(r"\\\1", shown(value, length)).replace("@", "@<!-- -->")


def number(count: int) -> str:
    """A count as readers of the language that is spoken now write it: 1,204."""
    return spoken().number(count)


def percent(part: int, whole: int) -> str:
    """A share as readers of the language that is spoken now write it; as `in_english` rounds it."""
    return spoken().share(in_english(part, whole))


def in_english(part: int, whole: int) -> str:
    """A share in English, to one digit; what is neither nothing nor all is not shown as either."""
    if part == 0 or whole == 0:
        return "0%"
    if part == whole:
        return "100%"
    return f"{min(max(100 * part / whole, 0.1), 99.9):.1f}%"
