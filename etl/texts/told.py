"""Say in another language what a plan keeps in English: a sentence is known again by its places.

Evidence, reasons, advice and messages stand in the plan's tables as English text, so that the plan's digest does not
depend on who reads it. `stored` writes them, `told` says them when a report is drawn: it looks for the one sentence of
those that `stored` can write which has this text, takes the values out of its places, and fills them into the other
language. A text that is none of them, such as a row of the CRM or what a person wrote, stays as it is.
"""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

from etl.texts.catalogue import ENGLISH, Texts, spoken, texts

REPR = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\""""
KINDS = {
    "n": r"<?\d+(?:[.,]\d+)*",
    "share": r"<?\d+(?:[.,]\d+)*%",
    "weight": r"[+−]\d+\.\d",
    "quoted": REPR,
    "id": r"[^\s:;]+",
    "column": r"""[^:;'"]+?""",
    "table": r"[^:;]+?",
    "field": r"\w+",
    "kind": r"\w+",
    "record": r"[^\s:;]+:\S.*?",
    "told": r".+?",
}
"""What may stand in a place, by the first word of its name: numbers, a text as Python quotes it, an id, a column or
table of the CRM, a lead's field, a kind of number, a source key, and a sentence that is told, too. Any other takes any
text. They are narrow so that a row of the CRM, `table: column value`, is not taken for a sentence of this tool."""
JOINT = "; "
"""What stands between two sentences. A value of the CRM may have it, too; what follows it there is told if it reads as
a sentence of this tool."""


def stored(english: str, /, **values: object) -> str:
    """Write a sentence as a plan keeps it, in English whatever is spoken; without values as it is, places and all.

    KINDS says how places are named. A number is given as readers of English write it.
    """
    return english.format(**values) if values else english


def told(english: str) -> str:
    """Say in the language that is spoken now what a plan keeps in English; what is no such sentence stays as it is."""
    language = spoken()
    return english if language.code == ENGLISH else _told(english, language)


@dataclass(frozen=True)
class _Sentence:
    """A sentence with places. literal: its longest text between them; tight, loose: what it looks like, with no JOINT
    in the values, and with any; kinds: place -> its kind; other: the sentence in the other language."""

    literal: str
    tight: re.Pattern[str]
    loose: re.Pattern[str]
    kinds: dict[str, str]
    other: str

    def may_be(self, text: str) -> bool:
        """Whether it is worth a closer look: nearly all of a million texts are rows of the CRM."""
        return self.literal in text and ("weight" not in self.kinds.values() or "+" in text or "−" in text)


@lru_cache(100_000)
def _told(text: str, language: Texts) -> str:
    said = _whole(text, language, "tight")
    if said is None and JOINT in text:
        said = _joined(text, language) or _whole(text, language, "loose")
    return text if said is None else said


def _whole(text: str, language: Texts, how: Literal["tight", "loose"]) -> str | None:
    """A text that is one sentence; None if it is none."""
    if text in language.stored:
        return language.text(text)
    for sentence in _sentences(language.code):
        if sentence.may_be(text) and (match := getattr(sentence, how).fullmatch(text)):
            return _filled(sentence, match, language)
    return None


def _joined(text: str, language: Texts) -> str | None:
    """A text of several sentences with JOINT between, some of which may be rows of the CRM; None where none is told."""
    parts = text.split(JOINT)
    for first in range(len(parts) if len(parts) > 1 else 0):
        for last in range(first + 1, len(parts) + 1):
            if said := _whole(JOINT.join(parts[first:last]), language, "tight"):
                rest = [_told(JOINT.join(parts[last:]), language)] if parts[last:] else []
                return JOINT.join([*parts[:first], said, *rest])
    return None


def _filled(sentence: _Sentence, match: re.Match[str], language: Texts) -> str:
    values = {place: _value(kind, match[place], language) for place, kind in sentence.kinds.items()}
    return sentence.other.format(**values)


def _value(kind: str, value: str, language: Texts) -> str:
    """A value as readers of the language write it."""
    match kind:
        case "told":
            return _told(value, language)
        case "share":
            return language.share(value)
        case "n" | "weight":
            return language.digits(value)
    return value


@cache
def _sentences(code: str) -> tuple[_Sentence, ...]:
    """All sentences with places, those with most text of their own first."""
    language = texts(code)
    with_places = [english for english in language.stored if "{" in english]
    longest = sorted(with_places, key=lambda english: (-len(re.sub(r"\{.*?\}", "", english)), english))
    return tuple(_sentence(english, language.text(english)) for english in longest)


def _sentence(english: str, other: str) -> _Sentence:
    parts = [(text, name) for text, name, _, _ in string.Formatter().parse(english)]
    kinds = {name: kind_of(name) for _, name in parts if name is not None}
    tight, loose = (_pattern(parts, any_text) for any_text in (rf"(?:(?!{JOINT}).)+?", ".+?"))
    return _Sentence(max((text for text, _ in parts), key=len), tight, loose, kinds, other)


def kind_of(place: str) -> str:
    """The kind of a place by its name: `n_rows` is an `n`, `told` is told; empty for any other text."""
    first = place.split("_")[0]
    return first if first in KINDS else ""


def _pattern(parts: list[tuple[str, str | None]], any_text: str) -> re.Pattern[str]:
    pieces = []
    for text, name in parts:
        pieces.append(re.escape(text))
        if name is not None:
            pieces.append(f"(?P<{name}>{KINDS.get(kind_of(name), any_text)})")
    return re.compile("".join(pieces), re.DOTALL)
