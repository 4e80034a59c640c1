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


OWN = ("left_key", "right_key", "left_name", "right_name", "probability", "weight", "words", "doubts")


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
    assert float(row["weight"]) == pytest.approx(sum(float(row[name]) for name in row if name not in OWN), abs=0.1)
    assert "3 and 4 records" not in found.stdout
    assert "3 and 2 records" in found.stdout
    assert "2 rows left out, because the key is missing or not unique or the row is damaged." in found.stdout


def test_clusters_of_two_lists_say_which_list_a_key_is_of(folder: Path) -> None:
    """Every record of both lists has one, called after the least key."""
    found = run("match", "match.yaml", "--out", "pairs.csv", "--clusters", "clusters.csv", folder=folder)

    assert found.returncode == 0, found
    with (folder / "clusters.csv").open(encoding="utf-8", newline="") as file:
        cluster = {row["key"]: row["cluster"] for row in csv.DictReader(file)}
    assert cluster["right:D1"] == cluster["left:1"] == "left:1"
    assert cluster["left:3"] == "left:3"


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
    assert (folder / "clusters.csv").read_text(encoding="utf-8").split() == [
        '"key","cluster"', '"1","1"', '"2","2"', '"3","3"', '"4","1"',
    ]  # fmt: skip


PEOPLE = """\
key;first;last;birth;mail
1;Anna;Wróblewska;1971-02-03;anna@wroblewska.example
2;Anna;Wroblewska;1971-02-03;
3;Anna-Lena;Wroblewska;03.02.1971;anna@wroblewska.example
=4;Bernd;Kopp;1950-01-01;
"""


def people(folder: Path, at_least: float, more: str = "", rows: str = PEOPLE) -> dict[tuple[str, str], dict[str, str]]:
    """The pairs of a list of persons."""
    (folder / "lists" / "people.csv").write_text(rows, encoding="utf-8")
    config = f"""match:
  left: {{url: "files:lists", from: people, key: key, csv: {{delimiter: ";"}},
          identity: {{first_name: first, last_name: last, date_of_birth: birth, email: mail}}}}
  at_least: {at_least}
  {more}
"""
    (folder / "match.yaml").write_text(config, encoding="utf-8")
    found = run("match", "match.yaml", "--out", "pairs.csv", "--clusters", "clusters.csv", folder=folder)
    assert found.returncode == 0, found
    return pairs(folder / "pairs.csv")


def test_a_pair_says_who_it_is_and_why(folder: Path) -> None:
    """Both names as the lists have them, and the explanation in original spelling, in the language that is set."""
    for language, words in (
        ("en", ["same name 'Kraszewski Metallbau Gesellschaft mbH' +", ", same postcode '01099' +"]),
        ("de", ["gleicher Name 'Kraszewski Metallbau Gesellschaft mbH' +", "; gleiche Postleitzahl '01099' +"]),
    ):
        (folder / "match.yaml").write_text(f"{CONFIG}  language: {language}\n", encoding="utf-8")
        assert run("match", "match.yaml", "--out", "pairs.csv", folder=folder).returncode == 0
        row = pairs(folder / "pairs.csv")["1", "D1"]

        assert (row["left_name"], row["right_name"]) == (
            "Kraszewski Metallbau GmbH", "Kraszewski Metallbau Gesellschaft mbH",
        )  # fmt: skip
        assert all(part in row["words"] for part in words), row["words"]
        assert row["doubts"] == ""


def test_what_holds_a_pair_below_certainty_is_said(folder: Path) -> None:
    """With its bits or its ceiling, beside the whole explanation; how many pairs are left below is counted."""
    (folder / "lists" / "fair.csv").write_text(
        "id;firma;plz;mail\n1;Windpark Nord 3 GmbH;01099;info@wind.example\n", encoding="utf-8"
    )
    (folder / "lists" / "debtors.csv").write_text(
        "no;name1;name2;zip;vat;mail;active\nD1;Windpark Nord 4 GmbH;;01099;;info@wind.example;X\n", encoding="utf-8"
    )
    (folder / "match.yaml").write_text(f"{CONFIG}  at_least: 0.1\n", encoding="utf-8")
    found = run("match", "match.yaml", "--out", "pairs.csv", "--json", folder=folder)
    [row] = pairs(folder / "pairs.csv").values()

    assert row["doubts"].endswith("a word of the names tells them apart: at most 30%")
    assert row["words"].endswith(row["doubts"])
    assert len(row["words"]) > len(row["doubts"])
    assert json.loads(found.stdout)["just_below"] == 0


@pytest.mark.parametrize(("at_least", "below"), [(0.5, 0), (1.0, 3)])
def test_the_pairs_just_below_are_counted(folder: Path, at_least: float, below: int) -> None:
    """Those that are likelier the same than not, and are not in the result; on the terminal and as JSON."""
    people(folder, at_least)
    said = run("match", "match.yaml", "--out", "pairs.csv", folder=folder).stdout
    counted = json.loads(run("match", "match.yaml", "--out", "pairs.csv", "--json", folder=folder).stdout)

    assert counted["just_below"] == below
    assert f"{below} pairs just below at_least, with a probability of 0.5 or more." in said


