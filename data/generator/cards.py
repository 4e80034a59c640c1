"""How lists write a company or a person down: once as it is, and once as somebody else would."""

from __future__ import annotations

from dataclasses import dataclass, replace

from . import identity, numbers, parts
from .chance import Chance
from .identity import Company, Person


@dataclass(slots=True)
class Card:
    """What one list says about a company; `None` where it says nothing."""

    name: str
    street: str | None
    postcode: str | None
    city: str | None
    country: str | None
    email: str | None
    phone: str | None
    website: str | None
    vat: str | None


ABBREVIATED = {
    "Maschinenbau": "Masch.bau", "Elektrotechnik": "E-Technik", "Bauunternehmen": "Bauuntern.",
    "Großhandel": "Großh.", "Handel": "Hdl.", "Logistik": "Log.", "Metallbau": "Met.bau", "Werkzeugbau": "Wkz.-Bau",
    "Spedition": "Sped.", "Kunststofftechnik": "Kunststofft.", "Medizintechnik": "Med.-Technik",
    "Gebäudereinigung": "Gebäuderein.", "Verwaltung": "Verw.", "Immobilien": "Immob.", "Engineering": "Eng.",
    "International": "Int.", "Technologies": "Tech.",
}  # fmt: skip
LEGAL_SPELLED = {
    "GmbH": ("GmbH", "gmbh", "G.m.b.H.", "Gesellschaft mbH", "GMBH", ""),
    "GmbH & Co. KG": ("GmbH & Co KG", "GmbH&Co.KG", "GmbH u. Co. KG", "GmbH + Co. KG", "KG", ""),
    "AG": ("AG", "Aktiengesellschaft", "A.G.", ""),
    "UG (haftungsbeschränkt)": ("UG", "UG haftungsbeschränkt", "UG (haftungsbeschr.)"),
    "e.K.": ("e. K.", "eK", "e.Kfm.", ""),
    "OHG": ("oHG", "OHG", ""),
    "GbR": ("GBR", "GdbR", ""),
    "S.à r.l.": ("Sarl", "S.a.r.l.", "SARL"),
    "Sp. z o.o.": ("Sp. z oo", "Spolka z o.o.", "SP.Z O.O."),
    "B.V.": ("BV", "b.v."),
    "S.p.A.": ("SpA", "Spa"),
    "S.r.l.": ("Srl", "SRL"),
    "Ltd": ("Ltd.", "Limited", "LTD"),
    "Inc.": ("Inc", "Incorporated", ""),
}
COUNTRIES_SPELLED = {"DE": ("Deutschland", "D", "Germany"), "AT": ("Österreich", "A"), "CH": ("Schweiz", "CH")}


def company_card(chance: Chance, company: Company) -> Card:
    """The company as a CRM has it: complete here and there, spelled right."""
    r = chance.random
    country: str | None = company.country
    if r() < 0.1:
        country = chance.pick(COUNTRIES_SPELLED.get(company.country, (company.country,))) if r() < 0.7 else None
    return Card(
        name=company.name,
        street=f"{company.street} {company.house}" if r() < 0.95 else None,
        postcode=company.postcode if r() < 0.96 else None,
        city=company.city,
        country=country,
        email=f"{company.mailbox}@{company.domain}" if r() < 0.72 else None,
        phone=numbers.spelled(chance, company.phone, company.country) if r() < 0.85 else None,
        website=_website(chance, company) if r() < 0.6 else None,
        vat=vat_spelled(chance, company.vat) if r() < 0.5 else None,
    )


def _website(chance: Chance, company: Company) -> str:
    return chance.pick(("www.", "https://www.", "http://", "")) + company.domain


def vat_spelled(chance: Chance, vat: str | None) -> str | None:
    """A VAT number as somebody typed it; in one of fifty two digits are swapped, which mostly breaks it."""
    if vat is None:
        return None
    kind = chance.random()
    if kind < 0.02 and vat[-4:-2].isdigit():
        return vat[:-4] + vat[-3] + vat[-4] + vat[-2:]
    if kind < 0.12:
        return f"{vat[:2]} {vat[2:5]} {vat[5:8]} {vat[8:]}".strip()
    return vat.lower() if kind < 0.14 else vat


