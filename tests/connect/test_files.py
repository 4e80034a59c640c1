"""A folder as a source: which file is which table, workbooks, Parquet, and files that change."""

from __future__ import annotations

import datetime as dt
import zipfile
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import xlsxwriter
from hypothesis import given, settings, strategies as st
from pyarrow import parquet

from etl.config import CsvFormat, Source
from etl.connect import open_source
from etl.connect.files.source import FileSource
from etl.errors import SourceError
from tests.profiles import ONE_FIXTURE, examples

from .reading import Row, folder, keep, read

QUIET = settings(max_examples=examples(40), suppress_health_check=ONE_FIXTURE)
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff"), max_size=20).map(
    lambda t: t or None
)
tables = st.integers(1, 4).flatmap(
    lambda width: st.tuples(st.just(width), st.lists(st.tuples(*[TEXT] * width), max_size=8))
)


def workbook(path: Path, **sheets: list[list[Any]]) -> FileSource:
    """Write a workbook with these sheets, each a list of rows, text as text."""
    with xlsxwriter.Workbook(path) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        clock = book.add_format({"num_format": "hh:mm:ss"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for at, row in enumerate(rows):
                for column, value in enumerate(row):
                    match value:
                        case None:
                            pass
                        case ("error", text):
                            sheet.write_formula(at, column, "=1/0", None, text)
                        case str():
                            sheet.write_string(at, column, value)
                        case dt.datetime():
                            sheet.write_datetime(at, column, value, moment)
                        case dt.date():
                            sheet.write_datetime(at, column, value, day)
                        case dt.time():
                            sheet.write_datetime(at, column, value, clock)
                        case _:
                            sheet.write(at, column, value)
    return FileSource(path.parent, CsvFormat())


@QUIET
@given(table=tables)
def test_text_in_a_workbook_comes_back_exactly(tmp_path: Path, table: tuple[int, list[Row]]) -> None:
    """What stands in a sheet as text is read character by character; rows without any value are none."""
    width, rows = table

    found = read(workbook(tmp_path / "t.xlsx", s=[[f"c{at}" for at in range(width)], *map(list, rows)]))

    assert found.rows == [row for row in rows if any(row)]
    assert found.faults == []


@QUIET
@given(table=tables)
def test_text_in_parquet_comes_back_exactly(tmp_path: Path, table: tuple[int, list[Row]]) -> None:
    """What stands in Parquet as text is read character by character, NULL and the empty text as missing."""
    width, rows = table
    columns = {f"c{at}": pa.array([row[at] for row in rows], pa.string()) for at in range(width)}

    assert read(folder(tmp_path, t_parquet=pa.table(columns))).rows == rows


@QUIET
@given(
    damage=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=20), cut=st.booleans()
)
def test_damaged_workbooks_and_parquet_are_clear_errors(
    tmp_path: Path, damage: list[tuple[int, int]], cut: bool
) -> None:
    """Bytes that were changed or lost raise nothing but an error of the project."""
    workbook(tmp_path / "sound.xlsx", s=[["id"], ["1"]])
    parquet.write_table(pa.table({"id": ["1", "2"]}), tmp_path / "sound.parquet")
    for ending in ("xlsx", "parquet"):
        content = bytearray((tmp_path / f"sound.{ending}").read_bytes())
        for at, value in damage:
            content[at % len(content)] = value
        (tmp_path / f"hurt.{ending}").write_bytes(content[: damage[0][0] % len(content)] if cut else content)
        with suppress(SourceError):
            read(FileSource(tmp_path, CsvFormat()), f"hurt.{ending}")


def test_values_of_a_workbook(tmp_path: Path) -> None:
    """Numbers, truth values, dates and errors of Excel are text by the rules."""
    cells = {
        7: "7",
        7.5: "7.5",
        1e20: "100000000000000000000",
        True: "true",
        dt.date(2026, 11, 1): "2026-11-01",
        dt.datetime(2026, 11, 1, 9, 30): "2026-11-01T09:30:00",  # noqa: DTZ001
        dt.time(9, 30): "09:30:00",
        ("error", "#DIV/0!"): "#DIV/0!",
        ("error", "#N/A"): "#N/A",
        "007": "007",
        " NA ": " NA ",
        None: None,
        "_x000D_": "_x000D_",
    }
    source = workbook(tmp_path / "t.xlsx", s=[[], [f"c{at}" for at in range(len(cells))], list(cells)])

    [row] = read(source).rows

    assert dict(zip(cells, row, strict=True)) == cells


def test_types_of_parquet(tmp_path: Path) -> None:
    """Any type of Arrow is text by the rules."""
    moment = dt.datetime(2026, 11, 1, 9, 30, 0, 500000)  # noqa: DTZ001
    values = {
        "int": (pa.array([7, None], pa.uint64()), "7"),
        "bool": (pa.array([True, None]), "true"),
        "float": (pa.array([0.1, None]), "0.1"),
        "float32": (pa.array([0.1, None], pa.float32()), "0.1"),
        "decimal": (pa.array([Decimal("0.0000001"), None], pa.decimal128(20, 7)), "0.0000001"),
        "date": (pa.array([dt.date(2026, 11, 1), None]), "2026-11-01"),
        "naive": (pa.array([moment, None], pa.timestamp("ms")), "2026-11-01T09:30:00.500000"),
        "nano": (pa.array([1, None], pa.timestamp("ns")), "1970-01-01T00:00:00.000000001"),
        "zone": (pa.array([moment, None], pa.timestamp("us", "Europe/Berlin")), "2026-11-01T09:30:00.500000+00:00"),
        "time": (pa.array([dt.time(9, 30), None], pa.time32("s")), "09:30:00"),
        "span": (pa.array([90, None], pa.duration("s")), "PT1M30S"),
        "binary": (pa.array([b"\x00\xff", b""]), keep(b"\x00\xff")),
        "list": (pa.array([[1, 2], None]), "[1,2]"),
        "struct": (pa.array([{"b": "ä", "a": None}, None]), '{"a":null,"b":"ä"}'),
        "dictionary": (pa.array(["x", None]).dictionary_encode(), "x"),
        "null": (pa.array([None, None], pa.null()), None),
        "empty": (pa.array(["", None]), None),
    }
    table = pa.table({name: column for name, (column, _) in values.items()})

    first, second = read(folder(tmp_path, t_parquet=table)).rows

    assert dict(zip(values, first, strict=True)) == {name: text for name, (_, text) in values.items()}
    assert second == (None,) * len(values)


def test_parquet_text_that_is_no_unicode_is_a_fault(tmp_path: Path) -> None:
    """Bytes that are no UTF-8 are shown escaped, and their row is named."""
    raw = pa.array([b"a", b"M\xfcller", None], pa.binary())
    hurt = pa.StringArray.from_buffers(3, raw.buffers()[1], raw.buffers()[2], raw.buffers()[0])

    found = read(folder(tmp_path, t_parquet=pa.table({"id": ["1", "2", "3"], "name": hurt})))

    assert found.rows == [("1", "a"), ("2", r"M\xfcller"), ("3", None)]
    assert found.codes == [(1, "name", "invalid-unicode")]


def test_a_table_is_named_by_file_or_sheet(tmp_path: Path) -> None:
    """A file counts with and without its ending, a sheet alone or after its workbook."""
    parquet.write_table(pa.table({"id": ["p"]}), tmp_path / "three.parquet")
    source = workbook(tmp_path / "book.xlsx", one=[["id"], ["1"]], two=[["id"], ["2"]])
    (tmp_path / "four.CSV").write_text("id\nc\n")
    (tmp_path / "~$book.xlsx").write_text("a lock of Excel")
    (tmp_path / "notes.md").write_text("no table")

    assert source.tables() == ["book/one", "book/two", "four", "three"]
    for table, value in {"one": "1", "book/two": "2", "three": "p", "three.parquet": "p", "four": "c"}.items():
        assert read(source, table).rows == [(value,)]


def test_a_workbook_with_several_sheets_needs_one_of_them_named(tmp_path: Path) -> None:
    """The error lists the sheets."""
    with pytest.raises(SourceError, match="2 sheets: one, two"):
        read(workbook(tmp_path / "book.xlsx", one=[["id"]], two=[["id"]]), "book")


def test_two_files_for_one_table_are_an_error_that_names_both(tmp_path: Path) -> None:
    """Which of two files is meant is never guessed; the full file name says it."""
    source = workbook(tmp_path / "t.xlsx", t=[["id"], ["x"]])
    (tmp_path / "t.csv").write_text("id\nc\n")

    with pytest.raises(SourceError, match=r"t\.csv and t\.xlsx"):
        read(source)
    assert read(source, "t.csv").rows == [("c",)]


def test_a_missing_file_names_folder_and_near_matches(tmp_path: Path) -> None:
    """The folder is named from the root."""
    with pytest.raises(SourceError, match="did you mean 'accounts'") as failed:
        read(folder(tmp_path, accounts_csv="id\n"), "account")
    assert failed.value.where == str(tmp_path)


def test_a_missing_folder_is_named_from_the_root(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A relative folder counts from the current directory."""
    monkeypatch.chdir(tmp_path)

    with pytest.raises(SourceError, match=str(tmp_path / "data" / "old")), FileSource("data/old", CsvFormat()):
        pass


def test_a_file_that_changes_is_an_error(tmp_path: Path) -> None:
    """Files have no transactions, so a change while the source is open ends the run."""
    source = folder(tmp_path, t_csv="id\n1\n")
    with source:
        batches = source.read("t", "t", None, 10, keep)
        next(batches)
        (tmp_path / "t.csv").write_text("id\n1\n2\n")
        with pytest.raises(SourceError, match="changed"):
            list(batches)


def test_an_empty_sheet_is_an_error(tmp_path: Path) -> None:
    """A sheet without even a header is no table."""
    with pytest.raises(SourceError, match="empty"):
        read(workbook(tmp_path / "t.xlsx", t=[]))


@pytest.mark.parametrize(
    "parts",
    [
        {"hello.txt": "hello"},
        {"xl/workbook.xml": "<workbook>", "xl/_rels/workbook.xml.rels": "<a/>"},
        {"xl/workbook.xml": '<?xml version="1.0" encoding="UBF-8"?><a/>', "xl/_rels/workbook.xml.rels": "<a/>"},
    ],
)
def test_a_zip_that_is_no_workbook_is_an_error(tmp_path: Path, parts: dict[str, str]) -> None:
    """A file with a workbook's ending and something else in it is named."""
    with zipfile.ZipFile(tmp_path / "t.xlsx", "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)

    with pytest.raises(SourceError, match="not an XLSX file"):
        read(FileSource(tmp_path, CsvFormat()))


def test_the_registry_opens_folders_and_databases(tmp_path: Path) -> None:
    """What a URL begins with says which source it is."""
    entries = {"t": {"key": "id", "type": "company"}}
    (tmp_path / "t.csv").write_text("id\n7\n")

    assert open_source(Source.model_validate({"url": f"files:{tmp_path}", "records": entries})).where == str(tmp_path)
    assert (
        open_source(Source.model_validate({"url": "sqlite:///x.db", "records": entries})).where
        == f"sqlite:///{Path('x.db').absolute()}"
    )
