"""How two values of a field can agree: for each kind of field a comparison that gives levels, and what rarity adds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from etl.errors import excerpt
from etl.matching.compare import (
    MISSING,
    Judge,
    Levels,
    coded_levels,
    has_any,
    number_judge,
    of_codes,
    share_any,
)
from etl.matching.fields import NONE, Coded, Codes, Floats, Several
from etl.texts import stored

Pairings = tuple[tuple[int, int], ...]
"""Levels, each with another one."""
ABSENT = -2
"""The code of a value that a field does not have."""
TRUST = 2_000.0
"""How rare values are is known beforehand as if from so many records."""


@dataclass(frozen=True)
class Level:
    """One way in which two values can agree, and how often they do: m of the same, u of two different records."""

    words: str
    m: float
    u: float


class Comparison(Protocol):
    """Compares pairs of records by one field. levels: from 0, nothing in common, to the best. learned: whether the data
    teach what they weigh; if not they weigh nothing. as_rare: a level -> another that two different records have as
    often, where no list is large enough to tell."""

    name: str
    levels: tuple[Level, ...]
    learned: bool
    as_rare: Pairings

    def judge(self, i: Codes, j: Codes) -> Levels:
        """The levels of pairs of record numbers."""

    def shared(self, i: Codes, j: Codes, levels: Levels) -> Codes:
        """The codes of what pairs at these levels share, whose rarity counts; NONE where none does."""

    def rarity(self, u: Sequence[float], levels: Levels, shared: Codes) -> Floats:
        """What the rarity of what two records share adds to the weight of its level, in bits. u: by level."""

    def describe(self, level: int, shared: int) -> str:
        """A level in words, with the value that is shared, NONE where there is none."""


def with_value(words: str, shown: Callable[[int], str], shared: int) -> str:
    """The words of a level with the value that is shared, if there is one. shown: a value as people wrote it."""
    if shared == NONE:
        return words
    return stored("{told} '{value}'", told=words, value=excerpt(shown(shared), 40))


def rarity_of_value(counts: npt.NDArray[np.int64], known: float, u: float, shared: Codes) -> Floats:
    """Of values that are equal: the share of records that have them, against that of the usual value.

    counts: records by value; known: the share that is expected beforehand; u: how often two different records agree.
    The two records themselves do not count: a value that only they have is had by nobody else.
    """
    total = max(int(counts.sum()), 1)
    share = (np.maximum(counts[shared] - 2, 0) + TRUST * known) / (total + TRUST)
    added: Floats = np.clip(np.log2(max(u, 1e-9) / share), -8, 6)
    return added


@dataclass
class OfValues:
    """A field with one value a record."""

    name: str
    field: Coded
    levels: tuple[Level, ...]
    judge_values: Judge
    rare: bool = True
    learned: bool = True
    as_rare: Pairings = ()

    def __post_init__(self) -> None:
        self.counts = self.field.counts()

    def judge(self, i: Codes, j: Codes) -> Levels:
        """The levels of pairs."""
        return coded_levels(self.field, i, j, len(self.levels) - 1, of_codes(self.field, self.judge_values))

    def shared(self, i: Codes, j: Codes, levels: Levels) -> Codes:  # noqa: ARG002  what all comparisons take
        """The value of pairs that have the same."""
        return np.where(levels == len(self.levels) - 1, self.field.codes[i], NONE).astype(np.int32)

    def rarity(self, u: Sequence[float], levels: Levels, shared: Codes) -> Floats:
        """How much rarer a shared value is than the usual one."""
        added = np.zeros(len(levels))
        if self.rare:
            mine = np.flatnonzero(shared != NONE)
            added[mine] = rarity_of_value(self.counts, self.levels[-1].u, u[-1], shared[mine])
        return added

    def describe(self, level: int, shared: int) -> str:
        """A level in words, with the value that is shared."""
        return with_value(self.levels[level].words, self.field.shown, shared)


@dataclass
class OfPersonName(OfValues):
    """A first or last name beside the other one: the two may be swapped.

    other: the last names beside first names, and the other way round. The swap is told once, by the first name; the
    last name is then the same.
    """

    other: Coded | None = None
    swapped: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.other is not None:
            place = {value: code for code, value in enumerate(self.other.values)}
            codes = [place.get(value, ABSENT) for value in self.field.values]
            self.in_other = np.array([*codes, ABSENT], dtype=np.int32)

    def judge(self, i: Codes, j: Codes) -> Levels:
        """The levels of pairs."""
        levels = super().judge(i, j)
        if self.other is None:
            return levels
        mine, others = self.field.codes, self.other.codes
        swap = (self.in_other[mine[i]] == others[j]) & (self.in_other[mine[j]] == others[i]) & (mine[i] != mine[j])
        levels[swap] = self.swapped
        return levels


@dataclass
class OfSeveral:
    """A field with several values a record, of which one shared is enough; `parts`: lesser ways to share."""

    name: str
    field: Several
    parts: tuple[Several, ...]
    levels: tuple[Level, ...]
    learned: bool = True
    as_rare: Pairings = ()

    def __post_init__(self) -> None:
        top = len(self.levels) - 1
        self.of_level = {top - less: part for less, part in enumerate((self.field, *self.parts))}
        self.counts = {level: part.counts for level, part in self.of_level.items()}

    def judge(self, i: Codes, j: Codes) -> Levels:
        """The levels of pairs."""
        levels = np.where(has_any(self.field, i, j), 0, MISSING).astype(np.int8)
        for level, part in self.of_level.items():
            rest = np.flatnonzero(levels == 0)
            levels[rest[share_any(part, i[rest], j[rest]) != NONE]] = level
        return levels

    def shared(self, i: Codes, j: Codes, levels: Levels) -> Codes:
        """The rarest value, or part of one, that pairs have in common."""
        shared = np.full(len(i), NONE, dtype=np.int32)
        for level, part in self.of_level.items():
            mine = np.flatnonzero(levels == level)
            shared[mine] = share_any(part, i[mine], j[mine])
        return shared

    def rarity(self, u: Sequence[float], levels: Levels, shared: Codes) -> Floats:
        """How much rarer a shared value, or part of one, is than the usual one."""
        added = np.zeros(len(levels))
        for level, counts in self.counts.items():
            mine = np.flatnonzero((levels == level) & (shared != NONE))
            added[mine] = rarity_of_value(counts, self.levels[level].u, u[level], shared[mine])
        return added

    def describe(self, level: int, shared: int) -> str:
        """A level in words, with the value that is shared."""
        part = self.of_level.get(level, self.field)
        return with_value(self.levels[level].words, part.shown, shared)


@dataclass
class OfNumbers(OfSeveral):
    """Official numbers: shared, or one slip apart."""

    def judge(self, i: Codes, j: Codes) -> Levels:
        """The levels of pairs; of several numbers that differ the first ones are compared with each other."""
        levels = super().judge(i, j)
        rest = np.flatnonzero(levels == 0)
        if len(rest):
            a, b = (
                [self.field.values[code] for code in self.field.code[self.field.starts[side[rest]]].tolist()]
                for side in (i, j)
            )
            levels[rest] = number_judge(a, b)
        return levels
