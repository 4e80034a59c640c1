"""What the names of columns and tables say, in five languages, whatever way their words are put together."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from ruamel.yaml import YAML

from etl.config.opt_out_words import sounds_like_opt_out

WORD = re.compile(r"[A-Z]{2,}(?![a-z])|[A-Z]?[a-z]+|[A-Z]|[^\W\d_a-zA-Z]+|\d+")
SPELLED = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "o", "œ": "oe"}
Words = tuple[str, ...]
NAMES = 100_000
"""So many names are remembered: a large schema asks the same ones again and again."""


@lru_cache(NAMES)
def words_of(name: str) -> Words:
    """The words of a name, folded: those of `BillingPostalCode` and `billing_postal_code` are the same."""
    text = unicodedata.normalize("NFC", name)
    spelled = "".join(SPELLED.get(sign, SPELLED.get(sign.lower(), sign)) for sign in text)
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", spelled) if not unicodedata.combining(sign))
    return tuple(word.lower() for word in WORD.findall(plain))


@lru_cache(NAMES)
def kinds_of(column: str) -> Mapping[str, int]:
    """The kinds of values that a column's name speaks of, each with how much of the name it needs for that."""
    return _spoken_of(words_of(column), _phrases("columns"))


@lru_cache(NAMES)
def roles_of(table: str) -> Mapping[str, int]:
    """The roles of rows that a table's name speaks of, likewise; words in the plural count as well."""
    words = words_of(table)
    spoken = _spoken_of(tuple(map(singular, words)), _phrases("tables"))
    return spoken or dict.fromkeys(_abbreviated(words, _phrases("tables")), 55)


def is_leads(table: str) -> bool:
    """Whether a table is called like one of leads."""
    words = words_of(table)
    return (bool(words) and words[-1] in ("lead", "leads")) or words[-2:] in (("crm", "lead"), ("lead", "details"))


def says_opt_out(column: str) -> bool:
    """Whether a column is called like one that says who opted out."""
    return sounds_like_opt_out(column) or kinds_of(column).get("opt_out", 0) >= 60


@lru_cache(NAMES)
def singular(word: str) -> str:
    """A word without endings of a plural, in so far as letters tell: perhaps no word, but one for both.

    One ending may stand before another: `pedidos` loses what `pedido` loses, and the `s`. Three letters are left of a
    word without `s`, four without another ending, so that `pages` are no `pagos`.
    """
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    for ending in ("en", "es", "s", "a", "e", "i", "o"):
        least = 2 if ending == "s" else 3
        if word.endswith(ending) and len(word) > len(ending) + least and not word.endswith("ss"):
            return singular(word[: -len(ending)])
    return word


COMPOUND = 5
"""So long a word must be, at the end of another, to be what that one is: a `Servicerechnung` is a `Rechnung`."""


def _spoken_of(words: Words, phrases: Mapping[Words, tuple[str, ...]]) -> dict[str, int]:
    """Kinds whose phrases stand in some words: 100 for the whole name, less for a part, least for its beginning."""
    points: dict[str, int] = {}
    joined = "".join(words)
    for length in range(1, len(words) + 1):
        for first in range(len(words) - length + 1):
            some = words[first : first + length]
            at_end = first + length == len(words)
            share = 100 * len("".join(some)) // max(len(joined), 1)
            worth = share if at_end else share // 2 + (10 if length > 1 else 0)
            for kind in phrases.get(some, phrases.get(("".join(some),), ())):
                points[kind] = max(points.get(kind, 0), worth)
    if not points and words:
        ends = (words[-1][at:] for at in range(1, len(words[-1]) - COMPOUND + 1))
        head = next((phrases[(end,)] for end in ends if (end,) in phrases), ())
        points = dict.fromkeys(head, 60)
    return points


SHORTEST = 4
"""So many letters of a word say which one it is: `Auftr` is `Auftrag`."""


def _abbreviated(words: Words, phrases: Mapping[Words, tuple[str, ...]]) -> tuple[str, ...]:
    """What the shortest of the known words that begin as the last one does stands for."""
    if not words or len(words[-1]) < SHORTEST:
        return ()
    begins = [phrase for phrase in phrases if len(phrase) == 1 and phrase[0].startswith(words[-1])]
    return phrases[min(begins, key=lambda phrase: (len(phrase[0]), phrase))] if begins else ()


@cache
def _phrases(name: str) -> dict[Words, tuple[str, ...]]:
    """Phrase -> what it stands for; a phrase is known by its words, and by these written as one."""
    said = _data(name)
    phrases: dict[Words, tuple[str, ...]] = {}
    for kind, listed in said.items():
        for phrase in listed:
            words = tuple(str(phrase).split())
            if name == "tables":
                words = tuple(map(singular, words))
            for form in {words, ("".join(words),)}:
                if kind not in phrases.get(form, ()):
                    phrases[form] = (*phrases.get(form, ()), kind)
    return phrases


@cache
def _data(name: str) -> dict[str, list[Any]]:
    text = files("etl.profile.data").joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    data: dict[str, list[Any]] = YAML(typ="safe").load(text)
    return data
