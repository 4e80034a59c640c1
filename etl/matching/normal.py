"""The normal forms of identities: for each kind of column, what two spellings of one thing have in common."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from etl.matching.data import lines
from etl.matching.folding import digits, filled, fold
from etl.matching.placeholders import LEAST_DIGITS, is_made_up

COUNTRY_SIGN = re.compile(r"^[a-z]{1,3}[ -]+(?=[\d -]+$)|^[a-z](?=\d{5}$)")
ZIP_4 = re.compile(r"^(\d{5})-\d{4}$")
NO_SIGN = re.compile(r"[\W_]+")
ALIKE = re.compile(r"([a-z0-9])\1+")
"""`xxx`, which is nobody's name."""
MAIL = re.compile(r"[^\s<>;,|:\"()\[\]/@]+@[^\s<>;,|:\"()\[\]/@]+\.[^\s<>;,|:\".()\[\]/@]+")
HOST = re.compile(r"^(?:[a-z+]+:)?/*(?:www\d?\.)?([^/:?#\s]+\.[^/:?#\s.]+)")
NUMBERS_APART = re.compile(r"[,;|()\n]|/(?=\s*[A-Z]{2})|\s(?=[A-Z]{2,3}\d{6})|\s(?=ATU\d)")
"""Between two official numbers, or beside one: no blank or slash within it."""
CALLED = re.compile(
    r"\b(?:(?:UST|UMSATZSTEUER|MWST|VAT|TVA|IVA|P\.? ?IVA|UID|BTW)[\s.-]*"
    r"(?:ID|IDNR|IDENT|IDENTIFIKATIONSNUMMER|NR|NO|NUMBER|NUMMER)?(?:[\s.-]*(?:NR|NO|NUMMER|NUMBER))?"
    r"(?=[\s.:#])|(?:NR|NO|NUMMER|NUMBER)\b)[\s.:#]*"
)
"""What a number is called."""
ISO = re.compile(r"^(\d{4})[-./ ]?(\d{2})[-./ ]?(\d{2})")
GERMAN = re.compile(r"^(\d{1,2})[-./ ](\d{1,2})[-./ ](\d{4})")


@cache
def freemail() -> frozenset[str]:
    """Mail domains that anybody can have an address under: no evidence of a company."""
    return frozenset(name for (name,) in lines("freemail.txt"))


def postcode(value: str) -> str | None:
    """A postcode in small letters without blanks and signs, the country before a number, and the last four digits of
    a ZIP+4: `D-01099` to `01099`, `A94 5AE` to `a945ae`."""
    text = unicodedata.normalize("NFKC", value).casefold().strip()
    text = ZIP_4.sub(r"\1", COUNTRY_SIGN.sub("", text))
    return None if filled(fold(value)) is None else NO_SIGN.sub("", text) or None


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
    """All mail addresses in a field, in lower case, without those that only fill it: `keine@firma.example`."""
    text = unicodedata.normalize("NFKC", value)
    addresses = (address.strip(".").casefold() for address in MAIL.findall(text))
    return [address for address in addresses if not _is_nobody(address)]


def _is_nobody(address: str) -> bool:
    box = address.partition("@")[0]
    return box in _mailboxes("nobody") or ALIKE.fullmatch(box) is not None or address.endswith(".invalid")


@cache
def _mailboxes(kind: str) -> frozenset[str]:
    return frozenset(box for of, *boxes in lines("mailboxes.tsv") for box in boxes if of == kind)


def mail_domain(address: str) -> str | None:
    """The domain of an address, None where anybody can have one."""
    domain = address.rpartition("@")[2].removeprefix("www.")
    return None if domain in freemail() else domain


def local_part(address: str) -> str | None:
    """What stands before the @, where it is long enough to tell people apart, and nothing that every company has."""
    local = address.partition("@")[0]
    return local if len(local) > 4 and local not in _mailboxes("role") else None


def hosts(value: str) -> list[str]:
    """The domain of a website."""
    match = HOST.match(value.strip().casefold())
    return [] if match is None or match[1] in freemail() else [match[1]]


def officials(value: str, kind: str) -> list[str]:
    """The VAT, company or customer numbers in a field: letters and digits alone, without the country before a VAT
    number and without what a number is called: `USt-ID: DE 136 695 976` and `Amtsgericht Bonn, HRB-Nr. 04711`.

    A `number` may be a code with few digits, `FAI001`, as accounting programs give to customers; zeros before one do
    not count, `0000070000`, as they come and go on the way from one program to another.
    """
    numbers = [_official(part) for part in NUMBERS_APART.split(unicodedata.normalize("NFKC", value).upper())]
    return list(dict.fromkeys(_without_zeros(number, kind) for number in numbers if _tells(number, kind)))


def _without_zeros(number: str, kind: str) -> str:
    return number.lstrip("0") if kind == "number" and number.isdigit() else number


def _tells(number: str, kind: str) -> bool:
    """Whether so many signs are more than a count or a word."""
    figures = len(digits(number))
    return figures >= 4 or (kind == "number" and figures >= 2 and len(number) >= 5)


def _official(text: str) -> str:
    number = re.sub(r"(?:MWST|TVA|IVA)$", "", re.sub(r"[^0-9A-Z]", "", CALLED.sub("", text)))
    number = re.sub(r"^(HR[AB]|GNR|VR|PR)0+(?=\d)", r"\1", number)
    return re.sub(r"^[A-Z]{2}(?=\w*\d{5})", "", number)


def own_numbers(value: str, kind: str) -> list[str]:
    """The official numbers of a field without those that only fill it, `DE000000000`: what two records may share."""
    return [number for number in officials(value, kind) if not is_made_up(digits(number), LEAST_DIGITS[kind])]


def email_as_written(text: str, address: str) -> str:
    """A mail address in a field, as it stands there."""
    return next((box for box in MAIL.findall(text) if emails(box) == [address]), address)


def official_as_written(text: str, number: str, kind: str) -> str:
    """An official number in a field, as it stands there."""
    parts = NUMBERS_APART.split(unicodedata.normalize("NFKC", text).upper())
    return next((part.strip() for part in parts if _without_zeros(_official(part), kind) == number), text)


def phone_stem(number: str) -> str | None:
    """The beginning that the extensions of one switchboard share."""
    return number[:8] if len(number) >= 9 else None
