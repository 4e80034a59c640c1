"""Keys that nearly meet, in whatever way a config links rows: counted in one gate, and both sides wait for a person."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.errors import ConfigError
from tests.told import planned

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
