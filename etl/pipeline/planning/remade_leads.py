"""Make the leads of a plan that is decided again: those of families in which something changed; the others go on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.classify.records import NONE
from etl.pipeline.parallel import workers
from etl.pipeline.planning.deciding import Decided
from etl.pipeline.planning.inputs import Inputs
from etl.pipeline.planning.kept_leads import KeptLeads, kept_leads
from etl.pipeline.planning.lead_files import LeadFiles, Totals, codes_of, lead_files, schemas, tables_of
from etl.pipeline.planning.lead_jobs import job_of
from etl.pipeline.planning.leads import ChunkLeads, make_leads
from etl.pipeline.planning.run import Run
from etl.plan.digest import Contents
from etl.plan.figures import Figures
from etl.plan.intact import added_up
from etl.plan.reading import Reading
from etl.transform.consent import Consent
from etl.transform.quality.findings import ORDER

SORTED = {"leads": ["lead"], "findings": ORDER, "blocked": ["lead", "field"]}
"""How the rows of a chunk are ordered; merged records stand with the one that gives the lead its name first."""


def remake_leads(run: Run, inputs: Inputs, decided: Decided) -> Totals | None:
    """Make and write the leads of a plan that is decided again; None where all have to be made.

    The leads that change are also made as they were, by which it is known what the plan's figures lose, and proven that
    this version makes what the plan has; else all are made.
    """
    kept = kept_leads(run.config, inputs, decided, run.folder)
    if kept is None:
        return None
    totals = _of_plan(kept, inputs, run.folder / "snapshot")
    if not _take_away(kept, run, inputs, decided, totals):
        return None
    after = list(kept.chunks_after())
    jobs = (job_of(run, inputs, decided, [decided.chunks[n] for n in some], only=kept.anew) for some in after)
    count = len(decided.chunks)
    with lead_files(run.folder, run.config) as files, workers(min(run.settings.workers, len(after))) as each:
        done = 0
        for some, made in zip(after, each(make_leads, jobs), strict=True):
            totals.add(made)
            for place in range(done, some[-1] + 1):
                _write(kept, files, totals, run, place, made if place in some else None)
            done = some[-1] + 1
            run.progress("leads", done, count)
        for place in range(done, count):
            _write(kept, files, totals, run, place, None)
    return totals


def _of_plan(kept: KeptLeads, inputs: Inputs, snapshot: Path) -> Totals:
    """What the earlier plan adds up to."""
    figures, reading = kept.bundle.manifest.figures, kept.reading
    files = [dataset.path.name for dataset in inputs.datasets]
    totals = Totals(
        {name: added_up(snapshot / name) if name in kept.recounted else _contents(reading, name) for name in files},
        leads=_contents(reading, "leads"),
        merged=_contents(reading, "merged"),
        values=figures.values.conserved,
        consent=_consent(figures),
        counted=kept.recounted,
    )
    totals.omitted.update({(of.dataset, of.column): of.values for of in figures.values.omitted})
    return totals


def _contents(reading: Reading, part: str) -> Contents:
    *lanes, rows = reading.contents[part]
    return Contents(tuple(lanes), rows)


def _consent(figures: Figures) -> Consent:
    of = figures.consent
    return Consent(of.leads, of.reached, of.elsewhere, of.replaced) if of else Consent()


def _take_away(kept: KeptLeads, run: Run, inputs: Inputs, decided: Decided, totals: Totals) -> bool:
    """Take what becomes of other families away from the totals; False where the plan has other leads than are made."""
    before = list(kept.chunks_before())
    if not before:
        return True
    like = job_of(run, inputs, decided, decided.chunks[:1], only=np.zeros(len(kept.anew), dtype=np.bool_))
    jobs = (kept.job_before(chunks, like) for chunks in before)
    with workers(min(run.settings.workers, len(before))) as each:
        for chunks, made in zip(before, each(make_leads, jobs), strict=True):
            planned = kept.planned(made.leads["lead"].combine_chunks(), chunks).sort_by("lead")
            if made.blocked_families or not planned.cast(made.leads.schema).equals(made.leads):
                return False
            totals.take(made)
    return True


def _write(kept: KeptLeads, files: LeadFiles, totals: Totals, run: Run, place: int, made: ChunkLeads | None) -> None:
    """Write the rows of one chunk: those that go on, and those of the leads in it that were made anew."""
    tables = {name: [rows] for name, rows in kept.rows(place).items()}
    if made is not None:
        outcome, numbers = kept.decided.decisions.outcome, kept.decided.chunks[place].numbers
        lead = outcome.lead[numbers[kept.anew[numbers]]]
        keys = kept.decided.decisions.records.source_key.take(pa.array(np.unique(lead[lead != NONE])))
        for name, table in tables_of(made).items():
            tables.setdefault(name, []).append(table.filter(pc.is_in(table["lead"], value_set=keys)))
    whole = {
        name: _sorted(name, pa.concat_tables([schema.empty_table(), *(t.cast(schema) for t in tables.get(name, ()))]))
        for name, schema in schemas(run.config).items()
    }
    files.write(whole)
    totals.codes.append(codes_of(whole["findings"]))


def _sorted(name: str, table: pa.Table) -> pa.Table:
    """The rows of a chunk in their order."""
    if name == "merged":
        other = pc.not_equal(table["source_key"], table["lead"])
        order = pa.table([table["lead"], other, table["source_key"]], ["lead", "other", "source_key"])
        return table.take(pc.sort_indices(order, sort_keys=[(key, "ascending") for key in order.column_names]))
    return table.sort_by([(key, "ascending") for key in SORTED[name]])
