"""Decide on everything and bring the snapshot into the order of families: the part of a plan that is not in chunks."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from etl.classify import Decisions, Override, classify
from etl.classify.decide import FLIP_SCHEMA
from etl.classify.rows import ORPHAN_SCHEMA, REJECT_SCHEMA, orphan_rows, reject_rows
from etl.config import Config
from etl.model import Dataset
from etl.pipeline.parallel import workers
from etl.pipeline.planning.linkage import Held
from etl.pipeline.settings import Settings
from etl.plan.snapshot import COMPRESSION, ChunkPlace, Place, arrange
from etl.plan.tables import database
from etl.report.safe_csv import write_csv

REJECTS = "rejects.csv"
FLIPS = "flips.parquet"


@dataclass(frozen=True)
class Task:
    """What is to be decided on.

    folder: the plan's, with what extract has copied in `staging`. held: what was found on masters, and of duplicates.
    """

    folder: Path
    config: Config
    datasets: Sequence[Dataset]
    masters: Sequence[Dataset]
    held: Held
    overrides: Sequence[Override]
    moved: pa.Table
    settings: Settings


@dataclass(frozen=True)
class Decided:
    """The decisions, and the chunks of the snapshot that was written."""

    decisions: Decisions
    chunks: Sequence[ChunkPlace]


def decide(task: Task) -> Decided:
    """Classify all records, write the rejects and orphans, and arrange the snapshot.

    With several workers this runs in a process of its own, which hands its result over in a file: what the joins of a
    million keys take in memory is gone before the result is read, and the leads are made.
    """
    if task.settings.workers == 1:
        return _decide(task)
    with workers(2, most=1) as each:
        [path] = each(_decide_aside, [task])
    with path.open("rb") as file:
        decided: Decided = pickle.load(file)  # noqa: S301  written a moment ago, in a folder of its owner alone
    path.unlink()
    return decided


def _decide_aside(task: Task) -> Path:
    path = task.folder / "decided"
    with path.open("wb") as file:
        pickle.dump(_decide(task), file, protocol=5)
    return path


def _decide(task: Task) -> Decided:
    folder, config, settings = task.folder, task.config, task.settings
    with database(folder, settings.workers) as connection:
        datasets = (*task.datasets, *task.masters)
        decisions = classify(connection, datasets, config, task.overrides, task.moved, task.held.found())
    keys = {name: table.key for name, table in config.source.related.items()}
    _write(folder / "orphans.parquet", ORPHAN_SCHEMA, orphan_rows(decisions, task.datasets, keys, config))
    rejects = reject_rows(decisions)
    _write(folder / "rejects.parquet", REJECT_SCHEMA, [rejects])
    write_csv(folder / REJECTS, rejects)
    pq.write_table(decisions.flips, folder / FLIPS, **COMPRESSION)
    snapshot = folder / "snapshot"
    snapshot.mkdir()
    chunks = arrange(
        task.datasets,
        _places(decisions, config),
        decisions.group,
        decisions.records.source_key,
        snapshot,
        chunk_bytes=settings.chunk_bytes,
        chunk_records=settings.chunk_records,
    )
    return Decided(replace(decisions, owners={}, orphans={}, flips=FLIP_SCHEMA.empty_table()), chunks)


def _places(decisions: Decisions, config: Config) -> dict[str, Place]:
    """Which record each row stands with, and how the rows of one record are ordered."""
    places = {name: Place(rows) for name, rows in decisions.records.rows.items()}
    for name, joined in decisions.owners.items():
        related = config.source.related.get(name)
        order = related.order_by if related else None
        key = related.key if related else None
        places[name] = Place(joined.owner, order.column if order else None, key, order.format if order else None)
    return places


def _write(path: Path, schema: pa.Schema, tables: Iterable[pa.Table]) -> None:
    with pq.ParquetWriter(path, schema, **COMPRESSION) as writer:
        for table in tables:
            writer.write_table(table)
