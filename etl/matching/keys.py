"""What records are brought together by: for each kind of key the records and a number that equal keys share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from etl.matching.company_comparison import OfCompany
from etl.matching.features import Features
from etl.matching.fields import NONE, Coded, Codes, Several

Keys = npt.NDArray[np.uint64]
TELLING_KEYS = frozenset(
    {
        *("number", "email", "phone", "domain", "name", "both names", "letters of the name"),
        *("street, house number and area", "street, house number and city"),
    }
)
"""Kinds of keys that tell enough for all records that share one to be compared with a few of them."""


def mix(*parts: npt.NDArray[np.int32] | npt.NDArray[np.int64]) -> Keys:
    """One number of several, by the finaliser of SplitMix64: equal parts, equal numbers."""
    hashed = np.zeros(len(parts[0]), dtype=np.uint64)
    with np.errstate(over="ignore"):
        for part in parts:
            hashed = (hashed ^ part.astype(np.int64).view(np.uint64)) + np.uint64(0x9E3779B97F4A7C15)
            hashed = (hashed ^ (hashed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            hashed = (hashed ^ (hashed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            hashed ^= hashed >> np.uint64(31)
    return hashed


Key = tuple[str, Codes, Keys]


def keys_of(features: Features) -> Iterator[Key]:
    """Kind of key, records and their keys."""
    coded, several = features.coded, features.several

    def keys_of_fields(name: str, *parts: Coded) -> Iterator[Key]:
        filled = np.logical_and.reduce([part.filled for part in parts])
        records = np.flatnonzero(filled).astype(np.int32)
        if len(records):
            yield name, records, mix(*(part.codes[records] for part in parts))

    def keys_of_values(name: str, part: Several, *more: Coded) -> Iterator[Key]:
        use = np.logical_and.reduce([np.ones(len(part.record), bool), *(column.filled[part.record] for column in more)])
        if use.any():
            yield name, part.record[use], mix(part.code[use], *(column.codes[part.record[use]] for column in more))

    def cut(field: str, length: int) -> Coded:
        return coded[field].derived(lambda value: value.replace(" ", "")[:length])

    for kind in ("number", "email", "phone", "domain"):
        if kind in several:
            yield from keys_of_values(kind, several[kind])
    if "phone" in several:
        yield from keys_of_values(
            "phone but for the extension",
            several["phone"].derived(lambda number: number[:8] if len(number) >= 9 else None),
        )
    if "email" in several:
        yield from keys_of_values(
            "name before the @",
            several["email"].derived(lambda a: a.partition("@")[0] if len(a.partition("@")[0]) > 4 else None),
        )
    area = cut("postcode", 3) if "postcode" in coded else None
    if "company" in coded:
        yield from _company_keys(features, keys_of_fields, keys_of_values, area)
    if "last_name" in coded or "first_name" in coded:
        yield from _person_keys(coded, keys_of_fields, cut, area)
    if "street" in coded and area is not None:
        yield from keys_of_fields("street, house number and area", coded["street"], coded["house"], area)
    if "street" in coded and "city" in coded:
        yield from keys_of_fields("street, house number and city", coded["street"], coded["house"], coded["city"])


def _company_keys(
    features: Features,
    keys_of_fields: Callable[..., Iterator[Key]],
    keys_of_values: Callable[..., Iterator[Key]],
    area: Coded | None,
) -> Iterator[Key]:
    coded = features.coded
    company = next(comparison for comparison in features.comparisons if isinstance(comparison, OfCompany))
    yield from keys_of_fields("name", coded["company"])
    filled = np.flatnonzero(coded["company"].filled).astype(np.int32)
    words = company.words[coded["company"].codes[filled]]
    records, codes = np.repeat(filled, words.shape[1]), words.ravel()
    use = codes != NONE
    tokens = Several(company.vocabulary, records[use], codes[use], features.count)
    yield from keys_of_values("word of the name", tokens)
    prefixes = tokens.derived(lambda word: word[:5] if len(word) > 3 else None)
    if "city" in coded:
        yield from keys_of_values("word of the name, and city", tokens, coded["city"])
    if area is not None:
        yield from keys_of_values("beginning of a word of the name, and area", prefixes, area)
    elif "city" in coded:
        yield from keys_of_values("beginning of a word of the name, and city", prefixes, coded["city"])
    else:
        yield from keys_of_values("beginning of a word of the name", prefixes)
    yield from keys_of_fields("letters of the name", coded["company"].derived(_letters))


def _letters(value: str) -> str:
    """The letters of a name in order, each once: what is left when letters are doubled, swapped, or words moved."""
    return "".join(sorted(set(value.replace(" ", "")))) + str(len(value) // 6)


def _person_keys(
    coded: dict[str, Coded],
    keys_of_fields: Callable[..., Iterator[Key]],
    cut: Callable[[str, int], Coded],
    area: Coded | None,
) -> Iterator[Key]:
    first, last, born = (coded.get(name) for name in ("first_name", "last_name", "date_of_birth"))
    for name, part in (("first name", first), ("last name", last)):
        if part is not None:
            yield from keys_of_fields(name, part)
    if first is not None and last is not None:
        yield from keys_of_fields("both names", *_unordered(first, last))
        yield from keys_of_fields("last name and beginning of the first", last, cut("first_name", 2))
        yield from keys_of_fields("first name and beginning of the last", first, cut("last_name", 3))
    if born is not None:
        for name, part in (("first name", first), ("last name", last)):
            if part is not None:
                yield from keys_of_fields(f"birth date and {name}", born, part)
        yield from keys_of_fields("birth date", born)
        year = born.derived(lambda value: value[:4])
        day = born.derived(lambda value: value[4:] if len(value) == 8 else None)
        if last is not None:
            yield from keys_of_fields("birth year and beginning of the last name", year, cut("last_name", 4))
            yield from keys_of_fields("birthday and beginning of the last name", day, cut("last_name", 3))
        if first is not None:
            yield from keys_of_fields("birthday and first name", day, first)
            yield from keys_of_fields("birth year and first name", year, first)
        for name in ("city", "occupation"):
            if name in coded:
                yield from keys_of_fields(f"birth date and {name}", born, coded[name])
    places: Sequence[tuple[str, Coded]] = [
        (name, coded[name]) for name in ("postcode", "city", "street", "occupation") if name in coded
    ]
    for name, part in (("first", first), ("last", last)):
        if part is not None:
            for where, place in places:
                yield from keys_of_fields(f"{name} name and {where}", part, place)
    if last is not None and area is not None:
        yield from keys_of_fields("beginning of the last name and area", cut("last_name", 3), area)
    if first is not None and "postcode" in coded:
        yield from keys_of_fields("beginning of the first name and postcode", cut("first_name", 3), coded["postcode"])


def _unordered(left: Coded, right: Coded) -> tuple[Coded, Coded]:
    """Two names in alphabetical order, so that swapped names share a key."""
    values = sorted({*left.values, *right.values})
    place = {value: at for at, value in enumerate(values)}
    a = np.array([*(place[value] for value in left.values), NONE], dtype=np.int32)[left.codes]
    b = np.array([*(place[value] for value in right.values), NONE], dtype=np.int32)[right.codes]
    missing = (a == NONE) | (b == NONE)
    low, high = np.minimum(a, b), np.maximum(a, b)
    low[missing] = high[missing] = NONE
    return Coded(values, low), Coded(values, high)
