"""A table in a CSV file, written as the config declares; every value is text exactly as it stands.

A blank line, and one of delimiters alone, is no record; in a file of one column a blank line is a record with an empty
value, unless only blank lines follow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import islice
from pathlib import Path

from etl.config import CsvFormat
from etl.connect import render
from etl.connect.files.csv_records import NeverClosed, Record, Records
from etl.connect.files.csv_shape import Shape, is_empty, shape, suggest
from etl.connect.files.csv_text import CsvText
from etl.connect.rows import around, batch, renamed
from etl.connect.source import BATCH_BYTES, Batch, Keep
from etl.errors import ConfigError, SourceError, excerpt
from etl.model import Fault, Remark
from etl.texts import stored

RECORDS = 1_000
"""So many records at once are held against those that moved."""

Moved = Callable[[Sequence[Sequence[str]]], Sequence[bool]]
"""For the values of some columns, a list each, which of the rows moved."""


class CsvFile:
    """One CSV file. Raises SourceError where it is unusable as a whole, ConfigError for an impossible format."""

    def __init__(self, path: Path, form: CsvFormat) -> None:
        self.path = path
        self._form = form
        self._text = CsvText(path, form)
        if form.delimiter in "\r\n" or form.quote in ("\r", "\n", form.delimiter):
            raise ConfigError(
                f"A CSV file cannot have the delimiter {form.delimiter!r} and the quote {form.quote!r}.",
                where="source.csv",
                next='write for example csv: {delimiter: ";", quote: \'"\'}',
            )

    def columns(self) -> list[str]:
        """The names in the file's first line that is not empty, or those that the config has for it."""
        return self._shape.names

    def read(self, dataset: str, wanted: Sequence[int], rows: int, _keep: Keep, /) -> Iterator[Batch]:
        """Stream the records; a damaged one is a row with what can be read of it, and a fault."""
        layout = self._shape
        with self._text.open() as stream:
            gathered = _Gathered(self.path, self._form.encoding, dataset, layout, wanted)
            blank: list[Record] = []
            records = Records(stream, self._form, layout.skip)
            try:
                for record in records:
                    if record.line <= layout.line:
                        continue
                    if (not record.fields or not record.fields[0]) and is_empty(record):
                        blank += [record] if len(layout.names) == 1 and not record.fields else []
                        continue
                    if blank:
                        for line in blank:
                            gathered.add(line)
                        blank.clear()
                    gathered.add(record)
                    if len(gathered.rows) >= rows or gathered.size >= BATCH_BYTES:
                        yield gathered.batch()
            except NeverClosed as error:
                raise self._never_closed(error.line) from None
            except UnicodeError as error:
                raise self._text.undecodable(error, records.line) from None
            if gathered.rows:
                yield gathered.batch()

    def write_without(self, key: Sequence[int], moved: Moved, path: Path) -> None:
        """Write the file to another place, every line as it stands, but the records that moved.

        key: the numbers of the key's columns; moved: for values of these, a list each, which of the records moved.
        """
        layout = self._shape
        with (
            self._text.open() as stream,
            path.open("w", encoding=self._text.encoding, errors="surrogateescape", newline="") as copy,
        ):
            records = Records(stream, self._form, layout.skip)
            copy.write(records.skipped)
            while some := list(islice(((record, records.text) for record in records), RECORDS)):
                keyed = [
                    record.line > layout.line and not record.damaged and len(record.fields) > max(key)
                    for record, _ in some
                ]
                named = [record.fields for (record, _), is_keyed in zip(some, keyed, strict=True) if is_keyed]
                gone = iter(moved([[fields[column] for fields in named] for column in key]))
                copy.writelines(
                    text for (_, text), is_keyed in zip(some, keyed, strict=True) if not (is_keyed and next(gone))
                )

    def suggest(self) -> list[str]:
        """Say which format would fit better than the declared one."""
        text, layout = self._text, self._shape
        encoding, delimiter = text.suggest_encoding(), text.suggest_delimiter(layout.names)
        hints = [encoding, delimiter, text.suggest_quote(), text.suggest_escape()]
        return [hint for hint in hints if hint] + ([] if delimiter else suggest(text, self._form, layout))

    def remarks(self) -> list[Remark]:
        """Say which columns had to get another name."""
        return renamed(self._shape.header, self._shape.names)

    @cached_property
    def _shape(self) -> Shape:
        """Where the records begin; whether the file is usable at all is seen here."""
        self._text.refuse_another_encoding()
        try:
            return shape(self._text, self._form)
        except NeverClosed as error:
            raise self._never_closed(error.line) from None
        except UnicodeError as error:
            raise self._text.undecodable(error, 1) from None

    def _never_closed(self, line: int) -> SourceError:
        escape = ", or the file ends in an escape" if self._form.escape else ""
        return SourceError(
            "A quotation mark opens here and is never closed, so the rest of the file is read as one value"
            + escape
            + ".",
            where=f"{self.path}:{line}",
            next=f"correct line {line}, or declare the file's quotation mark under source.csv",
        )


