"""Keys that nearly meet, in whatever way a config links rows: counted in one gate, and both sides wait for a person."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.errors import ConfigError
from tests.running import run
from tests.told import planned, write

SOURCE = """source:
  url: SOURCE
  records:
    accounts: {key: id, type: company}
    contacts: {key: id, type: person, PARENT}
"""
INVOICED = """classify:
  - {as: customer, name: invoiced, when: {exists: invoices, of: {OF}}}
  - {as: lead, name: rest}
"""
REST = "classify: [{as: lead, name: rest}]\n"
TABLES = {"accounts": "id,name\n7,Alpha\n8,Beta", "contacts": "id,name,acc\n1,Ann,007\n2,Ben,8"}
IGNORED = SOURCE.replace("PARENT", "parent: {column: acc, of: accounts, missing: ignore}")


def near_gate(report: object) -> int:
    """How many rows the gate `near_misses` counts."""
    [gate] = [gate for gate in report.gates if gate.name == "near_misses"]  # type: ignore[attr-defined]
    return int(gate.count)


@pytest.mark.parametrize(("invoices", "customer"), [("no,acc\nR1,7", "accounts:7"), ("no,contact\nR1,1", "contacts:1")])
def test_a_parent_that_nearly_meets_leaves_both_sides_open(tmp_path: Path, invoices: str, customer: str) -> None:
    """Whichever of company and contact was invoiced, the other one waits: they may be one family."""
    of = "accounts: acc" if "acc" in invoices else "contacts: contact"

    made = planned(tmp_path, {**TABLES, "invoices": invoices}, IGNORED + INVOICED.replace("OF", of))

    other = ({"accounts:7", "contacts:1"} - {customer}).pop()
    assert (made.decisions[customer], made.decisions[other]) == ("customer", "review")
    assert (made.decisions["accounts:8"], made.decisions["contacts:2"]) == ("lead", "lead")
    assert "nearly meets" in str(made.why(other)[1])
    assert near_gate(made.report) == 1


def test_a_key_of_full_width_nearly_meets(tmp_path: Path) -> None:
    """A contact of the account 7 of full width, another form of Unicode: the gate counts it, `unicode` cures it."""
    tables = {**TABLES, "contacts": "id,name,acc\n1,Ann,\uff17\n2,Ben,8\u200b", "invoices": "no,acc\nR1,7\nR2,8"}
    config = IGNORED + INVOICED.replace("OF", "accounts: acc")

    made = planned(tmp_path, tables, config)

    assert (made.decisions["contacts:1"], made.decisions["contacts:2"]) == ("review", "review")
    assert near_gate(made.report) == 2
    assert "normalize: [unicode]" in made.text("report.html")
    cured = planned(tmp_path, tables, config.replace("of: accounts,", "of: accounts, normalize: [unicode],"))
    assert (cured.decisions["contacts:1"], cured.decisions["contacts:2"]) == ("customer", "customer")
    assert near_gate(cured.report) == 0


def test_a_column_that_every_row_has_fills_no_link(tmp_path: Path) -> None:
    """Of a key of client and number, the client alone names no parent."""
    made = planned(
        tmp_path,
        {"accounts": "c,n,up,name\n1,10,,Alpha\n1,20,10,Beta\n1,30,,Gamma"},
        "source: {url: SOURCE, records: {accounts: {key: [c, n], type: company, parent: {column: [c, up], of: accounts}"
        "}}}\nclassify: [{as: lead, name: rest}]\n",
    )

    [parents] = made.report.joins
    assert (parents.rows, parents.joined, parents.without_record) == (1, 1, 0)


def test_a_table_of_links_cannot_mean_two_entries(tmp_path: Path) -> None:
    """Links that lead to accounts and to contacts of one key are refused, as a column is that names both."""
    of = "{accounts: {through: {table: rel, from: a, to: b}}, contacts: {through: {table: rel, from: a, to: b}}}"
    config = SOURCE.replace(", PARENT", "") + f"  related: {{calls: {{key: id, of: {of}}}}}\n"
    tables = {
        "accounts": "id,name\n1,Alpha",
        "contacts": "id,name\n1,Ann",
        "calls": "id,text\nC1,hello",
        "rel": "a,b\nC1,1",
    }

    with pytest.raises(ConfigError, match="names records of accounts and of contacts, and both have the key '1'"):
        planned(tmp_path, tables, config + "classify: [{as: lead, name: rest}]\n")


THROUGH = SOURCE.replace("PARENT", "parent: {of: accounts, through: {table: rel, from: person, to: account}}")
LINKED = {
    "accounts": "id,name\n7,Alpha\n8,Beta",
    "contacts": "id,name\n1,Ann\n2,Ben",
    "rel": "person,account\n01,7\n2,8",
}


@pytest.mark.parametrize(("invoices", "customer"), [("no,acc\nR1,7", "accounts:7"), ("no,contact\nR1,1", "contacts:1")])
def test_a_table_of_links_that_nearly_meets_leaves_both_sides_open(
    tmp_path: Path, invoices: str, customer: str
) -> None:
    """A contact 1 and a link of 01 to company 7: whichever was invoiced, the other one waits."""
    of = "accounts: acc" if "acc" in invoices else "contacts: contact"

    made = planned(tmp_path, {**LINKED, "invoices": invoices}, THROUGH + INVOICED.replace("OF", of))

    other = ({"accounts:7", "contacts:1"} - {customer}).pop()
    assert (made.decisions[customer], made.decisions[other]) == ("customer", "review")
    assert (made.decisions["accounts:8"], made.decisions["contacts:2"]) == ("lead", "lead")
    assert near_gate(made.report) == 1
    assert "through: {normalize: [leading_zeros]}" in made.text("report.html")


@pytest.mark.parametrize("invoices", ["no,acc\nR1,8", "no,contact\nR1,1"])
def test_a_further_company_that_nearly_meets_is_open(tmp_path: Path, invoices: str) -> None:
    """Ann belongs to 7, and to 08, which nearly is 8: whichever of Ann and 8 was invoiced, the other one waits."""
    of = "accounts: acc" if "acc" in invoices else "contacts: contact"
    tables = {**LINKED, "rel": "person,account\n1,7\n1,08", "invoices": invoices}

    made = planned(tmp_path, tables, THROUGH + INVOICED.replace("OF", of))

    asked, other = ("accounts:8", "contacts:1") if "acc" in invoices else ("contacts:1", "accounts:8")
    assert (made.decisions[asked], made.decisions[other]) == ("customer", "review")
    assert near_gate(made.report) == 1


def test_a_link_that_nearly_meets_and_leads_to_no_company_is_open(tmp_path: Path) -> None:
    """A contact 01 and a link of 1 to a company that is not there: with its key as the link has it, it is rejected."""
    made = planned(tmp_path, {**LINKED, "contacts": "id,name\n01,Ann", "rel": "person,account\n1,99"}, THROUGH + REST)

    assert made.decisions["contacts:01"] == "review"


def test_links_meet_in_one_form(tmp_path: Path) -> None:
    """`normalize` beside `through` brings the row's key and the links' `from` to one form."""
    config = THROUGH.replace("from: person", "normalize: [leading_zeros], from: person")

    made = planned(tmp_path, {**LINKED, "invoices": "no,acc\nR1,7"}, config + INVOICED.replace("OF", "accounts: acc"))

    assert (made.decisions["accounts:7"], made.decisions["contacts:1"]) == ("customer", "customer")
    assert near_gate(made.report) == 0


def test_evidence_through_links_that_nearly_meet_is_open(tmp_path: Path) -> None:
    """An order 5 and a link of 05 to account 7: the account waits, and no other."""
    of = "accounts: {through: {table: links, from: no, to: account}}"
    tables = {**LINKED, "orders": "id,stage\n5,Won", "links": "no,account\n05,7"}
    rules = INVOICED.replace("exists: invoices", "exists: orders, key: id").replace("OF", of)

    made = planned(tmp_path, tables, SOURCE.replace(", PARENT", "") + rules)

    assert {key for key, decision in made.decisions.items() if decision == "review"} == {"accounts:7"}
    assert near_gate(made.report) == 1


def test_a_link_that_nearly_counts_is_in_doubt(tmp_path: Path) -> None:
    """A link with `deleted` 0.0 leads on, but its contact and company wait; one with 1 is left out, and told."""
    links = "person,account,deleted\n1,7,0.0\n2,8,1"
    config = THROUGH.replace("to: account", "to: account, where: {deleted: '0'}")

    made = planned(tmp_path, {**LINKED, "rel": links}, config + "classify: [{as: lead, name: rest}]\n")

    assert [made.decisions[key] for key in ("accounts:7", "contacts:1")] == ["review", "review"]
    assert [made.decisions[key] for key in ("accounts:8", "contacts:2")] == ["lead", "lead"]
    assert "1 row of the other table is left out" in made.text("report.md")


JOINED = """source:
  url: SOURCE
  records: {accounts: {key: id, type: company, join: {st: {key: acc, MORE}}}}
