"""The questions that only people can decide, with numbers by the rules that a known system's config has."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from etl.config import ColumnCondition, Config, DateColumn, Exists, exists_of, single_tests
from etl.config.load import parse
from etl.config.variables import VARIABLE
from etl.connect import TEXT
from etl.connect.datasets import Datasets
from etl.dates import read_dates
from etl.profile.copied import CopiedSource
from etl.profile.draft import Draft
from etl.profile.evidence import YEARS, before, of_the_first, said_of_states
from etl.profile.model import Table
from etl.profile.names import kinds_of
from etl.profile.profile import Profile
from etl.profile.table_parts import date_of, dated_column
from etl.rows.conditions import answer, ask

ROWS = 50_000
Days = npt.NDArray[np.int32]


def rules_asked(draft: Draft, profile: Profile, as_of: date) -> tuple[list[str], list[str], bool]:
    """How many records each rule of evidence would make customers, a line each; the states that it counts; and whether
    any of them asks how long ago it was."""
    config = _config(draft, as_of)
    tables = {table.name: table for table in profile.tables}
    datasets = Datasets(CopiedSource(profile.where, tables), config)
    keys = {entry: _column(datasets, entry, said.key) for entry, said in config.source.records.items()}
    rules = [exists for rule in config.classify if rule.as_ == "customer" for exists in exists_of(rule.when)]
    years: list[str] = []
    states: list[str] = []
    for exists in rules:
        table = tables[datasets.tables[exists.exists].table]
        if not table.rows:
            continue
        years += _answers(datasets, exists, table, keys, as_of)
        states += _states(exists, table)
    return years, states, any(exists.within for exists in rules)


def _config(draft: Draft, as_of: date) -> Config:
    """What is drafted, as a config that rows can be asked by; masters come into the rules later."""
    raw = {"target": {"url": "sqlite:///leads.db"}, **copy.deepcopy(draft.config)}
    raw.pop("masters", None)
    return parse(
        raw, Path("config.yaml"), as_of=as_of, environ=dict.fromkeys(VARIABLE.findall(draft.text()), "unknown")
    )


def _column(datasets: Datasets, dataset: str, column: str) -> pa.Array:
    batches = datasets.read(dataset, [column], ROWS, _kept)
    return pa.concat_arrays([pa.array([], TEXT), *(chunk for batch in batches for chunk in batch.data[column].chunks)])


def _kept(value: bytes) -> str:
    return f"{len(value)} bytes"


def _answers(
    datasets: Datasets, exists: Exists, table: Table, keys: Mapping[str, pa.Array], as_of: date
) -> Iterator[str]:
    """How many records have a row of evidence, for each answer to how long ago it may be."""
    form = _dated(exists, table)
    asked = dict.fromkeys([*exists.columns(), *([form.column] if form else [])])
    named: dict[str, list[pa.Array]] = {entry: [] for entry in exists.of}
    days: dict[str, list[Days]] = {entry: [] for entry in exists.of}
    for batch in datasets.read(exists.exists, list(asked), ROWS, _kept):
        holds = answer(batch.data, exists.where).holds
        for entry, column in exists.of.items():
            met = pa.array(holds & np.asarray(pc.is_in(batch.data[column].combine_chunks(), value_set=keys[entry])))
            named[entry].append(batch.data[column].combine_chunks().filter(met))
            if form:
                days[entry].append(read_dates(batch.data[form.column].filter(met), form.form))
    for entry in exists.of:
        codes = pa.concat_arrays([pa.array([], TEXT), *named[entry]]).dictionary_encode()
        ever = f"{len(codes.dictionary):,} ever ({entry}){of_the_first(table)}"
        if form:
            found_in, at = np.asarray(codes.indices), np.concatenate([np.zeros(0, np.int32), *days[entry]])
            within = [f"{len(np.unique(found_in[at >= before(as_of, n)])):,} within {n}" for n in YEARS]
            ever = f"{', '.join(within)} years, {ever}"
        yield f"{exists.shown}: {ever}"


def _dated(exists: Exists, table: Table) -> DateColumn | None:
    """The date of a row: that of the rule, or the one by which it would be asked."""
    if exists.within is not None:
        return exists.within
    column = dated_column(table, ("happened", "created"))
    if column is None:
        return None
    named = date_of(column)
    return DateColumn.model_validate(named if isinstance(named, dict) else {"column": named})


def _states(exists: Exists, table: Table) -> Iterator[str]:
    """The words of the columns by which a rule counts rows, and which of them it counts."""
    for test in single_tests(exists.where):
        is_state = isinstance(test, ColumnCondition) and not kinds_of(test.column).get("deleted")
        if is_state and test.column in table and table[test.column].top:
            words = [word for word, _ in table[test.column].top]
            holds = ask(test, pa.array(words, TEXT)).holds
            yield said_of_states(exists.shown, table[test.column], [w for w, h in zip(words, holds, strict=True) if h])
