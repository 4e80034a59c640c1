"""VAT numbers: their checksum by python-stdnum, and the country that they name."""

from __future__ import annotations

import re

import pyarrow.compute as pc

from etl.matching.vat_numbers import is_valid, named_country
from etl.transform.quality.cells import Judged

SHARED = {"MC": "FR", "IM": "GB"}
"""Countries whose companies have the VAT numbers of another one."""

NUMBER = re.compile(r"\b(?:CHE|[A-Z]{2})[ .-]?[0-9A-Z]{0,2} ?\d[0-9A-Z .-]{3,15}[0-9A-Z]\b")


def invalid(cells: Judged) -> dict[int, str | None]:
    """Numbers that are none in the country they name, or in the record's country where they name none."""
    proposals: dict[int, str | None] = {}
    for row, text, region in _judged(cells):
        country = named_country(text) or region
        if country is not None and not is_valid(text, country):
            proposals[row] = proposal(text)
    return proposals


def other_country(cells: Judged) -> dict[int, str | None]:
    """Valid numbers of another country than the record's."""
    foreign: dict[int, str | None] = {}
    for row, text, region in _judged(cells):
        country = named_country(text)
        if country and region and country != SHARED.get(region, region) and is_valid(text, country):
            foreign[row] = None
    return foreign


def _judged(cells: Judged) -> list[tuple[int, str, str | None]]:
    rows = pc.indices_nonzero(pc.is_valid(cells.trimmed))
    values, regions = cells.trimmed.take(rows).to_pylist(), cells.region.take(rows).to_pylist()
    return list(zip(rows.to_pylist(), values, regions, strict=True))


def proposal(text: str) -> str | None:
    """A valid number somewhere in the text."""
    for part in NUMBER.findall(text.upper()[:500]):
        country = named_country(part)
        if country and part != text and is_valid(part, country):
            return str(part)
    return None
