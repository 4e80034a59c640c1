"""The ways in which values can agree, and how often they do before the data have taught it.

The shares were estimated on the project's generator (companies) and on public lists of persons, and rounded; each data
set's own are blended in (`model`).
"""

from __future__ import annotations

from etl.matching.comparisons import Level


def levels(*descriptions: tuple[str, float, float]) -> tuple[Level, ...]:
    """Levels from nothing in common to equal: words, and the shares of same and of different records."""
    return tuple(Level(*description) for description in descriptions)


def name(words: str, equal: float) -> tuple[Level, ...]:
    """Of a first or last name; equal: how often two different persons share one."""
    return levels(
        (f"other {words}", 0.03, 0.955),
        (f"{words} a little alike", 0.02, 0.02),
        (f"{words} alike", 0.03, 0.01),
        (f"{words} nearly equal", 0.09, 0.003),
        (f"{words} short for the other", 0.05, 0.004),
        (f"same {words}", 0.78, equal),
    )


def text(words: str, equal: float) -> tuple[Level, ...]:
    """Of a city or any other text; equal: how often two different records share one."""
    return levels(
        (f"other {words}", 0.1, 0.95 - equal),
        (f"{words} a little alike", 0.05, 0.03),
        (f"{words} alike", 0.1, 0.02),
        (f"same {words}", 0.75, equal),
    )


COMPANY = levels(
    ("other name", 0.02, 0.93),
    ("name a little alike", 0.02, 0.05),
    ("name alike", 0.06, 0.015),
    ("name nearly equal, or its rare words", 0.1, 0.004),
    ("the words of one name in the other", 0.15, 0.0006),
    ("same name, other legal form or order", 0.1, 0.0002),
    ("same name", 0.55, 0.0001),
)
DATE = levels(
    ("other date of birth", 0.04, 0.96),
    ("date of birth in the same year", 0.04, 0.03),
    ("two parts of the date of birth", 0.05, 0.008),
    ("date of birth but for a slip", 0.12, 0.002),
    ("same date of birth", 0.75, 0.0002),
)
STREET = levels(
    ("other street", 0.08, 0.97),
    ("street a little alike", 0.04, 0.02),
    ("street alike", 0.13, 0.008),
    ("same street", 0.75, 0.003),
)
HOUSE = levels(("other house number", 0.1, 0.88), ("house number alike", 0.1, 0.1), ("same house number", 0.8, 0.02))
POSTCODE = levels(
    ("other postcode", 0.06, 0.93),
    ("postcode of the same area", 0.04, 0.04),
    ("postcode but for a slip", 0.1, 0.015),
    ("same postcode", 0.8, 0.002),
)
GENDER = levels(("other gender", 0.05, 0.5), ("same gender", 0.95, 0.5))
NUMBER = levels(("other number", 0.05, 0.9999), ("number but for a slip", 0.05, 0.0001), ("same number", 0.9, 1e-6))
EMAIL = levels(("other e-mail", 0.25, 0.998), ("same name before the @", 0.1, 0.001), ("same e-mail", 0.65, 0.0005))
PHONE = levels(("other phone", 0.3, 0.998), ("phone but for the extension", 0.2, 0.0015), ("same phone", 0.5, 0.0005))
DOMAIN = levels(("other domain", 0.1, 0.999), ("same domain", 0.9, 0.0005))
