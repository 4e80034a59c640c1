from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from etl.errors import PlanError
from etl.model import Decision, Severity
from etl.report import Report
from etl.report.read import tables
from tests.profiles import examples
from tests.report.plans import PlanFolder, config, dataset

KEYS = st.text(min_size=1, max_size=5)
DECISIONS = st.sampled_from([decision.value for decision in Decision])


@settings(max_examples=examples(25))
@given(st.lists(st.tuples(st.sampled_from(["accounts", "contacts"]), KEYS, DECISIONS, st.sampled_from("abc"))))
def test_records_are_conserved(
    tmp_path_factory: pytest.TempPathFactory, records: list[tuple[str, str, str, str]]
) -> None:
    """Every record is counted once by entry, once by decision and once by rule, whatever its key."""
    plan = PlanFolder(tmp_path_factory.mktemp("plan"))
    for entry, key, decision, rule in records:
        plan.record(f"{entry}:{key}", decision, rule)

    report = plan.report()

    assert report.sum_is_right
    assert report.read == len(records)
    assert sum(report.decided(decision) for decision in Decision) == len(records)
    assert sum(rule.decided for rule in report.rules) == len(records)
    assert sum(reason.records for reason in report.review) == report.decided(Decision.REVIEW)


def test_a_lost_record_is_told(plan: PlanFolder) -> None:
    """A record that was read and has no decision makes the sum wrong."""
    plan.record("accounts:1", "lead")
    plan.record("contacts:1", "lead")

    report = plan.report(datasets=(dataset("accounts", "id", 2), dataset("contacts", "id", 1)))

    assert not report.sum_is_right


def test_a_rule_that_held_for_none_is_told(report: Report) -> None:
    """A rule that held for no record is named; one that held and decided nothing is not."""
    assert report.rules_without_record == ("our own company",)


def test_reasons_outside_the_config_are_counted(report: Report) -> None:
    """What people, faults and earlier plans decided stands beside the rules, without a `held`."""
    others = {
        rule.name: (rule.decision.value, rule.applies_to, rule.decided) for rule in report.rules if rule.kind == "other"
    }

    assert others == {
        "decided by a person": ("keep", None, 5),
        "moved before": ("moved before", None, 11),
        "duplicate-key": ("reject", None, 16),
        "unreadable date": ("review", None, 20),
    }


def test_rules_that_ask_for_the_same_rows_share_a_join(plan: PlanFolder, report: Report) -> None:
    """Two rules on the same rows of a table are one join with both names; other rows of that table are another."""
    (join,) = report.joins

    found = plan.report(joins=(join, replace(join, rules=("called", "invoiced")), replace(join, rows=1))).joins

    assert found == (replace(join, rules=("invoiced", "called")), replace(join, rows=1))


def test_families_in_review_are_counted_and_ten_are_named(plan: PlanFolder) -> None:
    """Twelve families of two records are twelve, and the first ten by source key are named with their evidence."""
    for number in range(12):
        for member in "ab":
            root = f"accounts:{number:02}a"
            plan.record(
                f"accounts:{number:02}{member}", "review", "why", family=root, decided_by=root, evidence=f"row {number}"
            )

    (reason,) = plan.report().review

    assert (reason.cases, reason.families, reason.records, len(reason.first)) == (12, 12, 24, 10)
    assert (reason.first[9].source_key, reason.first[9].evidence) == ("accounts:09a", "row 9")


def test_two_families_that_may_be_the_same_are_one_case(plan: PlanFolder) -> None:
    """It names both, and the records of both wait for it."""
    for key in ("1", "2"):
        plan.record(f"accounts:{key}", "review", "why", evidence="moves as well")
    plan.one_case("accounts:1", "accounts:2")
    report = plan.report()
    [reason] = report.review

    assert (report.open_cases, reason.cases, reason.families, reason.records) == (1, 1, 2, 2)
    assert (reason.first[0].source_key, reason.first[0].other) == ("accounts:1", "accounts:2")


def test_findings_are_grouped_gravest_first(plan: PlanFolder) -> None:
    """A code is counted once with its leads, the first source key is its example, and errors come before warnings."""
    for lead, key, code, severity in (
        ("accounts:1", "contacts:9", "mojibake", "warning"),
        ("accounts:1", "contacts:8", "mojibake", "warning"),
        ("accounts:2", "accounts:2", "email-syntax", "error"),
    ):
        plan.row(
            "findings",
            lead=lead,
            source_key=key,
            code=code,
            severity=severity,
            field="email",
            value="v" * 99,
            message="m",
        )

    first, second = plan.report().findings

    assert (first.code, first.severity) == ("email-syntax", Severity.ERROR)
    assert (second.findings, second.leads, second.example.source_key) == (2, 1, "contacts:8")
    assert second.example.value == "v" * 59 + "…"


def test_long_lists_are_sampled(plan: PlanFolder) -> None:
    """Of 60 orphans all are counted and the first 50 named."""
    for number in range(60):
        plan.row("orphans", dataset="activities", place=f"{number:02}", code="no-record", reason="r", advice="a")

    orphans = plan.report().orphans

    assert (orphans.total, len(orphans.first), orphans.first[0].place) == (60, 50, "00")


def test_the_next_command_applies(plan: PlanFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan that keeps its gates is approved next, or applied where that is waived; its folder as a shell takes it."""
    monkeypatch.chdir(plan.folder.parent)

    waived = plan.report(config(plan.folder, approvals="waived"))
    assert plan.report().next == "crm-cleanup approve plan --by NAME"
    assert waived.next == "crm-cleanup apply plan"
    assert PlanFolder(Path("a plan")).report().next == "crm-cleanup approve 'a plan' --by NAME"


def test_a_broken_gate_asks_for_another_plan(plan: PlanFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan that breaks a gate is planned again from its config."""
    plan.folder.mkdir()
    monkeypatch.chdir(plan.folder)
    plan.record("accounts:1", "reject", "duplicate-key")

    report = plan.report(config(plan.folder, gates={"reject": 0}))

    assert report.next.startswith("correct what broke a gate, then run crm-cleanup plan demo.yaml --out ")


def test_a_missing_table_is_an_error(plan: PlanFolder) -> None:
    """A plan without its findings is damaged, and the error names the file."""
    plan.report()
    (plan.folder / "findings.parquet").unlink()

    with pytest.raises(PlanError, match=r"findings\.parquet"):
        _again(plan)


def test_a_table_of_another_version_is_an_error(plan: PlanFolder) -> None:
    """A table that lacks a column is told as a damaged plan."""
    plan.report()
    (plan.folder / "blocked.parquet").write_bytes((plan.folder / "orphans.parquet").read_bytes())

    with pytest.raises(PlanError, match="cannot be read"):
        _again(plan)


def _again(plan: PlanFolder) -> Report:
    from etl.report import build

    with tables(plan.folder) as opened:
        return build(opened, config(plan.folder), plan.figures(), "sha256:0123abcd")


def test_a_folder_of_any_name_is_read(tmp_path: Path) -> None:
    """Blanks, quotes and what would be a pattern in a folder's name are part of its name."""
    plan = PlanFolder(tmp_path / "it's [1] *?")
    plan.record("accounts:1", "lead")

    assert plan.report().leads == 1


def test_a_report_is_the_same_twice(plan: PlanFolder, report: Report) -> None:
    """Building twice from the same tables gives the same report."""
    figures = plan.figures(joins=report.joins)
    first, second = plan.report(joins=figures.joins), plan.report(joins=figures.joins)

    assert first == second
    assert first != replace(first, leads=first.leads + 1)
