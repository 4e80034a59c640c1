"""Phone numbers that are possible in their country, by phonenumbers' own rules; the clear ones without parsing them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.matching.phone_numbers import written
from etl.transform.quality.cells import Judged

Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]
SEPARATORS = " ()/.-"
"""What phonenumbers skips between digits without a further meaning."""

LONGEST_PLAIN = 60
LONGEST_NUMBER = 250


def impossible(cells: Judged) -> dict[int, str | None]:
    """Numbers that nobody could dial: without a known country only those with a plus are judged.

    The first possible number is proposed where a field holds several.
    """
    values, regions = cells.trimmed, cells.region
    judged = pc.or_(pc.is_valid(regions), pc.starts_with(values, "+"))
    doubtful = pc.fill_null(judged, False).to_numpy(zero_copy_only=False) & ~clearly_possible(values, regions)
    rows = pc.indices_nonzero(pa.array(doubtful))
    proposals: dict[int, str | None] = {}
    pairs = zip(values.take(rows).to_pylist(), regions.take(rows).to_pylist(), strict=True)
    for row, (text, region) in zip(rows.to_pylist(), pairs, strict=True):
        if not is_possible(text, region):
            numbers = (number for number in written(text[: 2 * LONGEST_NUMBER]) if number != text)
            proposals[row] = next((number for number in numbers if is_possible(number, region)), None)
    return proposals


@lru_cache(maxsize=100_000)
def is_possible(text: str, region: str | None) -> bool:
    """Whether phonenumbers holds the text for a number that is possible, dialled from that country."""
    import phonenumbers

    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(text, region))
    except phonenumbers.NumberParseException:
        return False


def clearly_possible(values: pa.Array, regions: pa.Array) -> Mask:
    """Which values `is_possible` certainly holds for, without parsing them; null never is.

    A number of digits and SEPARATORS is clear where phonenumbers' metadata allows its length in every way in which
    phonenumbers could read it; one that might hold a calling code without saying so never is.
    """
    digits = values
    for separator in SEPARATORS:
        digits = pc.replace_substring(digits, separator, "")
    plain = pc.match_substring_regex(digits, r"^\+?[0-9]{4,17}$")
    plain = pc.and_(plain, pc.less_equal(pc.binary_length(values), LONGEST_PLAIN))
    rows = pc.indices_nonzero(plain)
    clear = np.zeros(len(values), dtype=bool)
    clear[rows.to_numpy()] = _clear_digits(digits.take(rows), regions.take(rows))
    return clear


def _clear_digits(digits: pa.Array, regions: pa.Array) -> Mask:
    plus = _numpy(pc.starts_with(digits, "+"))
    abroad = plus.copy()
    clear = np.zeros(len(digits), dtype=bool)
    for region in pc.unique(regions).to_pylist():
        shape = _shape(region) if region else None
        if shape is None:
            continue
        here = _numpy(pc.fill_null(pc.equal(regions, region), False)) & ~plus
        if shape.zeros_abroad:
            abroad |= here & _numpy(pc.starts_with(digits, "00"))
        rows = np.flatnonzero(here)
        clear[rows] = shape.clear_at_home(digits.take(pa.array(rows)))
    rows = np.flatnonzero(abroad)
    without = pc.replace_substring_regex(digits.take(pa.array(rows)), r"^(?:\+|00)", "")
    clear[rows] = _clear_abroad(without)
    return clear


def _clear_abroad(digits: pa.Array) -> Mask:
    """Judge numbers that begin with a country's calling code."""
    start = pc.utf8_slice_codeunits(digits, 0, 3).cast(pa.int32()).to_numpy(zero_copy_only=False)
    codes = _calling_codes()[start]
    clear = np.zeros(len(digits), dtype=bool)
    for code in np.unique(codes[codes > 0]).tolist():
        shape = _shape(_main_region(code))
        if shape is not None:
            rows = np.flatnonzero(codes == code)
            clear[rows] = shape.clear_lengths(pc.utf8_slice_codeunits(digits.take(pa.array(rows)), len(str(code))))
    return clear


