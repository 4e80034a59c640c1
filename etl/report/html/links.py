"""From each number of the page to the rows that it counts: on the page, or in a file beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from etl.model import Decision
from etl.plan.bundle import Manifest
from etl.report.lists import FOLDER, OTHERS, list_of

DECISIONS = "decisions.parquet"
GATES = {
    "review": "#review",
    "reject": "#rejects",
    "customers": "#records",
    "empty_tables": "#joins",
    "near_misses": "#config-and-data",
    "evidence_without_record": "#joins",
    "unreadable_dates": "#joins",
    "left_behind": "#joins",
    "master_unusable": "#matches",
    "weak_numbers": "#matches",
    "quality_errors": "#quality",
    "forget_unknown": "#records",
}
"""Gate -> where on the page its number comes from."""


@dataclass(frozen=True)
class Link:
    """A file beside the page. where: column -> the value by which a number's rows are told from the others.

    A column of several values, such as the rules that held, has it as one of them. whole: the rows are counted over
    this file by more than a value, and can be seen, but not counted, there.
    """

    href: str
    where: Mapping[str, str] = field(default_factory=dict)
    whole: bool = True

    @property
    def part(self) -> Link:
        """The same file for a number whose rows no value tells from the others."""
        return Link(self.href, whole=False)

    @property
    def title(self) -> str:
        """The condition, as the link says it to those who open the file."""
        return "; ".join(f"{column} = {value}" for column, value in self.where.items())


@dataclass(frozen=True)
class Links:
    """The files beside a page. datasets: name -> its file in the snapshot; all: those that the page lists."""

    datasets: Mapping[str, str]
    all: tuple[str, ...]

    @classmethod
    def of(cls, folder: Path, manifest: Manifest) -> Links:
        """Those of a plan's folder when the page is drawn."""
        files = [
            path
            for pattern in ("*.xlsx", "*.csv", f"{FOLDER}/*.csv", "*.parquet", "*.md", "report.json")
            for path in sorted(folder.glob(pattern))
        ]
        datasets = {dataset.name: f"snapshot/{dataset.file}" for dataset in manifest.figures.datasets}
        return cls(datasets, tuple(path.relative_to(folder).as_posix() for path in files))

    def read(self, entry: str | None = None) -> Link:
        """The legacy records, or those of one entry."""
        return Link(DECISIONS, {"entry": entry} if entry is not None else {})

    def applies(self, rule: str) -> Link:
        """The records to which a rule applies; rows of one key are one record."""
        return Link(DECISIONS, {"held": rule}, whole=False)

    def decided(self, decision: str, **where: str) -> Link:
        """The records with a decision; where: of an entry, or by a rule."""
        return Link(list_of(Decision(decision)), where)

    def rows(self, dataset: str) -> Link | None:
        """The rows over which something of an entry or table is counted; None for one that was not read."""
        file = self.datasets.get(dataset.removesuffix(", parents"))
        return Link(file, whole=False) if file else None

    def known(self, master: str) -> Link:
        """The customers of a list."""
        return Link(f"masters/{master}.parquet")

    def matched(self, master: str) -> Link:
        """The records that match one of them by probability."""
        return Link(f"{FOLDER}/matches.csv", {"master": master, "how": "probability"})

    def flips(self, rule: str, at_least: float) -> Link:
        """The records that another probability would decide otherwise."""
        return Link(f"{FOLDER}/flips.csv", {"rule": rule, "at_least": f"{at_least:g}"})

    def faults(self, kind: str, dataset: str, code: str) -> Link:
        """The rejects, or orphans, of one table and fault."""
        return Link("rejects.csv" if kind == "rejects" else f"{FOLDER}/{kind}.csv", {"dataset": dataset, "code": code})

    def findings(self, code: str, severity: str) -> Link:
        """The quality findings of one code and severity."""
        return Link(f"{FOLDER}/findings.csv", {"code": code, "severity": severity})

    @property
    def rejects(self) -> Link:
        """All rejects."""
        return Link("rejects.csv")

    def list(self, name: str) -> Link:
        """A whole list."""
        assert name in OTHERS
        return Link(f"{FOLDER}/{name}.csv")
