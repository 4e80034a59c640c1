"""Read dates from text: ISO 8601 or as the config declares, never a guess."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

UNREADABLE = -(2**31)
"""What stands for a date that is missing or cannot be read, as a day."""
NO_MOMENT = -(2**63)
"""What stands for it as a moment."""

PLACEHOLDERS = frozenset(
    dt.date(year, month, day).toordinal()
    for year, month, day in [
        *[(1, 1, 1), (1753, 1, 1), (1899, 12, 30), (1899, 12, 31), (1900, 1, 1)],
        *[(1969, 12, 31), (1970, 1, 1), (9999, 12, 31)],
    ]
)
"""Days that stand for "none" or "for ever" in databases and spreadsheets; no evidence is from such a day.

Second 0 of Unix is 1970-01-01, and the day before it west of Greenwich.
"""

EARLIEST = dt.date(1900, 1, 2).toordinal()
"""A purchase that would be older is a year without its century (`0024-05-01`), and no date that can be read."""

EARLIEST_EPOCH = dt.timedelta(days=366)
"""No moment of a CRM is counted from so near to 1970: it is seconds taken for milliseconds, or days, or 0 for none."""

ISO = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?)(?: ?(Z|[+-]\d{2}(?::?\d{2})?))?)?",
    re.ASCII,
)
DIRECTIVES = frozenset("aAbBcdfGHIjmMpSuUVwWxXyYzZ%")
"""The directives of `datetime.strptime`, https://docs.python.org/3/library/datetime.html#format-codes."""
YEARS = re.compile("%[yYGcx]")
DAYS = re.compile("%j|%[cx]|%d")
DAY_MICROSECONDS = 86_400_000_000
EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001  a clock's face, as all moments here
EXCEL_EPOCH = dt.datetime(1899, 12, 30)  # noqa: DTZ001


@dataclass(frozen=True)
class DateForm:
    """How a column's dates are written.

    formats: in the words of strptime. epoch: seconds or milliseconds since 1970 in UTC. excel: days since 1899-12-30,
    as Excel counts them from March 1900 on (ECMA-376, 18.17.4.1). Without these they are ISO 8601. zone: the IANA name
    of the time zone that says what day a moment with a zone belongs to; UTC without one.
    """

    formats: tuple[str, ...] = ()
    epoch: Literal["s", "ms"] | None = None
    excel: bool = False
    zone: str | None = None

    def within(self, zone: str | None) -> DateForm:
        """The same, in a time zone."""
        return replace(self, zone=zone)


ISO_DATES = DateForm()


def read_dates(values: pa.Array | pa.ChunkedArray, form: DateForm = ISO_DATES) -> npt.NDArray[np.int32]:
    """Read each text as a date.

    values: text, nulls allowed. A time of day is allowed and left out; one with a zone is brought to the form's first.
    Returns days as proleptic ordinals (`date.toordinal`), UNREADABLE for null and for all that is no date.
    """
    import numpy as np

    moments = read_moments(values, form)
    days = moments // DAY_MICROSECONDS
    return np.where(moments == NO_MOMENT, UNREADABLE, days).astype(np.int32)


