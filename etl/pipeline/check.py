"""Hold a config against the live source and target, before anything is planned."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from etl import config as configs
from etl.classify import classify, read_overrides
from etl.classify.literals import figures_of
from etl.classify.parents import parent_counts
from etl.connect import open_source, open_target
from etl.connect.target import require
from etl.extract import UsualWord, check_columns, extract, unnamed_tables, usual_words
from etl.model import Progress, no_progress
from etl.pipeline.planning.key_forms import refuse_another_form
from etl.pipeline.planning.masters import read_masters
from etl.pipeline.planning.retiring import rehearse_retire
from etl.pipeline.planning.target_state import moved_before
from etl.pipeline.target import refuse_another_name, refuse_unfit_constants
from etl.plan.figures import JoinFigures
from etl.plan.tables import database
from etl.report import advice
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
    hints: list[str] = []
    with tempfile.TemporaryDirectory(prefix="crm-cleanup-") as name:
        folder = Path(name)
        with open_source(config.source) as source:
            check_columns(config, source)
            target = open_target(config.target)
            try:
                fields = target.fields()
                require(fields, list(config.leads.fields), str(config.path))
                refuse_unfit_constants(target, fields, config)
                refuse_another_name(target, config)
                where, lead_id = (source.where, target.where), target.next_id()
                moved = moved_before(target, config)
                hints += target.hints()
            finally:
                target.close()
            extracted = extract(config, source, folder, columns="narrow", forgotten=forgotten, progress=progress)
            refuse_another_form(moved, extracted.datasets, config)
            met = extracted.apart.met
            hints += [advice.forget_unknown(line.line) for line in forget if line.source_key not in met]
            for dataset in extracted.datasets:
                hints += source.suggest(dataset.table)
                hints += [f"{dataset.name}: {advice.remark(remark)}" for remark in dataset.remarks]
                hints += map(_usual, usual_words(dataset, config))
            for table in unnamed_tables(config, source, extracted):
                hints.append(f"{table.table}: {advice.points_at(table.entry, table.column, table.rows)}")
        rehearse_retire(config, extracted.datasets, lead_id)
        masters = read_masters(config, folder / "masters", progress=progress)
        for master in masters:
            hints += master.hints
            hints += [f"{master.dataset.name}: {advice.remark(remark)}" for remark in master.dataset.remarks]
        with database(folder) as connection:
            progress("keys", 0, None)
            classification = classify(connection, extracted.datasets, config, overrides)
        decided = classification.decisions
        parents = list(parent_counts(decided.records, decided.families, extracted.datasets, config))
    joins = (*classification.rows.figures, *extracted.lookups)
    literals = (
        *map(figures_of, extracted.asked),
        *classification.literals,
        *(figures for master in masters for figures in master.literals),
    )
    return Checked(
        source=where[0],
        target=where[1],
        datasets={d.name: (d.rows, len({fault.row for fault in d.faults})) for d in extracted.datasets},
        masters={m.dataset.name: (m.dataset.rows, m.others, m.damaged) for m in masters},
        joins=joins,
        hints=(
            *dict.fromkeys(hints),
            *(f"{c.entry}, parents: {hint}" for c in parents for hint in advice.parent_hints(c)),
            *(f"{j.dataset}: {hint}" for j in joins for hint in advice.join_hints(j)),
            *(
                f"{place.at}: {place.dataset}.{place.column}: {hint}"
                for place in literals
                for hint in advice.literal_hints(place)
            ),
        ),
    )


def _usual(word: UsualWord) -> str:
    return f"{word.dataset}: {advice.usual_word(word.count, word.column, word.word, word.line)}"
