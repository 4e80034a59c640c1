"""Read the leads of a plan back from the target and compare them with the snapshot, value by value."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from etl import load
from etl.connect import open_archive, open_source
from etl.load import Verified
from etl.load.reread import reread
from etl.model import Progress, no_progress
from etl.pipeline.apply import text_of
from etl.pipeline.parallel import cores, workers
from etl.pipeline.status import bounds, history
from etl.pipeline.target import open_planned_target, open_target_to_prove
from etl.plan import Bundle
from etl.plan.intact import refuse_changed
from etl.plan.journal import Journal
from etl.plan.skipped import read_skipped, wholly_applied
from etl.plan.sums import own_columns
from etl.transform import sections


def verify(
    bundle: Bundle, *, exports: Sequence[Path] = (), threads: int = 0, progress: Progress = no_progress
) -> Verified:
    """Compare the target with a plan; nothing is written into it.

    exports: what a CRM has exported that leads went into by import files; `retire` and `undo` look at it, too. threads:
    worker processes, as many as there are cores if 0. Raises ConfigError for exports of another kind of target,
    StalePlan where the target is another one than that which the plan was made for, or the plan was changed, and
    TargetError where it cannot be read.
    """
    target = open_planned_target(bundle)
    try:
        refuse_changed(bundle)
        if exports:
            target.take_export(exports)
    finally:
        target.close()
    journal = Journal(bundle.path, bundle.manifest.digest)
    pending = pending_leads(bundle, journal)
    with journal.command("verify") as counts, workers(min(threads or cores(), bundle.chunks)) as each:
        verified = load.verify(
            bundle,
            partial(open_target_to_prove, bundle, export=bool(exports)),
            partial(sections, config=bundle.config),
            each=each,
            pending=pending,
            total=bundle.manifest.leads,
            progress=progress,
        )
        counts.update(leads=verified.leads, values=verified.values, found=verified.conserved)
        counts.update(different=verified.different, waiting=verified.waiting)
        counts.update({"accepted": verified.accepted} if verified.accepted else {})
    return verified


@dataclass(frozen=True)
class SourceChanged:
    """What the live source says of the records whose leads are in the target.

    records: that were compared. changed: source key -> what differs from the snapshot, and so from the lead's note.
    """

    records: int
    changed: dict[str, str]


def compare_source(bundle: Bundle, *, threads: int = 0, progress: Progress = no_progress) -> SourceChanged:
    """Hold the live source, read anew, against the snapshot that the leads were verified with; nothing is written.

    With `verify` this compares target and source value by value. What this tool has set when it retired a record is no
    change, nor is the column that says when a record changed; one that was archived in a table of its own may not be in
    the source any more, and is left out. Raises SourceError where the source cannot be read.
    """
    config, total, changed = bundle.config, 0, dict[str, str]()
    opening, own = partial(open_source, config.source), own_columns(config, bundle.stamps)
    with workers(min(threads or cores(), bundle.chunks)) as each, _archived_elsewhere(bundle) as skip:
        again = reread(bundle, opening, text_of, each=each, ignored=own, skip=skip)
        for chunk, current in enumerate(again):
            total += len(current.contents)
            changed |= current.stale
            progress("source", chunk + 1, bundle.chunks)
    return SourceChanged(total, changed)


def expects_leads(bundle: Bundle) -> bool:
    """Whether leads of a plan should be in its target: by its journal, or because that does not say all.

    Raises PlanError where the journal cannot be read.
    """
    journal = Journal(bundle.path, bundle.manifest.digest)
    _, most = bounds(history(journal.events()), bundle.manifest.leads)
    return most > 0 or journal.gap() is not None


@contextmanager
def _archived_elsewhere(bundle: Bundle) -> Iterator[Callable[[int], frozenset[str]]]:
    """The records of a chunk that are archived in a table of their own: what they are read from may hide them."""
    config, system = bundle.config, bundle.manifest.system
    entries = [name for name, retire in config.retire.items() if retire.table is not None]
    if not entries:
        yield lambda _chunk: frozenset()
        return
    archive = open_archive(config, lambda: None)

    def archived(chunk: int) -> frozenset[str]:
        members = bundle.members(chunk)
        moved = members.index[members["lead"].notna() & members["entry"].isin(entries)]
        return archive.known(system, [str(key) for key in moved])

    try:
        yield archived
    finally:
        archive.close()


def pending_leads(bundle: Bundle, journal: Journal) -> frozenset[str] | None:
    """The leads that `apply` has skipped; None, for any, where it has not come to all of them."""
    events = journal.events()
    return frozenset(read_skipped(bundle.path)) if wholly_applied(events) or not events else None
