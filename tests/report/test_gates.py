from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from etl.config import Gates
from etl.plan.figures import JoinFigures, MasterFigures
from etl.report.gates import check
from etl.report.model import GateResult


def gates(**limits: str | int) -> Gates:
    """The gates as a config writes them."""
    return Gates.model_validate(limits)


def only(found: tuple[GateResult, ...], name: str) -> GateResult:
    """The one result of that name."""
    (result,) = [one for one in found if one.name == name]
    return result


def master(name: str, rows: int, *, damaged: int = 0, nameless: int = 0) -> MasterFigures:
    """A list of customers."""
    return MasterFigures(name, "files:erp", name, rows, 0, damaged, nameless, 0, 0, 0, 0, 0, 0)


def evidence(dataset: str, rows: int, without_record: int) -> JoinFigures:
    """A table that a rule asks."""
    return JoinFigures(dataset, "evidence", ("r",), rows, rows, rows - without_record, without_record, 1)


@given(st.integers(0, 5000), st.integers(1, 5000), st.decimals(0, 100, places=2))
def test_a_share_is_compared_exactly(count: int, total: int, limit: object) -> None:
    """A share keeps its limit exactly where the numbers do, without rounding."""
    found = check(gates(review=f"{limit}%"), total, {"review": count}, (), (), 0, 0)

    assert found[0].ok == (Fraction(100 * count, total) <= Fraction(str(limit)))


@pytest.mark.parametrize(("count", "ok"), [(4, False), (5, True), (60, True), (61, False)])
def test_a_range_has_two_ends(count: int, ok: bool) -> None:
    """Too few customers break a gate as too many do; both ends are allowed."""
    assert only(check(gates(customers="5%..60%"), 100, {"customer": count}, (), (), 0, 0), "customers").ok is ok


@pytest.mark.parametrize(("count", "ok"), [(0, True), (3, True), (4, False)])
def test_a_count_is_not_a_share(count: int, ok: bool) -> None:
    """A limit without a per cent sign counts records."""
    result = only(check(gates(reject=3), 1000, {"reject": count}, (), (), 0, 0), "reject")

    assert result.ok is ok
    assert result.actual == f"{count} of 1,000"


def test_the_worst_evidence_table_counts() -> None:
    """A small table in which half the rows meet no record breaks the gate, however well the large one joins."""
    joins = (evidence("invoices", 1000, 5), evidence("orders", 10, 5))

    result = only(check(gates(), 1, {}, joins, (), 0, 0), "evidence_without_record")

    assert (result.ok, result.count, result.total) == (False, 5, 10)
    assert result.actual == "50% (5 of 10 in orders)"


def test_evidence_can_be_limited_by_count() -> None:
    """A count as the limit of evidence takes the table with the most rows that meet no record."""
    joins = (evidence("invoices", 1000, 6), evidence("orders", 10, 5))

    result = only(check(gates(evidence_without_record=5), 1, {}, joins, (), 0, 0), "evidence_without_record")

    assert (result.ok, result.actual) == (False, "6 of 1,000 in invoices")


def test_history_that_meets_no_record_breaks_the_gate_as_evidence_does() -> None:
    """A lead without its history is a loss that nobody would see."""
    history = JoinFigures("activities", "related", (), 10, 10, 0, 10, 0)
    [result] = [one for one in check(gates(), 1, {}, (history,), (), 0, 0) if one.name == "evidence_without_record"]

    assert (result.ok, result.count, result.total) == (False, 10, 10)


def test_a_gate_that_measured_nothing_is_broken() -> None:
    """Rows were read and none has the values that the rules ask for: every customer would be a lead."""
    silent = evidence("invoices", 0, 0)
    asked = evidence("orders", 3, 0)

    assert not only(check(gates(), 5, {}, (silent,), (), 0, 0), "evidence_without_record").ok
    assert only(check(gates(), 5, {}, (silent, asked), (), 0, 0), "evidence_without_record").ok


def test_quality_is_measured_on_leads() -> None:
    """Leads with errors are a share of the leads, not of the records."""
    assert not only(check(gates(quality_errors="5%"), 1000, {}, (), (), 10, 1), "quality_errors").ok


@pytest.mark.parametrize("limit", ["0", "2%"])
def test_a_plan_of_nothing_keeps_its_limits(limit: str) -> None:
    """No records, no rows and no leads are no division by zero."""
    found = check(gates(review=limit, quality_errors=limit), 0, {}, (evidence("invoices", 0, 0),), (), 0, 0)

    assert [one.ok for one in found] == [True, True, True, True, True]


def test_next_to_nothing_is_not_shown_as_nothing() -> None:
    """One record of a million in review is more than 0%."""
    result = check(gates(review="0%"), 1_000_000, {"review": 1}, (), (), 0, 0)[0]

    assert (result.ok, result.actual) == (False, "<0.01% (1 of 1,000,000)")


@pytest.mark.parametrize(
    ("damaged", "nameless", "ok"), [(0, 0, True), (1, 0, True), (1, 1, False), (0, 2, False), (2, 0, False)]
)
def test_customers_that_cannot_be_compared_break_a_gate(damaged: int, nameless: int, ok: bool) -> None:
    """Who cannot be read, or is without a name, would be taken for a lead; the worst list counts."""
    lists = (master("crm", 10_000, nameless=1), master("erp", 100 - damaged, damaged=damaged, nameless=nameless))
    found = only(check(gates(), 5, {}, (), lists, 0, 0), "master_unusable")

    assert found.ok is ok
    assert found.actual.endswith(" in erp)") or not damaged + nameless
