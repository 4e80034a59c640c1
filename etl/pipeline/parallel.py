"""Run a function over chunks in worker processes: results in order, only a few chunks under way at a time."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Protocol, TypeVar

from etl.errors import CleanupError

A = TypeVar("A")
B = TypeVar("B")
PRELOADED = ["pandas", "pyarrow.parquet", "etl.transform", "etl.load.reread", "etl.connect.sql.source"]


class Each(Protocol):
    """Like `map`: apply a function to each item, results in the order of the items."""

    def __call__(self, function: Callable[[A], B], items: Iterable[A], /) -> Iterable[B]:
        """Apply `function` to each of `items`."""


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _deaf() -> None:
    """Let the process that was asked hear Ctrl-C alone: a terminal sends it to all."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def workers(count: int, *, most: int | None = None) -> Iterator[Each]:
    """Give a `map` over so many worker processes; with one, everything runs in this process.

    Workers come from a server process that has the libraries loaded, never by forking a process that has threads. What
    is sent must be picklable. At most two items a worker are under way, so that results are never heaped up.
    """
    if count <= 1:
        yield map
        return
    context = multiprocessing.get_context("forkserver" if hasattr(os, "fork") else "spawn")
    if hasattr(os, "fork"):
        context.set_forkserver_preload(PRELOADED)
    with ProcessPoolExecutor(most or count, context, initializer=_deaf) as pool:

        def each(function: Callable[[A], B], items: Iterable[A], /) -> Iterator[B]:
            under_way: deque[Future[B]] = deque()
            for item in items:
                under_way.append(pool.submit(function, item))
                if len(under_way) >= 2 * (most or count):
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()

        try:
            yield each
        except BrokenProcessPool:
            raise CleanupError(
                "The operating system ended a worker process, probably because memory ran out.",
                written="nothing by plan and verify; by apply whole batches, each in the ledger",
                next="run the command again, with --threads 1 where memory is short",
            ) from None
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
