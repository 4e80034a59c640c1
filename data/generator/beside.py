"""What stands beside the CRM's first tables: second jobs, notes, deleted records, and the list of the field service."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace

from . import cards, identity, tables
from .chance import Chance
from .identity import Company
from .sinks import Buffer
from .truths import LEFT_OUT, TRUTHS, Truth

REMEMBERED = 40
"""So many companies may be the second one of a later contact."""
OFFICES = ("10", "20", "30")
"""The field service's offices: each counts its own companies, so that a number alone names several."""

Key = Callable[[str], str]
Tell = Callable[..., None]


class Beside:
    """Writes those rows. They are drawn from a chance of their own: the other tables are the same without them.

    wanted: whether there are any; without, a clean-up has plain tables alone, with so many rows as asked for.
    """

    def __init__(self, chance: Chance, buffer: Buffer, days: tables.Days, key: Key, tell: Tell, wanted: bool) -> None:
        self._chance = chance
        self._add = buffer.add
        self._days = days
        self._key = key
        self._tell = tell
        self._wanted = wanted
        self._customers: deque[str] = deque(maxlen=REMEMBERED)
        self._prospects: deque[str] = deque(maxlen=REMEMBERED)
        self._numbers = dict.fromkeys(OFFICES, 0)
        self._visits = 0

    def head_office(self, key: str, daughters: int) -> str | None:
        """What a company without a mother company has as its mother's key: some systems have its own there."""
        return key if self._wanted and self._chance.holds(0.6 if daughters else 0.03) else None

    def has_customers(self) -> bool:
        """Whether a contact can work for a customer as well."""
        return bool(self._customers)

    def employ(self, contact: str, account: str, kind: str, *, first: bool) -> None:
        """Link a contact to its company, and now and then to a second one.

        The first contact of a `shared` family works for a customer, too.
        """
        if not self._wanted:
            return
        self._add("accounts_contacts", (contact, account, "1", None))
        chance, others = self._chance, tuple(self._prospects)
        if kind == "shared" and first:
            self._second_job(contact, chance.pick(tuple(self._customers)))
        elif kind in ("prospect", "invoiced") and others and chance.holds(0.015):
            self._second_job(contact, chance.pick(others))
        elif kind == "prospect" and self._customers and chance.holds(0.01):
            self._add("accounts_contacts", (contact, chance.pick(tuple(self._customers)), "0", "1"))

    def _second_job(self, contact: str, account: str) -> None:
        self._add("accounts_contacts", (contact, account, "0", None))

    def family(self, account: str, contacts: list[str], kind: str, plain: bool) -> None:
        """Write notes about a company and its contacts, and a contact that somebody deleted.

        plain: nobody is written twice, and no list of customers has the company.
        """
        if not self._wanted:
            return
        if kind == "invoiced":
            self._customers.append(account)
        elif kind == "prospect" and plain:
            self._prospects.append(account)
        for named, parent, share in [("Account", account, 0.1), *(("Contact", key, 0.04) for key in contacts)]:
            if self._chance.holds(share):
                self._note(named, parent)
        if self._chance.holds(0.03):
            # opportunities count from 1, as accounts do: the same number is another record
            self._note("Opportunity", account)
        if self._chance.holds(0.015):
            self._deleted_contact(account)
        if self._chance.holds(0.007):
            self._deleted_account()

    def _note(self, named: str, parent: str) -> None:
        row = tables.note(self._chance, self._days, self._key("notes"), named, parent)
        self._add("notes", row)

    def _deleted_contact(self, account: str) -> None:
        """A contact that somebody has deleted: the CRM keeps the row."""
        chance, key = self._chance, f"7{self._key('deleted'):0>7}"
        person = identity.person(chance, identity.company(chance))
        self._add("contacts", tuple(tables.contact(chance, self._days, key, account, person, deleted=True)))
        self._add("accounts_contacts", (key, account, "1", None))
        self._tell(f"contacts:{key}", f"contacts:{key}", LEFT_OUT)

    def _deleted_account(self) -> None:
        chance, key = self._chance, f"7{self._key('deleted'):0>6}"
        company = identity.company(chance)
        card = cards.company_card(chance, company)
        row = tables.account(chance, self._days, key, None, company, card, "Interessent", "", deleted=True)
        self._add("accounts", tuple(row))
        self._tell(f"accounts:{key}", f"accounts:{key}", LEFT_OUT)

    def prospect(self) -> None:
        """Now and then, write a company that only the field service knows."""
        if self._wanted and self._chance.holds(0.055):
            company = identity.company(self._chance)
            self._prospect(company, cards.company_card(self._chance, company), TRUTHS["prospect"])

    def prospect_again(
        self, company: Company, card: cards.Card, truth: Truth, same_as: str, debtor: str | None
    ) -> None:
        """Now and then, write a company of the CRM that the field service knows as well."""
        if self._wanted and card.email and self._chance.holds(0.2):
            respelled = replace(card, street=cards.street_respelled(self._chance, company), vat=None, website=None)
            self._prospect(company, respelled, truth, same_as, debtor)

    def _prospect(
        self, company: Company, card: cards.Card, truth: Truth, same_as: str | None = None, debtor: str | None = None
    ) -> None:
        chance = self._chance
        office = chance.pick(OFFICES)
        deleted = same_as is None and chance.holds(0.06)
        self._numbers[office] += 1
        number = str(self._numbers[office])
        source_key = f"prospects:{office}/{number}"
        person = identity.person(chance, company)
        self._add("prospects", tables.prospect(chance, self._days, (office, number), card, person, deleted))
        self._tell(source_key, source_key, LEFT_OUT if deleted else truth, same_as, debtor)
        for _ in range(0 if deleted else chance.number(0, 3)):
            self._visits += 1
            self._add("visits", tables.visit(chance, self._days, (office, number), self._visits))
