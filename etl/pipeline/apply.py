"""Write the leads of a plan, and nothing else; run it again to go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from etl import load
from etl.connect import open_source
from etl.connect.target import Target
from etl.extract.attachments import named
from etl.load import Applied
from etl.load.apply import Run
from etl.load.reread import Reread, reread
from etl.model import Progress, no_progress
from etl.pipeline.parallel import cores, workers
from etl.pipeline.stop import stopping
from etl.pipeline.target import (
    finish,
    holder,
    open_planned_target,
    refuse_another_name,
    refuse_another_schema,
    refuse_broken_gates,
)
from etl.plan import Bundle
from etl.plan.approvals import refuse_unapproved
from etl.plan.intact import refuse_changed
from etl.plan.journal import Counts, Journal
from etl.plan.skipped import write_skipped
from etl.plan.sums import in_all_datasets

CHUNKS = 60
"""A plan with fewer chunks is read anew in this process: to start another one would take longer."""


def apply(bundle: Bundle, *, limit: int | None = None, threads: int = 0, progress: Progress = no_progress) -> Applied:
    """Write those leads of a plan that the target's ledger has not, and whose families are as they were planned.

    limit: the most leads to write. threads: with 1, the source is read anew in this process, else in another one.
    Raises GateError for a plan that breaks a gate, NotApproved without the approvals that the config asks for,
    StalePlan where the plan was changed, or where the target, or its schema, is not that which it was made for, Locked
    where another runner is at work, and SourceError or TargetError where one is lost, saying what was written.
    """
    refuse_broken_gates(bundle)
    refuse_unapproved(bundle)
    target = open_planned_target(bundle)
    try:
        refuse_another_schema(bundle, target)
        refuse_another_name(target, bundle.config)
        refuse_changed(bundle)
        with Journal(bundle.path, bundle.manifest.digest).command("apply") as counts:
            return _apply(bundle, target, counts, limit, threads, progress)
    finally:
        target.close()


def _apply(
    bundle: Bundle, target: Target, counts: Counts, limit: int | None, threads: int, progress: Progress
) -> Applied:
    manifest = bundle.manifest
    with target.lock(holder("apply")), stopping() as stop:
        run = Run(target, manifest.system, manifest.written_as, limit, stop)
        try:
            with _source_now(bundle, target, threads) as now:
                applied = load.apply(bundle, target, run=run, now=now, total=manifest.leads, progress=progress)
            applied = replace(applied, guide=finish(bundle, target))
        finally:
            left = manifest.leads - run.done
            counts.update(leads=run.leads, records=run.records, before=run.before, left=left)
            counts.update(stale=len(run.stale), refused=len(run.refused))
        write_skipped(bundle.path, {refusal.lead: refusal.reason for refusal in (*run.stale, *run.refused)})
    return applied


@contextmanager
def _source_now(bundle: Bundle, target: Target, threads: int) -> Iterator[Iterator[Reread]]:
    """Read each chunk anew from the source, a little ahead of the writing."""
    aside = (threads or cores()) > 1 and bundle.chunks >= CHUNKS
    with workers(2 if aside else 1, most=1) as each:
        opening, skip = partial(open_source, bundle.config.source), _written(bundle, target)
        yield reread(
            bundle,
            opening,
            text_of,
            each=each,
            ignored=in_all_datasets(bundle.config, bundle.stamps),
            skip=skip,
            consent=True,
        )


def _written(bundle: Bundle, target: Target) -> Callable[[int], frozenset[str]]:
    """Which records of a chunk are in the ledger already; they are not read anew."""
    manifest = bundle.manifest
    if not target.counts(manifest.system, manifest.written_as)[0]:
        return lambda _chunk: frozenset()

    def known(chunk: int) -> frozenset[str]:
        members = bundle.members(chunk)
        moved = members.index[members["lead"].notna()]
        return frozenset(target.ledger_of(manifest.system, moved).index)

    return known


def text_of(value: bytes) -> str:
    """The text that stands for a binary value, which is not kept once more."""
    return named(value)[2]
