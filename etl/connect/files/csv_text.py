"""The text of a CSV file in its declared encoding, and what another encoding, delimiter or quote would do better."""

from __future__ import annotations

import codecs
import io
import re
from collections import Counter
from functools import cached_property
from pathlib import Path
from typing import TextIO

from etl.config import CsvFormat
from etl.connect.files.csv_records import ESCAPE
from etl.errors import SourceError, excerpt

SAMPLE = 2**20
"""How many bytes at the beginning tell whether the declared format fits."""

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

ACCENTED = re.compile(r"[À-ÿ]{3,}")
"""So many letters with accents side by side are of another alphabet."""
SEPARATED = re.compile(rb"(?<=[0-9])\xa0(?=[0-9])")
"""The blank between thousands, which does not break: a letter in other encodings, that stands in no number."""
UNDECODED = re.compile("[\udc00-\udcff]")


class CsvText:
    """A file as text; a byte that cannot be decoded is a lone surrogate. Raises SourceError where it is unusable."""

    def __init__(self, path: Path, form: CsvFormat) -> None:
        self.path, self._form = path, form

    @property
    def encoding(self) -> str:
        """What to write a copy of the file with."""
        return "utf-8-sig" if self._sample.startswith(codecs.BOM_UTF8) else self._form.encoding

    def open(self) -> TextIO:
        """Open the file for reading."""
        encoding = "utf-8-sig" if codecs.lookup(self._form.encoding).name == "utf-8" else self._form.encoding
        try:
            return self.path.open(encoding=encoding, errors=ESCAPE, newline="")
        except OSError as error:
            raise SourceError(f"The file cannot be read: {error.strerror}.", where=self.path) from None

    @cached_property
    def lines(self) -> list[str]:
        """The lines at the beginning, with their ends, without the last of them where it may be cut."""
        try:
            raw = io.TextIOWrapper(io.BytesIO(self._sample), self._form.encoding, ESCAPE, "")
            lines = list(raw)
        except UnicodeError as error:
            raise self.undecodable(error) from None
        return lines if len(self._sample) < SAMPLE else lines[:-1]

    def refuse_another_encoding(self) -> None:
        """Refuse a file that says, or whose letters say, that its encoding is not the declared one."""
        self._refuse_wrong_mark()
        self._refuse_wrong_encoding()

    def undecodable(self, error: UnicodeError, line: int | None = None) -> SourceError:
        """What to raise for a file that the declared encoding cannot read beyond a line."""
        return SourceError(
            f"The file cannot be read as {self._form.encoding}: {excerpt(str(error), 80)}.",
            where=f"{self.path}:{line}" if line else self.path,
            next="declare the encoding that the file was written in: csv: {encoding: …}",
        )

    def suggest_encoding(self) -> str | None:
        """Say which encoding seems to be the file's, where the declared one cannot read all of it."""
        name = self.fitting_encoding()
        if name is None:
            return None
        read = [word for word in self._telling.decode(name, "replace").split() if not word.isascii()]
        shown = f", which gives {', '.join(map(excerpt, read[:3]))}" if read else ""
        return f"The file seems to be encoded in {name}{shown}. Declare it with csv: {{encoding: {name}}}."

    def fitting_encoding(self) -> str | None:
        """The encoding that seems to be the file's, where the declared one cannot read all of it."""
        if not any(UNDECODED.search(line) for line in self.lines) and "\0" not in "".join(self.lines[:1]):
            return None
        from charset_normalizer import from_bytes

        western = not self._telling or _looks_western(self._telling)
        best = None if western else from_bytes(self._telling).best()
        name = best.encoding if best else "cp1252" if western else None
        same = name is not None and codecs.lookup(name).name == codecs.lookup(self._form.encoding).name
        return None if same else name

    def suggest_delimiter(self, names: list[str]) -> str | None:
        """A header of one column that holds another usual delimiter was written with that one."""
        counts = Counter({sign: names[0].count(sign) for sign in DELIMITERS if sign != self._form.delimiter})
        if len(names) > 1 or not counts or not counts.most_common(1)[0][1]:
            return None
        best = counts.most_common(1)[0][0]
        written = "\\t" if best == "\t" else best
        return (
            f"The header is one column, {excerpt(names[0])!r}, and holds {DELIMITERS[best]}: "
            f'csv: {{delimiter: "{written}"}}.'
        )

    def suggest_quote(self) -> str | None:
        """Say which quotation mark many values stand between, where it is not the declared one."""
        lines = [line.rstrip("\r\n") for line in self.lines[:1000]]
        cells = [cell for line in lines for cell in line.split(self._form.delimiter)]
        for quote, shown in (('"', "'\"'"), ("'", '"\'"')):
            wrapped = sum(len(cell) > 1 and cell.startswith(quote) and cell.endswith(quote) for cell in cells)
            if quote != self._form.quote and wrapped > len(cells) / 4:
                share = f"{wrapped} of the first {len(cells)} values"
                return f"{share} stand between {quote} and {quote}: csv: {{quote: {shown}}}."
        return None

    def suggest_escape(self) -> str | None:
        """A quote or delimiter after a backslash was written by a program that escapes."""
        line = self.escaped_line()
        if line is None or self._form.escape is not None:
            return None
        return f'Line {line} has a backslash before a delimiter or quotation mark: csv: {{escape: "\\\\"}}.'

    def escaped_line(self) -> int | None:
        """The first line that has a backslash before a delimiter or quote, where no other one follows."""
        signs = "".join(re.escape(sign) for sign in (self._form.delimiter, self._form.quote) if sign)
        pattern = re.compile(rf"(?<!\\)\\[{signs}](?![{signs}\r\n])")
        return next((number for number, line in enumerate(self.lines, 1) if pattern.search(line)), None)

    @cached_property
    def _telling(self) -> bytes:
        """The lines that tell an encoding: those beyond ASCII but for blanks in numbers; of two bytes a sign all."""
        if b"\0" in self._sample:
            return self._sample[: 2**15]
        lines = SEPARATED.sub(b" ", self._sample).split(b"\n")
        return b"\n".join(line for line in lines if not line.isascii())[: 2**15]

    @cached_property
    def _sample(self) -> bytes:
        try:
            with self.path.open("rb") as file:
                return file.read(SAMPLE)
        except OSError as error:
            raise SourceError(f"The file cannot be read: {error.strerror}.", where=self.path) from None

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
        beyond_ascii = [(number, line) for number, line in enumerate(self.lines, 1) if not line.isascii()]
        wrong = [number for number, line in beyond_ascii if UNDECODED.search(line)]
        if len(wrong) >= 3 and 2 * len(wrong) > len(beyond_ascii):
            hint = self.suggest_encoding()
            raise SourceError(
                f"The encoding {self._form.encoding} is wrong for this file: {len(wrong)} of the first "
                f"{len(beyond_ascii)} lines with characters beyond ASCII cannot be "
                f"read with it. {hint or 'No other encoding fits either.'}",
                where=f"{self.path}:{wrong[0]}",
                next="declare the encoding that the file was written in: csv: {encoding: …}",
            )


def _looks_western(data: bytes) -> bool:
    """Whether bytes read as Windows' western code page give hardly any but the signs of western European languages.

    A guess from single letters takes its eastern neighbours for it: most letters of German have the same place in both.
    """
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        return False
    signs = [sign for sign in text if not sign.isascii()]
    if 2 * sum(map(len, ACCENTED.findall(text))) > len(signs):
        return False
    return bool(signs) and sum(sign in WESTERN for sign in signs) >= 0.95 * len(signs)
