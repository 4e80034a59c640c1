"""Decide: take what people filled in into decisions.csv, all of it or nothing."""

from __future__ import annotations

import datetime as dt
import difflib
import os
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from etl import config as configs
from etl.classify import read_overrides
from etl.classify.decisions_file import merge
from etl.classify.overrides import COLUMNS, texts_of
from etl.config import Config
from etl.errors import ConfigError, excerpt
from etl.pipeline.answers import answers, read_rows
from etl.pipeline.opinions import Opinion, agree, day_of
from etl.pipeline.planned_records import PLANS, plan_beside, planned_records
from etl.pipeline.refusal import refusal, told_stale
from etl.pipeline.stale import changed_since
from etl.plan import Bundle
from etl.report.workbook import Filled
from etl.runner import typed

BOM = "\ufeff"


@dataclass(frozen=True)
class People:
    """How decisions are taken. by: who decided, where a row does not say it. prefer: people or files that count where
    others say otherwise, the most important first. without_stale: leave out what is about records that changed since.
    plan: that people looked at; if left out, the one beside a file, or plans/NAME."""

    by: str = ""
    prefer: Sequence[str] = ()
    without_stale: bool = False
    plan: Path | None = None


@dataclass(frozen=True)
class Taken:
    """What `decide` did to the file of decisions: lines added, replaced and as they were, and cases left undecided.

    agreed: decisions that several people made alike. How many others gave way: changed, to a later one of the same
    person; left_open, to somebody who decides, as they leave the case open; overruled, to one that was preferred.
    stale: on records that changed since, left out, each with what changed. name: of the clean-up. plan: the folder of
    the plan that the decisions were held against; None where there was none at hand.
    """

    path: str
    added: int
    replaced: int
    unchanged: int
    undecided: int
    written: bool
    name: str
    plan: str | None
    agreed: int = 0
    changed: int = 0
    left_open: int = 0
    overruled: int = 0
    stale: tuple[str, ...] = ()


def decide(
    config_path: Path,
    files: Sequence[Path],
    people: People = People(),
    *,
    dry_run: bool = False,
) -> Taken:
    """Take what people filled in, in workbooks, CSV files and saved pages, into decisions.csv beside the config.

    dry_run: only say what would be done. Raises WrongRows, which names every row that cannot be taken, or ConfigError,
    and PlanError or StalePlan where the plan cannot be used; then nothing is written.
    """
    config = configs.load(config_path)
    read_overrides(config)
    filled = {path: _read(path, config) for path in files}
    today = dt.datetime.now().astimezone().date().isoformat()
    bundle = plan_beside(files, config.name, people.plan)
    planned = planned_records(bundle, _keys(filled.values())) if bundle else None
    answered = answers(filled, config, people.by.strip(), today, planned)
    _refuse_nobody(people.prefer, answered.opinions)
    stale = _stale(bundle, answered.opinions, files)
    current = [opinion for opinion in answered.opinions if opinion not in stale]
    agreed = agree(current, planned.families if planned else {}, people.prefer)
    if error := refusal(files, answered, {} if people.without_stale else stale, agreed.contradictions):
        raise error
    path = config.overrides_path.resolve()
    excel = BOM + ";".join(COLUMNS) + "\r\n" if config.report.csv == "excel" else ""
    text = path.read_bytes().decode("utf-8") if path.exists() else excel
    bom = BOM if text.startswith(BOM) else ""
    decisions = [replace(o.decision, when=day_of(o.decision.when)) for o in agreed.opinions]
    dated = {opinion.decision.about for opinion in agreed.opinions if opinion.dated}
    merged = merge(text.removeprefix(BOM), decisions, dated)
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
        agreed.alike,
        agreed.changed,
        agreed.left_open,
        agreed.overruled,
        tuple(told_stale(stale, len(files) > 1)),
    )


def _read(path: Path, config: Config) -> Filled:
    """Read a file that people filled in. Raises ConfigError where it belongs to another clean-up."""
    filled = read_rows(path)
    if filled.name not in (None, config.name):
        name = excerpt(filled.name or "")
        raise ConfigError(
            f"This file belongs to the clean-up {name!r}, but the config is for {config.name!r}.",
            where=path,
            next=f"use the config of {name!r}, or what was filled in for a plan that was made with this config",
        )
    return filled


def _keys(files: Iterable[Filled]) -> set[str]:
    """The source keys that the rows name."""
    texts = [texts_of(row.texts) for filled in files for row in filled.rows]
    return {key for row in texts for key in (row["source_key"], row["other"]) if key}


def _stale(bundle: Bundle | None, opinions: Sequence[Opinion], files: Sequence[Path]) -> dict[Opinion, tuple[str, ...]]:
    """The decisions on records that changed since, as far as a plan is at hand, each with what changed."""
    if bundle is None:
        return {}
    folders = [bundle.path.absolute().parent, PLANS, *(file.absolute().parent for file in files)]
    changes = changed_since(bundle, [opinion.decision for opinion in opinions], folders)
    return {opinions[place]: what for place, what in changes.items()}


def _refuse_nobody(prefer: Sequence[str], opinions: Sequence[Opinion]) -> None:
    """Raise ConfigError where a preferred name is nobody's who decided, and no file's."""
    for name in prefer:
        if not any(opinion.is_of(name) for opinion in opinions):
            known = list(dict.fromkeys([*(o.decision.who for o in opinions), *(o.file for o in opinions)]))
            near = difflib.get_close_matches(name, known, 1)
            raise ConfigError(
                f"Nobody called {excerpt(name)!r} decided anything in these files, and no FILE is called like that"
                + (f"; did you mean {excerpt(near[0])!r}?" if near else "."),
                where="--prefer",
                next=f"prefer one of {', '.join(map(excerpt, known[:10]))}",
            )


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
