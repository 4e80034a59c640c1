from __future__ import annotations

import datetime as dt
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from etl.config import Gates
from etl.plan.figures import Figures, JoinFigures, MasterFigures, OverrideFigures, UnnamedFigures, ValueFigures
from etl.report.gates import check
from etl.report.model import GateResult


def gates(**limits: str | int | dict[str, int]) -> Gates:
    """The gates as a config writes them."""
    return Gates.model_validate(limits)


def checked(
    limits: Gates,
    records: int,
    decisions: dict[str, int],
    joins: tuple[JoinFigures, ...] = (),
    masters: tuple[MasterFigures, ...] = (),
    leads: int = 0,
    with_errors: int = 0,
    unnamed: tuple[UnnamedFigures, ...] = (),
) -> tuple[GateResult, ...]:
    """What the gates say of a plan with these figures."""
    figures = Figures(
        dt.date(2026, 10, 31), "", "", (), joins, ValueFigures(0), (), OverrideFigures(), 0, masters, unnamed=unnamed
    )
    return check(limits, records, decisions, leads, with_errors, figures)


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
    found = checked(gates(review=f"{limit}%"), total, {"review": count}, (), (), 0, 0)

    assert found[0].ok == (Fraction(100 * count, total) <= Fraction(str(limit)))


@pytest.mark.parametrize(("count", "ok"), [(4, False), (5, True), (60, True), (61, False)])
def test_a_range_has_two_ends(count: int, ok: bool) -> None:
    """Too few customers break a gate as too many do; both ends are allowed."""
    assert only(checked(gates(customers="5%..60%"), 100, {"customer": count}, (), (), 0, 0), "customers").ok is ok


@pytest.mark.parametrize(("count", "ok"), [(0, True), (3, True), (4, False)])
def test_a_count_is_not_a_share(count: int, ok: bool) -> None:
    """A limit without a per cent sign counts records."""
    result = only(checked(gates(reject=3), 1000, {"reject": count}, (), (), 0, 0), "reject")

    assert result.ok is ok
    assert result.actual == f"{count} of 1,000"


def test_the_worst_evidence_table_counts() -> None:
    """A small table in which half the rows meet no record breaks the gate, however well the large one joins."""
    joins = (evidence("invoices", 1000, 5), evidence("orders", 10, 5))

    result = only(checked(gates(), 1, {}, joins, (), 0, 0), "evidence_without_record")

    assert (result.ok, result.count, result.total) == (False, 5, 10)
    assert result.actual == "50% (5 of 10 in orders)"


def test_a_config_that_says_nothing_of_customers_needs_one() -> None:
    """A plan in which nobody is a customer has hardly seen the evidence; a limit of its own says that it may be so."""
    assert not only(checked(gates(), 9, {"lead": 9}, (), (), 0, 0), "customers").ok
    assert only(checked(gates(), 9, {"lead": 8, "customer": 1}, (), (), 0, 0), "customers").ok
    assert only(checked(gates(customers="0%..60%"), 9, {"lead": 9}, (), (), 0, 0), "customers").ok


@pytest.mark.parametrize(("count", "ok"), [(2, False), (3, True), (900, True)])
def test_a_range_may_have_no_upper_end(count: int, ok: bool) -> None:
    """`3..` counts, `30%..` is a share."""
    counted, share = gates(customers="3.."), gates(customers="30%..")

    assert only(checked(counted, 1000, {"customer": count}, (), (), 0, 0), "customers").ok is ok
    assert only(checked(share, 1000, {"customer": count * 100}, (), (), 0, 0), "customers").ok is ok
    assert (str(counted.customers), str(share.customers)) == ("at least 3", "at least 30%")


def test_a_table_of_evidence_without_a_row_breaks_a_gate_unless_it_may_be_empty() -> None:
    """Another table has rows, so that the joins look well: its customers alone would be leads."""
    joins = (replace(evidence("invoices", 0, 0), rows_read=0), evidence("orders", 3, 0))

    result = only(checked(gates(), 5, {}, joins, (), 0, 0), "empty_tables")
    assert (result.ok, result.actual) == (False, "1 in invoices")
    assert only(checked(gates(empty_tables={"invoices": 1}), 5, {}, joins, (), 0, 0), "empty_tables").ok
    assert not only(checked(gates(empty_tables={"orders": 1}), 5, {}, joins, (), 0, 0), "empty_tables").ok


def test_evidence_can_be_limited_by_count() -> None:
    """A count as the limit of evidence takes the table with the most rows that meet no record."""
    joins = (evidence("invoices", 1000, 6), evidence("orders", 10, 5))

    result = only(checked(gates(evidence_without_record=5), 1, {}, joins, (), 0, 0), "evidence_without_record")

    assert (result.ok, result.actual) == (False, "6 of 1,000 in invoices")


