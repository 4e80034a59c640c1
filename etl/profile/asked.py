"""The questions that only people can decide, with numbers by the rules of the config."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from etl.config import ColumnCondition, Config, DateColumn, Exists, exists_of, single_tests
from etl.config.load import parse
from etl.config.shapes import lost_column
from etl.config.variables import VARIABLE
from etl.connect import TEXT
from etl.connect.datasets import Datasets
from etl.dates import read_dates
from etl.profile.copied import CopiedSource
from etl.profile.draft import Draft
from etl.profile.evidence import YEARS, before, of_the_first
from etl.profile.model import Table
from etl.profile.names import kinds_of
from etl.profile.profile import Profile
from etl.profile.searched import masters_in
from etl.profile.states import labels_in, said_of_states
from etl.profile.table_parts import date_of, dated_column
from etl.rows.conditions import answer, ask

ROWS = 50_000
Days = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class AskedRule:
    """What a rule of evidence counts. place: its own in `classify`; records: a line each entry, with how many records
    it would hold for, by how long ago a purchase may be; states: the words that it counts, and the others; spans:
    whether it asks how long ago; unmet: of the rows that it counts, those that name a record which is not there."""

    place: int
    records: tuple[str, ...]
    states: tuple[str, ...]
    spans: bool
    unmet: tuple[Unmet, ...]


@dataclass(frozen=True)
class Unmet:
    """The rows of evidence that name a record which is not there. shown: what they are called; without: so many of
    `rows`, those that count."""

    shown: str
    without: int
    rows: int


def rules_asked(draft: Draft, profile: Profile, as_of: date) -> Iterator[AskedRule]:
    """Ask the rules of evidence of a config in the making what they would count in the rows that were copied."""
    places, config = _config(draft, as_of)
    tables = {table.name: table for table in profile.tables}
    datasets = Datasets(CopiedSource(profile.where, tables), config)
    keys = {entry: _column(datasets, entry, said.key) for entry, said in config.source.records.items()}
    for place, rule in zip(places, config.classify, strict=False):
        asked = [each for each in exists_of(rule.when) if tables[datasets.tables[each.exists].table].rows]
        records: list[str] = []
        states: list[str] = []
        unmet: list[Unmet] = []
        for exists in asked:
            table = tables[datasets.tables[exists.exists].table]
            lines, lost = _answers(datasets, exists, table, keys, as_of)
            records += lines
            unmet.append(lost)
            states += _states(exists, table, labels_in(profile, table))
        yield AskedRule(place, tuple(records), tuple(states), any(exists.within for exists in asked), tuple(unmet))


def _config(draft: Draft, as_of: date) -> tuple[list[int], Config]:
    """What is drafted, as a config of the rules of evidence alone, with their places in the draft."""
    raw = {"target": {"url": "sqlite:///leads.db"}, **copy.deepcopy(draft.config)}
    raw.pop("masters", None)
    places = [place for place, rule in enumerate(raw["classify"]) if _may_ask(rule)]
    raw["classify"] = [*(raw["classify"][place] for place in places), {"as": "lead", "name": "all others"}]
    config = parse(
        raw, Path("config.yaml"), as_of=as_of, environ=dict.fromkeys(VARIABLE.findall(draft.text()), "unknown")
    )
    return places, config


def _may_ask(rule: Mapping[str, Any]) -> bool:
    """Whether a rule may ask for rows by which somebody bought something, or perhaps did: not where it asks a list."""
    when = rule.get("when") or {}
    is_asked = rule["as"] == "customer" or (rule["as"] == "review" and "exists" in when)
    return is_asked and not any(True for _ in masters_in(when))


def _column(datasets: Datasets, dataset: str, column: str) -> pa.Array:
    batches = datasets.read(dataset, [column], ROWS, _kept)
    return pa.concat_arrays([pa.array([], TEXT), *(chunk for batch in batches for chunk in batch.data[column].chunks)])


def _kept(value: bytes) -> str:
    return f"{len(value)} bytes"


def _answers(
    datasets: Datasets, exists: Exists, table: Table, keys: Mapping[str, pa.Array], as_of: date
) -> tuple[list[str], Unmet]:
    """How many records have a row of evidence, for each answer to how long ago it may be; and the rows without one."""
    form = _dated(exists, table)
    known = {*datasets.all_columns(exists.exists)}
    marks = [mark for mark in map(lost_column, exists.of.values()) if mark in known]
    asked = dict.fromkeys([*exists.columns(), *([form.column] if form else []), *marks])
    named: dict[str, list[pa.Array]] = {entry: [pa.array([], TEXT)] for entry in exists.of}
    days: dict[str, list[Days]] = {entry: [np.zeros(0, np.int32)] for entry in exists.of}
    rows = without = 0
    for batch in datasets.read(exists.exists, list(asked), ROWS, _kept):
        data, holds = batch.data.combine_chunks(), answer(batch.data, exists.where).holds
        met = {entry: _meet(data, column, keys[entry]) for entry, column in exists.of.items()}
        for entry, column in exists.of.items():
            counts = pa.array(holds & met[entry])
            named[entry].append(data[column].filter(counts).combine_chunks())
            if form:
                days[entry].append(read_dates(data[form.column].filter(counts), form.form))
        rows += int(holds.sum())
        without += int((holds & _lost(data, exists.of, met, marks)).sum())
    lines = [_line(exists, table, entry, named[entry], days[entry] if form else (), as_of) for entry in exists.of]
    return lines, Unmet(exists.shown, without, rows)


def _meet(data: pa.Table, column: str, keys: pa.Array) -> Mask:
    mask: Mask = np.asarray(pc.is_in(data[column], value_set=keys))
    return mask


def _lost(data: pa.Table, of: Mapping[str, str], met: Mapping[str, Mask], marks: Sequence[str]) -> Mask:
    """Which rows name a record that is not there, or fill a link that leads to none and meet no other.

    of: entry -> link column; met: by entry the rows that meet a record; marks: the columns that say where a link leads
    nowhere.
    """
    named = [np.asarray(data[column].is_valid()) & ~met[entry] for entry, column in of.items()]
    astray = [np.asarray(data[mark].is_valid()) & ~np.logical_or.reduce([*met.values()]) for mark in marks]
    mask: Mask = np.logical_or.reduce([*named, *astray])
    return mask


def _line(
    exists: Exists, table: Table, entry: str, named: Sequence[pa.Array], days: Sequence[Days], as_of: date
) -> str:
    """How many records of an entry rows name; days: those of the rows, if they have any."""
    codes = pa.concat_arrays(named).dictionary_encode()
    ever = f"{len(codes.dictionary):,} ever ({entry}){of_the_first(table)}"
    if days:
        record, at = np.asarray(codes.indices), np.concatenate(days)
        within = [f"{len(np.unique(record[at >= before(as_of, n)])):,} within {n}" for n in YEARS]
        ever = f"{', '.join(within)} years, {ever}"
    return f"{exists.shown}: {ever}"


def _dated(exists: Exists, table: Table) -> DateColumn | None:
    """The date of a row: that of the rule, or the one by which it would be asked."""
    if exists.within is not None:
        return exists.within
    column = dated_column(table, ("happened", "created"))
    if column is None:
        return None
    named = date_of(column)
    return DateColumn.model_validate(named if isinstance(named, dict) else {"column": named})


def _states(exists: Exists, table: Table, labels: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """The words of the columns by which a rule counts rows, and which of them it counts."""
    for test in single_tests(exists.where):
        is_state = isinstance(test, ColumnCondition) and not kinds_of(test.column).get("deleted")
        if is_state and test.column in table and table[test.column].top and not table[test.column].dates:
            words = [word for word, _ in table[test.column].top]
            holds = ask(test, pa.array(words, TEXT)).holds
            taken = [w for w, h in zip(words, holds, strict=True) if h]
            yield said_of_states(exists.shown, table[test.column], taken, labels.get(test.column, {}))
