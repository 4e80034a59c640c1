"""Ask what a first config does not use of its records: flags, and columns by which somebody may be gone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from etl.config.opt_out_words import sounds_like_opt_out
from etl.profile.draft import Draft
from etl.profile.model import Column, Role
from etl.profile.names import kinds_of
from etl.profile.naming import Names
from etl.profile.profile import Profile
from etl.profile.table_parts import MOSTLY

GONE = ("deleted", "ended", "cancelled")
"""The kinds of columns by which a record may be one of the past."""
YES_ALONE = frozenset("S s * ✓".split())
"""Words that say yes where all other rows are empty, beside those of flags."""
FEW = 6
"""So many values are listed; of more, only how many rows have one is said."""


def ask_unused(draft: Draft, profile: Profile, names: Names) -> None:
    """Mark each entry that has flags which neither the config uses nor another mark asks about, with their values."""
    for table, entry in names.entries.items():
        part, at = profile.parts[table], ("source", "records", entry)
        used = {
            *_words(draft.config["source"]["records"][entry]),
            *_words(draft.config["classify"], without="exists"),
            *_of_leads(draft, part.role),
            *(column for link in profile.graph.of(table) for column in link.columns),
        }
        unused = [column for column in part.table.columns if column.name not in used and _may_decide(column)]
        asked = [column for column in unused if not _is_marked(draft, f"{entry}.{column.name}: ")]
        if asked:
            listed = ", ".join(column.name for column in asked)
            draft.doubt(at, f"Nothing uses {listed}: does any say who opted out, is a customer, left, or is deleted?")
            draft.say(at, *(f"  {column.name}: {_values(column)}" for column in asked))


def _of_leads(draft: Draft, role: Role) -> Iterator[str]:
    """The columns that leads ask of records of a role; `contact.` begins those of persons."""
    for word in _words(draft.config["leads"]):
        of_person = word.startswith("contact.")
        if role is Role.BOTH or of_person == (role is Role.PERSON):
            yield word.removeprefix("contact.")


def _words(part: Any, without: str = "") -> Iterator[str]:
    """All keys and texts of a part of a config; without: a mapping that has this key is passed over."""
    if isinstance(part, Mapping) and without not in part:
        for key, value in part.items():
            yield str(key)
            yield from _words(value, without)
    elif isinstance(part, list):
        for value in part:
            yield from _words(value, without)
    elif isinstance(part, str):
        yield part


def _is_marked(draft: Draft, name: str) -> bool:
    return any(name in line for lines in draft.above.values() for line in lines)


def _may_decide(column: Column) -> bool:
    """Whether a column says yes of some rows, sounds like opting out, or says of a few that they are gone."""
    if not column.filled:
        return False
    is_partly = column.filled < column.rows
    if column.flag is not None:
        return bool(column.flag.yes) and bool(column.flag.no or column.flag.other or is_partly)
    if is_partly and column.top and {word for word, _ in column.top} <= YES_ALONE:
        return True
    if sounds_like_opt_out(column.name):
        return True
    return column.fill < MOSTLY and any(kinds_of(column.name).get(kind, 0) >= 60 for kind in GONE)


def _values(column: Column) -> str:
    """A column's values, with how many rows have each."""
    if column.distinct > FEW or not column.top:
        return f"filled in {column.filled:,} of {column.rows:,} rows"
    empty = column.rows - column.filled
    said = [f"{word} ({count:,})" for word, count in column.top]
    return ", ".join([*said, *([f"empty ({empty:,})"] if empty else [])])
