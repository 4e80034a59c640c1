"""How the names of two companies can agree: word by word, as rare as each is, and in their legal form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from etl.matching.company_names import word_as_written
from etl.matching.compare import MISSING, Levels, coded_levels, similarity
from etl.matching.comparisons import TRUST, Level, Pairings, with_value
from etl.matching.fields import NONE, Coded, Codes, Floats

UNLIKE_NAME, SIMILAR_NAME, OTHER_FORM, SAME_NAME = 1, 2, 5, 6
"""The levels of company names with hardly anything in common, merely alike, the same but for their legal form or order,
the same."""
WIDTH = 6
"""So many words of a company's name are compared, the rarest first."""


@dataclass
class OfCompany:
    """The name of a company: its core word by word, weighed by how rare they are, and its legal form apart.

    alone: nothing else is compared. A name that many records have is then one that is written down often, where it
    would be a common one beside addresses that differ; how rare it is follows from its words, and how rare a word is
    from the names that have it, however often each is written down.
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
        counts = np.minimum(self.core.counts(), 1) if self.alone else self.core.counts()
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
        self.cut = np.array([len(words) > WIDTH for words in split], dtype=np.bool_)
        for place, words in enumerate(split):
            codes = sorted((vocabulary[word] for word in words), key=lambda code: (-rarity[code], code))[:WIDTH]
            self.words[place, : len(codes)] = codes
        self.weights = np.where(self.words == NONE, 0, rarity[self.words] if len(rarity) else 0).astype(np.float32)
        self.vocabulary = list(vocabulary)
        share = np.where(self.alone, 0, (counts - 2) / (total + TRUST))
        self.whole = np.log2(np.maximum(np.maximum(share, 0), np.exp2(-np.minimum(self.weights.sum(axis=1), 24))))
        self.squeezed = [value.replace(" ", "") for value in self.core.values]

    def more_than_by_chance(self, left: int) -> float:
        """How many pairs of records have one name, beyond those that would have it by chance, by its words. left: the
        records of the left list; all of them where there is one list."""
        chance, one_list = np.exp2(self.whole), left == len(self.core.codes)
        sides = self.core.codes[:left], self.core.codes[0 if one_list else left :]
        often, others = (np.bincount(codes[codes != NONE], minlength=len(chance)) for codes in sides)
        pairs = often * np.maximum(others - one_list - len(sides[1]) * chance, 0)
        return float(pairs.sum()) / (2 if one_list else 1)

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
        return with_value(self.levels[level].words, self.core.shown if level >= OTHER_FORM else self.shown_word, shared)

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
