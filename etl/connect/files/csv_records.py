"""CSV as records: what the csv module reads strictly, and each line that it cannot, so that none is unaccounted for."""

from __future__ import annotations

import codecs
import csv
import sys
from bisect import bisect_right
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, TextIO

from etl.config import CsvFormat

ESCAPE = "crm-cleanup-bytes"
"""The codecs error handler that turns a byte which cannot be decoded into a lone surrogate, U+DC00 and its value."""


def _as_surrogates(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(chr(0xDC00 + byte) for byte in error.object[error.start : error.end]), error.end


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

    Where quoting is broken, the record's first line alone is damaged, and reading goes on with the line after it: a
    stray quote swallows no other record. Raises NeverClosed where a quote swallows the rest of the file.
    """

    def __init__(self, stream: TextIO, form: CsvFormat) -> None:
        self._form = form
        self._taken: list[str] = []
        self._returned: deque[str] = deque()
        self._ended = False
        self._line = 1
        self._reader = csv.reader(self._lines(stream), **_dialect(form))

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

    def _lines(self, stream: TextIO) -> Iterator[str]:
        for line in stream:
            self._taken.append(line)
            yield line
            while self._returned:
                line = self._returned.popleft()
                self._taken.append(line)
                yield line
        self._ended = True

    def _damaged(self) -> Record:
        """Take the first line alone, as far as it is sound, and give the others back."""
        first, line = self._taken[0], self._line
        if self._ended:
            raise NeverClosed(line + self._lines_before_the_open_quote())
        self._returned.extendleft(reversed(self._taken[1:]))
        del self._taken[1:]
        self._line += 1
        fields, _ = sound_fields(first, self._form.delimiter, self._form.quote or "")
        return Record(line, fields, len(first), damaged=True)

    def _lines_before_the_open_quote(self) -> int:
        _, begins = sound_fields("".join(self._taken), self._form.delimiter, self._form.quote or "")
        return bisect_right(list(accumulate(map(len, self._taken))), begins)


def sound_fields(line: str, delimiter: str, quote: str) -> tuple[list[str], int]:
    """Read the fields before the first whose quoting is broken; give them, and where in the line that one begins."""
    fields: list[str] = []
    start, end = 0, len(line.rstrip("\r\n"))
    while start <= end:
        if line.startswith(quote, start) and start < end:
            stop = _closing(line, start, quote)
            if stop is None or not (stop + 1 == end or line.startswith(delimiter, stop + 1)):
                break
            fields.append(line[start + 1 : stop].replace(quote * 2, quote))
            start = stop + 2
        else:
            stop = line.find(delimiter, start, end)
            fields.append(line[start : stop if stop >= 0 else end])
            start = stop + 1 if stop >= 0 else end + 1
    return fields, start


def _closing(line: str, start: int, quote: str) -> int | None:
    """Find the quote that closes the one at `start`; a doubled quote is part of the text."""
    at = line.find(quote, start + 1)
    while at >= 0 and line.startswith(quote, at + 1):
        at = line.find(quote, at + 2)
    return at if at >= 0 else None


def _dialect(form: CsvFormat) -> dict[str, Any]:
    if form.quote is None:
        return {"delimiter": form.delimiter, "quoting": csv.QUOTE_NONE, "quotechar": None, "strict": True}
    return {"delimiter": form.delimiter, "quotechar": form.quote, "strict": True}
