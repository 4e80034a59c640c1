"""How lists write companies and persons down, and what differs when somebody else does."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from .. import cards, numbers
from ..chance import Chance
from ..identity import ASCII, slug
from .entities import Firm, Human, Maker


class Record(NamedTuple):
    """What a list says; empty where it says nothing."""

    company: str = ""
    first_name: str = ""
    last_name: str = ""
    street: str = ""
    postcode: str = ""
    city: str = ""
    country: str = ""
    email: str = ""
    phone: str = ""
    website: str = ""
    vat: str = ""
    date_of_birth: str = ""


FILLED_FIRM = {"street": 0.95, "postcode": 0.95, "country": 0.9, "email": 0.7, "phone": 0.8, "website": 0.5, "vat": 0.4}
FILLED_HUMAN = {"street": 0.9, "postcode": 0.92, "country": 0.85, "email": 0.75, "phone": 0.7, "date_of_birth": 0.5}
"""How often a column is filled."""
MISSING = ("email", "phone", "website", "vat", "street", "postcode", "date_of_birth")
ENDINGS = ("technik", "bau", "handel", "reinigung", "betrieb", "waren", "teile", "bedarf", "verarbeitung")
VOWELS = "aeiouyäöü"
Spelling = Callable[[numbers.Phone], str]


def _dashed(phone: numbers.Phone, dash: str) -> str:
    return f"{phone.number}{dash}{phone.extension}" if phone.extension else phone.number


GERMAN: tuple[Spelling, ...] = (
    *numbers.SPELLINGS,
    lambda p: f"0{p.area} / {p.number}{p.extension}",
    lambda p: f"0{p.area} / {_dashed(p, ' - ')}",
    lambda p: f"+{p.code} (0) {p.area} / {_dashed(p, ' - ')}{'' if p.extension else ' - 0'}",
    lambda p: f"0{p.area}/{_dashed(p, '-')}{'' if p.extension else '-0'}",
    lambda p: f"+{p.code}.{p.area}.{p.number}{p.extension}",
    lambda p: f"Tel. 0{p.area} {_dashed(p, '-')}",
)
ABROAD: tuple[Spelling, ...] = (
    lambda p: f"+{p.code} {p.area} {_dashed(p, ' x')}",
    lambda p: f"00{p.code} {p.area} {_dashed(p, ' ext. ')}",
    lambda p: f"+{p.code} (0){p.area} {_dashed(p, ' ext ')}",
    lambda p: f"+{p.code}{p.area}{_dashed(p, ' x')}".replace(" ", "", 1),
)


def phone_spelled(chance: Chance, phone: numbers.Phone) -> str:
    """A number as somebody typed it: German ones in fourteen ways, others with their country's code."""
    return chance.pick(GERMAN if phone.code == "49" else ABROAD)(phone)


def filled(chance: Chance, record: Record, shares: dict[str, float]) -> Record:
    """Leave columns out, each as often as lists do."""
    return record._replace(**{name: "" for name, share in shares.items() if not chance.holds(share)})


def firm_record(chance: Chance, firm: Firm, name: str = "") -> Record:
    """A company as a list has it, with all columns. name: how it is spelled there."""
    phone = firm.phone._replace(extension="0") if chance.holds(0.15) else firm.phone
    at = firm.at
    countries = cards.COUNTRIES_SPELLED.get(at.country, (at.country,)) if chance.holds(0.2) else (at.country,)
    return Record(
        company=name or firm.name,
        street=at.line,
        postcode=at.postcode,
        city=at.city,
        country=chance.pick(countries),
        email=f"{firm.mailbox}@{firm.domain}",
        phone=phone_spelled(chance, phone),
        website=chance.pick(("www.", "https://www.", "http://", "")) + firm.domain,
        vat=cards.vat_spelled(chance, firm.vat) or "",
    )


def human_record(chance: Chance, human: Human) -> Record:
    """A person as a list has it, with all columns; at work with the employer's name and address."""
    at = human.at
    return Record(
        company=human.firm.name if human.firm else "",
        first_name=human.first,
        last_name=human.last,
        street=at.line,
        postcode=at.postcode,
        city=at.city,
        country=at.country,
        email=human.email,
        phone=phone_spelled(chance, human.phone),
        date_of_birth=human.born,
    )


