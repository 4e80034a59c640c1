"""Which rules hold for which record: conditions as masks over the numbered records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.classify.evidence import Evidence
from etl.classify.families import Mask
from etl.classify.matches import OnMaster
from etl.classify.records import Numbers, Records
from etl.classify.words import TEXT, Words, constant, joined
from etl.config import AllOf, AnyOf, ColumnCondition, Condition, Exists, Matches, Not
from etl.errors import excerpt
from etl.model import Dataset
from etl.plan.tables import batches


@dataclass
class Holding:
    """What the records are asked, each once: their columns, the evidence for `exists` (by its repr), the masters."""

    records: Records
    entries: Mapping[str, Dataset]
    evidence: Mapping[str, Evidence]
    masters: Mapping[str, OnMaster]
    _columns: dict[ColumnCondition, tuple[Mask, Words]] = field(default_factory=dict)

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
            case AllOf(all=inner):
                every: Mask = np.logical_and.reduce([self.holds(one) for one in inner])
                return every
            case AnyOf(any=inner):
                some: Mask = np.logical_or.reduce([self.holds(one) for one in inner])
                return some
            case Not(not_=one):
                return ~self.holds(one)
        raise TypeError(condition)

    def words(self, condition: Condition | None, members: Numbers) -> pa.LargeStringArray:
        """Say what made a condition hold for some records: the column's value, the row in the other table."""
        match condition:
            case ColumnCondition():
                mask, values = self._column(condition)
                said = _constant(condition)
                return values.of(members) if said is None else constant(f"{condition.column} {said}", mask[members])
            case Exists():
                return self.evidence[repr(condition)].text.of(members)
            case Matches():
                return self.masters[condition.matches].said(condition).of(members)
            case AllOf(all=inner) | AnyOf(any=inner):
                return reduce(joined, [self.words(one, members) for one in inner])
            case Not(not_=one):
                return constant(f"no {_subject(one)}", self.holds(condition)[members])
        return pa.nulls(len(members), TEXT)

    def _column(self, condition: ColumnCondition) -> tuple[Mask, Words]:
        if condition not in self._columns:
            self._columns[condition] = self._ask(condition)
        return self._columns[condition]

    def _ask(self, condition: ColumnCondition) -> tuple[Mask, Words]:
        mask = np.zeros(len(self.records), dtype=np.bool_)
        numbers: list[Numbers] = []
        texts: list[pa.Array] = []
        for name, dataset in self.entries.items():
            if condition.column not in dataset.columns or condition.of not in (None, name):
                continue
            first = 0
            for batch in batches(dataset.path, [condition.column]):
                here = self.records.rows[name][first : first + len(batch)]
                rows = np.flatnonzero(np.asarray(_test(condition, batch.column(0))) & (here >= 0))
                mask[here[rows]] = True
                if _constant(condition) is None:
                    numbers.append(here[rows])
                    texts.append(_shown(condition.column, batch.column(0).take(pa.array(rows))))
                first += len(batch)
        if not numbers:
            return mask, Words.none()
        return mask, Words.first(np.concatenate(numbers), pa.concat_arrays(texts))


def _shown(column: str, values: pa.Array) -> pa.LargeStringArray:
    """`column is 'value'`, each distinct value excerpted once."""
    distinct = pc.dictionary_encode(values)
    words = pa.array([f"{column} is {excerpt(value)!r}" for value in distinct.dictionary.to_pylist()], TEXT)
    return words.take(distinct.indices)


def _test(condition: ColumnCondition, values: pa.Array) -> pa.Array:
    if condition.empty is not None:
        return pc.equal(pc.is_null(values), condition.empty)
    if condition.matches is not None:
        return pc.match_substring_regex(values, f"^(?:{condition.matches})$").fill_null(False)
    wanted: Sequence[str] = condition.in_ if condition.in_ is not None else [condition.equals or ""]
    return pc.is_in(values, pa.array(wanted, values.type))


def _constant(condition: ColumnCondition) -> str | None:
    """What is said of every record for which a condition holds, where that is the same for all."""
    if condition.empty is not None:
        return "is empty" if condition.empty else "is filled"
    return None if condition.equals is None else f"is {excerpt(condition.equals)!r}"


def _subject(condition: Condition) -> str:
    match condition:
        case ColumnCondition(column=name) | Exists(exists=name):
            return name
        case Matches(matches=name):
            return f"match in {name}"
    return "such evidence"
