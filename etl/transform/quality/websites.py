"""Websites: a host with a dot, with or without http and a path."""

from __future__ import annotations

import re

import pyarrow.compute as pc

from etl.transform.quality.cells import Judged

HOST = r"(?:[\pL\pN](?:[\pL\pN_-]*[\pL\pN])?\.)+\pL[\pL\pN-]*[\pL\pN]\.?"
WEBSITE = rf"(?i)^(?:https?://)?{HOST}(?::\d{{1,5}})?(?:[/?#]\S*)?$"
PART = re.compile(r"(?:https?://)?(?:[\w-]+\.)+[a-z]{2,}(?:/[^\s;,|]*)?", re.IGNORECASE)


def invalid(cells: Judged) -> dict[int, str | None]:
    """Websites that no browser would open; one found in the text is proposed, but no e-mail address's domain."""
    values = cells.trimmed
    rows = pc.indices_nonzero(pc.fill_null(pc.invert(pc.match_substring_regex(values, WEBSITE)), False))
    proposals: dict[int, str | None] = {}
    for row, text in zip(rows.to_pylist(), values.take(rows).to_pylist(), strict=True):
        part = None if "@" in text else PART.search(text[:2000])
        proposals[row] = part[0] if part else None
    return proposals
