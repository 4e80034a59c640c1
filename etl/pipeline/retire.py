"""Archive the moved records in the CRM, and prove what is active there now."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from etl.connect import open_source
from etl.connect.archive import Archive
from etl.connect.archives import open_archive
from etl.connect.target import Target
from etl.errors import ConfigError
from etl.load.apply import Refusal
from etl.load.reread import Job as RereadJob, close_sources
from etl.load.retire import Job, Run, check_chunk, retire as archive_records
from etl.load.verify import Job as VerifyJob, close_targets
from etl.model import Progress, no_progress
from etl.note import Labels
from etl.pipeline.active import Active, active
from etl.pipeline.apply import text_of
from etl.pipeline.parallel import cores, workers
from etl.pipeline.stop import stopping
from etl.pipeline.target import holder, open_planned_target, refuse_broken_gates
from etl.plan import Bundle
from etl.plan.approvals import refuse_unapproved
from etl.plan.intact import refuse_changed
from etl.plan.journal import Counts, Journal
from etl.transform import sections


@dataclass(frozen=True)
class Retired:
    """What `retire` did.

    records: archived now, of so many families; before: by earlier runs. skipped: families that stay active, and why.
    active: what is active in the CRM now, counted by reading it anew; None where somebody stopped the run.
    """

    records: int
    families: int
    before: int
    skipped: tuple[Refusal, ...]
    where: str
    active: Active | None
    stopped: bool = False


def retire(bundle: Bundle, *, threads: int = 0, progress: Progress = no_progress) -> Retired:
    """Archive the records of a plan whose leads are read back and found as planned, whole families at a time.

    threads: worker processes for the reading back. Raises NotApproved, StalePlan and Locked as `apply` does,
    ConfigError where the config does not say how records are archived, and SourceError or TargetError where one is
    lost.
    """
    refuse_broken_gates(bundle)
    refuse_unapproved(bundle)
    config = bundle.config
    if not config.retire and not config.source.url.startswith("files:"):
        raise ConfigError(
            "The config does not say how a record is archived in the source.",
            where=config.path,
            next="add for each entry the columns to set, such as retire: {accounts: {active: 0}}, and plan anew",
        )
    target = open_planned_target(bundle)
    try:
        refuse_changed(bundle)
        with Journal(bundle.path, bundle.manifest.digest).command("retire") as counts:
            return _retire(bundle, target, counts, threads, progress)
    finally:
        target.close()


def _retire(bundle: Bundle, target: Target, counts: Counts, threads: int, progress: Progress) -> Retired:
    manifest = bundle.manifest
    with target.lock(holder("retire")) as hold, stopping() as stop:
        archive = open_archive(bundle.config.source, hold)
        run = Run(stop)
        try:
            archive.prepare()
            with workers(min(threads or cores(), bundle.chunks)) as each:
                checked = each(check_chunk, _jobs(bundle, archive))
                total, _ = target.counts(manifest.system, manifest.digest)
                archive_records(bundle, archive, checked, run, total=total, progress=progress)
            proof = None if run.stop() else active(bundle, archive)
        finally:
            close_targets()
            close_sources()
            counts.update(records=run.records, families=run.families, before=run.before, skipped=len(run.skipped))
            archive.close()
        if proof is not None:
            counts.update(active=proof.rows)
        return Retired(run.records, run.families, run.before, tuple(run.skipped), archive.where, proof, proof is None)


def _jobs(bundle: Bundle, archive: Archive) -> Iterator[Job]:
    """The check of each chunk: its leads are read back, its families read anew; those archived before are left out."""
    system, run = bundle.manifest.system, uuid.uuid4().hex
    labels = Labels.of(bundle.config, bundle.manifest.columns)
    opening = partial(open_planned_target, bundle), partial(sections, config=bundle.config)
    source = partial(open_source, bundle.config.source)
    for chunk in range(bundle.chunks):
        members = bundle.members(chunk)
        done = archive.known(system, [str(key) for key in members.index[members["lead"].notna()]])
        yield Job(
            VerifyJob(run, bundle, *opening, labels, chunk, None),
            RereadJob(run, bundle, source, text_of, chunk, {}, done),
        )
