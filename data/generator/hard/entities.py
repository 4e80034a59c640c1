"""Companies and persons of hard lists as they truly are, out of the words of one half."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .. import numbers, parts
from ..chance import Chance
from ..identity import slug
from .words import LEGAL_EN, Words

AUSTRALIAN = tuple((area, start) for area in "2378" for start in ("5550", "7010"))
AMERICAN = tuple(str(area) for area in range(201, 990, 13) if str(area)[1:] != "11")
GERMAN = tuple(numbers.FICTION_DE.values())
ABROAD = ("IE", "IE", "IE", "GB", "GB", "GB", "AU", "AU", "US")
FREEMAIL = ("freemail.example", "webpost.example", "mailbox.example", "post.example")


@dataclass(slots=True, frozen=True)
class Place:
    """An address. language: 0 English, 1 German, as in the pairs of `Words`."""

    street: str
    house: str
    postcode: str
    city: str
    country: str
    language: int

    @property
    def line(self) -> str:
        """Street and house number, in the order of the country."""
        return f"{self.street} {self.house}" if self.language else f"{self.house} {self.street}"


@dataclass(slots=True, frozen=True)
class Firm:
    """A company. core, trade, legal: its name in parts; phone: its switchboard, without an extension."""

    core: str
    trade: str
    legal: str
    at: Place
    domain: str
    mailbox: str
    phone: numbers.Phone
    vat: str

    @property
    def name(self) -> str:
        """The name as the register has it."""
        return " ".join(part for part in (self.core, self.trade, self.legal) if part)


@dataclass(slots=True, frozen=True)
class Human:
    """A person. firm: the employer, whose address and switchboard are theirs; None for somebody at home."""

    first: str
    last: str
    born: str
    at: Place
    email: str
    phone: numbers.Phone
    firm: Firm | None


class Maker:
    """Makes up companies and persons."""

    def __init__(self, chance: Chance, words: Words) -> None:
        self.chance = chance
        self.words = words

    def surname(self, language: int) -> str:
        """A last name, common ones far more often."""
        chance = self.chance
        if chance.holds(0.5):
            names = self.words.surnames[language]
            return names[int(chance.random() * chance.random() * len(names))]
        return chance.pick(self.words.composed[language])

    def brand(self) -> str:
        """A rare word that might be a brand."""
        chance = self.chance
        middle = chance.pick(parts.MIDDLES) if chance.holds(0.8) else ""
        return chance.pick(self.words.onsets) + middle + chance.pick(parts.ENDINGS)

    def first_name(self, language: int) -> str:
        """A first name, of a woman or a man."""
        return self.chance.pick((self.words.women if self.chance.holds(0.5) else self.words.men)[language])

    def trade(self, language: int) -> str:
        """What a company does, as a word of its name."""
        return self.chance.pick(self.words.trades[language])

    def place(self) -> Place:
        """An address, three of four in Germany."""
        chance = self.chance
        language = int(chance.holds(0.75))
        house = str(int(1 + chance.random() * chance.random() * 180))
        if chance.holds(0.08):
            house += chance.pick(("a", "b", " c"))
        street = chance.pick(self.words.streets[language])
        if language:
            at = chance.pick(self.words.places)
            return Place(street, house, at.postcode + chance.digits(at.digits), at.city, "DE", 1)
        country = chance.pick(ABROAD)
        if country == "US" and chance.holds(0.3):
            house = f"{house} {chance.pick('NSEW')}"
        return Place(street, house, self._postcode(country), chance.pick(self.words.suburbs), country, 0)

    def _postcode(self, country: str) -> str:
        chance = self.chance
        letters = "ACDEFHKNPRTVWXY"
        if country == "IE":
            ending = chance.pick(letters) + chance.digits(1) + chance.pick(letters) + chance.digits(1)
            return f"{chance.pick('ADKTW')}{chance.digits(2)} {ending}"
        if country == "GB":
            ending = chance.pick("ABDEFGH") + chance.pick("JLNPQRS")
            return f"{chance.pick(('EC', 'M', 'LS', 'BS', 'EH'))}{chance.number(1, 29)} {chance.number(1, 9)}{ending}"
        return str(chance.number(2000, 7999)) if country == "AU" else chance.digits(5)

    def landline(self, country: str) -> numbers.Phone:
        """A number that regulators keep for fiction: Bundesnetzagentur, ComReg, Ofcom, ACMA, and 555-01 in America."""
        chance = self.chance
        match country:
            case "DE":
                area, start = chance.pick(GERMAN)
                return numbers.Phone("49", area, start + chance.digits(5))
            case "IE":
                return numbers.Phone("353", "20", f"91{chance.digits(1)} {chance.digits(4)}")
            case "GB":
                area, start = chance.pick(numbers.FICTION_GB)
                return numbers.Phone("44", area, f"{start} 0{chance.digits(3)}")
            case "AU":
                area, start = chance.pick(AUSTRALIAN)
                return numbers.Phone("61", area, f"{start} {chance.digits(4)}")
        return numbers.Phone("1", chance.pick(AMERICAN), f"555-01{chance.digits(2)}")

    def private(self, country: str) -> numbers.Phone:
        """A number at home, or in Germany a mobile one of a block that no network has."""
        if country == "DE" and self.chance.holds(0.5):
            return numbers.Phone("49", "1599", self.chance.digits(7))
        return self.landline(country)

    def vat(self, country: str) -> str:
        """A VAT number with right check digits, or nothing where a country has none."""
        if country == "IE":
            body = self.chance.digits(7)
            total = 9 + sum(int(digit) * (8 - place) for place, digit in enumerate(body))
            return f"IE{body}{'WABCDEFGHIJKLMNOPQRSTUV'[total % 23]}A"
        return numbers.vat(self.chance, country) or ""

    def firm(self, at: Place | None = None) -> Firm:
        """A company."""
        chance, at = self.chance, at or self.place()
        core, trade = self.core(at.language), self.trade(at.language)
        legal = chance.pick(parts.LEGAL_FORMS["DE"] if at.language else LEGAL_EN)
        return self.named(core, trade, legal, at)

    def core(self, language: int) -> str:
        """A company's name without trade and legal form."""
        chance = self.chance
        kind = chance.random()
        if kind < 0.45:
            return self.brand()
        if kind < 0.7:
            return self.surname(language)
        if kind < 0.85:
            return f"{self.first_name(language)} {self.surname(language)}"
        return f"{self.surname(language)} & {self.surname(language)}"

    def named(self, core: str, trade: str, legal: str, at: Place) -> Firm:
        """A company of this name at this address."""
        chance = self.chance
        domain = f"{slug(f'{core} {trade}' if trade and chance.holds(0.7) else f'{core} {at.city}')}.example"
        mailbox = chance.pick(("info", "info", "kontakt", "office", "mail"))
        return Firm(core, trade, legal, at, domain, mailbox, self.landline(at.country), self.vat(at.country))

    def human(self, firm: Firm | None = None, at: Place | None = None, last: str = "", first: str = "") -> Human:
        """A person, at a company or at home."""
        at = firm.at if firm else at or self.place()
        first, last = first or self.first_name(at.language), last or self.surname(at.language)
        phone = self.extension(firm.phone) if firm else self.private(at.country)
        made = Human(first, last, self.birthday(1940, 2004), at, "", phone, firm)
        return replace(made, email=self.mail(made))

    def extension(self, phone: numbers.Phone) -> numbers.Phone:
        """A switchboard's number with the extension of a desk."""
        return phone._replace(extension=self.chance.digits(self.chance.number(2, 3)))

    def mail(self, human: Human) -> str:
        """The mail address of a person: at the company, or private with a number that others have not."""
        chance = self.chance
        first, last = slug(human.first), slug(human.last)
        local = f"{first}.{last}" if chance.holds(0.7) else f"{first[:1]}.{last}"
        if human.firm:
            return f"{local}@{human.firm.domain}"
        return f"{local}{chance.digits(2)}@{chance.pick(FREEMAIL)}"

    def birthday(self, first_year: int, last_year: int) -> str:
        """A date of birth."""
        chance = self.chance
        return f"{chance.number(first_year, last_year)}-{chance.number(1, 12):02d}-{chance.number(1, 28):02d}"
