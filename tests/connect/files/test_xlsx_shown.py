"""Workbooks: the value as Excel shows it, or a fault of its row, and nothing hidden without a word."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.connect.files.xlsx_formats import shown
from etl.errors import SourceError
from etl.model import Remark
from tests.connect.reading import read

from .workbooks import rows, workbook

HEADER = ("id", "name", "zip")


@pytest.mark.parametrize(
    "cell", ['<c r="@"><f>1+1</f></c>', '<c r="@"><f>1+1</f><v></v></c>', '<c r="@"><f t="shared" si="0"/><v/></c>']
)
def test_a_formula_that_was_never_calculated_is_a_fault(tmp_path: Path, cell: str) -> None:
    """Its row is named, also where no other cell of the row has a value, and what can be read of it is read."""
    found = read(workbook(tmp_path / "t.xlsx", rows(HEADER, ("1", cell, "01067"), ("2", "Beta"), (None, None, cell))))

    assert found.rows == [("1", None, "01067"), ("2", "Beta", None), (None, None, None)]
    assert found.codes == [(0, "name", "uncalculated"), (2, "zip", "uncalculated")]
    assert found.faults[0].where.endswith("t.xlsx, sheet t, row 2")


def test_a_formula_with_a_value_is_that_value(tmp_path: Path) -> None:
    """Also where it is the empty text."""
    cells = (
        '<c r="@"><f>A1</f><v>7</v></c>',
        '<c r="@" t="str"><f>A1</f><v>x</v></c>',
        '<c r="@" t="str"><f>""</f><v></v></c>',
    )

    found = read(workbook(tmp_path / "t.xlsx", rows(HEADER, cells)))

    assert (found.rows, found.faults) == ([("7", "x", None)], [])


def test_a_zero_of_a_program_that_cannot_calculate_is_a_fault(tmp_path: Path) -> None:
    """Such a program writes 0 for each formula, and asks Excel to calculate them when it opens the file."""
    cells = rows(HEADER, ("1", '<c r="@"><f>A1</f><v>0</v></c>', '<c r="@"><f>A1</f><v>5</v></c>'))

    asked = read(workbook(tmp_path / "t.xlsx", cells, calculate='fullCalcOnLoad="1"'))
    saved = read(workbook(tmp_path / "t.xlsx", cells))

    assert (asked.rows, asked.codes) == ([("1", None, "5")], [(0, "name", "uncalculated")])
    assert (saved.rows, saved.codes) == ([("1", "0", "5")], [])


def test_a_header_of_a_formula_without_a_value_is_an_error(tmp_path: Path) -> None:
    """A column whose name nobody knows is not read under another."""
    with pytest.raises(SourceError, match="formula in the header"):
        read(workbook(tmp_path / "t.xlsx", rows(("id", '<c r="@"><f>A2</f></c>'), ("1", "x"))))


def test_an_error_is_its_text(tmp_path: Path) -> None:
    """Whether or not a formula made it."""
    cells = ('<c r="@" t="e"><v>#N/A</v></c>', '<c r="@" t="e"><f>1/0</f><v>#DIV/0!</v></c>', "x")

    assert read(workbook(tmp_path / "t.xlsx", rows(HEADER, cells))).rows == [("#N/A", "#DIV/0!", "x")]


def test_numbers_are_as_their_format_shows_them(tmp_path: Path) -> None:
    """Zeros that a format pads are part of a postcode; per cent has all its digits; others are the number itself."""
    formats = ("00000", '"KD-"0000', "0.0%", '#,##0.00 "EUR"')
    cells = [
        f'<c r="@" s="{style}"><v>{value}</v></c>' for style, value in ((1, 1067), (2, 42), (3, 0.07125), (4, 1234.5))
    ]

    found = read(workbook(tmp_path / "t.xlsx", rows(("a", "b", "c", "d", "e"), (*cells, 1067.0)), formats=formats))

    assert found.rows == [("01067", "KD-0042", "7.125%", "1234.5", "1067")]


@pytest.mark.parametrize(
    ("number", "code", "text"),
    [
        (1067, "00000", "01067"),
        (123456, "00000", "123456"),
        (0, "00000", "00000"),
        (-7, "000", "-007"),
        (-7, '000;"minus "00', "minus 07"),
        (15551234567, "(000) 000-0000", "(1555) 123-4567"),
        (301234567, r"000\-00\-0000", "301-23-4567"),
        (12345, r"[<=99999]00000;00000\-0000", "12345"),
        (123456789, r"[<=99999]00000;00000\-0000", "12345-6789"),
        (1067, "[$-407]00000", "01067"),
        (1067, '"D-"00000', "D-01067"),
        (7, "#000", "007"),
        (1.5, "00000", None),
        (7, "0", None),
        (7, "General", None),
        (45000, "dd.mm.yyyy", None),
        (7, "00000.00", None),
        (1234, "0,000", None),
        (0.25, "0%", "25%"),
        (0.07, "0.00%", "7%"),
        (-0.125, "0%;[Red]-0%", "-12.5%"),
        (2, "0%", "200%"),
    ],
)
def test_formats(number: float, code: str, text: str | None) -> None:
    """What Excel shows where a format pads, the exact share for per cent, and else the number's own digits."""
    assert shown(float(number), code) == text


