"""Remove the personal data from a plan's folder: only the files listed here stay, everything else is deleted."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from etl.errors import PlanError
from etl.plan.approvals import APPROVALS
from etl.plan.bundle import MANIFEST, PURGED, Bundle
from etl.plan.figures import Figures, OverrideFigures
from etl.plan.intact import manifest_hash
from etl.plan.journal import JOURNAL, replace_file
from etl.runner import now

KEPT = (MANIFEST, APPROVALS, JOURNAL, PURGED)
"""What holds no legacy value once the manifest is stripped: digests, counts, names of columns and rules; who approved;
what was run. The reports go: each of their lists has values or source keys as examples."""

CONFIG_KEPT = ("name", "as_of", "approvals", "gates")
"""What stays of the config: maps, conditions and queries name values, and people."""


def strip(bundle: Bundle) -> None:
    """Mark a plan's folder as purged and remove the values from its manifest. It may be called again.

    Once it is marked, no other command takes it for a complete plan. Source keys of people's decisions become counts.
    Raises PlanError where a file cannot be written.
    """
    folder, manifest = bundle.path, bundle.manifest
    over = manifest.figures.overrides
    if not (folder / PURGED).exists():
        figures = {
            "at": now(),
            "manifest": manifest_hash(folder),
            "decisions": _decisions(folder),
            "overrides": {name: len(getattr(over, name)) for name in ("changed", "unknown", "conflicting")},
        }
        replace_file(folder / PURGED, json.dumps(figures, indent=1, ensure_ascii=False) + "\n")
    kept: dict[str, Any] = {name: manifest.config[name] for name in CONFIG_KEPT if name in manifest.config}
    none = replace(over, changed=(), unknown=(), conflicting=())
    replace(manifest, config=kept, figures=_without_leads(manifest.figures, none), reading=None).save(folder)


def _without_leads(figures: Figures, none: OverrideFigures) -> Figures:
    """The figures without source keys and leads."""
    conversion = figures.conversion and replace(figures.conversion, first=())
    return replace(figures, overrides=none, conversion=conversion)


def data_of(folder: Path) -> list[Path]:
    """The files that a purge removes."""
    return [path for path in folder.rglob("*") if not path.is_dir() and path.relative_to(folder).parts[0] not in KEPT]


def remove_data(folder: Path) -> None:
    """Remove everything but what is kept. Raises PlanError where something cannot be removed."""
    try:
        for path in sorted(folder.iterdir()):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            elif path.name not in KEPT:
                path.unlink()
    except OSError as error:
        raise PlanError(
            f"A file of the plan cannot be removed: {error.strerror}.",
            where=error.filename or folder,
            written="some of the plan's files were removed; no command takes the folder for a complete plan any more",
            next=f"make the folder writable, then run crm-cleanup purge {folder} again: it removes the rest",
        ) from None


def leftovers(folder: Path) -> list[Path]:
    """The folders beside a plan that a killed or running `plan` has made for it: they hold the same data."""
    path = folder.absolute()
    return sorted(other for other in path.parent.glob(f".{path.name}.*.new") if other.is_dir())


def _decisions(folder: Path) -> Mapping[str, Mapping[str, int]]:
    """How many records of each entry were decided how; nothing where the table is damaged, which keeps no purge."""
    counts: dict[str, dict[str, int]] = {}
    with suppress(OSError, pa.ArrowException, KeyError):
        table = pq.read_table(folder / "decisions.parquet", columns=["entry", "decision"])
        counted = table.group_by(["entry", "decision"]).aggregate([([], "count_all")]).to_pylist()
        for row in sorted(counted, key=lambda row: (row["entry"], row["decision"])):
            counts.setdefault(row["entry"], {})[row["decision"]] = row["count_all"]
    return counts
