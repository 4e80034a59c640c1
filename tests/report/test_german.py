"""Where the report is German, so are the workbook, the lists and the open cases; what programs read stays as it is."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from etl.classify import read_overrides
from etl.config import load
from etl.pipeline.decide import decide
from etl.pipeline.plan import Planned, Settings, plan
from etl.plan import Bundle
from etl.report.workbook import WORKBOOK
from tests.pipeline import small
from tests.report.books import filled, sheet, sheet_names

ENGLISH = re.compile(
    r"\b(is empty|is '|probability|row \d|rows have|names no|is not a|the key|cannot be|of 1,|in the source)\b"
)


def planned(folder: Path, report: str) -> Planned:
    """The small CRM's plan with these options of the report."""
    config = small.write_config(folder, small.write_csv(folder / "in"))
    text = config.read_text(encoding="utf-8").replace("report: {language: en}", f"report: {{{report}}}")
    config.write_text(text, encoding="utf-8")
    return plan(config, folder / "plan", settings=Settings(threads=1))


@pytest.fixture(scope="module")
def german(tmp_path_factory: pytest.TempPathFactory) -> Planned:
    """A plan whose report is German, its lists for Excel."""
    return planned(tmp_path_factory.mktemp("german"), "language: de, csv: excel")


def rows(path: Path) -> list[dict[str, str]]:
    """A list for Excel."""
    text = path.read_bytes()
    assert text.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(text.decode("utf-8-sig").splitlines(), delimiter=";"))


def test_the_language_of_the_report_changes_no_digest(german: Planned, tmp_path: Path) -> None:
    """All tables are the same; only the config says another word."""
    english = planned(tmp_path, "language: en")
    digests = [Bundle.open(one.folder).manifest.digests for one in (german, english)]

    assert digests[0] == digests[1]


def test_a_german_workbook_has_no_english_left(german: Planned) -> None:
    """Its sheets, headings and sentences; keys, codes and values of the CRM stay."""
    book = german.folder / WORKBOOK
    names = sheet_names(book)
    cells = [str(cell) for name in names for row in sheet(book, name) for cell in row]

    assert names[:3] == ["Zusammenfassung", "Offene Fälle", "Alle Entscheidungen"]
    assert sheet(book, "Offene Fälle")[0][:8] == [
        *("source_key", "Datensatz", "Entscheidung", "other", "anderer Datensatz", "wer", "wann", "warum")
    ]
    assert [cell for cell in cells if ENGLISH.search(cell)] == []


def test_german_lists_for_excel_have_semicolons_a_mark_and_german_sentences(german: Planned) -> None:
    """Their headers and codes are those that programs read."""
    duplicate = next(row for row in rows(german.folder / "rejects.csv") if row["code"] == "duplicate-key")
    evidence = {row["source_key"]: row["evidence"] for row in rows(german.folder / "lists" / "keep.csv")}

    assert duplicate["reason"] == "2 Zeilen haben denselben Schlüssel"
    assert duplicate["place"] == "accounts, Zeile 9"
    assert evidence["accounts:005"] == "own ist '1'"
    assert rows(german.folder / "lists" / "findings.csv")[0]["message"].startswith(
        ("ist ", "hat ", "sieht ", "enthält ")
    )


def test_a_german_workbook_is_read_back(german: Planned) -> None:
    """With decisions in German words or as codes, and days as German spreadsheets write them."""
    config = german.folder.parent / "small.yaml"
    cells = {"C2": "bleibt", "F2": "Kim", "C3": "LEAD", "F3": "Maria", "G3": "31.10.2026"}
    taken = decide(config, [filled(german.folder / WORKBOOK, german.folder / "f.xlsx", cells, "Offene Fälle")])
    decisions = {one.source_key: (one.decision.value, one.who, one.when) for one in read_overrides(load(config))}

    assert taken.added == 2
    assert decisions["accounts:008"][:2] == ("keep", "Kim")
    assert decisions["accounts:Ä9"] == ("lead", "Maria", "2026-10-31")
    assert (config.parent / "decisions.csv").read_bytes().startswith(b"\xef\xbb\xbfsource_key;decision;")


def test_open_cases_for_excel_are_read_back(german: Planned) -> None:
    """As Excel saves them, decided in German."""
    path = german.folder / "open-cases.csv"
    text = path.read_bytes().decode("utf-8")
    [line] = [one for one in text.splitlines() if "accounts:Ä9" in one]
    cells = line.split(";")
    (german.folder / "filled.csv").write_bytes(
        text.replace(line, ";".join([cells[0], "zu prüfen", cells[2], "Kim", *cells[4:]])).encode("utf-8")
    )
    taken = decide(german.folder.parent / "small.yaml", [german.folder / "filled.csv"], dry_run=True)

    assert taken.added + taken.replaced == 1
