"""The errors for a plan's file that is missing, cut or changed: one mechanism for all that read a plan."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from etl.errors import PlanError, StalePlan

RESTORE = "restore the plan's folder from a backup, or make a new plan: crm-cleanup plan CONFIG --out NEW-FOLDER"
"""What to do, whatever the damage: nobody can repair a plan's file by hand."""

UNREADABLE = (OSError, pa.ArrowException, IndexError, KeyError, UnicodeDecodeError)
"""What the libraries raise where a file is missing, empty, cut or overwritten."""


def damaged(path: Path, what: str, *, next: str = RESTORE) -> PlanError:
    """The error for a file of a plan that cannot be read as what it is. what: a sentence without its full stop."""
    return PlanError(f"The plan's file {path.name} is missing or damaged: {what}.", where=path, next=next)


def changed(path: Path, what: str = "") -> StalePlan:
    """The error for a file of a plan that can be read but was changed. what: where it differs."""
    detail = f": {what}" if what else ""
    return StalePlan(f"The plan was changed after it was made: {path.name} differs{detail}.", where=path, next=RESTORE)


@contextmanager
def reading(path: Path, *, next: str = RESTORE) -> Iterator[None]:
    """Turn any error while a file of a plan is read into a PlanError that names the file. next: what to do about it."""
    try:
        yield
    except UNREADABLE as error:
        raise damaged(path, _reason(error), next=next) from None


def _reason(error: Exception) -> str:
    """Why a file cannot be read, without a value of it."""
    if isinstance(error, FileNotFoundError):
        return "it does not exist"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__
