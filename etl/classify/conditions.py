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
from etl.config import AllOf, AnyOf, ColumnCondition, Condition, Exists, Matches, Not
from etl.errors import excerpt
from etl.model import Dataset
from etl.plan.tables import batches
from etl.texts import stored


@dataclass
class Conditions:
    """Evaluates conditions over all records: by columns, evidence (by the condition's repr) and masters, each once."""

    records: Records
    entries: Mapping[str, Dataset]
    evidence: Mapping[str, Evidence]
    masters: Mapping[str, MasterMatches]
    _columns: dict[ColumnCondition, tuple[Mask, RecordTexts]] = field(default_factory=dict)

    def holds(self, condition: Condition | None) -> Mask:
        """Tell by record number for which records a condition holds; None holds for all."""
        match condition:
            case None:
                return np.ones(len(self.records), dtype=np.bool_)
            case ColumnCondition():
                return self._column(condition)[0]
            case Exists():
                return self.evidence[repr(condition)].holds
            case Matches():
                return self.masters[condition.matches].holds(condition)
            case AllOf(all=parts):
                every: Mask = np.logical_and.reduce([self.holds(part) for part in parts])
                return every
            case AnyOf(any=parts):
                some: Mask = np.logical_or.reduce([self.holds(part) for part in parts])
                return some
            case Not(not_=negated):
                return ~self.holds(negated)
        assert_never(condition)

    def evidence_for(self, condition: Condition | None, members: Numbers) -> pa.LargeStringArray:
        """Say what made a condition hold for some records: the column's value, or the row of another table."""
        match condition:
            case None:
                return pa.nulls(len(members), TEXT)
            case ColumnCondition():
                mask, values = self._column(condition)
                wording = _constant_wording(condition)
                return values.of(members) if wording is None else constant(wording, mask[members])
            case Exists():
                return self.evidence[repr(condition)].text.of(members)
            case Matches():
                return self.masters[condition.matches].evidence(condition).of(members)
            case AllOf(all=parts) | AnyOf(any=parts):
                return reduce(joined_texts, [self.evidence_for(part, members) for part in parts])
            case Not(not_=negated):
                return constant(_negated_wording(negated), self.holds(condition)[members])
        assert_never(condition)

    def _column(self, condition: ColumnCondition) -> tuple[Mask, RecordTexts]:
        if condition not in self._columns:
            self._columns[condition] = self._evaluate(condition)
        return self._columns[condition]

    def _evaluate(self, condition: ColumnCondition) -> tuple[Mask, RecordTexts]:
        mask = np.zeros(len(self.records), dtype=np.bool_)
        numbers: list[Numbers] = []
        texts: list[pa.Array] = []
        for name, dataset in self.entries.items():
            if condition.column not in dataset.columns or condition.of not in (None, name):
                continue
            first = 0
            for batch in batches(dataset.path, [condition.column]):
                here = self.records.rows[name][first : first + len(batch)]
                rows = np.flatnonzero(np.asarray(_matching(condition, batch.column(0))) & (here >= 0))
                mask[here[rows]] = True
                if _constant_wording(condition) is None:
                    numbers.append(here[rows])
                    texts.append(_shown(condition.column, batch.column(0).take(pa.array(rows))))
                first += len(batch)
        if not numbers:
            return mask, RecordTexts.none()
        return mask, RecordTexts.first(np.concatenate(numbers), pa.concat_arrays(texts))


def _shown(column: str, values: pa.Array) -> pa.LargeStringArray:
    """`column is 'value'`, each distinct value excerpted once."""
    distinct = pc.dictionary_encode(values)
    words = [_says(column, value) for value in distinct.dictionary.to_pylist()]
    return pa.array(words, TEXT).take(distinct.indices)


def _says(column: str, value: str) -> str:
    return stored("{column} is {quoted}", column=column, quoted=repr(excerpt(value)))


def _matching(condition: ColumnCondition, values: pa.Array) -> pa.Array:
    if condition.empty is not None:
        return pc.equal(pc.is_null(values), condition.empty)
    if condition.matches is not None:
        return pc.match_substring_regex(values, f"^(?:{condition.matches})$").fill_null(False)
    if condition.in_ is not None:
        return pc.is_in(values, pa.array(condition.in_, values.type))
    if condition.equals is not None:
        return pc.equal(values, pa.scalar(condition.equals, values.type)).fill_null(False)
    raise TypeError(condition)


def _constant_wording(condition: ColumnCondition) -> str | None:
    """What is said of every record for which a condition holds, where that is the same for all."""
    if condition.empty is not None:
        words = stored("{column} is empty") if condition.empty else stored("{column} is filled")
        return words.format(column=condition.column)
    return None if condition.equals is None else _says(condition.column, condition.equals)


def _negated_wording(condition: Condition) -> str:
    """What is said of every record for which a condition does not hold."""
    match condition:
        case ColumnCondition():
            return _not_wording(condition)
        case Exists(exists=name):
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