classify:
  - {as: customer, name: active, when: {column: st.state, equals: active}}
  - {as: lead, name: rest}
"""


@pytest.mark.parametrize(
    ("states", "more", "decision"),
    [
        ("007,active,", "", "review"),
        ("007,closed,", "", "lead"),
        ("7,aborted,1\n7,active,2", "", "review"),
        ("7,active,1\n7,closed,2", "", "customer"),
        ("7,closed,2020\n7,active,2010", "take: last, order_by: day", "lead"),
        ("7,active,2020-01-01\n7,closed,31.12.2026", "take: last, order_by: day", "review"),
        ("7,active,2020-01-01\n7,active,31.12.2026", "take: last, order_by: day", "customer"),
        ("7,closed,2020-01-01\n7,active,", "take: last, order_by: day", "lead"),
        ("7,active,31.12.2026\n8,closed,2020-01-01", "take: last, order_by: day", "customer"),
        ("7,lost,\n7,active,", "take: all", "customer"),
        ("7,lost,\n7,won,", "take: all", "lead"),
        ("7,active,0.0", "where: {day: '0'}", "customer"),
        ("7,closed,0\n7,active,0.0", "where: {day: '0'}", "review"),
        ("7,active,0\n7,aborted,0.0", "where: {day: '0'}", "customer"),
        ("7,active,0\n7,closed,1", "where: {day: '0'}", "customer"),
    ],
)
def test_a_rule_asks_every_row_that_a_joined_value_may_be_from(
    tmp_path: Path, states: str, more: str, decision: str
) -> None:
    """A key that nearly meets, a row that is not taken or only nearly counts, could turn it: the record waits."""
    tables = {"accounts": "id,name\n7,Alpha\n8,Beta", "st": f"acc,state,day\n{states}"}

    made = planned(tmp_path, tables, JOINED.replace(", MORE", f", {more}" if more else ""))

    assert made.decisions == {"accounts:7": decision, "accounts:8": "lead"}
    if decision == "review":
        assert "another row of that table could count" in str(made.why("accounts:7")[1])


@pytest.mark.parametrize(("no", "decision"), [("1", "customer"), ("01", "review")])
def test_evidence_asks_labels_that_nearly_meet(tmp_path: Path, no: str, decision: str) -> None:
    """An opportunity at the stage 1, which the labels call 01: the account waits."""
    config = """source:
  url: SOURCE
  records: {accounts: {key: id, type: company}}
  related: {opps: {key: id, of: {accounts: acc}, labels_of: {st: {from: stages, key: id, show: name}}}}
