"""How files are written, and the words for none of all tables, as a config says it."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from typing import Any

from etl.config import CsvFormat
from etl.profile.draft import Draft
from etl.profile.profile import Profile
from etl.profile.table_parts import EMPTY_WORDS


def words_everywhere(profile: Profile) -> tuple[str, ...]:
    """Words that stand for none in several columns of several tables."""
    places: dict[str, int] = {}
    for table in profile.tables:
        for column in table.columns:
            for word, count in column.empties.items():
                if count > EMPTY_WORDS and word.strip().lower() in ("null", "(null)", "\\n", "n/a", "#n/a"):
                    places[word] = places.get(word, 0) + 1
    return tuple(sorted(word for word, count in places.items() if count >= 3))


USUAL_PAGES = frozenset(
    codecs.lookup(name).name for name in ("utf-8", "utf-16", "utf-32", "cp1252", "latin-1", "iso-8859-15")
)
"""The encodings that a file is seen to have; any other one is a guess."""


def doubt_encodings(draft: Draft, formats: Mapping[str, CsvFormat], at: tuple[str, ...]) -> None:
    """Mark the files that seem to be written in an encoding which is rare, or which others look like."""
    guessed: dict[str, list[str]] = {}
    for table, form in formats.items():
        if codecs.lookup(form.encoding).name not in USUAL_PAGES:
            guessed.setdefault(form.encoding, []).append(table)
    for encoding, tables in guessed.items():
        draft.doubt(at, f"{', '.join(tables)}: the encoding seems to be {encoding}; are names and places read right?")


def usual_format(formats: Mapping[str, CsvFormat]) -> dict[str, Any]:
    """What at least half of the files have in common, if it needs saying."""
    said = [said_of(form) for form in formats.values()]
    usual: dict[str, Any] = {}
    for key in ("delimiter", "quote", "escape", "encoding"):
        values = [form[key] for form in said if key in form]
        best = max(values, key=values.count, default=None)
        if values and 2 * values.count(best) >= len(said):
            usual[key] = best
    return usual


def say_own_format(part: dict[str, Any], form: CsvFormat | None, usual: Mapping[str, Any]) -> None:
    """Say of one part how its file is written, where that is not the usual way."""
    if form is None:
        return
    said, unsaid = said_of(form), CsvFormat()
    own = {key: value for key, value in said.items() if usual.get(key) != value}
    own |= {key: getattr(unsaid, key) for key in usual if key not in said}
    if own:
        part["csv"] = own


def said_of(form: CsvFormat) -> dict[str, Any]:
    """What a form says of itself, always in the same order."""
    return {key: getattr(form, key) for key in CsvFormat.model_fields if key in form.model_fields_set}
