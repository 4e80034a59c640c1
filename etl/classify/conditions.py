"""Which rules hold for which record: conditions as masks over the numbered records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.classify.evidence import Evidence
from etl.classify.families import Mask
from etl.classify.records import Numbers, Records
from etl.config import AllOf, AnyOf, ColumnCondition, Condition, Exists, Not
from etl.errors import excerpt
from etl.model import Dataset
from etl.plan.tables import batches


@dataclass
class Holding:
    """What the records are asked: their columns, and the evidence found for `exists` (by its repr), each asked once."""

    records: Records
    entries: Mapping[str, Dataset]
    evidence: Mapping[str, Evidence]
    _columns: dict[ColumnCondition, tuple[Mask, dict[int, str]]] = field(default_factory=dict)

    def holds(self, condition: Condition | None) -> Mask:
        """Tell by record number for which records a condition holds; None holds for all."""
        match condition:
            case None:
                return np.ones(len(self.records), dtype=np.bool_)
            case ColumnCondition():
                return self._column(condition)[0]
            case Exists():
                return self.evidence[repr(condition)].holds
            case AllOf(all=inner):
                return np.logical_and.reduce([self.holds(one) for one in inner])
            case AnyOf(any=inner):
                return np.logical_or.reduce([self.holds(one) for one in inner])
            case Not(not_=one):
                return ~self.holds(one)
        raise TypeError(condition)

    def words(self, condition: Condition | None, number: int) -> list[str]:
        """Say what made a condition hold for a record: its column's value, the row in the other table."""
        match condition:
            case ColumnCondition():
                mask, values = self._column(condition)
                return [f"{condition.column} {values.get(number, _constant(condition))}"] if mask[number] else []
            case Exists():
                row = self.evidence[repr(condition)].text.get(number)
                return [row] if row is not None else []
            case AllOf(all=inner) | AnyOf(any=inner):
                return [word for one in inner for word in self.words(one, number)]
            case Not(not_=one):
                return [] if self.words(one, number) else [f"no {_subject(one)}"]
        return []

    def _column(self, condition: ColumnCondition) -> tuple[Mask, dict[int, str]]:
        if condition not in self._columns:
            self._columns[condition] = self._ask(condition)
        return self._columns[condition]

    def _ask(self, condition: ColumnCondition) -> tuple[Mask, dict[int, str]]:
        mask = np.zeros(len(self.records), dtype=np.bool_)
        words: dict[int, str] = {}
        for name, dataset in self.entries.items():
            if condition.column not in dataset.columns or condition.of not in (None, name):
                continue
            first, numbers = 0, self.records.rows[name]
            for batch in batches(dataset.path, [condition.column]):
                _ask_rows(condition, batch.column(0), numbers[first : first + len(batch)], mask, words)
                first += len(batch)
        return mask, words


def _ask_rows(condition: ColumnCondition, values: pa.Array, numbers: Numbers, mask: Mask, words: dict[int, str]) -> None:
    rows = np.flatnonzero(np.asarray(_test(condition, values)) & (numbers >= 0))
    mask[numbers[rows]] = True
    if condition.in_ is not None or condition.matches is not None:
        found = values.take(pa.array(rows)).to_pylist()
        words.update((number, f"is {excerpt(value)!r}") for number, value in zip(numbers[rows].tolist(), found, strict=True))


def _constant(condition: ColumnCondition) -> str:
    if condition.empty is not None:
        return "is empty" if condition.empty else "is filled"
    return f"is {excerpt(condition.equals or '')!r}"


def _test(condition: ColumnCondition, values: pa.Array) -> pa.Array:
    if condition.empty is not None:
        return pc.equal(pc.is_null(values), condition.empty)
    if condition.matches is not None:
        return pc.match_substring_regex(values, f"^(?:{condition.matches})$").fill_null(False)
    wanted: Sequence[str] = condition.in_ if condition.in_ is not None else [condition.equals or ""]
    return pc.is_in(values, pa.array(wanted, values.type))


def _subject(condition: Condition) -> str:
    match condition:
        case ColumnCondition(column=name) | Exists(exists=name):
            return name
    return "such evidence"
