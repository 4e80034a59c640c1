"""Add decisions to the text of `decisions.csv`. All other lines stay as they are, byte for byte."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from etl.classify.overrides import COLUMNS, Override, fault_in, override_of, replaced_lines, texts_of
from etl.config.people import delimiter_of


@dataclass(frozen=True)
class Merged:
    """The new text, and what became of the decisions."""

    text: str
    added: int = 0
    replaced: int = 0
    unchanged: int = 0


@dataclass
class _Line:
    """One record of the file: its text, and its cells."""

    text: str
    cells: list[str]


def merge(text: str, decisions: Sequence[Override], dated: Collection[tuple[str, ...]]) -> Merged:
    """Put decisions into the text of decisions.csv, each in the place of the line it replaces, or at the end.

    text: the file's, which `read_overrides` must be able to read; empty where there is no file. dated: the decisions
    whose day a person gave; any other one counts as unchanged if only its day differs. Further columns of the file are
    kept, also where a line is replaced.
    """
    text = text or ",".join(COLUMNS) + "\n"
    delimiter = delimiter_of(text.partition("\n")[0])
    header, *lines = _lines(text, delimiter)
    end = "\r\n" if header.text.endswith("\r\n") else "\n"
    _extend(header, decisions, delimiter, end)
    before = [(place, old) for place, line in enumerate(lines) if (old := _override(header, line))]
    places = replaced_lines([*(old for _, old in before), *decisions])
    last = {by - len(before): before[number][0] for number, by in sorted(places.items()) if number < len(before) <= by}
    counts = {"added": 0, "replaced": 0, "unchanged": 0}
    for number, decision in enumerate(decisions):
        place = last.get(number, len(lines))
        line = lines[place] if number in last else _Line("", [])
        if number in last and _same(_override(header, line), decision, decision.about in dated):
            counts["unchanged"] += 1
            continue
        counts["replaced" if number in last else "added"] += 1
        lines[place : place + 1] = [_written(header, line, decision, delimiter, end)]
    return Merged("".join(_ended(line.text, end) for line in (header, *lines)), **counts)


def _lines(text: str, delimiter: str) -> Iterator[_Line]:
    """The records of the file with their text; one with line ends in a cell is one."""
    read: list[str] = []

    def physical() -> Iterator[str]:
        for line in io.StringIO(text, newline=""):
            read.append(line)
            yield line

    for cells in csv.reader(physical(), strict=True, delimiter=delimiter):
        yield _Line("".join(read), cells)
        read.clear()


def _extend(header: _Line, decisions: Sequence[Override], delimiter: str, end: str) -> None:
    """Add the columns that the decisions need and the file lacks. Lines that are too short have empty cells there."""
    needed = [name for name in COLUMNS if any(getattr(decision, name) for decision in decisions)]
    if missing := [name for name in needed if name not in header.cells]:
        header.cells = [*header.cells, *missing]
        header.text = _row(header.cells, delimiter, end)


def _override(header: _Line, line: _Line) -> Override | None:
    texts = texts_of(dict(zip(header.cells, line.cells, strict=False)))
    return None if not line.cells or fault_in(texts) else override_of(texts)


def _same(old: Override | None, new: Override, dated: bool) -> bool:
    """Whether a line equals a decision. The day is compared only if a person gave it."""
    names = [name for name in (*COLUMNS, "into") if name != "when" or dated]
    return all(getattr(old, name) == getattr(new, name) for name in names)


def _written(header: _Line, old: _Line, decision: Override, delimiter: str, end: str) -> _Line:
    """The line of a decision, with the extra columns of the one it replaces."""
    extra = dict(zip(header.cells, old.cells, strict=False))
    cells = {**extra, **{name: getattr(decision, name) for name in COLUMNS}, "decision": decision.word}
    row = [cells.get(name, "") for name in header.cells]
    return _Line(_row(row, delimiter, end), row)


def _row(cells: Sequence[str], delimiter: str, end: str) -> str:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter, lineterminator=end).writerow(cells)
    return file.getvalue()


def _ended(text: str, end: str) -> str:
    """A line with its end; the last line of a file may have none."""
    return text if text.endswith(("\n", "\r")) else text + end
