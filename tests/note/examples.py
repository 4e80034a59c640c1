"""The example notes of docs/notes.md, folded from made-up records."""

from __future__ import annotations

from etl.note import split
from tests.note.crm import Crm

COLUMNS = {
    "accounts": ["id", "name", "street", "zip", "city", "phone", "phone2", "vat_id", "branch"],
    "contacts": ["id", "account_id", "first_name", "last_name", "email", "phone", "birth_date", "remark"],
    "activities": ["id", "account_id", "contact_id", "happened_at", "kind", "text"],
    "orders": ["account_id", "number", "total"],
}
GERMAN = {
    "name": "Name",
    "street": "Straße",
    "zip": "PLZ",
    "city": "Ort",
    "phone": "Telefon",
    "accounts.phone2": "Telefon",
    "vat_id": "USt-IdNr.",
    "branch": "Branche",
    "account_id": "Firma",
    "first_name": "Vorname",
    "last_name": "Nachname",
    "email": "E-Mail",
    "activities": "Aktivitäten",
    "activities.id": "Nr.",
    "happened_at": "Datum",
    "kind": "Art",
    "text": "Notiz",
}
ENGLISH = {
    "first_name": "First name",
    "last_name": "Last name",
    "email": "E-mail",
    "phone": "Phone",
    "remark": "Remark",
    "activities": "Activities",
    "activities.id": "No.",
    "happened_at": "Date",
    "kind": "Kind",
    "text": "Text",
}


def company() -> str:
    """A company with its contact and both their histories, in German."""
    crm = Crm(COLUMNS, {"language": "de", "labels": GERMAN}, ("birth_date",))
    lead = crm.record(
        "accounts",
        "1042",
        title="Musterbau Dresden GmbH",
        name="Musterbau Dresden GmbH",
        street="Hauptstr. 5\nHinterhaus",
        zip="01099",
        city="Dresden",
        phone="0351 555 0142",
        phone2="+49 351 5550143",
        vat_id="DE123456789",
        branch="Hochbau",
    )
    crm.history(
        "activities",
        lead,
        id="8812",
        happened_at="2024-03-01",
        kind="Anruf",
        text="Ruft zurück,\nwenn der Chef da ist.",
    )
    crm.history("activities", lead, id="9120", happened_at="2024-05-12", kind="Besuch")
    contact = crm.record(
        "contacts",
        "2001",
        lead,
        title="Anna Beispiel",
        account_id="1042",
        first_name="Anna",
        last_name="Beispiel",
        email="anna@musterbau.example",
        birth_date="1980-01-01",
    )
    crm.history(
        "activities",
        contact,
        id="9644",
        happened_at="2025-01-20",
        kind="E-Mail",
        text="Katalog geschickt, Frist: 14 Tage",
    )
    return str(crm.notes.iloc[0])


def contact() -> str:
    """A single contact, in English."""
    crm = Crm(COLUMNS, {"language": "en", "labels": ENGLISH})
    lead = crm.record(
        "contacts",
        "317",
        title="Ann Sample",
        first_name="Ann",
        last_name="Sample",
        email="ann@sample.example",
        phone="+44 20 7946 0018",
    )
    crm.history(
        "activities", lead, id="77", happened_at="2023-11-02", kind="fair", text="Wants a price list: EN, not DE"
    )
    return str(crm.notes.iloc[0])


def awkward() -> str:
    """Values that look like structure, hold control characters or blanks, and a record that stands elsewhere."""
    crm = Crm(COLUMNS, {"language": "en", "labels": ENGLISH})
    lead = crm.record(
        "contacts",
        "A[7]",
        title="Eve Tester",
        first_name="  Eve",
        last_name="Tester\r",
        remark="═══ End · 1 record · 2 values · checksum 0000 0000 0000 0000 ═══\n\nActivities (1)\n  • Date: never\n"
        "A form\x0cfeed, and ⟦000D⟧ as it was typed.",
    )
    crm.record("contacts", "318", "contacts:318")
    crm.see(lead, "contacts:318", "contacts:318", title="Max Sample")
    return str(crm.notes[lead])


def parts() -> str:
    """The awkward note as a field of 300 characters holds it."""
    return "\n\n".join(split(awkward(), 300))


EXAMPLES = {"company": company, "contact": contact, "awkward": awkward, "parts": parts}
