"""CSV: text comes back exactly, and no damaged line stops a run or vanishes."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import example, given, settings, strategies as st

from etl.config import CsvFormat
from etl.connect.files.csv_file import CsvFile
from etl.errors import CleanupError, ConfigError, SourceError
from etl.model import Remark
from tests.profiles import ONE_FIXTURE, examples

from .reading import Row, folder, keep, read

ENCODINGS = ("utf-8", "utf-16", "utf-16-le", "cp1252", "iso-8859-15", "cp437")
QUIET = settings(suppress_health_check=ONE_FIXTURE)


@st.composite
def written(draw: st.DrawFn) -> tuple[CsvFormat, list[Row]]:
    """A format, and rows of text that it can hold; the empty text is missing, and a row without any value is none."""
    form = CsvFormat(
        delimiter=draw(st.sampled_from(",;\t|:^ ")),
        quote=draw(st.sampled_from("\"'`")),
        encoding=draw(st.sampled_from(ENCODINGS)),
    )
    text = st.text(st.characters(codec=form.encoding) | st.sampled_from("\"',;\t\r\n 0"), max_size=12).map(
        lambda t: t or None
    )
    width = draw(st.integers(1, 4))
    rows = draw(st.lists(st.tuples(*[text] * width), max_size=6))
    return form, rows if width == 1 else [row for row in rows if any(row)]


@QUIET
@given(table=written(), end=st.sampled_from(["\n", "\r\n", "\r"]))
def test_text_comes_back_exactly(tmp_path: Path, table: tuple[CsvFormat, list[Row]], end: str) -> None:
    """Whatever a CSV writer quotes is read character by character, in any delimiter, quote and encoding."""
    form, rows = table
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=form.delimiter, quotechar=form.quote, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerow([f"c{at}" for at in range(len(rows[0]) if rows else 2)])
    writer.writerows(rows)

    found = read(folder(tmp_path, form, t_csv=text.getvalue().encode(form.encoding)))

    assert found.rows == rows
    assert found.faults == []


def lines_that_csv_sees(text: str) -> int:
    """Count the lines of a file that hold a value, each of which is read, is part of a record, or is a fault."""
    return sum(line.strip('\r\n,"') != "" for line in io.StringIO(text, newline=""))


@settings(QUIET, max_examples=examples(300))
@given(
    body=st.lists(
        st.sampled_from([b"7", b'"', b",", b"\n", b"\r\n", b"\xff", b"\xc3\xa4", b" ", b"\0", b"x"]), max_size=40
    )
)
@example(body=[b'7,"x\n8,y\n9,"z"\n'])
def test_any_bytes_are_rows_or_a_clear_error(tmp_path: Path, body: list[bytes]) -> None:
    """No damage raises anything but an error of the project, and every line is in a row or in a fault."""
    content = b"a,b\n" + b"".join(body)
    try:
        found = read(folder(tmp_path, t_csv=content))
    except CleanupError:
        return
    text = content.decode(errors="surrogateescape")
    sound = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        expected = [row for row in sound if row][1:]
    except csv.Error:  # each line is then a row, a fault, or a line of a value with line breaks
        breaks = sum(
            len(io.StringIO(v or "", newline="").readlines()) for row in found.rows for v in row if v and "\n" in v
        )
        assert len(found.rows) + breaks >= lines_that_csv_sees(text) - 1
        assert "bad-quoting" in [code for _, _, code in found.codes]
        return
    expected = [row for row in expected if any(row) or len(row) == 1]
    surplus = expected and all(len(row) == 3 and not row[2] for row in expected)
    ragged = [at for at, row in enumerate(expected) if len(row) != 2 and not surplus]
    assert len(found.rows) == len(expected)
    assert [at for at, _, code in found.codes if code == "ragged-line"] == ragged
    assert ("undecodable" in [code for _, _, code in found.codes]) == any(
        c >= "\udc80" for row in expected for v in row[:2] for c in v if c < "\udd00"
    )


@QUIET
@given(content=st.binary(max_size=200), encoding=st.sampled_from(["utf-8", "utf-16", "cp1252", "utf-7", "shift_jis"]))
def test_a_file_of_any_bytes_is_a_table_or_a_clear_error(tmp_path: Path, content: bytes, encoding: str) -> None:
    """Arbitrary bytes raise nothing but an error of the project."""
    source = folder(tmp_path, CsvFormat(encoding=encoding), t_csv=content)
    try:
        read(source)
        source.suggest("t")
    except CleanupError:
        return


def test_everything_is_text_as_it_stands(tmp_path: Path) -> None:
    """No value is guessed to be a number, a date or missing, and no blank is trimmed."""
    source = folder(tmp_path, t_csv='a,b,c,d\n007,1e5,NA, NULL \n"x\r\ny",a"b,"""",\n')

    assert read(source).rows == [("007", "1e5", "NA", " NULL "), ("x\r\ny", 'a"b', '"', None)]


