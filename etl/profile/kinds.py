"""Of what kind a column's values are: by the values first, by the column's name second."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from etl.matching.company_names import company
from etl.matching.data import given_names
from etl.matching.regions import regions
from etl.matching.vat_numbers import is_valid, named_country
from etl.profile.model import Column
from etl.profile.names import kinds_of, words_of

EMAIL = r"(?i)^\s*(?:mailto:)?[^\s@<>,;]+@[^\s@<>,;]+\.[a-z]{2,}\s*(?:[,;].*)?$"
WEBSITE = r"(?i)^\s*(?:https?://|www\.)\S+\s*$"
DOMAIN = r"(?i)^\s*(?:https?://)?(?:[a-z0-9äöü-]+\.)+[a-z]{2,12}(?:/\S*)?\s*$"
PHONE = r"^\s*(?:tel\.?:?\s*)?[(+]?[0-9][0-9\s()/.\-–+]{4,28}(?:\s*(?:ext|x|dw|-)\.?\s*[0-9]{1,5})?\s*$"
POSTCODE = (
    r"(?i)^\s*(?:[a-z]{1,2}-)?(?:[0-9]{4,6}|[0-9]{3}\s?[0-9]{2}|[0-9]{4}\s?[a-z]{2}|[0-9]{2}-[0-9]{3}|[0-9]{4}-[0-9]{3}"
    r"|[a-z]{1,2}[0-9][a-z0-9]?\s?[0-9][a-z]{2}|[a-z][0-9][a-z]\s?[0-9][a-z][0-9]|[0-9]{5}-[0-9]{4}|[a-z][0-9]{2}\s?[a-z0-9]{4})\s*$"
)
STREET = r"(?i)^\s*(?:[^\d,]{3,}[\s.]\s*\d{1,4}\s*(?:[a-z]|-\s?\d+\s?[a-z]?)?|\d{1,5}[a-z]?,?\s+[^\d]{3,})\s*(?:,.*)?$"
WORDS = r"^\s*[\pL][\pL .'’\-/()]+$"
NAME_OF_PERSON = r"^\s*[\pLu][\pL.'’\-]*(?:\s+(?:[\pL.'’\-]+)){0,3}\s*$"
FIRST_RATE = ("billing", "bill", "main", "primary", "business", "work", "office", "haupt", "rechnung")
SECOND_RATE = ("shipping", "ship", "other", "secondary", "alt", "home", "private", "mailing", "delivery", "liefer", "2")
"""Words of a column's name that say which of several addresses it is of, the better ones and the others."""
VAT_COUNTRIES = frozenset(
    "AT BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IT LT LU LV MT NL NO PL PT RO SE SI SK".split()
)
"""The countries whose VAT numbers begin with their code and have a check digit."""


@dataclass(frozen=True)
class Kind:
    """Of what kind a column's values are. sure: whether both its values and its name say so; why: in words."""

    name: str
    sure: bool
    why: str
    points: int = 100


def kind_of(column: Column) -> Kind | None:
    """What kind of thing about a company or person a column says; None of any other."""
    if not column.filled or not len(column.values):
        return None
    spoken = _spoken_of(column.name)
    values = column.values
    if column.flag is not None and column.distinct <= 3 and not {"supplier", "opt_out", "own", "type"} & spoken.keys():
        spoken = {kind: points for kind, points in spoken.items() if kind in ("deleted", "archived", "active", "test")}
    proven = _by_values(column, spoken)
    if proven is not None:
        return proven
    likely = sorted(spoken.items(), key=lambda item: -item[1])
    for kind, points in likely:
        if kind not in FITS or points < 20:
            continue
        share = FITS[kind](values)
        if share >= 0.5:
            is_sure = share >= 0.75 and points >= 40 and (kind != "state" or column.distinct >= REGIONS)
            return Kind(kind, is_sure, f"by its name; {share:.0%} of its values look like it", points)
    return None


REGIONS = 5
"""A column of fewer values that is called `state` may say what became of a row."""


def _spoken_of(name: str) -> dict[str, int]:
    """The kinds of which a column's name speaks, also beside a word that says of which address it is."""
    rest = [word for word in words_of(name) if word not in (*FIRST_RATE, *SECOND_RATE)]
    spoken = dict(kinds_of(name))
    for kind, points in kinds_of(" ".join(rest)).items():
        spoken[kind] = max(points, spoken.get(kind, 0))
    return spoken


def of_persons(columns: Iterable[Column], kinds: Mapping[str, Kind]) -> dict[str, Kind]:
    """The kinds of a table's columns: beside first names, `Nom` is a last name and no company."""
    names = {kind.name for kind in kinds.values() if kind.points >= 40}
    if "first_name" not in names or "last_name" in names:
        return dict(kinds)
    by_name = {column.name: column for column in columns}
    return {
        name: replace(kind, name="last_name", why="beside first names")
        if kind.name == "company" and name.lower() in NAMES_OF_BOTH and legal_share(by_name[name].values) < 0.1
        else kind
        for name, kind in kinds.items()
    }


