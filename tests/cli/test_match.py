"""crm-cleanup match: two lists, or one with itself; results as CSV, mistakes as errors that say what to do."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.running import run

FAIR = (
    "id;firma;plz;mail\n1;Kraszewski Metallbau GmbH;01099;\n2;Zahn & Söhne;04109;info@zahn.example\n3;Neu AG;10115;\n"
)
DEBTORS = (
    "no;name1;name2;zip;vat;mail;active\n"
    "D1;Kraszewski;Metallbau Gesellschaft mbH;01099;;;X\nD2;Zahn u. Soehne OHG;;04109;;info@zahn.example;X\n"
    "D3;Zahn & Söhne;;04109;;info@zahn.example;\nD4;;;;;;X\nD4;Doppelt;;1;;;X\n"
)
CONFIG = """\
match:
  left:  {url: "files:lists", from: fair, key: id, csv: {delimiter: ";"},
          identity: {company: firma, postcode: plz, email: mail}}
  right: {url: "files:lists", from: debtors, key: no, csv: {delimiter: ";"}, where: {active: "X"},
          identity: {company: [name1, name2], postcode: zip, vat: vat, email: mail}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two lists and the config."""
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "fair.csv").write_text(FAIR, encoding="utf-8")
    (tmp_path / "lists" / "debtors.csv").write_text(DEBTORS, encoding="utf-8")
    (tmp_path / "match.yaml").write_text(CONFIG, encoding="utf-8")
    return tmp_path


def pairs(path: Path) -> dict[tuple[str, str], dict[str, str]]:
    """The rows of a result by their keys."""
    with path.open(encoding="utf-8", newline="") as file:
        return {(row["left_key"], row["right_key"]): row for row in csv.DictReader(file)}


def test_two_lists_give_pairs_with_what_each_field_weighed(folder: Path) -> None:
    """Which of these trade-fair contacts are customers? Only active debtors count, and rows that share a key none."""
    found = run("match", "match.yaml", "--out", "pairs.csv", folder=folder)
    rows = pairs(folder / "pairs.csv")

    assert found.returncode == 0, found
    assert rows.keys() == {("1", "D1"), ("2", "D2")}
    row = rows["1", "D1"]
    assert float(row["probability"]) >= 0.95
    assert float(row["weight"]) == pytest.approx(
        sum(float(row[name]) for name in row if name not in ("left_key", "right_key", "probability", "weight")), abs=0.1
    )
    assert "3 and 4 records" not in found.stdout
    assert "3 and 2 records" in found.stdout
    assert "2 rows left out, because the key is missing or not unique or the row is damaged." in found.stdout


def test_one_list_gives_its_duplicates_and_clusters(folder: Path) -> None:
    """Each pair once, and every record in a cluster that is called after its least key."""
    config = CONFIG.split("  right:")[0].replace("fair", "twice")
    rows = FAIR + "4;KRASZEWSKI METALLBAU G.m.b.H.;01099;\n"
    (folder / "lists" / "twice.csv").write_text(rows, encoding="utf-8")
    (folder / "match.yaml").write_text(config, encoding="utf-8")
    found = run("match", "match.yaml", "--out", "pairs.csv", "--clusters", "clusters.csv", "--json", folder=folder)

    assert found.returncode == 0, found
    assert json.loads(found.stdout)["pairs"] == 1
    assert pairs(folder / "pairs.csv").keys() == {("1", "4")}
    assert (folder / "clusters.csv").read_text(encoding="utf-8").split() == ["key,cluster", "1,1", "2,2", "3,3", "4,1"]


def test_the_order_of_rows_changes_no_byte_of_the_result(folder: Path) -> None:
    """Rows are sorted by key before anything is drawn from them."""
    results = []
    for rows in (FAIR.splitlines()[1:], FAIR.splitlines()[:0:-1]):
        (folder / "lists" / "fair.csv").write_text("\n".join(["id;firma;plz;mail", *rows]), encoding="utf-8")
        assert run("match", "match.yaml", "--out", "pairs.csv", folder=folder).returncode == 0
        results.append((folder / "pairs.csv").read_bytes())

    assert results[0] == results[1]
    assert results[0].count(b"\n") == 3


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        (("company: firma", "company: firm"), 2, "has no column 'firm'"),
        (("company: firma", "compny: firma"), 2, "'compny' is not an identity field"),
        (("from: fair", "from: fare"), 1, "fare"),
        (
            ("identity: {company: [name1, name2], postcode: zip, vat: vat, email: mail}", "identity: {phone: mail}"),
            2,
            "no identity column of the same kind",
        ),
        (("match:", "mach:"), 2, "match.yaml"),
        (("identity: {company: firma, postcode: plz, email: mail}", "identity: {company: leer}"), 1, "has a value"),
    ],
    ids=["column", "kind", "list", "nothing in common", "no match", "no value"],
)
def test_mistakes_are_named(folder: Path, change: tuple[str, str], code: int, said: str) -> None:
    """With what would be right; no result is written."""
    text = (folder / "match.yaml").read_text(encoding="utf-8")
    assert change[0] in text
    (folder / "match.yaml").write_text(text.replace(*change, 1), encoding="utf-8")
    fair = FAIR.replace("mail\n", "mail;leer\n", 1).replace("\n1", "\n1", 1)
    lines = fair.splitlines()
    (folder / "lists" / "fair.csv").write_text(
        "\n".join([lines[0], *(f"{one};" for one in lines[1:])]), encoding="utf-8"
    )
    found = run("match", "match.yaml", "--out", "pairs.csv", folder=folder)

    assert found.returncode == code, found
    assert said in found.stderr
    assert "Traceback" not in found.stderr
    assert not (folder / "pairs.csv").exists()


def test_the_config_of_a_match_is_not_planned(folder: Path) -> None:
    """The error names the verb that it is for."""
    found = run("plan", "match.yaml", folder=folder)

    assert found.returncode == 2
    assert "crm-cleanup match match.yaml" in found.stderr
