"""Where in a note the tool's block stands, among what people wrote above and below it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from etl.note.vocabulary import RULE, Words


class State(StrEnum):
    """How a block was found.

    intact: not a character differs. edited: its checksum does not fit. cut: it begins and does not end.
    missing: the note has no block.
    """

    INTACT = "intact"
    EDITED = "edited"
    CUT = "cut"
    MISSING = "missing"


@dataclass(frozen=True)
class Block:
    """One block of a note. start, end: its place in the note; text: what stands there, with "\\n" line ends."""

    start: int
    end: int
    state: State
    text: str


@lru_cache
def _bounds(words: Words) -> re.Pattern[str]:
    first, last = re.escape(words.first), re.escape(words.last)
    seal = rf"[^\n]*{re.escape(words.mark)}[0-9a-f ]{{19}} {RULE}"
    return re.compile(rf"^(?:(?P<first>{first})|{last}{seal})(?=\r?\n|\Z)", re.MULTILINE)


def blocks(note: str, words: Words) -> Iterator[Block]:
    """Find every block, in the order in which they stand; none overlaps another.

    A first line without a last one before the next first line is a block that was cut; a last line without a first
    one ends a block whose beginning was edited. Values cannot be taken for either: their lines are indented.
    """
    start, done = None, 0
    for bound in _bounds(words).finditer(note):
        if bound["first"]:
            if start is not None:
                yield _block(note, start, bound.start(), words, State.CUT)
            start = bound.start()
        else:
            yield _block(note, done if start is None else start, bound.end(), words, State.EDITED)
            start, done = None, bound.end()
    if start is not None:
        yield _block(note, start, len(note), words, State.CUT)


def _block(note: str, start: int, end: int, words: Words, otherwise: State) -> Block:
    text = note[start:end]
    breaks = text.count("\n")
    if text.count("\r") == text.count("\r\n") == breaks:
        text = text.replace("\r\n", "\n")
    state = State.INTACT if otherwise is State.EDITED and is_intact(text, words) else otherwise
    return Block(start, end, state, text)


def is_intact(text: str, words: Words) -> bool:
    """Say whether a text is a block, the whole block, and that as it was written."""
    at = text.rfind(words.mark)
    return at > 0 and text.startswith(words.first) and text[at:] == words.seal(text[:at].encode("utf-8", "replace"))
