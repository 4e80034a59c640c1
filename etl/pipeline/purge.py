"""Remove a finished plan's personal data; its figures, approvals and journal stay."""

from __future__ import annotations

from dataclasses import dataclass

from etl.pipeline.status import KILLED, status
from etl.plan import Bundle
from etl.plan.bundle import PURGED
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


def purge(bundle: Bundle) -> Purged:
    """Remove the snapshot, the decisions, the leads, the reports and all else of a plan that has legacy values.

    After it nothing can be verified, retired or undone with this plan. Killed, it ends its work when it is run again.
    Raises PlanError where a file cannot be written or removed.
    """
    with Journal(bundle.path, bundle.manifest.digest).command("purge") as counts:
        files = data_of(bundle.path)
        size = sum(path.lstat().st_size for path in files)
        strip(bundle)
        remove_data(bundle.path)
        counts.update(files=len(files))
    kept = tuple(path.name for path in sorted(bundle.path.iterdir()) if path.name != PURGED)
    return Purged(len(files), size, kept, tuple(map(str, leftovers(bundle.path))))
