"""Match the records with the masters, with each other and with existing leads, before anything is decided."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from etl.classify import Linkage
from etl.classify.linkage import MATCH_SCHEMA
from etl.config import Config
from etl.matching.model import Model
from etl.model import Dataset
from etl.pipeline.parallel import workers
from etl.pipeline.planning.duplicates import DuplicatePairs, find_duplicates
from etl.pipeline.planning.existing_leads import ExistingLeads, find_existing
from etl.pipeline.planning.inputs import Inputs
from etl.pipeline.planning.kept_linkage import DUPLICATES, EXISTING, MATCHES, MODELS, KeptLinkage, kept_linkage
from etl.pipeline.planning.masters import ReadMaster, match_with
from etl.pipeline.planning.run import Run
from etl.plan.digest import contents, digest_of
from etl.plan.figures import ComparedFigures, MasterFigures
from etl.plan.snapshot import COMPRESSION


@dataclass(frozen=True)
class LinkageFiles:
    """The files that matching wrote into a plan's folder, and its figures.

    folder: has MATCHES, DUPLICATES and EXISTING, the tables of a `Linkage`. digests: part of the plan -> digest of its
    contents.
    """

    folder: Path
    masters: tuple[MasterFigures, ...]
    duplicates: ComparedFigures | None
    digests: Mapping[str, str]

    def read(self) -> Linkage:
        """The tables, as the decisions take them."""
        return Linkage(*(pq.read_table(self.folder / name) for name in (MATCHES, DUPLICATES, EXISTING)))


def link(run: Run, inputs: Inputs) -> LinkageFiles:
    """Match the records with each master, with each other and with the existing leads, and save the results.

    What an earlier plan has compared in the same way is taken over from it.
    With several workers this runs in a process of its own, so that what it takes in memory is gone afterwards. Raises
    ConfigError for a pinned model that does not fit.
    """
    kept = kept_linkage(run.config, inputs)
    needed = bool(inputs.masters or run.config.leads.duplicates) and kept.folder is None
    if needed:
        run.progress("match", 0, None)
    task = _Task(run.config, inputs.entries, inputs.masters, run.folder, inputs.existing_leads, kept)
    with workers(run.settings.workers if needed else 1, most=1) as each:
        [files] = each(_link, [task])
    if inputs.existing_leads:
        inputs.existing_leads.unlink(missing_ok=True)
    return files


@dataclass(frozen=True)
class _Task:
    """What a worker process needs to know. existing_leads: a file of those in the pipeline, where duplicates count."""

    config: Config
    entries: Sequence[Dataset]
    masters: Sequence[ReadMaster]
    folder: Path
    existing_leads: Path | None
    kept: KeptLinkage


def _link(task: _Task) -> LinkageFiles:
    models, digests = dict[str, Model](), dict[str, str]()
    figures, tables = [], [MATCH_SCHEMA.empty_table()]
    for master in task.masters:
        name, customers = master.dataset.name, pq.read_table(master.dataset.path)
        matched = task.kept.matches(name) or match_with(task.config, master, customers, task.entries)
        models[name], counted, matches = matched
        digests[f"masters/{name}"] = _digest(customers)
        figures.append(counted)
        tables += matches
    duplicates = task.kept.pairs() or find_duplicates(task.config, task.entries)
    existing = task.kept.leads() or find_existing(task.config, task.entries, task.existing_leads)
    linkage = Linkage(pa.concat_tables(tables), duplicates.pairs, existing.matches)
    digests |= _write(task.folder, linkage, models | duplicates.models | existing.models)
    compared = _compared(duplicates, existing) if task.config.leads.duplicates else None
    return LinkageFiles(task.folder, tuple(figures), compared, digests)


def _write(folder: Path, linkage: Linkage, models: Mapping[str, Model]) -> dict[str, str]:
    """Write the tables and the models; the digests of all of them, where something was compared."""
    tables = {MATCHES: linkage.matches, DUPLICATES: linkage.duplicate_pairs, EXISTING: linkage.existing_leads}
    saved = {name: model.as_dict() for name, model in models.items()}
    for name, table in tables.items():
        pq.write_table(table, folder / name, **COMPRESSION)
    (folder / MODELS).write_text(json.dumps(saved, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if not saved:
        return {}
    return {"models": digest_of(saved)} | {name.removesuffix(".parquet"): _digest(t) for name, t in tables.items()}


def _compared(duplicates: DuplicatePairs, existing: ExistingLeads) -> ComparedFigures:
    return ComparedFigures(
        duplicates.records, duplicates.compared, duplicates.cut, existing.leads, len(existing.matches)
    )


def _digest(table: pa.Table) -> str:
    return contents(table).hex(table.column_names)