def test_a_ragged_line_is_a_fault_with_what_can_be_read(tmp_path: Path) -> None:
    """Too few and too many values are told with file and line; the values before them are read by position."""
    found = read(folder(tmp_path, t_csv='id,x,y\n1,a,b\n"2\n",a\n3,a,b,c\n4,a,b\n'))

    assert found.rows == [("1", "a", "b"), ("2\n", "a", None), ("3", "a", "b"), ("4", "a", "b")]
    assert found.codes == [(1, None, "ragged-line"), (2, None, "ragged-line")]
    assert found.faults[1].where == f"{tmp_path / 't.csv'}:5"
    assert found.faults[1].reason == "4 values where the header has 3 columns"


def test_broken_quoting_is_a_fault_and_alters_no_value(tmp_path: Path) -> None:
    """Text behind a closing quote makes its line a fault; the line after it is read as ever."""
    found = read(folder(tmp_path, t_csv='id,x,y\n"1","abc"def,z\n2,"b",c\n'))

    assert found.rows == [("1", None, None), ("2", "b", "c")]
    assert found.codes == [(0, "x", "bad-quoting")]


def test_a_stray_quote_swallows_no_other_record(tmp_path: Path) -> None:
    """A quote that opens by mistake costs its own line alone, though the next quote closes it lines below."""
    found = read(folder(tmp_path, t_csv='id,x\n1,"abc\n2,b\n3,c\n4,"d"\n'))

    assert found.rows == [("1", None), ("2", "b"), ("3", "c"), ("4", "d")]
    assert [(fault.where[-6:], fault.code) for fault in found.faults] == [(".csv:2", "bad-quoting")]


def test_a_copy_without_some_records_keeps_every_other_line(tmp_path: Path) -> None:
    """Also what is damaged or has no key: a line that nobody can read is nobody's to drop."""
    (tmp_path / "t.csv").write_text('id,x\n2,"abc\n3,c\n4,"d"\n,torn\n', encoding="utf-8")
    file = CsvFile(tmp_path / "t.csv", CsvFormat())
    file.write_without([0], lambda columns: [key in ("2", "3") for key in columns[0]], tmp_path / "copy.csv")

    assert (tmp_path / "copy.csv").read_text(encoding="utf-8") == 'id,x\n2,"abc\n4,"d"\n,torn\n'


def test_a_quote_that_never_closes_is_an_error_of_the_file(tmp_path: Path) -> None:
    """What such a quote swallows cannot be told from its text, so nothing of the file is used; the line is named."""
    source = folder(tmp_path, t_csv='id,x\n1,"a\nb"\n2,"x\ny","z\n3,c\n')

    with pytest.raises(SourceError, match="never closed") as failed:
        read(source)
    assert failed.value.where == f"{tmp_path / 't.csv'}:5"


def test_undecodable_bytes_are_shown_in_their_place(tmp_path: Path) -> None:
    """Bytes that are not in the declared encoding are escaped, and their row is a fault with its line."""
    found = read(folder(tmp_path, t_csv=b"id,name\n1,M\xfcller\n2,M\xc3\xbcller\n"))

    assert found.rows == [("1", r"M\xfcller"), ("2", "Müller")]
    assert found.codes == [(0, "name", "undecodable")]
    assert found.faults[0].where == f"{tmp_path / 't.csv'}:2"
    assert r"M\xfcller" in found.faults[0].reason


def test_half_a_pair_in_utf_16_is_a_fault(tmp_path: Path) -> None:
    """A lone surrogate in UTF-16 is shown as its bytes."""
    content = "id,name\n1,a".encode("utf-16") + b"\x3d\xd8" + "\n2,😀\n".encode("utf-16-le")

    found = read(folder(tmp_path, CsvFormat(encoding="utf-16"), t_csv=content))

    assert found.rows == [("1", r"a\x3d\xd8"), ("2", "😀")]
    assert found.codes == [(0, "name", "undecodable")]


def test_a_mark_is_not_part_of_the_first_name(tmp_path: Path) -> None:
    """UTF-8 is read with and without its byte order mark, UTF-16 in either order."""
    for encoding, written in (("utf-8", "utf-8-sig"), ("utf-16", "utf-16"), ("utf-16-be", "utf-16-be")):
        mark = "\ufeff" if encoding == "utf-16-be" else ""
        source = folder(tmp_path, CsvFormat(encoding=encoding), t_csv=f"{mark}id,ä\n1,€\n".encode(written))
        assert read(source).columns == ["id", "ä"]


def test_blank_lines_are_no_records(tmp_path: Path) -> None:
    """Blank lines before, between and after records hold nothing."""
    assert read(folder(tmp_path, t_csv="\n\nid,x\n\n1,a\n\r\n2,b\n\n\n")).rows == [("1", "a"), ("2", "b")]


def test_a_blank_line_in_one_column_is_an_empty_value(tmp_path: Path) -> None:
    """In a file of one column a blank line is a record without a value, unless only blank lines follow."""
    found = read(folder(tmp_path, t_csv='id\n1\n\n""\n2\n\n\n'))

    assert found.rows == [("1",), (None,), (None,), ("2",)]


