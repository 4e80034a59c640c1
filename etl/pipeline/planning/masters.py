"""Compare the records with the masters: read each list of known customers, match, and save the matches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl.classify.linkage import MATCH_SCHEMA, Doubt
from etl.classify.literals import figures_of
from etl.config import Config, Master, comparable, matches_of, said, single_tests
from etl.connect import TEXT
from etl.errors import SourceError, excerpt, plural
from etl.extract import read_list
from etl.matching import Scored, best_match, explanations, identities
from etl.matching.fields import Codes, joined
from etl.matching.model import Model
from etl.model import Dataset, Progress, damaged_rows, no_progress
from etl.pipeline.planning.identity import comparable_records, scored
from etl.plan.figures import LiteralFigures, MasterFigures
from etl.plan.snapshot import COMPRESSION
from etl.rows import answer, gather

LEAST = 0.5
"""Matches that are less likely than this are not written down, where no rule asks for them."""
DOUBTS = {best_match.CERTAIN: None, best_match.SEVERAL: Doubt.SEVERAL, best_match.RIVAL: Doubt.RIVAL}


@dataclass(frozen=True)
class ReadMaster:
    """A master as a plan keeps it: its rows that count, sorted, in a file.

    where: who and where it is; damaged: rows that cannot be read; others: rows that `where` leaves out; literals: how
    the values that it names met the list. hints: what may be wrong with how the list is read.
    """

    dataset: Dataset
    where: str
    fingerprint: Mapping[str, str]
    damaged: int
    others: int
    literals: tuple[LiteralFigures, ...]
    hints: tuple[str, ...]


def read_masters(config: Config, folder: Path, *, progress: Progress = no_progress) -> list[ReadMaster]:
    """Read the masters of a config into `folder`, one Parquet file each.

    Raises ConfigError for a column that a list does not have, SourceError for a list that cannot be read or that holds
    nobody: without known customers all of them would become leads.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return [_read(config, name, master, folder, progress) for name, master in config.masters.items()]


def _read(config: Config, name: str, master: Master, folder: Path, progress: Progress) -> ReadMaster:
    customers = read_list(master, config.path, ("masters", name), name, progress=progress)
    readable = ~damaged_rows(customers.faults, len(customers.table))
    asked = gather(f"masters.{name}.where", name, single_tests(master.where))
    answered = answer(customers.table, master.where, asked)
    counted = (
        answered.possible if answered.holds.any() else answered.holds
    )  # where all only look alike, the config errs
    chosen = counted & readable
    table = customers.table.filter(pa.array(chosen))
    table = table.sort_by([(column, "ascending") for column in table.column_names]).combine_chunks()
    literals = tuple(figures_of(each) for each in asked.values())
    refuse_nobody(customers.where, name, master, customers.table, table, literals)
    path = folder / f"{name}.parquet"
    pq.write_table(table, path, **COMPRESSION)
    size = sum(pc.sum(pc.binary_length(column)).as_py() or 0 for column in table.columns)
    return ReadMaster(
        Dataset(
            name, "evidence", master.from_, path, tuple(table.column_names), len(table), size, remarks=customers.remarks
        ),
        customers.where,
        customers.fingerprint,
        len({fault.row for fault in customers.faults}),
        int(np.count_nonzero(~chosen & readable)),
        literals,
        customers.hints,
    )


def refuse_nobody(
    where: str, name: str, master: Master, rows: pa.Table, table: pa.Table, literals: Sequence[LiteralFigures]
) -> None:
    """Refuse a list that names nobody. rows: all that could be read; table: those of them that count. Raises
    SourceError."""
    if not identities.filled(identities.by_kind(table, master.identity)).any():
        raise _nobody(where, name, master, len(rows), len(table), literals)


def _nobody(
    where: str, name: str, master: Master, rows: int, chosen: int, literals: Sequence[LiteralFigures]
) -> SourceError:
    wanted, near = said(master.where), next((value for figures in literals for value in figures.near), None)
    if chosen:
        problem, advice = "its identity columns are all empty", f"name other columns in masters.{name}.identity"
    elif near:
        problem = f"{plural(near.rows, 'row')} nearly meets {wanted}, with the value {excerpt(near.value)!r}"
        advice = f"in masters.{name}.where, name the value as the list has it, or add fold: true"
    elif rows:
        problem, advice = (
            f"for none of its {plural(rows, 'row')} it holds that {wanted}",
            f"correct masters.{name}.where",
        )
    else:
        problem, advice = "it has no rows", f"name the right list in masters.{name}.from"
    return SourceError(
        f"The customer master {name} ({excerpt(master.from_)}) names no customer: {problem}. "
        "Every customer would become a lead.",
        where=where,
        next=f"{advice}, or remove masters.{name} and its rules from the config",
    )


