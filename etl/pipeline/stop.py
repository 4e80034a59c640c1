"""Stop at a border: the first Ctrl-C lets the transaction that is under way end, the second ends at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def stopping() -> Iterator[Callable[[], bool]]:
    """Give a function that tells whether somebody wants the command to end.

    Only the main thread hears signals; in another one nothing is ever stopped.
    """
    stop_requested = threading.Event()

    def ask(number: int, _frame: FrameType | None) -> None:
        if stop_requested.is_set():
            raise KeyboardInterrupt
        stop_requested.set()
        if number == signal.SIGINT:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    if threading.current_thread() is not threading.main_thread():
        yield stop_requested.is_set
        return
    before = {number: signal.signal(number, ask) for number in SIGNALS}
    try:
        yield stop_requested.is_set
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
