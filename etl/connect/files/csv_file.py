"""A table in a CSV file, written as the config declares; every value is text exactly as it stands.

A blank line is no record; in a file of one column it is a record with an empty value, unless only blank lines follow.
"""

from __future__ import annotations

import codecs
import io
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TextIO

from etl.config import CsvFormat
from etl.connect import render
from etl.connect.files.csv_records import ESCAPE, NeverClosed, Record, Records
from etl.connect.rows import around, batch, header
from etl.connect.source import BATCH_BYTES, Batch, Keep
from etl.errors import ConfigError, SourceError, excerpt
from etl.model import Fault

SAMPLE = 2**20
"""How many bytes at the beginning tell whether the declared encoding fits."""

WESTERN = frozenset("äöüÄÖÜßàáâãåæçèéêëìíîïñòóôõøùúûýÿœÀÁÂÃÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕØÙÚÛÝŒ€§°²–„“”‚‘’…«»")
DELIMITERS = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a bar"}
MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""The byte order marks that files begin with; UTF-32's before UTF-16's, which begins alike."""

UNDECODED = re.compile("[\udc00-\udcff]")


class CsvFile:
    """One CSV file. Raises SourceError where it is unusable as a whole, ConfigError for an impossible format."""

    def __init__(self, path: Path, form: CsvFormat) -> None:
        self.path = path
        self._form = form
        if form.delimiter in "\r\n" or form.quote in ("\r", "\n", form.delimiter):
            raise ConfigError(
                f"A CSV file cannot have the delimiter {form.delimiter!r} and the quote {form.quote!r}.",
                where="source.csv",
                next='write for example csv: {delimiter: ";", quote: \'"\'}',
            )

    def columns(self) -> list[str]:
        """The names in the file's first line that is not blank."""
        return self._header[0]

    def read(self, dataset: str, wanted: Sequence[int], rows: int, _keep: Keep, /) -> Iterator[Batch]:
        """Stream the records; a damaged one is a row with what can be read of it, and a fault."""
        names, first_line = self._header
        with self._open() as stream:
            gathered = _Gathered(self.path, dataset, names, wanted)
            blank: list[Record] = []
            try:
                for record in Records(stream, self._form):
                    if record.line <= first_line:
                        continue
                    if not record.fields and not record.damaged:
                        blank.append(record)
                        continue
                    if blank:
                        for line in blank if len(names) == 1 else ():
                            gathered.add(line)
                        blank.clear()
                    gathered.add(record)
                    if len(gathered.rows) >= rows or gathered.size >= BATCH_BYTES:
                        yield gathered.batch()
            except NeverClosed as error:
                raise self._never_closed(error.line) from None
            except UnicodeError as error:
                raise self._not_text(error) from None
            if gathered.rows:
                yield gathered.batch()

    def write_without(self, key: int, values: Collection[str], path: Path) -> None:
        """Write the file to another place, every line as it stands, but the records with one of these keys.

        key: the number of the key's column.
        """
        _, first_line = self._header
        mark = "utf-8-sig" if self._sample.startswith(codecs.BOM_UTF8) else self._form.encoding
        with self._open() as stream, path.open("w", encoding=mark, errors="surrogateescape", newline="") as copy:
            records = Records(stream, self._form)
            for record in records:
                named = record.fields[key] if len(record.fields) > key else None
                if record.line <= first_line or record.damaged or named not in values:
                    copy.write(records.text)

    def suggest(self) -> list[str]:
        """Say which delimiter, quote or encoding would fit better than the declared one."""
        hints = [self._other_encoding(), self._other_delimiter(), self._other_quote()]
        return [hint for hint in hints if hint]

    @cached_property
    def _header(self) -> tuple[list[str], int]:
        """The columns' names, and the line the header ends on; whether the file is usable at all is seen here."""
        self._refuse_wrong_mark()
        self._refuse_wrong_encoding()
        try:
            with self._open() as stream:
                records = Records(stream, self._form)
                record = next((record for record in records if record.fields or record.damaged), None)
        except NeverClosed as error:
            raise self._never_closed(error.line) from None
        except UnicodeError as error:
            raise self._not_text(error) from None
        if record is None:
            raise SourceError("The file is empty; it does not even have a header.", where=self.path)
        if record.damaged:
            raise SourceError(
                "The quotation marks in the header are not closed correctly.",
                where=f"{self.path}:{record.line}",
                next="declare the file's quotation mark under csv, or correct the line",
            )
        first = record.fields[0].removeprefix("\ufeff")
        return header([first, *record.fields[1:]], f"{self.path}:{record.line}"), record.line

    def _open(self) -> TextIO:
        encoding = "utf-8-sig" if codecs.lookup(self._form.encoding).name == "utf-8" else self._form.encoding
        try:
            return self.path.open(encoding=encoding, errors=ESCAPE, newline="")
        except OSError as error:
            raise SourceError(f"The file cannot be read: {error.strerror}.", where=self.path) from None

    @cached_property
    def _sample(self) -> bytes:
        try:
            with self.path.open("rb") as file:
                return file.read(SAMPLE)
        except OSError as error:
            raise SourceError(f"The file cannot be read: {error.strerror}.", where=self.path) from None

    @cached_property
    def _sample_lines(self) -> list[str]:
        """The sample as the declared encoding reads it, without its last line, which may be cut."""
        try:
            raw = io.TextIOWrapper(io.BytesIO(self._sample), self._form.encoding, ESCAPE, "")
            lines = list(raw)
        except UnicodeError as error:
            raise self._not_text(error) from None
        return lines if len(self._sample) < SAMPLE else lines[:-1]

    def _refuse_wrong_mark(self) -> None:
        marked = next((name for mark, name in MARKS.items() if self._sample.startswith(mark)), None)
        declared = codecs.lookup(self._form.encoding).name
        if marked and not declared.startswith(marked):
            raise SourceError(
                f"The file begins with the byte order mark of {marked}, but the config declares {self._form.encoding}.",
                where=self.path,
                next=f"csv: {{encoding: {marked}}}",
            )

    def _refuse_wrong_encoding(self) -> None:
        """Refuse a file most of whose lines with other than ASCII characters cannot be decoded, if there are a few."""
        beyond_ascii = [line for line in self._sample_lines if not line.isascii()]
        wrong = sum(UNDECODED.search(line) is not None for line in beyond_ascii)
        if wrong >= 3 and 2 * wrong > len(beyond_ascii):
            hint = self._other_encoding()
            raise SourceError(
                f"The encoding {self._form.encoding} is wrong for this file: {wrong} of the first "
                f"{len(beyond_ascii)} lines with characters beyond ASCII cannot be "
                f"read with it. {hint or 'No other encoding fits either.'}",
                where=self.path,
                next="declare the encoding that the file was written in: csv: {encoding: …}",
            )

    def _other_encoding(self) -> str | None:
        if not any(UNDECODED.search(line) for line in self._sample_lines) and "\0" not in "".join(
            self._sample_lines[:1]
        ):
            return None
        from charset_normalizer import from_bytes

        telling = b"\n".join(line for line in self._sample.split(b"\n") if not line.isascii())
        sample = telling[: 2**15] if b"\0" not in self._sample else self._sample[: 2**15]
        best = None if _looks_western(telling) else from_bytes(sample).best()
        name = best.encoding if best else "cp1252" if _looks_western(telling) else None
        if name is None or codecs.lookup(name).name == codecs.lookup(self._form.encoding).name:
            return None
        read = [word for word in sample.decode(name, "replace").split() if not word.isascii()]
        shown = f", which gives {', '.join(map(excerpt, read[:3]))}" if read else ""
        return f"The file seems to be encoded in {name}{shown}. Declare it with csv: {{encoding: {name}}}."

    def _other_delimiter(self) -> str | None:
        """A header of one field that holds another usual delimiter was written with that one."""
        names = self.columns()
        counts = Counter(
            {delimiter: names[0].count(delimiter) for delimiter in DELIMITERS if delimiter != self._form.delimiter}
        )
        if len(names) > 1 or not counts or not counts.most_common(1)[0][1]:
            return None
        best = counts.most_common(1)[0][0]
        written = "\\t" if best == "\t" else best
        return (
            f"The header is one column, {excerpt(names[0])!r}, and holds {DELIMITERS[best]}: "
            f'csv: {{delimiter: "{written}"}}.'
        )

    def _other_quote(self) -> str | None:
        lines = [line.rstrip("\r\n") for line in self._sample_lines[:1000]]
        cells = [cell for line in lines for cell in line.split(self._form.delimiter)]
        for quote, shown in (('"', "'\"'"), ("'", '"\'"')):
            wrapped = sum(len(cell) > 1 and cell.startswith(quote) and cell.endswith(quote) for cell in cells)
            if quote != self._form.quote and wrapped > len(cells) / 4:
                share = f"{wrapped} of the first {len(cells)} values"
                return f"{share} stand between {quote} and {quote}: csv: {{quote: {shown}}}."
        return None

    def _never_closed(self, line: int) -> SourceError:
        return SourceError(
            "A quotation mark opens here and is never closed, so the rest of the file is read as one value.",
            where=f"{self.path}:{line}",
            next=f"correct line {line}, or declare the file's quotation mark under source.csv",
        )

    def _not_text(self, error: UnicodeError) -> SourceError:
        return SourceError(
            f"The file cannot be read as {self._form.encoding}: {excerpt(str(error), 80)}.",
            where=self.path,
            next="declare the encoding that the file was written in: csv: {encoding: …}",
        )


