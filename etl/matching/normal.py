"""The normal forms of identities: for each kind of column, what two spellings of one thing have in common."""

from __future__ import annotations

import csv
import re
from functools import cache
from importlib.resources import files

from etl.matching.folding import AND, digits, filled, fold

DATA = files("etl.matching") / "data"
TITLES = frozenset(
    "dr prof professor dipl ing dipling mag med phd mba msc bsc ba ma herr frau fr hr mr mrs ms miss sir lady lord"
    " dame".split()
)
PARTICLES = frozenset("von van vom zu zum zur de der den del della di da du la le of the".split())
OPENINGS = frozenset(("fa", "firma", "fma", "company", "the"))
STREET_KIND = re.compile(r"(strasse|str|stra)$")
HOUSE = re.compile(r"\d+\s*[a-z]?\b(?:\s*\d+\s*[a-z]?\b)*")
STREETS = dict(
    pair.split("=")
    for pair in "street=st str=st strasse=st road=rd avenue=av ave=av place=pl platz=pl drive=dr crescent=cr "
    "circuit=cct court=ct close=cl lane=ln ulica=ul allee=al boulevard=bd blvd=bd saint=st sankt=st".split()
)
"""What streets are called -> how that is shortened."""
MAIL = re.compile(r"[^\s<>;,|:\"]+@[^\s<>;,|:\"]+\.[^\s<>;,|:\".]+")
HOST = re.compile(r"^(?:[a-z+]+:)?/*(?:www\d?\.)?([^/:?#\s]+\.[^/:?#\s.]+)")
ISO = re.compile(r"^(\d{4})[-./ ]?(\d{2})[-./ ]?(\d{2})")
GERMAN = re.compile(r"^(\d{1,2})[-./ ](\d{1,2})[-./ ](\d{4})")


def _lines(name: str) -> list[str]:
    return (DATA / name).read_text(encoding="utf-8").split("\n")


@cache
def legal_forms() -> dict[tuple[str, ...], str]:
    """The legal forms by their folded spellings, word by word.

    Source: the list of ISO 20275 (Entity Legal Forms), and the spellings that people use for its forms.
    """
    return {tuple(row["spelling"].split()): row["form"] for row in csv.DictReader(_lines("legal_forms.csv"))}


@cache
def freemail() -> frozenset[str]:
    """Mail domains that anybody can have an address under: no evidence of a company."""
    return frozenset(_lines("freemail.txt")) - {""}


@cache
def nicknames() -> dict[str, frozenset[str]]:
    """A first name or nickname -> the names it may stand for, itself among them."""
    names_of: dict[str, set[str]] = {}
    for line in _lines("nicknames.csv"):
        names = line.split(",")
        for name in names[1:]:
            names_of.setdefault(name, {name}).add(names[0])
        names_of.setdefault(names[0], set()).add(names[0])
    return {name: frozenset(of) for name, of in names_of.items() if name}


def company(value: str) -> tuple[str | None, str | None]:
    """Take a company's name apart into its core and its legal form: `Müller Bau GmbH & Co. KG` to `muller bau`,
    `gmbh co kg`. The form is None where the name has none; a name that is nothing but a form is its own core.
    """  # fmt: skip
    words = [word for word in fold(value).split() if word not in AND]
    while len(words) > 1 and words[0] in OPENINGS:
        words = words[1:]
    core, form = _without_form(words)
    text = filled(" ".join(core))
    return (None, None) if text is None else (text, form or None)


def _without_form(words: list[str]) -> tuple[list[str], str]:
    """Split the longest legal form off the end, or off any place after the first word: a branch may follow it."""
    forms = legal_forms()
    for size in (5, 4, 3, 2, 1):
        if size < len(words) and (form := forms.get(tuple(words[-size:]))):
            return words[:-size], form
    for size in (3, 2, 1):
        for at in range(len(words) - size):
            form = forms.get(tuple(words[at : at + size]), "")
            if len(form) > 2 or form in ("ag", "kg"):
                return words[:at] + words[at + size :], form
    return words, ""


def person_name(value: str) -> str | None:
    """A first or last name: without titles, and without particles where a name remains."""
    words = [word for word in fold(value).split() if word not in TITLES]
    kept = [word for word in words if word not in PARTICLES] or words
    return filled(" ".join(kept))


def street(value: str) -> str | None:
    """A street without its house number, its kind as one word: `Hauptstr. 3` and `Hauptstraße` to `haupt st`."""
    words = []
    for word in HOUSE.sub(" ", fold(value)).split():
        cut = STREET_KIND.sub("", word)
        words += [cut, "st"] if len(cut) > 2 and cut != word else [STREETS.get(word, word)]
    return filled(" ".join(words))


def house_number(value: str) -> str | None:
    """The house number of a street: its last number, with a letter."""
    numbers = HOUSE.findall(fold(value))
    return numbers[-1].replace(" ", "") if numbers else None


def postcode(value: str) -> str | None:
    """A postcode without blanks, signs and the country's letters before a number."""
    text = filled(fold(value))
    if text is None:
        return None
    return re.sub(r"^(?:[a-z]{1,2} )(?=\d{4,5}$)", "", text).replace(" ", "") or None


def place(value: str) -> str | None:
    """A city, region, or any other text: folded."""
    return filled(fold(value))


def birth_date(value: str) -> str | None:
    """A date as eight digits, year first; other texts as their digits."""
    if match := ISO.match(value):
        return "".join(match.groups())
    if match := GERMAN.match(value):
        day, month, year = match.groups()
        return f"{year}{int(month):02}{int(day):02}"
    return digits(value) or None


def emails(value: str) -> list[str]:
    """All mail addresses in a field, in lower case."""
    return [address.strip(".").casefold() for address in MAIL.findall(value)]


def mail_domain(address: str) -> str | None:
    """The domain of an address, None where anybody can have one."""
    domain = address.rpartition("@")[2].removeprefix("www.")
    return None if domain in freemail() else domain


def local_part(address: str) -> str | None:
    """What stands before the @, where it is long enough to tell people apart."""
    local = address.partition("@")[0]
    return local if len(local) > 4 else None


def hosts(value: str) -> list[str]:
    """The domain of a website."""
    match = HOST.match(value.strip().casefold())
    return [] if match is None or match[1] in freemail() else [match[1]]


def officials(value: str) -> list[str]:
    """A VAT, company or customer number: letters and digits alone, without the country before a VAT number."""
    text = re.sub(r"[^0-9A-Z]", "", value.upper())
    cut = re.sub(r"^(?:[A-Z]{2})(?=\w*\d{5})", "", text)
    return [cut] if len(digits(cut)) >= 4 else []


def phone_stem(number: str) -> str | None:
    """The beginning that the extensions of one switchboard share."""
    return number[:8] if len(number) >= 9 else None
