"""Where the records of a CSV file begin, what its columns are called, and how its lines end."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from etl.config import CsvFormat
from etl.connect.files.csv_records import MARK, NeverClosed, Record, Records
from etl.connect.files.csv_text import CsvText
from etl.connect.rows import header as named
from etl.errors import SourceError, excerpt

SAMPLE = 1000
"""How many records at the beginning tell how lines end."""

SEPARATOR = re.compile(r"""["']?sep=(.)["']?""", re.IGNORECASE)
"""A first line that tells Excel the delimiter."""

LIKE_A_RECORD = re.compile(r"\d+|.+@.+\..+|\d{4}-\d\d-\d\d.*")


@dataclass(frozen=True)
class Shape:
    """What stands around the values.

    names: of the columns; header: the names as they stand there. skip: lines before the header, or before the first
    record where the config names the columns. line: the last line before the records. surplus: each line ends in a
    delimiter that the header does not have.
    """

    names: list[str]
    header: Sequence[str]
    skip: int
    line: int
    surplus: bool = False


def is_empty(record: Record) -> bool:
    """Whether a line holds no value: a blank one, or one of delimiters alone."""
    return not record.damaged and not any(record.fields) and len(record.fields) != 1


def shape(text: CsvText, form: CsvFormat) -> Shape:
    """See how a file is laid out. Raises SourceError where it has no header, or not the one that the config names."""
    skip = form.skip_rows or _separator_lines(text, form)
    with text.open() as stream:
        records = (record for record in Records(stream, form, skip) if not is_empty(record))
        first = next(records, None)
        if form.header:
            _refuse_another_header(text, form.header, first)
            return _settled(Shape(list(form.header), form.header, skip, skip), text, form)
        if first is None:
            raise SourceError("The file is empty; it does not even have a header.", where=text.path)
    where = f"{text.path}:{first.line}"
    if first.damaged:
        raise SourceError(
            "The quotation marks in the header are not closed correctly.",
            where=where,
            next="declare the file's quotation mark under csv, or correct the line",
        )
    return _settled(Shape(named(first.fields), first.fields, skip, first.line), text, form)


def _separator_lines(text: CsvText, form: CsvFormat) -> int:
    """How many lines at the beginning tell Excel the delimiter. Raises SourceError where it is not the declared one."""
    line = text.lines[0].removeprefix(MARK).rstrip("\r\n") if text.lines else ""
    told = SEPARATOR.fullmatch(line)
    if told is None:
        return 0
    if told[1] != form.delimiter:
        written = "\\t" if told[1] == "\t" else told[1]
        raise SourceError(
            f"The first line, {excerpt(line)}, names another delimiter than the config, {form.delimiter!r}.",
            where=f"{text.path}:1",
            next=f'csv: {{delimiter: "{written}"}}',
        )
    return 1


def _refuse_another_header(text: CsvText, names: Sequence[str], first: Record | None) -> None:
    if first is None or first.damaged:
        return
    where = f"{text.path}:{first.line}"
    if [field.strip().casefold() for field in first.fields[: len(names)]] == [name.casefold() for name in names]:
        raise SourceError(
            "The file has a header of its own, and the config names the columns, too.",
            where=where,
            next="remove csv.header from the config",
        )
    if len(first.fields) != len(names) and (len(first.fields) != len(names) + 1 or first.fields[-1]):
        raise SourceError(
            f"The config names {len(names)} columns under csv.header, and the first record has "
            f"{len(first.fields)} values.",
            where=where,
            next="name all columns of the file under csv.header, in their order",
        )


def _settled(shape: Shape, text: CsvText, form: CsvFormat) -> Shape:
    """The shape with regard to how the lines end: header or records may all have one delimiter more."""
    widths, names = set(), shape.names
    for record in _sample(text, form, shape):
        widths.add((len(record.fields), bool(record.fields[-1])))
        if len(record.fields) == len(names):
            return shape
    if widths == {(len(names) + 1, False)}:
        return Shape(names, shape.header, shape.skip, shape.line, surplus=True)
    if not shape.header[-1] and {width for width, _ in widths} == {len(names) - 1}:
        return Shape(names[:-1], shape.header[:-1], shape.skip, shape.line)
    return shape


def _sample(text: CsvText, form: CsvFormat, shape: Shape) -> Iterator[Record]:
    """Sound records at the beginning."""
    records = Records(text.lines, form, shape.skip)
    try:
        for record in islice(records, SAMPLE):
            if record.line > shape.line and record.fields and not record.damaged and not is_empty(record):
                yield record
    except NeverClosed:
        return


def suggest(text: CsvText, form: CsvFormat, shape: Shape) -> list[str]:
    """Say what does not fit about the header: lines above it, or none at all."""
    widths = [(record.line, len(record.fields)) for record in islice(_sample(text, form, shape), 50)]
    usual = Counter(width for _, width in widths).most_common(1)[0][0] if widths else 0
    if len(shape.names) == 1 and usual > 1:
        line = next(line for line, width in widths if width == usual)
        return [f"The first line has one value, and line {line} has {usual}: csv: {{skip_rows: {line - 1}}}."]
    if form.header is None and any(LIKE_A_RECORD.fullmatch(name) for name in shape.header):
        return ["The first line looks like a record, not like a header: csv: {header: [id, name, …]}."]
    return []
