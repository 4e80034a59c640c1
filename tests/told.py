"""A clean-up of a few lines: tables as CSV text and a config, planned in a folder, and what came of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from etl.pipeline.plan import plan
from etl.pipeline.settings import Settings
from etl.report import Report

HEAD = "name: told\nas_of: 2026-11-01\napprovals: waived\n"
TARGET = "target: {url: 'sqlite:///FOLDER/leads.db'}\n"
LEADS = "leads: {fields: {name: '{name}'}}\n"
GATES = "gates: {customers: 0%..100%}\n"


@dataclass(frozen=True)
class Planned:
    """A plan that was made."""

    folder: Path
    report: Report

    @property
    def decisions(self) -> dict[str, str]:
        """Source key -> decision."""
        return self._by("decisions", "source_key", "decision")

    def why(self, key: str) -> tuple[str | None, str | None]:
        """The reason and the evidence of one record's decision."""
        rows = pq.read_table(self.folder / "decisions.parquet").to_pylist()
        [row] = [row for row in rows if row["source_key"] == key]
        return row["rule"], row["evidence"]

    def leads(self, *columns: str) -> dict[str, Any]:
        """Lead key -> one of its columns, or a tuple of several."""
        rows = pq.read_table(self.folder / "leads.parquet").to_pylist()
        return {r["lead"]: r[columns[0]] if len(columns) == 1 else tuple(r[c] for c in columns) for r in rows}

    def note(self, lead: str) -> str:
        """The note of one lead."""
        return str(self._by("leads", "lead", "note")[lead])

    @property
    def json(self) -> dict[str, Any]:
        """The report as machines read it."""
        report: dict[str, Any] = json.loads((self.folder / "report.json").read_text("utf-8"))
        return report

    def text(self, name: str) -> str:
        """A report as people read it: report.md, report.html."""
        return (self.folder / name).read_text("utf-8")

    def _by(self, table: str, key: str, column: str) -> dict[str, str]:
        rows = pq.read_table(self.folder / f"{table}.parquet", columns=[key, column]).to_pylist()
        return {row[key]: row[column] for row in rows}


def write(folder: Path, tables: Mapping[str, str], config: str) -> Path:
    """Write tables as `data/NAME.csv`, and a config around what a test says. Returns the config's path."""
    (folder / "data").mkdir(exist_ok=True)
    for name, text in tables.items():
        (folder / "data" / f"{name}.csv").write_text(text.strip() + "\n", "utf-8")
    parts = [HEAD, config.strip() + "\n"]
    parts += [part for part in (LEADS, GATES, TARGET) if f"\n{part.split(':')[0]}:" not in f"\n{config}"]
    text = "".join(parts).replace("SOURCE", f"files:{folder / 'data'}").replace("FOLDER", str(folder))
    path = folder / "told.yaml"
    path.write_text(text, "utf-8")
    return path


def planned(folder: Path, tables: Mapping[str, str], config: str) -> Planned:
    """Plan a clean-up of a few lines; a broken gate is no error here."""
    made = plan(write(folder, tables, config), folder / "plan", replace=True, settings=Settings(threads=1))
    return Planned(made.folder, made.report)
