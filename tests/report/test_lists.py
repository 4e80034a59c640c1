from __future__ import annotations

import csv
from pathlib import Path

import pyarrow.parquet as pq

from etl.model import Decision
from etl.pipeline.plan import plan as made_of
from etl.report import Report
from etl.report.lists import DECIDED, FOLDER, OTHERS, list_of, write_lists
from etl.report.safe_csv import unguarded
from tests.report.hostile import VALUES
from tests.report.html.pages import hostile_crm
from tests.report.plans import PlanFolder, config, manifest


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_each_decision_has_its_whole_list(plan: PlanFolder, report: Report) -> None:
    """As many rows as the report counts records, each once, in the plan's order; a decision of none has a head only."""
    write_lists(plan.folder, config(plan.folder), manifest(report))
    given = pq.read_table(plan.folder / "decisions.parquet").to_pylist()

    for decision in Decision:
        found = rows(plan.folder / list_of(decision))
        assert len(found) == report.decided(decision)
        assert [row["source_key"] for row in found] == [r["source_key"] for r in given if r["decision"] == decision]
    with (plan.folder / list_of(Decision.LEAD)).open(encoding="utf-8") as file:
        assert next(csv.reader(file)) == list(DECIDED)


def test_other_tables_are_whole(plan: PlanFolder, report: Report) -> None:
    """Findings, orphans, blocked values and leads: every row; notes are in the Parquet file alone."""
    write_lists(plan.folder, config(plan.folder), manifest(report))

    found = {name: rows(plan.folder / FOLDER / f"{name}.csv") for name in ("findings", "orphans", "leads", "blocked")}
    assert {name: len(some) for name, some in found.items()} == {
        "findings": 43, "orphans": 7, "leads": report.leads, "blocked": 1,
    }  # fmt: skip
    assert [one["value"] for one in found["findings"]] == [f"x{number:02}@@a.example" for number in range(43)]
    assert "note" not in found["leads"][0]
    assert not (plan.folder / FOLDER / "matches.csv").exists()  # this plan has no such table
    assert set(OTHERS) >= set(found)


def test_lists_say_what_records_are_called(tmp_path: Path) -> None:
    """A company's name, or a person's first and last name; not what the config leaves out for a legal reason."""
    made = made_of(hostile_crm(tmp_path, ["Müller & Co", "=1+1", ""]), tmp_path / "plan").folder

    names = [unguarded(row["name"]) for decision in Decision for row in rows(made / list_of(decision))]
    assert sorted(names) == ["", "=1+1", "Müller & Co"]


def test_hostile_values_are_text_in_lists(plan: PlanFolder) -> None:
    """No cell begins as a formula does, and each value can be read back from its cell."""
    for number, value in enumerate(VALUES):
        plan.record(f"accounts:{number:02}", "review", value, evidence=value)
        plan.row("findings", lead="accounts:1", source_key=value, code="placeholder", severity="info",
                 field="email", value=value, proposal=value, message=value)  # fmt: skip
    report = plan.report()
    write_lists(plan.folder, config(plan.folder), manifest(report))

    decided = rows(plan.folder / list_of(Decision.REVIEW))
    findings = rows(plan.folder / FOLDER / "findings.csv")
    cells = [cell for row in decided + findings for cell in row.values()]
    assert not [cell for cell in cells if cell.startswith(tuple("=+-@\t\r\n"))]
    assert [unguarded(row["evidence"]) for row in decided] == VALUES
    for column in ("source_key", "value", "proposal", "message"):
        assert [unguarded(row[column]) for row in findings] == VALUES
