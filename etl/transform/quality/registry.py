"""The registry of checks: a new finding is one function and one line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from etl.model import Severity
from etl.transform.quality import countries, emails, mojibake, names, phones, postcodes, texts, vat, websites
from etl.transform.quality.cells import Cells

Find = Callable[[Cells], dict[int, str | None]]
"""Gives the positions of the values to be flagged, each with its proposal: "" is to empty the field, None is none."""


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
    Check("name-placeholder", ERROR, ("name",), names.placeholder, "only fills the field and names nobody"),
    Check("name-first-name", WARNING, ("name",), names.first_name_only, "is a given name and nothing else"),
    Check("placeholder", INFO, ("plain",), names.placeholder, "only fills the field"),
    Check("test-record", WARNING, ("title",), names.test_record, "looks like a record made to try the CRM out"),
    Check("email-invalid", ERROR, ("email",), emails.invalid, "is no valid e-mail address"),
    Check("email-several", WARNING, ("email",), emails.several, "holds several e-mail addresses"),
    Check("email-test", WARNING, ("email",), emails.made_up, "looks like an address made up to fill the field"),
    Check(
        "phone-impossible", WARNING, ("phone",), phones.impossible, "is no phone number that is possible in its country"
    ),
    Check(
        "postcode-invalid",
        WARNING,
        ("postcode",),
        postcodes.wrong_shape,
        "has not the shape of its country's postcodes",
    ),
    Check("country-unknown", WARNING, ("country",), countries.unknown, "is no country's name or code"),
    Check("vat-invalid", WARNING, ("vat",), vat.invalid, "is no VAT number: its form or its check digit is wrong"),
    Check("vat-country", WARNING, ("vat",), vat.other_country, "is a VAT number of another country than the address"),
    Check("website-invalid", WARNING, ("website",), websites.invalid, "is no address of a website"),
    Check("line-break", WARNING, ("line",), texts.line_break, "has several lines in a field for one"),
    Check("control-character", WARNING, ("line",), texts.control_character, "has tabs or other control characters"),
    Check("mojibake", WARNING, ("text", "line"), mojibake.garbled, "looks wrongly decoded"),
    Check("date-zero", INFO, ("text",), texts.zero_date, "is a date of zeros, which means none"),
)
