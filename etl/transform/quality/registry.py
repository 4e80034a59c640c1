"""The registry of checks: a new finding is one function and one line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from etl.model import Severity
from etl.texts import stored
from etl.transform.quality import countries, emails, mojibake, names, phones, postcodes, texts, vat, websites
from etl.transform.quality.cells import Judged

Hits = dict[int, str | None]
"""The positions of the values to be flagged, each with its proposal: "" is to empty the field, None is none."""
Find = Callable[[Judged], Hits]


@dataclass(frozen=True)
class Check:
    """One kind of finding.

    code: stable, for machines. severity: where the lead's own field has the value; an error counts as a warning in a
    value that only the note holds. kinds: of the cells that it looks at. message: continues "<field> …".
    """

    code: str
    severity: Severity
    kinds: tuple[str, ...]
    find: Find
    message: str


ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO

CHECKS = (
    Check("name-placeholder", ERROR, ("name",), names.placeholder, stored("is a placeholder and not a name")),
    Check("name-first-name", WARNING, ("name",), names.first_name_only, stored("is only a first name")),
    Check("placeholder", INFO, ("plain",), names.placeholder, stored("is a placeholder")),
    Check("test-record", WARNING, ("title",), names.test_record, stored("looks like a test record")),
    Check("email-invalid", ERROR, ("email",), emails.invalid, stored("is not a valid e-mail address")),
    Check("email-several", WARNING, ("email",), emails.several, stored("contains several e-mail addresses")),
    Check("email-test", WARNING, ("email",), emails.made_up, stored("looks like an invented e-mail address")),
    Check(
        "phone-impossible",
        WARNING,
        ("phone",),
        phones.impossible,
        stored("is not a possible phone number in its country"),
    ),
    Check(
        "postcode-invalid",
        WARNING,
        ("postcode",),
        postcodes.wrong_shape,
        stored("does not have the format of postcodes in its country"),
    ),
    Check("country-unknown", WARNING, ("country",), countries.unknown, stored("is not the name or code of a country")),
    Check(
        "vat-invalid",
        WARNING,
        ("vat",),
        vat.invalid,
        stored("is not a valid VAT number: its format or its check digit is wrong"),
    ),
    Check(
        "vat-country",
        WARNING,
        ("vat",),
        vat.other_country,
        stored("is a VAT number from a different country than the address"),
    ),
    Check("website-invalid", WARNING, ("website",), websites.invalid, stored("is not a website address")),
    Check("line-break", WARNING, ("line",), texts.line_break, stored("has several lines, but the field takes one")),
    Check(
        "control-character",
        WARNING,
        ("line",),
        texts.control_character,
        stored("contains tabs or other control characters"),
    ),
    Check("mojibake", WARNING, ("text", "line"), mojibake.garbled, stored("looks garbled by a wrong text encoding")),
    Check("date-zero", INFO, ("text",), texts.zero_date, stored("is a date of zeros, which stands for no date")),
)
