"""The tables that the generator fills, and their rows."""

from __future__ import annotations

import calendar
import datetime as dt
import unicodedata

from . import identity, numbers, oddities, parts
from .cards import Card
from .chance import Chance
from .identity import Company, Person

Row = tuple[str | None, ...]

TABLES: dict[str, tuple[str, ...]] = {
    name: tuple(columns.split())
    for name, columns in {
        "accounts": "id parent_id customer_no name name2 street zip city country email phone mobile fax website vat_id "
        "branch owner status is_own_company is_supplier opt_out revenue employees remarks created_at updated_at "
        "deleted",
        "contacts": "id account_id salutation title first_name last_name email phone mobile department birth_date "
        "opt_out owner remarks created_at updated_at deleted",
        "accounts_contacts": "contact_id account_id main deleted",
        "activities": "id account_id contact_id type subject body happened_at owner",
        "orders": "order_no account_id contact_id date state total",
        "invoices": "invoice_no account_id contact_id date state total",
        "notes": "id parent_type parent_id text created_at deleted",
        "prospects": "office number name street zip city country person email phone potential opt_out owner updated_at "
        "deleted",
        "visits": "visit_no office number date volume report",
        "debtors": "debtor_no name1 name2 street zip city country vat phone email active",
        "truth_records": "source_key family customer decidable decision reason same_as debtor_no",
    }.items()
}
LEGACY = (
    "accounts", "contacts", "accounts_contacts", "activities", "orders", "invoices", "notes", "prospects", "visits",
)  # fmt: skip
"""The tables of the legacy CRM itself, and of the field service's list that is kept beside them."""


class Days:
    """Days before the as-of date, as texts."""

    def __init__(self, as_of: dt.date) -> None:
        days = [as_of - dt.timedelta(days=n) for n in range(5600)]
        self.iso = [day.isoformat() for day in days]
        self.german = [day.strftime("%d.%m.%Y") for day in days]
        year = as_of.year - 3
        since = dt.date(year, as_of.month, min(as_of.day, calendar.monthrange(year, as_of.month)[1]))
        self.three_years = (as_of - since).days
        """The oldest day that still lies within three years."""

    def stamp(self, chance: Chance, ago: int) -> str:
        """A day with a time of day."""
        seconds = int(chance.random() * 36_000)
        return f"{self.iso[ago]} {8 + seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def _changed(chance: Chance, days: Days) -> tuple[str | None, str]:
    """When a record was made and when it was last changed; imported ones have no right date."""
    ago = int(40 + chance.random() * 5500)
    made = "0000-00-00 00:00:00" if chance.random() < 0.02 else days.stamp(chance, ago)
    return made, days.stamp(chance, int(chance.random() * ago))


def owner(chance: Chance) -> str | None:
    """Who looks after a record; one in eight is looked after by somebody who left."""
    kind = chance.random()
    if kind < 0.83:
        return chance.pick(parts.ACTIVE_OWNERS)
    return chance.pick(parts.OWNERS_WHO_LEFT) if kind < 0.95 else None


def opt_out(chance: Chance) -> str | None:
    """Whether a record must not be contacted, as three generations of forms wrote it down."""
    kind = chance.random()
    return "0" if kind < 0.75 else None if kind < 0.95 else "1" if kind < 0.99 else "ja"


def account(
    chance: Chance,
    days: Days,
    key: str,
    parent: str | None,
    company: Company,
    card: Card,
    status: str | None,
    flags: str,
    *,
    deleted: bool = False,
) -> list[str | None]:
    """One row of accounts. flags: "own" or "supplier", or neither."""
    r = chance.random
    made, changed = _changed(chance, days)
    revenue = None
    if r() < 0.2:
        revenue = f"{chance.number(1, 90)}.{chance.digits(3)}.000,00" if r() < 0.7 else f"{chance.number(1, 90)} Mio."
    return [
        key,
        parent,
        None,
        card.name,
        chance.pick(("Niederlassung Nord", "Werk 2", "Abt. Einkauf", "c/o Empfang")) if r() < 0.06 else None,
        card.street,
        card.postcode,
        card.city,
        card.country,
        card.email,
        card.phone,
        numbers.spelled(chance, numbers.mobile(chance), company.country) if r() < 0.06 else None,
        numbers.spelled(chance, company.phone._replace(extension="99"), company.country)
        if r() < 0.3 and company.phone.extension
        else None,
        card.website,
        card.vat,
        company.branch if r() < 0.7 else None,
        owner(chance),
        status,
        "1" if flags == "own" else "0",
        "1" if flags == "supplier" else "0",
        opt_out(chance),
        revenue,
        chance.pick(("1-10", "11-50", "51-200", "ca. 20", "12", "250+", "0")) if r() < 0.35 else None,
        oddities.remark(chance) if r() < 0.3 else None,
        made,
        changed,
        "1" if deleted else None,
    ]


def mess_up_account(chance: Chance, row: list[str | None], keep_name: bool) -> None:
    """Put one of the usual oddities into a row of accounts; with `keep_name`, one that leaves a name to know it by."""
    kind = chance.random()
    name, email, street = row[3] or "", row[9], row[5]
    if kind < 0.10:
        row[3], row[7] = oddities.mojibake(name), oddities.mojibake(row[7] or "")
    elif kind < 0.50:
        row[chance.pick((8, 9, 10, 11, 12, 12, 13, 15, 23))] = chance.pick(oddities.NOTHING)
    elif kind < 0.66 and email:
        row[9] = oddities.several_emails(chance, email)
    elif kind < 0.70 and email:
        row[9] = oddities.broken_email(chance, email)
    elif kind < 0.84 and street:
        row[5] = oddities.broken_address(chance, street)
    elif kind < 0.87 and not keep_name:
        row[3] = chance.pick((*oddities.PLACEHOLDERS, None, None))
    elif kind < 0.90:
        row[3] = f"{name} "
    elif kind < 0.93 and row[10]:
        row[10] = f"{row[10]} / 0171 39200{chance.digits(2)}"
    elif kind < 0.985:
        row[23] = chance.pick(oddities.HEADINGS)
    else:
        row[23] = oddities.long_note(chance, name)


