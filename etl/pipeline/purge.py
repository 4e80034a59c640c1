"""Remove a finished plan's personal data; its figures, approvals and journal stay."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from etl.config.odoo import is_odoo
from etl.connect.sql.lead_files import place_of
from etl.errors import PlanError, plural
from etl.load.files import files_of
from etl.pipeline.status import KILLED, status
from etl.plan import Bundle
from etl.plan.bundle import PURGED
from etl.plan.intact import ATTACHMENTS, file_hash
from etl.plan.journal import Journal
from etl.plan.purged import data_of, leftovers, remove_data, strip


@dataclass(frozen=True)
class Purged:
    """What `purge` did: files removed, their bytes, the files that are kept, and folders beside the plan that hold the
    same data, because a `plan` was killed or is at work."""

    files: int
    bytes: int
    kept: tuple[str, ...]
    left: tuple[str, ...] = ()


def losses(bundle: Bundle) -> list[str]:
    """What could not be done any more after a purge, and may yet be wanted, a sentence each; nothing is written."""
    current = status(bundle)
    if (bundle.path / PURGED).exists():
        return []
    sentences = []
    ran = {run.command for run in current.happened}
    applied = current.applied or ("apply" in ran and current.state != "undone")
    if applied and current.state not in ("verified", "retired", "partly retired"):
        sentences.append(
            "The plan is applied and not verified: after a purge nobody can prove that every value is in a lead."
        )
    if applied and current.state != "retired":
        sentences.append(
            "The plan is applied and not retired: after a purge its records can no longer be archived in the CRM."
        )
    if applied:
        sentences.append("Undo will be impossible.")
    if current.damage:
        sentences.append(f"{current.damage} A copy of the plan in a backup may still be whole; this one is removed.")
    if current.applied is None:
        sentences.append(
            f"The target could not be read, so nobody knows which of the plan's leads it has: {current.unreachable}"
        )
    if current.happened and current.happened[-1].ended == KILLED and current.happened[-1].command != "purge":
        sentences.append(f"{current.happened[-1].command} has not ended: it was killed, or it is still running.")
    return sentences


def files_only_here(bundle: Bundle) -> int:
    """How many files of leads that are in the target stand nowhere but in the plan's folder; nothing is written.

    Their notes name them. An Odoo has them attached; a database has them in the folder of `target.files`. Raises
    ConfigError where the config cannot be read, and PlanError or StalePlan where the plan is damaged or was changed.
    """
    if (bundle.path / PURGED).exists() or not (bundle.path / ATTACHMENTS).is_dir() or is_odoo(bundle.config.target.url):
        return 0
    current = status(bundle)
    if not (current.applied or (current.applied is None and current.state not in ("planned", "approved", "undone"))):
        return 0
    files = {file.path for chunk in range(bundle.chunks) for file in files_of(bundle, chunk, bundle.members(chunk))}
    folder = bundle.config.target.files
    return sum(folder is None or not _is_whole(place_of(Path(folder), file)) for file in files)


def _is_whole(file: Path) -> bool:
    """Whether a file is there and holds what its name is the hash of."""
    return file.is_file() and file_hash(file) == file.name


def purge(bundle: Bundle, *, with_files: bool = False) -> Purged:
    """Remove the snapshot, the decisions, the leads, the reports and all else of a plan that has legacy values.

    with_files: also files that stand nowhere else. After it nothing can be verified, retired or undone with this plan.
    Killed, it ends its work when it is run again. Raises PlanError where a file cannot be written or removed, or where
    files stand only here.
    """
    if not with_files and (lost := files_only_here(bundle)):
        raise PlanError(
            f"{plural(lost, 'file')} that notes of leads name stand only in this plan.",
            where=bundle.path / ATTACHMENTS,
            next=f"copy that folder to where people find it, and run crm-cleanup purge {bundle.path} --with-files; "
            "with target.files in the config, apply writes them",
        )
    with Journal(bundle.path, bundle.manifest.digest).command("purge") as counts:
        files = data_of(bundle.path)
        size = sum(path.lstat().st_size for path in files)
        strip(bundle)
        remove_data(bundle.path)
        counts.update(files=len(files))
    kept = tuple(path.name for path in sorted(bundle.path.iterdir()) if path.name != PURGED)
    return Purged(len(files), size, kept, tuple(map(str, leftovers(bundle.path))))
