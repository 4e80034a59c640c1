"""Files that are made beside those that are there, and put in their place when they are whole."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from etl.errors import TargetError

BEGUN = ".new."
"""What the folder of a run begins with; one that was killed leaves it."""


@contextmanager
def new_files(folder: Path, what: str) -> Iterator[Path]:
    """An empty folder in another one, whose files are their owner's alone; it is taken away in the end.

    what: cannot be done where a file cannot be written, in the words of the TargetError.
    """
    new, mask = folder / f"{BEGUN}{os.getpid()}", os.umask(0o077)
    try:
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir()
        yield new
    except OSError as error:
        raise TargetError(f"{what}: {error.strerror or error}.", where=folder) from None
    finally:
        os.umask(mask)
        shutil.rmtree(new, ignore_errors=True)


def remove_begun(folder: Path) -> None:
    """Take away what a run that was killed has left."""
    for left in folder.glob(f"{BEGUN}*"):
        shutil.rmtree(left, ignore_errors=True)


def put(new: Path, place: Path, before: Collection[Path], last: str | None = None) -> None:
    """Put new files in the place of those that were made before.

    last: the file that says that all are there: it is the first to go, and the last to come.
    """
    files = sorted((path.name for path in new.iterdir()), key=lambda name: (name == last, name))
    place.mkdir(parents=True, exist_ok=True)
    if last is not None:
        (place / last).unlink(missing_ok=True)
    for old in before:
        if old.name not in files:
            old.unlink()
    for name in files:
        (new / name).replace(place / name)