def first_firm(maker: Maker, firm: Firm) -> Record:
    """A company as the first list has it."""
    return filled(maker.chance, firm_record(maker.chance, firm), FILLED_FIRM)


def first_human(maker: Maker, human: Human) -> Record:
    """A person as the first list has it."""
    return filled(maker.chance, human_record(maker.chance, human), FILLED_HUMAN)


def second_firm(maker: Maker, firm: Firm, kind: str = "") -> Record:
    """A company as another list has it. kind: what above all differs; a usual difference if nothing is said."""
    chance = maker.chance
    kind = kind or chance.pick(tuple(NAMES))
    core, trade, legal = NAMES[kind](maker, firm) if kind in NAMES else _same_words(maker, firm, kind)
    if kind not in TELLING and chance.holds(0.3):
        legal = legal_respelled(chance, legal)
    record = firm_record(chance, firm, " ".join(part for part in (core, trade, legal) if part))
    record = record._replace(street=street_respelled(chance, record.street))
    if chance.holds(0.3):
        other = chance.pick(("buchhaltung", "einkauf", "verwaltung", "accounts", "sales", "office"))
        record = record._replace(email=f"{other}@{firm.domain}")
    return filled(chance, record, FILLED_FIRM)


def legal_respelled(chance: Chance, legal: str) -> str:
    """A legal form in another of its spellings, or none."""
    return chance.pick(cards.LEGAL_SPELLED.get(legal, (legal, "")))


def street_respelled(chance: Chance, street: str) -> str:
    """A street in another of its spellings."""
    kind = chance.random()
    if kind < 0.25:
        return street.replace("straße", "str.").replace("Straße", "Str.").replace("Street", "St").replace("Road", "Rd")
    if kind < 0.4:
        return street.replace("ß", "ss").replace("Avenue", "Ave.").replace("Lane", "Ln")
    if kind < 0.45:
        return street.upper()
    if kind < 0.5 and street[0].isdigit():
        return f"{chance.pick(('Suite 200, ', 'Unit 4, ', '1st Floor, '))}{street}"
    return cards.typo(chance, street) if kind < 0.55 else street


def plain(chance: Chance, text: str) -> str:
    """A text whose umlauts and accents somebody lost in one of the usual ways: ue, u, or mojibake."""
    kind = chance.random()
    if kind < 0.5:
        return text.translate(ASCII)
    if kind < 0.85:
        letters = unicodedata.normalize("NFKD", text.replace("ß", "ss"))
        return "".join(letter for letter in letters if not unicodedata.combining(letter))
    return text.encode().decode("latin-1")


def abbreviated(chance: Chance, word: str) -> str:
    """A word as a clerk shortens it: Masch.bau, Präz.technik, E-Technik, Engin."""
    ending = next((end for end in ENDINGS if word.endswith(end) and len(word) > len(end) + 3), "")
    stem = word.removesuffix(ending)
    if ending == "technik" and chance.holds(0.3):
        return f"{word[0]}-Technik"
    cut = next((n for n in range(3, len(stem)) if stem[n].casefold() in VOWELS), len(stem))
    return f"{stem[:cut]}.{ending}" if cut < len(stem) or ending else f"{word[:4]}."


Parts = tuple[str, str, str]


def _same_words(maker: Maker, firm: Firm, kind: str) -> Parts:
    chance, core = maker.chance, firm.core
    core = cards.typo(chance, core) if kind == "a slip" else plain(chance, core) if kind == "an umlaut" else core
    return core, firm.trade, firm.legal


def _abbreviated(maker: Maker, firm: Firm) -> Parts:
    return firm.core, abbreviated(maker.chance, firm.trade), firm.legal


def _without_form(maker: Maker, firm: Firm) -> Parts:
    return firm.core, firm.trade, "" if maker.chance.holds(0.5) else legal_respelled(maker.chance, firm.legal)


