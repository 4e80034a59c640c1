"""The files of the records that remain: every other line as it stands, whatever the file looks like."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from etl.config import Source
from etl.connect.archive import Retiring
from etl.connect.files.archive import FilesArchive
from etl.errors import SourceError

from .workbooks import rows, workbook


def remaining(folder: Path, entry: dict[str, Any], *keys: str, csv: dict[str, Any] | None = None) -> FilesArchive:
    """Archive records of the table `t`."""
    records = {"t": {"key": "id", "type": "company", **entry}}
    source = Source.model_validate({"url": f"files:{folder}", "csv": csv or {}, "records": records})
    archive = FilesArchive(source)
    archive.prepare()
    archive.retire([Retiring(f"t:{key}", "t", key, "1", "1", {}) for key in keys], system="s", plan="p")
    archive.finish(system="s", plan="p")
    return archive


@pytest.mark.parametrize(
    ("form", "content", "left"),
    [
        ({"delimiter": ";"}, "sep=;\r\nid;x\r\n1;a\r\n2;b\r\n", "sep=;\r\nid;x\r\n2;b\r\n"),
        ({"skip_rows": 2}, "All of them\n\nid,x\n1,a\n2,b\n", "All of them\n\nid,x\n2,b\n"),
        ({"header": ["id", "x"]}, "1,a\n2,b\n", "2,b\n"),
        ({"header": ["id", "x"]}, "\ufeff1,a\n2,b\n", "\ufeff2,b\n"),
        ({"escape": "\\"}, 'id,x\n1,"a\\"\\\nb"\n2,\\N\n3,c\\,d\n', "id,x\n2,\\N\n3,c\\,d\n"),
        ({"delimiter": ";"}, "id;x\n1;a;\n2;b;\n;;\n", "id;x\n2;b;\n;;\n"),
        ({}, "id,x\n1,a\n2,b\n\x1a", "id,x\n2,b\n\x1a"),
        ({}, "x,id,id\na,1,2\nb,2,1\n", "x,id,id\nb,2,1\n"),
    ],
)
def test_every_other_line_stays_as_it_stands(tmp_path: Path, form: dict[str, Any], content: str, left: str) -> None:
    """Lines above the header, ends of lines and escapes, in the format of the entry alone."""
    (tmp_path / "t.csv").write_bytes(content.encode())

    remaining(tmp_path, {"csv": form}, "1")

    assert (tmp_path / "remaining" / "t.csv").read_bytes().decode() == left


KEYED = [("10", "1", "a"), ("10", "2", "b"), ("20", "1", "c"), ("1", "0/1", "d")]
"""Office, number, and what tells the rows apart."""


@pytest.mark.parametrize("kind", ["csv", "parquet", "xlsx"])
@pytest.mark.parametrize(
    ("key", "moved", "left"),
    [
        (["id", "no"], ["20/1", "1/0\\/1"], "ab"),  # several columns are one key; a `/` in them is none between them
        ({"column": "no", "normalize": ["leading_zeros"]}, ["2"], "acd"),
        ({"column": "id", "normalize": ["trim"]}, ["10"], "cd"),
    ],
)
def test_a_key_that_is_made_names_the_rows_that_moved(
    tmp_path: Path, kind: str, key: Any, moved: list[str], left: str
) -> None:
    """In each kind of file: of several columns, or brought to one form."""
    spaced = [(f" {office}" if "trim" in str(key) else office, no, x) for office, no, x in KEYED]
    made = [("id", "no", "x"), *spaced]
    if kind == "csv":
        (tmp_path / "t.csv").write_text("".join(",".join(row) + "\n" for row in made))
    elif kind == "parquet":
        columns = zip(*made[1:], strict=True)
        parquet.write_table(pa.table(dict(zip(made[0], map(list, columns), strict=True))), tmp_path / "t.parquet")
    else:
        workbook(tmp_path / "t.xlsx", rows(*made))

    remaining(tmp_path, {"key": key}, *moved)

    if kind == "parquet":
        assert "".join(parquet.read_table(tmp_path / "remaining" / "t.parquet")["x"].to_pylist()) == left
    else:
        lines = (tmp_path / "remaining" / "t.csv").read_text().splitlines()
        assert "".join(line.rpartition(",")[2] for line in lines[1:]) == left


def test_the_files_go_where_the_config_says(tmp_path: Path) -> None:
    """Into a folder of its own, made with those above it: nothing is written among the source's files."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "t.csv").write_text("id,x\n1,a\n2,b\n")
    records = {"t": {"key": "id", "type": "company"}}
    named = {"url": f"files:{tmp_path / 'in'}", "remaining": str(tmp_path / "out" / "after"), "records": records}
    archive = FilesArchive(Source.model_validate(named))

    archive.prepare()
    archive.retire([Retiring("t:1", "t", "1", "1", "1", {})], system="s", plan="p")
    archive.finish(system="s", plan="p")

    assert (tmp_path / "out" / "after" / "t.csv").read_text() == "id,x\n2,b\n"
    assert archive.where == str(tmp_path / "out" / "after")
    assert [path.name for path in (tmp_path / "in").iterdir()] == ["t.csv"]
    assert archive.restore(["t:1"], system="s", plan="p")[0] == 1
    archive.unfinish(system="s", plan="p")
    assert [path.name for path in (tmp_path / "out").iterdir()] == []


def test_a_mark_of_utf_16_is_written_once(tmp_path: Path) -> None:
    """Also where the encoding's name says the order, so that it leaves the mark in the text."""
    for encoding in ("utf-16", "utf-16-le"):
        mark = "" if encoding == "utf-16" else "\ufeff"
        (tmp_path / "t.csv").write_bytes(f"{mark}id,x\n1,ä\n2,ö\n".encode(encoding))

        remaining(tmp_path, {"csv": {"encoding": encoding}}, "1").restore([], system="s", plan="p")

        left = (tmp_path / "remaining" / "t.csv").read_bytes()
        assert left == f"{mark}id,x\n2,ö\n".encode(encoding)


def test_a_file_of_tabs_keeps_its_name(tmp_path: Path) -> None:
    """And is read with tabs, whatever the other files have."""
    (tmp_path / "t.tsv").write_text("id\tx\n1\ta;b\n2\tc\n")

    remaining(tmp_path, {}, "1", csv={"delimiter": ";"})

    assert (tmp_path / "remaining" / "t.tsv").read_text() == "id\tx\n2\tc\n"


def test_a_sheet_becomes_what_it_shows(tmp_path: Path) -> None:
    """Padded numbers with their zeros, merged cells filled, a name that is there twice with its number."""
    header = ("id", "x", "x")
    postcode = '<c r="@" s="1"><v>1067</v></c>'
    workbook(
        tmp_path / "t.xlsx", rows(header, ("1", "a"), ("2", "b", postcode), ("3",)), formats=["00000"], merged=["B3:B4"]
    )

    remaining(tmp_path, {}, "1")

    assert (tmp_path / "remaining" / "t.csv").read_text() == "id,x,x#2\n2,b,01067\n3,b,\n"


def test_a_formula_without_a_value_is_never_written_as_nothing(tmp_path: Path) -> None:
    """The cell is named, and no file is made."""
    workbook(tmp_path / "t.xlsx", rows(("id", "x"), ("1", "a"), ("2", '<c r="@"><f>A1</f></c>')))

    with pytest.raises(SourceError, match="never calculated") as failed:
        remaining(tmp_path, {}, "1")
    assert failed.value.where is not None
    assert failed.value.where.endswith("row 3")
    assert not (tmp_path / "remaining").exists()
