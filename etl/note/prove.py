"""Hold notes against the records that were folded into them, value by value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

from etl.model import Chunk
from etl.note.blocks import State
from etl.note.columns import strings
from etl.note.contents import Contents
from etl.note.differences import Difference, differences
from etl.note.expected import Expected
from etl.note.labels import Labels
from etl.note.parse import ParsedNote, parse, parse_all

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Proof:
    """What came of comparing notes with legacy records.

    values: how many legacy values the notes have to hold; conserved: how many of them stand there, unchanged;
    omitted: how many the config leaves out. added: leads whose note has text around the block. What is to be proven is
    that `conserved == values` and that there are no differences.
    """

    values: int = 0
    conserved: int = 0
    omitted: int = 0
    added: list[str] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether every value was found and nothing else."""
        return self.conserved == self.values and not self.differences


def prove(layout: pd.DataFrame, chunk: Chunk, labels: Labels, notes: pd.Series[str]) -> Proof:
    """Parse each note and compare every value that it holds with the chunk's.

    layout, chunk, labels: as `fold` takes them. notes: lead key -> the note as it was read from the target, NA where it
    is empty; a lead of the layout that is not there has no note. Leads that the layout does not name are not looked at.
    Where a note has several blocks, the one that fits best counts.
    """
    expected = Expected(layout, chunk, labels)
    texts = dict(zip(notes.index, strings(notes).to_pylist(), strict=True))
    values = intact = omitted = 0
    added: list[str] = []
    wrong: list[Difference] = []
    for lead, sections in _leads(layout):
        contents = expected.contents(sections)
        wanted = contents.values
        values += wanted
        omitted += expected.omitted(sections)
        parsed, here = _compare(lead, contents, texts.get(lead) or "", labels)
        intact += wanted - _lost(here)
        wrong += here
        if parsed.state is not State.MISSING and parsed.added:
            added.append(lead)
    return Proof(values, intact, omitted, added, wrong)


def _leads(layout: pd.DataFrame) -> Iterator[tuple[str, list[tuple[str, str | None]]]]:
    """Each lead with its sections, in the order of the layout."""
    columns = [strings(layout[name].astype("str")).to_pylist() for name in ("lead", "source_key", "see")]
    sections: dict[str, list[tuple[str, str | None]]] = {}
    for lead, rows in groupby(zip(*columns, strict=True), key=lambda row: row[0]):
        sections.setdefault(lead, []).extend((key, see) for _, key, see in rows)
    return iter(sections.items())


def _compare(lead: str, contents: Contents, note: str, labels: Labels) -> tuple[ParsedNote, list[Difference]]:
    """Compare one note; where it differs, choose the block that differs least."""
    parsed = parse(note, labels)
    if _same(parsed, contents):
        return parsed, []
    if parsed.state is State.MISSING:
        return parsed, [Difference(lead, None, None, None, None, "missing note", contents.values)]
    compared = [(block, list(differences(lead, contents, block))) for block in reversed(parse_all(note, labels))]
    return min(compared, key=lambda block: (_lost(block[1]), len(block[1])))


def _lost(wrong: list[Difference]) -> int:
    """How many values are not found."""
    return sum(difference.values for difference in wrong)


def _same(parsed: ParsedNote, contents: Contents) -> bool:
    """The whole proof of a note that nobody touched: all of its values are those of the legacy records, no others."""
    return (
        parsed.state is State.INTACT
        and not parsed.unread
        and parsed.records == contents.records
        and parsed.related == contents.related
        and parsed.references == contents.references
    )
