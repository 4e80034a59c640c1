"""Read leads back from import files, or from what the CRM has exported: by id, without holding the files."""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from etl.connect.import_folder.layout import Layout
from etl.connect.import_folder.spelling import reader
from etl.connect.target import Stored
from etl.errors import TargetError

if TYPE_CHECKING:
    import pandas as pd

NUMBER = re.compile(r"^── (\d+)/\d+(?: …)? ──$", re.MULTILINE)
"""The line that says which part of a note a text is; a note in one piece has none."""


@dataclass
class _File:
    """A file that is read: its header, and where each lead's rows begin."""

    path: Path
    header: list[str]
    places: dict[str, list[int]] = field(default_factory=dict)


class LeadFiles:
    """Files of leads, and of notes where these are records. Where each record stands is read once."""

    def __init__(self, layout: Layout, leads: Sequence[Path], notes: Sequence[Path]) -> None:
        self._layout = layout
        csv.field_size_limit(sys.maxsize)
        self._leads = [_indexed(path, layout) for path in leads]
        self._notes = [_indexed(path, layout) for path in notes]

    def ids(self) -> Iterator[str]:
        """The external ids of all leads."""
        for file in self._leads:
            yield from file.places

    def record_ids(self) -> dict[str, str]:
        """External id -> the CRM's own id, as far as the files have it."""
        known: dict[str, str] = {}
        for file in self._leads:
            own = [name for name in self._layout.system.record_id if name in file.header]
            if own:
                at = file.header.index(self._layout.external_id.header), file.header.index(own[0])
                known |= {row[at[0]]: row[at[1]] for _, row in _rows(file.path) if len(row) > max(at) and row[at[1]]}
        return known

    def read(self, ids: Collection[str], fields: Collection[str] | None) -> Stored:
        """Read leads by id, those that are there, all fields or some, and always the note."""
        wanted = dict.fromkeys(ids)
        rows = {own: row for file in self._leads for own, row in _read(file, wanted)}
        notes = {own: self._parts(row) for own, row in rows.items()}
        for file in self._notes:
            for own, row in _read(file, wanted):
                if own in notes:
                    notes[own].append(row.get(self._layout.note.header, ""))
        return Stored(self._frame(rows, notes, fields), _further(notes))

    def _parts(self, row: Mapping[str, str]) -> list[str]:
        note = self._layout.note
        texts = [row.get(note.header, "")]
        number = 2
        while note.further is not None and note.part(number) in row:
            texts.append(row[note.part(number)])
            number += 1
        return [text for text in texts if text]

    def _frame(
        self, rows: Mapping[str, Mapping[str, str]], notes: Mapping[str, list[str]], fields: Collection[str] | None
    ) -> pd.DataFrame:
        import pandas as pd

        spelling = self._layout.system.spelling
        columns: dict[str, Any] = {}
        for name, column in self._layout.columns.items():
            if fields is None or name in fields:
                says = reader(column, spelling)
                texts = [row.get(column.header, "") for row in rows.values()]
                columns[name] = _values(name, [says(text) if text else None for text in texts])
        columns["note"] = _values("note", [next(iter(_ordered(texts)), None) for texts in notes.values()])
        return pd.DataFrame(columns, index=pd.Index(list(rows), dtype="str", name="id"))


def _values(name: str, texts: Sequence[str | None]) -> Any:
    import pandas as pd

    if name == "do_not_contact":
        return pd.array([text == "1" for text in texts], dtype=bool)
    return pd.array(list(texts), dtype="str")


def _ordered(texts: Sequence[str]) -> list[str]:
    """The parts of a note by their numbers; the order of records in an export says nothing."""
    return sorted(texts, key=lambda text: int(match[1]) if (match := NUMBER.search(text)) else 0)


def _further(notes: Mapping[str, list[str]]) -> pd.DataFrame:
    import pandas as pd

    rows = [(own, number, text) for own, texts in notes.items() for number, text in enumerate(_ordered(texts)[1:], 2)]
    return pd.DataFrame(rows, columns=["lead", "number", "text"])


def _indexed(path: Path, layout: Layout) -> _File:
    """Where each record of a file begins."""
    rows = _rows(path)
    _, header = next(rows, (0, []))
    file = _File(path, header)
    if layout.external_id.header not in header:
        raise TargetError(f"The file has no column {layout.external_id.header}.", where=path)
    at = header.index(layout.external_id.header)
    for place, row in rows:
        if len(row) > at:
            file.places.setdefault(row[at], []).append(place)
    return file


def _read(file: _File, ids: Collection[str]) -> Iterator[tuple[str, dict[str, str]]]:
    places = sorted((place, own) for own in ids for place in file.places.get(own, ()))
    if not places:
        return
    with file.path.open("rb") as opened:
        for place, own in places:
            opened.seek(place)
            row = next(csv.reader(_lines(opened)), [])
            yield own, dict(zip(file.header, row, strict=False))


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The rows of a file, each with the place at which it begins. Raises TargetError where it cannot be read."""
    try:
        with path.open("rb") as opened:
            if opened.read(3) != b"\xef\xbb\xbf":
                opened.seek(0)
            place = opened.tell()
            counted = _Counted(opened, place)
            for row in csv.reader(counted):
                yield place, row
                place = counted.place
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise TargetError(f"The file cannot be read: {error}.", where=path) from None


class _Counted:
    """The lines of a file, and how far they were read."""

    def __init__(self, opened: Any, place: int) -> None:
        self._opened, self.place = opened, place

    def __iter__(self) -> _Counted:
        return self

    def __next__(self) -> str:
        line: bytes = self._opened.readline()
        if not line:
            raise StopIteration
        self.place += len(line)
        return line.decode("utf-8")


def _lines(opened: Any) -> Iterator[str]:
    while line := opened.readline():
        yield line.decode("utf-8")