def second_card(chance: Chance, company: Company, first: Card) -> Card:
    """The same company on another list, or once more on the same one, by other hands.

    In four of ten cases name, VAT, e-mail and phone all differ from `first` or are missing on one side, so that only
    the likeness of names and addresses tells; otherwise each of the four may be equal.
    """
    hard = chance.random() < 0.42
    made = company_card(chance, company)
    made.street = street_respelled(chance, company)
    if hard or chance.random() < 0.4:
        made.name = name_respelled(chance, company)
    if chance.random() < 0.04:
        _move(chance, made, company)
    if hard:
        made.vat = None if first.vat or chance.random() < 0.4 else company.vat
        other = chance.pick(("buchhaltung", "einkauf", "verwaltung", "sekretariat", "bestellung"))
        made.email = f"{other}@{company.domain}" if chance.random() < 0.5 else None
        phone = company.phone
        direct = phone._replace(extension=chance.digits(3)) if phone.extension else None
        made.phone = numbers.spelled(chance, direct, company.country) if direct and chance.random() < 0.5 else None
    return made


def _move(chance: Chance, card: Card, company: Company) -> None:
    """Give a card the address from before the company moved, in the same country."""
    road, house = identity.street(chance, company.country)
    card.street = f"{road} {house}"
    if company.country == "DE":
        at = chance.pick(parts.PLACES)
        card.postcode, card.city = at.postcode + chance.digits(at.digits), at.city


def street_respelled(chance: Chance, company: Company) -> str | None:
    """The street in another of its usual spellings."""
    road, house, kind = company.street, company.house, chance.random()
    if kind < 0.25:
        road = road.replace("straße", "str.").replace("Straße", "Str.")
    elif kind < 0.4:
        road = road.replace("straße", "strasse").replace("Straße", "Strasse")
    elif kind < 0.45:
        road = road.upper().replace("SS", "ß") if "ß" in road else road.upper()
    elif kind < 0.5:
        return None
    return f"{road} {house}"


def name_respelled(chance: Chance, company: Company) -> str:
    """The company's name in another spelling; never equal to it, even when case is ignored."""
    core, trade, legal = company.core, company.trade, company.legal
    kind = chance.random()
    if kind < 0.30 and core != core.translate(identity.ASCII):
        core = core.translate(identity.ASCII)
    elif kind < 0.30 and trade in ABBREVIATED:
        trade = ABBREVIATED[trade]
    elif kind < 0.42:
        core = typo(chance, core)
    elif kind < 0.52 and trade:
        core, trade = trade, core
    elif kind < 0.58 and trade:
        trade = ""
    elif kind < 0.66:
        core = f"Fa. {core}"
    elif kind < 0.74:
        trade = f"{trade} {company.city}".strip()
    elif kind < 0.82 and "&" in core:
        core = core.replace("&", "und")
    elif kind < 0.88 and "-" not in core:
        core = f"{core}-{trade}" if trade else core
        trade = ""
    if chance.random() < 0.6 and legal in LEGAL_SPELLED:
        legal = chance.pick(LEGAL_SPELLED[legal])
    made = " ".join(part for part in (core, trade, legal) if part)
    if chance.random() < 0.12:
        made = made.upper()
    if made.casefold() == company.name.casefold():
        made = f"{typo(chance, core)} {trade} {legal}".strip().replace("  ", " ")
    return made


def typo(chance: Chance, text: str) -> str:
    """A text with one letter doubled or dropped, or, where it is long enough, two different ones swapped."""
    place = chance.number(1, max(1, len(text) - 2))
    kind = chance.random()
    if len(text) < 4 or kind < 0.35:
        return text[:place] + text[place : place + 1] + text[place:]
    if kind < 0.7 or text[place] == text[place + 1]:
        return text[:place] + text[place + 1 :]
    return text[:place] + text[place + 1] + text[place] + text[place + 2 :]


def second_person(chance: Chance, person: Person) -> Person:
    """The same person once more, by other hands; every second time with neither name, e-mail nor phone as before."""
    if chance.random() < 0.5:
        made = replace(person)
        if chance.random() < 0.3:
            made.mobile = None
        if chance.random() < 0.3:
            made.first = f"{person.first[0]}."
        return made
    kind = chance.random()
    first, last = person.first, person.last
    if kind < 0.3:
        first = f"{first[0]}."
    elif kind < 0.5 and last != last.translate(identity.ASCII):
        last = last.translate(identity.ASCII)
    elif kind < 0.7:
        last = typo(chance, last)
    elif kind < 0.85:
        last = f"{last}-{identity.surname(chance)}"
    else:
        first = typo(chance, first)
    domain = person.email.partition("@")[2] if chance.random() < 0.6 else chance.pick(parts.FREEMAIL)
    local = f"{identity.slug(last)}.{identity.slug(first)}"
    phone = person.phone._replace(extension=chance.digits(3)) if person.phone.extension else person.phone
    return replace(person, first=first, last=last, email=f"{local}@{domain}", phone=phone, mobile=None)