classify:
  - {as: customer, name: won, when: {exists: opps, of: {accounts: acc}, where: {st.name: won}}}
  - {as: lead, name: rest}
"""
    tables = {"accounts": "id,name\n7,Alpha\n8,Beta", "opps": "id,acc,st\nO1,7,1", "stages": f"id,name\n{no},won"}

    made = planned(tmp_path, tables, config)

    assert made.decisions == {"accounts:7": decision, "accounts:8": "lead"}


def test_a_join_through_links_that_nearly_meet_is_open(tmp_path: Path) -> None:
    """A state 5 and a link of 05 to account 7: whether the account has it beside another one, nobody can say."""
    states, links = "id,state\n5,active\n6,closed", "st,acc\n05,7\n6,7"
    tables = {"accounts": "id,name\n7,Alpha\n8,Beta", "st": states, "rel": links}
    config = JOINED.replace("key: acc, MORE", "key: id, through: {table: rel, from: st, to: acc}")

    made = planned(tmp_path, tables, config)

    assert made.decisions == {"accounts:7": "review", "accounts:8": "lead"}
    assert near_gate(made.report) == 1


MERGED = """source:
  url: SOURCE
  records: {accounts: {key: id, type: company, aliases: {from: merges, old: old, new: new}}}
"""
ALL = "id,name\n1,Alpha\n2,Beta\n3,Gamma\n4,Delta"


@pytest.mark.parametrize(
    ("merges", "invoice", "review", "customer"),
    [
        ("2,1\n2,3", "2", {"accounts:1", "accounts:3"}, "accounts:2"),
        ("2,3\n2,1", "2", {"accounts:1", "accounts:3"}, "accounts:2"),
        ("2,1\n1,2", "2", {"accounts:1"}, "accounts:2"),
        ("2,99", "1", {"accounts:2"}, "accounts:1"),
        ("02,1", "1", {"accounts:2"}, "accounts:1"),
        ("02,1", "2", {"accounts:1"}, "accounts:2"),
        ("2,03", "2", {"accounts:3"}, "accounts:2"),
        ("2,03", "1", {"accounts:2", "accounts:3"}, "accounts:1"),
    ],
)
def test_a_merge_that_nobody_can_follow_leaves_both_sides_open(
    tmp_path: Path, merges: str, invoice: str, review: set[str], customer: str
) -> None:
    """Two targets, a circle, one that does not exist, keys that nearly meet: whatever the order of the rows."""
    tables = {"accounts": ALL, "merges": f"old,new\n{merges}", "invoices": f"no,acc\nR1,{invoice}"}

    made = planned(tmp_path, tables, MERGED + INVOICED.replace("OF", "accounts: acc"))

    by = {key: decision for key, decision in made.decisions.items() if decision != "lead"}
    assert by == {customer: "customer", **dict.fromkeys(review, "review")}
    assert near_gate(made.report) == (1 if "0" in merges else 0)


def test_evidence_that_nearly_names_a_merged_record_is_open(tmp_path: Path) -> None:
    """An invoice on 09, where 9 was merged into 1: account 1 waits."""
    tables = {"accounts": ALL, "merges": "old,new\n9,1", "invoices": "no,acc\nR1,09"}

    made = planned(tmp_path, tables, MERGED + INVOICED.replace("OF", "accounts: acc"))

    assert {key for key, decision in made.decisions.items() if decision == "review"} == {"accounts:1"}
    assert near_gate(made.report) == 1


PARENTS = """source:
  url: SOURCE
  records: {accounts: {key: id, type: company, parent: {column: up, of: accountsCURED}}}
