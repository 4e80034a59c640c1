"""Official numbers that prove nothing: mistyped, made up, or held by many who have nothing in common."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.matching import normal
from etl.matching.company_names import company
from etl.matching.features import Identity
from etl.matching.fields import Codes, Several, joined
from etl.matching.folding import digits
from etl.matching.placeholders import LEAST_DIGITS, is_made_up
from etl.matching.vat_numbers import is_valid, named_country
from etl.texts import stored

Kind = Literal["vat", "company_number", "number"]

MOST_HOLDERS = 3
"""A number that more records hold, whose names are unlike, is nobody's own."""


class Weakness(StrEnum):
    """Why a number proves nothing."""

    CHECK_DIGIT = stored("its check digit is wrong")
    PLACEHOLDER = stored("it is a placeholder")
    SHARED = stored("several records with different names have it")


def weaknesses(numbers: Several, wanted: Codes, identity: Identity, kind: Kind, count: int) -> dict[int, Weakness]:
    """Which of some numbers prove nothing, and why, by code.

    numbers: of all records; wanted: the codes that are asked about; identity: of the records, as `match` takes it.
    """
    weak: dict[int, Weakness] = {}
    codes = sorted(set(wanted.tolist()))
    texts = _texts(identity.get(kind, ()), {numbers.values[code] for code in codes}, kind) if kind == "vat" else {}
    holders = numbers.counts
    names = _names(identity, count)
    for code in codes:
        value = numbers.values[code]
        if _made_up(value, kind):
            weak[code] = Weakness.PLACEHOLDER
        elif _mistyped(texts.get(value, ())):
            weak[code] = Weakness.CHECK_DIGIT
        elif holders[code] > MOST_HOLDERS and _unlike(names, numbers.record[numbers.code == code]):
            weak[code] = Weakness.SHARED
    return weak


def _made_up(value: str, kind: Kind) -> bool:
    return is_made_up(digits(value), LEAST_DIGITS[kind])


def _texts(columns: Sequence[pa.Array], values: set[str], kind: Kind) -> dict[str, set[str]]:
    """The spellings of some numbers, by their normal form."""
    spellings: dict[str, set[str]] = {}
    for column in columns:
        for text in pc.unique(column).to_pylist():
            for value in normal.officials(text, kind) if text else ():
                if value in values:
                    spellings.setdefault(value, set()).add(text.strip())
    return spellings


def _mistyped(spellings: Iterable[str]) -> bool:
    """Whether a VAT number is wrong in each country that one of its spellings names."""
    judged = [is_valid(text, country) for text in spellings if (country := named_country(text))]
    return bool(judged) and not any(judged)


def _names(identity: Identity, count: int) -> pa.Array:
    columns = identity.get("company") or identity.get("last_name")
    return joined(columns) if columns else pa.nulls(count, pa.large_string())


def _unlike(names: pa.Array, records: Codes) -> bool:
    """Whether the names of some records do not all hang together by a word that two of them share."""
    groups: list[set[str]] = []
    for name in names.take(pa.array(np.sort(records))).to_pylist():
        core = company(name)[0] if name else None
        if core is None:
            continue
        words = set(core.split())
        apart = [group for group in groups if not group & words]
        groups = [*apart, words.union(*(group for group in groups if group & words))]
    return len(groups) > 1
