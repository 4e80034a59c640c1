"""Check whether a plan is unchanged: by its files' bytes and, where those differ, by their contents."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow.parquet as pq

from etl.errors import CleanupError
from etl.plan.bundle import MANIFEST, Bundle
from etl.plan.damage import changed, damaged, reading
from etl.plan.digest import Contents, contents, digest_of
from etl.plan.places import refuse_other_places

ATTACHMENTS = "attachments"


def file_hash(path: Path) -> str:
    """SHA-256 of a file's bytes, as hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def manifest_hash(folder: Path) -> str:
    """SHA-256 of a plan's manifest."""
    with reading(folder / MANIFEST):
        return file_hash(folder / MANIFEST)


def refuse_changed(bundle: Bundle, files: Iterable[str] | None = None) -> None:
    """Check that a plan's files are unchanged. Raises StalePlan or PlanError, which names the file.

    files: the ones to check, such as `leads.parquet`; if left out, all tables and the names of the attachments. A file
    with the same bytes is not read again; a file that was rewritten with the same contents counts as unchanged. What
    the manifest says about the files is checked as well.
    """
    for name in _tables(bundle) if files is None else files:
        _refuse_changed(bundle, name)
    if files is None:
        _refuse_other_attachments(bundle)
        refuse_other_places(bundle)


def damage(bundle: Bundle) -> CleanupError | None:
    """The error that `refuse_changed` would raise; None if the plan is unchanged."""
    try:
        refuse_changed(bundle)
    except CleanupError as error:
        return error
    return None


def _tables(bundle: Bundle) -> Iterator[str]:
    """The Parquet files of a plan: all that the manifest knows by their bytes, and all whose contents are digested."""
    manifest = bundle.manifest
    yield from manifest.files
    known = {_part(bundle, name) for name in manifest.files}
    for part in manifest.digests:
        if part not in known and (part in ("leads", "decisions") or part.startswith("snapshot/")):
            raise damaged(bundle.path / MANIFEST, f"it names no file for the part {part!r}")


def _refuse_changed(bundle: Bundle, name: str) -> None:
    path, part = bundle.path / name, _part(bundle, name)
    with reading(path):
        same = file_hash(path) == bundle.manifest.files.get(name)
    if not same and (part is None or contents_of(path) != bundle.manifest.digests[part]):
        raise changed(path)


def _part(bundle: Bundle, name: str) -> str | None:
    """The part of the digest that a file's contents are in; None for one that stands in no part."""
    parts = bundle.manifest.digests
    return next((part for part in (name, name.removesuffix(".parquet")) if part in parts), None)


def contents_of(path: Path) -> str:
    """The digest of what a Parquet file holds."""
    with reading(path):
        return added_up(path).hex(pq.read_schema(path).names)


def added_up(path: Path) -> Contents:
    """What the rows of a Parquet file add up to. Raises PlanError."""
    total = Contents()
    with reading(path), pq.ParquetFile(path) as file:
        for group in range(file.num_row_groups):
            total += contents(file.read_row_group(group))
    return total


def _refuse_other_attachments(bundle: Bundle) -> None:
    """Check the attachments against the digest by their names, which are hashes of their contents."""
    folder = bundle.path / ATTACHMENTS
    names = sorted(path.name for path in folder.rglob("*") if path.is_file())
    if bundle.manifest.digests.get(ATTACHMENTS, digest_of([])) != digest_of(names):
        raise changed(folder, "files were added or removed")
