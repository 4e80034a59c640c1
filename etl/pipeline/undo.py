"""Take a plan back, whole or single leads of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from etl.connect import open_archive
from etl.connect.target import Target
from etl.load.apply import Refusal
from etl.load.undo import Run, named_leads, undo as take_back
from etl.model import Progress, no_progress
from etl.pipeline.stop import stopping
from etl.pipeline.target import finish, holder, open_planned_target
from etl.plan import Bundle
from etl.plan.intact import refuse_changed
from etl.plan.journal import Counts, Journal


@dataclass(frozen=True)
class Undone:
    """What `undo` did.

    leads: removed now, or given back what they held before the plan; gone: that were not there any more; records:
    brought back in the CRM. kept: leads that stay, and why. stopped: somebody asked it to stop. guide: the file that
    says what people have to delete, where they have imported the leads.
    """

    leads: int
    gone: int
    records: int
    kept: tuple[Refusal, ...]
    stopped: bool = False
    guide: str | None = None


def undo(
    bundle: Bundle, *, leads: Sequence[str] = (), force: Sequence[str] = (), progress: Progress = no_progress
) -> Undone:
    """Take back what a plan has done in the CRM and in the target; what somebody has touched since is kept, and named.

    leads: only these, by lead key or by id in the target. force: leads that are taken back although they were touched.
    Raises StalePlan where the plan was changed or its target is another one, Locked where another runner is at work,
    and SourceError or TargetError where one is lost, saying what was taken back.
    """
    target = open_planned_target(bundle)
    try:
        refuse_changed(bundle)
        with Journal(bundle.path, bundle.manifest.digest).command("undo") as counts:
            return _undo(bundle, target, counts, leads, force, progress)
    finally:
        target.close()


def _undo(
    bundle: Bundle, target: Target, counts: Counts, leads: Sequence[str], force: Sequence[str], progress: Progress
) -> Undone:
    if not target.is_prepared() and not _retired(bundle):
        return Undone(0, 0, 0, ())  # never applied: to lock the target would make tables in it
    with target.lock(holder("undo")) as confirm_lock, stopping() as stop:
        forced = named_leads(bundle, target, force)
        only = named_leads(bundle, target, leads) | forced if leads else None
        archive = open_archive(bundle.config, confirm_lock)
        run = Run(stop)
        try:
            total = bundle.manifest.leads if only is None else len(only)
            take_back(bundle, target, archive, run, only=only, forced=forced, total=total, progress=progress)
            guide = finish(bundle, target)
        finally:
            counts.update(leads=run.leads, gone=run.gone, records=run.records, kept=len(run.kept))
            archive.close()
        return Undone(run.leads, run.gone, run.records, tuple(run.kept), run.stop(), guide)


def _retired(bundle: Bundle) -> bool:
    """Whether the plan has archived anything in the source."""
    archive = open_archive(bundle.config, lambda: None)
    try:
        tables = archive.retired(bundle.manifest.system, bundle.manifest.written_as)
        return any(len(table) for table in tables)
    finally:
        archive.close()
