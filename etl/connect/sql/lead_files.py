"""The files of leads beside a database: a folder that holds each by its SHA-256, as the notes name them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from etl.connect.target import LeadFile
from etl.errors import TargetError


def place_of(folder: Path, file: Path) -> Path:
    """Where a file of the plan's `attachments/` stands in the folder: `ab/abcdef…`, as in the plan."""
    return folder / file.parent.name / file.name


def keep(folder: Path, files: Iterable[LeadFile]) -> None:
    """Write files into the folder, readable by their owner only; those that are there stay.

    Each is whole or not there: a run that is killed leaves no part of one under its name. Raises TargetError where one
    cannot be written.
    """
    for path in dict.fromkeys(file.path for file in files):
        place = place_of(folder, path)
        try:
            _copy(path, place)
        except OSError as error:
            raise TargetError(
                f"A file of a lead cannot be written: {error.strerror}.",
                where=place,
                next="make the folder of target.files writable",
            ) from None


def _copy(path: Path, place: Path) -> None:
    """Copy a file whole or not at all, unless it is there."""
    if place.exists():
        return
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = place.with_suffix(f".{os.getpid()}.part")
    try:
        shutil.copyfile(path, partial)
        partial.chmod(0o600)
        partial.replace(place)
    finally:
        partial.unlink(missing_ok=True)
