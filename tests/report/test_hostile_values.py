"""Values that would be orders to a terminal, a browser or a reader of XML stand there as the text they are."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import nh3
import pyte
import pytest
from markdown_it import MarkdownIt

from etl.cli import _tell
from etl.cli.results.printing import name_left, show_json
from etl.errors import CleanupError
from etl.load import Refusal
from etl.report import Report, show, to_junit, to_markdown
from etl.report.diff.markdown import to_markdown as diff_markdown
from etl.report.diff.terminal import show as show_diff
from etl.report.text import shown
from tests.report.hostile import VALUES, diff_of, shown_in

GITHUB = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


ORDERS = (
    "set_title", "set_icon_name", "erase_in_display", "erase_in_line", "reset", "cursor_position", "cursor_up",
    "cursor_back", "backspace", "tab", "bell", "define_charset", "shift_out", "shift_in", "set_mode", "reset_mode",
    "report_device_status", "report_device_attributes", "reverse_index", "insert_lines", "delete_lines",
)  # fmt: skip
"""What a terminal can be told beside text, line ends and colours."""


class Watched(pyte.Screen):
    """A terminal that notes the orders it gets."""

    def __init__(self, lines: int) -> None:
        self.orders: list[str] = []
        super().__init__(100, lines)
        self.orders.clear()


def noted(name: str) -> Callable[..., Any]:
    """The terminal's own way to follow an order, which notes it."""

    def follow(screen: Watched, *arguments: Any, **more: Any) -> Any:
        screen.orders.append(name)
        return getattr(super(Watched, screen), name)(*arguments, **more)

    return follow


for order in ORDERS:
    setattr(Watched, order, noted(order))


def test_the_terminal_would_notice() -> None:
    """What the tests below look for happens where a value is printed as it is."""
    screen = on_screen("\x1b[2J\x1b]0;title\x07\x9b1;1H")

    assert screen.orders == ["erase_in_display", "set_icon_name", "set_title", "cursor_position"]
    assert screen.title == "title"


def on_screen(text: str) -> Watched:
    """A text as a terminal shows it."""
    screen = Watched(text.count("\n") + 2)
    pyte.Stream(screen).feed(text.replace("\n", "\r\n"))
    return screen


def visible(screen: Watched) -> str:
    """The text of a screen, however its lines are wrapped."""
    return "".join("".join(line).rstrip() for line in screen.display).replace(" ", "")


def excerpt_of(value: str) -> str:
    """The beginning of a value as it is to be seen, which fits a column of the narrowest table."""
    return shown(value, 400)[:14].replace(" ", "")


@pytest.mark.parametrize("value", VALUES, ids=repr)
@pytest.mark.parametrize("kind", ["report", "diff"])
@pytest.mark.parametrize("color", [False, True], ids=["plain", "colours"])
def test_a_terminal_shows_them_as_text(report: Report, kind: str, value: str, color: bool) -> None:
    """Nothing is cleared, moved, named or hidden: what a terminal shows is what was printed, to the last character."""
    text = show(shown_in(report, value), color) if kind == "report" else show_diff(diff_of(value), color)

    screen = on_screen(text)

    assert screen.orders == []
    assert screen.title == ""
    plain = re.sub(r"\x1b\[[\d;]*m", "", text)
    printed = [line.rstrip() for line in plain.splitlines()]
    assert [line.rstrip() for line in screen.display][: len(printed)] == printed
    assert excerpt_of(value) in visible(screen)
    attributes = [cell for line in screen.buffer.values() for cell in line.values()]
    assert not any(cell.blink or cell.reverse or cell.strikethrough for cell in attributes)
    assert color or {cell.fg for cell in attributes} <= {"default"}


@pytest.mark.parametrize("value", VALUES, ids=repr)
@pytest.mark.parametrize("as_json", [False, True], ids=["words", "json"])
def test_errors_and_refusals_show_them_as_text(capsys: pytest.CaptureFixture[str], value: str, as_json: bool) -> None:
    """Also where a source key or a path is part of a sentence."""
    _tell(CleanupError(f"{value} is not there.", where=value, next=f"look at {value}"), as_json)
    name_left([Refusal(value, value)], "Refused", "")
    show_json(Refusal(value, value))
    said = "".join(capsys.readouterr())

    assert all(character.isprintable() or character == "\n" for character in said)
    assert on_screen(said).orders == []


@pytest.mark.parametrize("value", VALUES, ids=repr)
@pytest.mark.parametrize("kind", ["report", "diff"])
def test_markdown_shows_them_as_text(report: Report, kind: str, value: str) -> None:
    """Rendered with HTML let through, before anything is sanitised: no image, link, script or further cell."""
    text = to_markdown(shown_in(report, value)) if kind == "report" else diff_markdown(diff_of(value))

    page = GITHUB.render(text)

    assert set(re.findall(r"<(\w+)", page)) <= {
        "h1", "h2", "p", "strong", "em", "code", "table", "thead", "tbody", "tr", "th", "td", "details", "summary",
        "ul", "li",
    }  # fmt: skip
    assert "href" not in page
    assert " on" not in "".join(re.findall(r"<[^>]*>", page))
    for table in re.findall(r"<table>.*?</table>", page, re.DOTALL):
        cells = {len(re.findall(r"<t[hd]", row)) for row in re.findall(r"<tr>.*?</tr>", table, re.DOTALL)}
        assert len(cells) == 1
    seen = html.unescape(nh3.clean(page, tags=set())).replace(" ", "")
    assert excerpt_of(value) in seen


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_junit_shows_them_as_text(report: Report, value: str) -> None:
    """The file is XML 1.0, has the same cases as ever, and what a reader gets is the value as it is shown."""
    usual, root = (ElementTree.fromstring(to_junit(one)) for one in (report, shown_in(report, value)))

    cases = [[one.get("classname") for one in tree.iter("testcase")] for tree in (root, usual)]
    assert cases[0] == cases[1][-len(cases[0]) :]
    [failure] = root.iter("failure")
    assert failure.text == shown(value, 400)
    assert failure.get("message") == shown(f"review 1.62% ({value}), at most 1%", 400)
    assert root.get("name") == shown(f"crm-cleanup plan: {value}", 400)
    example = "".join(one.text or "" for one in root.iter("system-out"))
    assert excerpt_of(value) in example.replace(" ", "")
    assert to_junit(shown_in(report, value)).replace("\n", "").isprintable()
