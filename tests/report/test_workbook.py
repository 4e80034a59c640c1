from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, strategies as st

from etl.classify.open_cases import CASE_SCHEMA, open_rows
from etl.config import Config
from etl.report.read import tables
from etl.report.safe_csv import OPEN_CASES, guarded, write_csv
from etl.report.workbook import read_filled, write_workbook
from etl.report.workbook.marks import LONGEST, key_cell, key_of, text_cell
from tests.report import office
from tests.report.books import filled, parts, sheet
from tests.report.plans import TEXTS, PlanFolder, config

ATTACKS = (
    "=1+1",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-1+1",
    "@SUM(1)",
    "{{7*7}}",
    "{=1+1}",
    "<img src=x onerror=alert(1)>",
    "](javascript:alert(1))",
    "https://evil.example/",
    "\x1b[31mred\x1b[0m",
    "\u202egnp.exe",
    "a\x00b\x0bc",
    "_x0041_",
    "line\nend\ttab\r",
    "\ufffe\uffff",
    "]]></t></is></c><c><f>1+1</f></c>",
    "x" * 40_000,
    "😀" * 20_000,
    " blanks ",
)


def cases(plan: PlanFolder, rows: list[dict[str, Any]]) -> None:
    """The open cases of a plan, in the order given."""
    plan.tables["cases"] = [{"records": 1, **row, "number": number} for number, row in enumerate(rows)]


def asking(folder: Path, **leads: Any) -> Config:
    """The config of a plan; by the name and the e-mail one knows who an account is."""
    identity = {"company": "name", "email": "email"}
    records = {
        "accounts": {"key": "id", "type": "company", "identity": identity},
        "contacts": {"key": "id", "type": "person"},
    }
    return config(folder, source={"url": "files:x", "records": records}, leads={"fields": {"name": "{name}"}, **leads})


def written(plan: PlanFolder, most: int = 1_000, **leads: Any) -> Path:
    """The workbook of a plan."""
    report = plan.report()
    with tables(plan.folder) as opened:
        write_workbook(opened, report, asking(plan.folder, **leads), plan.figures().datasets, most=most)
    return plan.folder / "review.xlsx"


@pytest.fixture
def attacked(plan: PlanFolder) -> PlanFolder:
    """A plan with each attack as a key, a value and evidence of every list."""
    rows = []
    for number, text in enumerate(ATTACKS):
        key = f"accounts:{text[:99]}{number}"
        plan.record(key, "review", "doubt", evidence=text, match=text, score=0.75)
        plan.row("findings", lead=key, source_key=key, code="odd", severity="info", value=text, message=text)
        plan.row("rejects", source_key=key, dataset="accounts", place=text, code="odd", reason=text, advice=text)
        plan.row("duplicates", left=key, right=key, probability=0.9, weight=1.0, words=text)
        rows.append({"source_key": key, "other": key, "hash": "0" * 16, "rule": text, "evidence": text})
    plan.snapshot["accounts"] = [
        {"name": row["evidence"], "_crm_cleanup_source_key": row["source_key"]} for row in rows
    ]
    cases(plan, rows)
    return plan


def test_no_cell_is_ever_a_formula(attacked: PlanFolder) -> None:
    """Whatever a value looks like, its cell is text or a number, of at most the length that a cell can hold."""
    for name, xml in parts(written(attacked)).items():
        assert not re.search(r"<f[ >]|<hyperlink", xml), name
        assert set(re.findall(r'<c r="\w+"(?: s="\d+")?(.*?)>', xml)) <= {' t="inlineStr"', "", "/", ' t="n"'}, name
        assert max((len(text) for text in re.findall(r"<t[^>]*>(.*?)</t>", xml, re.DOTALL)), default=0) < 40_000
        assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\u202e\ufffe\uffff]", xml), name


def test_libreoffice_shows_values_as_they_are(attacked: PlanFolder, tmp_path: Path) -> None:
    """It opens the workbook and evaluates nothing; what cannot be printed is shown escaped."""
    found = office.shown(written(attacked), tmp_path / "shown")

    for name in ("Open cases", "All decisions"):
        evidence = [row[found[name][0].index("evidence")] for row in found[name][1:]]
        expected = [text_cell(text, LONGEST if name == "Open cases" else 500) for text in ATTACKS]
        assert evidence == expected, name
    assert "Review of the clean-up demo" in found["Summary"][0][0]


