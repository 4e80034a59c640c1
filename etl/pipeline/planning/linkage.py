"""Who is who: hold the records against the masters and against each other, before anything is decided."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from etl.classify import Found
from etl.classify.matches import MATCH_SCHEMA
from etl.config import Config
from etl.matching.model import Model
from etl.model import Dataset, Progress, no_progress
from etl.pipeline.parallel import workers
from etl.pipeline.planning.duplicates import find
from etl.pipeline.planning.existing_leads import find_existing
from etl.pipeline.planning.masters import ReadMaster, match_with
from etl.plan.digest import contents, digest_of
from etl.plan.figures import ComparedFigures, MasterFigures
from etl.plan.snapshot import COMPRESSION

MATCHES, DUPLICATES, EXISTING = "matches.parquet", "duplicates.parquet", "existing.parquet"
MODELS = "models.json"


@dataclass(frozen=True)
class Held:
    """What it came to. folder: of the plan, with MATCHES, DUPLICATES and EXISTING, columns as in
    MATCH_SCHEMA, DUPLICATE_SCHEMA and EXISTING_SCHEMA; digests: part of the plan -> digest of its contents."""

    folder: Path
    masters: tuple[MasterFigures, ...]
    duplicates: ComparedFigures | None
    digests: Mapping[str, str]

    def found(self) -> Found:
        """What was found, as the decisions take it."""
        return Found(*(pq.read_table(self.folder / name) for name in (MATCHES, DUPLICATES, EXISTING)))


def hold(
    config: Config,
    entries: Sequence[Dataset],
    masters: Sequence[ReadMaster],
    folder: Path,
    existing: Path | None,
    count: int,
    progress: Progress = no_progress,
) -> Held:
    """Match the records of entries with each master and with each other, and write what was found into `folder`.

    entries: as extract has copied them; existing: the leads that are in the pipeline already, in a file. With a `count`
    of several workers this runs in a process of its own, so that what it takes in memory is gone afterwards. Raises
    ConfigError for a pinned model that does not fit.
    """
    asked = bool(masters or config.leads.duplicates)
    if asked:
        progress("match", 0, None)
    with workers(count if asked else 1, most=1) as each:
        [held] = each(_hold, [_Task(config, entries, masters, folder, existing)])
    return held


@dataclass(frozen=True)
class _Task:
    config: Config
    entries: Sequence[Dataset]
    masters: Sequence[ReadMaster]
    folder: Path
    existing: Path | None


def _hold(task: _Task) -> Held:
    models, digests = dict[str, Model](), dict[str, str]()
    figures, tables = [], [MATCH_SCHEMA.empty_table()]
    for read in task.masters:
        name, table = read.dataset.name, pq.read_table(read.dataset.path)
        models[name], one, found = match_with(task.config, read, table, task.entries)
        digests[f"masters/{name}"] = _digest(table)
        figures.append(one)
        tables += found
    twice = find(task.config, task.entries)
    there = find_existing(task.config, task.entries, task.existing)
    models |= twice.models | there.models
    saved = {name: model.as_dict() for name, model in models.items()}
    matches = pa.concat_tables(tables)
    if saved:
        digests |= {"matches": _digest(matches), "duplicates": _digest(twice.pairs), "models": digest_of(saved)}
        digests["existing"] = _digest(there.found)
    pq.write_table(matches, task.folder / MATCHES, **COMPRESSION)
    pq.write_table(twice.pairs, task.folder / DUPLICATES, **COMPRESSION)
    pq.write_table(there.found, task.folder / EXISTING, **COMPRESSION)
    (task.folder / MODELS).write_text(json.dumps(saved, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    compared = (
        ComparedFigures(twice.records, twice.compared, twice.cut, there.leads, len(there.found))
        if task.config.leads.duplicates
        else None
    )
    return Held(task.folder, tuple(figures), compared, digests)


def _digest(table: pa.Table) -> str:
    return contents(table).hex(table.column_names)
