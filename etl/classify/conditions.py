"""Which rules hold for which record: conditions as masks over the numbered records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import assert_never

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.classify.evidence import Evidence
from etl.classify.families import Mask
from etl.classify.matches import MasterMatches
from etl.classify.record_texts import TEXT, RecordTexts, constant, joined_texts
from etl.classify.records import Numbers, Records
from etl.config import AllOf, AnyOf, ColumnCondition, Condition, Exists, Flag, Matches, Not, Test
from etl.config.shapes import of_other_rows
from etl.errors import excerpt
from etl.model import Dataset
from etl.plan.tables import batches
from etl.rows import Answer, Asked, ask, ask_rows
from etl.texts import stored

OTHER_ROW = stored("{column}: another row of that table could count, and says otherwise")


@dataclass
class Conditions:
    """Evaluates conditions over all records: by columns, evidence (by the condition's repr) and masters, each once.

    places: where the config asks each test of a column; known: values that the config names anywhere, by column.
    """

    records: Records
    entries: Mapping[str, Dataset]
    evidence: Mapping[str, Evidence]
    masters: Mapping[str, MasterMatches]
    places: Mapping[Test, str] = field(default_factory=dict)
    known: Mapping[str, frozenset[str]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    _columns: dict[Test, tuple[Answer, RecordTexts]] = field(default_factory=dict)
    _near: dict[Test, RecordTexts] = field(default_factory=dict)

    def holds(self, condition: Condition | None) -> Mask:
        """Tell by record number for which records a condition holds; None holds for all."""
        return self.answer(condition).holds

    def answer(self, condition: Condition | None) -> Answer:
        """What each record says to a condition, by record number; None holds for all."""
        match condition:
            case None:
                return Answer.of_all(len(self.records), True)
            case ColumnCondition() | Flag():
                return self._column(condition)[0]
            case Exists():
                return self.evidence[repr(condition)].answer
            case Matches():
                mask = self.masters[condition.matches].holds(condition)
                return Answer(mask, np.zeros_like(mask))
            case AllOf(all=parts):
                return Answer.every([self.answer(part) for part in parts])
            case AnyOf(any=parts):
                return Answer.some([self.answer(part) for part in parts])
            case Not(not_=negated):
                return ~self.answer(negated)
        assert_never(condition)

    def evidence_for(self, condition: Condition | None, members: Numbers) -> pa.LargeStringArray:
        """Say what made a condition hold for some records: the column's value, or the row of another table."""
        match condition:
            case None:
                return pa.nulls(len(members), TEXT)
            case ColumnCondition() | Flag():
                answer, values = self._column(condition)
                wording = _constant_wording(condition)
                return values.of(members) if wording is None else constant(wording, answer.holds[members])
            case Exists():
                return self.evidence[repr(condition)].text.of(members)
            case Matches():
                return self.masters[condition.matches].evidence(condition).of(members)
            case AllOf(all=parts) | AnyOf(any=parts):
                return reduce(joined_texts, [self.evidence_for(part, members) for part in parts])
            case Not(not_=negated):
                return constant(_negated_wording(negated), self.holds(condition)[members])
        assert_never(condition)

    def near_values(self, condition: Condition | None, members: Numbers) -> pa.LargeStringArray:
        """Say which values of some records could turn a condition, for they nearly meet it; null where none could."""
        match condition:
            case ColumnCondition() | Flag():
                return self._near[condition].of(members)
            case Exists(shown=name):
                words = stored("{table}: a row nearly meets the rule", table=name)
                return constant(words, self.answer(condition).open[members])
            case AllOf(all=parts) | AnyOf(any=parts):
                return reduce(joined_texts, [self.near_values(part, members) for part in parts])
            case Not(not_=negated):
                return self.near_values(negated, members)
        return pa.nulls(len(members), TEXT)

    def _column(self, test: Test) -> tuple[Answer, RecordTexts]:
        if test not in self._columns:
            self._columns[test] = self._evaluate(test)
        return self._columns[test]

    def _evaluate(self, test: Test) -> tuple[Answer, RecordTexts]:
        answer = Answer.of_all(len(self.records), False)
        holding, near = _Texts(test.column), _Texts(test.column)
        for name, dataset in self.entries.items():
            if test.column not in dataset.columns or test.of not in (None, name):
                continue
            known = self.known.get(test.column, frozenset()) - _named_by(test)
            asked = Asked(self.places.get(test, ""), name, test, known)
            first = 0
            others = [column for column in of_other_rows(test.column) if column in dataset.columns]
            for batch in batches(dataset.path, [test.column, *others]):
                here = self.records.rows[name][first : first + len(batch)]
                rows = ask_rows(test, batch, asked)
                keyed = here >= 0
                answer.holds[here[rows.holds & keyed]] = True
                answer.open[here[rows.open & keyed]] = True
                if _constant_wording(test) is None:
                    holding.add(here, np.flatnonzero(rows.holds & keyed), batch.column(0))
                alone = ask(test, batch.column(0)).open if others else rows.open
                near.add(here, np.flatnonzero(rows.open & alone & keyed), batch.column(0))
                near.say(here, np.flatnonzero(rows.open & ~alone & keyed), OTHER_ROW.format(column=test.column))
                first += len(batch)
            self.asked.append(asked)
        self._near[test] = near.texts()
        return answer, holding.texts()


@dataclass
class _Texts:
    """Gathers what values some records have, in words."""

    column: str
    numbers: list[Numbers] = field(default_factory=list)
    words: list[pa.Array] = field(default_factory=list)

    def add(self, here: Numbers, rows: np.ndarray[tuple[int], np.dtype[np.intp]], values: pa.Array) -> None:
        """Add some rows of a batch. here: the number of each row's record."""
        if len(rows):
            self.numbers.append(here[rows])
            self.words.append(_shown(self.column, values.take(pa.array(rows))))

    def say(self, here: Numbers, rows: np.ndarray[tuple[int], np.dtype[np.intp]], words: str) -> None:
        """Say the same of some rows of a batch."""
        if len(rows):
            self.numbers.append(here[rows])
            self.words.append(pa.array([words] * len(rows), TEXT))

    def texts(self) -> RecordTexts:
        """All of them."""
        if not self.numbers:
            return RecordTexts.none()
        return RecordTexts.first(np.concatenate(self.numbers), pa.concat_arrays(self.words))


def _named_by(test: Test) -> frozenset[str]:
    return frozenset(test.literals) if isinstance(test, ColumnCondition) else frozenset()


def _shown(column: str, values: pa.Array) -> pa.LargeStringArray:
    """`column is 'value'`, each distinct value excerpted once."""
    distinct = pc.dictionary_encode(values)
    words = [_says(column, value) for value in distinct.dictionary.to_pylist()]
    return pa.array(words, TEXT).take(distinct.indices)


def _says(column: str, value: str) -> str:
    return stored("{column} is {quoted}", column=column, quoted=repr(excerpt(value)))


def _constant_wording(test: Test) -> str | None:
    """What is said of every record for which a test holds, where that is the same for all."""
    if isinstance(test, Flag):
        return None
    if test.empty is not None:
        words = stored("{column} is empty") if test.empty else stored("{column} is filled")
        return words.format(column=test.column)
    return None if test.equals is None or test.fold else _says(test.column, test.equals)


def _negated_wording(condition: Condition) -> str:
    """What is said of every record for which a condition does not hold."""
    match condition:
        case ColumnCondition():
            return _not_wording(condition)
        case Flag(flag=name):
            return stored("{column} does not say yes", column=name)
        case Exists(shown=name):
            return stored("no such row in {table}", table=name)
        case Matches(matches=name):
            return stored("no such match in {master}", master=name)
    return stored("the rule's exceptions do not apply")


def _not_wording(condition: ColumnCondition) -> str:
    column = condition.column
    if condition.empty is not None:
        words = stored("{column} is not empty") if condition.empty else stored("{column} is empty")
        return words.format(column=column)
    if condition.matches is not None:
        return stored("{column} does not match the rule's pattern", column=column)
    if condition.equals is None:
        return stored("{column} is none of the rule's values", column=column)
    return stored("{column} is not {quoted}", column=column, quoted=repr(excerpt(condition.equals)))
