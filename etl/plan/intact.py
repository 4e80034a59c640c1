"""Whether a plan is as it was made: its files by their bytes, and where those differ, by their contents."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import pyarrow.parquet as pq

from etl.errors import StalePlan
from etl.plan.bundle import MANIFEST, Bundle, reading
from etl.plan.digest import Contents, contents, digest_of


def file_hash(path: Path) -> str:
    """SHA-256 of a file's bytes, as hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def manifest_hash(folder: Path) -> str:
    """SHA-256 of a plan's manifest."""
    with reading(folder / MANIFEST):
        return file_hash(folder / MANIFEST)


def plan_digest(as_of: str, config: object, parts: object) -> str:
    """The plan digest: over the as-of date, the config before `${}` is filled in, and the digests of all parts."""
    return digest_of({"as_of": as_of, "config": config, "parts": parts})


def refuse_changed(bundle: Bundle, files: Iterable[str] | None = None) -> None:
    """Hold a plan against the digests that it was made with. Raises StalePlan, which says what differs.

    files: some of it, such as `leads.parquet`; all of the snapshot, the decisions and the leads if left out. A file
    whose bytes are as they were is not read again; one that was rewritten with the same contents is no change.
    """
    manifest = bundle.manifest
    if manifest.digest != plan_digest(manifest.as_of.isoformat(), manifest.config, manifest.digests):
        raise _changed(bundle, bundle.path / MANIFEST)
    for name in _parts(bundle) if files is None else files:
        path = bundle.path / name
        with reading(path):
            same = file_hash(path) == manifest.files.get(name)
        if not same and _contents(path) != manifest.digests[_part(name)]:
            raise _changed(bundle, path)


def _parts(bundle: Bundle) -> list[str]:
    """The files of a plan whose contents are in its digest."""
    names = {_part(name): name for name in bundle.manifest.files}
    return [names[part] for part in bundle.manifest.digests if part in names]


def _part(name: str) -> str:
    return name if "/" in name else name.removesuffix(".parquet")


def _contents(path: Path) -> str:
    found = Contents()
    with reading(path), pq.ParquetFile(path) as file:
        for group in range(file.num_row_groups):
            found += contents(file.read_row_group(group))
        return found.hex(file.schema_arrow.names)


def _changed(bundle: Bundle, path: Path) -> StalePlan:
    return StalePlan(
        f"The plan is not as it was made: {path.name} differs.",
        where=path,
        next=f"make the plan anew: crm-cleanup plan {bundle.manifest.config_path} --out {bundle.path} --replace",
    )