def test_csv_for_people_shows_values_as_text_in_libreoffice(plan: PlanFolder, tmp_path: Path) -> None:
    """What would be a formula has an apostrophe before it."""
    texts = [text for text in ATTACKS[:10] if "\x00" not in text]
    plan.folder.mkdir()
    asked = [{"source_key": f"a:{number}", "evidence": text} for number, text in enumerate(texts)]
    write_csv(plan.folder / OPEN_CASES, open_rows(pa.Table.from_pylist(asked, CASE_SCHEMA)))

    [rows] = office.shown(plan.folder / OPEN_CASES, tmp_path / "shown").values()

    assert [row[-1] for row in rows[1:]] == [guarded(text) for text in texts]
    assert rows[1][-1] == "'=1+1"


@given(TEXTS | st.text())
def test_a_key_comes_back_from_its_cell(text: str) -> None:
    """As it was, whatever it holds."""
    cell = key_cell(text)

    assert key_of(cell) == text
    assert cell.isprintable()


def test_filled_in_cells_are_read_back(attacked: PlanFolder, tmp_path: Path) -> None:
    """With the keys as they are in the plan, from the file as it was written and from one that LibreOffice saved."""
    new = filled(written(attacked), tmp_path / "filled.xlsx", {"C2": "same", "F2": "=Kim", "H2": "why\nnot"})
    keys = [f"accounts:{text[:99]}{number}" for number, text in enumerate(ATTACKS)]

    for path in (new, office.saved(new, "xlsx", tmp_path / "saved")):
        found = read_filled(path)
        first = found.rows[0].texts
        assert [row.faults for row in found.rows] == [()] * len(ATTACKS)
        assert [row.texts["source_key"] for row in found.rows] == keys
        assert [row.texts["other"] for row in found.rows] == keys
        assert (found.name, first["decision"], first["who"], first["why"]) == ("demo", "same", "=Kim", "why\nnot")


def test_a_long_list_goes_on_upon_another_sheet(plan: PlanFolder) -> None:
    """Each with the header, none with more rows than a sheet can have, all in order."""
    keys = [f"accounts:{number:03}" for number in range(95)]
    for key in keys:
        plan.record(key, "review")
    cases(plan, [{"source_key": key, "hash": "0" * 16} for key in keys])
    path = written(plan, most=40)

    for name in ("Open cases", "All decisions"):
        pages = [sheet(path, f"{name}{tail}") for tail in ("", " 2", " 3")]
        assert [len(page) for page in pages] == [41, 41, 16]
        assert len({tuple(page[0]) for page in pages}) == 1
        assert [row[0] for page in pages for row in page[1:]] == keys
    assert len(read_filled(path).rows) == 95


def test_the_same_plan_gives_the_same_file(plan: PlanFolder) -> None:
    """Byte by byte."""
    plan.record("accounts:1", "lead")
    first = written(plan).read_bytes()

    assert written(plan).read_bytes() == first


def test_a_person_sees_whom_a_case_is_about(plan: PlanFolder) -> None:
    """The identity columns of both records, the match and its probability, and the decisions to choose from."""
    plan.record("accounts:1", "review", match="erp 7 'Muster AG'", score=0.87654)
    plan.record("accounts:2", "lead")
    plan.snapshot["accounts"] = [
        {"name": "Muster AG", "email": "a@muster.example", "_crm_cleanup_source_key": "accounts:1"},
        {"name": "Muster KG", "_crm_cleanup_source_key": "accounts:2"},
    ]
    cases(plan, [{"source_key": "accounts:1", "other": "accounts:2", "hash": "0" * 16, "records": 3}])
    path = written(plan)

    header, row = sheet(path, "Open cases")
    found = dict(zip(header, row, strict=True))
    assert (found["record"], found["other record"]) == ("Muster AG, a@muster.example", "Muster KG")
    assert (found["match"], found["probability"], found["records"]) == ("erp 7 'Muster AG'", 0.8765, 3)
    assert '"customer,keep,lead,review,moved before"' in parts(path)["Open cases"]

    asked = written(plan, duplicates={"merge_at": 0.9, "review_at": 0.8})
    assert '"customer,keep,lead,review,moved before,same,different"' in parts(asked)["Open cases"]
