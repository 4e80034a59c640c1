"""Archive the moved records in the CRM, and prove what is active there now."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from etl.config import RESERVED, Config
from etl.config.tables import Links, tables as tables_read
from etl.connect import open_archive, open_source, system_of
from etl.connect.archive import Archive, ArchiveScript, Guarded, ScriptTerms
from etl.connect.hiding import own_keys
from etl.connect.registry import open_script
from etl.connect.target import Target
from etl.errors import ConfigError
from etl.load.apply import Refusal
from etl.load.live import Job as RereadJob, Table, close_sources, tables as tables_of
from etl.load.retire import Job, Run, check_chunk, retire as archive_records
from etl.load.verify import Job as VerifyJob, close_targets
from etl.model import Progress, no_progress
from etl.note import Labels
from etl.pipeline.active import Active, active
from etl.pipeline.apply import text_of
from etl.pipeline.parallel import cores, workers
from etl.pipeline.stop import stopping
from etl.pipeline.target import holder, open_target_to_prove, refuse_broken_gates
from etl.plan import Bundle
from etl.plan.approvals import refuse_unapproved
from etl.plan.intact import refuse_changed
from etl.plan.journal import Counts, Journal
from etl.plan.sums import in_all_datasets
from etl.runner import now
from etl.transform import sections


@dataclass(frozen=True)
class Retired:
    """What `retire` did.

    records: archived now, of so many families; before: by earlier runs. skipped: families that stay active, and why;
    left: how many of them should have been archived, as their leads were written; deleted: those whose lead was deleted
    on purpose, which stay.
    active: what is active in the CRM now, counted by reading it anew; None where somebody stopped the run.
    """

    records: int
    families: int
    before: int
    skipped: tuple[Refusal, ...]
    left: int
    where: str
    active: Active | None
    stopped: bool = False
    deleted: int = 0

    @property
    def whole(self) -> bool:
        """Whether everything is archived that should be: each family whose leads were written, and one at least."""
        return not self.left and bool(self.records or self.before or len(self.skipped) == self.deleted)


def retire(bundle: Bundle, *, threads: int = 0, progress: Progress = no_progress) -> Retired:
    """Archive the records of a plan whose leads are read back and found as planned, whole families at a time.

    threads: worker processes for the reading back. Raises NotApproved, StalePlan and Locked as `apply` does,
    ConfigError where the config does not say how records are archived, and SourceError or TargetError where one is
    lost.
    """
    refuse_broken_gates(bundle)
    refuse_unapproved(bundle)
    config = bundle.config
    if not config.retire and system_of(config.source.url).ARCHIVES_BY_COLUMNS:
        raise ConfigError(
            "The config does not say how a record is archived in the source.",
            where=config.path,
            next="name the columns to set for each entry, such as retire: {accounts: {active: 0}}, and make a new plan",
        )
    target = open_target_to_prove(bundle, export=True)
    try:
        refuse_changed(bundle)
        with Journal(bundle.path, bundle.manifest.digest).command("retire") as counts:
            return _retire(bundle, target, counts, threads, progress)
    finally:
        target.close()


def _retire(bundle: Bundle, target: Target, counts: Counts, threads: int, progress: Progress) -> Retired:
    manifest = bundle.manifest
    with target.lock(holder("retire")) as confirm_lock, stopping() as stop:
        archive = open_archive(bundle.config, confirm_lock)
        run = Run(stop)
        try:
            archive.prepare()
            with workers(min(threads or cores(), bundle.chunks)) as each:
                checked = each(check_chunk, _jobs(bundle, archive, run))
                total, _ = target.counts(manifest.system, manifest.written_as)
                archive_records(bundle, archive, checked, run, total=total, progress=progress)
            proof = None if run.stop() else active(bundle, archive)
        finally:
            close_targets()
            close_sources()
            counts.update(records=run.records, families=run.families, before=run.before)
            counts.update(skipped=len(run.skipped) - len(run.deleted))
            counts.update(left=len(run.left))
            archive.close()
        if proof is not None:
            counts.update(active=proof.rows)
        done = run.records, run.families, run.before
        left, deleted = len(run.left), len(run.deleted)
        return Retired(*done, tuple(run.skipped), left, archive.where, proof, proof is None, deleted)


@dataclass(frozen=True)
class Scripted:
    """A script that was written: families and records that it archives, those that it leaves, and how it is run."""

    families: int
    records: int
    skipped: tuple[Refusal, ...]
    file: str
    command: str


def script(bundle: Bundle, file: Path, *, threads: int = 0, progress: Progress = no_progress) -> Scripted:
    """Write the SQL that would retire, for somebody to review and run; nothing is written into the source.

    Checks what `retire` checks, and raises what it raises. The script compares each family again when it is run.
    """
    refuse_broken_gates(bundle)
    refuse_unapproved(bundle)
    if not (bundle.config.retire and system_of(bundle.config.source.url).ARCHIVES_BY_COLUMNS):
        raise _no_script(bundle)
    target = open_target_to_prove(bundle, export=True)
    try:
        refuse_changed(bundle)
        writer = _script_writer(bundle)
        try:
            with Journal(bundle.path, bundle.manifest.digest).command("retire --script") as counts:
                with target.lock(holder("retire --script")) as confirm_lock:
                    done = _script(bundle, writer, confirm_lock, file, threads, progress)
                counts.update(records=done.records, families=done.families, skipped=len(done.skipped))
                return done
        finally:
            writer.close()
    finally:
        target.close()


def _no_script(bundle: Bundle) -> ConfigError:
    return ConfigError(
        "There is no SQL for this source: it is not a SQL database, or the config has no `retire`.",
        where=bundle.config.path,
        next=f"crm-cleanup retire {bundle.path}, which archives them itself",
    )


def _script_writer(bundle: Bundle) -> ArchiveScript:
    """What writes the script; it connects to the source. Raises ConfigError where its system has no scripts."""
    config, manifest = bundle.config, bundle.manifest
    tables = [
        Guarded(table.table, table.links, _columns(bundle, table), _left_out(config, table))
        for table in tables_of(config, bundle)
    ]
    if any(column.startswith(RESERVED) for table in tables for _, column in table.links):
        raise ConfigError(
            "There is no SQL for this config: its keys or links are made of several columns, of tables or by "
            "normalize; the SQL compares families by columns of the source.",
            where=config.path,
            next=f"crm-cleanup retire {bundle.path}, which archives them itself",
        )
    writer = open_script(config, ScriptTerms(tables, bundle.forgotten, bundle.stamps, manifest.written_as, now()))
    if writer is None:
        raise _no_script(bundle)
    return writer


def _script(
    bundle: Bundle,
    writer: ArchiveScript,
    confirm_lock: Callable[[], None],
    file: Path,
    threads: int,
    progress: Progress,
) -> Scripted:
    archive = open_archive(bundle.config, confirm_lock)
    partial_file, families, records = file.with_name(f".{file.name}.new"), 0, 0
    skipped: list[Refusal] = []
    try:
        with (
            os.fdopen(
                os.open(partial_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
            ) as out,
            workers(min(threads or cores(), bundle.chunks)) as each,
        ):
            out.write(writer.head(bundle.manifest.name))
            for checked in each(check_chunk, _jobs(bundle, archive, Run())):
                skipped += [Refusal(family, reason) for family, reason in checked.skipped.items()]
                out.write(writer.families(checked.families))
                families += len(checked.families)
                records += sum(map(len, checked.families))
                progress("records", records, None)
        partial_file.replace(file)
    finally:
        close_targets()
        close_sources()
        partial_file.unlink(missing_ok=True)
        archive.close()
    return Scripted(families, records, tuple(skipped), str(file), writer.command.format(file=file))


def _left_out(config: Config, table: Table) -> Links:
    """By which columns a row is a forgotten record's alone: it is the record, or it is history that names it."""
    [read] = [read for read in tables_read(config) if read.name == table.name]
    own = tuple((entry, key.plain) for entry, key in own_keys(config, read) if key.plain is not None)
    return (*own, *table.links) if table.kind == "related" else own


def _columns(bundle: Bundle, table: Table) -> tuple[str, ...]:
    [dataset] = [dataset for dataset in bundle.manifest.figures.datasets if dataset.name == table.name]
    return tuple(sorted(dataset.columns))


def _jobs(bundle: Bundle, archive: Archive, counted: Run) -> Iterator[Job]:
    """The check of each chunk: its leads are read back, its families read anew.

    Records that were archived before are left out, and counted.
    """
    system, run = bundle.manifest.system, uuid.uuid4().hex
    labels = Labels.of(bundle.config, bundle.manifest.columns)
    opening = partial(open_target_to_prove, bundle, export=True), partial(sections, config=bundle.config)
    source = partial(open_source, bundle.config.source)
    stamps = in_all_datasets(bundle.config, bundle.stamps)
    for chunk in range(bundle.chunks):
        members = bundle.members(chunk)
        done = archive.known(system, [str(key) for key in members.index[members["lead"].notna()]])
        counted.before += len(done)
        yield Job(
            VerifyJob(run, bundle, *opening, labels, chunk, None),
            RereadJob(run, bundle, source, text_of, chunk, stamps, done),
        )
