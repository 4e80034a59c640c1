"""Streets and doors in one line: the street, and the number of the house, not that of a suite, floor or post box."""

from __future__ import annotations

import re
from functools import cache

from etl.matching.data import lines
from etl.matching.folding import filled, fold

CARE_OF = re.compile(r"(?i)^\s*(?:c\s*/\s*o|z\.?\s*hd\.?|attn\.?)\b[^,\n]*[,\n]")
HASH = re.compile(r"#\s*\w+")
ORDINAL = re.compile(r"^\s*\d{1,3}\.\s*[^\W\d]")
NUMBER = r"\d+(?:\s?[a-z])?\b"
NUMBERS = re.compile(rf"(?<!\w){NUMBER}(?:\s+{NUMBER})*")


def street_and_house(value: str) -> tuple[str | None, str | None]:
    """The street and the number of the house in a line: `3858 South Main Street, Suite 200` to `s main st`, `3858`.

    A street has its kind as one short word: `Hauptstr. 3` and `Hauptstraße 3` are `haupt st`. The number is the first
    one where the line begins with it, otherwise the last, with a letter and those that follow: `4749` of `47-49`.
    """
    line = CARE_OF.sub("", value) if "," in value or "\n" in value else value
    text = _without_units(fold(HASH.sub(" ", line) if "#" in line else line))
    number = _house(text, line)
    if number is None:
        return _street(text), None
    first, last = number
    return _street(f"{text[:first]} {text[last:]}"), text[first:last].replace(" ", "")


def street_as_written(line: str, street: str) -> str:
    """The street in a line without house number and suite, as it stands there: `South Main Street`."""
    house = street_and_house(line)[1]
    places = _written(line, house) if house else []
    if places:
        at_front = not line[: places[0][0]].strip() and not ORDINAL.match(line)
        first, last = places[0] if at_front else places[-1]
        line = f"{line[:first]} {line[last:]}"
    parts = (" ".join(part.split()) for part in (*re.split("[,\n]", line), line))
    return next((part for part in parts if street_and_house(part)[0] == street), line).strip(" ,;-")


def house_as_written(line: str, house: str) -> str:
    """The number of the house in a line, as it stands there: `47-49`."""
    return next((line[first:last] for first, last in _written(line, house)), house)


def _written(line: str, house: str) -> list[tuple[int, int]]:
    """Where a house number stands in a line."""
    starts = [digit.start() for digit in re.finditer(r"(?<!\w)\d", line)]
    ends = [letter.end() for letter in re.finditer(r"\w(?!\w)", line)]
    return [(a, b) for a in starts for b in ends if a < b and fold(line[a:b]).replace(" ", "") == house]


def _street(text: str) -> str | None:
    return filled(" ".join(part for word in text.split() for part in _kind(word)))


def _house(text: str, line: str) -> tuple[int, int] | None:
    """Where the house number stands in a folded line."""
    numbers = list(NUMBERS.finditer(text))
    if not numbers:
        return None
    first, last = numbers[0], numbers[-1]
    if first.start() == 0 and first.end() < len(text) and not ORDINAL.match(line):
        return 0, _without_direction(text, first)
    return last.span()


def _without_units(text: str) -> str:
    """A folded line without suites, floors and post boxes."""

    def drop(unit: re.Match[str]) -> str:
        behind = unit["floor"] is None or any(map(str.isdigit, text[: unit.start()]))
        return " " if behind else unit[0]

    return _units().sub(drop, text).strip() or text


def _without_direction(text: str, number: re.Match[str]) -> int:
    """Where a house number at the beginning ends: in `3858 S Main` the letter is no part of it."""
    end = 0
    for word in number[0].split():
        if end and word in _directions():
            break
        end = text.index(word, end) + len(word)
    return end


def _kind(word: str) -> list[str]:
    """A word of a street, its kind shortened; of one with its kind at the end both."""
    for ending, short in _endings():
        if word.endswith(ending) and len(word) - len(ending) > 2:
            return [word.removesuffix(ending), short]
    return [_streets().get(word, word)]


@cache
def _streets() -> dict[str, str]:
    """How a kind of street is written -> how it is shortened; folded as streets are, `avenue` as `avenu`."""
    return {fold(long): short for kind in ("street", "direction") for short, *longs in _words(kind) for long in longs}


def _words(kind: str) -> list[list[str]]:
    return [words for first, *words in lines("street_words.tsv") if first == kind]


@cache
def _endings() -> list[tuple[str, str]]:
    endings = [(ending, _streets().get(words[0], words[0])) for words in _words("ending") for ending in words]
    return sorted(endings, key=lambda ending: -len(ending[0]))


@cache
def _directions() -> frozenset[str]:
    return frozenset(short for short, *_ in _words("direction"))


@cache
def _units() -> re.Pattern[str]:
    """A unit or floor with its number, `suite 200` or `2 og`, and a post box."""
    units, floors, boxes = (
        "|".join(fold(word) for words in _words(kind) for word in words) for kind in ("unit", "floor", "box")
    )
    which = r"(?:\d+\s?[a-z]?|[a-z]\d*)(?!\w)"
    return re.compile(
        rf"\b(?:{boxes})\s+\d+(?: \d\d)*(?!\w)|\b(?:{units})\s+{which}"
        rf"|\b(?P<floor>(?:{floors})\s+{which}|\d{{1,3}}(?:st|nd|rd|th)?\s(?:og|etage|stock|floor|flr?)(?!\w))"
    )
