"""Read a block that people have edited, line by line, as far as it can be read."""

from __future__ import annotations

import re

from etl.note.contents import Contents, Values
from etl.note.escape import NOTHING, unescape
from etl.note.labels import DatasetLabels, Labels
from etl.note.vocabulary import ARROW, BULLET, DEEPER, HISTORY_DEEPER

_RECORD = re.compile(rf"(?!{ARROW} )[^\n]*\[([^\[\n]+:[^\[\n]*)\]")
_HISTORY = re.compile(r"([^\n]*) \(\d+\)")


def read(block: str, labels: Labels) -> tuple[Contents, list[str]]:
    """Read the lines of a block, and give those that no reading was found for.

    Blanks that an editor took away at the ends of lines do not matter here. An intact block is read as `parse` does.
    """
    reader = Reader(labels)
    for line in block.split("\n"):
        reader.line(line.rstrip("\r"))
    reader.end_of_row()
    return reader.contents, reader.unread


class Reader:
    """Takes the lines of a block one after the other, and knows what the last ones belong to."""

    def __init__(self, labels: Labels) -> None:
        self.labels = labels
        self.contents = Contents({}, {}, {})
        self.unread: list[str] = []
        self._key = ""
        self._dataset: DatasetLabels | None = None
        self._history = False
        self._row: Values | None = None
        self._column: str | None = None
        self._blank = 0
        self._see = re.compile(
            rf"{ARROW} [^\n]*\[([^\[\n]*)\] {re.escape(labels.words.see)} \[([^\[\n]*)\]",
        )

    def line(self, line: str) -> None:
        """Read one line: empty, at the left margin (structure), a further line of a value, or `label: value`."""
        deeper = HISTORY_DEEPER if self._history else DEEPER
        if not line:
            self._blank += 1
            return
        if self._column is not None and line.startswith(deeper):
            self._continue(line[len(deeper) :])
        elif not line.startswith("  "):
            self._structure(line)
        elif self._history and line.startswith(f"  {BULLET}"):
            self._begin_row()
            self._value(line, line[4:])
        elif line.lstrip(" ") or self._column is None:
            self._value(line, line[4:] if self._history else line[2:])
        else:
            self._continue("")
        self._blank = 0

    def end_of_row(self) -> None:
        """Fill in what the heading of the record says, and take the escapes back."""
        if self._row is None or self._dataset is None:
            return
        entry, _, own = self._key.partition(":")
        implied = self._dataset.implied.get(entry)
        left_out = None if implied in self._row else implied
        for column, value in list(self._row.items()):
            self._row[column] = unescape(value)
            if value == NOTHING:
                del self._row[column]
        if left_out is not None:
            self._row[left_out] = own
        self._row = self._column = None

    def _structure(self, line: str) -> None:
        words = self.labels.words
        if line == words.first or (line.startswith(words.last) and words.mark in line):
            return
        if match := self._see.fullmatch(line):
            self.end_of_row()
            self._dataset = None
            self.contents.references[unescape(match[1])] = unescape(match[2])
        elif match := _RECORD.fullmatch(line):
            self._begin_record(line, unescape(match[1]))
        elif (match := _HISTORY.fullmatch(line)) and match[1] in self.labels.headings:
            self._begin_history(self.labels.headings[match[1]])
        else:
            self.unread.append(line)
            self._column = None

    def _begin_record(self, line: str, key: str) -> None:
        self.end_of_row()
        entry = key.partition(":")[0]
        self._key, self._dataset, self._history = (
            key,
            self.labels.entries.get(entry),
            False,
        )
        if self._dataset is None or key in self.contents.records:
            self.unread.append(line)
            self._dataset = None
            return
        self._row = self.contents.records[key] = {}

    def _begin_history(self, name: str) -> None:
        self.end_of_row()
        self._dataset, self._history = self.labels.tables[name], True
        self.contents.related.setdefault(name, {}).setdefault(self._key, [])

    def _begin_row(self) -> None:
        self.end_of_row()
        if self._dataset is not None:
            self._row = {}
            self.contents.related[self._dataset.name][self._key].append(self._row)

    def _value(self, line: str, text: str) -> None:
        label, colon, value = text.partition(": ")
        if not colon and text.endswith(":"):
            label, colon = text[:-1], ":"
        self._column = None
        if self._row is None or self._dataset is None or not colon:
            if text not in ("", NOTHING):
                self.unread.append(line)
            return
        column = self._dataset.columns.get(label)
        if column is None or column in self._row:
            self.unread.append(line)
            return
        self._row[column], self._column = value, column

    def _continue(self, text: str) -> None:
        if self._row is not None and self._column is not None:
            self._row[self._column] += "\n" * (self._blank + 1) + text