def read_moments(values: pa.Array | pa.ChunkedArray, form: DateForm = ISO_DATES) -> npt.NDArray[np.int64]:
    """Read each text as a date and, where it has one, a time of day.

    values: text, nulls allowed. Returns microseconds since the day before 0001-01-01, so that a moment divided by a
    day's microseconds is the day's proleptic ordinal; NO_MOMENT for null and for all that is no date.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    distinct = pc.dictionary_encode(values)
    read = _reader(form)
    moments = np.array([read(text) for text in distinct.dictionary.to_pylist()] + [NO_MOMENT], dtype=np.int64)
    places: npt.NDArray[np.intp] = distinct.indices.fill_null(len(moments) - 1).to_numpy(zero_copy_only=False)
    return moments[places]


@lru_cache(maxsize=16)
def _reader(form: DateForm) -> Callable[[str], int]:
    """What reads one text of a column; NO_MOMENT for what is no date. Days come again in each part of a table."""
    zone = _zone(form.zone)

    @lru_cache(maxsize=20_000)
    def moment(text: str) -> int:
        try:
            return _microseconds(_read(text, form, zone), zone)
        except (ValueError, OverflowError):
            return NO_MOMENT

    return moment


def _read(text: str, form: DateForm, zone: dt.tzinfo) -> dt.datetime:
    if form.formats:
        return _first_that_fits(text, form.formats)
    if form.epoch or form.excel:
        number = float(text)
        if form.excel:
            return EXCEL_EPOCH + dt.timedelta(days=number)
        since = dt.timedelta(seconds=number if form.epoch == "s" else number / 1_000)
        if since < EARLIEST_EPOCH:  # seconds read as milliseconds, days of a spreadsheet, or 0 for none
            raise ValueError(text)
        return (EPOCH + since).replace(tzinfo=dt.UTC).astimezone(zone)
    match = ISO.fullmatch(text)
    if not match:
        raise ValueError(text)
    day, clock, offset = match.groups()
    if clock is None:
        return dt.datetime.fromisoformat(day)
    if offset is None:
        return dt.datetime.fromisoformat(f"{day}T{clock}")
    return dt.datetime.fromisoformat(f"{day}T{clock}{offset}")


def _first_that_fits(text: str, formats: Sequence[str]) -> dt.datetime:
    for written in formats:
        try:
            return dt.datetime.strptime(text, written)  # noqa: DTZ007  one without a zone is read as it is written
        except ValueError:
            continue
    raise ValueError(text)


def _microseconds(moment: dt.datetime, zone: dt.tzinfo) -> int:
    if moment.tzinfo is not None:
        moment = moment.astimezone(zone).replace(tzinfo=None)
    clock = moment.time()
    seconds = (clock.hour * 60 + clock.minute) * 60 + clock.second
    return moment.toordinal() * DAY_MICROSECONDS + seconds * 1_000_000 + clock.microsecond


@lru_cache
def _zone(name: str | None) -> dt.tzinfo:
    from zoneinfo import ZoneInfo

    return ZoneInfo(name) if name else dt.UTC


def unknown_zone(name: str) -> bool:
    """Whether the machine's time zone database has no such zone."""
    from zoneinfo import ZoneInfoNotFoundError

    try:
        _zone(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return True
    return False


def unfit_format(format: str) -> str | None:
    """Why dates cannot be read by a format, with what would be right; None where they can."""
    directives = re.findall(r"%(.?)", format.replace("%%", ""))
    unknown = [letter for letter in directives if letter not in DIRECTIVES]
    example = "write for example '%d.%m.%Y' for 31.10.2026"
    if not directives:
        return f"{format!r} has no directive such as %d, so it would read no date; {example}"
    if unknown:
        return f"{format!r} has %{unknown[0]}, which strptime does not know; {example}"
    if not YEARS.search(format):
        return f"{format!r} does not say where the year is; {example}"
    try:
        dt.datetime.strptime(dt.datetime(2004, 3, 9).strftime(format), format)  # noqa: DTZ001, DTZ007
    except ValueError as error:
        return f"{format!r} cannot be read back: {error}; {example}"
    return None


SAMPLES = [dt.datetime(2001, 1, 1) + dt.timedelta(days=day) for day in range(0, 365, 3)]  # noqa: DTZ001


def ambiguity(formats: Sequence[str]) -> str | None:
    """Why a text could be two dates by several formats; None where it cannot."""
    for written, other in itertools.permutations(formats, 2):
        for day in SAMPLES:
            text = day.strftime(written)
            try:
                read = dt.datetime.strptime(text, other)  # noqa: DTZ007
            except ValueError:
                continue
            if read.date() != day.date():
                return (
                    f"the formats {written!r} and {other!r} are ambiguous: {text} could be {day.date()} or "
                    f"{read.date()}; leave one out"
                )
    return None


ZONED = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.,]+ ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)$"


def in_text_order(values: pa.Array | pa.ChunkedArray, zone: str | None) -> pa.Array | pa.ChunkedArray:
    """Texts that sort as they are, ISO moments with a zone as the time that it is then in one zone.

    values: text, nulls stay nulls. zone: as a form has it.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if not pc.any(pc.match_substring_regex(values, ZONED)).as_py():
        return values
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    distinct = pc.dictionary_encode(values)
    wanted = _zone(zone)
    words = [_in_zone(text, wanted) for text in distinct.dictionary.to_pylist()]
    return pa.array(words, values.type).take(distinct.indices)


def _in_zone(text: str, zone: dt.tzinfo) -> str:
    match = ISO.fullmatch(text)
    if match is None or match[2] is None:
        return text
    try:
        moment = _read(text, ISO_DATES, zone)
    except (ValueError, OverflowError):
        return text
    return (moment.astimezone(zone) if moment.tzinfo else moment).replace(tzinfo=None).isoformat(" ")
