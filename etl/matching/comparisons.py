"""How two values of a field can agree: for each kind of field a comparison that gives levels, and what rarity adds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np
import numpy.typing as npt

from etl.errors import excerpt
from etl.matching.company_names import word_as_written
from etl.matching.compare import (
    MISSING,
    Judge,
    Levels,
    coded_levels,
    has_any,
    number_judge,
    of_codes,
    share_any,
    similarity,
)
from etl.matching.fields import NONE, Coded, Codes, Floats, Several
from etl.texts import stored

Pairings = tuple[tuple[int, int], ...]
"""Levels, each with another one."""
UNLIKE_NAME, SIMILAR_NAME, OTHER_FORM, SAME_NAME = 1, 2, 5, 6
"""The levels of company names with hardly anything in common, merely alike, the same but for their legal form or order,
the same."""
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


def _with_value(words: str, shown: Callable[[int], str], shared: int) -> str:
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
        return _with_value(self.levels[level].words, self.field.shown, shared)


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
        return _with_value(self.levels[level].words, part.shown, shared)


WIDTH = 6
"""So many words of a company's name are compared, the rarest first."""


@dataclass
class OfCompany:
    """The name of a company: its core word by word, weighed by how rare they are, and its legal form apart.

    alone: nothing else is compared. A name that many records have is then one that is written down often, where it
    would be a common one beside addresses that differ; how rare it is follows from its words.
    """

    name: str
    core: Coded
    form: Coded
    levels: tuple[Level, ...]
    learned: bool = True
    as_rare: Pairings = ()
    alone: bool = False
    words: npt.NDArray[np.int32] = field(init=False)
    weights: npt.NDArray[np.float32] = field(init=False)

    def __post_init__(self) -> None:
        counts = self.core.counts()
        vocabulary: dict[str, int] = {}
        split = [list(dict.fromkeys(value.split())) for value in self.core.values]
        often = np.zeros(sum(map(len, split)) + 1, dtype=np.int64)
        for words, count in zip(split, counts.tolist(), strict=True):
            for word in words:
                often[vocabulary.setdefault(word, len(vocabulary))] += count
        total = max(int(counts.sum()), 1)
        self.counts = often[: len(vocabulary)]
        rarity = np.log2((total + 500) / (self.counts + 0.5)).astype(np.float32)
        self.words = np.full((len(split), WIDTH), NONE, dtype=np.int32)
        for place, words in enumerate(split):
            codes = sorted((vocabulary[word] for word in words), key=lambda code: (-rarity[code], code))[:WIDTH]
            self.words[place, : len(codes)] = codes
        self.weights = np.where(self.words == NONE, 0, rarity[self.words] if len(rarity) else 0).astype(np.float32)
        self.vocabulary = list(vocabulary)
        share = np.where(self.alone, 0, (self.core.counts() - 2) / (total + TRUST))
        self.whole = np.log2(np.maximum(np.maximum(share, 0), np.exp2(-np.minimum(self.weights.sum(axis=1), 24))))
        self.squeezed = [value.replace(" ", "") for value in self.core.values]

    def judge(self, i: Codes, j: Codes) -> Levels:
        """The levels of pairs."""
        levels = coded_levels(self.core, i, j, SAME_NAME, self._compare_cores)
        a, b = self.form.codes[i], self.form.codes[j]
        levels[(levels == SAME_NAME) & (a != b) & (a != NONE) & (b != NONE)] = OTHER_FORM
        return levels

    def _compare_cores(self, left: Codes, right: Codes) -> Levels:
        """The level of two different cores."""
        x, y = self.words[left], self.words[right]
        common = self._common(x, y, left).sum(axis=1)
        least = np.minimum(self.weights[left].sum(axis=1), self.weights[right].sum(axis=1))
        most = np.maximum(self.weights[left].sum(axis=1), self.weights[right].sum(axis=1))
        s = similarity([self.squeezed[at] for at in left.tolist()], [self.squeezed[at] for at in right.tolist()])
        first = [[self.vocabulary[at] for at in words[:, 0].tolist()] for words in (x, y)]
        rarest = similarity(*first)
        covered = common / np.maximum(least, 1e-6)
        levels = np.zeros(len(left), dtype=np.int8)
        levels[(s >= 0.8) | (covered >= 0.3)] = UNLIKE_NAME
        levels[(s >= 0.88) | (rarest >= 0.9) | (covered >= 0.5)] = SIMILAR_NAME
        levels[(s >= 0.93) | (covered >= 0.75)] = 3
        levels[(s >= 0.97) | (covered >= 0.98)] = 4
        whole = common >= 0.98 * most
        squeezed = [self.squeezed[a] == self.squeezed[b] for a, b in zip(left.tolist(), right.tolist(), strict=True)]
        levels[whole | np.array(squeezed, dtype=bool)] = OTHER_FORM
        return levels

    def _common(self, x: Codes, y: Codes, left: Codes) -> npt.NDArray[np.float32]:
        """The weights of the words x, of the names `left`, that others have among their words y; 0 of the rest."""
        equal = (x[:, :, None] == y[:, None, :]) & (x[:, :, None] != NONE)
        weights: npt.NDArray[np.float32] = np.where(equal.any(axis=2), self.weights[left], 0)
        return weights

    def shared(self, i: Codes, j: Codes, levels: Levels) -> Codes:
        """Of names that are the same the core, of others the rarest word that both have."""
        left, right = self.core.codes[i], self.core.codes[j]
        shared = np.where(levels >= OTHER_FORM, left, NONE).astype(np.int32)
        rest = np.flatnonzero((levels != MISSING) & (levels < OTHER_FORM))
        x = self.words[left[rest]]
        common = self._common(x, self.words[right[rest]], left[rest])
        word = x[np.arange(len(x)), common.argmax(axis=1)]
        shared[rest] = np.where(common.sum(axis=1) > 0, word, NONE)
        return shared

    def rarity(self, u: Sequence[float], levels: Levels, shared: Codes) -> Floats:
        """Of equal names, how rare the whole is, its words taken as independent; of others, the rarest shared word."""
        added = np.zeros(len(levels))
        total = max(int(self.counts.sum()), 1)
        usual = float(((self.counts / total) ** 2).sum()) or 1e-9
        word = np.flatnonzero((levels > SIMILAR_NAME) & (levels < OTHER_FORM) & (shared != NONE))
        share = (self.counts[shared[word]] + TRUST * self.levels[-1].u) / (total + TRUST)
        added[word] = 0.5 * np.clip(np.log2(usual / share), -8, 4)
        whole = np.flatnonzero((levels >= OTHER_FORM) & (shared != NONE))
        added[whole] = np.clip(np.log2(np.maximum(u[-1], 1e-9)) - self.whole[shared[whole]], -8, 8)
        return added

    def describe(self, level: int, shared: int) -> str:
        """A level in words, with the name, or the rarest word, that is shared."""
        return _with_value(
            self.levels[level].words, self.core.shown if level >= OTHER_FORM else self.shown_word, shared
        )

    def shown_word(self, word: int) -> str:
        """A word as the most frequent name that has it writes it; the whole name where it is no word of its own."""
        code = int(self.name_of_word[word])
        return word_as_written(self.core.shown(code), self.vocabulary[word])

    @cached_property
    def name_of_word(self) -> Codes:
        """By word, the most frequent name among whose rarest words it is."""
        order = np.lexsort((np.arange(len(self.words)), -self.core.counts()))
        words = self.words[order].ravel()
        codes, first = np.unique(words, return_index=True)
        names = np.full(len(self.vocabulary), NONE, dtype=np.int32)
        names[codes[codes != NONE]] = order[first[codes != NONE] // WIDTH]
        return names


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