def contact(
    chance: Chance, days: Days, key: str, account: str | None, person: Person, *, deleted: bool = False
) -> list[str | None]:
    """One row of contacts. Who opted out has no mobile number: there are so few that others have the same."""
    r = chance.random
    made, changed = _changed(chance, days)
    born = None
    if r() < 0.15:
        born = (
            f"{chance.number(1948, 2002)}-{chance.number(1, 12):02d}-{chance.number(1, 28):02d}"
            if r() < 0.9
            else "0000-00-00"
        )
    row: list[str | None] = [
        key,
        account,
        person.salutation if r() < 0.9 else None,
        person.title or None,
        person.first,
        person.last,
        person.email if r() < 0.7 else None,
        numbers.spelled(chance, person.phone, person.country) if r() < 0.6 else None,
        numbers.spelled(chance, person.mobile, person.country) if person.mobile else None,
        (person.department or None) if r() < 0.7 else None,
        born,
        opt_out(chance),
        owner(chance) if r() < 0.5 else None,
        oddities.remark(chance) if r() < 0.12 else None,
        made,
        changed,
        "1" if deleted else None,
    ]
    if r() < 0.05:
        mess_up_contact(chance, row)
    if row[11] in ("1", "ja"):
        row[8] = None
    return row


def mess_up_contact(chance: Chance, row: list[str | None]) -> None:
    """Put one of the usual oddities into a row of contacts."""
    kind = chance.random()
    if kind < 0.2:
        row[4], row[5] = oddities.mojibake(row[4] or ""), oddities.mojibake(row[5] or "")
    elif kind < 0.6:
        row[chance.pick((3, 6, 7, 8, 9, 13))] = chance.pick(oddities.NOTHING)
    elif kind < 0.75:
        row[4] = None
    elif kind < 0.9 and row[6]:
        row[6] = oddities.several_emails(chance, row[6])
    elif row[6]:
        row[6] = row[6].upper()


def activity(chance: Chance, days: Days, key: str, account: str | None, contact: str | None) -> Row:
    """One row of activities."""
    r = chance.random
    happened: str | None = days.stamp(chance, int(r() * r() * 5000))
    kind = r()
    if kind < 0.01:
        happened = "0000-00-00 00:00:00" if kind < 0.006 else None
    body = oddities.remark(chance) if r() < 0.8 else None
    return (
        key,
        account,
        contact,
        chance.pick(parts.ACTIVITY_TYPES),
        chance.pick(parts.SUBJECTS),
        body,
        happened,
        owner(chance),
    )


def debtor(chance: Chance, key: str, company: Company, card: Card, active: bool) -> Row:
    """One row of the ERP's list: names cut at 35 characters and continued in name2, some fields rarely kept."""
    r = chance.random
    name = card.name
    cut = len(name) if len(name) <= 35 else name.rfind(" ", 0, 35) if " " in name[:35] else 35
    return (
        key,
        name[:cut],
        name[cut:].strip() or None,
        card.street,
        company.postcode if card.postcode is None and r() < 0.5 else card.postcode,
        card.city,
        company.country,
        card.vat,
        card.phone if r() < 0.75 else None,
        card.email if r() < 0.75 else None,
        "X" if active else None,
    )


def note(chance: Chance, days: Days, key: str, named: str, parent: str) -> Row:
    """One row of notes: parent_type says what parent_id is a key of."""
    text = f"{chance.pick(parts.SENTENCES)} (Notiz {key})"
    gone = "1" if chance.holds(0.05) else "0"
    return (key, named, parent, text, days.stamp(chance, chance.number(0, 2500)), gone)


def _in_cp1252(text: str | None) -> str | None:
    """A text as a program of Western Europe keeps it: without the marks of letters that it does not know."""
    if text is None:
        return None
    kept = (c if c.encode("cp1252", "ignore") else _plain(c) for c in text)
    return "".join(kept)


def _plain(letter: str) -> str:
    decomposed = unicodedata.normalize("NFKD", letter.translate(identity.ASCII))
    return decomposed.encode("ascii", "ignore").decode() or "?"


def _amount(chance: Chance) -> str:
    """An amount in German notation."""
    return f"{chance.number(1, 90)}.{chance.digits(3)},{chance.digits(2)}"


def prospect(chance: Chance, days: Days, key: tuple[str, str], card: Card, person: Person, deleted: bool) -> Row:
    """One row of the field service's list. key: the office, and the number of the company there."""
    row = (
        *key,
        card.name.strip(),
        card.street,
        card.postcode,
        card.city,
        card.country,
        person.name if chance.holds(0.7) else None,
        card.email,
        card.phone,
        f"{_amount(chance)} €" if chance.holds(0.6) else None,
        opt_out(chance),
        chance.pick(parts.ACTIVE_OWNERS),
        days.german[chance.number(0, 900)],
        "1" if deleted else "0",
    )
    return tuple(map(_in_cp1252, row))


def visit(chance: Chance, days: Days, key: tuple[str, str], number: int) -> Row:
    """One row of the field service's visits."""
    report = f"{chance.pick(parts.SENTENCES)} – Besuch {number}"
    volume = _amount(chance) if chance.holds(0.4) else None
    return (str(number), *key, days.german[chance.number(0, 1200)], volume, _in_cp1252(report))
