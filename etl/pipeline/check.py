"""Hold a config against the live source and target, before anything is planned."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from etl import config as configs
from etl.classify import classify, read_overrides
from etl.connect import open_source
from etl.connect.target import require
from etl.connect.targets import open_target
from etl.extract import check_columns, extract
from etl.model import Progress, no_progress
from etl.pipeline.target import refuse_another_name
from etl.plan.figures import JoinFigures
from etl.plan.tables import database


@dataclass(frozen=True)
class Checked:
    """What a config meets.

    datasets: name -> rows that were read, rows that are damaged. records: that have a key of their own. joins: how keys
    met. hints: what should be looked at, each a sentence; none is an error.
    """

    source: str
    target: str
    datasets: dict[str, tuple[int, int]]
    joins: tuple[JoinFigures, ...]
    hints: tuple[str, ...]


def check(config_path: Path, *, progress: Progress = no_progress) -> Checked:
    """Check a config; only the columns that it names are read, into a folder that is deleted afterwards.

    Raises ConfigError, SourceError or TargetError for what makes a plan impossible.
    """
    config = configs.load(config_path)
    overrides = read_overrides(config)
    hints: list[str] = []
    with tempfile.TemporaryDirectory(prefix="crm-cleanup-") as name:
        folder = Path(name)
        with open_source(config.source) as source:
            check_columns(config, source)
            target = open_target(config.target)
            try:
                require(target.fields(), list(config.leads.fields), str(config.path))
                refuse_another_name(target, config)
                where = source.where, target.where
            finally:
                target.close()
            extracted = extract(config, source, folder, columns="narrow", progress=progress)
            for dataset in extracted.datasets:
                hints += source.suggest(dataset.table)
        with database(folder) as connection:
            progress("keys", 0, None)
            decisions = classify(connection, extracted.datasets, config, overrides)
    return Checked(
        source=where[0],
        target=where[1],
        datasets={d.name: (d.rows, len({fault.row for fault in d.faults})) for d in extracted.datasets},
        joins=decisions.joins,
        hints=(*dict.fromkeys(hints), *_keys_that_do_not_meet(decisions.joins)),
    )


def _keys_that_do_not_meet(joins: tuple[JoinFigures, ...]) -> list[str]:
    hints = []
    for join in joins:
        if join.rows and not join.joined:
            hints.append(f"No row of {join.dataset} names a record that exists: compare the keys on both sides.")
        if join.would_meet_trimmed:
            hints.append(
                f"{join.would_meet_trimmed:,} more rows of {join.dataset} would meet a record "
                "if blanks around the keys were trimmed."
            )
        if join.would_meet_without_zeros > join.would_meet_trimmed:
            hints.append(
                f"{join.would_meet_without_zeros:,} more rows of {join.dataset} would meet a record "
                "if leading zeros were left out: make the keys alike in the source, "
                "or read it through a query that does."
            )
        if join.unreadable_dates:
            hints.append(
                f"{join.unreadable_dates:,} dates in {join.dataset} cannot be read: "
                "declare their `format` in `within`, or their families come into review."
            )
    return hints
