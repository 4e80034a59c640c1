"""Families: who belongs together, whatever the depth, and whose decision counts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given, strategies as st

from etl.classify.families import find_families
from tests.classify.crm import Crm
from tests.told import planned


def test_a_family_with_one_customer_stays(crm: Crm) -> None:
    """A company whose contact was invoiced is a customer, and so are its other contacts."""
    crm.company("C1").contact("P1", invoiced="2026-02-01").contact("P2")

    assert crm.decisions() == {"C1": "customer", "P1": "customer", "P2": "customer"}


def test_a_daughters_invoice_keeps_the_whole_tree(crm: Crm) -> None:
    """A company is a customer through its daughter's daughter, and so is that one's sister."""
    crm.company("C1").company("C2", parent="C1").company("C3", parent="C2").contact("P3", invoiced="2026-02-01")
    crm.company("C4", parent="C1").company("C9").contact("P9")

    assert crm.decisions() == {
        "C1": "customer", "C2": "customer", "C3": "customer", "P3": "customer", "C4": "customer",
        "C9": "lead", "P9": "lead",
    }  # fmt: skip


def test_customer_outweighs_keep_and_keep_outweighs_lead(crm: Crm) -> None:
    """The strongest decision of a family's members is that of all."""
    crm.company("C1", own="1").contact("P1", invoiced="2026-02-01")
    crm.company("C2", own="1").contact("P2")

    assert crm.decisions() == {"C1": "customer", "P1": "customer", "C2": "keep", "P2": "keep"}


def test_a_reject_makes_its_family_review_and_not_lead(crm: Crm) -> None:
    """Two companies with one key are rejects; their contact waits for a person."""
    crm.company("C1").company("C1").contact("P1")

    assert crm.decisions() == {"C1": "reject", "P1": "review"}


def test_a_customer_with_a_reject_in_the_family_is_a_customer(crm: Crm) -> None:
    """What cannot be processed never makes a customer a lead, nor a case for review."""
    crm.company("C1").company("C1").contact("P1", invoiced="2026-02-01").contact("P2")

    assert crm.decisions() == {"C1": "reject", "P1": "customer", "P2": "customer"}


def test_an_invoice_of_a_rejected_company_keeps_its_contacts(crm: Crm) -> None:
    """Evidence speaks through a reject: the contact of a customer with a double key is no lead."""
    crm.company("C1").company("C1").contact("P1").invoice("R1", account="C1")

    assert crm.decisions() == {"C1": "reject", "P1": "customer"}


def test_parents_in_a_circle_are_rejects_and_what_hangs_on_them_waits(crm: Crm) -> None:
    """Neither a circle of two, nor a record that is its own parent, moves."""
    crm.company("A", parent="B").company("B", parent="A").contact("PB").company("S", parent="S").company(
        "T", parent="S"
    )

    assert crm.decisions() == {"A": "reject", "B": "reject", "PB": "review", "S": "reject", "T": "review"}


def test_a_parent_that_does_not_exist_is_a_reject(crm: Crm) -> None:
    """A contact of a company that is not there cannot be put anywhere."""
    crm.contact("P1", company="gone").contact("P2", company=None)

    assert crm.decisions() == {"P1": "reject", "P2": "lead"}


@given(st.lists(st.integers(-1, 30), min_size=1, max_size=31), st.data())
def test_families_are_the_trees_that_following_parents_gives(parents: list[int], data: st.DataObject) -> None:
    """Roots, circles and nearest companies agree with walking up one record at a time."""
    parent = np.array([p if p < len(parents) else -1 for p in parents], dtype=np.int32)
    kind = np.array(data.draw(st.lists(st.integers(0, 1), min_size=len(parent), max_size=len(parent))), dtype=np.int8)
    families = find_families(parent, kind)

    for record in range(len(parent)):
        path = [record]
        while parent[path[-1]] >= 0 and parent[path[-1]] not in path:
            path.append(int(parent[path[-1]]))
        next_parent = int(parent[path[-1]])
        ring = path[path.index(next_parent) :] if next_parent >= 0 else []
        assert families.circle[record] == (record in ring)
        assert families.root[record] == (min(ring) if ring else path[-1])
        if not ring:
            assert families.company[record] == next((member for member in path if kind[member] == 0), -1)


def test_a_chain_of_a_hundred_thousand_is_one_family() -> None:
    """Depth costs no recursion."""
    count = 100_000
    parent = np.arange(-1, count - 1, dtype=np.int32)
    kind = np.ones(count, dtype=np.int8)
    kind[0] = 0

    families = find_families(parent, kind)

    assert (families.root == 0).all()
    assert (families.company == 0).all()


def test_every_company_that_a_rejected_contact_names_waits(crm: Crm) -> None:
    """Two contacts share a key: an invoice on it may be either company's."""
    crm.company("A").contact("x").company("B").contact("x", invoiced="2026-01-01")

    assert crm.decisions() == {"A": "customer", "B": "review", "x": "reject"}


def test_the_company_of_a_contact_without_a_key_waits(crm: Crm) -> None:
    """It cannot be processed, and it belongs to the family."""
    crm.company("A").contact("x")
    crm.rows["contacts"][0]["id"] = None

    assert crm.decisions() == {"A": "review"}


def test_the_company_of_a_damaged_contact_waits(crm: Crm) -> None:
    """As far as the row could be read, it names its company."""
    crm.company("A").contact("x").contact("y").damaged("contacts", 1)

    assert crm.decisions() == {"A": "review", "x": "review", "y": "reject"}


def test_a_damaged_row_of_history_makes_its_record_wait(crm: Crm) -> None:
    """Moved now, the record would leave that row behind."""
    crm.company("A").company("B").call("1", account="A").call("2", account="B").damaged("calls", 0)

    assert crm.decisions() == {"A": "review", "B": "lead"}
    assert crm.why("A")[0] == "a row of its history cannot be read"


def test_history_that_names_a_record_that_moves_goes_with_it(crm: Crm) -> None:
    """A call with a customer and with a contact of another company, which moves, stands in that one's note."""
    crm.company("K").contact("PK", invoiced="2026-01-01").company("L").contact("PL").call(
        "1", account="K", contact="PL"
    )
    classification = crm.classify()

    owner = int(classification.rows.owners["calls"].owner[0])
    assert classification.decisions.records.name(owner) == "contacts:PL"


def test_a_parent_that_where_leaves_out_is_not_said_not_to_exist(tmp_path: Path) -> None:
    """It may be there: the reason of the reject says both."""
    made = planned(
        tmp_path,
        {"accounts": "id,name,deleted\n1,Alpha,1\n2,Beta,0", "contacts": "id,account\n7,1\n8,2"},
        """
source:
  url: SOURCE
  records:
    accounts: {key: id, type: company, where: {deleted: "0"}}
    contacts: {key: id, type: person, parent: {column: account, of: accounts}}
classify: [{as: lead, name: rest}]
leads: {fields: {name: "{id}"}}
""",
    )

    reason = "the column names a record that accounts does not have, or that its `where` leaves out"
    assert made.why("contacts:7") == ("parent-missing", reason)