classify: [{as: lead, name: rest}]
"""


def test_check_says_which_line_cures_a_parent(tmp_path: Path) -> None:
    """A word for none, a record's own number, one that does not exist and a circle, each with its count."""
    table = {"accounts": "id,name,up\n1,A,0\n2,B,2\n3,C,99\n4,D,5\n5,E,4\n6,F,1"}

    told = run("check", write(tmp_path, table, PARENTS.replace("CURED", "")))

    for said in ("1 record names the parent '0'", "1 record names itself", "1 record names a parent", "2 records are"):
        assert said in told.stdout, told.stdout
    for line in ('none: ["0"]', "none: [self]", "missing: ignore", "circle: cut"):
        assert line in told.stdout


def test_check_is_content_with_cured_parents(tmp_path: Path) -> None:
    """Where the lines are in the config, nothing is said of parents."""
    table = {"accounts": "id,name,up\n1,A,0\n2,B,2\n3,C,99\n4,D,5\n5,E,4\n6,F,1"}
    cured = ', none: ["0", self], missing: ignore, circle: cut'

    told = run("check", write(tmp_path, table, PARENTS.replace("CURED", cured)))

    assert "accounts, parents: " not in told.stdout


def test_check_cures_no_parent_where_no_row_has_a_key(tmp_path: Path) -> None:
    """Such rows are damaged; what stands above them is asked of nobody."""
    told = run("check", write(tmp_path, {"accounts": "id,name,up\n,A,99\n,B,"}, PARENTS.replace("CURED", "")))

    assert told.returncode == 0, told.stderr
    assert "missing: ignore" not in told.stdout


UNDER = """source:
  url: SOURCE
  records: {accounts: {key: id, type: company}}
  related: {orders: {key: no, of: {accounts: acc}}, lines: {key: id, under: {orders: {column: no, CURED}}}}
classify: [{as: lead, name: rest}]
"""
LINES = {"accounts": "id,name\n7,Alpha", "orders": "no,acc\n5,7\nA1,7", "lines": "id,no\nL1,05\nL2,a1\nL3,5\nL4,77"}


def test_rows_below_rows_that_nearly_meet_are_counted_and_cured(tmp_path: Path) -> None:
    """Lines of the orders 05 and a1 nearly meet 5 and A1; `normalize` beside their column brings both to one form."""
    near = planned(tmp_path, LINES, UNDER.replace(", CURED", ""))

    [under] = [join for join in near.report.joins if join.kind == "under"]
    assert (under.dataset, under.joined, under.without_record, under.near, near_gate(near.report)) == (
        "lines, orders",
        1,
        3,
        2,
        2,
    )

    cured = planned(tmp_path, LINES, UNDER.replace("CURED", "normalize: [leading_zeros, upper]"))

    assert near_gate(cured.report) == 0
    assert [j.joined for j in cured.report.joins if j.dataset == "lines"] == [3]
    assert all(line in cured.note("accounts:7") for line in ("L1", "L2", "L3"))


