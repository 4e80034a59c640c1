"""CSV as records: what the csv module reads strictly, and each line that it cannot, so that none is unaccounted for."""

from __future__ import annotations

import codecs
import csv
import re
import sys
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate, chain, islice
from typing import Any

from etl.config import CsvFormat

ESCAPE = "crm-cleanup-bytes"
"""The codecs error handler that turns a byte which cannot be decoded into a lone surrogate, U+DC00 and its value."""


def _as_surrogates(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(chr(0xDC00 + byte) for byte in error.object[error.start : error.end]), error.end


END_OF_FILE = "\x1a"
"""What DOS wrote behind the last line."""

MARK = "\ufeff"
"""The byte order mark, where the encoding leaves it in the text."""

codecs.register_error(ESCAPE, _as_surrogates)
csv.field_size_limit(sys.maxsize)


@dataclass(frozen=True)
class Record:
    """One record of a CSV file. line: where it begins, from 1. damaged: its quoting is broken after these fields."""

    line: int
    fields: list[str]
    size: int
    damaged: bool = False


class NeverClosed(Exception):
    """A quote opens a field that ends nowhere, so that no line after it can be told from its text."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


class Records(Iterator[Record]):
    """The records of a CSV file, in order, blank lines as records without fields.

    lines: of the file, with their ends. skip: so many of them are passed over. Where quoting is broken, the record's
    first line alone is damaged, and reading goes on with the line after it: a stray quote swallows no other record.
    Raises NeverClosed where a quote swallows the rest of the file.

    `skipped`: what stands before the first record, as it stands.
    """

    def __init__(self, lines: Iterable[str], form: CsvFormat, skip: int = 0) -> None:
        self._form = form
        self._escapes = _escapes(form)
        self._taken: list[str] = []
        self._returned: deque[str] = deque()
        self._ended = False
        rest = iter(lines)
        self.skipped = "".join(islice(rest, skip))
        first = next(rest, None)
        if first is not None and not skip and first.startswith(MARK):
            self.skipped, first = MARK, first[1:]
        self._line = skip + 1
        self._reader = csv.reader(self._lines(rest if first is None else chain([first], rest)), **_dialect(form))

    @property
    def line(self) -> int:
        """The line that the next record begins on, as far as is known."""
        return self._line

    @property
    def text(self) -> str:
        """The lines of the record that came last, as they stand."""
        return "".join(self._taken)

    def __next__(self) -> Record:
        taken = self._taken
        taken.clear()
        line = self._line
        try:
            fields = next(self._reader)
        except csv.Error:
            return self._damaged()
        self._line += len(taken)
        return Record(line, fields, len(taken[0]) if len(taken) == 1 else sum(map(len, taken)))

    def _lines(self, lines: Iterator[str]) -> Iterator[str]:
        plain = self._escapes is None
        for line in lines:
            self._taken.append(line)
            yield line if plain and line[-1] != END_OF_FILE else self._read(line)
            while self._returned:
                line = self._returned.popleft()
                self._taken.append(line)
                yield self._read(line)
        self._ended = True

    def _read(self, line: str) -> str:
        """A line as the csv module is to read it. A mark of the file's end has no line end after it."""
        line = line.removesuffix(END_OF_FILE)
        return line if self._escapes is None else self._escapes(line)

    def _damaged(self) -> Record:
        """Take the first line alone, as far as it is sound, and give the others back."""
        first, line = self._taken[0], self._line
        if self._ended:
            raise NeverClosed(line + self._lines_before_the_open_quote())
        self._returned.extendleft(reversed(self._taken[1:]))
        del self._taken[1:]
        self._line += 1
        fields, _ = sound_fields(first, self._form)
        return Record(line, fields, len(first), damaged=True)

    def _lines_before_the_open_quote(self) -> int:
        _, begins = sound_fields("".join(self._taken), self._form)
        return bisect_right(list(accumulate(map(len, self._taken))), begins)


def sound_fields(line: str, form: CsvFormat) -> tuple[list[str], int]:
    """Read the fields before the first whose quoting is broken; give them, and where in the line that one begins."""
    delimiter, quote = form.delimiter, form.quote or ""
    fields: list[str] = []
    start, end = 0, len(line.rstrip("\r\n"))
    while start <= end:
        if quote and start < end and line.startswith(quote, start):
            stop = _next(line, start + 1, end, form, quote)
            if stop is None or not (stop + 1 == end or line.startswith(delimiter, stop + 1)):
                break
            fields.append(_plain(line[start + 1 : stop].replace(quote * 2, quote), form))
            start = stop + 2
        else:
            stop = _next(line, start, end, form, delimiter)
            fields.append(_plain(line[start : end if stop is None else stop], form))
            start = end + 1 if stop is None else stop + 1
    return fields, start


def _next(line: str, start: int, end: int, form: CsvFormat, sign: str) -> int | None:
    """Find the next delimiter, or quote that closes; one that is escaped or doubled is part of the text."""
    escaped = f"{re.escape(form.escape)}.|" if form.escape else ""
    doubled = f"{re.escape(sign * 2)}|" if sign == form.quote else ""
    for match in re.compile(f"{escaped}{doubled}{re.escape(sign)}", re.DOTALL).finditer(line, start, end):
        if match[0] == sign:
            return match.start()
    return None


def _plain(text: str, form: CsvFormat) -> str:
    """The text of a field without its escapes."""
    return re.sub(f"{re.escape(form.escape)}({_escapable(form)})", r"\1", text) if form.escape else text


def _escapable(form: CsvFormat) -> str:
    """What an escape takes the meaning from; before anything else it is text, as in `\\N` or `C:\\new`."""
    return "[\r\n" + "".join(re.escape(sign) for sign in (form.delimiter, form.quote, form.escape) if sign) + "]"


def _escapes(form: CsvFormat) -> Callable[[str], str] | None:
    """What doubles the escapes in a line that escape nothing: the csv module drops them, and a value with them."""
    escape = form.escape
    if escape is None:
        return None
    pattern = re.compile(f"({re.escape(escape)}{_escapable(form)})|{re.escape(escape)}")
    return lambda line: pattern.sub(lambda match: match[1] or escape * 2, line) if escape in line else line


def _dialect(form: CsvFormat) -> dict[str, Any]:
    if form.quote is None:
        quoting: dict[str, Any] = {"quoting": csv.QUOTE_NONE, "quotechar": None}
    else:
        quoting = {"quotechar": form.quote}
    return {"delimiter": form.delimiter, "escapechar": form.escape, "strict": True, **quoting}
