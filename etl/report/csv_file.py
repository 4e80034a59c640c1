"""CSV for people: what a spreadsheet would take for a formula has an apostrophe before it, and is read back without.

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
    columns = [pc.replace_substring_regex(column, f"^({FORMULA})", r"'\1") for column in table.columns]
    pa_csv.write_csv(pa.table(columns, names=table.column_names), path)