NAMES_OF_BOTH = ("nom", "name", "nome", "nombre", "name1", "name 1", "denominazione", "intitulé")
"""How columns are called that hold names of companies or persons."""


def _by_values(column: Column, spoken: Mapping[str, int]) -> Kind | None:
    """Kinds that values prove, whatever their column is called."""
    values = column.values
    shares = {"email": _share(values, EMAIL), "website": _share(values, WEBSITE)}
    for kind, share in shares.items():
        if share >= 0.8:
            return Kind(kind, True, f"{share:.0%} of its values are of that kind", spoken.get(kind, 50))
    if "website" in spoken and _share(values, DOMAIN) >= 0.6:
        return Kind("website", True, "by its name and its values", spoken["website"])
    if "email" in spoken and shares["email"] >= 0.5:
        return Kind("email", True, f"by its name; {shares['email']:.0%} of its values are addresses", spoken["email"])
    vat = _mean(_is_vat(value) for value in values.to_pylist()[:200])
    if vat >= 0.7 or (vat >= 0.3 and "vat" in spoken):
        return Kind("vat", True, f"{vat:.0%} of its values have a right check digit", spoken.get("vat", 50))
    if _mean(_is_iban(value) for value in values.to_pylist()[:200]) >= 0.7:
        return Kind("iban", True, "its values have an IBAN's check digits", spoken.get("iban", 50))
    return None


def _fits_phone(values: pa.Array) -> float:
    return _share(values, PHONE)


def _fits_company(values: pa.Array) -> float:
    """Company names are words; a legal form is not needed, and numbers alone are none."""
    return _share(values, r"\pL{2}") * (0.0 if _share(values, EMAIL) > 0.5 else 1.0)


def _fits_country(values: pa.Array) -> float:
    known = regions(pc.utf8_trim_whitespace(values))
    return 1.0 - known.null_count / len(values) if len(values) else 0.0


def _fits_state(values: pa.Array) -> float:
    """States of an address are codes of two letters or more, or words; letters and `deleted` are states of a row."""
    if any(kinds_of(value).keys() & ROW_STATES for value in values.to_pylist()[:FEW]):
        return 0.0
    return _share(values, r"^\s*[\pL][\pL .'’\-/()]+$")


ROW_STATES = frozenset(("active", "archived", "deleted", "ended", "cancelled"))
FEW = 12


def legal_share(values: pa.Array) -> float:
    """The share of values that have a legal form, as names of companies do."""
    return _mean(company(value)[1] is not None for value in values.to_pylist())


def given_share(values: pa.Array) -> float:
    """The share of values that begin with a common first name."""
    written = values.filter(pc.match_substring_regex(values, r"\S"))
    first = pc.utf8_lower(pc.list_element(pc.split_pattern_regex(pc.utf8_trim_whitespace(written), r"[\s-]"), 0))
    return share_of(pc.is_in(first, value_set=given_names()))


FITS: Mapping[str, Callable[[pa.Array], float]] = {
    "phone": _fits_phone,
    "fax": _fits_phone,
    "postcode": lambda values: _share(values, POSTCODE),
    "city": lambda values: _share(values, WORDS),
    "state": _fits_state,
    "country": _fits_country,
    "street": lambda values: max(_share(values, STREET), 0.9 * _share(values, r"\pL{3}.*")),
    "company": _fits_company,
    "first_name": lambda values: _share(values, NAME_OF_PERSON),
    "last_name": lambda values: _share(values, NAME_OF_PERSON),
    "person": lambda values: _share(values, NAME_OF_PERSON),
    "company_number": lambda values: _share(values, r"\d{3}"),
    "vat": lambda values: _share(values, r"^\s*[A-Za-z]{0,3}[\s.-]{0,2}[A-Za-z0-9][A-Za-z0-9 ./-]{5,16}\s*$"),
    "salutation": lambda values: _share(values, r"^\s*[\pL][\pL. -]{0,24}$"),
}


def _share(values: pa.Array, pattern: str) -> float:
    return share_of(pc.match_substring_regex(values, pattern))


def share_of(mask: pa.Array) -> float:
    """The share of a mask's values that are true; of none, none."""
    return float(pc.mean(mask.cast(pa.float64())).as_py() or 0.0)


def _mean(answers: Iterable[bool]) -> float:
    listed = list(answers)
    return sum(listed) / len(listed) if listed else 0.0


@lru_cache(maxsize=10_000)
def _is_vat(value: str) -> bool:
    country = named_country(value)
    return (
        country in VAT_COUNTRIES and re.search(r"\d{5}|\d.*\d.*\d.*\d", value) is not None and is_valid(value, country)
    )


@lru_cache(maxsize=10_000)
def _is_iban(value: str) -> bool:
    from stdnum import iban

    return bool(iban.is_valid(value))