def _numpy(mask: pa.Array) -> Mask:
    array: Mask = mask.to_numpy(zero_copy_only=False)
    return array


@dataclass(frozen=True)
class Shape:
    """How numbers of one country look, from phonenumbers' metadata.

    code: the calling code. prefix: an expression for what may be left out before a number, "" without one; prefixes:
    the same as digits, None where it is more than a choice of digits. abroad: an expression for what is dialled before
    the code of another country; zeros_abroad: that is `00` and nothing else. lengths: how long a number may be, and
    full_lengths, how long with its area code. shared: the calling code's rules are another country's, so that what
    counts as the prefix and what counts as too long are not said by one metadata; a number must then fit either way.
    """

    code: str
    prefix: str
    prefixes: tuple[str, ...] | None
    abroad: str
    zeros_abroad: bool
    lengths: tuple[int, ...]
    full_lengths: tuple[int, ...]
    shared: bool

    def clear_at_home(self, digits: pa.Array) -> Mask:
        """Judge numbers as they are dialled within the country; those that may carry its calling code are not clear."""
        other = pc.match_substring_regex(digits, f"^(?:{self.code}|{self.abroad or self.code})")
        return self.clear_lengths(digits) & ~_numpy(other)

    def clear_lengths(self, digits: pa.Array) -> Mask:
        """Which numbers have an allowed length.

        phonenumbers leaves the prefix out where the rest has a full length, and otherwise takes the number as it is.
        """
        length = pc.utf8_length(digits).to_numpy(zero_copy_only=False)
        allowed = np.isin(length, self.lengths)
        if self.prefixes is None:
            return allowed & ~_numpy(pc.match_substring_regex(digits, f"^(?:{self.prefix})"))
        for prefix in self.prefixes:
            starts = _numpy(pc.starts_with(digits, prefix))
            shorter = np.isin(length - len(prefix), self.full_lengths)
            allowed = np.where(starts, allowed & shorter if self.shared else allowed | shorter, allowed)
        return allowed


@cache
def _shape(region: str) -> Shape | None:
    """The shape of a country's numbers; None for what is no country to phonenumbers."""
    home, main = _metadata(region), _metadata(_main_region_of(region))
    if home is None or main is None:
        return None
    desc = main.general_desc
    prefix = home.national_prefix_for_parsing or ""
    literal = home.national_prefix_transform_rule is None and re.fullmatch(r"[0-9|]*", prefix)
    return Shape(
        code=str(home.country_code),
        prefix=prefix,
        prefixes=tuple(filter(None, prefix.split("|"))) if literal else None,
        abroad=home.international_prefix or "",
        zeros_abroad=home.international_prefix == "00",
        lengths=tuple(n for n in (*desc.possible_length, *desc.possible_length_local_only) if n >= 2),
        full_lengths=tuple(desc.possible_length),
        shared=home is not main,
    )


def _metadata(region: str | None) -> Any:
    from phonenumbers import PhoneMetadata

    return PhoneMetadata.metadata_for_region(region, None) if region else None


@cache
def _main_region(code: int) -> str | None:
    """The country whose rules hold for a calling code; None where it belongs to none, as 800."""
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

    regions = COUNTRY_CODE_TO_REGION_CODE.get(code, ())
    return regions[0] if regions and regions[0] != "001" else None


def _main_region_of(region: str) -> str | None:
    home = _metadata(region)
    return _main_region(home.country_code) if home else None


@cache
def _calling_codes() -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    """The calling code that each three digits begin with, 0 where there is none."""
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

    table = np.zeros(1000, dtype=np.int32)
    for start in range(100, 1000):
        known = (int(str(start)[:n]) for n in (1, 2, 3))
        table[start] = next((code for code in known if code in COUNTRY_CODE_TO_REGION_CODE), 0)
    return table
