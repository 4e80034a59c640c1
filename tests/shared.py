"""What many tests look at and none changes, made once a run: the workers of pytest wait for the one that makes it."""

from __future__ import annotations

import fcntl
import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar, cast

import pytest

T = TypeVar("T")


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], T]) -> T:
    """What `make` gives, called with an empty folder by the first worker that asks; the others read what it gave.

    The folder stays as long as those of the tests. What `make` gives must be picklable.
    """
    base = factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        base = base.parent
    folder, kept = base / f"shared-{name}", base / f"shared-{name}.pickle"
    with (base / f"shared-{name}.lock").open("w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            folder.mkdir()
            try:
                kept.write_bytes(pickle.dumps(make(folder)))
            except BaseException:
                shutil.rmtree(folder)  # so that the next test that asks says the cause, too
                kept.unlink(missing_ok=True)
                raise
        return cast(T, pickle.loads(kept.read_bytes()))
