"""Wall time and peak memory of a command with all processes that it starts."""

from __future__ import annotations

import re
import resource
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
LOGIN = re.compile(r"://[^@/\s]+@")
EVERY = 0.1
"""Seconds between two samples of the memory."""


class Failed(Exception):
    """A measured command ended with another exit code than 0."""


@dataclass(frozen=True)
class Measured:
    """seconds: wall time. peak: the most bytes held at a time, pages that processes share counted once (PSS). cpu:
    seconds of user and system of all processes that were waited for."""

    seconds: float
    peak: int
    cpu: float


def measure(command: Sequence[str], folder: Path, environ: Mapping[str, str]) -> Measured:
    """Run a command in a folder. Raises Failed with the end of what it said where it does not succeed."""
    log = folder / "command.log"
    with log.open("wb") as output:
        began, used = time.perf_counter(), _cpu()
        process = subprocess.Popen(command, cwd=folder, env=environ, stdout=output, stderr=subprocess.STDOUT)
        sampler = Sampler(process.pid)
        sampler.start()
        code = process.wait()
        seconds = time.perf_counter() - began
        sampler.stop()
    if code != 0:
        said = log.read_text("utf-8", "replace").strip()[-2_000:]
        raise Failed(LOGIN.sub("://***@", f"{' '.join(command)} ended with exit code {code}:\n{said}"))
    return Measured(seconds, sampler.peak, _cpu() - used)


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


class Sampler(threading.Thread):
    """Watches the memory of a process and of all below it."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.peak = 0
        self._pid = pid
        self._done = threading.Event()

    def run(self) -> None:
        """Take samples until stopped."""
        while not self._done.wait(EVERY):
            self.peak = max(self.peak, sum(map(memory, tree(self._pid))))

    def stop(self) -> None:
        """End, and wait for the last sample."""
        self._done.set()
        self.join()


def tree(root: int) -> list[int]:
    """The process and all below it, as far as they still run."""
    children: dict[int, list[int]] = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            children.setdefault(parent(int(entry.name)), []).append(int(entry.name))
    found = [root]
    for pid in found:
        found += children.get(pid, [])
    return found


def parent(pid: int) -> int:
    """The parent of a process; 0 where it is gone."""
    try:
        return int((PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return 0


def memory(pid: int) -> int:
    """The proportional set size of a process in bytes; 0 where it is gone."""
    try:
        lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)
