"""The leads of the chunks that a person is taken out of, made once as they were and once without the person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl.config.tables import links_of, own_keys
from etl.connect.target import FieldLimit
from etl.errors import CleanupError
from etl.matching.addresses import NOBODY, Addresses
from etl.model import SOURCE_KEY_COLUMN
from etl.pipeline.forgetting.opted_out import opted_out_of
from etl.pipeline.forgetting.person import Person
from etl.pipeline.forgetting.snapshot import Taken
from etl.pipeline.planning.leads import ChunkLeads, Job, make_leads
from etl.plan import Bundle
from etl.plan.bundle import read_row_groups, read_strays
from etl.plan.damage import reading
from etl.plan.sums import Sums, own_columns

TEXT = pa.large_string()


@dataclass(frozen=True)
class Remade:
    """One chunk that was made anew. before, after: its leads, by key, as the plan has them and as they are from now on;
    contents: what the records of leads that differ add up to."""

    chunk: int
    made: ChunkLeads
    before: pd.DataFrame
    after: pd.DataFrame
    contents: Mapping[str, str]

    @property
    def different(self) -> list[str]:
        """The leads that are not what they were, or are no more."""
        same = [
            lead
            for lead in self.after.index
            if self.before.loc[lead].fillna("").equals(self.after.loc[lead].fillna(""))
        ]
        return [str(lead) for lead in self.before.index if lead not in set(same)]


@dataclass
class Figures:
    """By how much the plan's figures change: values in notes, and omitted ones by dataset and column. opted_out: the
    addresses that the leads were made with."""

    values: int = 0
    omitted: Counter[tuple[str, str]] = field(default_factory=Counter)
    opted_out: Addresses = NOBODY


def remade(
    bundle: Bundle, person: Person, taken: Taken, folder: Path, limits: Mapping[str, FieldLimit | None]
) -> tuple[list[Remade], Figures]:
    """Make the chunks anew in which something changed. folder: has the snapshot without the person.

    Raises CleanupError where this version of the tool makes other leads than the plan has, or the target would not take
    a lead without the person's values.
    """
    opted_out = opted_out_of(bundle, folder)
    chunks, figures = [], Figures(opted_out=opted_out)
    for number, groups in enumerate(bundle.manifest.chunks):
        members = _decisions(bundle, number)
        has = bool(pc.any(pc.equal(members["source_key"], pa.scalar(person.key, TEXT))).as_py())
        if not has and not any(group in taken.changed.get(file, ()) for file, group in groups.items()):
            continue
        before = make_leads(replace(_job(bundle, bundle.path, number, members, limits), opted_out=opted_out))
        if not before.leads.equals(_planned(bundle, number).cast(before.leads.schema)):
            raise CleanupError(
                "This version of crm-cleanup would make other leads of the plan's data than the plan has.",
                where=bundle.path,
                next="run the command with the version that made the plan, which crm-cleanup status names in the "
                "journal; or undo the plan, write the record into forget.csv, and plan again",
            )
        left = members.filter(pc.not_equal(members["source_key"], pa.scalar(person.key, TEXT)))
        after = make_leads(replace(_job(bundle, folder, number, left, limits), opted_out=opted_out))
        if after.blocked_families:
            raise CleanupError(
                "The target would not take a lead without the values of this record.",
                where=bundle.path,
                next=f"crm-cleanup undo {bundle.path} --lead {person.lead}, write the record into forget.csv, and plan "
                "again",
            )
        figures.values += after.values - before.values
        figures.omitted.update(after.omitted)
        figures.omitted.subtract(before.omitted)
        was, now = (made.leads.to_pandas().set_index("lead") for made in (before, after))
        chunks.append(Remade(number, after, was, now, _contents(bundle, folder, number, left)))
    return chunks, figures


def _job(bundle: Bundle, folder: Path, chunk: int, decisions: pa.Table, limits: Mapping[str, FieldLimit | None]) -> Job:
    manifest = bundle.manifest
    kinds = {dataset.file: (dataset.kind, dataset.name) for dataset in manifest.figures.datasets}
    return Job(
        folder / "snapshot",
        (manifest.chunks[chunk],),
        decisions,
        {},
        {},
        kinds,
        manifest.columns,
        bundle.config,
        limits,
    )


def _decisions(bundle: Bundle, chunk: int) -> pa.Table:
    return _row_group(bundle.path / "decisions.parquet", chunk)


def _planned(bundle: Bundle, chunk: int) -> pa.Table:
    return _row_group(bundle.path / "leads.parquet", chunk)


def _row_group(path: Path, number: int) -> pa.Table:
    with reading(path), pq.ParquetFile(path) as file:
        return file.read_row_group(number)


def _contents(bundle: Bundle, folder: Path, chunk: int, decisions: pa.Table) -> dict[str, str]:
    """What the rows and the history of the chunk's moving records add up to, as the ledger has it."""
    moving = decisions.filter(pc.is_valid(decisions["lead"]))["source_key"].to_pandas()
    keys, total = pd.Index(moving), Sums(pd.Index(moving))
    links, own = links_of(bundle.config), own_columns(bundle.config, bundle.stamps)
    further = own_keys(bundle.config).keys() - bundle.config.source.records.keys()
    rows = read_row_groups(folder / "snapshot", bundle.manifest.chunks[chunk])
    for dataset in bundle.manifest.figures.datasets:
        tables = [rows[dataset.file]] if dataset.kind != "evidence" and dataset.file in rows else []
        if dataset.name in further:
            tables.append(read_strays(folder / "snapshot", dataset.file, bundle.manifest.chunks))
        for table in tables:
            part = Sums(keys)
            part.add(
                table.drop_columns([SOURCE_KEY_COLUMN]), dataset.name, links[dataset.name], own.get(dataset.name, ())
            )
            total.lanes = np.add(total.lanes, part.lanes)
    return dict(zip(moving.tolist(), total.hex(), strict=True)) if len(keys) else {}
