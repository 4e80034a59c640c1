"""CSV files as programs really write them: lines around the table, no header, escapes, odd ends of lines."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given, settings, strategies as st

from etl.config import CsvFormat
from etl.connect.files.source import FileSource
from etl.errors import SourceError
from tests.connect.reading import folder, read
from tests.profiles import ONE_FIXTURE, examples

SEMICOLON = CsvFormat(delimiter=";")


def test_lines_above_the_header_are_passed_over(tmp_path: Path) -> None:
    """`skip_rows` counts lines of the file, blank ones too; a fault still names the line of the file."""
    source = folder(tmp_path, CsvFormat(skip_rows=3), t_csv="Customers, as of 2026\nby MM\n\nid,name\n1,Alpha\n2\n")

    found = read(source)

    assert (found.columns, found.rows) == (["id", "name"], [("1", "Alpha"), ("2", None)])
    assert found.faults[0].where == f"{tmp_path / 't.csv'}:6"


def test_lines_above_the_header_are_suggested(tmp_path: Path) -> None:
    """A header of one value above records of several is a title, and the line of the config that helps is named."""
    source = folder(tmp_path, t_csv="All customers\n\nid,name\n1,Alpha\n2,Beta\n")

    assert any("csv: {skip_rows: 2}" in hint for hint in source.suggest("t"))
    with pytest.raises(SourceError, match="skip_rows: 2"):
        read(source, columns=["id"])


def test_a_file_without_a_header_gets_its_names_from_the_config(tmp_path: Path) -> None:
    """The first line is a record, also behind a byte order mark."""
    form = CsvFormat(header=("id", "name"))

    for mark in ("", "\ufeff"):
        found = read(folder(tmp_path, form, t_csv=f"{mark}1,Alpha\n2,Beta\n"))
        assert (found.columns, found.rows) == (["id", "name"], [("1", "Alpha"), ("2", "Beta")])


def test_a_missing_header_is_suggested(tmp_path: Path) -> None:
    """A first line with a number or an address in it is no header."""
    source = folder(tmp_path, t_csv="1001,Alpha,ann@alpha.example\n1002,Beta,\n")

    assert any("csv: {header: [" in hint for hint in source.suggest("t"))


@pytest.mark.parametrize(
    ("content", "said"), [("ID,Name\n1,Alpha\n", "header of its own"), ("1,Alpha,x\n", "names 2 columns.*3 values")]
)
def test_names_that_do_not_fit_the_file_are_an_error(tmp_path: Path, content: str, said: str) -> None:
    """A header that is in the file after all is no record, and no column stays without a name."""
    with pytest.raises(SourceError, match=said):
        read(folder(tmp_path, CsvFormat(header=("id", "name")), t_csv=content))


def test_an_escape_takes_the_meaning_from_what_follows_it(tmp_path: Path) -> None:
    """Quotes, delimiters, line breaks and escapes are text behind it; before anything else it is text itself."""
    form = CsvFormat(delimiter=";", escape="\\")
    content = 'id;x;y\n1;"say \\"hi\\"";a\\;b\n2;\\N;C:\\new\n3;one\\\ntwo;\\\\\n4;"a\\nb";"c""d"\n'

    found = read(folder(tmp_path, form, t_csv=content))

    assert found.rows == [
        ("1", 'say "hi"', "a;b"),
        ("2", "\\N", "C:\\new"),
        ("3", "one\ntwo", "\\"),
        ("4", "a\\nb", 'c"d'),
    ]
    assert found.faults == []


@settings(suppress_health_check=ONE_FIXTURE, max_examples=examples(60))
@given(
    rows=st.lists(st.tuples(*[st.text(st.sampled_from("ab\\\";,'\n\r N"), max_size=8)] * 2).filter(any), max_size=5),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
)
def test_escaped_text_comes_back_exactly(tmp_path: Path, rows: list[tuple[str, str]], quoting: Literal[1, 2]) -> None:
    """Whatever a writer escapes is read character by character."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", escapechar="\\", doublequote=False, quoting=quoting, lineterminator="\r\n")
    writer.writerows([("id", "x"), *rows])

    found = read(folder(tmp_path, CsvFormat(delimiter=";", escape="\\"), t_csv=text.getvalue()))

    assert (found.rows, found.faults) == ([tuple(value or None for value in row) for row in rows], [])


def test_a_line_with_an_escape_and_broken_quoting_is_a_fault(tmp_path: Path) -> None:
    """The values before the break are read without their escapes."""
    found = read(folder(tmp_path, CsvFormat(escape="\\"), t_csv='id,x,y\n1,"a\\"b","c"d\n2,"e\\\\",f\n'))

    assert found.rows == [("1", 'a"b', None), ("2", "e\\", "f")]
    assert found.codes == [(0, "y", "bad-quoting")]


def test_an_escape_is_suggested(tmp_path: Path) -> None:
    """A backslash before a quote that closes nothing tells of one; a path that ends in one does not."""
    assert any('escape: "\\\\"' in hint for hint in folder(tmp_path, t_csv='id,x\n1,"a \\"b\\" c"\n').suggest("t"))
    assert folder(tmp_path, t_csv='id,x\n1,"C:\\dir\\"\n2,"C:\\"\n').suggest("t") == []


