"""Draw lines and tables for a terminal: what the report and the results of all verbs look like."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING, Literal, TextIO

from etl.report.text import number, shown

if TYPE_CHECKING:
    from rich.console import Console

WIDTH = 100
LONGEST_LINE = 1_000
GAP = 2
NARROWEST = 16
Tone = Literal["plain", "strong", "good", "warning", "bad", "faint"]
STYLES: dict[Tone, str] = {
    "plain": "",
    "strong": "bold",
    "good": "green",
    "warning": "yellow",
    "bad": "bold red",
    "faint": "dim",
}


@dataclass(frozen=True)
class Line:
    """One line of text, which wraps where it is longer than the screen; without a text an empty line.

    indent: blanks before it, and before each line that it wraps into.
    """

    text: str = ""
    tone: Tone = "plain"
    indent: int = 0


@dataclass(frozen=True)
class Table:
    """Rows under their heads, the first of which is the table's title; numbers stand to the right.

    rows: as long as `head`; None is an empty cell. tones: one a row, plain if left out.
    """

    head: tuple[str, ...]
    rows: Sequence[tuple[str | int | None, ...]]
    tones: Sequence[Tone] = ()


Block = Line | Table


def draw(blocks: Sequence[Block], color: bool = False, width: int = WIDTH) -> str:
    """Draw blocks as text, no line wider than `width` cells; ANSI colours only with `color`.

    All texts are escaped here: none brings an escape sequence or a line end of its own.
    """
    from rich.console import Console

    out = StringIO()
    console = Console(
        file=out,
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        no_color=not color,
        legacy_windows=False,
        highlight=False,
        markup=False,
        emoji=False,
    )
    for block in blocks:
        if isinstance(block, Line):
            _print_line(console, block)
        else:
            _print_table(console, block)
    return "".join(line.rstrip() + "\n" for line in out.getvalue().splitlines())


def wants_color(stream: TextIO) -> bool:
    """Whether a stream shows colours: a terminal, with NO_COLOR unset or empty (no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _print_line(console: Console, line: Line) -> None:
    from rich.padding import Padding
    from rich.text import Text

    console.print(Padding(Text(shown(line.text, LONGEST_LINE), style=STYLES[line.tone]), (0, 0, 0, line.indent)))


def _print_table(console: Console, table: Table) -> None:
    from rich.table import Table as Grid
    from rich.text import Text

    rows = [[_cell(cell) for cell in row] for row in table.rows]
    rows = [["  " + first, *others] for first, *others in rows]
    counts = [any(isinstance(row[place], int) for row in table.rows) for place in range(len(table.head))]
    grid = Grid(box=None, padding=(0, GAP, 0, 0), pad_edge=False, show_edge=False, show_header=any(table.head))
    for name, right, width in zip(
        table.head, counts, _widths([[*table.head], *rows], counts, console.width), strict=True
    ):
        side: Literal["left", "right"] = "right" if right else "left"
        grid.add_column(Text(name, style="bold"), justify=side, no_wrap=True, overflow="ellipsis", width=width)
    for place, row in enumerate(rows):
        style = STYLES[table.tones[place]] if table.tones else ""
        grid.add_row(*(Text(cell, style=style) for cell in row))
    console.print(grid)


def _widths(rows: Sequence[Sequence[str]], counts: Sequence[bool], width: int) -> list[int]:
    """Cells for each column, so that a row fits: the last text gives way, then the longest; a count never does."""
    from rich.cells import cell_len

    widths = [max(cell_len(row[place]) for row in rows) for place in range(len(counts))]
    texts = [place for place, count in enumerate(counts) if not count]
    for place in [*texts[-1:], *sorted(texts, key=lambda place: -widths[place])]:
        excess = sum(widths) + GAP * (len(widths) - 1) - width
        if excess > 0:
            widths[place] = max(widths[place] - excess, min(widths[place], NARROWEST))
    return widths


def _cell(cell: str | int | None) -> str:
    return number(cell) if isinstance(cell, int) else shown(cell or "", WIDTH)