def _plain(maker: Maker, firm: Firm) -> Parts:
    return plain(maker.chance, firm.core), plain(maker.chance, firm.trade), firm.legal


def _slips(maker: Maker, firm: Firm) -> Parts:
    chance = maker.chance
    trade = cards.typo(chance, firm.trade) if firm.trade and chance.holds(0.3) else firm.trade
    return cards.typo(chance, firm.core), trade, firm.legal


def _reworded(maker: Maker, firm: Firm) -> Parts:
    chance, core, trade = maker.chance, firm.core, firm.trade
    kind = chance.random()
    if kind < 0.3:
        return trade, core, firm.legal
    if kind < 0.45:
        return f"Fa. {core}", trade, ""
    if kind < 0.6:
        language = firm.at.language
        owner = f"{maker.first_name(language)} {maker.surname(language)}"
        return core, trade, f"{firm.legal} {chance.pick(('Inh.', 'c/o', 'z.Hd.'))} {owner}".strip()
    if kind < 0.7 and "&" in core:
        return core.replace("&", "und" if firm.at.language else "and"), trade, firm.legal
    return core, f"{trade} {firm.at.city}" if kind < 0.85 else "", firm.legal


NAMES: dict[str, Callable[[Maker, Firm], Parts]] = {
    "abbreviations": _abbreviated,
    "legal form": _without_form,
    "umlauts": _plain,
    "slips": _slips,
    "words": _reworded,
}
"""What differs in a company's name -> its parts as they are then written."""


TELLING = ("as it is", "a slip", "an umlaut")
"""Ways to write a company's name that keep trade, number and legal form."""


def second_human(maker: Maker, human: Human, kind: str = "") -> Record:
    """A person as another list has it. kind: what above all differs; a usual difference if nothing is said."""
    chance = maker.chance
    kind = kind or chance.pick(("person slips", "person umlauts", "initials", "reversed names"))
    record = human_record(chance, human)
    record = PEOPLE[kind](maker, record) if kind in PEOPLE else record
    record = record._replace(street=street_respelled(chance, record.street))
    if human.firm and chance.holds(0.3):
        record = record._replace(company=f"{human.firm.core} {human.firm.trade}".strip())
    if chance.holds(0.3):
        written = replace(human, first=record.first_name or "x", last=record.last_name or "x", firm=None)
        record = record._replace(email=maker.mail(written))
    return filled(chance, record, FILLED_HUMAN)


def _person_slips(maker: Maker, record: Record) -> Record:
    if maker.chance.holds(0.5):
        return record._replace(last_name=cards.typo(maker.chance, record.last_name))
    return record._replace(first_name=cards.typo(maker.chance, record.first_name))


def _person_plain(maker: Maker, record: Record) -> Record:
    chance = maker.chance
    return record._replace(first_name=plain(chance, record.first_name), last_name=plain(chance, record.last_name))


def _initials(_: Maker, record: Record) -> Record:
    return record._replace(first_name=f"{record.first_name[:1]}.")


def _reversed(_: Maker, record: Record) -> Record:
    return record._replace(first_name=record.last_name, last_name=record.first_name)


def _married(maker: Maker, record: Record) -> Record:
    other = maker.surname(int(record.country == "DE"))
    return record._replace(last_name=other if maker.chance.holds(0.4) else f"{record.last_name}-{other}")


PEOPLE: dict[str, Callable[[Maker, Record], Record]] = {
    "person slips": _person_slips,
    "person umlauts": _person_plain,
    "initials": _initials,
    "reversed names": _reversed,
    "married names": _married,
}
"""What differs in a person's record -> the record as it is then written."""


def sparse(chance: Chance, record: Record) -> Record:
    """A record of whose columns but a few are left."""
    kept = {chance.pick(MISSING), chance.pick(MISSING)}
    return record._replace(**{name: "" for name in MISSING if name not in kept})


def other_mail(maker: Maker, human: Human) -> str:
    """A mail address of somebody whose namesake has the plain one."""
    return f"{slug(human.first)}.{slug(human.last)}{maker.chance.number(2, 9)}@{human.email.partition('@')[2]}"
