"""Rows of values, column by column, to a batch: how CSV, workbooks and databases all end."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import count

import pyarrow as pa

from etl.connect.render import Rendered, escaped
from etl.connect.source import Batch
from etl.errors import excerpt
from etl.model import Fault, Remark
from etl.texts import stored

ENCODING_ADVICE = stored("correct the text in the source, or declare the encoding it is really in")


def batch(
    names: Sequence[str], columns: Sequence[Rendered], faults: list[Fault], unreadable: Callable[[int, str, str], Fault]
) -> Batch:
    """Put rendered columns together. unreadable: makes the fault of a row, from 0, its column and its escaped text."""
    all_faults = list(faults)
    for name, rendered in zip(names, columns, strict=True):
        all_faults += [unreadable(row, name, rendered.texts[row].as_py() or "") for row in rendered.invalid]
    all_faults.sort(key=lambda fault: -1 if fault.row is None else fault.row)
    return Batch(pa.table([rendered.texts for rendered in columns], names=list(names)), all_faults)


def invalid_unicode(dataset: str, row: int, where: str, column: str, shown: str) -> Fault:
    """The fault of a row whose text is no valid Unicode. shown: the text with its bytes escaped."""
    return Fault(
        dataset=dataset,
        row=row,
        where=where,
        column=column,
        code="invalid-unicode",
        reason=stored("the text is not valid Unicode: {text}", text=excerpt(around(shown))),
        advice=ENCODING_ADVICE,
    )


def header(cells: Sequence[str]) -> list[str]:
    """Name the columns of a file by its header; an empty cell names its place, a name that came before gets a number.

    `renamed` says which names are not the header's own.
    """
    names = [escaped(cell) or f"column {number}" for number, cell in enumerate(cells, 1)]
    taken, own = set(names), set[str]()
    for number, name in enumerate(names):
        if name in own:
            names[number] = next(f"{name}#{at}" for at in count(2) if f"{name}#{at}" not in taken)
            taken.add(names[number])
        own.add(names[number])
    return names


def renamed(cells: Sequence[str], names: Sequence[str]) -> list[Remark]:
    """The columns that have another name than in the header, for it stands before them already; count: which column."""
    return [
        Remark("renamed-column", number, (excerpt(cell), excerpt(name)))
        for number, (cell, name) in enumerate(zip(cells, names, strict=False), 1)
        if cell and escaped(cell) != name
    ]


def around(shown: str) -> str:
    """Cut a long text to the surroundings of its first escaped byte."""
    escape = re.search(r"\\x[0-9a-f]{2}|\\ud[0-9a-f]{3}", shown)
    start = max(0, escape.start() - 15) if escape else 0
    return ("…" if start else "") + shown[start : start + 38]
