"""Ask rows what the config's conditions say of their columns, and notice the values that nearly meet them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from etl.config import AllOfRow, AnyOfRow, ColumnCondition, Flag, NotOfRow, Test
from etl.config.dates import DateColumn
from etl.config.shapes import each_column, instead_column
from etl.rows.lists import rows_of_lists
from etl.rows.literals import (
    FALSE,
    Nearness,
    alike,
    canonical,
    flagged,
    folded,
    listed_words,
    nearness,
    same_truth,
    visible,
)

Mask = npt.NDArray[np.bool_]
MOST = 20_000
"""So many different values that nearly meet one test are counted one by one."""
Rows: TypeAlias = pa.Table | pa.RecordBatch


@dataclass(frozen=True)
class Answer:
    """What rows say to a condition.

    holds: as the config has it; open: where a value that nearly meets could turn it.
    """

    holds: Mask
    open: Mask

    @staticmethod
    def of_all(count: int, holds: bool) -> Answer:
        """The same answer of so many rows, and no doubt about it."""
        return Answer(np.full(count, holds, dtype=np.bool_), np.zeros(count, dtype=np.bool_))

    @property
    def possible(self) -> Mask:
        """Where it holds, or could."""
        return self.holds | self.open

    @property
    def sure(self) -> Mask:
        """Where it holds without a doubt."""
        return self.holds & ~self.open

    def __invert__(self) -> Answer:
        return Answer(~self.holds, self.open)

    @staticmethod
    def every(answers: Sequence[Answer]) -> Answer:
        """What rows say to all of several conditions together."""
        holds, possible, sure = (np.logical_and.reduce(masks) for masks in _apart(answers))
        return Answer(holds, possible & ~sure)

    @staticmethod
    def some(answers: Sequence[Answer]) -> Answer:
        """What rows say to one or the other of several conditions."""
        holds, possible, sure = (np.logical_or.reduce(masks) for masks in _apart(answers))
        return Answer(holds, possible & ~sure)


def _apart(answers: Sequence[Answer]) -> Iterator[list[Mask]]:
    yield [answer.holds for answer in answers]
    yield [answer.possible for answer in answers]
    yield [answer.sure for answer in answers]


@dataclass
class Asked:
    """What was asked of one column by one test, or as a column of dates, gathered over all batches.

    at: where the config asks it. known: values that the config names elsewhere for the column, and that so are no near
    misses. truths: whether another word for the same yes or no nearly meets. near: value -> rows of it that nearly
    meet, rest: rows with values beyond the first MOST of these in the order of the alphabet; met: the literals that
    some row has; rows: that have a value; meeting: for which the test holds. formats: of dates that cannot be read, the
    usual formats each of which reads the whole column.
    """

    at: str
    dataset: str
    test: Test | DateColumn
    known: frozenset[str] = frozenset()
    truths: bool = True
    near: Counter[str] = field(default_factory=Counter)
    met: set[str] = field(default_factory=set)
    rows: int = 0
    meeting: int = 0
    rest: int = 0
    formats: tuple[str, ...] = ()
    _last: str | None = None

    def add(self, values: pa.Array, rows: npt.NDArray[Any]) -> None:
        """Count rows of values that nearly meet: so many of them that memory suffices, the same ones in any order."""
        if self._last is not None:
            inside = np.asarray(pc.less_equal(values, self._last))
            self.rest += int(rows[~inside].sum())
            values, rows = values.filter(pa.array(inside)), rows[inside]
        for value, count in zip(values.to_pylist(), rows.tolist(), strict=True):
            self.near[value] += count
        if len(self.near) > MOST:
            for value in sorted(self.near)[MOST:]:
                self.rest += self.near.pop(value)
            self._last = max(self.near)

    def forget(self) -> None:
        """Say nothing of the column: it is none of what the config was taken to say."""
        self.near.clear()
        self.meeting = self.rows = self.rest = 0

    def nearness(self, value: str) -> Nearness:
        """By what a value differs from what the test names."""
        if not value:
            return "empty"
        if isinstance(self.test, DateColumn):
            return "date"
        if isinstance(self.test, Flag):
            return "unknown"
        if self.test.empty is not None:
            return "blanks"
        literals = self.test.literals if self.test.matches is None else listed_words(self.test.matches)
        return nearness(value, frozenset(literals)) if literals else "case"

    @property
    def never(self) -> tuple[str, ...]:
        """The values that the test names and that no row has."""
        literals = self.test.literals if isinstance(self.test, ColumnCondition) else ()
        return tuple(literal for literal in dict.fromkeys(literals) if literal not in self.met)


def gather(
    at: str, dataset: str, tests: Sequence[Test], known: frozenset[str] = frozenset(), *, truths: bool = True
) -> dict[Test, Asked]:
    """What the tests of one place of the config will have gathered of one dataset."""
    of_empty = {test.column for test in tests if asks_for_empty(test)}
    return {
        test: Asked(at, dataset, test, known | {""} if test.column in of_empty else known, truths) for test in tests
    }


def asks_for_empty(test: Test) -> bool:
    """Whether a test says what an empty value means."""
    return isinstance(test, ColumnCondition) and (test.empty is not None or "" in test.literals)


def answer(
    rows: Rows, condition: object, asked: dict[Test, Asked] | None = None, unknown: Collection[str] = ()
) -> Answer:
    """What each row says to a condition on its own columns; None holds for all.

    asked: what gathers the values that nearly meet, for each test of the condition. unknown: columns of which nobody
    knows what they held: tests of them are open.
    """
    match condition:
        case None:
            return Answer.of_all(rows.num_rows, True)
        case AllOfRow(all=parts):
            return Answer.every([answer(rows, part, asked, unknown) for part in parts])
        case AnyOfRow(any=parts):
            return Answer.some([answer(rows, part, asked, unknown) for part in parts])
        case NotOfRow(not_=part):
            return ~answer(rows, part, asked, unknown)
        case ColumnCondition() | Flag() if condition.column in unknown:
            return Answer(np.zeros(rows.num_rows, dtype=np.bool_), np.ones(rows.num_rows, dtype=np.bool_))
        case ColumnCondition() | Flag():
            return ask_rows(condition, rows, asked[condition] if asked else None)
    raise TypeError(condition)


def ask_rows(test: Test, rows: Rows, asked: Asked | None = None) -> Answer:
    """What each row says to a test of a column, and all rows of another table that the column may have its value from.

    Where all of them count, one that meets is enough; one that could count instead leaves the answer open, if its own
    is another.
    """
    said = ask(test, rows[test.column], asked)
    holds, opens = said.holds, said.open
    each, instead = each_column(test.column), instead_column(test.column)
    if each in rows.schema.names:
        places, values = rows_of_lists(rows[each])
        if len(places):
            inner = ask(test, values, asked)
            holds, opens = holds.copy(), opens.copy()
            holds[places], opens[places] = False, False
            holds[places[inner.holds]] = True
            opens[places[inner.open]] = True
            opens[places[inner.sure]] = False
    if instead in rows.schema.names:
        places, values = rows_of_lists(rows[instead])
        if len(places):
            inner = ask(test, values)
            opens = opens.copy()
            opens[places[inner.open | (inner.holds != holds[places])]] = True
    return Answer(holds, opens)


def ask(test: Test, values: pa.Array | pa.ChunkedArray, asked: Asked | None = None) -> Answer:
    """What each value of a column says to a test: each distinct value is asked once."""
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    encoded = pc.dictionary_encode(values)
    words = encoded.dictionary
    holds, near = flagged(words) if isinstance(test, Flag) else _asked_of(test, words, asked is None or asked.truths)
    if asked is not None and len(asked.known):
        near &= ~np.asarray(pc.is_in(words, pa.array(sorted(asked.known), words.type)))
    of_null = isinstance(test, ColumnCondition) and (test.empty is True or "" in test.literals)
    places: npt.NDArray[np.intp] = encoded.indices.fill_null(len(words)).to_numpy(zero_copy_only=False)
    answers = Answer(np.append(holds, of_null)[places], np.append(near, False)[places])
    if asked is not None:
        asked.meeting += int(np.count_nonzero(answers.holds))
        counts = np.bincount(places, minlength=len(words) + 1)
        _gather(asked, words, near, counts[: len(words)])
        if counts[-1] and asked.truths and "" not in asked.known and _only_says_no(test):
            asked.add(pa.array([""], pa.large_string()), counts[-1:])
        elif counts[-1] and isinstance(test, ColumnCondition) and "" in test.literals:
            asked.met.add("")
    return answers


def _only_says_no(test: Test) -> bool:
    """Whether a test names nothing but words for no: systems leave such a value empty as often as they write it."""
    if not isinstance(test, ColumnCondition) or not test.literals or test.fold is False:
        return False
    return set(canonical(pa.array(test.literals, pa.large_string())).to_pylist()) <= FALSE


def count_near(asked: Asked, words: pa.Array, counts: npt.NDArray[Any], near: Mask) -> None:
    """Count the rows of distinct values of a column of dates, some of which cannot be read."""
    asked.meeting += int(counts[~near].sum())
    _gather(asked, words, near, counts)


def _gather(asked: Asked, words: pa.Array, near: Mask, counts: npt.NDArray[Any]) -> None:
    asked.rows += int(counts.sum())
    chosen = np.flatnonzero(near & (counts > 0))
    asked.add(words.take(pa.array(chosen)), counts[chosen])
    if isinstance(asked.test, ColumnCondition):
        missing = [literal for literal in asked.test.literals if literal not in asked.met]
        if missing:
            wanted, present = pa.array(missing, words.type), words
            if asked.test.fold:
                wanted, present = folded(wanted), folded(words)
            met = pc.is_in(wanted, present).to_pylist()
            asked.met |= {literal for literal, is_met in zip(missing, met, strict=True) if is_met}


def _asked_of(test: ColumnCondition, words: pa.Array, truths: bool) -> tuple[Mask, Mask]:
    """For which values a test holds, and which others only look alike. truths: or say the same yes or no."""
    if test.empty is not None:
        blank = np.asarray(pc.equal(pc.utf8_length(pc.utf8_trim_whitespace(words)), 0))
        return np.full(len(words), not test.empty), blank
    if test.matches is not None:
        return _matching(test, words, truths)
    literals = pa.array(test.literals, words.type)
    texts = folded(words) if test.fold else words
    holds = np.asarray(pc.is_in(texts, folded(literals) if test.fold else literals))
    if test.fold is False:
        return holds, np.zeros_like(holds)
    meant = {form for forms in alike(literals) for form in forms.to_pylist()}
    known = pa.array(sorted(meant | (same_truth(frozenset(meant)) if truths else frozenset())), words.type)
    near = np.logical_or.reduce([np.asarray(pc.is_in(forms, known)) for forms in alike(words)])
    return holds, near & ~holds


def _matching(test: ColumnCondition, words: pa.Array, truths: bool) -> tuple[Mask, Mask]:
    """The same for a pattern. `ß` stands in it as it is written, and in folded texts as `ss`: both are asked. One that
    lists words means by them what literals do."""
    any_case, sharp = f"(?i)^(?:{test.matches})$", f"(?i)^(?:{(test.matches or '').replace('ß', '(?:ß|ss)')})$"
    near = _any_matches([pc.utf8_trim_whitespace(words), visible(words), *alike(words)], sharp)
    if truths and (listed := listed_words(test.matches or "")):
        same = same_truth(frozenset(canonical(pa.array(listed, words.type)).to_pylist()))
        near |= np.asarray(pc.is_in(canonical(words), pa.array(sorted(same), words.type)))
    if test.fold:
        holds = _any_matches([visible(words), folded(words)], any_case)
        return holds, near & ~holds
    holds = _any_matches([words], f"^(?:{test.matches})$")
    return holds, np.zeros_like(holds) if test.fold is False else near & ~holds


def _any_matches(forms: Sequence[pa.Array], pattern: str) -> Mask:
    masks = [np.asarray(pc.match_substring_regex(form, pattern)) for form in forms]
    return np.logical_or.reduce(masks)  # type: ignore[no-any-return]
