"""The words that two company names do not share: what tells the holding from the company, and the third wind farm from
the fourth."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from etl.matching.company_comparison import OfCompany
from etl.matching.compare import MISSING, Levels, coded_levels, edits
from etl.matching.comparisons import Level, Pairings
from etl.matching.fields import NONE, Codes, Floats
from etl.matching.spellings import FILLER, KIND, NUMBER, PLAIN, SIDE, Mask, Words, spelled
from etl.texts import stored

TOLD_APART, TELLING, ONE_SIDED, COMMON, NOTHING = range(5)
"""Both names have a number, a direction or a kind of firm, and not the same. Each has a word of its own, or one has
such a one. One has a word that is rare. One has a common word. Neither has a word that the other has not."""
LEVELS = tuple(
    Level(words, 1.0, 1.0)
    for words in (
        stored("names told apart by a number, a direction or the kind of firm"),
        stored("each name with a word of its own"),
        stored("one name with a word more"),
        stored("one name with a common word more"),
        stored("no word in one name alone"),
    )
)
CHARITIES = frozenset(("stiftung", "ev", "foundation", "trust", "charity"))
"""Legal forms of those who do no business: a company and its foundation share house and name."""
RARE = 6.0
"""A word is rare if it says so many bits: about one record in sixty has it."""
SPELLINGS = 6.0
"""Of names alone that are alike, but not equal, those without a word of their own are so much likelier one, in bits."""
SLIPS, LONG = 2, 8
"""Names of at least so many letters that differ by so few of them are one name in two spellings."""


@dataclass
class OfTellingWords:
    """What is left of two names once the words that both have are taken away, and their legal forms beside each other.

    It weighs nothing by itself (`doubts` says what it costs): sister companies share all the rest, so that no list
    without labels could teach it. But where nothing but names is compared it says that two are spellings of one. Names
    without a word in common have no level.
    """

    company: OfCompany
    name: str = "telling words"
    levels: tuple[Level, ...] = LEVELS
    learned: bool = False
    as_rare: Pairings = ()
    words: Words = field(init=False)
    kind: npt.NDArray[np.int8] = field(init=False)
    rare: Mask = field(init=False)
    numbers: Codes = field(init=False)
    partnership: Mask = field(init=False)
    corporation: Mask = field(init=False)
    charity: Mask = field(init=False)

    def __post_init__(self) -> None:
        names = self.company
        self.words = Words.of(names.vocabulary, self.slips)
        self.kind = self.words.kind
        records = len(names.core.values) if names.alone else len(names.core.codes)
        self.rare = np.log2((records + 500) / (names.counts + 0.5)) >= RARE
        texts = [" ".join(re.findall(r"\d+", core)) for core in names.core.values]
        codes = {text: code for code, text in enumerate(sorted({*texts} - {""}))}
        self.numbers = np.array([codes.get(text, NONE) for text in texts], dtype=np.int32)
        forms = [form.split() for form in names.form.values] + [[]]  # the last stands for names without a form
        self.partnership = np.array(["co" in form for form in forms])
        self.corporation = np.array([bool(form) and form[-1] not in ("kg", "ohg") for form in forms])
        self.charity = np.array([" ".join(form) in CHARITIES for form in forms])

    @property
    def slips(self) -> int:
        """So many letters may be wrong: two where something else agrees, one in names alone."""
        return 1 if self.company.alone else SLIPS

    def judge(self, i: Codes, j: Codes) -> Levels:
        """The levels of pairs."""
        levels = coded_levels(self.company.core, i, j, NOTHING, self._of_names)
        levels[self._told_by_form(i, j, levels)] = TELLING
        return levels

    def shared(self, i: Codes, j: Codes, levels: Levels) -> Codes:
        """Of names alone that are two spellings, as neither has a word of its own, the core of the first; not of names
        of which not all words are compared."""
        left, right = self.company.core.codes[i], self.company.core.codes[j]
        whole = ~(self.company.cut[left] | self.company.cut[right])
        spellings = self.company.alone & (levels == NOTHING) & (left != right) & whole
        return np.where(spellings, left, NONE).astype(np.int32)

    def _told_by_form(self, i: Codes, j: Codes, levels: Levels) -> Mask:
        """Which pairs' legal forms are those of two firms: of a partner and its partnership, of a foundation and its
        company; or are not the same, where one name has a word more, too."""
        a, b = self.company.form.codes[i], self.company.form.codes[j]
        both = (a != NONE) & (b != NONE) & (levels > TELLING)
        partners = self.partnership[a] & self.corporation[b] & ~self.partnership[b]
        partners |= self.partnership[b] & self.corporation[a] & ~self.partnership[a]
        more = (a != b) & (self.corporation[a] | self.corporation[b]) & (levels < NOTHING)
        told: Mask = both & (partners | (self.charity[a] != self.charity[b]) | more)
        return told

    def _of_names(self, left: Codes, right: Codes) -> Levels:
        """The level of names that are not equal."""
        x, y = self.company.words[left], self.company.words[right]
        equal = (x[:, :, None] == y[:, None, :]) & (x[:, :, None] != NONE)
        common = equal.any(axis=(1, 2))
        others = np.flatnonzero(~common)
        common[others[spelled(self.words, x[others, 0], y[others, 0]).same]] = True
        levels = np.full(len(left), MISSING, dtype=np.int8)
        levels[common] = self._left_over(x[common], y[common], equal[common])
        telling = np.flatnonzero(levels == TELLING)
        levels[telling[self._misspelled(left[telling], right[telling])]] = NOTHING
        a, b = self.numbers[left], self.numbers[right]
        levels[(a != NONE) & (b != NONE) & (a != b)] = TOLD_APART
        return levels

    def _misspelled(self, left: Codes, right: Codes) -> Mask:
        """Which names are one but for a slip or two, or for where their words end."""
        a, b = ([self.company.squeezed[code] for code in codes.tolist()] for codes in (left, right))
        long = [len(name) >= LONG and name[0] == other[0] for name, other in zip(a, b, strict=True)]
        near: Mask = (edits(a, b, self.slips) <= self.slips) & np.array(long, dtype=np.bool_)
        return near

    def _left_over(self, x: Codes, y: Codes, equal: npt.NDArray[np.bool_]) -> Levels:
        """The level by the words x of some names and y of the others. equal: which of them are the same."""
        mine, theirs = (x != NONE) & ~equal.any(axis=2), (y != NONE) & ~equal.any(axis=1)
        pair, a, b = np.nonzero(mine[:, :, None] & theirs[:, None, :])
        words = spelled(self.words, x[pair, a], y[pair, b])
        alike = np.zeros((len(x), x.shape[1], y.shape[1]), dtype=np.bool_)
        alike[pair, a, b] = words.same | words.begins
        rest = words.ends & (alike[pair, :, b].any(axis=1) | alike[pair, a, :].any(axis=1))
        alike[pair[rest], a[rest], b[rest]] = True
        return self._level(x, mine & ~alike.any(axis=2), y, theirs & ~alike.any(axis=1))

    def _level(self, x: Codes, mine: Mask, y: Codes, theirs: Mask) -> Levels:
        """The level by the words that are left of each name."""

        def left(words: Codes, over: Mask, kind: int) -> Mask:
            return np.asarray((over & (self.kind[words] == kind)).any(axis=1))

        levels = np.full(len(x), NOTHING, dtype=np.int8)
        levels[left(x, mine, FILLER) | left(y, theirs, FILLER)] = COMMON
        a, b = left(x, mine, PLAIN), left(y, theirs, PLAIN)
        rare = left(x, mine & self.rare[x], PLAIN) | left(y, theirs & self.rare[y], PLAIN)
        levels[a ^ b] = np.where(rare[a ^ b], ONE_SIDED, COMMON)
        levels[a & b] = TELLING
        marked = [(left(x, mine, kind), left(y, theirs, kind)) for kind in (NUMBER, SIDE, KIND)]
        levels[np.logical_or.reduce([a | b for a, b in marked])] = TELLING
        levels[np.logical_or.reduce([a & b for a, b in marked])] = TOLD_APART
        return levels

    def rarity(self, u: object, levels: Levels, shared: Codes) -> Floats:  # noqa: ARG002  what all comparisons take
        """What it adds that two names alone are spellings of one, in bits."""
        return np.where(shared == NONE, 0.0, SPELLINGS)

    def describe(self, level: int, shared: int) -> str:  # noqa: ARG002  what all comparisons take
        """A level in words."""
        return self.levels[level].words
