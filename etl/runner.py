"""Who runs a command, on which machine, and at what time: for journals, approvals, ledgers and locks."""

from __future__ import annotations

import datetime as dt
import getpass
import os
import socket


def user() -> str:
    """The operating system's name for who runs this."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return str(os.getuid()) if hasattr(os, "getuid") else "unknown"


def host() -> str:
    """The machine's own name."""
    return socket.gethostname()


def now() -> str:
    """The time for journals, approvals and ledgers: ISO 8601, UTC, in seconds."""
    return dt.datetime.now(dt.UTC).replace(microsecond=0).isoformat()
