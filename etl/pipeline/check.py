"""Hold a config against the live source and target, before anything is planned."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from etl import config as configs
from etl.classify import classify, read_overrides
from etl.classify.literals import CONSENT, figures_of, silent_columns
from etl.classify.parents import parent_counts
from etl.config import Config
from etl.config.forgotten import ForgetLine
from etl.connect import open_source, open_target
from etl.connect.source import Source
from etl.connect.target import require
from etl.extract import Extracted, UsualWord, check_columns, extract, unasked_columns, unnamed_tables, usual_words
from etl.model import Dataset, Progress, no_progress
from etl.pipeline.planning.key_forms import refuse_another_form
from etl.pipeline.planning.masters import ReadMaster, read_masters
from etl.pipeline.planning.retiring import rehearse_retire
from etl.pipeline.planning.target_state import moved_before
from etl.pipeline.target import refuse_another_name, refuse_unfit_constants
from etl.plan.figures import JoinFigures, LiteralFigures, ParentCounts
from etl.plan.tables import database
from etl.report import advice, join_advice
from etl.report.alarms import no_row, rule_alarms
from etl.report.consent import silent, unasked
from etl.rows.forgotten import Forgotten, lines_to_forget


@dataclass(frozen=True)
class Checked:
    """What a config meets.

    datasets: name -> rows that were read, rows that are damaged. masters: name -> customers, rows that `where` leaves
    out, rows that are damaged. joins: how keys met. hints: what should be looked at, each a sentence; none is an error.
    """

    source: str
    target: str
    datasets: dict[str, tuple[int, int]]
    masters: dict[str, tuple[int, int, int]]
    joins: tuple[JoinFigures, ...]
    hints: tuple[str, ...]


def check(config_path: Path, *, progress: Progress = no_progress) -> Checked:
    """Check a config; only the columns that it names are read, into a folder that is deleted afterwards.

    Raises ConfigError, SourceError or TargetError for what makes a plan impossible.
    """
    config = configs.load(config_path)
    overrides, forget = read_overrides(config), lines_to_forget(config)
    forgotten = Forgotten(frozenset(line.source_key for line in forget))
    with tempfile.TemporaryDirectory(prefix="crm-cleanup-") as name:
        folder = Path(name)
        with open_source(config.source) as source:
            check_columns(config, source)
            target = _look_at_target(config)
            extracted = extract(config, source, folder, columns="narrow", forgotten=forgotten, progress=progress)
            refuse_another_form(target.moved, extracted.datasets, config)
            of_source, where = list(_source_hints(config, source, extracted, forget)), source.where
        rehearse_retire(config, extracted.datasets, target.lead_id)
        masters = read_masters(config, folder / "masters", progress=progress)
        with database(folder) as connection:
            progress("keys", 0, None)
            classification = classify(connection, extracted.datasets, config, overrides)
        decided = classification.decisions
        parents = list(parent_counts(decided.records, decided.families, extracted.datasets, config))
    joins = (*classification.rows.figures, *extracted.lookups)
    literals = (
        *map(figures_of, (*extracted.asked, *extracted.dates)),
        *classification.literals,
        *(figures for master in masters for figures in master.literals),
    )
    return Checked(
        source=where,
        target=target.where,
        datasets={d.name: (d.rows, len({fault.row for fault in d.faults})) for d in extracted.datasets},
        masters={m.dataset.name: (m.dataset.rows, m.others, m.damaged) for m in masters},
        joins=joins,
        hints=(
            *rule_alarms(config),
            *(no_row(d.name) for d in extracted.datasets if d.kind == "entry" and not d.rows + d.left_out),
            *dict.fromkeys((*target.hints, *of_source, *_master_hints(masters))),
            *_hints_of_figures(parents, joins, literals),
            *(f"{CONSENT}: {silent(column)}" for column in silent_columns(classification.literals)),
        ),
    )


@dataclass(frozen=True)
class _Target:
    """What is known of a target that the config fits. moved: what its ledger has; lead_id: an id such as it gives."""

    where: str
    lead_id: str | None
    moved: pa.Table
    hints: list[str]


def _look_at_target(config: Config) -> _Target:
    target = open_target(config.target)
    try:
        fields = target.fields()
        require(fields, list(config.leads.fields), str(config.path))
        refuse_unfit_constants(target, fields, config)
        refuse_another_name(target, config)
        unlisted = [f"leads.fields.{n}: {fields[n].unlisted}" for n in config.leads.fields if fields[n].unlisted]
        hints = [*target.hints(), *unlisted]
        return _Target(target.where, target.next_id(), moved_before(target, config), hints)
    finally:
        target.close()


def _source_hints(config: Config, source: Source, extracted: Extracted, forget: list[ForgetLine]) -> Iterator[str]:
    """What should be looked at in the source: records to forget, how tables were read, tables that nobody named."""
    for line in forget:
        if line.source_key not in extracted.apart.met:
            yield advice.forget_unknown(line.line)
    for dataset in extracted.datasets:
        yield from source.suggest(dataset.table)
        yield from _remarks(dataset)
        yield from map(_usual, usual_words(dataset, config))
    yield from map(unasked, unasked_columns(extracted.datasets, config))
    for table in unnamed_tables(config, source, extracted):
        yield f"{table.table}: {join_advice.points_at(table.entry, table.column, table.rows, table.near)}"


def _master_hints(masters: Sequence[ReadMaster]) -> Iterator[str]:
    for master in masters:
        yield from master.hints
        yield from _remarks(master.dataset)


def _hints_of_figures(
    parents: Sequence[ParentCounts], joins: Sequence[JoinFigures], literals: Sequence[LiteralFigures]
) -> Iterator[str]:
    """Where keys, dates and values do not meet, each with its place."""
    for counts in parents:
        yield from (f"{counts.entry}, parents: {hint}" for hint in advice.parent_hints(counts))
    yield from (f"{tables}: {hint}" for tables, hint in join_advice.hints_of_joins(joins))
    some_words = [place for place in literals if advice.are_some_words(place)]
    for place in literals:
        if place in some_words:
            continue
        yield from (f"{place.at}: {place.dataset}.{place.column}: {hint}" for hint in advice.literal_hints(place))
    yield from advice.unused_words(some_words)


def _remarks(dataset: Dataset) -> Iterator[str]:
    return (f"{dataset.name}: {advice.remark(remark)}" for remark in dataset.remarks)


def _usual(word: UsualWord) -> str:
    return f"{word.dataset}: {advice.usual_word(word.count, word.column, word.word, word.line)}"
