"""The whole way of a clean-up, as a data admin types it."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pyarrow.parquet as pq

from tests.running import run

ROOT = Path(__file__).parents[2]


def config_of(system: str, folder: Path) -> str:
    """Copy the shipped config of a system into a folder. Returns its name."""
    shutil.copy(ROOT / "configs" / f"{system}.yaml", folder)
    return f"{system}.yaml"


def walk(config: str, folder: Path, after: Sequence[str] = ()) -> None:
    """Check, plan, approve, apply, verify, and what else is asked; each must end well."""
    verbs = [("check", config), ("plan", config, "--out", "plan"), ("approve", "plan", "--by", "Maria")]
    verbs += [("apply", "plan"), ("verify", "plan", "--source")] + [(verb, "plan") for verb in after]
    for verb in verbs:
        ended = run(*verb, folder=folder)
        assert ended.returncode == 0, f"{verb}: {ended.stdout}{ended.stderr}"


def decisions(folder: Path) -> dict[str, str]:
    """Source key -> decision."""
    rows = pq.read_table(folder / "plan" / "decisions.parquet").to_pylist()
    return {row["source_key"]: row["decision"] for row in rows}


def notes(folder: Path) -> dict[str, str]:
    """Lead key -> its note."""
    rows = pq.read_table(folder / "plan" / "leads.parquet").to_pylist()
    return {row["lead"]: row["note"] for row in rows}