def test_a_first_line_that_tells_excel_the_delimiter_is_no_header(tmp_path: Path) -> None:
    """`sep=;` is passed over where it says what the config says, also behind a byte order mark."""
    for mark in ("", "\ufeff"):
        found = read(folder(tmp_path, SEMICOLON, t_csv=f"{mark}sep=;\r\nid;name\r\n1;Alpha\r\n"))
        assert (found.columns, found.rows) == (["id", "name"], [("1", "Alpha")])
    with pytest.raises(SourceError, match="names another delimiter") as failed:
        read(folder(tmp_path, t_csv="sep=;\nid;name\n1;Alpha\n"))
    assert failed.value.next == 'csv: {delimiter: ";"}'


def test_a_delimiter_behind_every_record_is_no_value(tmp_path: Path) -> None:
    """Where all records end in one that the header lacks, and where the header alone does."""
    rows = [("1", "Alpha"), ("2", None)]

    assert read(folder(tmp_path, SEMICOLON, t_csv="id;name\n1;Alpha;\n2;;\n")).rows == rows
    found = read(folder(tmp_path, SEMICOLON, t_csv="id;name;\n1;Alpha\n2;\n"))
    assert (found.columns, found.rows, found.faults) == (["id", "name"], rows, [])


def test_a_delimiter_behind_one_record_is_a_fault(tmp_path: Path) -> None:
    """It may stand in a value: `Alpha; Bau` without quotes would else be a name and a town."""
    found = read(folder(tmp_path, SEMICOLON, t_csv="id;name;town\n1;Alpha; Bau;\n2;Beta;Trier\n"))

    assert found.codes == [(0, None, "ragged-line")]


def test_a_line_of_delimiters_is_no_record(tmp_path: Path) -> None:
    """Spreadsheets write such lines below their tables, and above them."""
    found = read(folder(tmp_path, SEMICOLON, t_csv=";;\nid;name;town\n1;Alpha;\n;;\n;;;;\n2;;Trier\n;;\n"))

    assert found.rows == [("1", "Alpha", None), ("2", None, "Trier")]
    assert found.faults == []


@pytest.mark.parametrize("end", ["\x1a", "\r\n\x1a"])
def test_the_mark_of_the_end_that_dos_wrote_is_no_value(tmp_path: Path, end: str) -> None:
    """Neither on a line of its own, nor behind the last value; elsewhere the sign is text."""
    assert read(folder(tmp_path, t_csv="id,x\n1,a\n2,b" + end)).rows == [("1", "a"), ("2", "b")]
    assert read(folder(tmp_path, t_csv="id\n1\n2" + end)).rows == [("1",), ("2",)]
    assert read(folder(tmp_path, t_csv="id,x\n1,a\x1a\n")).rows == [("1", "a\x1a")]


def test_files_of_other_endings(tmp_path: Path) -> None:
    """`.tsv` has tabs unless the config says otherwise of that file; `.txt` is a table where no other is called so."""
    contents = {"a.tsv": "id\tx\n1\ta;b\n", "b.txt": "id;x\n2;b\n", "c.csv": "id;x\n3;c\n", "c.txt": "no table"}
    for name, content in contents.items():
        (tmp_path / name).write_text(content)
    source = FileSource(tmp_path, SEMICOLON)

    assert source.tables() == ["a", "b", "c", "c"]
    assert [read(source, table).rows for table in "abc"] == [[("1", "a;b")], [("2", "b")], [("3", "c")]]
    assert read(FileSource(tmp_path, SEMICOLON, {"a": SEMICOLON}), "a").columns == ["id\tx"]


def test_what_cannot_be_decoded_names_encoding_and_line(tmp_path: Path) -> None:
    """For a single value, and for a file."""
    found = read(folder(tmp_path, t_csv=b"id,name\n1,a\n2,M\xfcller\n"))
    assert (found.faults[0].where, "as utf-8" in found.faults[0].reason) == (f"{tmp_path / 't.csv'}:3", True)

    lines = b"".join(b"%d,M\xfcller\n" % at for at in range(4))
    with pytest.raises(SourceError, match="utf-8 is wrong") as failed:
        read(folder(tmp_path, t_csv=b"id,name\n" + lines))
    assert failed.value.where == f"{tmp_path / 't.csv'}:2"


def test_tables_are_written_each_in_its_own_way(tmp_path: Path) -> None:
    """What a table's own format does not say is as in the others."""
    (tmp_path / "a.csv").write_bytes("id;x\n1;ä\n".encode("cp1252"))
    (tmp_path / "b.csv").write_bytes("title\nid|x\n2|ö\n".encode("cp1252"))
    own = CsvFormat.model_validate({"delimiter": "|", "skip_rows": 1})
    source = FileSource(tmp_path, CsvFormat(delimiter=";", encoding="cp1252"), {"b": own})

    assert (read(source, "a").rows, read(source, "b").rows) == ([("1", "ä")], [("2", "ö")])
