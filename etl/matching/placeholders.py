"""What people type to fill a field that must not stay empty: it is no evidence of who somebody is."""

from __future__ import annotations

import re

UP, DOWN = "01234567890123456789", "98765432109876543210"
ALIKE = re.compile(r"(\d)\1*")
SHORTEST = 4
LEAST_DIGITS = {"vat": SHORTEST, "company_number": 5, "number": 6}
"""From so many digits on, a sequence or one repeated digit is no number that somebody was given."""
ZEROS = "0" * 7
"""A number that ends with so many zeros was given to nobody."""


def is_made_up(figures: str, least: int = SHORTEST) -> bool:
    """Whether digits are one that is repeated, a sequence, or zeros at the end: `0000000`, `123456`. least: from so
    many digits on."""
    if len(figures) < least:
        return False
    return ALIKE.fullmatch(figures) is not None or figures in UP or figures in DOWN or figures.endswith(ZEROS)