def _looks_western(data: bytes) -> bool:
    """Whether bytes read as Windows' western code page give hardly any but the signs of western European languages.

    A guess from single letters takes its eastern neighbours for it: most letters of German have the same place in both.
    """
    try:
        signs = [sign for sign in data.decode("cp1252") if not sign.isascii()]
    except UnicodeDecodeError:
        return False
    return bool(signs) and sum(sign in WESTERN for sign in signs) >= 0.95 * len(signs)


class _Gathered:
    """Records on their way into a batch, and what is wrong with them."""

    def __init__(self, path: Path, dataset: str, names: Sequence[str], wanted: Sequence[int]) -> None:
        self.rows: list[list[str]] = []
        self.size = 0
        self._path, self._dataset, self._names, self._wanted = path, dataset, names, wanted
        self._lines: list[int] = []
        self._faults: list[Fault] = []
        self._first = 0

    def add(self, record: Record) -> None:
        fields, width = record.fields, len(self._names)
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
            f"{len(record.fields)} values where the header has {width} columns",
            "put values that contain the delimiter or a line break in quotation marks, or correct the line",
        )

    def _quoting(self, record: Record) -> Fault:
        at = len(record.fields)
        return self._fault(
            record.line,
            self._names[at] if at < len(self._names) else None,
            "bad-quoting",
            "a closing quotation mark is not followed by a delimiter or the end of the line",
            "double the quotation marks that are part of a value, and close each one that opens a value",
        )

    def _undecodable(self, row: int, column: str, shown: str) -> Fault:
        line = self._lines[row]
        return Fault(
            dataset=self._dataset,
            row=self._first + row,
            where=f"{self._path}:{line}",
            column=column,
            code="undecodable" if "\\x" in shown else "invalid-unicode",
            reason=f"the text cannot be read in the declared encoding: {excerpt(around(shown))}",
            advice="correct the text in the file, or declare the encoding it is really in",
        )

    def _fault(self, line: int, column: str | None, code: str, reason: str, advice: str) -> Fault:
        row = self._first + len(self.rows)
        return Fault(self._dataset, row, f"{self._path}:{line}", column, code, reason, advice)
