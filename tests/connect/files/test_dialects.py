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


@pytest.mark.parametrize("encoding", ["cp1252", "iso-8859-1"])
def test_a_blank_between_thousands_is_no_letter(tmp_path: Path, encoding: str) -> None:
    """It does not break, and other code pages have a letter in its place."""
    rows = "".join(f"{n};annulée;1\u00a0{n:03},50\n" for n in range(100))
    amounts = "".join(f"{n};offen;1\u00a0{n:03},50\n" for n in range(100))
    (tmp_path / "orders.csv").write_bytes(f"id;state;total\n{rows}".encode(encoding))
    (tmp_path / "amounts.csv").write_bytes(f"id;state;total\n{amounts}".encode(encoding))

    assert {form.encoding for form in dialects(tmp_path).values()} == {"cp1252"}


def test_the_files_of_a_folder_have_one_code_page_where_it_fits_them_all(tmp_path: Path) -> None:
    """One with a few odd signs looks like another one when it is alone; other alphabets stay as they are."""
    odd = ("id;note\n" + "1;Šašek, Žižka, Tomáš\n" * 9).encode("cp1250")
    (tmp_path / "odd.csv").write_bytes(odd)
    alone = dialects(tmp_path)["odd"].encoding
    for name in "abc":
        (tmp_path / f"{name}.csv").write_bytes(written(";").encode("cp1252"))
    (tmp_path / "utf.csv").write_bytes(written(";").encode())
    (tmp_path / "east.csv").write_bytes(("id;имя\n" + "1;Иванов и сыновья, Москва\n" * 9).encode("cp1251"))

    assert alone != "cp1252"
    assert {name: form.encoding for name, form in dialects(tmp_path).items()} == {
        **dict.fromkeys(["a", "b", "c", "odd"], "cp1252"),
        "utf": "utf-8",
        "east": "cp1251",
    }
