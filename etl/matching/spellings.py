"""Words of company names side by side: which are one word in two spellings, and which shorten another."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from etl.matching.compare import edits, similarity
from etl.matching.data import lines
from etl.matching.fields import Codes, distinct_pairs
from etl.matching.folding import fold

PLAIN, FILLER, NUMBER, SIDE, KIND = range(5)
"""Kinds of words: any; one that says nothing; a number; a direction or an age; what sort of firm it is."""
NUMERALS = {roman: str(value) for value, roman in enumerate("i ii iii iv v vi vii viii ix x xi xii".split(), 1)}
VOWELS = frozenset("aeiou")
ALIKE = 0.93
"""The similarity of Jaro and Winkler from which two words are one with a slip."""
Mask = npt.NDArray[np.bool_]


@cache
def _kinds() -> dict[str, int]:
    named = {"side": SIDE, "kind": KIND, "filler": FILLER}
    return {fold(word): named[kind] for word, kind in lines("telling_words.tsv")}


def kind_of(word: str) -> int:
    """The kind of a word in its normal form: `3`, `3a` and `iii` are numbers."""
    return NUMBER if re.fullmatch(r"\d+[a-z]?", word) or word in NUMERALS else _kinds().get(word, PLAIN)


@dataclass(frozen=True)
class Spelled:
    """Words side by side. same: one word in two spellings; begins: the shorter one begins the other, as abbreviations
    do, is its initial, or its consonants; ends: it ends the other."""

    same: Mask
    begins: Mask
    ends: Mask


def spelled(words: Sequence[str], a: Codes, b: Codes) -> Spelled:
    """Compare the words of two lists of codes, each distinct pair once. Numbers are the same or not."""
    *codes, place = distinct_pairs(a, b, len(words))
    left, right = ([words[code] for code in side.tolist()] for side in codes)
    beside = list(zip(left, right, strict=True))
    number = _mask(kind_of(word) == NUMBER or kind_of(other) == NUMBER for word, other in beside)
    equal = _mask(NUMERALS.get(word, word) == NUMERALS.get(other, other) for word, other in beside)
    begins = _mask(_shortens(*sorted(pair, key=len)) for pair in beside)
    ends = _mask(_ends(*sorted(pair, key=len)) for pair in beside)
    same = np.where(number, equal, _misspelled(left, right))
    return Spelled(same[place], (begins & ~number)[place], (ends & ~number)[place])


def _misspelled(left: list[str], right: list[str]) -> Mask:
    """Which words are one but for a slip. Of three letters one may be doubled or dropped, and none replaced: names of
    firms are made of such."""
    apart = edits(left, right, 2)
    beside = list(zip(left, right, strict=True))
    first = _mask(word[0] == other[0] and max(len(word), len(other)) >= 5 for word, other in beside)
    long_enough = _mask(
        min(len(word), len(other)) >= 4 or (min(len(word), len(other)) == 3 and len(word) != len(other))
        for word, other in beside
    )
    return long_enough & ((similarity(left, right) >= ALIKE) | (apart <= 1) | ((apart <= 2) & first))


def _shortens(short: str, long: str) -> bool:
    """Whether a word is the beginning of a longer one, its initial, its beginning and end (`karbau` of a builder of
    bodies), or consonants of it in their order (`wkz`)."""
    if long.startswith(short):
        return len(short) == 1 or len(short) >= 3
    parts = range(2, len(short) - 2) if 5 <= len(short) < len(long) - 1 else ()
    if any(long.startswith(short[:at]) and long.endswith(short[at:]) for at in parts):
        return True
    if len(long) < 6 or len(short) < 2 or short[0] != long[0] or not VOWELS.isdisjoint(short):
        return False
    letters = iter(long)
    return all(letter in letters for letter in short)


def _ends(short: str, long: str) -> bool:
    return 3 <= len(short) < len(long) and long.endswith(short)


def _mask(answers: Iterable[bool]) -> Mask:
    return np.fromiter(answers, dtype=np.bool_)
