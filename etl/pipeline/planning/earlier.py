"""Take all that a plan is made from out of an earlier plan, in place of the source: only the target is asked anew."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl.classify import read_overrides
from etl.classify.literals import figures_of
from etl.config import RESERVED, Config
from etl.config.shapes import shape_of
from etl.config.tables import Table, tables, wanted
from etl.connect import TEXT
from etl.errors import PlanError
from etl.extract import Extracted, Pointer, unasked_columns
from etl.extract.dated import asked_of_dates, orderings
from etl.matching.addresses import Addresses
from etl.model import Dataset, Fault
from etl.pipeline.planning.in_snapshot import refuse_what_is_not_there, told_by
from etl.pipeline.planning.inputs import Inputs, copy_existing, look_at_target
from etl.pipeline.planning.kept_reading import ledger_digest
from etl.pipeline.planning.key_forms import refuse_another_form
from etl.pipeline.planning.masters import ReadMaster, refuse_nobody
from etl.pipeline.planning.retiring import Rehearsed
from etl.pipeline.planning.run import Run
from etl.plan import Bundle, reading
from etl.plan.figures import DatasetFigures, LiteralFigures
from etl.plan.intact import ATTACHMENTS, contents_of, refuse_changed
from etl.plan.reading import MasterReading, Reading
from etl.plan.restore import in_source_order
from etl.plan.snapshot import COMPRESSION


def read_earlier(run: Run, path: Path) -> Inputs:
    """Take the snapshot and the masters of a plan, and look at the target.

    path: the plan's. Raises PlanError and StalePlan where it is no whole plan, or too old; ConfigError where the config
    asks for what it does not hold; TargetError.
    """
    bundle = Bundle.open(path)
    kept = _reading_of(bundle)
    refuse_changed(bundle)
    config = run.config
    refuse_what_is_not_there(config, bundle)
    overrides = read_overrides(config)
    state = look_at_target(run, overrides)
    if ledger_digest(state) != kept.moved:
        raise PlanError(
            "Records have moved since this plan was made, and its snapshot shows them as they were before.",
            where=path,
            next=f"run plan without --from: crm-cleanup plan {config.path}",
        )
    run.progress("snapshot", 0, None)
    extracted = _extracted(run, bundle, kept)
    refuse_another_form(state.moved, extracted.datasets, config)
    existing = copy_existing(run, state, extracted)
    return Inputs(
        overrides=overrides,
        target=state,
        existing_leads=existing,
        masters=list(_masters(run, bundle, kept)),
        source=kept.source,
        columns={dataset.name: bundle.manifest.columns[dataset.name] for dataset in extracted.datasets},
        extracted=extracted,
        retiring=Rehearsed(kept.stamps, kept.moving),
        unnamed=list(_pointers(config, bundle, kept)),
        unasked=tuple(unasked_columns(extracted.datasets, config)),
        asked=kept.asked,
        dates=_dates(config, bundle, kept, extracted),
        met=_met(config, bundle),
        existing=contents_of(existing) if existing else "",
        earlier=bundle,
        read_at=kept.at,
    )


def _reading_of(bundle: Bundle) -> Reading:
    if bundle.manifest.reading is None:
        raise PlanError(
            "This plan does not say how it was read: an older version made it, or somebody was taken out of it.",
            where=bundle.path,
            next="run plan without --from",
        )
    return bundle.manifest.reading


def _extracted(run: Run, bundle: Bundle, kept: Reading) -> Extracted:
    """The datasets of the snapshot as they stood in the source, in the plan's folder."""
    staging = run.folder / "staging"
    staging.mkdir(mode=0o700)
    _link_files(bundle.path / ATTACHMENTS, staging / ATTACHMENTS)
    figures = {each.name: each for each in bundle.manifest.figures.datasets}
    rows = reading.read_rows(bundle.path, list(figures))
    faults = reading.read_faults(bundle.path)
    datasets = []
    for table in tables(run.config):
        of, to = figures[table.name], staging / table.file_name
        path = bundle.path / "snapshot" / of.file
        columns = _columns(run.config, table, path)
        empties = run.config.source.empties(table.name)
        size = in_source_order(path, columns, rows[table.name], to, empties.metadata(), kept.sizes[table.name])
        datasets.append(_dataset(table, of, to, columns, size, faults.get(table.name, ())))
    where = {k: v for k, v in bundle.manifest.fingerprints["source"].items() if k != "rows"}
    opted_out = Addresses(reading.read_opted_out(bundle.path))
    return Extracted(
        tuple(datasets),
        where,
        lookups=kept.lookups,
        opted_out=opted_out,
        left_out_opted_out=kept.left_out_opted_out,
    )


