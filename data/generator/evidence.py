"""What speaks for a decision, and the history that speaks for none: invoices, orders and activities."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from . import tables
from .chance import Chance
from .sinks import Buffer

YEARS_AGO = 4_800


class Evidence:
    """Writes the rows that belong to records.

    related: exactly so many rows for each record, evidence included; None: as they come.
    """

    def __init__(
        self, chance: Chance, buffer: Buffer, days: tables.Days, related: int | None, key: Callable[[str], str]
    ) -> None:
        self._chance = chance
        self._add = buffer.add
        self._days = days
        self._related = related
        self._key = key
        self._written: dict[str, int] = {}

    def prove(self, kind: str, account: str | None, contacts: Sequence[str]) -> None:
        """Write what makes a family of this kind what it is: for its company, else for its first contact."""
        c, recent, contact = self._chance, self._days.three_years, None if account else contacts[0]
        match kind:
            case "invoiced":
                self._invoice(account, contact, recent if c.holds(0.02) else c.number(0, recent - 1), "posted")
                for _ in range(self._more(7)):
                    buyer = c.pick(contacts) if contacts and account and c.holds(0.4) else contact
                    self._invoice(account, buyer, c.number(0, YEARS_AGO), "posted" if c.holds(0.93) else "cancelled")
                if self._related is None:
                    for _ in range(c.number(0, 3)):
                        self._order(account, contact, c.number(0, YEARS_AGO), c.pick(("done", "done", "cancelled")))
            case "old":
                for _ in range(1 + self._more(5)):
                    ago = recent + 1 if c.holds(0.02) else c.number(recent + 1, YEARS_AGO)
                    self._invoice(account, contact, ago, "posted")
            case "cancelled":
                for _ in range(1 + self._more(1)):
                    self._invoice(account, contact, c.number(0, recent), c.pick(("cancelled", "draft")))
            case "ordered":
                self._order(account, contact, c.number(0, 360), "open")
            case "forgotten":
                self._order(account, contact, c.number(500, 2500), "open")
            case "unreadable":
                self._invoice(account, contact, None, "posted")

    def history(self, account: str | None, contact: str | None) -> None:
        """Write what happened with a record: a contact's rows name its company, too."""
        home, c = contact or account or "", self._chance
        kind = "contact" if contact else "account"
        if self._related is not None:
            count = self._related - self._written.pop(f"{kind} {home}", 0)
        else:
            count = int(c.random() * c.random() * (5.0 if contact else 9.0))
        for _ in range(count):
            if contact is None and c.holds(0.06):
                self._order(account, None, c.number(0, YEARS_AGO), c.pick(("quote", "quote", "cancelled")))
            else:
                self._add("activities", tables.activity(c, self._days, self._key("activities"), account, contact))

    def done(self) -> None:
        """Forget the family: what was written for it is counted no more."""
        self._written.clear()

    def orphans(self) -> None:
        """Now and then, write a row of a record that somebody deleted."""
        if self._related is None and self._chance.holds(0.02):
            gone = f"9{self._chance.digits(8)}"
            if self._chance.holds(0.3):
                self._invoice(gone, None, self._chance.number(0, YEARS_AGO), "posted")
            else:
                self._add("activities", tables.activity(self._chance, self._days, self._key("activities"), gone, None))

    def _more(self, most: int) -> int:
        """How many rows of evidence to write beside the first one."""
        return self._chance.number(0, most if self._related is None else min(most, self._related - 1))

    def _count(self, account: str | None, contact: str | None) -> None:
        home = f"account {account}" if account else f"contact {contact}"
        self._written[home] = self._written.get(home, 0) + 1

    def _invoice(self, account: str | None, contact: str | None, ago: int | None, state: str) -> None:
        date = "0000-00-00" if ago is None else self._days.iso[ago]
        total = f"{int(10 ** (2 + 3 * self._chance.random()))}.{self._chance.digits(2)}"
        self._add("invoices", (self._key("invoices"), account, contact, date, state, total))
        self._count(account, contact)

    def _order(self, account: str | None, contact: str | None, ago: int, state: str) -> None:
        total = f"{int(10 ** (2 + 3 * self._chance.random()))},{self._chance.digits(2)}"
        self._add("orders", (self._key("orders"), account, contact, self._days.german[ago], state, total))
        self._count(account, contact)
