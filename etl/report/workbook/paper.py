"""Sheets of the workbook: every cell is text or a number that is written as such, nothing is ever a formula."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain, islice
from math import ceil
from pathlib import Path
from typing import Any

from etl.report.workbook.marks import MARK, text_cell
from etl.texts import t

Cell = str | int | float | None
ROWS = 1_048_575
"""The rows that a sheet can have below its header."""
LINE, LINES = 15, 12
"""The height of a line in points, and how many lines of a text are shown at most."""
STYLES: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 16},
    "section": {"bold": True, "font_size": 12, "bottom": 1, "font_color": "#1F3A5F"},
    "header": {"bold": True, "font_color": "#FFFFFF", "bg_color": "#1F3A5F", "valign": "top", "text_wrap": True},
    "number": {"bold": True, "font_color": "#FFFFFF", "bg_color": "#1F3A5F", "valign": "top", "align": "right"},
    "text": {"valign": "top"},
    "wrap": {"valign": "top", "text_wrap": True},
    "answer": {"valign": "top", "text_wrap": True, "bg_color": "#FFF6D6", "border": 1, "border_color": "#D9C77E",
               "num_format": "@"},
    "date": {"valign": "top", "bg_color": "#FFF6D6", "border": 1, "border_color": "#D9C77E",
             "num_format": "yyyy-mm-dd"},
    "quiet": {"valign": "top", "font_color": "#767676", "num_format": "@"},
    "count": {"valign": "top", "num_format": "#,##0", "align": "right"},
    "chance": {"valign": "top", "num_format": "0.0000"},
    "good": {"bold": True, "font_color": "#1B6E3C"},
    "bad": {"bold": True, "font_color": "#A4161A"},
}  # fmt: skip


@dataclass(frozen=True)
class Column:
    """A column of a list: its header, its width in characters, and the style of its cells."""

    name: str
    width: float = 16
    style: str = "text"


def headed(columns: Sequence[Column]) -> list[Column]:
    """Columns with their headers in the language that is spoken now."""
    return [replace(column, name=t(column.name)) for column in columns]


class Page:
    """One sheet, written from top to bottom."""

    def __init__(self, sheet: Any, styles: dict[str, Any]) -> None:
        self.sheet = sheet
        self.next = 0
        self._styles = styles

    def row(self, cells: Sequence[Cell], styles: Sequence[str]) -> None:
        """Write the next row; None leaves a cell empty."""
        for place, (cell, style) in enumerate(zip(cells, styles, strict=True)):
            if isinstance(cell, str):
                self.sheet.write_string(self.next, place, text_cell(cell), self._styles[style])
            elif cell is not None:
                self.sheet.write_number(self.next, place, cell, self._styles[style])
        self.next += 1

    def wrapped(self, cells: Sequence[Cell], columns: Sequence[Column]) -> None:
        """Write the next row of a list, as high as its longest text needs, which LibreOffice does not find out."""
        wraps = zip(cells, columns, strict=True)
        lines = [ceil(len(cell) / column.width) for cell, column in wraps if isinstance(cell, str)]
        self.sheet.set_row(self.next, LINE * min(max(lines, default=1), LINES))
        self.row(cells, [column.style for column in columns])

    def widths(self, columns: Sequence[Column]) -> None:
        """Give each column its width, and its empty cells its style."""
        for place, column in enumerate(columns):
            self.sheet.set_column(place, place, column.width, self._styles[column.style])

    def head(self, columns: Sequence[Column], *, fixed: int) -> None:
        """Write a list's header: it stays in sight, and stands on every page of paper; so do `fixed` columns."""
        self.widths(columns)
        self.row([column.name for column in columns], ["header"] * len(columns))
        self.sheet.freeze_panes(1, fixed)
        self.sheet.repeat_rows(0)

    def filtered(self, columns: Sequence[Column]) -> None:
        """Let people filter the list by each column."""
        self.sheet.autofilter(0, 0, max(self.next - 1, 1), len(columns) - 1)


class Book:
    """A workbook in the making; `most`: rows of a sheet below its header."""

    def __init__(self, workbook: Any, most: int = ROWS) -> None:
        self._workbook = workbook
        self.most = most
        self.styles = {name: workbook.add_format(style) for name, style in STYLES.items()}

    def page(self, name: str, *, hidden: bool = False) -> Page:
        """Add a sheet; it prints on landscape paper, as wide as it is."""
        sheet = self._workbook.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&L&A&R&P / &N")
        if hidden:
            sheet.hide()
        return Page(sheet, self.styles)

    def list(
        self, name: str, columns: Sequence[Column], rows: Iterable[Sequence[Cell]], *, fixed: int = 1
    ) -> list[Page]:
        """Write rows under a header, on as many sheets as they need: `name`, `name 2` and so on."""
        pages = []
        for number, part in enumerate(parts(rows, self.most), 1):
            page = self.page(numbered(name, number))
            page.head(columns, fixed=fixed)
            for row in part:
                page.wrapped(row, columns)
            page.filtered(columns)
            pages.append(page)
        return pages


def numbered(name: str, number: int) -> str:
    """The name of a list's sheet."""
    return name if number == 1 else f"{name} {number}"


def parts(rows: Iterable[Sequence[Cell]], most: int) -> Iterator[Iterable[Sequence[Cell]]]:
    """Divide rows into parts of at most `most`, at least one, each to be used up before the next."""
    left = iter(rows)
    first = next(left, None)
    if first is None:
        yield ()
    while first is not None:
        yield chain([first], islice(left, most - 1))
        first = next(left, None)


@contextmanager
def book(path: Path, as_of: dt.date, most: int = ROWS) -> Iterator[Book]:
    """Write a workbook a row at a time; what is aside until it is whole stands beside it. One input gives one file."""
    import xlsxwriter

    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "tmpdir": str(path.parent),
    }
    with xlsxwriter.Workbook(path, options) as workbook:
        created = dt.datetime.combine(as_of, dt.time())
        workbook.set_properties({"title": "Review", "comments": MARK, "created": created})
        yield Book(workbook, most)
