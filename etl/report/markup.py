"""What Markdown for a pull request is made of: tables that people read, long lists cut or folded away."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from etl.report.text import number
from etl.texts import tn

BYTES = 60_000
"""What a comment on GitHub takes is 65,536 characters; a report leaves room for what others write around it."""

ROWS = (100, 50, 25, 12, 6, 3, 1)
Cell = str | int | None


def fitted(parts: Callable[[int], Iterable[str]]) -> str:
    """Put paragraphs and tables together so that they take at most BYTES bytes, if one row of each list does.

    parts: draws them with at most so many rows of each list.
    """
    text = ""
    for rows in ROWS:
        text = "\n\n".join(parts(rows)) + "\n"
        if len(text.encode()) <= BYTES:
            break
    return text


def folded(
    title: str, head: Sequence[str], rows: Sequence[tuple[Cell, ...]], limit: int, whole: str = "report.json"
) -> Iterator[str]:
    """A list behind a title of this tool's own words; nothing at all where there are no rows."""
    if rows:
        yield f"<details><summary>{title}</summary>"
        yield from listed(head, rows, limit, whole)
        yield "</details>"


def listed(
    head: Sequence[str], rows: Sequence[tuple[Cell, ...]], limit: int, whole: str = "report.json"
) -> Iterator[str]:
    """A table of the first rows, and how many are not shown; nothing where there are none. whole: has them all."""
    if rows:
        yield table(head, rows[:limit])
    if len(rows) > limit:
        yield tn(len(rows) - limit, "… and {n} more row in {whole}.", "… and {n} more rows in {whole}.", whole=whole)


def table(head: Sequence[str], rows: Iterable[tuple[Cell, ...]]) -> str:
    """A table of cells that are Markdown already; columns of counts stand to the right."""
    rows = list(rows)
    right = [any(isinstance(row[place], int) for row in rows) for place in range(len(head))]
    lines = [head, ["--:" if counts else "---" for counts in right]]
    lines += [[number(cell) if isinstance(cell, int) else cell or "" for cell in row] for row in rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
