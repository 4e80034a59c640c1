"""The plan behind the rows: families, what speaks for each, and who is written down twice."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from . import cards, identity, oddities, tables
from .beside import Beside
from .chance import Chance
from .evidence import Evidence
from .identity import Company, Person
from .sinks import Buffer
from .truths import ALONE, DEFECTS, KINDS, KNOWN_TO_ERP, NEVER_TWICE, TRUTHS, Truth, of_duplicate, reject

DEFECT_EVERY = 100
WAITING = 5_000
"""So many companies, and so many persons, at most wait to be written down again: memory stays bounded."""
CREW = (0.0, 0.3, 0.6, 0.8, 1.0, 1.0, 1.3, 1.8, 3.2)
"""Contacts of a company, as multiples of their mean."""


@dataclass(slots=True)
class Again:
    """A company, or a person alone, that will be written down once more."""

    same_as: str
    customer: bool
    debtor: str | None = None
    active: bool = False
    company: Company | None = None
    card: cards.Card | None = None
    persons: list[tuple[str, Person]] = field(default_factory=list)


class Families:
    """Makes up families until the wanted number of records is written: companies and contacts, 3 to 5."""

    def __init__(self, chance: Chance, buffer: Buffer, records: int, as_of: dt.date, related: int | None) -> None:
        self._chance = chance
        self._add = buffer.add
        self._days = tables.Days(as_of)
        self._evidence = Evidence(chance, buffer, self._days, related, self._key)
        self._beside = Beside(chance.apart("beside"), buffer, self._days, self._key, self._tell, related is None)
        self._companies = round(records * 3 / 8)
        self._contacts = records - self._companies
        self._promised = 0
        self._companies_again: list[Again] = []
        self._persons_again: list[Again] = []
        self._numbers = dict.fromkeys((*tables.LEGACY, "debtors", "deleted"), 0)

    def write(self) -> None:
        """Write everything."""
        chance, number = self._chance, 0
        while self._companies > 0:
            waiting = len(self._companies_again)
            if waiting and (self._companies <= waiting or waiting > WAITING or chance.holds(0.1)):
                self._write_again(self._companies_again.pop(int(chance.random() * waiting)))
                continue
            if number % DEFECT_EVERY == DEFECT_EVERY // 2 and self._spare() > 2 and self._free() > 2:
                self._write_defect(DEFECTS[number // DEFECT_EVERY % len(DEFECTS)])
            else:
                self._write_family(chance.pick(KINDS) if number else "own")
            number += 1
            if chance.holds(0.13) and self._contacts > 0:
                self._write_alone()
            if chance.holds(0.08):
                stranger = identity.company(chance)
                self._debtor(stranger, cards.company_card(chance, stranger), chance.holds(0.8))
            self._evidence.orphans()
            self._beside.prospect()
        while self._contacts > 0:
            self._write_alone()

    def _spare(self) -> int:
        """How many companies can still be written, those aside that wait to be written again."""
        return self._companies - len(self._companies_again)

    def _free(self) -> int:
        """How many contacts can still be written, those aside that wait to be written again."""
        return self._contacts - self._promised

    def _key(self, table: str) -> str:
        """The next key of a table; some have leading zeros."""
        self._numbers[table] += 1
        number = self._numbers[table]
        match table:
            case "contacts":
                return f"{number:08d}"
            case "orders":
                return f"AB{number:08d}"
            case "invoices":
                return f"RE-{number:07d}"
            case "debtors":
                return f"{(number * 7919 + 104_729) % 9_999_991:07d}"
        return str(number)

    def _tell(self, key: str, family: str, truth: Truth, same_as: str | None = None, debtor: str | None = None) -> None:
        customer = "yes" if truth.customer else "no"
        row = (key, family, customer, truth.decidable, truth.decision, truth.reason, same_as, debtor)
        self._add("truth_records", row)

    def _write_family(self, kind: str) -> None:
        """One family: a company, perhaps subsidiaries, their contacts, and what speaks for their decision."""
        chance = self._chance
        daughters = self._daughters(kind)
        if (kind == "daughter" and not daughters) or (kind == "contact" and not self._free()):
            kind = "invoiced"
        twice = kind not in NEVER_TWICE and self._spare() > daughters + 2 and chance.holds(0.09)
        if kind == "shared" and (twice or not self._beside.has_customers()):
            kind = "prospect"
        company = identity.own_company(chance) if kind == "own" else identity.company(chance)
        at_root = kind != "daughter"
        root = f"accounts:{self._numbers['accounts'] + 1}"
        again = self._write_company(company, None, root, kind, TRUTHS[kind], twice, at_root, daughters)
        kind = "prospect" if kind == "shared" and not again.customer else kind
        keys = [root.partition(":")[2]]
        for number in range(daughters):
            made, proves = identity.daughter(chance, company), number == 0 and not at_root
            keys.append(str(self._numbers["accounts"] + 1))
            part = kind if proves else f"part of {kind}"
            self._write_company(made, chance.pick(keys[:-1]), root, part, TRUTHS[kind], False, proves)
        if twice:
            self._companies_again.append(again)
            self._promised += len(again.persons)
            assert again.card
            same = of_duplicate(again.customer, again.active)
            self._beside.prospect_again(company, again.card, same, again.same_as, again.debtor)

    def _daughters(self, kind: str) -> int:
        """How many subsidiaries a family has."""
        most, count = min(5, self._spare() - 1), 0
        wanted = 1 if kind == "daughter" else 0
        while count < most and (count < wanted or self._chance.holds(0.35 if count else 0.07)):
            count += 1
        return count

    def _write_company(
        self,
        company: Company,
        parent: str | None,
        family: str,
        kind: str,
        truth: Truth,
        twice: bool,
        proves: bool,
        daughters: int = 0,
    ) -> Again:
        """A company with its contacts; returns how to write it again.

        proves: the family's evidence stands with this company. twice: it will be written again.
        """
        chance = self._chance
        card = cards.company_card(chance, company)
        if kind == "test":
            card.name = chance.pick(oddities.TEST_NAMES)
        debtor = None
        active = kind != "old"
        if proves and chance.holds(KNOWN_TO_ERP.get(kind, 0)):
            debtor = self._debtor(company, card, active)
        drawn = "prospect" if kind == "shared" else kind
        keep_name = bool(debtor) or twice or drawn != "prospect"
        key = self._account(company, card, parent, drawn, debtor, keep_name, None if parent else daughters)
        source_key = f"accounts:{key}"
        count = self._crew_size({"own": 6, "contact": 1}.get(kind, 0))
        if kind == "shared" and not count:
            kind, truth = "prospect", TRUTHS["prospect"]
        self._tell(source_key, family, truth, source_key if twice else None, debtor)
        people, copied = self._crew(count, key, company, family, kind, truth, twice)
        if proves:
            proof = "invoiced" if kind in ("contact", "daughter") else kind
            self._evidence.prove(proof, None if kind == "contact" else key, [name for name, _ in people])
        self._histories(key, [name for name, _ in people])
        self._beside.family(key, [name for name, _ in people], kind, plain=not twice and debtor is None)
        return Again(source_key, truth.customer, debtor, active and debtor is not None, company, card, copied)

    def _account(
        self,
        company: Company,
        card: cards.Card,
        parent: str | None,
        kind: str,
        debtor: str | None,
        keep_name: bool,
        daughters: int | None = None,
    ) -> str:
        """Write the row of a company. daughters: of one that may be a head office."""
        chance, key = self._chance, self._key("accounts")
        self._companies -= 1
        parent = self._beside.head_office(key, daughters) if daughters is not None else parent
        row = tables.account(chance, self._days, key, parent, company, card, self._status(kind), kind)
        if debtor and chance.holds(0.2):
            row[2] = debtor
        elif kind in ("invoiced", "old") and chance.holds(0.5):
            row[2] = f"00{chance.digits(5)}"
        if chance.holds(0.18):
            tables.mess_up_account(chance, row, keep_name)
        self._add("accounts", tuple(row))
        return key

    def _status(self, kind: str) -> str | None:
        """What the CRM calls the company; a claim that its invoices may not bear out."""
        if kind in ("called", "erp_called") or (kind in ("invoiced", "old") and self._chance.holds(0.7)):
            return "Kunde"
        return self._chance.pick(("Interessent", "Interessent", "neu", "qualifiziert", "kein Interesse", None))

    def _crew(
        self, count: int, account: str, company: Company, family: str, kind: str, truth: Truth, twice: bool
    ) -> tuple[list[tuple[str, Person]], list[tuple[str, Person]]]:
        """Write a company's contacts; returns them, and those that its duplicate will have, too."""
        chance = self._chance
        people: list[tuple[str, Person]] = []
        copied: list[tuple[str, Person]] = []
        for _ in range(count):
            if not self._free() > len(copied):
                break
            person = identity.person(chance, company)
            spare, kind_of_copy = self._free() - len(copied) > 1, chance.random()
            later = twice and kind_of_copy < 0.5 and spare
            here = not twice and kind_of_copy < 0.02 and spare
            alone = not twice and 0.02 <= kind_of_copy < 0.045 and spare and kind not in NEVER_TWICE
            alone = alone and len(self._persons_again) < WAITING
            key = self._contact(account, person, family, truth, later or here or alone, kind, first=not people)
            people.append((key, person))
            if later:
                copied.append((f"contacts:{key}", person))
            elif here:
                second = cards.second_person(chance, person)
                people.append((self._contact(account, second, family, truth, f"contacts:{key}"), second))
            elif alone:
                self._persons_again.append(
                    Again(f"contacts:{key}", truth.customer, persons=[(f"contacts:{key}", person)])
                )
                self._promised += 1
        return people, copied

    def _crew_size(self, least: int) -> int:
        """How many contacts a company gets, so that all of them together come out right in the end."""
        chance = self._chance
        mean = 0.83 * self._free() / max(1, self._companies + 1)
        size = chance.pick(CREW) * (12 if chance.holds(0.002) else 1)
        return min(max(least, int(mean * size + chance.random())), max(0, self._free()))

    def _contact(
        self,
        account: str | None,
        person: Person,
        family: str,
        truth: Truth,
        same_as: str | bool | None,
        kind: str = "",
        *,
        first: bool = False,
    ) -> str:
        """Write a contact; same_as: the key of the first record of its person, True where this is that record."""
        key = self._key("contacts")
        self._contacts -= 1
        self._add("contacts", tuple(tables.contact(self._chance, self._days, key, account, person)))
        if account is not None:
            self._beside.employ(key, account, kind, first=first)
        source_key = f"contacts:{key}"
        self._tell(source_key, family or source_key, truth, source_key if same_as is True else same_as or None)
        return key

    def _debtor(self, company: Company, card: cards.Card, active: bool) -> str:
        """Write the company into the ERP's list."""
        key = self._key("debtors")
        second = cards.second_card(self._chance, company, card)
        self._add("debtors", tables.debtor(self._chance, key, company, second, active))
        return key

    def _histories(self, account: str, contacts: list[str]) -> None:
        self._evidence.history(account, None)
        for contact in contacts:
            self._evidence.history(account, contact)
        self._evidence.done()

    def _write_again(self, again: Again) -> None:
        """A family whose company, and some of whose contacts, were written down before."""
        assert again.company
        assert again.card
        chance = self._chance
        kind = "invoiced" if again.customer and chance.holds(0.25) else "prospect"
        truth = TRUTHS["invoiced"] if kind == "invoiced" else of_duplicate(again.customer, again.active)
        card = cards.second_card(chance, again.company, again.card)
        key = self._account(again.company, card, None, kind, None, True)
        source_key = f"accounts:{key}"
        self._tell(source_key, source_key, truth, again.same_as, again.debtor)
        contacts = []
        for same_as, person in again.persons:
            self._promised -= 1
            contacts.append(self._contact(key, cards.second_person(chance, person), source_key, truth, same_as))
        if chance.holds(0.3) and self._free() > 0:
            contacts.append(self._contact(key, identity.person(chance, again.company), source_key, truth, None))
        self._evidence.prove(kind, key, contacts)
        self._histories(key, contacts)
        self._beside.family(key, contacts, "again", plain=False)
        if chance.holds(0.15) and self._spare() > 1:
            again.persons = []
            self._companies_again.append(again)

    def _write_alone(self) -> None:
        """A contact without a company; a fourth of them stand with a company, too."""
        chance, waiting = self._chance, len(self._persons_again)
        if waiting and (self._free() <= 0 or chance.holds(0.35)):
            again = self._persons_again.pop(int(chance.random() * waiting))
            self._promised -= 1
            (same_as, person), truth, kind = again.persons[0], of_duplicate(again.customer, False), "prospect"
            person = cards.second_person(chance, person)
        elif self._free() > 0:
            kind = chance.pick(ALONE)
            person, truth, same_as = identity.person(chance, None), TRUTHS[kind], ""
            if kind == "test":
                person.first, person.last = "Test", chance.pick(("Test", "Testkontakt", "TEST bitte löschen"))
        else:
            return
        key = self._contact(None, person, "", truth, same_as)
        self._evidence.prove(kind, None, [key])
        self._evidence.history(None, key)
        self._evidence.done()

    def _write_defect(self, defect: str) -> None:
        """Records that cannot be processed as they stand."""
        chance = self._chance
        gone = f"9{chance.digits(8)}"
        match defect:
            case "no such company":
                self._stray(gone, reject(defect))
            case "duplicate contact key":
                company = identity.company(chance)
                card = cards.company_card(chance, company)
                key = self._account(company, card, None, "prospect", None, True)
                family = f"accounts:{key}"
                self._tell(family, family, TRUTHS["with a reject"])
                self._evidence.history(key, None)
                self._stray(key, reject(defect))
                self._numbers["contacts"] -= 1
                self._stray(key, reject(defect))
            case "no such parent":
                self._lone_company(gone, reject(defect))
            case "duplicate key":
                self._lone_company(None, reject(defect))
                self._numbers["accounts"] -= 1
                self._lone_company(None, reject(defect))
            case "circle of parents":
                first = self._numbers["accounts"] + 1
                self._lone_company(str(first + 1), reject(defect))
                self._lone_company(str(first), reject(defect))

    def _stray(self, account: str, truth: Truth) -> None:
        key = self._contact(account, identity.person(self._chance, None), f"accounts:{account}", truth, None)
        self._evidence.history(account, key)
        self._evidence.done()

    def _lone_company(self, parent: str | None, truth: Truth) -> None:
        company = identity.company(self._chance)
        card = cards.company_card(self._chance, company)
        key = self._account(company, card, parent, "prospect", None, True)
        self._tell(f"accounts:{key}", f"accounts:{key}", truth)
        self._evidence.history(key, None)
        self._evidence.done()
