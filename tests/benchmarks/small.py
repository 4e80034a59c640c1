"""Measures what small clean-ups cost: the CPU seconds (user and system, all processes) of the verbs on little data.

    python tests/benchmarks/small.py                        five rounds of this checkout
    python tests/benchmarks/small.py --against OLDER        each round runs an older checkout's code as well, in turns

The sample CRM, and one with its first ten companies alone, are copied into a temporary folder; nothing is written into
a checkout. Each verb is started as people start it, as a process of its own. The table has the medians.
"""

from __future__ import annotations

import argparse
import csv
import ctypes
import itertools
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks.measure import Failed

ROOT = Path(__file__).resolve().parents[2]
CUT = 10
"""So many companies has the small CRM."""

SUBREAPER = 36
"""PR_SET_CHILD_SUBREAPER of prctl(2): processes that a command leaves behind become children of this one."""

CONFIG = """
name: ten
as_of: 2026-11-01
source:
  url: files:ten
  records:
    accounts: {key: id, type: company, identity: {company: name, street: street, postcode: zip, city: city}}
classify:
  - {as: keep, name: our own company, when: {column: is_own_company, equals: "1"}}
  - {as: lead, name: no evidence of a purchase}
leads: {fields: {name: "{name}", email: "{email}", phone: "{phone}"}}
target: {url: "sqlite:///ten.db"}
gates: {customers: 0%..100%}
"""


@dataclass(frozen=True)
class Step:
    """One command. target: the seconds that it may take; share: what it may take of the time of the older code."""

    name: str
    arguments: tuple[str, ...]
    target: float | None = None
    share: float | None = None


STEPS = (
    Step("--version", ("--version",), target=0.15),
    Step("--help", ("--help",), target=0.15),
    Step("check, ten rows", ("check", "ten.yaml")),
    Step("plan, ten rows", ("plan", "ten.yaml", "--out", "ten-{code}", "--replace"), target=1.0),
    Step("status", ("status", "ten-{code}"), target=0.4),
    Step("check, sample CRM", ("check", "demo.yaml")),
    Step("plan, sample CRM", ("plan", "demo.yaml", "--out", "demo-{code}", "--replace"), share=0.5),
)


@dataclass(frozen=True)
class Figure:
    """What a step took: the medians of this code and, where it was measured, of the older one."""

    step: Step
    seconds: float
    before: float | None = None

    @property
    def limit(self) -> float | None:
        """The most seconds that it may take."""
        if self.step.share is not None and self.before is not None:
            return self.step.share * self.before
        return self.step.target

    @property
    def met(self) -> bool:
        """Whether it keeps its target, if it has one."""
        return self.limit is None or self.seconds <= self.limit


def prepare(folder: Path) -> None:
    """Lay out both clean-ups, as a user has them."""
    for name in ("legacy", "erp"):
        shutil.copytree(ROOT / "data" / name, folder / "data" / name)
    demo = (ROOT / "configs" / "demo.yaml").read_text("utf-8")
    (folder / "demo.yaml").write_text(demo.replace("build/demo/", ""), "utf-8")
    (folder / "ten.yaml").write_text(CONFIG, "utf-8")
    (folder / "ten").mkdir()
    with (folder / "data/legacy/accounts.csv").open(newline="", encoding="utf-8") as file:
        rows = list(itertools.islice(csv.reader(file), 1 + CUT))
    with (folder / "ten/accounts.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)


def rounds(folder: Path, checkouts: Sequence[Path], steps: Sequence[Step], count: int) -> list[Figure]:
    """Run each step so often with the code of each checkout, in turns. The last checkout is the one that is judged."""
    seconds: dict[tuple[Step, Path], list[float]] = {(step, code): [] for step in steps for code in checkouts}
    for number in range(1 + count):  # the first round fills the caches of both and is not counted
        for step in steps:
            for place, code in enumerate(checkouts):
                taken = cpu([argument.format(code=place) for argument in step.arguments], folder, code)
                seconds[step, code] += [taken] if number else []
    medians = {step: [median(seconds[step, code]) for code in checkouts] for step in steps}
    return [Figure(step, all_of[-1], all_of[0] if len(all_of) > 1 else None) for step, all_of in medians.items()]


def cpu(arguments: Sequence[str], folder: Path, code: Path) -> float:
    """Run one command with the code of a checkout. Returns its CPU seconds with all processes that it started."""
    before = _used()
    environ = {**os.environ, "PYTHONPATH": str(code), "PYTHONPYCACHEPREFIX": str(folder / "compiled")}
    environ.pop("PYTHONDONTWRITEBYTECODE", None)  # as on a user's machine, what was compiled once is kept
    command = [sys.executable, "-m", "etl", *arguments]
    ended = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)
    _wait_for_orphans()
    if ended.returncode:
        raise Failed(f"{' '.join(command)} ended with exit code {ended.returncode}:\n{ended.stderr[-2_000:]}")
    return _used() - before


def _used() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _wait_for_orphans() -> None:
    while True:
        try:
            os.wait()
        except ChildProcessError:
            return


def table(figures: Sequence[Figure]) -> list[str]:
    """The figures as lines of Markdown."""
    lines = ["| command | before s | now s | now / before | target s | |", "|---|---:|---:|---:|---:|---|"]
    for figure in figures:
        before = ["", ""]
        if figure.before is not None:
            before = [f"{figure.before:.2f}", f"{figure.seconds / figure.before:.2f}"]
        limit = "" if figure.limit is None else f"{figure.limit:.2f}"
        verdict = "" if figure.limit is None else "ok" if figure.met else "FAIL"
        lines.append(f"| {figure.step.name} | {before[0]} | {figure.seconds:.2f} | {before[1]} | {limit} | {verdict} |")
    return lines


def main() -> int:
    """Print the table; 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--against", type=Path, help="an older checkout, whose code is measured in the same rounds")
    parser.add_argument("--rounds", type=int, default=5, help="(default: 5)")
    asked = parser.parse_args()
    ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    with tempfile.TemporaryDirectory(prefix="crm-cleanup-") as name:
        prepare(Path(name))
        checkouts = [*([asked.against.resolve()] if asked.against else []), ROOT]
        figures = rounds(Path(name), checkouts, STEPS, asked.rounds)
    print("\n".join(table(figures)))
    return 0 if all(figure.met for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
