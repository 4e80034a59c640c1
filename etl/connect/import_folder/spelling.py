"""How a value of a lead is spelled in an import file, and what one that the CRM has exported says."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable

from etl.connect.import_folder.system import Column, Spelling

TRUE = ("1", "true", "t", "yes", "y", "on", "x", "wahr", "ja")
"""The words for yes in exports, whatever the import takes."""


def speller(column: Column, spelling: Spelling) -> Callable[[str], str]:
    """What writes the values of a column: texts as the plan has them, which are never empty."""
    if column.kind == "boolean":
        words = column.true or spelling.true, column.false or spelling.false
        return lambda text: words[0] if text in ("1", "true", "True") else words[1]
    if column.kind == "list":
        return lambda text: spelling.list.join(json.loads(text))
    if column.kind == "date":
        return lambda text: dt.date.fromisoformat(text[:10]).strftime(spelling.date)
    return str


def reader(column: Column, spelling: Spelling) -> Callable[[str], str]:
    """What reads the values of a column again, as the plan has them; a text that is none of its kind stays."""
    if column.kind == "boolean":
        yes = {*TRUE, (column.true or spelling.true).casefold()} - {(column.false or spelling.false).casefold()}
        return lambda text: "1" if text.strip().casefold() in yes else "0"
    if column.kind == "list":
        return lambda text: _list(text, spelling.list)
    if column.kind == "date":
        return lambda text: _date(text, spelling.date)
    return str


def _list(text: str, separator: str) -> str:
    return json.dumps([item for part in text.split(separator) if (item := part.strip())], ensure_ascii=False)


def _date(text: str, form: str) -> str:
    try:
        return dt.datetime.strptime(text.strip(), form).date().isoformat()  # noqa: DTZ007  a day has no zone
    except ValueError:
        return text
