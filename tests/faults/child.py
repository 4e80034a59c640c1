"""Run one command of a plan in a process of its own, which is ready to begin at once."""

from __future__ import annotations

import multiprocessing
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from etl.errors import CleanupError
from etl.plan import Bundle

CONTEXT = multiprocessing.get_context("forkserver")
VERBS = ("apply", "retire", "undo")
PRELOADED = [*(f"etl.pipeline.{verb}" for verb in VERBS), "sqlalchemy", "psycopg", "pymysql", "tests.faults.child"]
CONTEXT.set_forkserver_preload(PRELOADED)
KILLED = -9


@dataclass(frozen=True)
class Ended:
    """How a command ended. code: of the process; said: the error's class and message."""

    code: int
    said: str
    seconds: float


def run(verb: str, plan: Path, fault: Callable[[Any], None] | None = None, most: float = 120.0) -> Ended:
    """Run a command.

    fault: called with the process when it begins to work. Raises TimeoutError after `most` seconds.
    """
    ours, theirs = CONTEXT.Pipe(duplex=False)
    process = CONTEXT.Process(target=_work, args=(verb, plan, theirs))
    process.start()
    theirs.close()
    ours.recv()
    begun = time.monotonic()
    if fault is not None:
        fault(process)
    process.join(most)
    if process.exitcode is None:
        process.kill()
        process.join()
        raise TimeoutError(f"{verb} of {plan} did not end within {most:g} seconds")
    said = ""
    try:
        if ours.poll():
            said = ours.recv()
    except EOFError:
        pass
    return Ended(process.exitcode, said, time.monotonic() - begun)


def _work(verb: str, plan: Path, told: Connection) -> None:
    from etl.pipeline.apply import apply
    from etl.pipeline.retire import retire
    from etl.pipeline.undo import undo

    bundle = Bundle.open(plan)
    told.send("begun")
    try:
        if verb == "apply":
            apply(bundle, threads=1)
        elif verb == "retire":
            retire(bundle, threads=1)
        else:
            undo(bundle)
    except CleanupError as error:
        told.send(f"{type(error).__name__}: {error.message} Written: {error.written}. Next: {error.next}")
        sys.exit(error.exit_code)
