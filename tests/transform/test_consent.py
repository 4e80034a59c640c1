"""Who opted out is not reached by a lead whose flag is false."""

from __future__ import annotations

from typing import Any

import pytest

from tests.transform.crm import Crm

FIELDS: dict[str, Any] = {
    "email": {"first": ["{mail}", "{contact.mail}"]},
    "contact_name": "{contact.first} {contact.last}",
    "phone": {"first": ["{tel}", "{contact.tel}"]},
    "do_not_contact": {"flag": "optout"},
}


def lead(crm: Crm, **fields: Any) -> dict[str, Any]:
    """The only lead, and what was done for those who opted out."""
    made = crm.transform(**{**FIELDS, **fields})
    [row] = made.leads.to_dict("records")
    return {**{str(name): value for name, value in row.items()}, "consent": made.consent}


def test_the_flag_follows_a_contacts_address_onto_the_lead(crm: Crm) -> None:
    """The issue's example: the company has no mail, so Ann's stands on the lead, and Ann opted out."""
    crm.company("1", name="Alpha Bau GmbH")
    crm.contact("10", account="1", first="Ann", last="Muster", mail="ann@alpha.example", tel="+49 351 1", optout="1")
    made = lead(crm)

    assert (made["email"], made["do_not_contact"]) == ("ann@alpha.example", True)
    assert made["opted_out"] == "ann@alpha.example"
    assert (made["consent"].leads, made["consent"].reached, made["consent"].replaced) == (1, 1, 0)


def test_the_address_of_another_member_is_taken_before_that_of_somebody_who_opted_out(crm: Crm) -> None:
    """Ann opted out and Ben did not: the lead reaches Ben, by name, mail and phone."""
    crm.company("1", name="Alpha Bau GmbH")
    crm.contact("10", account="1", first="Ann", last="Muster", mail="ann@alpha.example", optout="Ja")
    crm.contact("11", account="1", first="Ben", last="Muster", mail="ben@alpha.example", optout="0")
    made = lead(crm)

    assert (made["email"], made["contact_name"]) == ("ben@alpha.example", "Ben Muster")
    assert made["do_not_contact"] is False or made["do_not_contact"] == False  # noqa: E712  numpy's own False
    assert made["opted_out"] == "ann@alpha.example"


def test_a_contact_who_can_be_reached_goes_before_one_who_cannot(crm: Crm) -> None:
    """Of two who did not opt out the one with an address is the lead's contact, where somebody opted out."""
    crm.company("1", name="Alpha Bau GmbH")
    crm.contact("10", account="1", first="Ann", mail="ann@alpha.example", optout="1")
    crm.contact("11", account="1", first="Ben").contact("12", account="1", first="Cem", mail="cem@alpha.example")

    assert lead(crm)["email"] == "cem@alpha.example"


@pytest.mark.parametrize(("own", "flag"), [(None, False), ("info@alpha.example", False)])
def test_a_companys_own_address_needs_no_flag(crm: Crm, own: str | None, flag: bool) -> None:
    """Where nothing of the person stands in a field that reaches somebody, the person's wish is not the lead's."""
    crm.company("1", name="Alpha Bau GmbH", mail=own, tel="0351 2")
    crm.contact("10", account="1", first="Ann", mail=None, optout="1")
    made = lead(crm, contact_name="{name}")

    assert (made["email"] if own else None, bool(made["do_not_contact"])) == (own, flag)


def test_no_flag_is_true_for_anybody_is_counted(crm: Crm) -> None:
    """Where nobody opted out, nothing is replaced, and nobody is reached who should not be."""
    crm.company("1", name="Alpha Bau GmbH", mail="a@alpha.example").contact("10", account="1", first="Ann")

    assert lead(crm)["consent"].leads == 0


def test_an_address_that_two_members_share_is_that_of_the_one_who_opted_out(crm: Crm) -> None:
    """Whose address it is on the lead does not matter: mail to it reaches somebody who does not want it."""
    crm.company("1", name="Alpha Bau GmbH", mail="office@alpha.example")
    crm.contact("10", account="1", first="Ann", mail=" Office@alpha.example", optout="1")

    assert bool(lead(crm)["do_not_contact"]) is True
