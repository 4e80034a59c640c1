"""Decide on all records and sort the snapshot by families: the part of a plan that does not work in chunks."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from etl.classify import Classification, Decisions, Override, classify
from etl.classify.decide import RowOwners
from etl.classify.override_verdicts import OverrideOutcome
from etl.classify.plan_rows import ORPHAN_SCHEMA, REJECT_SCHEMA, orphan_rows, reject_rows
from etl.classify.ties import NO_TIES, Ties
from etl.config import Config
from etl.dates import ISO_DATES
from etl.matching.addresses import Addresses
from etl.model import Dataset
from etl.pipeline.parallel import workers
from etl.pipeline.planning.edited import with_edits
from etl.pipeline.planning.forgetting import ties_of
from etl.pipeline.planning.inputs import Inputs
from etl.pipeline.planning.key_forms import refuse_another_key
from etl.pipeline.planning.linkage import LinkageFiles
from etl.pipeline.planning.run import Run
from etl.pipeline.settings import Settings
from etl.plan.figures import JoinFigures, LiteralFigures, StepFigures
from etl.plan.snapshot import COMPRESSION, Arranged, ChunkPlace, Place, arrange
from etl.plan.tables import database
from etl.report.safe_csv import REJECTS, Form, write_csv

FLIPS = "flips.parquet"


@dataclass(frozen=True)
class Decided:
    """The decisions, the chunks of the snapshot that was written, and what was counted on the way.

    rows: of each dataset, in the order of its file in the snapshot, the place of each row in the source.
    opted_out: the addresses of all records that opted out; forgotten_out: those of them that forgotten records, or
    rows that are read no further, opted out with. rows_out: how many records and further rows say that they did.
    """

    decisions: Decisions
    chunks: Sequence[ChunkPlace]
    rows: Mapping[str, npt.NDArray[np.int32]]
    joins: tuple[JoinFigures, ...]
    overrides: OverrideOutcome
    steps: tuple[StepFigures, ...]
    literals: tuple[LiteralFigures, ...]
    opted_out: Addresses
    forgotten_out: Addresses
    rows_out: int


@dataclass(frozen=True)
class _Task:
    """What a worker process needs to know.

    folder: the plan's, with what extract has copied in `staging`. moved: columns source_key, lead_id and edited. ties:
    what forgotten records leave behind.
    """

    folder: Path
    config: Config
    datasets: Sequence[Dataset]
    masters: Sequence[Dataset]
    linkage: LinkageFiles
    overrides: Sequence[Override]
    moved: pa.Table
    settings: Settings
    ties: Ties = NO_TIES


def decide(run: Run, inputs: Inputs, linkage: LinkageFiles) -> Decided:
    """Classify all records, write the rejects and orphans, and arrange the snapshot.

    With several workers this runs in a process of its own, which hands its result over in a file: what the joins of a
    million keys take in memory is gone before the result is read, and the leads are made.
    """
    run.progress("decide", 0, None)
    refuse_another_key(inputs.target.moved, inputs.datasets, run.config, inputs.retiring.moving)
    moved = with_edits(inputs.target.moved, inputs.datasets, run.config, inputs.retiring.moving)
    masters = [master.dataset for master in inputs.masters]
    common = run.folder, run.config, inputs.datasets, masters, linkage, inputs.overrides, moved, run.settings
    task = _Task(*common, ties_of(run, inputs))
    decided = _decide(task) if run.settings.workers == 1 else _decide_in_a_process(task)
    _clear_staging(run.folder)
    return decided


def _decide_in_a_process(task: _Task) -> Decided:
    with workers(2, most=1) as each:
        [path] = each(_decide_into_a_file, [task])
    with path.open("rb") as file:
        decided: Decided = pickle.load(file)  # noqa: S301  written a moment ago, in a folder of its owner alone
    path.unlink()
    return decided


def _decide_into_a_file(task: _Task) -> Path:
    path = task.folder / "decided"
    with path.open("wb") as file:
        pickle.dump(_decide(task), file, protocol=5)
    return path


def _decide(task: _Task) -> Decided:
    with database(task.folder, task.settings.workers) as connection:
        datasets = (*task.datasets, *task.masters)
        linkage = task.linkage.read()
        classification = classify(connection, datasets, task.config, task.overrides, task.moved, linkage, task.ties)
    _write_tables(task, classification)
    decisions, rows = classification.decisions, classification.rows
    arranged = _arrange(task, decisions, rows)
    return Decided(
        decisions,
        arranged.chunks,
        arranged.rows,
        rows.figures,
        classification.overrides,
        classification.sensitivity.steps,
        classification.literals,
        classification.opted_out,
        classification.forgotten_out,
        classification.rows_out,
    )


def _write_tables(task: _Task, classification: Classification) -> None:
    """Write the tables that no later step changes: orphans, rejects, and what other thresholds would decide."""
    folder, orphans = task.folder, classification.rows.orphans
    rejects = reject_rows(classification.decisions, task.config)
    _write(folder / "orphans.parquet", ORPHAN_SCHEMA, orphan_rows(orphans, task.datasets, task.config))
    _write(folder / "rejects.parquet", REJECT_SCHEMA, [rejects])
    write_csv(folder / REJECTS, rejects, Form.of(task.config))
    pq.write_table(classification.sensitivity.flips, folder / FLIPS, **COMPRESSION)


def _arrange(task: _Task, decisions: Decisions, rows: RowOwners) -> Arranged:
    """Write the snapshot in the order of families."""
    snapshot = task.folder / "snapshot"
    snapshot.mkdir()
    return arrange(
        task.datasets,
        _places(decisions, rows, task.config),
        decisions.outcome.group,
        decisions.records.source_key,
        snapshot,
        chunk_bytes=task.settings.chunk_bytes,
        chunk_records=task.settings.chunk_records,
    )


def _places(decisions: Decisions, rows: RowOwners, config: Config) -> dict[str, Place]:
    """Which record each row belongs to, and how the rows of one record are ordered."""
    places = {name: Place(numbers) for name, numbers in decisions.records.rows.items()}
    for name, joined in rows.owners.items():
        related = config.source.related.get(name)
        order = related.order_by if related else None
        key = related.key if related else None
        form = order.form.within(config.source.time_zone) if order and order.form != ISO_DATES else None
        words = config.source.empties(name).of(order.column) if order else ()
        places[name] = Place(joined.owner, order.column if order else None, key, form, words, config.source.time_zone)
    return places


def _write(path: Path, schema: pa.Schema, tables: Iterable[pa.Table]) -> None:
    with pq.ParquetWriter(path, schema, **COMPRESSION) as writer:
        for table in tables:
            writer.write_table(table)


def _clear_staging(folder: Path) -> None:
    """Move the attachments out of the staging folder; the tables there are in the snapshot now."""
    staging = folder / "staging"
    if (staging / "attachments").exists():
        (staging / "attachments").rename(folder / "attachments")
    staging.rmdir()
