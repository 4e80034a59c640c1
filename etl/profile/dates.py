"""In which form a column's dates are written: one that reads nearly all values, proven on every one of them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from etl.profile.model import Dates
from etl.rows.dated import DAYS, LIKE, TIMES, shape

COMPACT = {"%Y%m%d": r"^(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])$"}
ISO = (
    r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.,][0-9]{1,9})?)?( ?(Z|[+-][0-9]{2}(:?[0-9]{2})?))?)?$"
)
NO_DAY = r"^(0{1,4}[-./]0{1,2}[-./]0{1,4}.*|9999-12-31.*|0)$"
"""What stands for no day, whatever the form."""
MOST = 0.95
"""So many of a column's values must be dates for the column to hold dates."""
ISO_8601 = ""
FORMS: Mapping[str, str] = {
    ISO_8601: ISO,
    **{day + time: shape(day + time) for day, time in itertools.product(DAYS, TIMES) if not day.startswith("%Y-")},
    **COMPACT,
}
"""The forms that are tried -> the pattern of the texts that each reads."""


Counting = Callable[[Mapping[str, str], Sequence[str]], tuple[int, dict[str, int]]]
"""Counts the filled rows whose value, without blanks around it, matches none of some patterns, and of these the rows
that match each of some named ones."""


def dates_of(sample: pa.Array, asked: Counting) -> Dates | None:
    """The form of a column's dates, proven on all of its values; None where they are none.

    sample: some of its distinct values, of which nearly all must be like dates before the others are asked.
    """
    trimmed = pc.utf8_trim_whitespace(sample)
    like = pc.or_(pc.match_substring_regex(trimmed, LIKE), pc.match_substring_regex(trimmed, COMPACT["%Y%m%d"]))
    like = pc.or_(like, pc.match_substring_regex(trimmed, NO_DAY))
    if not len(sample) or pc.mean(like.cast(pa.float64())).as_py() < MOST:
        return None
    forms = {form: by for form, by in FORMS.items() if pc.any(pc.match_substring_regex(trimmed, by)).as_py()}
    return _proven(asked, forms)


def _proven(asked: Counting, forms: Mapping[str, str]) -> Dates | None:
    """Ask all values: which of some forms reads most of them; where none reads nearly all, several together."""
    chosen: list[list[str]] = []
    without = [NO_DAY]
    total = read = 0
    while forms:
        left, counts = asked(forms, without)
        total = total or left
        most = max(counts.values())
        if not total or most < total / 50:
            break
        chosen.append([form for form in forms if counts[form] == most])
        without.append(forms[chosen[-1][0]])
        read += most
        if read >= total:
            break
    if not total or read < MOST * total:
        return None
    formats = tuple(form for alike in chosen for form in alike)
    iso = formats == (ISO_8601,)
    return Dates(() if iso else tuple(form or "%Y-%m-%d" for form in formats), read / total, len(chosen[0]) > 1)