def _dates(config: Config, bundle: Bundle, kept: Reading, extracted: Extracted) -> tuple[LiteralFigures, ...]:
    """What of the columns that put rows in order is no date: as the plan knows it, if they are the same."""
    if list(orderings(config)) == list(orderings(bundle.config)):
        return kept.dates
    datasets = {dataset.name: dataset for dataset in extracted.datasets}
    return tuple(map(figures_of, asked_of_dates(datasets, config)))


def _met(config: Config, bundle: Bundle) -> Addresses | None:
    """The addresses of rows that are read no further and that records have, if they are told in the same way."""
    if told_by(config, bundle) != told_by(bundle.config, bundle):
        return None
    return Addresses(np.array(bundle.manifest.forgotten.opted_out, dtype=np.uint64))


def _columns(config: Config, table: Table, path: Path) -> list[str]:
    """The columns of a dataset that a plan of this config would have."""
    names = pq.read_schema(path).names[1:]
    related, shape = config.source.related.get(table.name), shape_of(config, table)
    own = [name for name in names if not name.startswith(RESERVED)]
    made = related.of.values() if related and related.further_of else shape.made if shape else ()
    return wanted(table, config, [*own, *(name for name in made if name in names and name not in own)], "all")


def _dataset(
    table: Table, of: DatasetFigures, path: Path, columns: list[str], size: int, faults: tuple[Fault, ...]
) -> Dataset:
    return Dataset(
        name=table.name,
        kind=table.kind,
        table=table.table,
        path=path,
        columns=tuple(columns),
        rows=of.rows,
        size=size,
        faults=faults,
        remarks=of.remarks,
        left_out=of.left_out,
        forgotten=of.forgotten,
        forgotten_shared=of.forgotten_shared,
    )


def _link_files(source: Path, to: Path) -> None:
    """Give the attachments of a plan a second name, without a copy where the file system can."""
    if source.is_dir():
        shutil.copytree(source, to, copy_function=_link)


def _link(source: str, to: str) -> None:
    try:
        os.link(source, to)
    except OSError:
        shutil.copy2(source, to)


def _masters(run: Run, bundle: Bundle, kept: Reading) -> Iterator[ReadMaster]:
    """The lists of known customers that the config names, as the plan has them."""
    (run.folder / "masters").mkdir()
    of_plan = {master.name: master for master in kept.masters}
    for name in run.config.masters:
        yield _master(run, bundle.path / "masters" / f"{name}.parquet", of_plan[name])


def _master(run: Run, path: Path, of: MasterReading) -> ReadMaster:
    master = run.config.masters[of.name]
    table = pq.read_table(path)
    table = table.select([column for column in master.columns() if column in table.column_names])
    table = table.sort_by([(column, "ascending") for column in table.column_names]).combine_chunks()
    refuse_nobody(of.where, of.name, master, table, table, of.literals)
    to = run.folder / "masters" / path.name
    pq.write_table(table, to, **COMPRESSION)
    size = sum(pc.sum(pc.binary_length(column)).as_py() or 0 for column in table.columns)
    dataset = Dataset(
        of.name, "evidence", of.table, to, tuple(table.column_names), len(table), size, remarks=of.remarks
    )
    return ReadMaster(dataset, of.where, of.fingerprint, of.damaged, of.others, of.literals, of.hints)


def _pointers(config: Config, bundle: Bundle, kept: Reading) -> Iterator[Pointer]:
    """The tables that the config does not name, as they were read, without those that it ignores now."""
    named = reading.read_named(bundle.path, len(kept.pointers))
    for of, (keys, counts) in zip(kept.pointers, named, strict=True):
        if of.table not in config.source.ignore:
            yield Pointer(of.table, of.column, of.entry, keys.cast(TEXT), np.asarray(counts, dtype=np.int32), of.near)
