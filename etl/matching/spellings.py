"""Words of company names side by side: which are one word in two spellings, and which shorten another."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, partial

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
Ask = Callable[[list[str], list[str]], Mask]


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


@dataclass(frozen=True)
class Words:
    """Words in their normal form, and what tells quickly that two of them are not alike. kind: of each; value: the
    same for numbers that are the same; first, last: their letters; slips: so many letters may be wrong in one."""

    texts: npt.NDArray[np.object_]
    kind: npt.NDArray[np.int8]
    value: Codes
    first: Codes
    last: Codes
    length: Codes
    slips: int

    @staticmethod
    def of(texts: Sequence[str], slips: int) -> Words:
        """Look at each word once."""
        values: dict[str, int] = {}
        numbers = [values.setdefault(NUMERALS.get(word, word), len(values)) for word in texts]
        of_word = (numbers, [ord(word[0]) for word in texts], [ord(word[-1]) for word in texts], [*map(len, texts)])
        kind = np.array([kind_of(word) for word in texts], dtype=np.int8)
        value, first, last, length = (np.array(part, dtype=np.int32) for part in of_word)
        return Words(np.array([*texts, ""], dtype=object)[:-1], kind, value, first, last, length, slips)


def spelled(words: Words, a: Codes, b: Codes) -> Spelled:
    """Compare the words of two lists of codes, each distinct pair once. Numbers are the same or not."""
    left, right, place = distinct_pairs(a, b, len(words.texts))
    number = (words.kind[left] == NUMBER) | (words.kind[right] == NUMBER)
    same = np.where(number, words.value[left] == words.value[right], False)
    _ask(same, ~number & _long_enough(words, left, right), words, left, right, partial(_misspelled, words.slips))
    begins, ends = np.zeros(len(left), dtype=np.bool_), np.zeros(len(left), dtype=np.bool_)
    _ask(begins, ~number & (words.first[left] == words.first[right]), words, left, right, _shorten)
    _ask(ends, ~number & (words.last[left] == words.last[right]), words, left, right, _end)
    return Spelled(same[place], begins[place], ends[place])


def _ask(answers: Mask, where: Mask, words: Words, left: Codes, right: Codes, ask: Ask) -> None:
    """Fill in answers about pairs of words, where there is something to ask."""
    mine = np.flatnonzero(where)
    answers[mine] = ask(words.texts[left[mine]].tolist(), words.texts[right[mine]].tolist())


def _long_enough(words: Words, left: Codes, right: Codes) -> Mask:
    """Which words have enough letters for a slip. Of three letters one may be doubled or dropped, and none replaced:
    names of firms are made of such."""
    a, b = words.length[left], words.length[right]
    shorter = np.minimum(a, b)
    long: Mask = (shorter >= 4) | ((shorter == 3) & (a != b))
    return long


def _misspelled(slips: int, left: list[str], right: list[str]) -> Mask:
    """Which words are one but for so many slips; if several are allowed, also those that are very similar."""
    apart = edits(left, right, slips)
    beside = zip(left, right, strict=True)
    first = _mask(word[0] == other[0] and max(len(word), len(other)) >= 5 for word, other in beside)
    alike = similarity(left, right) >= ALIKE if slips > 1 else np.zeros(len(left), dtype=np.bool_)
    return alike | (apart <= 1) | ((apart <= slips) & first)


def _shorten(left: list[str], right: list[str]) -> Mask:
    return _mask(_shortens(*sorted(pair, key=len)) for pair in zip(left, right, strict=True))


def _end(left: list[str], right: list[str]) -> Mask:
    return _mask(_ends(*sorted(pair, key=len)) for pair in zip(left, right, strict=True))


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
