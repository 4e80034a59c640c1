"""Remove a finished plan's personal data; its figures, approvals and journal stay."""

from __future__ import annotations

import shutil
from dataclasses import dataclass

from etl.plan import Bundle
from etl.plan.approvals import APPROVALS
from etl.plan.bundle import MANIFEST, PURGED
from etl.plan.journal import JOURNAL, Journal, replace_file

KEPT = (MANIFEST, APPROVALS, JOURNAL, PURGED)
"""What holds no legacy value: digests, counts and the config as it stands in its file; names; what was run."""


@dataclass(frozen=True)
class Purged:
    """What `purge` did: files removed, their bytes, and the files that are kept."""

    files: int
    bytes: int
    kept: tuple[str, ...]


def purge(bundle: Bundle) -> Purged:
    """Remove the snapshot, the decisions, the leads, the reports and all else of a plan that has legacy values.

    After it nothing can be verified, retired or undone with this plan. Killed, it ends its work when it is run again.
    Raises PlanError where the journal cannot be written.
    """
    with Journal(bundle.path, bundle.manifest.digest).command("purge") as counts:
        replace_file(bundle.path / PURGED, "What this plan held of legacy records was removed by crm-cleanup purge.\n")
        kept = {bundle.path / name for name in KEPT}
        found = [path for path in bundle.path.rglob("*") if path.is_file() and path not in kept]
        size = sum(path.stat().st_size for path in found)
        for path in sorted(bundle.path.iterdir()):
            if path.is_dir():
                shutil.rmtree(path)
            elif path.name not in KEPT:
                path.unlink()
        counts.update(files=len(found))
    return Purged(len(found), size, tuple(path.name for path in sorted(bundle.path.iterdir()) if path.name != PURGED))