def match_with(
    config: Config, read: ReadMaster, table: pa.Table, entries: Sequence[Dataset]
) -> tuple[Model, MasterFigures, list[pa.Table]]:
    """Match the records with one master: the model, the figures, and the matches by probability, then by number."""
    name = read.dataset.name
    master = config.masters[name]
    keys, left = comparable_records(config, entries, lambda entry: comparable(entry.identity, master.identity))
    right = identities.by_kind(table, master.identity)
    identity, count = identities.two_lists(left, right), len(left) + len(right)
    conditions = [c for rule in config.classify for c in matches_of(rule.when) if c.matches == name]
    at_least = min([LEAST, *(c.at_least for c in conditions if c.at_least is not None)])
    scores = scored(config, identity, count, len(left), name, at_least, master.model)
    best = best_match.best_matches(scores, at_least)
    rows = _MatchRows(name, scores, keys, table, master)
    kinds = dict.fromkeys(kind for condition in conditions for kind in condition.same or ())
    shared = {kind: best_match.same_number(identity, kind, count, len(left)) for kind in kinds}
    same_number = [rows.same_number(kind, same) for kind, same in shared.items()]
    surely = max((c.at_least for c in conditions if c.at_least is not None), default=1.0)
    figures = MasterFigures(
        name=name,
        where=read.where,
        table=read.dataset.table,
        rows=len(table),
        others=read.others,
        damaged=read.damaged,
        nameless=len(table) - int(np.count_nonzero(identities.filled(right))),
        records=len(left),
        compared=scores.compared,
        cut=sum(pairs for _, pairs in scores.cut.values()),
        matched=len(best.record),
        doubtful=int(np.count_nonzero(best.doubt)),
        weak_numbers=len(_weakly_known(shared.values(), best.certain(surely))),
        same_number=len(_known(shared.values(), weak=False)),
        names_differ=sum(int(pc.sum(table["names_differ"]).as_py() or 0) for table in same_number),
        pinned=master.model,
    )
    return scores.judge.model, figures, [rows.best(best), *same_number]


def _weakly_known(shared: Iterable[best_match.SameNumber], certain: Codes) -> Codes:
    """The records that share with a customer only a number that proves nothing. certain: those known by the rest."""
    return np.setdiff1d(_known(shared, weak=True), certain)


def _known(shared: Iterable[best_match.SameNumber], *, weak: bool) -> Codes:
    """The records that share numbers that prove nothing, or such that do; each once."""
    some = [same.record[[(reason is not None) is weak for reason in same.weak]] for same in shared]
    return np.unique(np.concatenate([np.zeros(0, np.int32), *some]))


@dataclass(frozen=True)
class _MatchRows:
    """Makes the rows of `matches.parquet` for one master. keys: source keys; table: the master's rows."""

    name: str
    scores: Scored
    keys: pa.ChunkedArray
    table: pa.Table
    master: Master

    def best(self, matches: best_match.BestMatches) -> pa.Table:
        """The best matches by probability."""
        rival, several = matches.doubt == best_match.RIVAL, matches.doubt == best_match.SEVERAL
        other = pc.if_else(
            pa.array(rival),
            self.keys.take(pa.array(np.where(rival, matches.other, 0))).combine_chunks().cast(TEXT),
            pc.if_else(pa.array(several), self._customers(np.where(several, matches.other, len(self.keys))), None),
        )
        doubt = pa.array([DOUBTS[code] for code in matches.doubt.tolist()], TEXT)
        return self._rows(
            "probability", matches.record, matches.known, matches.probability, matches.weight, doubt, other
        )

    def same_number(self, kind: str, same: best_match.SameNumber) -> pa.Table:
        """The matches that share a number."""
        weighed = self.scores.judge.weigh(same.record, same.known)
        doubt = pa.array([Doubt.WEAK_NUMBER if weak else None for weak in same.weak], TEXT)
        other = pa.array(same.weak, TEXT)
        return self._rows(kind, same.record, same.known, weighed.probability, weighed.weight, doubt, other)

    def _rows(
        self,
        how: str,
        record: Codes,
        customer: Codes,
        probability: np.ndarray[Any, Any],
        weight: np.ndarray[Any, Any],
        doubt: pa.Array,
        other: pa.Array,
    ) -> pa.Table:
        count, judge = len(record), self.scores.judge
        columns = {
            "source_key": self.keys.take(pa.array(record)).combine_chunks().cast(TEXT),
            "master": pa.array([self.name] * count, TEXT),
            "how": pa.array([how] * count, TEXT),
            "customer": self._customers(customer),
            "row": pa.array(customer - len(self.keys), pa.int32()),
            "probability": pa.array(np.round(probability, 6)),
            "weight": pa.array(np.round(weight, 3)),
            "doubt": doubt,
            "other": other,
            "names_differ": pa.array(best_match.differ_wholly(judge, record, customer)),
            "words": explanations.explain(judge, record, customer),
        }
        return pa.table(columns, schema=MATCH_SCHEMA)

    def _customers(self, places: Codes) -> pa.Array:
        """Key and name of known customers: `0112648 'Kraszewski Metallbau GmbH'`."""
        rows = self.table.take(pa.array(places - len(self.keys)))
        named = [kind for kind in ("company", "first_name", "last_name") if kind in self.master.identity]
        columns = [rows[column].combine_chunks() for kind in named for column in self.master.identity[kind]]
        names = joined(columns) if columns else pa.nulls(len(rows), TEXT)
        keys = pc.fill_null(rows[self.master.key], "without a key").to_pylist()
        return pa.array([_named(key, name) for key, name in zip(keys, names.to_pylist(), strict=True)], TEXT)


def _named(key: str, name: str | None) -> str:
    return f"{excerpt(key)} '{excerpt(name, 60)}'" if name else excerpt(key)
