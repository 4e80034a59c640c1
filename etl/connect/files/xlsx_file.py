"""A table in a sheet of an Excel workbook: the values as Excel stores them, by the fixed rules.

A whole number has no decimal point however it is stored, for Excel knows no other numbers than floating point ones.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from etl.connect import render
from etl.connect.rows import batch, header, invalid_unicode
from etl.connect.source import Batch, Keep
from etl.errors import SourceError, excerpt
from etl.model import Fault

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
STRICT = "{http://purl.oclc.org/ooxml/spreadsheetml/main}"
RELATION = re.compile(r"\{[^}]*/relationships\}id")
DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    ElementTree.ParseError,
    LookupError,  # a part that is missing, an encoding that nobody knows
    ValueError,
    EOFError,
    OSError,
    RuntimeError,  # also what zipfile raises for an encrypted part; a method that it does not know is a kind of it
)
"""What a workbook that is no workbook makes zipfile and the XML parser raise."""


def sheets(path: Path) -> dict[str, str]:
    """Name a workbook's sheets, in their order, and the part of the file each is in.

    Raises SourceError for a file that is no workbook.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            book = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314 - expat itself stops entity bombs
            links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    except DAMAGED as error:
        raise _unreadable(path, error) from None
    parts = {link.get("Id"): link.get("Target", "") for link in links}
    sheets = {}
    for sheet in book.iter():
        if sheet.tag in (f"{MAIN}sheet", f"{STRICT}sheet"):
            link = next((value for name, value in sheet.attrib.items() if RELATION.fullmatch(name)), None)
            target = parts.get(link, "")
            sheets[sheet.get("name", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return sheets


class XlsxSheet:
    """One sheet of a workbook. Raises SourceError where it is unusable as a whole."""

    def __init__(self, path: Path, sheet: str) -> None:
        self.path = path
        self._sheet = sheet

    def columns(self) -> list[str]:
        """The texts of the sheet's first row that is not empty."""
        first = self.cells[self._first]
        return header([_text(cell, _no_binary) or "" for cell in first], self._where(self._first))

    def read(self, dataset: str, wanted: Sequence[int], rows: int, keep: Keep, /) -> Iterator[Batch]:
        """Give the rows below the header; empty rows are no records."""
        names = self.columns()
        body = [at for at in range(self._first + 1, len(self.cells)) if any(cell != "" for cell in self.cells[at])]
        for start in range(0, len(body), rows):
            part = body[start : start + rows]
            columns = [[self.cells[at][column] for at in part] for column in wanted]
            rendered = [render.strings([_text(cell, keep) for cell in column]) for column in columns]

            def unreadable(row: int, column: str, shown: str, part: list[int] = part, start: int = start) -> Fault:
                return invalid_unicode(dataset, start + row, self._where(part[row]), column, shown)

            yield batch([names[at] for at in wanted], rendered, [], unreadable)

    def suggest(self) -> list[str]:
        """Nothing: a workbook declares how it is stored."""
        return []

    @cached_property
    def _first(self) -> int:
        filled = (at for at, row in enumerate(self.cells) if any(cell != "" for cell in row))
        first = next(filled, None)
        if first is None:
            raise SourceError("The sheet is empty; it does not even have a header.", where=self._where(None))
        return first

    @cached_property
    def cells(self) -> list[list[Any]]:
        """All cells from A1 on, with the texts of errors such as #N/A, which calamine leaves out."""
        from python_calamine import CalamineError, CalamineWorkbook

        try:
            cells: list[list[Any]] = (
                CalamineWorkbook.from_path(str(self.path)).get_sheet_by_name(self._sheet).to_python(False)
            )
        except (CalamineError, OSError, ValueError, OverflowError) as error:
            raise _unreadable(self.path, error) from None
        except BaseException as error:
            if type(error).__name__ != "PanicException":  # Rust's, which Python knows by no other name
                raise
            raise _unreadable(self.path, error) from None
        for row, column, text in _error_cells(self.path, sheets(self.path)[self._sheet]):
            if row < len(cells) and column < len(cells[row]):
                cells[row][column] = text
        return cells

    def _where(self, row: int | None) -> str:
        return f"{self.path}, sheet {excerpt(self._sheet)}" + (f", row {row + 1}" if row is not None else "")


def computed_cells(path: Path, part: str) -> set[tuple[int, int]]:
    """The cells of a sheet, row and column from 0, that hold a formula or an error.

    Raises SourceError for a damaged sheet.
    """

    def computed(cell: ElementTree.Element) -> bool:
        return cell.get("t") == "e" or any(inner.tag.endswith("}f") for inner in cell)

    return {(row, column) for row, column, _ in _cells_with(path, part, rb'<(\w+:)?f[ />]|t="e"', computed)}


def _error_cells(path: Path, part: str) -> Iterator[tuple[int, int, str]]:
    """Find the cells of a sheet that hold an error: row and column from 0, and the error's text."""
    for row, column, text in _cells_with(path, part, b't="e"', lambda cell: cell.get("t") == "e"):
        yield row, column, text or "#ERROR"


def _cells_with(
    path: Path, part: str, sign: bytes, wanted: Callable[[ElementTree.Element], bool]
) -> Iterator[tuple[int, int, str | None]]:
    """Find cells by their XML, in sheets that match `sign` at all: row and column from 0, and the text of the value."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open(part) as stream:
            if not re.search(sign, archive.read(part)):
                return
            for _, cell in ElementTree.iterparse(stream):  # noqa: S314
                if cell.tag in (f"{MAIN}c", f"{STRICT}c"):
                    place = re.fullmatch(r"([A-Z]+)(\d+)", cell.get("r", ""))
                    if wanted(cell) and place:
                        text = next((inner.text for inner in cell if inner.tag.endswith("}v")), None)
                        yield int(place[2]) - 1, _number(place[1]), text
                    cell.clear()
    except DAMAGED as error:
        raise _unreadable(path, error) from None


def _number(letters: str) -> int:
    """The number, from 0, of a column that Excel names with letters."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _text(cell: Any, keep: Keep) -> str | None:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return render.text(cell, keep)


def _no_binary(_value: bytes) -> str:
    raise SourceError("A workbook's header cannot hold binary values.")


def _unreadable(path: Path, error: BaseException) -> SourceError:
    return SourceError(
        f"The workbook is damaged or encrypted, or it is not an XLSX file: {excerpt(str(error), 80)}.",
        where=path,
        next="open it in Excel or LibreOffice and save it again as .xlsx",
    )
