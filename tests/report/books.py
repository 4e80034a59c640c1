"""A workbook's sheets read back, its XML, and its cells filled in as a spreadsheet would."""

from __future__ import annotations

import re
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from etl.connect.files.xlsx_file import XlsxSheet, sheets
from etl.report.workbook.marks import MARK

Cells = list[list[Any]]


def sheet(path: Path, name: str) -> Cells:
    """The cells of a sheet."""
    return XlsxSheet(path, name).cells


def sheet_names(path: Path) -> list[str]:
    """The sheets of a workbook, the hidden one left out."""
    return [name for name in sheets(path) if name != MARK]


def parts(path: Path) -> dict[str, str]:
    """The sheets of a workbook as XML, by name."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(part).decode("utf-8") for name, part in sheets(path).items()}


def filled(path: Path, to: Path, cells: Mapping[str, str], name: str = "Open cases") -> Path:
    """Copy a workbook with cells of a sheet filled in: place such as C2 -> a text, or a cell as XML."""
    part = sheets(path)[name]
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            data = old.read(item)
            new.writestr(item, _with(data.decode("utf-8"), cells).encode("utf-8") if item.filename == part else data)
    shutil.copymode(path, to)
    return to


def _with(xml: str, cells: Mapping[str, str]) -> str:
    for place, text in cells.items():
        letters, row = re.fullmatch(r"([A-Z])(\d+)", place).groups()  # type: ignore[union-attr]
        body = re.search(rf'(<row r="{row}"[^>]*>)(.*?)(</row>)', xml, re.DOTALL)
        assert body, place
        found = {letter: cell for cell, letter in re.findall(r'(<c r="([A-Z])\d+".*?(?:/>|</c>))', body[2], re.DOTALL)}
        found[letters] = _cell(place, text)
        inner = "".join(found[letter] for letter in sorted(found))
        xml = xml[: body.start()] + body[1] + inner + body[3] + xml[body.end() :]
    return xml


def _cell(place: str, text: str) -> str:
    if re.match("<c[ >]", text):
        return text.replace("<c", f'<c r="{place}"', 1)
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>' if text else ""


def section(cells: Cells, title: str) -> Cells:
    """The rows of one section of the summary."""
    first = next(number for number, row in enumerate(cells) if row[0] == title) + 1
    last = next((number for number in range(first, len(cells)) if not any(cells[number])), len(cells))
    return cells[first:last]
