"""Texts in general: line breaks, control characters, dates of zeros."""

from __future__ import annotations

import re

import pyarrow.compute as pc

from etl.transform.quality.cells import Judged

BREAKS = r"[\n\r\x0b\x0c\x{85}\x{2028}\x{2029}]"
CONTROLS = r"[\x00-\x08\x0e-\x1f\t\x7f-\x{84}\x{86}-\x{9f}]"
AROUND_BREAKS = re.compile(r"[\s,;]*[\n\r\x0b\x0c\x85\u2028\u2029]+\s*")
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\t\x7f-\x84\x86-\x9f]+")
ZERO_DATES = ("0000-00-00", "00.00.0000", "0000/00/00", "00/00/0000")


def line_break(cells: Judged) -> dict[int, str | None]:
    """Lead fields of more than one line; their lines joined with commas are proposed."""
    return {row: AROUND_BREAKS.sub(", ", text) for row, text in _matching(cells, BREAKS)}


def control_character(cells: Judged) -> dict[int, str | None]:
    """Lead fields with tabs and other control characters; blanks instead are proposed."""
    return {row: " ".join(CONTROL.sub(" ", text).split(" ")) for row, text in _matching(cells, CONTROLS)}


def zero_date(cells: Judged) -> dict[int, str | None]:
    """Dates that a database wrote for none."""
    is_zero = None
    for date in ZERO_DATES:
        starts = pc.starts_with(cells.values, date)
        is_zero = starts if is_zero is None else pc.or_(is_zero, starts)
    return dict.fromkeys(pc.indices_nonzero(is_zero).to_pylist(), "")


def _matching(cells: Judged, expression: str) -> list[tuple[int, str]]:
    rows = pc.indices_nonzero(pc.match_substring_regex(cells.trimmed, expression))
    return list(zip(rows.to_pylist(), cells.trimmed.take(rows).to_pylist(), strict=True))