def test_history_that_meets_no_record_breaks_the_gate_as_evidence_does() -> None:
    """A lead without its history is a loss that nobody would see."""
    history = JoinFigures("activities", "related", (), 10, 10, 0, 10, 0)
    [result] = [one for one in checked(gates(), 1, {}, (history,), (), 0, 0) if one.name == "evidence_without_record"]

    assert (result.ok, result.count, result.total) == (False, 10, 10)


def test_a_gate_that_measured_nothing_is_broken() -> None:
    """Rows were read and none has the values that the rules ask for: every customer would be a lead."""
    silent = evidence("invoices", 0, 0)
    asked = evidence("orders", 3, 0)

    assert not only(checked(gates(), 5, {}, (silent,), (), 0, 0), "evidence_without_record").ok
    assert only(checked(gates(), 5, {}, (silent, asked), (), 0, 0), "evidence_without_record").ok


def test_quality_is_measured_on_leads() -> None:
    """Leads with errors are a share of the leads, not of the records."""
    assert not only(checked(gates(quality_errors="5%"), 1000, {}, (), (), 10, 1), "quality_errors").ok


@pytest.mark.parametrize("limit", ["0", "2%"])
def test_a_plan_of_nothing_keeps_its_limits(limit: str) -> None:
    """No records, no rows and no leads are no division by zero."""
    asked = replace(evidence("invoices", 0, 0), rows_read=1)
    found = checked(gates(review=limit, quality_errors=limit), 0, {}, (asked,), (), 0, 0)

    assert all(result.ok for result in found)


def test_next_to_nothing_is_not_shown_as_nothing() -> None:
    """One record of a million in review is more than 0%."""
    result = checked(gates(review="0%"), 1_000_000, {"review": 1}, (), (), 0, 0)[0]

    assert (result.ok, result.actual) == (False, "<0.01% (1 of 1,000,000)")


@pytest.mark.parametrize(
    ("damaged", "nameless", "ok"), [(0, 0, True), (1, 0, True), (1, 1, False), (0, 2, False), (2, 0, False)]
)
def test_customers_that_cannot_be_compared_break_a_gate(damaged: int, nameless: int, ok: bool) -> None:
    """Who cannot be read, or is without a name, would be taken for a lead; the worst list counts."""
    lists = (master("crm", 10_000, nameless=1), master("erp", 100 - damaged, damaged=damaged, nameless=nameless))
    found = only(checked(gates(), 5, {}, (), lists, 0, 0), "master_unusable")

    assert found.ok is ok
    assert found.actual.endswith(" in erp)") or not damaged + nameless


def test_dates_that_cannot_be_read_break_a_gate() -> None:
    """Nobody knows whether such evidence is of the last years; the worst table counts, and a limit can be set."""
    joins = (replace(evidence("invoices", 1000, 0), unreadable_dates=5), evidence("orders", 10, 0))
    worse = (*joins, replace(evidence("tickets", 50, 0), unreadable_dates=1))

    assert only(checked(gates(), 1, {}, joins), "unreadable_dates").ok
    result = only(checked(gates(), 1, {}, worse), "unreadable_dates")
    assert (result.ok, result.actual) == (False, "2% (1 of 50 in tickets)")
    assert only(checked(gates(unreadable_dates="2%"), 1, {}, worse), "unreadable_dates").ok


def test_rows_that_nobody_named_break_a_gate() -> None:
    """A table that names records which move, and that the config does not name, would stay behind without a word."""
    unnamed = (UnnamedFigures("payments", "account", "accounts", 9, 2), UnnamedFigures("calls", "of", "accounts", 5, 1))

    assert only(checked(gates(left_behind=0), 5, {}), "left_behind").ok
    assert only(checked(gates(left_behind=2), 5, {}, unnamed=unnamed), "left_behind").count == 3
    assert not only(checked(gates(left_behind=2), 5, {}, unnamed=unnamed), "left_behind").ok
    assert only(checked(gates(left_behind=3), 5, {}, unnamed=unnamed), "left_behind").ok


def test_numbers_that_prove_nothing_break_a_gate() -> None:
    """Records that share a placeholder with a customer are counted of those that were compared with the list."""
    weak = replace(master("erp", 10), weak_numbers=2, records=100)

    result = only(checked(gates(), 100, {}, (), (weak,)), "weak_numbers")

    assert (result.ok, result.actual) == (False, "2% (2 of 100 in erp)")
