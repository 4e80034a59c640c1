"""Companies and persons as they truly are, before any list has written them down."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from . import numbers, parts
from .chance import Chance

ASCII = str.maketrans({
    "ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss", "ø": "oe", "Ø": "Oe", "å": "aa",
    "Å": "Aa", "ł": "l", "Ł": "L", "ı": "i", "æ": "ae",
})  # fmt: skip


@dataclass(slots=True)
class Company:
    """A company: its name in parts, where it sits, and how it is reached.

    trade: what it does, as a word of its name, or ""; core: the rest of the name without the legal form.
    """

    core: str
    trade: str
    legal: str
    street: str
    house: str
    postcode: str
    city: str
    country: str
    domain: str
    mailbox: str
    phone: numbers.Phone
    vat: str | None
    branch: str

    @property
    def name(self) -> str:
        """The full name, as the commercial register has it."""
        return " ".join(part for part in (self.core, self.trade, self.legal) if part)


@dataclass(slots=True)
class Person:
    """A person: name, mail and phones."""

    salutation: str
    title: str
    first: str
    last: str
    email: str
    phone: numbers.Phone
    mobile: numbers.Phone | None
    department: str
    country: str

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first} {self.last}"


@lru_cache(maxsize=2_000)
def slug(text: str) -> str:
    """A text as it stands in a domain or before the @: ASCII letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", text.translate(ASCII)).encode("ascii", "ignore").decode().lower()
    return "-".join("".join(c if c.isalnum() else " " for c in plain).split())


def surname(chance: Chance) -> str:
    """A last name, the common ones far more often; sometimes two of them."""
    count = len(parts.SURNAMES)
    name = parts.SURNAMES[int(chance.random() * chance.random() * count)]
    if chance.random() < 0.03:
        return f"{name}-{parts.SURNAMES[int(chance.random() * count)]}"
    return name


def invented(chance: Chance) -> str:
    """A rare word that might be a brand."""
    middle = chance.pick(parts.MIDDLES) if chance.random() < 0.6 else ""
    return chance.pick(parts.ONSETS) + middle + chance.pick(parts.ENDINGS)


def _core(chance: Chance, city: str, trade: str) -> tuple[str, str]:
    """A company's name without legal form, and the trade in it."""
    kind = chance.random()
    if kind < 0.30:
        return surname(chance), trade
    if kind < 0.36:
        return f"{surname(chance)} {chance.pick(parts.LINKS)}", trade
    if kind < 0.42:
        return f"Gebr. {surname(chance)}", trade
    if kind < 0.48:
        return f"{chance.pick(parts.FIRST_NAMES['Herr'])} {surname(chance)}", ""
    if kind < 0.52:
        return f"{surname(chance)} & {surname(chance)}", trade
    if kind < 0.58:
        return "".join(chance.pick("ABDEFGHKLMNPRSTVW") for _ in range(3)), trade
    if kind < 0.63:
        return f"{city.split(' ')[0].split('-')[0]}er", trade
    return invented(chance), trade if chance.random() < 0.75 else ""


def _place(chance: Chance) -> tuple[str, str, str]:
    """City, postcode and country."""
    at = chance.pick(parts.PLACES if chance.random() < 0.86 else parts.PLACES_ABROAD)
    postcode = at.postcode + chance.digits(at.digits)
    if at.country == "PL":
        postcode = f"{postcode}{chance.digits(0 if len(postcode) == 5 else 3)}"
        postcode = f"{postcode[:2]}-{postcode[2:5]}"
    elif at.country == "GB":
        postcode = f"{postcode} {chance.number(1, 9)}{chance.pick('ABDEFGH')}{chance.pick('JLNPQRS')}"
    elif at.country == "NL":
        postcode = f"{postcode} {chance.pick('ABCDEGH')}{chance.pick('JKLMNPR')}"
    return at.city, postcode, at.country


def street(chance: Chance, country: str) -> tuple[str, str]:
    """Street and house number."""
    names = parts.STREETS if country == "DE" else parts.STREETS_ABROAD[country]
    house = str(int(1 + chance.random() * chance.random() * 180))
    kind = chance.random()
    if kind < 0.08:
        house += chance.pick(("a", "b", " c", "A"))
    elif kind < 0.12:
        house += f"-{int(house) + 2}"
    return chance.pick(names), house


def company(chance: Chance) -> Company:
    """Make up a company."""
    city, postcode, country = _place(chance)
    trade = chance.pick(parts.TRADES if country in ("DE", "AT") else parts.ABROAD_TRADES)
    core, trade = _core(chance, city, trade)
    road, house = street(chance, country)
    words = slug(f"{core} {trade}" if trade and chance.random() < 0.8 else f"{core} {city}")
    return Company(
        core=core,
        trade=trade,
        legal=chance.pick(parts.LEGAL_FORMS[country]),
        street=road,
        house=house,
        postcode=postcode,
        city=city,
        country=country,
        domain=f"{words}.example",
        mailbox=chance.pick(("info", "info", "kontakt", "office", "mail", "zentrale")),
        phone=numbers.landline(chance, country, postcode),
        vat=numbers.vat(chance, country),
        branch=chance.pick(parts.BRANCHES),
    )


def own_company(chance: Chance) -> Company:
    """The company whose CRM this is."""
    return Company(
        core="Nordwind",
        trade="Werkzeuge",
        legal="GmbH",
        street="Am Hafen",
        house="12",
        postcode="28195",
        city="Bremen",
        country="DE",
        domain="nordwind.example",
        mailbox="info",
        phone=numbers.landline(chance, "DE", "28195"),
        vat=numbers.vat(chance, "DE"),
        branch="Handel",
    )


def daughter(chance: Chance, mother: Company) -> Company:
    """Make up a subsidiary: a name that shows the family, sometimes one switchboard and one domain for both."""
    made = company(chance)
    made.core = mother.core
    if chance.random() < 0.5:
        made.core = f"{mother.core} {made.city.split(' ')[0]}"
    made.domain = (
        mother.domain if chance.random() < 0.5 else f"{slug(made.core + ' ' + (made.trade or made.city))}.example"
    )
    if chance.random() < 0.4:
        made.phone = mother.phone
    return made


def person(chance: Chance, at: Company | None) -> Person:
    """Make up a person who works at a company, or on their own account."""
    salutation = "Herr" if chance.random() < 0.58 else "Frau"
    first, last = chance.pick(parts.FIRST_NAMES[salutation]), surname(chance)
    country = at.country if at else "DE"
    if at:
        domain = at.domain
        base = at.phone
        phone = numbers.Phone(base.code, base.area, base.number, chance.digits(3) if base.extension else "")
    else:
        domain = chance.pick(parts.FREEMAIL)
        phone = numbers.landline(chance, "DE", chance.digits(1))
    kind = chance.random()
    local = (
        f"{slug(first)}.{slug(last)}" if kind < 0.7 else f"{slug(first)[0]}.{slug(last)}" if kind < 0.9 else slug(last)
    )
    if not at:
        local += chance.digits(2)
    return Person(
        salutation=salutation,
        title=chance.pick(parts.TITLES) if chance.random() < 0.08 else "",
        first=first,
        last=last,
        email=f"{local}@{domain}",
        phone=phone,
        mobile=numbers.mobile(chance) if chance.random() < 0.3 else None,
        department=chance.pick(parts.DEPARTMENTS) if at else "",
        country=country,
    )