class _Gathered:
    """Records on their way into a batch, and what is wrong with them."""

    def __init__(self, path: Path, encoding: str, dataset: str, layout: Shape, wanted: Sequence[int]) -> None:
        self.rows: list[list[str]] = []
        self.size = 0
        self._path, self._encoding, self._dataset, self._wanted = path, encoding, dataset, wanted
        self._names, self._surplus = layout.names, layout.surplus
        self._lines: list[int] = []
        self._faults: list[Fault] = []
        self._first = 0

    def add(self, record: Record) -> None:
        fields, width = record.fields, len(self._names)
        if self._surplus and len(fields) == width + 1 and not fields[-1] and not record.damaged:
            fields = fields[:-1]
        if record.damaged or len(fields) != width:
            self._faults.append(self._quoting(record) if record.damaged else self._ragged(record))
            fields = (fields + [""] * width)[:width]
        self.rows.append(fields)
        self._lines.append(record.line)
        self.size += record.size

    def batch(self) -> Batch:
        columns = list(zip(*self.rows, strict=True))
        rendered = [render.strings(columns[at]) for at in self._wanted]
        made = batch([self._names[at] for at in self._wanted], rendered, self._faults, self._undecodable)
        self._first += len(self.rows)
        self.rows, self._lines, self._faults, self.size = [], [], [], 0
        return made

    def _ragged(self, record: Record) -> Fault:
        width = len(self._names)
        return self._fault(
            record.line,
            None,
            "ragged-line",
            stored("{n} values where the header has {n_columns} columns", n=len(record.fields), n_columns=width),
            stored("put values that contain the delimiter or a line break in quotation marks, or correct the line"),
        )

    def _quoting(self, record: Record) -> Fault:
        at = len(record.fields)
        return self._fault(
            record.line,
            self._names[at] if at < len(self._names) else None,
            "bad-quoting",
            stored("a closing quotation mark is not followed by a delimiter or the end of the line"),
            stored("double the quotation marks that are part of a value, and close each one that opens a value"),
        )

    def _undecodable(self, row: int, column: str, shown: str) -> Fault:
        line = self._lines[row]
        return Fault(
            dataset=self._dataset,
            row=self._first + row,
            where=f"{self._path}:{line}",
            column=column,
            code="undecodable" if "\\x" in shown else "invalid-unicode",
            reason=stored(
                "the text cannot be read as {encoding}: {text}", encoding=self._encoding, text=excerpt(around(shown))
            ),
            advice=stored("correct the text in the file, or declare the encoding it is really in"),
        )

    def _fault(self, line: int, column: str | None, code: str, reason: str, advice: str) -> Fault:
        row = self._first + len(self.rows)
        return Fault(self._dataset, row, f"{self._path}:{line}", column, code, reason, advice)
