"""What the workbook says of itself, so that `decide` knows it, and which cells of it must stand as they were."""

from __future__ import annotations

import codecs
import hashlib
import re

from etl.report.text import escaped, shown
from etl.texts import mark

WORKBOOK = "review.xlsx"
CASES = mark("Open cases")
MARK = "crm-cleanup"
"""The hidden sheet that names the plan; LibreOffice and Excel keep it."""
MARKED = "review"
CHECK = "check"
KEYS = ("source_key", "other", "hash")
"""The columns that a person must not change; `check` is over them and the plan's name."""

LONGEST = 32_767
"""What a cell can hold, in units of UTF-16."""
SHORTENED = LONGEST // 2 - 1
"""No text of so many characters has more units than a cell can hold."""
CODE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
"""What spreadsheets would take for the code of another character."""
ESCAPE = re.compile(r"\\(\\|x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8}|[tnr])")


def text_cell(value: str, length: int = LONGEST) -> str:
    """A value as the text of a cell: control characters and direction marks escaped, what is too long ends in `…`."""
    text = CODE.sub(r"\\x5f", value if value.isprintable() and len(value) <= length else shown(value, length))
    units = len(text) if len(text) <= SHORTENED else len(text.encode("utf-16-le")) // 2
    return text if units <= LONGEST else text[:SHORTENED] + "…"


def key_cell(key: str) -> str:
    """A source key as the text of a cell; `key_of` is its exact inverse."""
    return CODE.sub(r"\\x5f", escaped(key.replace("\\", "\\\\")))


def key_of(cell: str) -> str:
    """The source key that `key_cell` made a cell of."""
    return ESCAPE.sub(lambda escape: codecs.decode(escape[0], "unicode_escape"), cell)


def check_of(name: str, source_key: str, other: str, hash_: str) -> str:
    """What shows that a row's keys are those of the plan of this name; text for every spreadsheet."""
    digest = hashlib.sha256(repr((name, source_key, other, hash_)).encode("utf-8", "surrogatepass")).hexdigest()
    return f"ok-{digest[:12]}"
