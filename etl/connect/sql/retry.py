"""Run a transaction, and run it again where bad luck ended it: a deadlock, a lock held too long, a lost connection."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from etl.connect.sql.refusal import verdict
from etl.errors import Locked

T = TypeVar("T")
ATTEMPTS = 6
"""How often a transaction is tried: for about ten seconds in all."""


def transact(
    engine: sa.Engine,
    errors: tuple[type[Exception], ...],
    work: Callable[[sa.Connection], T],
    confirm_lock: Callable[[], None],
) -> T:
    """Do some work in one transaction, which is committed; what it reads first must tell what a lost COMMIT has done.

    errors: those that the driver raises. hold: called before each try, to see that the runner still has its lock.
    Raises the last error where trying again did not help, and at once what trying again cannot mend.
    """

    def passes(error: BaseException) -> bool:
        transient = isinstance(error, errors) and verdict(error, engine.dialect.name) in ("again", "lost")
        return transient or isinstance(error, Locked)

    def once() -> T:
        confirm_lock()
        with engine.begin() as connection:
            return work(connection)

    waiting = wait_random_exponential(multiplier=0.2, max=5)
    for attempt in Retrying(
        stop=stop_after_attempt(ATTEMPTS), wait=waiting, retry=retry_if_exception(passes), reraise=True
    ):
        with attempt:
            return once()
    raise AssertionError("the last attempt returns or raises")
