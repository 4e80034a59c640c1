"""A clean-up that was planned, and what people filled in for it."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from etl.errors import WrongRows
from etl.pipeline.decide import People, Taken, decide
from etl.pipeline.plan import Planned, Settings, plan
from etl.pipeline.saved_decisions import OF_DECISION
from etl.report.workbook import WORKBOOK
from tests.pipeline import small, twins
from tests.pipeline.hard import company
from tests.report.books import filled


@dataclass
class Clean:
    """A clean-up with a plan of two open cases: accounts:008 in row 2, and accounts:Ä9 in row 3."""

    config: Path
    planned: Planned

    @property
    def book(self) -> Path:
        """The plan's workbook."""
        return self.planned.folder / WORKBOOK

    @property
    def decisions(self) -> Path:
        """The file of people's decisions."""
        return self.config.parent / "decisions.csv"

    def fill(self, **cells: str) -> Path:
        """A copy of the workbook with cells filled in."""
        return filled(self.book, self.config.parent / "filled.xlsx", cells)

    def csv(self, *lines: str, encoding: str = "utf-8", name: str = "filled.csv") -> Path:
        """A CSV file."""
        path = self.config.parent / name
        path.write_bytes("\n".join(lines).encode(encoding))
        return path

    def cases(self) -> list[dict[str, str]]:
        """The open cases: both keys, and the hash."""
        table = pq.read_table(self.planned.folder / "cases.parquet", columns=["source_key", "other", "hash"])
        return [{name: text or "" for name, text in case.items()} for case in table.to_pylist()]

    def saved(self, file: str, *decisions: dict[str, str], **of_file: Any) -> Path:
        """What the page saves, with these decisions; each is about an open case by its place, or names its keys."""
        cases, empty = self.cases(), dict.fromkeys(OF_DECISION, "")
        rows = [
            {**empty, **(cases[int(own.pop("case"))] if "case" in own else {}), **own} for own in map(dict, decisions)
        ]
        digest = self.planned.report.digest
        page = {"crm_cleanup": "decisions", "version": 1, "name": self.planned.report.name, "plan": digest, "by": "",
                "saved": "2026-11-30T12:00:00Z", "decisions": rows, **of_file}  # fmt: skip
        path = self.config.parent / file
        path.write_text(json.dumps(page), encoding="utf-8")
        return path

    def take(self, *files: Path, **how: Any) -> Taken:
        """Take files into the decisions."""
        dry_run = how.pop("dry_run", False)
        return decide(self.config, files, People(**how), dry_run=dry_run)

    def refused(self, *files: Path, **how: Any) -> list[tuple[str, str, str]]:
        """The rows that are refused, each with its source key and the reason; that nothing is changed is asserted."""
        before = self.decisions.read_bytes() if self.decisions.exists() else None
        with pytest.raises(WrongRows) as error:
            self.take(*files, **how)
        assert error.value.exit_code == 2
        assert (self.decisions.read_bytes() if self.decisions.exists() else None) == before
        assert all(f"{row}, {key}: {what}" in error.value.message for row, key, what in error.value.rows if key)
        return list(error.value.rows)

    def contradictions(self, *files: Path, **how: Any) -> list[list[tuple[str, str]]]:
        """The decisions and rows that contradict each other; that nothing is changed is asserted."""
        before = self.decisions.read_bytes() if self.decisions.exists() else None
        with pytest.raises(WrongRows) as error:
            self.take(*files, **how)
        assert (self.decisions.read_bytes() if self.decisions.exists() else None) == before
        return [[(each["decision"], each["row"]) for each in group] for group in error.value.contradictions]

    def stale(self, *files: Path, **how: Any) -> list[str]:
        """The source keys of decisions whose records changed since; that these alone are in the way is asserted."""
        with pytest.raises(WrongRows) as error:
            self.take(*files, **how)
        assert (error.value.rows, error.value.contradictions) == ((), [])
        return [key for _, key, _ in error.value.stale]

    def rows(self) -> dict[str, dict[str, str]]:
        """The decisions by source key."""
        with self.decisions.open(encoding="utf-8", newline="") as file:
            return {row["source_key"]: row for row in csv.DictReader(file)}

    def again(self) -> Planned:
        """Plan once more, with the decisions."""
        return plan(self.config, self.planned.folder, replace=True, settings=Settings(threads=1))


def cleanup(folder: Path) -> Clean:
    """A clean-up that was planned."""
    config = small.write_config(folder, small.write_csv(folder / "in"))
    return Clean(config, plan(config, folder / "plan", settings=Settings(threads=1)))


def twin_cleanup(folder: Path, language: str = "en") -> Clean:
    """A clean-up with a plan of one open case, of two companies that may be the same."""
    config = twins.write_config(folder, [twins.TWIN, twins.MAYBE, *twins.OTHERS])
    config.write_text(config.read_text("utf-8") + f"report: {{language: {language}}}\n", "utf-8")
    return Clean(config, plan(config, folder / "plan", settings=Settings(threads=1)))


NAMES = ("Amsel", "Birken", "Cedern", "Dorn", "Eschen", "Falken", "Ginster", "Hasel", "Ilmen", "Jasmin")


def big_cleanup(folder: Path) -> Clean:
    """A clean-up with a plan of forty open cases: ten pairs that may be the same, and thirty companies."""
    odd = [
        company(
            f"x{i}", f"{NAMES[i % 10]}{NAMES[i // 10]} Bau GmbH", f"Weg {i}", f"{10000 + i * 37} Ort{i}", kind="odd"
        )
        for i in range(30)
    ]
    pairs = []
    for i, name in enumerate(NAMES):
        same = f"{name}hof{NAMES[9 - i]} Technik GmbH"
        pairs.append(company(f"a{i}", same, f"Ring {i}", f"{20000 + i * 101} Stadt{i}", website=f"{name}hof.example"))
        pairs.append(company(f"b{i}", same, website=f"{name}hof.example"))
    config = twins.write_config(folder, [*odd, *pairs, *twins.OTHERS])
    text = config.read_text("utf-8")
    config.write_text(text.replace("merge_at: 0.98", "merge_at: 0.999"), "utf-8")
    return Clean(config, plan(config, folder / "plan", settings=Settings(threads=1)))
