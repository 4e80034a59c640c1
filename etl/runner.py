"""Who runs a command, on which machine, at what time, and where from: for journals, ledgers, locks and advice."""

from __future__ import annotations

import datetime as dt
import getpass
import os
import shlex
import socket
from pathlib import Path


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


def typed(path: str | Path) -> str:
    """A path as a person would type it into a shell from here."""
    path = Path(path).absolute()
    return shlex.quote(os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path))
