"""A plan with one of everything a report shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.model import Decision
from etl.plan.figures import JoinFigures, OmittedFigures, RuleFigures, ValueFigures, WouldMeet
from etl.report import Report
from tests.report.plans import PlanFolder, config


@pytest.fixture
def plan(tmp_path: Path) -> PlanFolder:
    """An empty plan."""
    return PlanFolder(tmp_path / "plan")


@pytest.fixture
def report(plan: PlanFolder) -> Report:
    """1,211 accounts and 20 contacts that divide into all six decisions, with a number of its own for each fact."""
    for number in range(1106):
        plan.record(f"accounts:L{number}", "lead")
    for number in range(73):
        plan.record(f"accounts:C{number}", "customer", "invoiced", evidence=f"invoices {number}")
    for number in range(5):
        plan.record(f"accounts:K{number}", "keep", "decided by a person", evidence="kim, 2026-01-02: a supplier")
    for number in range(11):
        plan.record(f"accounts:M{number}", "moved before", "moved before", evidence=f"lead {number}")
    for number in range(16):
        plan.record(f"accounts:X{number}", "reject", "duplicate-key", evidence="The key is there twice.")
        plan.row(
            "rejects", source_key=f"accounts:X{number}", dataset="accounts", place=f"accounts.csv:{number + 2}",
            column="id", code="duplicate-key", reason="The key is there twice.", advice="Give one another key.",
        )  # fmt: skip
    for number in range(20):
        plan.record(
            f"contacts:R{number:02}", "review", "unreadable date", family=f"contacts:R{number // 2 * 2:02}",
            decided_by=f"contacts:R{number // 2 * 2:02}", evidence=f"invoices: date 31/02/{number}",
        )  # fmt: skip
    plan.one_case("contacts:R00", "contacts:R02")
    for number in range(7):
        plan.row("orphans", dataset="activities", place=f"activities.csv:{number + 2}", key=str(number),
                 code="no-record", reason="There is no such record.", advice="Mend the key.")  # fmt: skip
    for number in range(43):
        plan.row("findings", lead=f"accounts:L{number:02}", source_key=f"accounts:L{number:02}", code="email-syntax",
                 severity="error", field="email", value=f"x{number:02}@@a.example", proposal=f"x{number:02}@a.example",
                 message="is no e-mail address")  # fmt: skip
    plan.row("blocked", lead="accounts:R1", field="name", length=300, limit=255, reason="too long")
    given = config(
        plan.folder,
        gates={"review": "1%", "reject": "50%", "customers": "5%..60%", "quality_errors": "5%", "near_misses": 1},
    )
    return plan.report(
        given,
        joins=(
            JoinFigures("invoices", "evidence", ("invoiced",), 999, 890, 888, 2, 61, 0, 0, (WouldMeet(("trim",), 1),)),
        ),
        values=ValueFigures(31415, (OmittedFigures("contacts", "birth_date", "GDPR: not needed", 271),)),
        rules=(
            RuleFigures("our own company", Decision.KEEP, 0),
            RuleFigures("invoiced", Decision.CUSTOMER, 61),
            RuleFigures("nothing else held", Decision.LEAD, 1231),
        ),
        undecided=1107,
    )
