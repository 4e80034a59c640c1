"""VAT numbers: the country that they name, and their check digits by python-stdnum."""

from __future__ import annotations

import re
from functools import lru_cache

PREFIXES = {"EL": "GR", "XI": "GB", "CHE": "CH"}
"""Prefixes of VAT numbers that are no ISO country code."""

PREFIX = re.compile(r"\s*(CHE|[A-Z]{2})[\s.-]{0,2}[A-Z0-9]{0,2}\s?\d", re.IGNORECASE)


def named_country(text: str) -> str | None:
    """The ISO code of the country that a number begins with, None where it begins with none."""
    start = PREFIX.match(text)
    return PREFIXES.get(start[1].upper(), start[1].upper()) if start else None


@lru_cache(maxsize=100_000)
def is_valid(text: str, country: str) -> bool:
    """Whether the number is valid in that country; true for countries whose numbers python-stdnum does not know."""
    from stdnum.util import get_cc_module

    module = get_cc_module(country.lower(), "vat")
    return module is None or bool(module.is_valid(text))
