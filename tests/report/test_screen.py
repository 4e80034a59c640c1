from __future__ import annotations

import io
import re

import pytest
from hypothesis import given, strategies as st
from rich.cells import cell_len

from etl.report.screen import Block, Line, Table, draw, wants_color
from tests.report.plans import COUNTS, TEXTS

ROWS = st.lists(st.tuples(TEXTS, COUNTS, TEXTS, st.none() | TEXTS), max_size=4)


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Yes."""
        return True


@given(st.lists(TEXTS, max_size=3), ROWS)
def test_no_text_leaves_its_line(lines: list[str], rows: list[tuple[str, int, str, str | None]]) -> None:
    """Whatever texts hold, the screen has its width, only printable characters, and no line more than it should."""
    blocks: list[Block] = [Table(("title", "count", "text", "more"), rows), *(Line(text) for text in lines)]

    drawn = draw(blocks).splitlines()

    assert all(line.isprintable() and cell_len(line) <= 100 for line in drawn)
    assert len(drawn) >= 1 + len(rows)
    for line, row in zip(drawn[1:], rows, strict=False):
        assert f"{row[1]:,}" in line


@given(ROWS)
def test_colours_are_the_only_escape_sequences(rows: list[tuple[str, int, str, str | None]]) -> None:
    """With colours the same text is drawn, and every escape sequence sets a colour."""
    table = Table(("title", "count", "text", "more"), rows, ["bad"] * len(rows))

    coloured = draw([table], color=True)

    plain = [line.rstrip() for line in re.sub(r"\x1b\[[\d;]*m", "", coloured).splitlines()]
    assert plain == draw([table]).splitlines()


def test_a_count_is_never_cut() -> None:
    """Where a row is too wide, its texts give way and its counts stand."""
    drawn = draw([Table(("rule", "decided", "where"), [("r" * 90, 1_234_567, "w" * 90)])], width=60)

    assert "1,234,567" in drawn
    assert "w" * 15 + "…" in drawn
    assert max(map(len, drawn.splitlines())) <= 60


@pytest.mark.parametrize(
    ("stream", "variables", "wanted"),
    [
        (io.StringIO(), {}, False),
        (Terminal(), {}, True),
        (Terminal(), {"NO_COLOR": ""}, True),
        (Terminal(), {"NO_COLOR": "1"}, False),
        (Terminal(), {"TERM": "dumb"}, False),
    ],
)
def test_colours_are_for_terminals(
    monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, variables: dict[str, str], wanted: bool
) -> None:
    """A pipe, NO_COLOR and a terminal that has none get plain text."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert wants_color(stream) is wanted
