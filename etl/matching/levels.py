"""The ways in which values can agree, and how often they do before the data have taught it.

The shares were estimated on the project's generator (companies) and on public lists of persons, and rounded; each data
set's own are blended in (`model`).
"""

from __future__ import annotations

from collections.abc import Sequence

from etl.matching.comparisons import Level
from etl.texts import stored


def levels(*descriptions: tuple[str, float, float]) -> tuple[Level, ...]:
    """Levels from nothing in common to equal: words, and the shares of same and of different records."""
    return tuple(Level(*description) for description in descriptions)


FIRST_NAME = (
    stored("other first name"),
    stored("first name a little alike"),
    stored("first name alike"),
    stored("first name nearly equal"),
    stored("first name short for the other"),
    stored("first and last name swapped"),
    stored("same first name"),
)
LAST_NAME = (
    stored("other last name"),
    stored("last name a little alike"),
    stored("last name alike"),
    stored("last name nearly equal"),
    stored("last name short for the other"),
    stored("last and first name swapped"),
    stored("same last name"),
)
CITY = (stored("other city"), stored("city a little alike"), stored("city alike"), stored("same city"))
STATE = (stored("other state"), stored("state a little alike"), stored("state alike"), stored("same state"))
OCCUPATION = (
    stored("other occupation"),
    stored("occupation a little alike"),
    stored("occupation alike"),
    stored("same occupation"),
)
OTHER = (
    stored("other other text {n}"),
    stored("other text {n} a little alike"),
    stored("other text {n} alike"),
    stored("same other text {n}"),
)


def name(words: Sequence[str], equal: float) -> tuple[Level, ...]:
    """Of a first or last name; equal: how often two different persons share one."""
    m, u = (0.03, 0.02, 0.03, 0.09, 0.05, 0.02, 0.76), (0.955, 0.02, 0.01, 0.003, 0.004, equal, equal)
    return levels(*zip(words, m, u, strict=True))


def text(words: Sequence[str], equal: float) -> tuple[Level, ...]:
    """Of a city or any other text; equal: how often two different records share one."""
    return levels(*zip(words, (0.1, 0.05, 0.1, 0.75), (0.95 - equal, 0.03, 0.02, equal), strict=True))


COMPANY = levels(
    (stored("other name"), 0.02, 0.93),
    (stored("name a little alike"), 0.02, 0.05),
    (stored("name alike"), 0.06, 0.015),
    (stored("name nearly equal, or its rare words"), 0.1, 0.004),
    (stored("the words of one name in the other"), 0.15, 0.0006),
    (stored("same name, other legal form or order"), 0.1, 0.0002),
    (stored("same name"), 0.55, 0.0001),
)
SWAPPED, SAME_PERSON_NAME = 5, 6
"""The levels of first and last names that stand in each other's place, and of such as are the same."""
DATE = levels(
    (stored("other date of birth"), 0.04, 0.96),
    (stored("date of birth in the same year"), 0.04, 0.03),
    (stored("two parts of the date of birth"), 0.05, 0.008),
    (stored("date of birth but for a slip"), 0.12, 0.002),
    (stored("same date of birth"), 0.75, 0.0002),
)
STREET = levels(
    (stored("other street"), 0.08, 0.97),
    (stored("street a little alike"), 0.04, 0.02),
    (stored("street alike"), 0.13, 0.008),
    (stored("same street"), 0.75, 0.003),
)
HOUSE = levels(
    (stored("other house number"), 0.1, 0.88),
    (stored("house number alike"), 0.1, 0.1),
    (stored("same house number"), 0.8, 0.02),
)
POSTCODE = levels(
    (stored("other postcode"), 0.06, 0.93),
    (stored("postcode of the same area"), 0.04, 0.04),
    (stored("postcode but for a slip"), 0.1, 0.015),
    (stored("same postcode"), 0.8, 0.002),
)
GENDER = levels((stored("other gender"), 0.05, 0.5), (stored("same gender"), 0.95, 0.5))
NUMBER = levels(
    (stored("other number"), 0.05, 0.9999),
    (stored("number but for a slip"), 0.05, 0.0001),
    (stored("same number"), 0.9, 1e-6),
)
EMAIL = levels(
    (stored("other e-mail"), 0.25, 0.998),
    (stored("same name before the @"), 0.1, 0.001),
    (stored("same e-mail"), 0.65, 0.0005),
)
PHONE = levels(
    (stored("other phone"), 0.3, 0.998),
    (stored("phone but for the extension"), 0.2, 0.0015),
    (stored("same phone"), 0.5, 0.0005),
)
DOMAIN = levels((stored("other domain"), 0.1, 0.999), (stored("same domain"), 0.9, 0.0005))