POLYMORPHIC = """source:
  url: SOURCE
  records: {accounts: {key: id, type: company}, contacts: {key: id, type: person}}
classify:
  - as: customer
    name: called
    when:
      exists: calls
      of: {accounts: {column: of, where: {kind: Account}}, contacts: {column: of, where: {kind: Contact}}}
  - {as: lead, name: rest}
"""


def test_a_kind_that_nearly_is_one_opens_its_record_and_others_are_told(tmp_path: Path) -> None:
    """` account` may be account 8; Contact is a kind of another link, Invoice and an empty kind
    are told; a row without a key names nothing."""
    calls = "id,kind,of\nC1,Account,7\nC2, account,8\nC3,Contact,1\nC4,Invoice,7\nC5,,7\nC6,Invoice,"
    tables = {"accounts": "id,name\n7,Alpha\n8,Beta", "contacts": "id,name\n1,Ann\n2,Ben", "calls": calls}

    made = planned(tmp_path, tables, POLYMORPHIC)

    assert made.decisions == {
        "accounts:7": "customer",
        "accounts:8": "review",
        "contacts:1": "customer",
        "contacts:2": "lead",
    }
    [calls_figures] = made.report.joins
    assert [(kind.kind, kind.rows) for kind in calls_figures.kinds] == [("kind: Invoice", 1), ("kind: –", 1)]
    assert (calls_figures.other_kind, calls_figures.not_linked) == (2, 1)


EMPTY = """source: {url: SOURCE, records: {accounts: {key: id, type: company, where: WHERE}}}
classify:
  - {as: keep, name: no prospect, when: WHEN}
  - {as: lead, name: rest}
"""
NO = "{column: no, equals: '0'}"


@pytest.mark.parametrize(
    ("where", "when", "read", "near"),
    [
        ("{off: '0'}", "{column: no, equals: other}", {"1"}, 1),
        ("{off: ['0', '']}", "{column: no, equals: other}", {"1", "2"}, 0),
        (
            "{any: [{column: off, equals: '0'}, {column: off, empty: true}]}",
            "{column: no, equals: other}",
            {"1", "2"},
            0,
        ),
        ("{off: {equals: '0', fold: false}}", "{column: no, equals: other}", {"1"}, 0),
        ("{not: {column: off, equals: '1'}}", "{column: no, equals: other}", {"1", "2"}, 0),
        ("{off: ['0', '1']}", "{column: no, equals: other}", {"1", "3"}, 0),
        ("{not: {column: off, equals: other}}", NO, {"1", "2", "3"}, 1),
        ("{not: {column: off, equals: other}}", "{any: [" + NO + ", {column: no, empty: true}]}", {"1", "2", "3"}, 0),
        ("{not: {column: off, equals: other}}", "{column: no, in: ['0', '']}", {"1", "2", "3"}, 0),
    ],
)
def test_an_empty_cell_beside_a_word_for_no_is_told(
    tmp_path: Path, where: str, when: str, read: set[str], near: int
) -> None:
    """It holds the gate until the config says what an empty cell means; nobody is sent to review for it."""
    config = EMPTY.replace("WHERE", where).replace("WHEN", when)

    made = planned(tmp_path, {"accounts": "id,name,off,no\n1,A,0,0\n2,B,,\n3,C,1,1"}, config)

    assert {key.removeprefix("accounts:") for key in made.decisions} == read
    assert "review" not in made.decisions.values()
    assert near_gate(made.report) == near


FIRST = """source:
  url: SOURCE
  records:
    accounts: {key: id, type: company}
    contacts: {key: id, type: person, parent: {of: accounts, through: {table: rel, from: c, to: a, order_by: since}}}
classify: [{as: lead, name: rest}]
"""


@pytest.mark.parametrize(
    ("second", "decision"), [("31.12.1999", "review"), ("2021-01-01", "lead"), ("", "lead"), ("9 of 10", "review")]
)
def test_a_first_company_that_nobody_can_tell_leaves_the_contact_open(
    tmp_path: Path, second: str, decision: str
) -> None:
    """Of two links the earlier one counts; one whose date cannot be read may be it. Who has one link does not wait."""
    tables = {
        "accounts": "id,name\n7,Alpha\n8,Beta\n9,Gamma",
        "contacts": "id,name\n1,Ann\n2,Ben",
        "rel": f"c,a,since\n1,7,2020-01-01\n1,8,{second}\n2,9,31.12.1999\n2,9,31.12.1999",
    }

    made = planned(tmp_path, tables, FIRST)

    assert (made.decisions["contacts:1"], made.decisions["contacts:2"]) == (decision, "lead")
