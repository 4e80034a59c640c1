"""Write the page on which people search plans without this tool."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from etl.errors import ConfigError
from etl.model import Progress, no_progress
from etl.pipeline.find import newest_first, opened
from etl.pipeline.ledger import Ledger
from etl.plan import Bundle
from etl.report.find.index import Index
from etl.report.find.note import excerpts
from etl.report.review.lookup import MOST, Line, draw_lookup
from etl.report.wording import reason
from etl.texts import speaking, told


@dataclass(frozen=True)
class Page:
    """A page that was written. records: that it holds; notices: what could not be asked."""

    path: str
    records: int
    plans: tuple[str, ...]
    notices: tuple[str, ...]


def write_page(path: Path, plans: Sequence[Path] = (), *, progress: Progress = no_progress) -> Page:
    """Write a page on which people search the records of plans without this tool.

    Raises ConfigError where the plans have more records than a page can hold, PlanError as `find` does.
    """
    notices: dict[Path, str] = {}
    indexes = opened(plans, notices, progress)
    newest = newest_first(indexes)
    _refuse_too_many(path, sum(index.records for _, index in indexes))
    lines: dict[tuple[str, str], Line] = {}
    language = newest[0][0].manifest.config["leads"].get("note", {}).get("language", "en")
    with speaking(language):
        for bundle, index in newest:
            lines = dict(_lines(bundle, index, notices)) | lines
    _write_private(path, draw_lookup(lines.values(), language))
    return Page(str(path), len(lines), tuple(str(bundle.path) for bundle, _ in indexes), tuple(notices.values()))


def _lines(bundle: Bundle, index: Index, notices: dict[Path, str]) -> Iterator[tuple[tuple[str, str], Line]]:
    """A plan's records by system and source key, each with the id of its lead where the ledger has it."""
    system = bundle.manifest.system
    with Ledger(bundle, notices) as ledger:
        for batch in index.shown():
            rows = batch.to_pylist()
            moved = ledger.of([row["source_key"] for row in rows])
            notes = excerpts(bundle, [row for row in rows if row["lead"]])
            for row in rows:
                lead_id, _ = moved.get((system, row["source_key"]), (None, ""))
                keys = " ".join(filter(None, (row["source_key"], row["numbers"])))
                names = row["name"] or "", row["city"] or "", row["company"] or ""
                why = reason(row["rule"] or ""), told(row["evidence"] or "")
                line = Line(*names, row["decision"], lead_id, keys, *why, notes.get(row["source_key"], ()))
                yield (system, row["source_key"]), line


def _refuse_too_many(path: Path, records: int) -> None:
    if records > MOST:
        raise ConfigError(
            f"A page can hold at most {MOST:,} records, but these plans have {records:,}.",
            where=path,
            next='search them here: crm-cleanup find "name or key" --plan PLAN; or write a page for each plan',
        )


def _write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    new.unlink(missing_ok=True)
    new.touch(mode=0o600)
    try:
        new.write_text(text, encoding="utf-8")
        new.rename(path)
    finally:
        new.unlink(missing_ok=True)
