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

Outcome = Literal["caught", "survived", "too slow", "broken"]

PATIENCE = 8
"""So many times its CPU seconds a trial may take by the clock: others work on the machine, too."""

MANY = 10
"""So many times a trial's CPU seconds the tests of many trials may take together, where no fault is planted."""

PASSED, FAILED = 0, 1
NOT_COPIED = (".git", ".venv", "build", "dist", "*.egg-info", ".*_cache", ".hypothesis", ".coverage*", "node_modules")
OF_THE_CALLER = ("CRM_CLEANUP_", "PYTEST_", "COVERAGE_", "HYPOTHESIS_")
HYPOTHESIS = ("--hypothesis-seed=0", "--hypothesis-profile=planted")
_NO_CATCH = re.compile(r"FailedHealthCheck|errors\.Flaky")
"""A test that fails so says something of the machine, and nothing of the fault."""

_FAILED = re.compile(r"^(?:FAILED|ERROR) (tests/[^\s\[]+::[^\s\[]+)", re.MULTILINE)
"""A test that failed, or ended with an error. What could not even be collected has no name of a test."""


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

    seconds: of CPU that a trial may take. known: a fault's name -> the test that caught it before and is run
    first. no_catch: tests that fail with no fault planted, so that they are left out. The checkout itself is only read.
    """

    folder: Path
    seconds: int = 60
    known: Mapping[str, str] = field(default_factory=dict)
    no_catch: set[str] = field(default_factory=set)
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
        environ = self._environ(self.pristine)
        subprocess.run(collect, cwd=self.pristine, env=environ, stdout=subprocess.DEVNULL, check=True)

    def plant(self, mutant: Mutant) -> Result:
        """Plant a fault and run its tests: it is caught where one fails."""
        if reason := mutant.unfit(self.pristine):
            return Result("broken", said=reason)
        left_out = [f"--deselect={test}" for test in sorted(self.no_catch)]
        first = [test] if self._has(test := self.known.get(mutant.name, "")) else []
        code, seconds, said = self._trial(["-x", *left_out, *first, *mutant.paths], self.seconds, mutant)
        return _judged(code, seconds, self.seconds, said)

    def failing(self, tests: Sequence[str]) -> set[str]:
        """Run tests where no fault is planted and say which of them fail; all, where the run came to no end."""
        code, _, said = self._trial(tests, MANY * self.seconds)
        return set(_FAILED.findall(said)) if code in (PASSED, FAILED) else set(tests)

    def _has(self, test: str) -> bool:
        """Whether a test of this name is there."""
        path, name = self.pristine / test.partition("::")[0], test.rpartition("::")[2]
        return path.is_file() and f"def {name}(" in path.read_text(encoding="utf-8")

    def stop(self) -> None:
        """End all trials that are running, and begin no further one."""
        self._stopped.set()
        for pid in list(self._running):
            _kill(pid)

    def _trial(self, arguments: Sequence[str], seconds: int, mutant: Mutant | None = None) -> tuple[int, float, str]:
        """Run pytest in a new copy: its exit code, the CPU seconds, and what it said."""
        if self._stopped.is_set():
            return -signal.SIGTERM, 0.0, "stopped"
        with TemporaryDirectory(dir=self.folder) as name:
            copy = Path(name) / "copy"
            shutil.copytree(self.pristine, copy, symlinks=True)
            if mutant is not None:
                _change(copy / "etl" / mutant.file, mutant)
            return self._run(arguments, seconds, copy)

    def _environ(self, copy: Path) -> dict[str, str]:
        """What a trial's processes see: the copy's package, no server, places for files.

        Hypothesis' tables of characters, which take seconds to make, are those of all trials.
        """
        environ = {name: value for name, value in os.environ.items() if not name.startswith(OF_THE_CALLER)}
        files = copy.parent / "tmp"
        files.mkdir()
        tables = self.folder / "hypothesis"
        return environ | {"PYTHONPATH": str(copy), "TMPDIR": str(files), "HYPOTHESIS_STORAGE_DIRECTORY": str(tables)}

    def _run(self, arguments: Sequence[str], seconds: int, copy: Path) -> tuple[int, float, str]:
        pytest = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *HYPOTHESIS]
        limited = ["sh", "-c", f'ulimit -t {seconds}; exec "$@"', "sh", *pytest, *arguments]
        said = copy.parent / "said"
        with said.open("wb") as output:
            process = subprocess.Popen(
                limited, cwd=copy, env=self._environ(copy), stdin=subprocess.DEVNULL, stdout=output,
                stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
            code, used = self._wait(process, PATIENCE * seconds)
        return code, used, said.read_text(encoding="utf-8", errors="replace")

    def _wait(self, process: subprocess.Popen[bytes], at_most: int) -> tuple[int, float]:
        """Wait for a trial's end: its exit code, and the CPU seconds of all its processes."""
        self._running.add(process.pid)
        patience = threading.Timer(at_most, _kill, [process.pid])
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
    catcher = _FAILED.search(said)
    if seconds > limit or code < 0:
        return Result("too slow", seconds=seconds, said=tail)
    if code == PASSED:
        return Result("survived", seconds=seconds, said=tail)
    if code == FAILED and catcher and not _NO_CATCH.search(said):
        return Result("caught", catcher[1], seconds, tail)
    return Result("broken", seconds=seconds, said=tail)
