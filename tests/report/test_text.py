from __future__ import annotations

import pytest
from hypothesis import example, given, strategies as st
from markdown_it import MarkdownIt

from etl.errors import plural, printable
from etl.report.text import code, percent, prose, shown
from tests.report.plans import TEXTS

RENDER = MarkdownIt("commonmark").enable("table")
ANYTHING = TEXTS | st.text() | st.text(alphabet="\\`|*_[]<>&!~$@:/.w \n\x1b\u202e")


def cells(markdown: str) -> list[str]:
    """The text of each cell of the one row of a table, as it is read; fails where anything else came of it."""
    tokens = RENDER.parse(f"| a | b |\n| --- | --- |\n| {markdown} | end |\n")
    assert tokens[-1].type == "table_close"
    assert sum(token.type == "tr_open" for token in tokens) == 2
    found = []
    for token in [token for token in tokens if token.type == "inline"][2:]:
        kinds = {child.type for child in token.children or ()}
        assert kinds <= {"text", "code_inline", "html_inline", "text_special"}
        assert all(c.content == "<!-- -->" for c in token.children or () if c.type == "html_inline")
        found.append("".join(c.content for c in token.children or () if c.type != "html_inline"))
    return found


@given(ANYTHING, st.integers(5, 80))
def test_what_is_shown_is_one_printable_line(value: str, length: int) -> None:
    """Whatever a value holds, it is shown on one line of printable characters, no longer than asked."""
    text = shown(value, length)

    assert text.isprintable()
    assert len(text) <= length


@given(st.text(alphabet=st.characters(exclude_categories=["C", "Z"]), max_size=60))
def test_plain_values_are_shown_as_they_are(value: str) -> None:
    """A value without control characters and blanks is shown unchanged."""
    assert shown(value) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("007 ", r"007\x20"),
        ("  ", r"\x20\x20"),
        ("a\nb", r"a\nb"),
        ("\x1b[31m", r"\x1b[31m"),
        ("\u202egnp", r"\u202egnp"),
        ("x" * 61, "x" * 59 + "…"),
        ("é\N{NO-BREAK SPACE}", r"é\xa0"),
    ],
)
def test_what_would_not_be_seen_is_escaped(value: str, text: str) -> None:
    """Blanks at the ends, line ends, escape sequences and direction marks are seen as what they are."""
    assert shown(value) == text


@given(ANYTHING)
def test_code_stays_in_its_cell(value: str) -> None:
    """A value in a code span is read as it is shown, and the cell after it is untouched."""
    read, end = cells(code(value))

    assert end == "end"
    assert read.strip() == shown(value).replace("\\|", "\\x5c|").strip()


@given(ANYTHING)
def test_prose_stands_for_itself(value: str) -> None:
    """A sentence in a table is read as it is shown: no link, no HTML, no emphasis, no further cell."""
    read, end = cells(prose(value))

    assert end == "end"
    assert read.strip() == shown(value, 200).strip()


@pytest.mark.parametrize("value", ["@someone", "mail@a.example", "www.a.example", "WWW.a.example", "https://a.example"])
def test_what_github_makes_a_link_is_broken_up(value: str) -> None:
    """Mentions, addresses and URLs that GitHub would link do not stand in the Markdown as they are."""
    assert value not in prose(value)


@given(st.integers(0, 10**6), st.integers(0, 10**6))
@example(1, 10**6)
@example(10**6, 1)
def test_a_share_is_never_rounded_to_nothing_or_all(part: int, more: int) -> None:
    """0% means none and 100% means all, however many there are."""
    text = percent(part, part + more)

    assert (text == "0%") == (float(text.rstrip("%")) == 0) == (part == 0)
    assert (text == "100%") == (float(text.rstrip("%")) == 100) == (part > 0 and more == 0)


@given(ANYTHING)
def test_an_error_is_lines_of_printable_characters(text: str) -> None:
    """Whatever value stands in it, a terminal takes none of it for an order."""
    assert all(line.isprintable() for line in printable(text).split("\n"))


def test_a_count_carries_its_word() -> None:
    """One is singular, all else plural; thousands are parted."""
    assert [plural(n, "lead") for n in (0, 1, 1204)] == ["0 leads", "1 lead", "1,204 leads"]
    assert plural(2, "family", "families") == "2 families"
