"""What a person typed into a search, as terms that a record must meet."""

from __future__ import annotations

import re
from dataclasses import dataclass

from etl.matching.folding import digits
from etl.matching.phone_numbers import phones
from etl.matching.searchable import plain_text

DIALLED = re.compile(r"[+(/]*\d[\d()/.+-]*|[-/]")
"""A word that may be a piece of a phone number."""
SHORTEST_NUMBER = 6
LONGEST_ID = 10


@dataclass(frozen=True)
class Term:
    """One word of a query, or several that are a phone number.

    plain: its plain form, of several words for a mail address; number: its digits without country code and zeros before
    them, empty where it is no number; parts: what may stand in several places instead, empty for a single word.
    """

    plain: str
    number: str = ""
    parts: tuple[Term, ...] = ()

    @staticmethod
    def of(text: str) -> Term:
        """Read one word, or the pieces of one phone number with blanks between."""
        plain = plain_text(text)
        words = plain.split()
        parts = tuple(Term(word, _number(word)) for word in words) if len(words) > 1 else ()
        return Term(plain, _number(text), parts)

    @property
    def words(self) -> tuple[str, ...]:
        """The single words of its plain form."""
        return tuple(self.plain.split())


@dataclass(frozen=True)
class Query:
    """A search. text: as it was typed, for a source key is compared as it is; plain: its plain form."""

    text: str
    plain: str
    terms: tuple[Term, ...]

    @staticmethod
    def parse(text: str) -> Query:
        """Read what was typed; words that hold no letter or digit are left out."""
        text = text.encode("utf-8", "replace").decode("utf-8")  # what a terminal of another encoding gave
        terms = [Term.of(word) for word in _words(text)]
        return Query(text, plain_text(text), tuple(term for term in terms if term.plain))

    @property
    def ids(self) -> tuple[str, ...]:
        """The words that may be a lead id: whole numbers, and none that looks like a phone number or postcode."""
        words = (term.plain for term in self.terms if not term.parts)
        return tuple(word for word in words if re.fullmatch(rf"[1-9]\d{{0,{LONGEST_ID - 1}}}", word))


def _words(text: str) -> list[str]:
    """Split at blanks; pieces of a phone number that follow each other stay together."""
    runs: list[list[str]] = []
    dialling = False
    for word in text.split():
        piece = DIALLED.fullmatch(word) is not None
        if piece and dialling:
            runs[-1].append(word)
        else:
            runs.append([word])
        dialling = piece
    joined = []
    for run in runs:
        joined += [" ".join(run)] if len(digits("".join(run))) >= SHORTEST_NUMBER else run
    return joined


def _number(text: str) -> str:
    """The digits that all spellings of a phone number share, or those of a shorter number; empty with a letter."""
    if any(character.isalpha() for character in text):
        return ""
    numbers = phones(re.sub(r"[/,;|\n]", " ", text))
    return numbers[0] if numbers else digits(text).lstrip("0")
