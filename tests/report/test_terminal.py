from __future__ import annotations

import re
from dataclasses import replace

from hypothesis import given, settings, strategies as st
from rich.cells import cell_len

from etl.plan.figures import OverrideFigures, WouldMeet
from etl.report import Report, show, to_markdown
from etl.report.model import EntryCount
from etl.report.terminal import share
from tests.profiles import examples
from tests.report.plans import REPORTS, PlanFolder


@settings(max_examples=examples(25))
@given(REPORTS)
def test_no_value_reaches_the_terminal_as_an_order(report: Report) -> None:
    """Whatever a report holds, the screen is printable text of 100 columns."""
    assert all(line.isprintable() and cell_len(line) <= 100 for line in show(report).splitlines())


def test_a_plan_fits_on_a_screen(report: Report) -> None:
    """A plan with one of everything is drawn on at most 60 lines, and one with long lists as well."""
    long = replace(report, findings=report.findings * 40, joins=report.joins * 40, review=report.review * 40)

    assert len(show(report).splitlines()) <= 60
    assert len(show(long).splitlines()) <= 60
    assert re.search(r"Quality findings \(\d+ of 40\)", show(long))


@given(st.lists(st.integers(0, 50), max_size=6), st.integers(-5, 60))
def test_the_screen_is_shared_fairly(lengths: list[int], room: int) -> None:
    """Each list gets a row, none more than it has, and lists that are cut differ by a row at most."""
    given = share(lengths, room)

    assert all(min(1, length) <= rows <= length for rows, length in zip(given, lengths, strict=True))
    assert sum(given) <= max(room, len(lengths))
    cut = [rows for rows, length in zip(given, lengths, strict=True) if rows < length]
    assert not cut or (max(given) <= min(cut) + 1 and sum(given) >= room)


def test_a_wrong_sum_cannot_be_overlooked(report: Report) -> None:
    """Where the decisions do not add up to what was read, the screen says so in capitals."""
    wrong = replace(report, entries=(EntryCount("accounts", 9, report.entries[0].decisions),))

    assert "THE SUM IS WRONG" in show(wrong)
    assert "THE SUM IS WRONG" not in show(report)


def test_keys_that_nearly_meet_are_told(report: Report) -> None:
    """What trimming or leading zeros would change, dates that cannot be read and joins that meet nothing are told."""
    (join,) = report.joins
    helps = (WouldMeet(("trim", "leading_zeros"), 1300), WouldMeet(("salesforce_18",), 1))
    near = replace(join, would_meet=helps, unreadable_dates=3, joined=0)
    none = replace(join, rows=0, would_meet=())

    text = show(replace(report, joins=(near,)))

    told = " ".join(text.split())
    cure = (
        "if keys were compared without regard to blanks around them and leading zeros: normalize: [trim, leading_zeros]"
    )
    assert f"! invoices: 1,300 more rows would find their records {cure}" in told
    assert "compared without regard to the length of Salesforce ids" in told
    assert "! invoices: 3 dates cannot be read" in text
    assert "! invoices: no row belongs to a record" in text
    assert "! invoices: none of the 999 rows matches `where`" in show(replace(report, joins=(none,)))


def test_peoples_decisions_are_accounted_for(report: Report) -> None:
    """Decisions of people that were used, are stale, unknown, contradict each other or carry no hash are told."""
    text = show(replace(report, overrides=OverrideFigures(4, ("a:1",), ("a:2", "a:3"), ("a:4", "a:5"), 3)))

    for said in ("4 decisions of people were applied", "1 decision of a person is outdated",
                 "2 decisions of people name records that the source does not have", "contradict",
                 "3 decisions of people have no hash"):  # fmt: skip
        assert said in text


def test_a_source_without_a_record_is_said_first(plan: PlanFolder) -> None:
    """A wrong folder or filter looks like this, and must not look like success."""
    report = plan.report()

    assert show(report).startswith("! No legacy record was read")
    assert to_markdown(report).startswith("**No legacy record was read")
