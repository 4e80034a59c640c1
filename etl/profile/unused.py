"""Ask what a first config does not use of its records: flags, and columns by which somebody may be gone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from etl.profile.draft import Draft, as_list, marked
from etl.profile.model import Column, Role
from etl.profile.names import kinds_of, says_opt_out
from etl.profile.naming import Names
from etl.profile.profile import Profile
from etl.profile.table_parts import MOSTLY, says_row_state

GONE = ("deleted", "ended", "cancelled")
"""The kinds of columns by which a record may be one of the past."""
FEW = 6
"""So many values are listed; of more, only how many rows have one is said."""


def ask_unused(draft: Draft, profile: Profile, names: Names) -> None:
    """Mark each entry that has flags which neither the config uses nor another mark asks about, with their values."""
    for table, entry in names.entries.items():
        part, at = profile.parts[table], ("source", "records", entry)
        used = {
            *_of_entry(draft.config["source"]["records"][entry]),
            *_tested(draft.config["classify"]),
            *_of_leads(draft, part.role),
            *(column for link in profile.graph.of(table) for column in link.columns),
        }
        unused = [column for column in part.table.columns if column.name not in used and _may_decide(column)]
        asked = [column for column in unused if not _is_marked(draft, f"{entry}.{column.name}")]
        if asked:
            listed = ", ".join(column.name for column in asked)
            draft.doubt(at, f"Nothing uses {listed}: does any say who opted out, is a customer, left, or is deleted?")
            draft.say(at, *(f"  {column.name}: {_values(column)}" for column in asked))


def _of_leads(draft: Draft, role: Role) -> Iterator[str]:
    """The columns that leads ask of records of a role; `contact.` begins those of persons."""
    for column in _tested(draft.config["leads"]):
        of_person = column.startswith("contact.")
        if role is Role.BOTH or of_person == (role is Role.PERSON):
            yield column.removeprefix("contact.")


def _of_entry(entry: Mapping[str, Any]) -> Iterator[str]:
    """The columns that an entry uses; that one has words for none is no use of it."""
    yield from _tested(entry)
    yield from entry.get("where", ())
    for named in (entry["key"], *entry["identity"].values()):
        yield from as_list(named)


def _tested(part: Any) -> Iterator[str]:
    """The columns that a part of a config names as such, however deep; not those of rows of evidence."""
    if isinstance(part, Mapping) and "exists" not in part:
        yield from (column for key in ("column", "flag") if key in part for column in as_list(part[key]))
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            yield from _tested(inner)


def _is_marked(draft: Draft, name: str) -> bool:
    return any(line.startswith(marked(f"{name}: ")) for lines in draft.above.values() for line in lines)


def _may_decide(column: Column) -> bool:
    """Whether a column says yes of some rows, sounds like opting out, or says of a few that they are gone."""
    if not column.filled:
        return False
    is_partly = column.filled < column.rows
    if column.flag is not None:
        return bool(column.flag.yes) and bool(column.flag.no or column.flag.other or is_partly)
    if says_opt_out(column.name):
        return True
    if _says_row_state(column):
        return True
    return column.fill < MOSTLY and any(kinds_of(column.name).get(kind, 0) >= 60 for kind in GONE)


def _says_row_state(column: Column) -> bool:
    """Whether a column has few words, of which one says that a row is in use or gone, or which are letters."""
    words = [word for word, _ in column.top]
    if column.dates or not 0 < column.distinct <= FEW or (len(words) == 1 and column.filled == column.rows):
        return False
    return any(map(says_row_state, words)) or all(len(word.strip()) == 1 and word.strip().isalpha() for word in words)


def _values(column: Column) -> str:
    """A column's values, with how many rows have each."""
    if column.distinct > FEW or not column.top:
        return f"filled in {column.filled:,} of {column.rows:,} rows"
    empty = column.rows - column.filled
    said = [f"{word} ({count:,})" for word, count in column.top]
    return ", ".join([*said, *([f"empty ({empty:,})"] if empty else [])])
