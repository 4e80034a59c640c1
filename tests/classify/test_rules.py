"""Rules: the first that holds decides, and the evidence says which row."""

from __future__ import annotations

import pytest

from etl.classify.plan_rows import decision_rows
from etl.config import ColumnCondition
from etl.config.links import Step
from etl.plan.figures import WouldMeet
from tests.classify.crm import Crm


def test_the_first_rule_that_holds_decides_and_all_that_held_are_listed(crm: Crm) -> None:
    """A record's row names its rule, the evidence row, and every other rule that held."""
    crm.company("C1", own="1").invoice("R1", account="C1")
    decisions = crm.decide()
    [row] = decision_rows(decisions, decisions.reasons.decider[:1], crm.config).to_pylist()

    assert (row["decision"], row["rule"], row["evidence"]) == ("keep", "own company", "own is '1'")
    assert row["held"] == ["own company", "invoiced", "nothing held"]


def test_of_several_rows_the_latest_is_the_evidence(crm: Crm) -> None:
    """The report shows the newest invoice, in whatever order they stand."""
    crm.company("C1").invoice("R1", account="C1", date="2026-03-01").invoice("R2", account="C1", date="2024-03-01")

    assert crm.why("C1") == ("invoiced", "invoices: no R1, state posted, date 2026-03-01")


@pytest.mark.parametrize(
    ("date", "decision"),
    [
        ("2023-11-01", "customer"),
        ("2023-10-31", "lead"),
        ("2026-11-02", "customer"),
        ("2026-11-03", "review"),
        ("2031-01-01", "review"),
        ("9999-12-31", "review"),
        ("1900-01-01", "review"),
        ("1970-01-01", "review"),
        ("1969-12-31 19:00:00", "review"),
        ("1970-01-02", "lead"),
        ("2024-02-29T23:59:59+00:00", "customer"),
        ("0000-00-00", "review"),
        ("2026-02-30", "review"),
        ("01.02.2026", "review"),
        (None, "review"),
    ],
)
def test_three_years_count_from_the_as_of_date(crm: Crm, date: str | None, decision: str) -> None:
    """The first day counts, and the as-of date and a day more; a date that cannot be, or be read, sends to review."""
    crm.company("C1").invoice("R1", account="C1", date=date)

    assert crm.decisions() == {"C1": decision}


def test_an_unreadable_date_does_not_matter_where_another_row_is_evidence(crm: Crm) -> None:
    """A customer with one good invoice is a customer."""
    crm.company("C1").invoice("R1", account="C1", date="x").invoice("R2", account="C1")

    assert crm.decisions() == {"C1": "customer"}


def test_a_date_in_a_row_that_where_leaves_out_does_not_matter(crm: Crm) -> None:
    """A draft without a date is no evidence at all."""
    crm.company("C1").invoice("R1", account="C1", state="draft", date=None)

    assert crm.decisions() == {"C1": "lead"}


def test_a_damaged_evidence_row_that_names_a_record_sends_it_to_review(crm: Crm) -> None:
    """A broken line of the invoices may be the only invoice of a customer."""
    crm.company("C1").invoice("R1", account="C1", state="???").damaged("invoices", 0)

    assert crm.decisions() == {"C1": "review"}


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ('{column: kind, equals: "007"}', "7"),
        ('{column: kind, in: [NULL-ish, "007", "8"]}', "78"),
        ("{column: kind, matches: '0+[0-9]'}", "7"),
        ("{column: kind, matches: '[0-9]'}", "8"),
        ("{column: kind, empty: true}", "e"),
        ("{column: kind, empty: false}", "78b"),
        ("{not: {column: kind, empty: true}}", "78b"),
        ('{all: [{column: kind, empty: false}, {not: {column: kind, equals: "8"}}]}', "7b"),
        ('{any: [{column: kind, equals: " "}, {column: kind, equals: "8"}]}', "8b"),
        ("{exists: invoices, of: {accounts: account}}", "8"),
    ],
)
def test_conditions_compare_exactly(crm: Crm, condition: str, holds: str) -> None:
    """`007` is not `7`, a blank is a value, and an expression must match the whole value."""
    crm.rules = f"- {{as: keep, name: asked, when: {condition}}}\n- {{as: lead, name: rest}}"
    crm.company("7", kind="007").company("8", kind="8").company("b", kind=" ").company("e", kind=None)
    crm.invoice("R1", account="8").invoice("R2", account="008").invoice("R3", account=" 8")

    assert "".join(key for key, decision in crm.decisions().items() if decision == "keep") == holds


def test_keys_that_do_not_meet_are_counted_with_what_would_make_them_meet(crm: Crm) -> None:
    """The silent mis-join shows: rows without a record, and how many a trim or leading zeros would bring back."""
    crm.company("7").company("8").invoice("R1", account="007").invoice("R2", account="8 ").invoice("R3", account="9")
    crm.invoice("R4", account="7").invoice("R5", state="draft", account="nowhere").invoice("R6")
    [*_, history, evidence] = crm.classify().rows.figures

    assert (evidence.rows_read, evidence.rows, evidence.joined, evidence.without_record) == (6, 5, 1, 3)
    assert evidence.not_linked == 1
    assert evidence.would_meet == (WouldMeet(("trim", "leading_zeros"), 2),)
    assert evidence.records_with_row == 1
    assert (history.rows, history.joined) == (0, 0)


