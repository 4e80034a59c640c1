"""Which values differ between two notes of one lead: read back by their labels, else line by line."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from itertools import islice

from etl.errors import CleanupError
from etl.note import Difference, Labels, ParsedNote, parse
from etl.note.contents import Contents
from etl.note.differences import differences
from etl.plan import Bundle
from etl.report.diff.model import ValueChange, short

MOST = 20
"""How many values of one note are named."""


class Notes:
    """The notes of two plans, each read with the labels of its own config."""

    def __init__(self, before: Bundle, after: Bundle) -> None:
        self._labels = labels_of(before), labels_of(after)

    def compare(self, lead: str, before: str | None, after: str | None) -> Iterator[ValueChange]:
        """The first MOST values in which two notes differ; lines, where the values are the same or cannot be read."""
        was, now = self._labels
        changes: Iterator[ValueChange] = iter(())
        if was and now:
            changes = values(lead, parse(before or "", was), parse(after or "", now))
        some = list(islice(changes, MOST))
        return iter(some) if some else islice(lines(before or "", after or ""), MOST)


def labels_of(bundle: Bundle) -> Labels | None:
    """What the columns are called in a plan's notes; None where the config needs a `${NAME}` that is not set here."""
    try:
        return Labels.of(bundle.config, bundle.manifest.columns)
    except CleanupError:
        return None


def values(lead: str, before: ParsedNote, after: ParsedNote) -> Iterator[ValueChange]:
    """Name each value in which two notes differ."""
    contents = Contents(before.records, before.related, before.references)
    for difference in differences(lead, contents, after):
        where = [difference.source_key, difference.dataset if difference.row is not None else None, difference.column]
        row = None if difference.row is None else f"row {difference.row + 1}"
        name = " ".join(part for part in (where[0], where[1], row, where[2]) if part) or "the note"
        yield ValueChange(
            f"{name}: {_kind(difference)}", short(_value(difference, before)), short(_value(difference, after))
        )


def _kind(difference: Difference) -> str:
    return {"lost": "removed", "extra": "added", "order": "in another order", "edited": "edited by hand"}.get(
        difference.kind, difference.kind
    )


def _value(difference: Difference, note: ParsedNote) -> str | None:
    """The value that is meant, where it can be told which it is: rows of history may have moved."""
    key, column = difference.source_key or "", difference.column
    if column is None:
        return note.references.get(key)
    if difference.row is None:
        return note.records.get(key, {}).get(column)
    return None


def lines(before: str, after: str) -> Iterator[ValueChange]:
    """Name each line that only one of two notes has; the last one, with the checksum, always differs."""
    for line in difflib.ndiff(before.splitlines()[:-1], after.splitlines()[:-1]):
        if line.startswith("- "):
            yield ValueChange("line", short(line[2:].strip()), None)
        elif line.startswith("+ "):
            yield ValueChange("line", None, short(line[2:].strip()))
