"""The XML of a workbook: its sheets, and what of a sheet its values alone do not say."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from etl.connect.files import xlsx_formats
from etl.errors import SourceError, excerpt

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

CHUNK, OVERLAP = 2**20, 2**12
FORMULA = re.compile(rb"<(?:\w+:)?f[ >/]")
UNCALCULATED = re.compile(
    rb"(?:</(?:\w+:)?f>|<(?:\w+:)?f(?:\s[^>]*)?/>)\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</|</(?:\w+:)?c>)"
)
TRUE = ("1", "true")
PERCENT = {"9": "0%", "10": "0.00%"}
"""The formats that every workbook has and that matter here."""

Place = tuple[int, int]
"""Row and column of a cell, from 0."""


@dataclass(frozen=True)
class Book:
    """What a workbook says of itself.

    sheets: name -> the part of the file; hidden: the names of those that Excel does not show. formats: the number of a
    style, as cells have it -> its number format, where that matters. unsaved: a program wrote it that left the formulas
    for Excel to calculate.
    """

    sheets: dict[str, str]
    hidden: frozenset[str]
    formats: dict[str, str]
    unsaved: bool


@dataclass
class Marks:
    """What of a sheet its values alone do not say.

    errors: cell -> text; uncalculated: cells with a formula and no value; formats: cell -> number format. merged: first
    and last cell of each range. rows, columns: how many are hidden.
    """

    errors: dict[Place, str] = field(default_factory=dict)
    uncalculated: set[Place] = field(default_factory=set)
    formats: dict[Place, str] = field(default_factory=dict)
    merged: list[tuple[Place, Place]] = field(default_factory=list)
    rows: int = 0
    columns: int = 0


def sheets(path: Path) -> dict[str, str]:
    """Name a workbook's sheets, in their order, and the part of the file each is in.

    Raises SourceError for a file that is no workbook.
    """
    return book(path).sheets


def book(path: Path) -> Book:
    """Read what a workbook says of itself. Raises SourceError for a file that is no workbook."""
    try:
        with zipfile.ZipFile(path) as archive:
            tree = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314 - expat itself stops entity bombs
            links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
            parts = {link.get("Id"): _part(link.get("Target", "")) for link in links}
            styles = next((_part(link.get("Target", "")) for link in links if _is_styles(link)), None)
            formats = _formats(archive.read(styles)) if styles in archive.namelist() else {}
    except DAMAGED as error:
        raise unreadable(path, error) from None
    named, hidden = {}, set()
    for sheet in tree.iter():
        if sheet.tag in (f"{MAIN}sheet", f"{STRICT}sheet"):
            link = next((value for name, value in sheet.attrib.items() if RELATION.fullmatch(name)), None)
            named[sheet.get("name", "")] = parts.get(link, "xl/")
            if sheet.get("state", "visible") != "visible":
                hidden.add(sheet.get("name", ""))
    unsaved = any(_is(part, "calcPr") and part.get("fullCalcOnLoad") in TRUE for part in tree.iter())
    return Book(named, frozenset(hidden), formats, unsaved)


def marks(path: Path, part: str, whole: Book) -> Marks:
    """Read what of a sheet its values do not say; its XML is parsed only where a search of its bytes finds a sign.

    Raises SourceError for a damaged sheet.
    """
    marked = Marks()
    signs = [
        b't="e"',
        b"mergeCell ",
        b'hidden="1"',
        b'hidden="true"',
        *(f's="{number}"'.encode() for number in whole.formats),
    ]
    pattern = FORMULA if whole.unsaved else UNCALCULATED
    for element in _elements(path, part, signs, pattern):
        if _is(element, "row"):
            marked.rows += len(element) > 0 and element.get("hidden") in TRUE
            element.clear()
        elif _is(element, "col") and element.get("hidden") in TRUE:
            first, last = int(element.get("min", "1")), int(element.get("max", "1"))
            marked.columns += last - first + 1 if last < 16384 else 0  # to the sheet's end: those that nobody uses
        elif _is(element, "mergeCell"):
            ends = [_place(end) for end in element.get("ref", "").split(":")]
            if len(ends) == 2 and ends[0] and ends[1]:
                marked.merged.append((ends[0], ends[1]))
        elif _is(element, "c") and (place := _place(element.get("r", ""))):
            _look_at(element, place, marked, whole)
    return marked


def computed_cells(path: Path, part: str) -> set[Place]:
    """The cells of a sheet that hold a formula or an error. Raises SourceError for a damaged sheet."""
    cells = (cell for cell in _elements(path, part, [b't="e"'], FORMULA) if _is(cell, "c"))
    computed = (cell for cell in cells if cell.get("t") == "e" or any(_is(inner, "f") for inner in cell))
    return {place for cell in computed if (place := _place(cell.get("r", "")))}


def unreadable(path: Path, error: BaseException) -> SourceError:
    """What to raise for a file that is no workbook."""
    return SourceError(
        f"The workbook is damaged or encrypted, or it is not an XLSX file: {excerpt(str(error), 80)}.",
        where=path,
        next="open it in Excel or LibreOffice and save it again as .xlsx",
    )


def _look_at(cell: ElementTree.Element, place: Place, marked: Marks, whole: Book) -> None:
    text = next((inner.text for inner in cell if _is(inner, "v")), None)
    kind = cell.get("t", "n")
    if kind == "e":
        marked.errors[place] = text or "#ERROR"
    elif any(_is(inner, "f") for inner in cell) and _is_uncalculated(kind, text, unsaved=whole.unsaved):
        marked.uncalculated.add(place)
    elif kind == "n" and text and cell.get("s") in whole.formats:
        marked.formats[place] = whole.formats[cell.get("s", "")]


def _is_uncalculated(kind: str, text: str | None, *, unsaved: bool) -> bool:
    """Whether a formula has no value: none at all, or the 0 that programs write which cannot calculate."""
    return kind == "n" and (not (text or "").strip() or (unsaved and text == "0"))


def _elements(path: Path, part: str, signs: list[bytes], pattern: re.Pattern[bytes]) -> Iterator[ElementTree.Element]:
    """The elements of a part, each when it ends, if the part has one of the signs, or matches the pattern."""
    try:
        with zipfile.ZipFile(path) as archive:
            if not _has(archive, part, signs, pattern):
                return
            with archive.open(part) as stream:
                for _, element in ElementTree.iterparse(stream):  # noqa: S314
                    yield element
                    if _is(element, "c"):
                        element.clear()
    except DAMAGED as error:
        raise unreadable(path, error) from None


def _has(archive: zipfile.ZipFile, part: str, signs: list[bytes], pattern: re.Pattern[bytes]) -> bool:
    with archive.open(part) as stream:
        tail = b""
        while chunk := stream.read(CHUNK):
            data = tail + chunk
            if any(sign in data for sign in signs) or (b"f" in data and pattern.search(data)):
                return True
            tail = data[-OVERLAP:]
    return False


def _is(element: ElementTree.Element, name: str) -> bool:
    return element.tag in (MAIN + name, STRICT + name)


def _is_styles(link: ElementTree.Element) -> bool:
    return link.get("Type", "").endswith("/styles")


def _part(target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _formats(styles: bytes) -> dict[str, str]:
    """The number formats that make another text of a number, by the number of the style that cells have."""
    tree = ElementTree.fromstring(styles)  # noqa: S314
    codes: Mapping[str, str] = PERCENT | {
        part.get("numFmtId", ""): part.get("formatCode", "") for part in tree.iter() if _is(part, "numFmt")
    }
    cells: Iterable[ElementTree.Element] = next((part for part in tree if _is(part, "cellXfs")), [])
    numbers = ((str(at), codes.get(style.get("numFmtId", ""), "")) for at, style in enumerate(cells))
    return {number: code for number, code in numbers if xlsx_formats.matters(code)}


def _place(name: str) -> Place | None:
    """Row and column of a cell that Excel names with letters and a number."""
    match = re.fullmatch(r"([A-Z]+)(\d+)", name)
    if match is None:
        return None
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]) - 1, column - 1
