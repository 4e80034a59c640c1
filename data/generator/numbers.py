"""Phone numbers that ring nowhere, in eight spellings, and VAT numbers with right check digits."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from .chance import Chance


class Phone(NamedTuple):
    """A number in its parts: country code, area, subscriber's number, and the extension where there is one."""

    code: str
    area: str
    number: str
    extension: str = ""


FICTION_DE = {
    "1": ("30", "23125"),
    "2": ("40", "66969"),
    "5": ("221", "4710"),
    "6": ("69", "90009"),
    "8": ("89", "99998"),
}
"""First digit of a postcode -> area and beginning of the numbers that the Bundesnetzagentur keeps for fiction."""
FICTION_GB = (("20", "7946"), ("161", "496"), ("113", "496"), ("131", "496"), ("141", "496"), ("151", "496"))
FICTION_US = ("202", "212", "312", "415", "617", "713", "206", "305")
FICTION_FR = ("199 00", "261 91", "353 01", "465 71", "536 49")
FICTION_MOBILE = (("171", "39200"), ("176", "040690"))
FICTION_MOBILES = (
    ("152", "28817386"), ("152", "28895456"), ("152", "54599371"), ("172", "9925904"), ("172", "9968532"),
    ("172", "9973185"), ("172", "9973186"), ("172", "9980752"), ("174", "9091317"), ("174", "9464308"),
)  # fmt: skip
WITHOUT_OWN = ("AT", "CH", "LU", "NL", "IT", "PL")
"""Countries that keep no numbers for fiction: their companies are reached through a German one, if at all."""


def landline(chance: Chance, country: str, postcode: str) -> Phone:
    """A switchboard's number; a German one has one to three digits more than the reserved block needs.

    Whatever follows a reserved number is reserved with it, so that a million records do not share five thousand.
    """
    if country == "GB":
        area, start = chance.pick(FICTION_GB)
        return Phone("44", area, f"{start} 0{chance.digits(3)}")
    if country == "US":
        return Phone("1", chance.pick(FICTION_US), f"555-01{chance.digits(2)}")
    if country == "FR":
        start = chance.pick(FICTION_FR)
        return Phone("33", start[0], f"{start[1:]} {chance.digits(2)} {chance.digits(2)}")
    area, start = FICTION_DE.get(postcode[:1]) or chance.pick(tuple(FICTION_DE.values()))
    return Phone("49", area, start + chance.digits(3), chance.digits(2))


def mobile(chance: Chance) -> Phone:
    """A German mobile number of the 210 that the networks keep for fiction."""
    if chance.holds(0.05):
        return Phone("49", *chance.pick(FICTION_MOBILES))
    area, start = chance.pick(FICTION_MOBILE)
    return Phone("49", area, start + chance.digits(2))


SPELLINGS: tuple[Callable[[Phone], str], ...] = (
    lambda p: f"0{p.area} {p.number}{p.extension}",
    lambda p: f"0{p.area}/{p.number}{p.extension}",
    lambda p: f"+{p.code} {p.area} {p.number}{p.extension}",
    lambda p: f"+{p.code} (0){p.area} {p.number}{'-' + p.extension if p.extension else ''}",
    lambda p: f"00{p.code} {p.area} {p.number}{p.extension}",
    lambda p: f"(0{p.area}) {p.number}{' - ' + p.extension if p.extension else ''}",
    lambda p: f"0{p.area}-{p.number}{'-' + p.extension if p.extension else ''}",
    lambda p: f"0{p.area}{p.number}{p.extension}".replace(" ", ""),
)
INTERNATIONAL = (SPELLINGS[2], SPELLINGS[4])
AMERICAN: tuple[Callable[[Phone], str], ...] = (
    lambda p: f"+1 {p.area} {p.number}",
    lambda p: f"({p.area}) {p.number}",
    lambda p: f"{p.area}-{p.number}",
)


def spelled(chance: Chance, phone: Phone, country: str) -> str:
    """The number as somebody typed it; a foreign one always with its country's code."""
    if phone.code == "1":
        return chance.pick(AMERICAN)(phone)
    if country != "DE" and phone.code == "49":
        return chance.pick(INTERNATIONAL)(phone)
    return chance.pick(SPELLINGS)(phone)


def _mod_11_10(digits: str) -> int:
    product = 10
    for digit in digits:
        product = (int(digit) + product) % 10 or 10
        product = product * 2 % 11
    return (11 - product) % 10


def _luhn(digits: str) -> int:
    """The check digit that makes `digits` plus it valid."""
    total = sum(int(d) if place % 2 else sum(divmod(2 * int(d), 10)) for place, d in enumerate(reversed(digits)))
    return -total % 10


def _german(chance: Chance) -> str:
    body = str(chance.number(1, 9)) + chance.digits(7)
    return f"DE{body}{_mod_11_10(body)}"


def _austrian(chance: Chance) -> str:
    body = chance.digits(7)
    total = sum(sum(divmod(int(d) * (1 + place % 2), 10)) for place, d in enumerate(body))
    return f"ATU{body}{-(total + 4) % 10}"


def _swiss(chance: Chance) -> str:
    while True:
        body = chance.digits(8)
        check = -sum(int(d) * w for d, w in zip(body, (5, 4, 3, 2, 7, 6, 5, 4), strict=True)) % 11
        if check < 10:
            number = f"{body}{check}"
            return f"CHE-{number[:3]}.{number[3:6]}.{number[6:]} MWST"


def _dutch(chance: Chance) -> str:
    while True:
        body = chance.digits(8)
        check = sum(int(d) * (9 - place) for place, d in enumerate(body)) % 11
        if check < 10:
            return f"NL{body}{check}B01"


def _french(chance: Chance) -> str:
    body = chance.digits(8)
    siren = f"{body}{_luhn(body)}"
    return f"FR{(12 + 3 * (int(siren) % 97)) % 97:02d}{siren}"


def _italian(chance: Chance) -> str:
    body = f"{chance.number(1, 9999999):07d}{chance.number(1, 95):03d}"
    return f"IT{body}{_luhn(body)}"


def _polish(chance: Chance) -> str:
    while True:
        body = str(chance.number(1, 9)) + chance.digits(8)
        check = sum(int(d) * w for d, w in zip(body, (6, 5, 7, 2, 3, 4, 5, 6, 7), strict=True)) % 11
        if check < 10:
            return f"PL{body}{check}"


def _british(chance: Chance) -> str:
    body = f"{chance.number(1000000, 9999999)}"
    total = sum(int(d) * (8 - place) for place, d in enumerate(body))
    return f"GB{body}{-total % 97:02d}"


def _luxembourgish(chance: Chance) -> str:
    body = chance.digits(6)
    return f"LU{body}{int(body) % 89:02d}"


VAT = {
    "DE": _german, "AT": _austrian, "CH": _swiss, "NL": _dutch, "FR": _french, "IT": _italian, "PL": _polish,
    "GB": _british, "LU": _luxembourgish,
}  # fmt: skip
"""Country -> a made-up VAT number with right check digits; the United States have none."""


def vat(chance: Chance, country: str) -> str | None:
    """A made-up VAT number of the country."""
    return VAT[country](chance) if country in VAT else None
