from __future__ import annotations

from pathlib import Path

import pytest

from etl.connect.files.dialects import dialects

ROWS = [("id", "name", "city"), ("1", "Müller, Söhne", "Köln"), ("2", "Weiß", "Gießen"), ("3", "Alpha", "Ulm")]


def written(delimiter: str = ",", quote: str = '"', end: str = "\n") -> str:
    """The rows as a file of values between quotation marks."""
    return "".join(delimiter.join(f"{quote}{value}{quote}" for value in row) + end for row in ROWS)


@pytest.mark.parametrize(
    ("name", "raw", "said"),
    [
        ("a.csv", written().encode(), {}),
        ("a.csv", written(end="\r\n").encode(), {}),
        ("a.csv", written(";").encode("cp1252"), {"delimiter": ";", "encoding": "cp1252"}),
        ("a.csv", written("|").encode(), {"delimiter": "|"}),
        ("a.csv", written("\t").encode(), {"delimiter": "\t"}),
        ("a.tsv", written("\t").encode(), {}),
        ("a.csv", written(quote="'").encode(), {"quote": "'"}),
        ("a.csv", written().encode("utf-16"), {"encoding": "utf-16"}),
        ("a.csv", b"\xef\xbb\xbf" + written(";").encode(), {"delimiter": ";"}),
        ("a.csv", ("sep=;\n" + written(";")).encode(), {"delimiter": ";"}),
        ("a.csv", ("Customers of 2026;;\n;;\n" + written(";")).encode(), {"delimiter": ";", "skip_rows": 2}),
        ("a.csv", b'id,name,city\n1,"say \\"hi\\"",Ulm\n2,b,Ulm\n', {"escape": "\\"}),
        ("a.csv", b"", {}),
    ],
)
def test_how_a_file_is_written_is_seen(tmp_path: Path, name: str, raw: bytes, said: dict[str, object]) -> None:
    """Only what differs from the usual is said."""
    (tmp_path / name).write_bytes(raw)

    assert dialects(tmp_path)["a"].model_dump(exclude_unset=True) == said


def test_other_files_have_no_dialect(tmp_path: Path) -> None:
    """Neither hidden ones and locks, nor workbooks."""
    for name in (".a.csv", "~$b.csv", "c.xlsx", "d.md"):
        (tmp_path / name).write_bytes(b"x")

    assert dialects(tmp_path) == {}