def test_merged_cells_fill_their_range(tmp_path: Path) -> None:
    """Downwards and sideways; a row that is empty but for them is none."""
    cells = rows(HEADER, ("1", "Alpha", "01067"), ("2", None, "01069"), (), ("3", "x"))

    found = read(workbook(tmp_path / "t.xlsx", cells, merged=["B2:B4", "B5:C5"]))

    assert found.rows == [("1", "Alpha", "01067"), ("2", "Alpha", "01069"), ("3", "x", "x")]


def test_a_merged_title_is_no_header(tmp_path: Path) -> None:
    """Neither one above the whole table, nor groups of columns."""
    cells = rows(("Customers",), (), ("who", None, "where"), HEADER, ("1", "Alpha", "01067"))

    found = read(workbook(tmp_path / "t.xlsx", cells, merged=["A1:C1", "A3:B3", "C3:D3"]))

    assert found.columns[:3] == list(HEADER)
    assert [row[:3] for row in found.rows] == [("1", "Alpha", "01067")]


def test_a_table_of_merged_cells_alone_has_a_header(tmp_path: Path) -> None:
    """Where every row looks like a title, the first one is the header; each column is in both of its places."""
    cells = rows(("id", None, "name"), ("1", None, "Alpha"))

    found = read(workbook(tmp_path / "t.xlsx", cells, merged=["A1:B1", "C1:D1", "A2:B2", "C2:D2"]))

    assert found.columns[:3] == ["id", "id#2", "name"]
    assert [row[:3] for row in found.rows] == [("1", "1", "Alpha")]


def test_a_header_of_two_rows_ends_in_the_second(tmp_path: Path) -> None:
    """Cells that are merged downwards say so; each column has its lowest name."""
    cells = rows(("id", "address", None, "note"), (None, "zip", "town"), ("1", "01067", "Dresden", "x"))

    found = read(workbook(tmp_path / "t.xlsx", cells, merged=["A1:A2", "B1:C1"]))

    assert (found.columns, found.rows) == (["id", "zip", "town", "note"], [("1", "01067", "Dresden", "x")])


def test_a_title_that_is_not_merged_is_suspected(tmp_path: Path) -> None:
    """The error for a column that is not there says where to look."""
    source = workbook(tmp_path / "t.xlsx", rows(("Customers",), HEADER, ("1", "Alpha", "01067")))

    assert source.suggest("t") == ["Row 1 of the sheet has one value alone; if it is a title, delete that row."]


def test_what_is_hidden_is_read_and_said(tmp_path: Path) -> None:
    """Rows that a filter hides, columns, the sheet itself, and the sheets beside it."""
    cells = rows(HEADER, ("1", "Alpha", "01067"), ("2", "Beta", "01069"))
    cells[2] = cells[2].replace("<row", '<row hidden="1"')
    columns = '<cols><col min="2" max="3" hidden="1"/></cols>'
    source = workbook(tmp_path / "t.xlsx", cells, columns=columns, hidden=["t", "lists"])

    assert read(source, "t/t").rows == [("1", "Alpha", "01067"), ("2", "Beta", "01069")]
    assert source.remarks("t/t") == [
        Remark("hidden-sheet", 1, ("t",)),
        Remark("hidden-sheets", 1, ("lists",)),
        Remark("hidden-rows", 1),
        Remark("hidden-columns", 2),
    ]


def test_the_sheet_that_is_not_hidden_is_meant(tmp_path: Path) -> None:
    """A workbook's own name means it; the hidden ones are said."""
    source = workbook(tmp_path / "book.xlsx", rows(HEADER, ("1", "Alpha", "01067")), hidden=["lists"])

    assert read(source, "book").rows == [("1", "Alpha", "01067")]
    assert source.remarks("book") == [Remark("hidden-sheets", 1, ("lists",))]


def test_nothing_is_said_of_a_plain_sheet(tmp_path: Path) -> None:
    """Rows that say that they are not hidden are as good as those that say nothing."""
    cells = [row.replace("<row", '<row hidden="false"') for row in rows(HEADER, ("1", "Alpha", "01067"))]
    source = workbook(tmp_path / "t.xlsx", cells)

    assert (source.remarks("t"), source.suggest("t")) == ([], [])
