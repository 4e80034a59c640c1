"""CSV for people: safe in a spreadsheet, in the language of the report, and in Excel's form where the config says so.

LibreOffice evaluates a cell that begins with `=`, Excel also `+`, `-` and `@`, quoted or not: what looks like a formula
has an apostrophe before it, and is read without it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from etl.config import Config
from etl.texts import speaking, told

Rows = TypeVar("Rows", pa.Table, pa.RecordBatch)
OPEN_CASES = "open-cases.csv"
"""The file of a plan that people fill in to decide."""

REJECTS = "rejects.csv"
"""The rejects once more, for people to open."""

FORMULA = r"'*[=+\-@\t\r\n＝＋－＠]"
"""How a formula begins, also in the wide characters of Japanese; apostrophes before it, so that they can be told."""
TOLD = ("evidence", "words", "message", "reason", "advice", "place")
"""The columns in which sentences stand."""
BOM = b"\xef\xbb\xbf"
"""Without it, Excel takes UTF-8 for the encoding of its country."""


def guarded(value: str) -> str:
    """A value as a cell that every spreadsheet takes for text; `unguarded` is its exact inverse."""
    return "'" + value if re.match(FORMULA, value) else value


def unguarded(cell: str) -> str:
    """The value that `guarded` made a cell of."""
    return cell[1:] if re.match("'" + FORMULA, cell) else cell


@dataclass(frozen=True)
class Form:
    """How CSV for people is written. language: of its sentences; excel: with BOM, semicolons and Excel's decimals."""

    language: str = "en"
    excel: bool = False

    @classmethod
    def of(cls, config: Config) -> Form:
        """As a config says."""
        return cls(config.language, config.report.csv == "excel")

    @property
    def delimiter(self) -> str:
        """What stands between two cells."""
        return ";" if self.excel else ","

    def table(self, table: pa.Table) -> pa.Table:
        """A table as its CSV has it: sentences told, numbers as Excel reads them, texts guarded."""
        with speaking(self.language) as language:
            if language.code != "en":
                table = told_columns(table)
            if self.excel and language.digits("0.5") == "0,5":
                table = _with_decimal_commas(table)
        return guarded_table(table)

    @contextmanager
    def writer(self, path: Path, schema: pa.Schema) -> Iterator[pa_csv.CSVWriter]:
        """Open a file for tables of this schema, which `table` has made."""
        with path.open("wb") as file:
            file.write(BOM if self.excel else b"")
            with pa_csv.CSVWriter(file, schema, write_options=pa_csv.WriteOptions(delimiter=self.delimiter)) as writer:
                yield writer


PLAIN = Form()


def write_csv(path: Path, table: pa.Table, form: Form = PLAIN) -> None:
    """Write a table as CSV for people."""
    table = form.table(table)
    with form.writer(path, table.schema) as writer:
        writer.write(table)


def told_columns(rows: Rows) -> Rows:
    """Rows with their sentences in the language that is spoken now."""
    for place, name in enumerate(rows.schema.names):
        if name in TOLD and rows.schema.field(place).type in (pa.string(), pa.large_string()):
            rows = rows.set_column(place, name, _told(rows.column(place)))
    return rows


def _told(texts: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Each distinct text told once."""
    if isinstance(texts, pa.ChunkedArray):
        texts = texts.combine_chunks()
    distinct = texts.dictionary_encode()
    words = [None if text is None else told(text) for text in distinct.dictionary.to_pylist()]
    return pa.array(words, texts.type).take(distinct.indices)


def _with_decimal_commas(table: pa.Table) -> pa.Table:
    for place, field in enumerate(table.schema):
        if pa.types.is_floating(field.type):
            texts = pc.replace_substring(table[field.name].cast(pa.large_string()), ".", ",")
            table = table.set_column(place, field.name, texts)
    return table


def guarded_table(table: pa.Table) -> pa.Table:
    """A table with its texts guarded; a list of texts becomes one text, its parts after commas."""
    for place, name in enumerate(table.column_names):
        column = table[name]
        if pa.types.is_list(column.type):
            column = pc.binary_join(column.cast(pa.list_(pa.string())), ", ")
        if pa.types.is_large_string(column.type) or pa.types.is_string(column.type):
            column = pc.replace_substring_regex(column, f"^({FORMULA})", r"'\1")
        table = table.set_column(place, name, column)
    return table
