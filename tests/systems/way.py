"""The whole way of a clean-up, as a data admin types it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from etl.plan.bundle import Manifest
from tests.running import run

ROOT = Path(__file__).parents[2]


def config_of(system: str, folder: Path) -> str:
    """Copy the shipped config of a system into a folder. Returns its name."""
    shutil.copy(ROOT / "configs" / f"{system}.yaml", folder)
    return f"{system}.yaml"


def walk(config: str, folder: Path) -> None:
    """Check, plan, decide again on the plan's snapshot, which gives the same, approve, apply, verify."""
    walk_on(folder, ("check", config), ("plan", config, "--out", "plan"))
    walk_on(folder, ("plan", config, "--from", "plan", "--out", "again"), ("approve", "plan", "--by", "Maria"))
    again = Manifest.read(folder / "again").digests
    assert {part: digest for part, digest in again.items() if part != "from"} == Manifest.read(folder / "plan").digests
    walk_on(folder, ("apply", "plan"), ("verify", "plan", "--source"))


def walk_on(folder: Path, *verbs: tuple[str, ...]) -> None:
    """Run more commands; each must end well."""
    for verb in verbs:
        ended = run(*verb, folder=folder)
        assert ended.returncode == 0, f"{verb}: {ended.stdout}{ended.stderr}"


def decisions(folder: Path) -> dict[str, str]:
    """Source key -> decision."""
    rows = pq.read_table(folder / "plan" / "decisions.parquet").to_pylist()
    return {row["source_key"]: row["decision"] for row in rows}


def leads(folder: Path) -> dict[str, dict[str, Any]]:
    """Lead key -> its columns."""
    rows = pq.read_table(folder / "plan" / "leads.parquet").to_pylist()
    return {row["lead"]: row for row in rows}
