"""What people filled in, in a workbook, a CSV file or the page: the rows as they stand, and the decisions they are."""

from __future__ import annotations

import csv
import difflib
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from etl.classify.overrides import (
    BOTH,
    COLUMNS,
    INTO,
    SEEN,
    PairDecision,
    code_of,
    fault_in,
    known_words,
    override_of,
    texts_of,
)
from etl.config import Config
from etl.config.people import delimiter_of
from etl.errors import ConfigError, excerpt
from etl.pipeline.opinions import Opinion, moment_of
from etl.pipeline.planned_records import PlannedRecords
from etl.pipeline.saved_decisions import looks_saved, read_saved
from etl.report.safe_csv import unguarded
from etl.report.workbook import Filled, Row, read_filled

HASH = re.compile(r"([0-9a-f]{16,64}([+&][0-9a-f]{16,64})?)?")
ZIP = b"PK\x03\x04"


@dataclass(frozen=True)
class Answers:
    """What some files hold: people's decisions as they have them, and how many cases nobody of them decided.

    wrong: rows that cannot be used, each with its source key and the reason. rows: of all files.
    """

    opinions: tuple[Opinion, ...]
    undecided: int
    wrong: tuple[tuple[str, str, str], ...]
    rows: int


def read_rows(path: Path) -> Filled:
    """Read a filled-in workbook or CSV file, or what the page has saved. Raises ConfigError for any other file."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"The file cannot be read: {error.strerror}.", where=path) from None
    if content.startswith(ZIP):
        return read_filled(path)
    return read_saved(content, path) if looks_saved(path, content) else Filled(tuple(_csv_rows(content, path)))


def answers(
    files: Mapping[Path, Filled], config: Config, by: str, today: str, planned: PlannedRecords | None = None
) -> Answers:
    """Take the rows of files for decisions. by, today: who and when, where a row does not say it.

    planned: the records of the plan that people looked at; None where that is not at hand.
    """
    opinions, undecided, wrong = list[Opinion](), set[tuple[str, ...]](), list[tuple[str, str, str]]()
    for path, filled in files.items():
        for row in filled.rows:
            texts = texts_of(row.texts)
            dated = bool(texts["when"])
            texts |= {"who": texts["who"] or (by if texts["decision"] else ""), "when": texts["when"] or today}
            faults = row.faults or _faults(texts, config)
            if not faults and texts["decision"]:
                override = override_of(texts)
                faults = planned.faults_in(override) if planned else ()
                opinions.append(Opinion(override, str(path), row.where, dated, filled.saved))
            elif not faults:
                undecided.add(tuple(sorted(filter(None, (texts["source_key"], texts["other"])))))
            where = row.where if len(files) == 1 else f"{path}, {row.where}"
            wrong += [(where, texts["source_key"], what) for what in faults]
    undecided -= {opinion.decision.about for opinion in opinions}
    return Answers(tuple(opinions), len(undecided), tuple(wrong), sum(len(filled.rows) for filled in files.values()))


def _faults(texts: Mapping[str, str], config: Config) -> list[str]:
    """Why a row is no decision on a record of this config, in words; an undecided one may be."""
    keys = [key for key in (texts["source_key"], texts["other"]) if key]
    if strange := [key for key in keys if ":" in key and key.partition(":")[0] not in config.source.records]:
        known = ", ".join(config.source.records)
        return [f"{excerpt(strange[0])!r} does not belong to an entry of the config; its entries are {known}"]
    if not HASH.fullmatch(texts["hash"]):
        return [f"the hash {excerpt(texts['hash'])!r} was changed: copy it from the plan's open-cases.csv again"]
    if not texts["other"] and {SEEN, BOTH} & {*texts["hash"]}:
        return ["other is empty, but the hash is over two records: copy other from the plan's open-cases.csv as well"]
    if not texts["decision"]:
        return ["who is filled in, but decision is empty"] if texts["who"] else []
    decision = code_of(texts["decision"])
    if decision in tuple(PairDecision) and not config.leads.duplicates:
        return [f"{decision!r} is about duplicates, but the config does not look for any"]
    fault = fault_in(texts)
    near = difflib.get_close_matches(decision, [*known_words(), f"{INTO}:"], 1)
    if fault and "is not a decision" in fault and near and near[0] != decision:
        fault += f"; did you mean {near[0]!r}?"
    if fault:
        return [fault + (", or run with --by NAME" if fault.startswith("the column who ") else "")]
    if not texts["who"].isprintable():
        return ["who contains invisible characters"]
    if moment_of(texts["when"]) is None:
        return [f"{excerpt(texts['when'])!r} in when is not a date such as 2026-10-12 or 12.10.2026"]
    return []


def _csv_rows(content: bytes, path: Path) -> list[Row]:
    """The rows of a CSV file, empty ones left out."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError(
            "The file is neither a workbook (.xlsx) nor CSV in UTF-8. Excel's plain CSV uses another encoding.",
            where=path,
            next="save it as `CSV UTF-8`, or as .xlsx",
        ) from None
    try:
        header = text.partition("\n")[0]
        reader = csv.DictReader(io.StringIO(text, newline=""), strict=True, delimiter=delimiter_of(header))
        if missing := [name for name in COLUMNS[:3] if name not in (reader.fieldnames or ())]:
            what = f"The column {missing[0]!r} is missing; the columns are {', '.join(COLUMNS)}."
            raise ConfigError(what, where=path, next="fill in the plan's open-cases.csv or review.xlsx")
        return [_csv_row(row, f"line {reader.line_num}") for row in reader if any(row.values())]
    except csv.Error as error:
        raise ConfigError(f"The file is not valid CSV: {error}.", where=path) from None


def _csv_row(row: Mapping[str | None, str | None], where: str) -> Row:
    texts = {name: unguarded(text or "") for name, text in row.items() if name is not None}
    faults = ("the row has more cells than the header",) if None in row else ()
    return Row(where, texts, faults)