def test_keys_that_look_alike_to_databases_are_other_keys(crm: Crm) -> None:
    """Case, accents and trailing blanks tell records apart, and so do composed and decomposed letters."""
    keys = ["a1", "A1", "A1 ", "Ä1", "A\u03081"]
    for key in keys:
        crm.company(key)
    crm.invoice("R", account="A1 ")

    assert crm.decisions() == {key: "customer" if key == "A1 " else "lead" for key in keys}


def test_a_link_that_meets_nothing_counts_also_where_another_link_of_the_row_does(crm: Crm) -> None:
    """An invoice that names a contact and, with lost zeros, its company: the company's evidence did not arrive."""
    crm.company("7").contact("x", company=None).invoice("R1", account="007", contact="x")
    [*_, evidence] = crm.classify().rows.figures

    assert (evidence.rows, evidence.joined, evidence.without_record) == (1, 0, 1)
    assert evidence.would_meet == (WouldMeet(("leading_zeros",), 1),)


def test_parents_that_do_not_meet_are_counted_as_joins_are(crm: Crm) -> None:
    """A contact of `007` where the company is `7`: counted, with what would make them meet."""
    crm.company("7").contact("x", company="007").contact("y", company="7").contact("z", company=None)
    [_, contacts, *_] = crm.classify().rows.figures

    assert contacts.dataset == "contacts, parents"
    assert (contacts.rows, contacts.joined, contacts.without_record) == (2, 1, 1)
    assert contacts.would_meet == (WouldMeet(("leading_zeros",), 1),)


@pytest.mark.parametrize(
    ("record", "link", "steps"),
    [
        ("A1", "a1", ["upper"]),
        ("5", "5.0", ["number"]),
        ("5", "5,00", ["number"]),
        ("0015g00000ABCdE", "0015g00000ABCdEAAX", ["salesforce_18"]),
        ("0015g00000ABCdEAAX", "0015g00000abcdeaax ", ["trim", "upper"]),
        ("A1", " a1", ["trim", "upper"]),
        ("5000", "5.000", None),
    ],
)
def test_the_step_that_would_make_keys_meet_is_named(
    crm: Crm, record: str, link: str, steps: list[Step] | None
) -> None:
    """Whatever `normalize` can cure is told with the line that cures it."""
    crm.company(record).company("other").invoice("R1", account=link).invoice("R2", account="nobody")
    [*_, evidence] = crm.classify().rows.figures

    assert evidence.would_meet == ((WouldMeet(tuple(steps), 1),) if steps else ())


def test_a_step_that_makes_one_key_of_two_records_is_not_advised(crm: Crm) -> None:
    """Both would be rejects by it."""
    crm.company("A1").company("a1").invoice("R1", account="A1 ").invoice("R2", account="a1\u00a0x")
    crm.invoice("R3", account="a1 ")
    [*_, evidence] = crm.classify().rows.figures

    assert evidence.would_meet == (WouldMeet(("trim",), 2),)


def test_rows_that_only_look_like_what_where_names_are_counted(crm: Crm) -> None:
    """Another case, or blanks around: each may be a customer that the rule does not see."""
    crm.company("C1").invoice("R1", account="C1")
    for number, state in enumerate(("Posted", "posted ", " POSTED", "draft", None)):
        crm.invoice(f"S{number}", account="C1", state=state)
    [figures] = [figures for figures in crm.classify().literals if figures.near]

    assert (figures.at, figures.dataset, figures.column) == ("classify: invoiced", "invoices", "state")
    assert [(near.value, near.rows, near.by) for near in figures.near] == [
        (" POSTED", 1, "case"),
        ("Posted", 1, "case"),
        ("posted ", 1, "blanks"),
    ]


COLUMN_TESTS = {
    "equals": 'equals: "supplier"',
    "in": "in: [supplier, partner]",
    "matches": "matches: sup.*",
    "empty": "empty: false",
    "fold": 'equals: "Supplier ", fold: true',
}


def test_each_test_of_a_column_is_tried_here() -> None:
    """A new one that rules can ask belongs into COLUMN_TESTS, too."""
    fields = ColumnCondition.model_fields

    assert {field.alias or name for name, field in fields.items()} - {"column", "of"} == set(COLUMN_TESTS)


@pytest.mark.parametrize("test", COLUMN_TESTS.values(), ids=COLUMN_TESTS)
def test_each_test_of_a_column_holds_for_one_record_and_not_for_another(crm: Crm, test: str) -> None:
    """What the config can say about a column is also asked of the records; an empty value meets none of them."""
    crm.rules = f"""
- {{as: keep, name: asked, when: {{column: kind, {test}}}}}
- {{as: lead, name: nothing held}}
"""
    crm.company("C1", kind="supplier").company("C2", kind=None)

    assert crm.decisions() == {"C1": "keep", "C2": "lead"}
