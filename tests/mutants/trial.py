"""Try planted faults: each in a copy of its own, with the tests that must catch it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from tests.mutants.mutant import ROOT, Mutant

Outcome = Literal["caught", "survived", "too slow", "broken", "not tried"]

SERVERS = {"PostgreSQL": "CRM_CLEANUP_POSTGRESQL", "MariaDB": "CRM_CLEANUP_MARIADB"}
PATIENCE = 8
"""So many times its CPU seconds a trial may take by the clock: others work on the machine, too."""

PASSED, FAILED = 0, 1
NOT_COPIED = (".git", ".venv", "build", "dist", "*.egg-info", ".*_cache", ".hypothesis", ".coverage*", "node_modules")
OF_THE_CALLER = ("CRM_CLEANUP_", "PYTEST_", "COVERAGE_", "HYPOTHESIS_")
HYPOTHESIS = ("--hypothesis-seed=0", "--hypothesis-profile=planted")
_NO_CATCH = re.compile(r"FailedHealthCheck|errors\.Flaky")
"""A test that fails so says something of the machine, and nothing of the fault."""

_CATCHER = re.compile(r"^(?:FAILED|ERROR) (tests/\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Result:
    """How a trial ended. by: the test that caught it; seconds: of CPU; said: the last lines of pytest."""

    outcome: Outcome
    by: str = ""
    seconds: float = 0.0
    said: str = ""


@dataclass
class Bench:
    """Where trials are made: an unchanged copy that is compiled once, and a copy of that for each trial.

    seconds: of CPU that a trial may take. The checkout itself is only read.
    """

    folder: Path
    seconds: int = 60
    _running: set[int] = field(default_factory=set)
    _stopped: threading.Event = field(default_factory=threading.Event)

    @property
    def pristine(self) -> Path:
        """The unchanged copy."""
        return self.folder / "pristine"

    def prepare(self, tests: Sequence[str], root: Path = ROOT) -> None:
        """Copy a checkout, and let Python and pytest compile what these tests need, so that no trial does."""
        shutil.copytree(root, self.pristine, ignore=shutil.ignore_patterns(*NOT_COPIED), symlinks=True)
        collect = [sys.executable, "-m", "pytest", "--collect-only", "-qq", "-p", "no:cacheprovider", *tests]
        environ = self._environ(self.pristine, None)
        subprocess.run(collect, cwd=self.pristine, env=environ, stdout=subprocess.DEVNULL, check=True)

    def plant(self, mutant: Mutant) -> Result:
        """Plant a fault and run its tests: it is caught where one fails."""
        if mutant.needs and not os.environ.get(SERVERS[mutant.needs]):
            return Result("not tried", said=f"needs {mutant.needs}: set {SERVERS[mutant.needs]}")
        if reason := mutant.unfit(self.pristine):
            return Result("broken", said=reason)
        return self._trial(mutant.paths, mutant)

    def unchanged(self, tests: Sequence[str]) -> Result:
        """Run tests where no fault is planted: those that fail then catch nothing."""
        return self._trial(tests, None)

    def stop(self) -> None:
        """End all trials that are running, and begin no further one."""
        self._stopped.set()
        for pid in list(self._running):
            _kill(pid)

    def _trial(self, tests: Sequence[str], mutant: Mutant | None) -> Result:
        if self._stopped.is_set():
            return Result("not tried", said="stopped")
        with TemporaryDirectory(dir=self.folder) as name:
            copy = Path(name) / "copy"
            shutil.copytree(self.pristine, copy, symlinks=True)
            if mutant is not None:
                _change(copy / "etl" / mutant.file, mutant)
            return self._run(tests, copy, self._environ(copy, mutant))

    def _environ(self, copy: Path, mutant: Mutant | None) -> dict[str, str]:
        """What a trial's processes see: the copy's package, no server but the one that is needed, places for files.

        Hypothesis' tables of characters, which take seconds to make, are those of all trials.
        """
        environ = {name: value for name, value in os.environ.items() if not name.startswith(OF_THE_CALLER)}
        if mutant is not None and mutant.needs:
            environ[SERVERS[mutant.needs]] = os.environ[SERVERS[mutant.needs]]
        files = copy.parent / "tmp"
        files.mkdir()
        tables = self.folder / "hypothesis"
        return environ | {"PYTHONPATH": str(copy), "TMPDIR": str(files), "HYPOTHESIS_STORAGE_DIRECTORY": str(tables)}

    def _run(self, tests: Sequence[str], copy: Path, environ: Mapping[str, str]) -> Result:
        pytest = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *HYPOTHESIS]
        limited = ["sh", "-c", f'ulimit -t {self.seconds}; exec "$@"', "sh", *pytest, *tests]
        said = copy.parent / "said"
        with said.open("wb") as output:
            process = subprocess.Popen(
                limited, cwd=copy, env=environ, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip
            code, seconds = self._wait(process)
        return _judged(code, seconds, self.seconds, said.read_text(encoding="utf-8", errors="replace"))

    def _wait(self, process: subprocess.Popen[bytes]) -> tuple[int, float]:
        """Wait for a trial's end: its exit code, and the CPU seconds of all its processes."""
        self._running.add(process.pid)
        patience = threading.Timer(PATIENCE * self.seconds, _kill, [process.pid])
        patience.start()
        try:
            _, status, used = os.wait4(process.pid, 0)
        finally:
            patience.cancel()
            self._running.discard(process.pid)
            _kill(process.pid)  # what its tests have left running
        process.returncode = os.waitstatus_to_exitcode(status)
        return process.returncode, used.ru_utime + used.ru_stime


def _kill(group: int) -> None:
    """Kill a trial with all processes that it started, where there are any left."""
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def _change(path: Path, mutant: Mutant) -> None:
    """Plant a fault in a file of a copy, so that Python sees that what it had compiled is of another time."""
    compiled_for = path.stat().st_mtime
    path.write_text(mutant.planted(path.read_text(encoding="utf-8")), encoding="utf-8")
    os.utime(path, (time.time(), compiled_for + 10))


def _judged(code: int, seconds: float, limit: int, said: str) -> Result:
    tail = "\n".join(said.splitlines()[-25:])
    catcher = _CATCHER.search(said)
    if seconds > limit or code < 0:
        return Result("too slow", seconds=seconds, said=tail)
    if code == PASSED:
        return Result("survived", seconds=seconds, said=tail)
    if code == FAILED and catcher and not _NO_CATCH.search(said):
        return Result("caught", catcher[1], seconds, tail)
    return Result("broken", seconds=seconds, said=tail)