def test_a_header_alone_is_an_empty_table(tmp_path: Path) -> None:
    """A file with no record is no error."""
    found = read(folder(tmp_path, t_csv="id,,x\n"))

    assert (found.columns, found.rows) == (["id", "column 2", "x"], [])


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf", b"\r\n"])
def test_an_empty_file_is_an_error(tmp_path: Path, content: bytes) -> None:
    """A file without even a header is no table."""
    with pytest.raises(SourceError, match="empty"):
        read(folder(tmp_path, t_csv=content))


def test_a_name_that_the_header_has_twice_gets_a_number(tmp_path: Path) -> None:
    """Both columns are read, the number is free, and `check` says which column got it."""
    source = folder(tmp_path, t_csv="id,x,id,id#2,id\n1,2,3,4,5\n")

    assert read(source).columns == ["id", "x", "id#3", "id#2", "id#4"]
    assert source.remarks("t") == [
        Remark("renamed-column", 3, ("id", "id#3")),
        Remark("renamed-column", 5, ("id", "id#4")),
    ]


def test_a_wrong_delimiter_is_an_error_that_names_the_right_one(tmp_path: Path) -> None:
    """A header of one column that holds semicolons was written with semicolons."""
    source = folder(tmp_path, t_csv="id;name\n1;a\n")

    with pytest.raises(SourceError, match='delimiter: ";"'):
        read(source, columns=["id"])
    assert any('delimiter: ";"' in hint for hint in source.suggest("t"))


def test_an_encoding_that_fits_nowhere_is_an_error_that_names_another(tmp_path: Path) -> None:
    """Where most lines cannot be read, one is suggested; a single damaged line is a fault of its row alone."""
    names = [
        "Müller, Jürgen größer",
        "Bäcker Schröder, Straße",
        "Köln Weiß Übung",
        "Grüße aus Österreich",
        "Fuß und Äpfel",
    ]
    content = "id;name\n" + "".join(f"{at};{name}\n" for at, name in enumerate(names * 5))
    source = folder(tmp_path, CsvFormat(delimiter=";"), t_csv=content.encode("cp1252"))

    with pytest.raises(SourceError, match=r"utf-8 is wrong for this file.*The file seems to be encoded in cp125"):
        read(source)


def test_the_mark_of_another_encoding_is_an_error(tmp_path: Path) -> None:
    """A file that says that it is UTF-16 is not read as anything else."""
    with pytest.raises(SourceError, match="utf-16"):
        read(folder(tmp_path, t_csv="id\n1\n".encode("utf-16")))


def test_a_wrong_quote_is_suggested(tmp_path: Path) -> None:
    """Values between quotes that are not the declared ones are noticed; a file that fits gets no suggestion."""
    assert "quote" in folder(tmp_path, t_csv="'id','x'\n'1','a'\n").suggest("t")[0]
    assert "quote" in folder(tmp_path, CsvFormat(quote=None), t_csv='"id","x"\n"1","a"\n').suggest("t")[0]
    assert folder(tmp_path, t_csv='"id","x"\n"1","ä"\n').suggest("t") == []


def test_without_a_quote_quotes_are_text(tmp_path: Path) -> None:
    """A file that is declared to have no quoting has none."""
    assert read(folder(tmp_path, CsvFormat(quote=None), t_csv='a,b\n"x","y\n')).rows == [('"x"', '"y')]


@pytest.mark.parametrize("form", [CsvFormat(delimiter="\n"), CsvFormat(delimiter='"'), CsvFormat(quote="\r")])
def test_an_impossible_format_is_a_mistake_in_the_config(tmp_path: Path, form: CsvFormat) -> None:
    """A delimiter cannot be a line break or the quote."""
    with pytest.raises(ConfigError):
        read(folder(tmp_path, form, t_csv="a,b\n"))


def test_a_value_can_be_of_any_length(tmp_path: Path) -> None:
    """The csv module's own limit does not hold, and wide rows come in small batches."""
    wide = ("x" * 999 + "\n") * 12_000
    source = folder(tmp_path, t_csv="id,x\n" + "".join(f'{at},"{wide}"\n' for at in range(4)))

    with source:
        batches = [batch.data for batch in source.read("t", "t", None, 1000, keep)]
    assert sum(batch.num_rows for batch in batches) == 4
    assert len(batches) > 1
    assert batches[0]["x"][0].as_py() == wide


@pytest.mark.parametrize(
    ("text", "encoding", "suggested"),
    [
        ("Bäckerei Öztürk, Größe", "cp1252", True),
        ("Crème Brûlée, Muñoz – 5 €", "cp1252", True),
        ("Łódź, Kraków, żółć, Gdańsk, Wrocław, Poznań", "cp1250", False),
    ],
)
def test_the_western_code_page_is_not_taken_for_its_eastern_neighbour(
    tmp_path: Path, text: str, encoding: str, suggested: bool
) -> None:
    """With the eastern one declared, `è` would be `č` in every note, and nothing would tell."""
    source = folder(tmp_path, CsvFormat(), t_csv=f'id,name\n1,"{text}"\n'.encode(encoding))
    hints = " ".join(source.suggest("t"))

    assert ("cp1252" in hints) is suggested
    assert not suggested or max(text.replace(",", "").split(), key=lambda word: not word.isascii()) in hints
