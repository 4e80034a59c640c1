"""Read a note back into the records and history rows that were folded into it."""

from __future__ import annotations

from itertools import repeat
from typing import NamedTuple

from etl.note import edited
from etl.note.blocks import Block, State, blocks, is_intact
from etl.note.contents import Contents, Values
from etl.note.escape import NOTHING, OPEN, unescape
from etl.note.labels import DatasetLabels, Labels
from etl.note.vocabulary import (
    ARROW,
    BREAK,
    DEEPER,
    HISTORY_DEEPER,
    HISTORY_LINE,
    HISTORY_ROW,
    ROW,
)

COLON = repeat(": ")
"""What stands between a label and its value; no label holds it."""


class ParsedNote(NamedTuple):
    """What a note holds.

    records: source key -> column -> value. related: table -> source key -> rows, in order, column -> value.
    references: source key -> the lead in whose note that record's values stand. unread: the lines of the block that no
    reading was found for; none where it is intact. before, after: the text around the block; where a note has several
    blocks, the others are part of it.
    """

    state: State
    records: dict[str, Values]
    related: dict[str, dict[str, list[Values]]]
    references: dict[str, str]
    unread: list[str]
    before: str
    after: str

    @property
    def added(self) -> bool:
        """Whether people wrote anything around the block."""
        return bool(self.before.strip() or self.after.strip())

    @property
    def values(self) -> int:
        """How many values the block holds."""
        return Contents(self.records, self.related, self.references).values


def parse(note: str, labels: Labels) -> ParsedNote:
    """Read the block of a note: the last one that is intact; without one, that which holds most.

    Never raises for what stands in a note: a block that was edited is read as far as it can be, and its state says so.
    `fold` is its exact inverse.
    """
    if is_intact(note, labels.words):
        return _parsed(note, Block(0, len(note), State.INTACT, note), labels)
    parsed = parse_all(note, labels)
    if not parsed:
        return ParsedNote(State.MISSING, {}, {}, {}, [], note, "")
    intact = [block for block in parsed if block.state is State.INTACT]
    return intact[-1] if intact else max(reversed(parsed), key=lambda block: block.values)


def parse_all(note: str, labels: Labels) -> list[ParsedNote]:
    """Read every block of a note, in the order in which they stand."""
    return [_parsed(note, block, labels) for block in blocks(note, labels.words)]


def _parsed(note: str, block: Block, labels: Labels) -> ParsedNote:
    contents = _read(block.text, labels) if block.state is State.INTACT else None
    unread: list[str] = []
    if contents is None:
        contents, unread = edited.read(block.text, labels)
    return ParsedNote(block.state, *contents, unread, note[: block.start], note[block.end :])


def _read(block: str, labels: Labels) -> Contents | None:
    """Take an intact block apart; None where it was written with other labels than these."""
    contents = Contents({}, {}, {})
    sections = block[len(labels.words.first) + 2 : block.rfind("\n\n")].split("\n\n")
    key = ""
    try:
        for section in sections:
            head = section.partition("\n")[0]
            if head[-1] == ")":
                table = labels.tables[labels.headings[head[: head.rindex(" (")]]]
                contents.related.setdefault(table.name, {})[key] = _history(section, table, key)
            elif head[0] == ARROW:
                lead = head.rindex("[")
                where = head.rindex(f"] {labels.words.see} ", 0, lead)
                record = head[head.rindex("[", 0, where) + 1 : where]
                contents.references[unescape(record)] = unescape(head[lead + 1 : -1])
            else:
                key = unescape(head[head.rindex("[") + 1 : -1])
                contents.records[key] = _record(section, labels, key)
    except (KeyError, ValueError, IndexError):
        return None
    return contents


def _record(section: str, labels: Labels, key: str) -> Values:
    entry, _, own = key.partition(":")
    dataset = labels.entries[entry]
    if DEEPER in section:
        section = section.replace(f"\n{DEEPER}", BREAK)
    columns = dataset.columns
    lines = map(str.partition, section.split(ROW)[1:], COLON)
    values = {columns[label]: value for label, _, value in lines}
    implied = dataset.implied.get(entry)
    left_out = None if implied in values else implied
    if BREAK in section or OPEN in section:
        _restore(values)
    if left_out is not None:
        values[left_out] = own
    return values


def _history(section: str, table: DatasetLabels, key: str) -> list[Values]:
    entry, _, own = key.partition(":")
    if HISTORY_DEEPER in section:
        section = section.replace(f"\n{HISTORY_DEEPER}", BREAK)
    columns, link = table.columns, table.implied.get(entry)
    rows = []
    for row in section.split(HISTORY_ROW)[1:]:
        lines = map(str.partition, row.split(HISTORY_LINE), COLON)
        values = {columns[label]: value for label, _, value in lines} if row != NOTHING else {}
        left_out = None if link in values else link
        if BREAK in row or OPEN in row:
            _restore(values)
        if left_out is not None:
            values[left_out] = own
        rows.append(values)
    return rows


def _restore(values: Values) -> None:
    """Put line breaks and escaped characters back, and take out what is said to be missing."""
    for column, value in list(values.items()):
        if value == NOTHING:
            del values[column]
        elif BREAK in value or OPEN in value:
            values[column] = unescape(value.replace(BREAK, "\n"))
