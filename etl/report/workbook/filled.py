"""Reading back what people filled in, saved by Excel or LibreOffice: each row with what is wrong with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from etl.connect.files.xlsx_file import XlsxSheet, computed_cells, sheets
from etl.errors import ConfigError, SourceError
from etl.report.workbook.marks import CASES, CHECK, KEYS, MARK, MARKED, check_of, key_of
from etl.texts import ways_to_say

ASKED = (*KEYS, "decision", "who", "when", "why", CHECK)
ADVICE = "fill in the review.xlsx of a plan, or its open-cases.csv saved as CSV"
CHANGED = "source_key, other, hash or check was changed: take them as they stand in the plan's review.xlsx"


@dataclass(frozen=True)
class Row:
    """One row of a file that people fill in. where: sheet or file line; texts: column -> text; faults: in words."""

    where: str
    texts: Mapping[str, str]
    faults: tuple[str, ...] = ()


@dataclass(frozen=True)
class Filled:
    """What a file holds.

    name: of the clean-up that it belongs to; None where it does not say. saved: when it was, in ISO 8601; empty where
    it does not say.
    """

    rows: tuple[Row, ...]
    name: str | None = None
    saved: str = ""


def read_filled(path: Path) -> Filled:
    """Read a workbook that `write_workbook` wrote and people filled in.

    Raises ConfigError where it is no workbook, or none that a plan wrote.
    """
    try:
        parts = sheets(path)
        if MARK not in parts or not any(_is_cases(name) for name in parts):
            raise ConfigError("This workbook was not written by crm-cleanup.", where=path, next=ADVICE)
        marks = {str(row[0]): str(row[1]) for row in XlsxSheet(path, MARK).cells if len(row) > 1}
        if marks.get(MARK) != MARKED or "name" not in marks:
            raise ConfigError("This workbook does not say which plan it is of.", where=path, next=ADVICE)
        name = key_of(marks["name"])
        rows = tuple(row for sheet, part in parts.items() if _is_cases(sheet) for row in _rows(path, sheet, part, name))
    except SourceError as error:
        raise ConfigError(error.message, where=error.where, next=error.next) from None
    return Filled(rows, name)


def _is_cases(sheet: str) -> bool:
    """Whether this is one of the sheets of open cases, in whatever language."""
    name, _, number = sheet.rpartition(" ")
    return (name if number.isdecimal() else sheet).casefold() in ways_to_say(CASES)


def _rows(path: Path, sheet: str, part: str, name: str) -> Iterator[Row]:
    cells, computed = XlsxSheet(path, sheet).cells, computed_cells(path, part)
    header = [str(cell).casefold() for cell in cells[0]] if cells else []
    named = {column: [place for place, name in enumerate(header) if name in ways_to_say(column)] for column in ASKED}
    if missing := [column for column in ASKED if len(named[column]) != 1]:
        raise ConfigError(
            f"The column {missing[0]!r} is not in the first row of the sheet {sheet!r}, or is there twice.",
            where=path,
            next="leave the header as the plan wrote it",
        )
    places = {column: place for column, [place] in named.items()}
    for number, row in enumerate(cells[1:], 1):
        row_cells = {column: row[place] if place < len(row) else "" for column, place in places.items()}
        if any(cell != "" for cell in row_cells.values()):
            odd = {column for column, place in places.items() if (number, place) in computed}
            yield _row(f"{sheet}, row {number + 1}", row_cells, odd, name)


def _row(where: str, cells: Mapping[str, Any], computed: set[str], name: str) -> Row:
    """Judge one row. computed: the columns whose cell is a formula or an error."""
    texts, faults = {}, []
    for column, cell in cells.items():
        texts[column] = _text(cell)
        if column in computed:
            faults.append(f"{column} is a formula or an error; write the text itself")
        elif what := _other_than_text(column, cell):
            faults.append(f"{column} is {what}; write it as text")
    for column in ("source_key", "other"):
        texts[column] = key_of(texts[column])
    if not faults and check_of(name, *(texts[column] for column in KEYS)) != texts[CHECK]:
        faults.append(CHANGED)
    return Row(where, texts, tuple(faults))


def _other_than_text(column: str, cell: Any) -> str | None:
    """What a cell is that should be a text; a date in `when`, and a number as a reason, are as good as one."""
    match cell:
        case str():
            return None
        case bool():
            return "TRUE or FALSE"
        case dt.date() | dt.time() | dt.timedelta():
            return None if column == "when" and isinstance(cell, dt.date) else "a date or a time"
    return None if column == "why" else "a number"


def _text(cell: Any) -> str:
    """A cell as text: a day in ISO form, a whole number without a point."""
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat()
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
