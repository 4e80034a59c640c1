"""What is true of the made-up families, written down by the plan and never by running the rules."""

from __future__ import annotations

from typing import NamedTuple

from .chance import spread


class Truth(NamedTuple):
    """What is true of a family, and what the rules of configs/demo.yaml should decide for it, and why.

    customer: whether it really is an existing customer. decidable: by what that can be found out: the `rules`, the
    `erp` list, or only because a record is a duplicate of a customer's (`duplicates`).
    """

    customer: bool
    decidable: str
    decision: str
    reason: str


KINDS = spread(
    invoiced=200, contact=25, daughter=18, ordered=15, erp=24, erp_called=16, called=6, old=70, cancelled=25,
    forgotten=8, unreadable=3, supplier=25, test=6, prospect=549, shared=10,
)  # fmt: skip
"""How often each kind of family occurs, of 1,000."""

ALONE = spread(invoiced=9, old=6, cancelled=2, test=2, prospect=81)
"""How often each kind of contact without a company occurs, of 100."""

TRUTHS = {
    "invoiced": Truth(True, "rules", "customer", "invoiced within three years"),
    "contact": Truth(True, "rules", "customer", "a contact was invoiced within three years"),
    "daughter": Truth(True, "rules", "customer", "a subsidiary was invoiced within three years"),
    "ordered": Truth(True, "rules", "customer", "open order"),
    "shared": Truth(True, "rules", "customer", "a contact works for a customer, too"),
    "erp": Truth(True, "erp", "lead", "no evidence of a purchase"),
    "erp_called": Truth(True, "erp", "review", "called a customer but never invoiced"),
    "called": Truth(False, "rules", "review", "called a customer but never invoiced"),
    "old": Truth(False, "rules", "lead", "last invoice more than three years ago"),
    "cancelled": Truth(False, "rules", "lead", "only cancelled or draft invoices"),
    "forgotten": Truth(False, "rules", "lead", "open order more than a year ago"),
    "unreadable": Truth(False, "rules", "review", "the date of the only invoice cannot be read"),
    "supplier": Truth(False, "rules", "keep", "supplier"),
    "own": Truth(False, "rules", "keep", "our own company"),
    "test": Truth(False, "rules", "review", "test record"),
    "prospect": Truth(False, "rules", "lead", "no evidence of a purchase"),
    "with a reject": Truth(False, "rules", "review", "a record of the family is a reject"),
}

KNOWN_TO_ERP = {
    "invoiced": 0.9, "contact": 0.7, "daughter": 0.9, "ordered": 0.3, "erp": 1.0, "erp_called": 1.0, "old": 0.5,
}  # fmt: skip
"""How often a family of a kind has a debtor in the ERP's list; those of `old` are inactive there."""

NEVER_TWICE = ("own", "test", "supplier", "unreadable")
"""Kinds of which no duplicate is made: their rules would decide for the duplicate, too."""

DEFECTS = ("duplicate key", "no such company", "duplicate contact key", "circle of parents", "no such parent")
"""What makes records rejects, in the order in which it is made, one in a hundred families."""


LEFT_OUT = Truth(False, "rules", "left out", "deleted")
"""What is true of a record that somebody deleted, and whose row is still there."""


def reject(reason: str) -> Truth:
    """What is true of a record that cannot be processed."""
    return Truth(False, "rules", "reject", reason)


def of_duplicate(customer: bool, active_debtor: bool) -> Truth:
    """What is true of a record without evidence of its own that is the same as one written before."""
    if not customer:
        return TRUTHS["prospect"]
    return TRUTHS["prospect"]._replace(customer=True, decidable="erp" if active_debtor else "duplicates")
