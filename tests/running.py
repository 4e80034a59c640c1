"""The command in the test's own process: what a user types, with its exit code and both streams, without a start.

A process of its own (`started`) is for what only a process has: how Python starts it, signals, a terminal.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from subprocess import CompletedProcess
from unittest import mock

from click.testing import CliRunner

from etl.cli import main


def run(
    *arguments: object, folder: Path | None = None, environ: Mapping[str, str] | None = None
) -> CompletedProcess[str]:
    """Run the command as `main` does, with its way to tell errors; in `folder`, with more environment variables."""
    given = [str(one) for one in arguments]
    with contextlib.ExitStack() as stack:
        out, err, _ = stack.enter_context(CliRunner().isolation(env=environ))
        stack.enter_context(mock.patch.object(sys, "argv", ["crm-cleanup", *given]))
        stack.enter_context(contextlib.chdir(folder or Path.cwd()))
        code = _exit_code()
        sys.stdout.flush()
        sys.stderr.flush()
        return CompletedProcess(given, code, _text(out.getvalue()), _text(err.getvalue()))


def started(
    *arguments: object, folder: Path | None = None, environ: Mapping[str, str] | None = None
) -> CompletedProcess[str]:
    """Run the command in a process of its own, as a shell does."""
    command = [sys.executable, "-m", "etl", *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=folder, env={**os.environ, **(environ or {})}
    )


def _exit_code() -> int:
    try:
        main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def _text(written: bytes) -> str:
    return written.decode(errors="surrogateescape").replace("\r\n", "\n")