def test_a_pair_that_is_the_same_only_through_others_says_so(folder: Path) -> None:
    """It is less sure by itself, and more than by itself."""
    (folder / "lists" / "fair.csv").write_text(
        "id;firma;plz;mail;vat\n1;Kraszewski Metallbau GmbH;01099;info@kraszewski.example;\n"
        "2;Kraszewski Metallbau GmbH;01099;info@kraszewski.example;DE136695976\n3;Kraszewski AG;;;DE136695976\n"
        + "".join(f"9{n};Firma {n} Beispiel{n} AG;1{n}115;;\n" for n in range(10, 40)),
        encoding="utf-8",
    )
    config = CONFIG.split("  right:")[0].replace("mail}", "mail, vat: vat}") + "  at_least: 0.6\n"
    (folder / "match.yaml").write_text(config, encoding="utf-8")
    assert run("match", "match.yaml", "--out", "pairs.csv", folder=folder).returncode == 0
    rows = pairs(folder / "pairs.csv")

    assert rows.keys() == {("1", "2"), ("1", "3"), ("2", "3")}
    assert rows["1", "3"]["words"].startswith("the same only through other records")
    assert float(rows["1", "3"]["probability"]) >= 0.6
    assert "through" not in rows["1", "2"]["words"] + rows["2", "3"]["words"]


def test_no_chain_makes_certain_what_a_fact_tells_apart(folder: Path) -> None:
    """A record without a number connects two with different ones: they are at most 99% one."""
    (folder / "lists" / "fair.csv").write_text(
        "id;firma;plz;mail;vat\n1;Kraszewski Turbinen GmbH;01099;info@kraszewski.example;DE129273398\n"
        "2;Kraszewski Turbinen GmbH;01099;info@kraszewski.example;\n"
        "3;Kraszewski Turbinen GmbH;01099;info@kraszewski.example;DE811257790\n"
        + "".join(f"9{n};Firma {n} Beispiel{n} AG;1{n}115;;\n" for n in range(10, 40)),
        encoding="utf-8",
    )
    config = CONFIG.split("  right:")[0].replace("mail}", "mail, vat: vat}") + "  at_least: 0.5\n"
    (folder / "match.yaml").write_text(config, encoding="utf-8")
    assert run("match", "match.yaml", "--out", "pairs.csv", folder=folder).returncode == 0
    rows = pairs(folder / "pairs.csv")

    assert float(rows["1", "2"]["probability"]) > 0.99
    assert float(rows["1", "3"]["probability"]) <= 0.99
    assert "official numbers differ" in rows["1", "3"]["doubts"]


def test_no_name_or_key_is_a_formula_for_a_spreadsheet(folder: Path) -> None:
    """What begins like one has an apostrophe before it, in names and keys of both files."""
    rows = PEOPLE + "=5;=Bernd;Kopp;1950-01-01;\n6;=Bernd;Kopp;1950-01-01;\n"
    found = people(folder, 0.5, rows=rows)

    assert found["6", "'=5"]["left_name"] == "'=Bernd Kopp"
    assert "'=4" in (folder / "clusters.csv").read_text(encoding="utf-8")


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


def test_labels_say_how_good_each_threshold_is(folder: Path) -> None:
    """Of the pairs of an earlier run, or of a clean-up's decisions; the pairs that are written stay the same."""
    assert run("match", "match.yaml", "--out", "pairs.csv", folder=folder).returncode == 0
    pairs = (folder / "pairs.csv").read_text("utf-8")
    (folder / "decided.csv").write_text(
        "left_key,right_key,decision\n1,D1,same\n2,D2,identisch\n3,D1,different\n3,D2,\n9,D9,same\n", "utf-8"
    )
    (folder / "decisions.csv").write_text(
        "source_key,decision,who,other\nfair:1,same,K,debtors:D1\nfair:3,different,K,debtors:D1\n"
        "fair:2,keep,K,\nfair:2,same,K,debtors:D2\n", "utf-8"
    )  # fmt: skip
    again = ("match", "match.yaml", "--out", "p.csv", "--labels")
    told, machine = run(*again, "decided.csv", folder=folder), run(*again, "decisions.csv", "--json", folder=folder)
    labels = json.loads(machine.stdout)["labels"]
    steps = {step["at_least"]: step for step in labels["steps"]}

    assert "1 label left out, as the lists have no such pair of keys." in told.stdout
    assert "People decided on 3 pairs whether both are the same: 2 the same, 1 different." in told.stdout
    assert (labels["same"], labels["different"], labels["unmatched"]) == (2, 1, 1)
    assert steps[0.95]["used"] == "at_least"
    assert (steps[0.5]["precision"]["part"], steps[0.5]["recall"]["whole"]) == (2, 2)
    assert (folder / "p.csv").read_text("utf-8") == pairs


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ("left_key,right_key,decision\n1,D1,perhaps\n", "'perhaps' is neither same nor different"),
        ("left_key,right_key\n1,D1\n", "the column 'decision' is missing"),
        ("a,b\n", "the column 'source_key' is missing"),
        (None, "file of labels cannot be read"),
    ],
)
def test_labels_that_are_none_are_named(folder: Path, lines: str | None, reason: str) -> None:
    """With the line, and exit code 2; nothing is written."""
    if lines:
        (folder / "decided.csv").write_text(lines, "utf-8")
    failed = run("match", "match.yaml", "--out", "p.csv", "--labels", "decided.csv", folder=folder)

    assert (failed.returncode, reason in failed.stderr) == (2, True)
    assert not (folder / "p.csv").exists()
