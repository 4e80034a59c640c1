"""The names of companies: their core and their legal form, abbreviations spelled out, without who is in care."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from etl.matching.data import lines
from etl.matching.folding import AND, filled, fold
from etl.matching.legal_forms import without_form

OPENINGS = frozenset(("fa", "firma", "fma", "company", "the"))
ADDED: dict[str, list[str]] = {
    "inh": [], "inhaber": [], "inhaberin": [], "prop": [], "proprietor": [], "proprietors": [], "c": ["o"], "zhd": [],
    "z": ["hd"], "zu": ["handen"], "attn": [], "attention": [], "vertreten": ["durch"], "represented": ["by"],
    "vorm": [], "vormals": [],
}  # fmt: skip
"""What begins an addition to a name: its owner, who takes its post, what it was called before."""
BETWEEN = re.compile(r"[^\w.'’`]+")
DOTTED = re.compile(r"([^\W\d_]{2,})\.(?=[^\W\d_]{3})")


def company(value: str) -> tuple[str | None, str | None]:
    """Take a company's name apart into its core and its legal form: `Fa. Müller Masch.bau GmbH & Co. KG` to
    `muller maschinenbau`, `gmbh co kg`. The form is None where the name has none; a name that is nothing but a form is
    its own core, and one that is nothing but an addition (`c/o Müller`) is what is added.
    """
    text = DOTTED.sub(_spelled_out, value) if "." in value else value
    words = _before_addition([word for word in fold(text).split() if word not in AND])
    while len(words) > 1 and words[0] in OPENINGS:
        words = words[1:]
    core, form = without_form(words)
    name = filled(" ".join(_long(core)))
    return (None, None) if name is None else (name, form or None)


def _spelled_out(beginning: re.Match[str]) -> str:
    return _abbreviations("part").get(fold(beginning[1]), beginning[0])


def _before_addition(words: list[str]) -> list[str]:
    """The words before an addition; those after it where nothing stands before."""
    for at, word in enumerate(words):
        following = ADDED.get(word)
        if following is not None and words[at + 1 : at + 1 + len(following)] == following:
            return words[:at] or words[at + 1 + len(following) :] or words
    return words


def _long(words: Sequence[str]) -> list[str]:
    """The words of a core, with those that are shortened in full."""
    alone, several = _abbreviations("word"), _abbreviations("words")
    spelled: list[str] = []
    for word in words:
        if spelled and (together := several.get(f"{spelled[-1]} {word}")):
            spelled[-1] = together
        else:
            spelled.append(word)
    return [alone.get(word, word) for word in spelled]


def as_written(name: str, core: str) -> str:
    """A name without what is added to it, as it stands there: `Müller GmbH` of `Müller GmbH, c/o Berg`."""
    ends = [len(name), *(sign.start() for sign in BETWEEN.finditer(name))]
    starts = (name[:end].strip() for end in sorted(ends, reverse=True))
    return next((start for start in starts if company(start)[0] == core and _is_plain(start)), name)


def _is_plain(name: str) -> bool:
    words = fold(name).split()
    return _before_addition(words) == words


def word_as_written(name: str, word: str) -> str:
    """The word of a name that `company` made another one of: `Masch.bau` for `maschinenbau`; the whole name where
    several words became one."""
    return next((part for part in BETWEEN.split(name) if word in (fold(part), company(part)[0])), name)


@cache
def _abbreviations(kind: str) -> dict[str, str]:
    return {fold(short): fold(long) for of, short, long in lines("abbreviations.tsv") if of == kind}
