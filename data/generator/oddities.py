"""What years of typing, importing and exporting do to values."""

from __future__ import annotations

from . import parts
from .chance import Chance

NOTHING = ("NULL", "NA", "n/a", "-")
"""How people and exports write "empty" as text."""

PLACEHOLDERS = ("-", "unbekannt", "n/a", "NULL", "???", ".")
"""What stands in a company's name when nobody knew it."""

TEST_NAMES = (
    "Test GmbH", "TEST TEST", "Testfirma Schulung", "TEST - bitte löschen", "asdf", "xxx", "asdfasdf", "Testkunde 2",
    "Schulung Test AG", "xxxx",
)  # fmt: skip

HEADINGS = (
    "═══ Firma ═══\nalles bleibt wie besprochen", "Firma: Müller\nOrt: Bremen",
    "# Wichtig\n## Unterpunkt\n- eins\n- zwei", "--- Ende ---", "=1+1", "<b>wichtig</b> & <i>dringend</i>",
    "--- Anfang ---\nTelefon: siehe oben\n--- Ende ---", "@SUM(A1:A9)", "+49 geht nicht, bitte 0049 wählen",
    "Aktivitäten (3)\n  1. Anruf", "%20 Rabatt &amp; mehr", "\tEingerückt mit Tab", "═" * 40,
    "{name} [Firma] <leer>", "'; DROP TABLE kunden; --", "Ansprechpartner:\n    Herr Nowak (Einkauf)",
)  # fmt: skip
"""Remarks that look like a note's own headings and labels, like formulas, like HTML and like code."""

SIGNATURE = (
    "\n\nMit freundlichen Grüßen\ni. A. {name}\n\n-- \n{company}\nDiese E-Mail enthält vertrauliche Informationen.\n"
)


def mojibake(text: str) -> str:
    """UTF-8 once read as cp1252; the text itself where that cannot have happened."""
    try:
        return text.encode("utf-8").decode("cp1252")
    except UnicodeDecodeError:
        return text


def several_emails(chance: Chance, email: str) -> str:
    """Two or three addresses in one field."""
    domain = email.partition("@")[2]
    more = [f"{local}@{domain}" for local in ("verkauf", "rechnung")[: chance.number(1, 2)]]
    return chance.pick(("; ", ", ", " / ", "\n")).join((email, *more))


def broken_email(chance: Chance, email: str) -> str:
    """An address with a mistake in it."""
    local, _, domain = email.partition("@")
    return chance.pick(
        (f"{local}@{domain.removesuffix('.example')}", f"{local}{domain}", f"{local}@@{domain}", f"{local} @{domain}")
    )


def broken_address(chance: Chance, street: str) -> str:
    """An address on more than one line, or with what belongs into other fields."""
    return street + chance.pick(
        ("\nHalle 3", "\r\nHinterhaus, 2. OG", "\nTor 2\n(Anlieferung bis 14 Uhr)", ", Postfach 10 02 03")
    )


def remark(chance: Chance) -> str:
    """A remark of one to three sentences, some on lines of their own."""
    pick = chance.pick
    kind = chance.random()
    if kind < 0.6:
        return pick(parts.SENTENCES)
    if kind < 0.94:
        return f"{pick(parts.SENTENCES)} {pick(parts.SENTENCES)}"
    if kind < 0.98:
        return f"{pick(parts.SENTENCES)}\n{pick(parts.SENTENCES)}\n\n{pick(parts.SENTENCES)} "
    return pick(HEADINGS)


def long_note(chance: Chance, name: str) -> str:
    """A whole correspondence pasted into one field: 8,000 to 30,000 characters."""
    letters: list[str] = []
    length, wanted = 0, chance.number(8_000, 30_000)
    while length < wanted:
        body = " ".join(chance.pick(parts.SENTENCES) for _ in range(chance.number(3, 9)))
        signed = SIGNATURE.format(name=name, company=name)
        letters.append(f"Von: {name}\nBetreff: AW: AW: Angebot {chance.digits(5)}\n\n{body}{signed}")
        length += len(letters[-1])
    return "\n> ".join(letters)
