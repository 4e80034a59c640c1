"""Workbooks as small as they can be, their XML as it is given: what Excel and other programs write, to the letter."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path

from etl.config import CsvFormat
from etl.connect.files.source import FileSource

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def cell(place: str, value: str | float, more: str = "") -> str:
    """A cell with a text or a number. more: further attributes."""
    if isinstance(value, str):
        return f'<c r="{place}" t="inlineStr"{more}><is><t>{value}</t></is></c>'
    return f'<c r="{place}"{more}><v>{value!r}</v></c>'


def rows(*values: Sequence[str | float | None]) -> list[str]:
    """Rows of cells; text that begins with `<` is a cell's XML, of which `@` is the place."""
    made = []
    for number, row in enumerate(values, 1):
        cells = []
        for at, value in enumerate(row):
            place = f"{chr(65 + at)}{number}"
            if isinstance(value, str) and value.startswith("<"):
                cells.append(value.replace("@", place))
            elif value is not None:
                cells.append(cell(place, value))
        made.append(f'<row r="{number}">{"".join(cells)}</row>')
    return made


def workbook(
    path: Path,
    made: Sequence[str],
    *,
    merged: Sequence[str] = (),
    formats: Sequence[str] = (),
    columns: str = "",
    hidden: Sequence[str] = (),
    calculate: str = "",
) -> FileSource:
    """Write a workbook whose sheet `t` has these rows, as a source.

    merged: ranges. formats: number formats; a cell has the first of them with s="1". hidden: further sheets, not shown;
    `t` itself if it is among them. calculate: attributes of `calcPr`.
    """
    names = ["t", *(name for name in hidden if name != "t")]
    states = ['state="hidden"' if name in hidden else "" for name in names]
    listed = "".join(
        f'<sheet name="{name}" sheetId="{at}" r:id="rId{at}" {state}/>'
        for at, (name, state) in enumerate(zip(names, states, strict=True), 1)
    )
    links = "".join(
        f'<Relationship Id="rId{at}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{at}.xml"/>'
        for at in range(1, len(names) + 1)
    )
    ranges = "".join(f'<mergeCell ref="{ref}"/>' for ref in merged)
    after = f"<mergeCells>{ranges}</mergeCells>" if merged else ""
    sheet = f'<worksheet xmlns="{MAIN}">{columns}<sheetData>{"".join(made)}</sheetData>{after}</worksheet>'
    quoted = [code.replace("&", "&amp;").replace('"', "&quot;") for code in formats]
    codes = "".join(f'<numFmt numFmtId="{170 + at}" formatCode="{code}"/>' for at, code in enumerate(quoted))
    styles = "".join(f'<xf numFmtId="{170 + at}"/>' for at in range(len(formats)))
    with zipfile.ZipFile(path, "w") as archive:
        parts = {
            "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
            "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
            f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{listed}</sheets>'
            f"<calcPr {calculate}/></workbook>",
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{links}'
            f'<Relationship Id="rId99" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>',
            "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><numFmts>{codes}</numFmts>'
            f'<cellXfs><xf numFmtId="0"/>{styles}</cellXfs></styleSheet>',
            **{f"xl/worksheets/sheet{at}.xml": sheet for at in range(1, len(names) + 1)},
        }
        for name, content in parts.items():
            archive.writestr(name, HEAD + content)
    return FileSource(path.parent, CsvFormat())
