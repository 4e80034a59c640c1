"""Decide: take what people filled in into decisions.csv, all of it or nothing."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from etl import config as configs
from etl.classify import read_overrides
from etl.classify.decisions_file import merge
from etl.classify.overrides import COLUMNS, texts_of
from etl.errors import ConfigError, excerpt
from etl.pipeline.answers import answers, read_rows
from etl.pipeline.planned_records import plan_beside, planned_records
from etl.report.workbook import Filled
from etl.runner import typed

BOM = "\ufeff"


@dataclass(frozen=True)
class Taken:
    """What `decide` did to the file of decisions: lines added, replaced and as they were, and rows left undecided.

    name: of the clean-up. plan: the folder of the plan that the decisions were held against; None where there was none
    at hand.
    """

    path: str
    added: int
    replaced: int
    unchanged: int
    undecided: int
    written: bool
    name: str
    plan: str | None


def decide(config_path: Path, file: Path, *, by: str = "", dry_run: bool = False, plan: Path | None = None) -> Taken:
    """Take a filled-in workbook or CSV file into decisions.csv beside the config.

    by: who decided, where a row does not say it. dry_run: only say what would be done. plan: that people looked at; if
    left out, the one beside the file, or plans/NAME. Raises WrongRows, which names every row that cannot be taken, or
    ConfigError, and PlanError or StalePlan where the plan cannot be used; then nothing is written.
    """
    config = configs.load(config_path)
    read_overrides(config)
    filled = read_rows(file)
    if filled.name not in (None, config.name):
        raise ConfigError(
            f"This workbook belongs to the clean-up {excerpt(filled.name or '')!r}, but the config is for "
            f"{config.name!r}.",
            where=file,
            next=f"use the config of {excerpt(filled.name or '')!r}, or the review.xlsx of a plan that was "
            "made with this config",
        )
    today = dt.datetime.now().astimezone().date().isoformat()
    bundle = plan_beside(file, config.name, plan)
    planned = planned_records(bundle, _keys(filled)) if bundle else None
    answered = answers(filled, config, file, by.strip(), today, planned)
    path = config.overrides_path.resolve()
    excel = BOM + ";".join(COLUMNS) + "\r\n" if config.report.csv == "excel" else ""
    text = path.read_bytes().decode("utf-8") if path.exists() else excel
    bom = BOM if text.startswith(BOM) else ""
    merged = merge(text.removeprefix(BOM), answered.decisions, answered.dated)
    changed = bool(merged.added or merged.replaced) and not dry_run
    if changed:
        _replace(path, bom + merged.text)
    return Taken(
        str(config.overrides_path),
        merged.added,
        merged.replaced,
        merged.unchanged,
        answered.undecided,
        changed,
        config.name,
        typed(bundle.path) if bundle else None,
    )


def _keys(filled: Filled) -> set[str]:
    """The source keys that the rows name."""
    texts = [texts_of(row.texts) for row in filled.rows]
    return {key for row in texts for key in (row["source_key"], row["other"]) if key}


def _replace(path: Path, text: str) -> None:
    """Write the file whole or not at all; who may read it stays the same."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with partial.open("wb") as file:
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, partial)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise ConfigError(
            f"The file of people's decisions cannot be written: {error.strerror}.",
            where=path,
            next="make the file writable",
        ) from None
