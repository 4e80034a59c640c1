"""CSV that is safe in a spreadsheet: what looks like a formula has an apostrophe before it, and is read without it.

LibreOffice evaluates a cell that begins with `=`, Excel also `+`, `-` and `@`, quoted or not.
"""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

OPEN_CASES = "open-cases.csv"
"""The file of a plan that people fill in to decide."""

FORMULA = r"'*[=+\-@\t\r\n＝＋－＠]"
"""How a formula begins, also in the wide characters of Japanese; apostrophes before it, so that they can be told."""


def guarded(value: str) -> str:
    """A value as a cell that every spreadsheet takes for text; `unguarded` is its exact inverse."""
    return "'" + value if re.match(FORMULA, value) else value


def unguarded(cell: str) -> str:
    """The value that `guarded` made a cell of."""
    return cell[1:] if re.match("'" + FORMULA, cell) else cell


def write_csv(path: Path, table: pa.Table) -> None:
    """Write a table of texts as CSV for people, its values guarded."""
    pa_csv.write_csv(guarded_table(table), path)


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
