"""Keep in a plan how it was read, so that it can be decided again without the source."""

from __future__ import annotations

from etl.pipeline.planning.deciding import Decided
from etl.pipeline.planning.inputs import Inputs
from etl.pipeline.planning.kept_leads import made_with
from etl.pipeline.planning.masters import ReadMaster
from etl.pipeline.planning.run import Run
from etl.pipeline.planning.tables import LeadTables
from etl.pipeline.planning.target_state import TargetState
from etl.plan import reading
from etl.plan.digest import contents
from etl.plan.reading import MasterReading, PointerReading, Reading
from etl.runner import now


def keep_reading(run: Run, inputs: Inputs, decided: Decided, leads: LeadTables) -> Reading:
    """Write what was read beside the rows; what of it goes into the manifest."""
    extracted = inputs.extracted
    faults = [fault for dataset in inputs.datasets for fault in dataset.faults]
    named = [(pointer.keys, pointer.counts) for pointer in inputs.unnamed]
    reading.write(run.folder, decided.rows, faults, named, extracted.opted_out.keys)
    return Reading(
        source=inputs.source,
        at=inputs.read_at or now(),
        asked=tuple(inputs.asked),
        dates=tuple(inputs.dates),
        lookups=extracted.lookups,
        sizes={dataset.name: dataset.size for dataset in inputs.datasets},
        left_out_opted_out=extracted.left_out_opted_out,
        masters=tuple(map(_master, inputs.masters)),
        pointers=tuple(PointerReading(p.table, p.column, p.entry, tuple(p.near)) for p in inputs.unnamed),
        stamps=dict(inputs.retiring.stamps),
        moving=dict(inputs.retiring.moving),
        moved=ledger_digest(inputs.target),
        existing=inputs.existing,
        made_with=made_with(run.config, inputs, decided.opted_out),
        contents={part: (*added.lanes, added.rows) for part, added in leads.contents.items()},
    )


def ledger_digest(target: TargetState) -> str:
    """A digest of what the ledger has of the source."""
    return contents(target.moved).hex(target.moved.column_names)


def _master(read: ReadMaster) -> MasterReading:
    dataset = read.dataset
    return MasterReading(
        name=dataset.name,
        table=dataset.table,
        size=dataset.size,
        where=read.where,
        fingerprint=dict(read.fingerprint),
        damaged=read.damaged,
        others=read.others,
        literals=read.literals,
        hints=read.hints,
        remarks=dataset.remarks,
    )
