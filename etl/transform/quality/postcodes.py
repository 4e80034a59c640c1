"""Postcodes against the shape that they have in their country."""

from __future__ import annotations

import re
from functools import cache, lru_cache

import pyarrow.compute as pc

from etl.transform.quality.cells import Judged
from etl.transform.quality.data import lines


def wrong_shape(cells: Judged) -> dict[int, str | None]:
    """Postcodes that cannot be of their country. A country prefix or a lost leading zero is put right as proposal."""
    proposals: dict[int, str | None] = {}
    values = cells.trimmed
    for region in pc.unique(cells.region.filter(pc.is_valid(values))).to_pylist():
        if region not in shapes():
            continue
        here = pc.fill_null(pc.equal(cells.region, region), False)
        fits = pc.match_substring_regex(values, f"(?i)^(?:{shapes()[region]})$")
        rows = pc.indices_nonzero(pc.and_(here, pc.fill_null(pc.invert(fits), False)))
        for row, text in zip(rows.to_pylist(), values.take(rows).to_pylist(), strict=True):
            proposals[row] = proposal(text, region)
    return proposals


@cache
def shapes() -> dict[str, str]:
    """ISO country code -> the regular expression of its postcodes."""
    return {line[0]: line[1] for line in lines("postcodes.tsv")}


@lru_cache(maxsize=10_000)
def proposal(text: str, region: str) -> str | None:
    """What the postcode was probably meant to be, if that has the right shape."""
    bare = re.sub(r"^[A-Za-z]{1,3}\s*-\s*", "", text)
    tries = [bare, bare.replace(" ", ""), bare.replace(" ", "-"), f"0{bare}", f"{bare[:2]}-{bare[2:]}"]
    return next(
        (attempt for attempt in tries if re.fullmatch(shapes()[region], attempt, re.IGNORECASE | re.ASCII)), None
    )
