"""A table in a sheet of an Excel workbook: the values as Excel stores them, by the fixed rules.

A whole number has no decimal point however it is stored, for Excel knows no other numbers than floating point ones;
what a number format pads or calls per cent is as Excel shows it (`xlsx_formats`), and an error is its text, `#N/A`. A
formula that was never calculated has no value: its row gets a fault. The value of merged cells stands in each of them.
Hidden rows, columns and sheets are read like others, and said.

The header is the first row that is neither empty nor a title. A title is a row whose values are all merged sideways.
Where cells of the header are merged downwards, it ends in the last of their rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from etl.connect import render
from etl.connect.files import xlsx_formats
from etl.connect.files.xlsx_parts import Book, Marks, Place, book, computed_cells, marks, sheets, unreadable
from etl.connect.rows import batch, header, invalid_unicode, renamed
from etl.connect.source import Batch, Keep
from etl.errors import SourceError, excerpt
from etl.model import Fault, Remark
from etl.texts import stored

__all__ = ["XlsxSheet", "computed_cells", "sheets"]

ADVICE = stored("open the workbook in Excel or LibreOffice, save it, and run the command again")


class Uncalculated:
    """What stands in a cell whose formula has no value."""


NO_VALUE = Uncalculated()


class XlsxSheet:
    """One sheet of a workbook. Raises SourceError where it is unusable as a whole."""

    def __init__(self, path: Path, sheet: str) -> None:
        self.path = path
        self._sheet = sheet

    def columns(self) -> list[str]:
        """The texts of the sheet's header."""
        return header(self._names)

    def read(self, dataset: str, wanted: Sequence[int], rows: int, keep: Keep, /) -> Iterator[Batch]:
        """Give the rows below the header; empty rows are no records."""
        names, (cells, _, _, body) = self.columns(), self._table
        for start in range(0, len(body), rows):
            part = body[start : start + rows]
            columns = [[cells[at][column] for at in part] for column in wanted]
            rendered = [render.strings([_text(cell, keep) for cell in column]) for column in columns]
            faults = [
                self._uncalculated(dataset, start + number, part[number], names[column])
                for column, values in zip(wanted, columns, strict=True)
                for number, cell in enumerate(values)
                if cell is NO_VALUE
            ]

            def unreadable_text(row: int, column: str, shown: str, part: list[int] = part, start: int = start) -> Fault:
                return invalid_unicode(dataset, start + row, self._where(part[row]), column, shown)

            yield batch([names[at] for at in wanted], rendered, faults, unreadable_text)

    def suggest(self) -> list[str]:
        """Say where the first row seems to be a title."""
        cells, named, at, body = self._table
        if body and sum(cell != "" for cell in named) == 1 < sum(cell != "" for cell in cells[body[0]]):
            return [f"Row {at + 1} of the sheet has one value alone; if it is a title, delete that row."]
        return []

    def remarks(self) -> list[Remark]:
        """What is hidden in Excel and read all the same, and the columns that had to get another name."""
        hidden, marked = self._book.hidden, self._marks
        others = tuple(excerpt(name) for name in self._book.sheets if name in hidden - {self._sheet})
        remarks = [
            Remark("hidden-sheet", int(self._sheet in hidden), (excerpt(self._sheet),)),
            Remark("hidden-sheets", len(others), others),
            Remark("hidden-rows", marked.rows),
            Remark("hidden-columns", marked.columns),
        ]
        return [remark for remark in remarks if remark.count] + renamed(self._names, self.columns())

    @cached_property
    def cells(self) -> list[list[Any]]:
        """All cells from A1 on as they are stored, with the texts of errors such as #N/A, which calamine leaves out."""
        return self._stored()

    def _stored(self) -> list[list[Any]]:
        cells = _values(self.path, self._sheet)
        for (row, column), text in self._marks.errors.items():
            if row < len(cells) and column < len(cells[row]):
                cells[row][column] = text
        return cells

    @cached_property
    def _book(self) -> Book:
        return book(self.path)

    @cached_property
    def _marks(self) -> Marks:
        return marks(self.path, self._book.sheets[self._sheet], self._book)

    @cached_property
    def _names(self) -> list[str]:
        _, named, at, _ = self._table
        if any(cell is NO_VALUE for cell in named):
            raise SourceError(
                "A formula in the header was never calculated, so that a column has no name.",
                where=self._where(at),
                next=ADVICE,
            )
        return [_text(cell, _no_binary) or "" for cell in named]

    @cached_property
    def _table(self) -> tuple[list[list[Any]], list[Any], int, list[int]]:
        """The cells as Excel shows them, those of the header, its last row, and the rows of records."""
        cells = self._stored()
        self._show(cells)
        filled = [at for at, row in enumerate(cells) if any(cell != "" for cell in row)]
        first = next((at for at in filled if not self._is_title(cells[at], at)), filled[0] if filled else None)
        if first is None:
            raise SourceError("The sheet is empty; it does not even have a header.", where=self._where(None))
        last = max([end[0] for start, end in self._marks.merged if start[0] == first], default=first)
        self._fill(cells)
        above = [at for at in reversed(filled) if first <= at <= last]
        named = [
            next((cells[at][column] for at in above if cells[at][column] != ""), "")
            for column in range(len(cells[first]))
        ]
        return cells, named, last, [at for at in filled if at > last]

    def _show(self, cells: list[list[Any]]) -> None:
        """Put what Excel shows in the place of what it stores."""
        for row, column in self._marks.uncalculated:
            _extend(cells, (row, column))
            cells[row][column] = NO_VALUE
        for (row, column), code in self._marks.formats.items():
            number = cells[row][column] if row < len(cells) and column < len(cells[row]) else None
            if isinstance(number, (int, float)) and not isinstance(number, bool):
                cells[row][column] = xlsx_formats.shown(number, code) or number

    def _is_title(self, row: Sequence[Any], at: int) -> bool:
        """Whether all values of a row stand in cells that are merged sideways."""
        wide = {start[1] for start, end in self._marks.merged if start[0] == at and end[1] > start[1]}
        return bool(wide) and all(cell == "" or column in wide for column, cell in enumerate(row))

    def _fill(self, cells: list[list[Any]]) -> None:
        """Put the value of merged cells, which stands in the first of them, into each."""
        for (top, left), (bottom, right) in self._marks.merged:
            if top >= len(cells) or left >= len(cells[top]):
                continue
            for row in cells[top : bottom + 1]:
                row[left : right + 1] = [cells[top][left]] * len(row[left : right + 1])

    def _uncalculated(self, dataset: str, row: int, at: int, column: str) -> Fault:
        reason = stored("the cell has a formula that was never calculated, so it has no value")
        return Fault(dataset, row, self._where(at), column, "uncalculated", reason, ADVICE)

    def _where(self, row: int | None) -> str:
        file, sheet = self.path, excerpt(self._sheet)
        if row is None:
            return f"{file}, sheet {sheet}"
        return stored("{file}, sheet {sheet}, row {n}", file=file, sheet=sheet, n=row + 1)


def _values(path: Path, sheet: str) -> list[list[Any]]:
    """All cells of a sheet from A1 on."""
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        return CalamineWorkbook.from_path(str(path)).get_sheet_by_name(sheet).to_python(False)
    except (CalamineError, OSError, ValueError, OverflowError) as error:
        raise unreadable(path, error) from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # Rust's, which Python knows by no other name
            raise
        raise unreadable(path, error) from None


def _extend(cells: list[list[Any]], place: Place) -> None:
    """Make room for a cell that calamine left out, for it has no value."""
    row, column = place
    width = max(column + 1, len(cells[0]) if cells else 0)
    cells += [[""] * width for _ in range(row + 1 - len(cells))]
    if len(cells[0]) < width:
        for some in cells:
            some += [""] * (width - len(some))


def _text(cell: Any, keep: Keep) -> str | None:
    if cell is NO_VALUE:
        return None
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return render.text(cell, keep)


def _no_binary(_value: bytes) -> str:
    raise SourceError("A workbook's header cannot hold binary values.")
