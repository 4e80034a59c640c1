"""The names of external ids in which an Odoo keeps the ledger: what is changed in them, and what stays."""

from __future__ import annotations

from etl.connect.odoo.ledger import amended, parts_of, renamed, row_names

PLAN, NAME = "a" * 64, ("contacts:P/5.1", "accounts:5 ~Ä")


def test_a_deletion_that_was_accepted_stands_in_the_place_of_the_contents() -> None:
    """Of all records of the lead, whatever their keys are; the plan gives way when it is taken back."""
    [name] = row_names("crm", [(key, "accounts:5", PLAN, "0" * 32) for key in NAME])

    accepted = renamed(name, None, "deleted")
    assert parts_of(accepted) == ["row", "crm", "accounts:5", PLAN, NAME[1], "deleted", NAME[0], "deleted"]
    taken_back = renamed(accepted, "deleted", None)
    assert parts_of(taken_back) == ["row", "crm", "accounts:5", "deleted", NAME[1], "deleted", NAME[0], "deleted"]
    assert renamed(name, None, None) == name


def test_a_record_that_is_forgotten_has_a_row_of_its_own() -> None:
    """The others of its lead have what they add up to now, if they say it at all; done again, it is the same."""
    [name] = row_names("crm", [(key, "accounts:5", PLAN, "0" * 32) for key in NAME])
    left, gone = amended(name, NAME[0], {NAME[1]: "1" * 32})

    assert left is not None
    assert gone is not None
    assert parts_of(left) == ["row", "crm", "accounts:5", PLAN, NAME[1], "1" * 32]
    assert parts_of(gone) == ["row", "crm", "accounts:5", "forgotten", NAME[0], "forgotten"]
    assert amended(left, NAME[0], {NAME[1]: "1" * 32}) == (left, None)
    assert amended(gone, NAME[0], {}) == (None, gone)
    accepted = renamed(name, None, "deleted")
    assert amended(accepted, NAME[0], {NAME[1]: "1" * 32})[0] == renamed(left, None, "deleted")
