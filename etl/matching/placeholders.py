"""What people type to fill a field that must not stay empty: it is no evidence of who somebody is."""

from __future__ import annotations

import re

UP, DOWN = "01234567890123456789", "98765432109876543210"
ALIKE = re.compile(r"(\d)\1*")
LEAST_DIGITS = 4
ZEROS = "0" * 7
"""A number that ends with so many zeros was given to nobody."""


def is_made_up(figures: str, least: int = LEAST_DIGITS) -> bool:
    """Whether digits are one that is repeated, a sequence, or zeros at the end: `0000000`, `123456`. least: from so
    many digits on."""
    if len(figures) < least:
        return False
    return ALIKE.fullmatch(figures) is not None or figures in UP or figures in DOWN or figures.endswith(ZEROS)
