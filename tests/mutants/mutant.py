"""What a planted fault is: a wrong change in a file, the promise that it breaks, the tests that must catch it."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]

RECORDS = "1 records are conserved"
VALUES = "2 values are conserved"
ONCE = "3 exactly once"
APPROVED = "4 only what was approved"
RETIRED = "5 nothing is retired before it was read back, and all can be undone"
SAME = "6 the same input gives the same digest"
DATA = "7 values are data, never code, and no secret is shown"
SILENCE = "8 nothing that the config says misses in silence"
PROMISES = (RECORDS, VALUES, ONCE, APPROVED, RETIRED, SAME, DATA, SILENCE)

DECIDED = "a family is decided as its rules, its evidence and people say"
GATED = "a gate that is not met stops the plan"
TOLD = "what is reported is true, and the exit code says how it ended"
FITTING = "a lead's fields are right, and what looks wrong is said"
DUTIES = (DECIDED, GATED, TOLD, FITTING)


@dataclass(frozen=True)
class Mutant:
    """A planted fault.

    name: what goes wrong, for the people who use the tool. breaks: one of PROMISES or DUTIES. file: below `etl/`.
    old: a text that stands in it exactly once; new: what stands there instead. tests: folders, files and
    single tests below `tests/`, with a blank between; they run without a server.
    """

    name: str
    breaks: str
    file: str
    old: str
    new: str
    tests: str

    @property
    def room(self) -> str:
        """The part of `etl/` that it is planted in."""
        return self.file.partition("/")[0]

    @property
    def paths(self) -> tuple[str, ...]:
        """The tests that must catch it, as pytest takes them."""
        return tuple(f"tests/{path}" for path in self.tests.split())

    def planted(self, source: str) -> str:
        """The file's text with the fault in it."""
        return source.replace(self.old, self.new)

    def unfit(self, root: Path = ROOT) -> str | None:
        """Why the fault cannot be planted in a checkout as it is now; None where it can."""
        path = root / "etl" / self.file
        if not path.is_file():
            return f"etl/{self.file} is not there"
        source = path.read_text(encoding="utf-8")
        if source.count(self.old) != 1:
            return f"etl/{self.file} has its old text {source.count(self.old)} times, not once"
        if missing := [tests for tests in self.paths if not (root / tests.partition("::")[0]).exists()]:
            return f"{missing[0]} is not there"
        return _unlike(source, self.planted(source))


def _unlike(before: str, after: str) -> str | None:
    """Why a changed file is no planted fault; None where it still is Python, and does something else."""
    try:
        changed = ast.dump(ast.parse(after)) != ast.dump(ast.parse(before))
    except SyntaxError as error:
        return f"with it the file is no Python any more: {error.msg} in line {error.lineno}"
    return None if changed else "it changes nothing"
