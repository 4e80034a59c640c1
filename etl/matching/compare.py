"""Compare two records field by field: how much they agree, as a level for each field of each pair."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from etl.matching.fields import NONE, Coded, Codes, Several, distinct_pairs
from etl.matching.person_names import short_for

Levels = npt.NDArray[np.int8]
Scores = npt.NDArray[np.float32]
MISSING = -1
"""The level of a field that one of the two records has not: no evidence either way."""


def similarity(left: Sequence[str], right: Sequence[str]) -> Scores:
    """Jaro-Winkler similarity of texts side by side, 0 to 1."""
    from rapidfuzz import process
    from rapidfuzz.distance import JaroWinkler

    return process.cpdist(left, right, scorer=JaroWinkler.similarity, dtype=np.float32, workers=-1)


def edits(left: Sequence[str], right: Sequence[str], most: int) -> npt.NDArray[np.uint8]:
    """Letters to insert, drop, replace or swap (Damerau-Levenshtein) between texts side by side; above `most`, more."""
    from rapidfuzz import process
    from rapidfuzz.distance import DamerauLevenshtein

    return process.cpdist(
        left, right, scorer=DamerauLevenshtein.distance, score_cutoff=most, dtype=np.uint8, workers=-1
    )


Judge = Callable[[list[str], list[str]], Levels]
"""Gives the level of values that differ, side by side."""
CodeJudge = Callable[[Codes, Codes], Levels]
"""The same of the codes of such values."""


def coded_levels(field: Coded, i: Codes, j: Codes, equal: int, judge: CodeJudge) -> Levels:
    """The levels of pairs of records by one field: each distinct pair of values is judged once.

    i, j: record numbers side by side. equal: the level of equal values.
    """
    left, right = field.codes[i], field.codes[j]
    levels = np.full(len(i), equal, dtype=np.int8)
    levels[(left == NONE) | (right == NONE)] = MISSING
    rest = np.flatnonzero((left != right) & (levels != MISSING))
    if len(rest):
        low, high = np.minimum(left[rest], right[rest]), np.maximum(left[rest], right[rest])
        *codes, pair_of_row = distinct_pairs(low, high, len(field.values))
        levels[rest] = judge(*codes)[pair_of_row]
    return levels


def of_codes(field: Coded, judge: Judge) -> CodeJudge:
    """A judge of texts, asked by the codes of a field."""

    def judged(left: Codes, right: Codes) -> Levels:
        return judge(*([field.values[code] for code in codes.tolist()] for codes in (left, right)))

    return judged


def has_any(field: Several, i: Codes, j: Codes) -> npt.NDArray[np.bool_]:
    """Whether both records have a value."""
    starts = field.starts
    both: npt.NDArray[np.bool_] = (starts[i + 1] > starts[i]) & (starts[j + 1] > starts[j])
    return both


def share_any(field: Several, i: Codes, j: Codes) -> Codes:
    """The rarest value that both records have; NONE where they share none."""
    starts, counts = field.starts, field.counts
    left, right = starts[i + 1] - starts[i], starts[j + 1] - starts[j]
    shared = np.full(len(i), NONE, dtype=np.int32)
    for a in range(int(min(left.max(initial=0), 4))):
        for b in range(int(min(right.max(initial=0), 4))):
            mine = np.flatnonzero((left > a) & (right > b))
            x, y = field.code[starts[i[mine]] + a], field.code[starts[j[mine]] + b]
            same = x == y
            at, code = mine[same], x[same]
            old = shared[at]
            better = (old == NONE) | (counts[code] < counts[old])
            shared[at[better]] = code[better]
    return shared


def name_judge(left: list[str], right: list[str]) -> Levels:
    """First or last names that differ: 4 short for it or an initial, 3 nearly equal, 2 alike, 1 a little, 0 not."""
    s = similarity(left, right)
    levels = np.zeros(len(left), dtype=np.int8)
    levels[s >= 0.78] = 1
    levels[s >= 0.87] = 2
    levels[(s >= 0.935) | (edits(left, right, 1) <= 1)] = 3
    for place, (a, b) in enumerate(zip(left, right, strict=True)):
        if levels[place] < 3 and short_for(a, b):
            levels[place] = 4
    short = np.array([min(len(a), len(b)) < 3 for a, b in zip(left, right, strict=True)])
    levels[short & (levels == 3)] = 1
    return levels


OTHER_GENDER = frozenset(
    (man, woman)
    for man, _, woman in (
        pair.partition("/")
        for pair in (
            *("/a", "/e", "/ie", "/ine", "/ina", "/le", "/la", "/lle", "/lla", "/ette", "an/na", "an/ne"),
            *("s/", "e/ina", "e/ia", "er/ra", "o/a", "us/a", "ius/ia", "ck/cia", "k/ia", "c/que", "k/que"),
        )
    )
)
"""How the names of a man and a woman end that begin alike: Martin and Martina, Christian and Christine."""


def first_name_judge(left: list[str], right: list[str]) -> Levels:
    """First names that differ, as `name_judge` has it; but a brother's and a sister's are a little alike at most."""
    levels = name_judge(left, right)
    for place in np.flatnonzero((levels == 2) | (levels == 3)).tolist():
        if _of_siblings(left[place], right[place]):
            levels[place] = 1
    return levels


def _of_siblings(name: str, other: str) -> bool:
    """Whether one name is a man's and the other the woman's that is made of it."""
    same = next((at for at, (a, b) in enumerate(zip(name, other, strict=False)) if a != b), min(len(name), len(other)))
    ends = name[same:], other[same:]
    return same >= 3 and (ends in OTHER_GENDER or ends[::-1] in OTHER_GENDER)


def date_judge(left: list[str], right: list[str]) -> Levels:
    """Dates that differ: 3 one digit, two swapped, or day and month; 2 two of year, month, day; 1 one edit more or
    the year; 0 not."""
    near = edits(left, right, 2)
    levels = np.zeros(len(left), dtype=np.int8)
    for place, (a, b) in enumerate(zip(left, right, strict=True)):
        swapped = len(a) == len(b) == 8 and a[:4] == b[:4] and a[4:6] == b[6:] and a[6:] == b[4:6]
        parts = (a[:4] == b[:4]) + (a[4:6] == b[4:6]) + (a[6:] == b[6:]) if len(a) == len(b) == 8 else 0
        if near[place] <= 1 or swapped:
            levels[place] = 3
        elif parts >= 2:
            levels[place] = 2
        elif near[place] <= 2 or (parts and a[:4] == b[:4]):
            levels[place] = 1
    return levels


def postcode_judge(left: list[str], right: list[str]) -> Levels:
    """Postcodes that differ: 2 one digit or two swapped, or the outer part of a British one; 1 the same area."""
    a, b = pa.array(left, pa.string()), pa.array(right, pa.string())
    area, same = (pc.equal(pc.utf8_slice_codeunits(a, 0, n), pc.utf8_slice_codeunits(b, 0, n)) for n in (2, 1))
    levels = np.asarray(area).astype(np.int8)
    levels[edits(left, right, 1) <= 1] = 2
    british = pc.and_(same, pc.match_substring_regex(a, r"^\p{L}"))
    for place in np.flatnonzero(np.asarray(british)).tolist():
        if len(left[place]) > 4 and left[place][:-3] == right[place][:-3]:
            levels[place] = 2
    return levels


def place_judge(left: list[str], right: list[str]) -> Levels:
    """Cities and other texts that differ: 2 nearly equal or one within the other, 1 alike."""
    s = similarity(left, right)
    levels = np.zeros(len(left), dtype=np.int8)
    levels[s >= 0.8] = 1
    levels[(s >= 0.92) | (edits(left, right, 1) <= 1)] = 2
    for place, (a, b) in enumerate(zip(left, right, strict=True)):
        if levels[place] < 2 and (" " in a or " " in b):
            x, y = set(a.split()), set(b.split())
            if x <= y or y <= x:
                levels[place] = 2
            elif x & y and levels[place] < 1:
                levels[place] = 1
    return levels


def unlike_judge(left: list[str], right: list[str]) -> Levels:  # noqa: ARG001  a judge is given both
    """Values of which any two that differ have nothing in common: 0."""
    return np.zeros(len(left), dtype=np.int8)


def number_judge(left: list[str], right: list[str]) -> Levels:
    """Official numbers that differ: 1 one edit of a long one."""
    near = edits(left, right, 1) <= 1
    long = np.array([min(len(a), len(b)) >= 5 for a, b in zip(left, right, strict=True)])
    levels: Levels = (near & long).astype(np.int8)
    return levels


def house_judge(left: list[str], right: list[str]) -> Levels:
    """House numbers that differ: 1 one is the beginning of the other, as 47 of 47a and 47-49."""
    inside = [a.startswith(b) or b.startswith(a) for a, b in zip(left, right, strict=True)]
    return np.array(inside, dtype=np.int8)
