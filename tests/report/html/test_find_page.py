"""The page of `find` in a browser: what people type is found, and no name turns its line around."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.report.find.page import Line, page_of
from tests.report.html.pages import Opened

LINES = (
    Line("Ann\u202eMuster", "Köln", "Alpha Bau GmbH", "lead", "7", "contacts:10"),
    Line("Alpha Bau GmbH", "Köln", "", "lead", "7", "accounts:0042 DE136695976 K-981"),
    Line("\u05d0\u05d1\u05d2 Ltd", "", "", "customer", None, "accounts:3"),
)


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("0042", ["Alpha Bau GmbH"]),
        ("accounts:0042", ["Alpha Bau GmbH"]),
        ("de136695976", ["Alpha Bau GmbH"]),
        ("K-981", ["Alpha Bau GmbH"]),
        ("alpha bau", ["Ann\\u202eMuster", "Alpha Bau GmbH"]),
        ("4711", []),
    ],
)
def test_a_record_is_found_by_its_key_its_numbers_and_its_company(
    tmp_path: Path, opened: Opened, typed: str, names: list[str]
) -> None:
    """As people have them on a letter."""
    (tmp_path / "find.html").write_text(page_of(LINES), encoding="utf-8")
    page = opened.page(tmp_path, name="find.html")
    page.get_by_label("Name, city or number").fill(typed)
    page.wait_for_function("text => document.getElementById('count').textContent.startsWith(text)", arg=_count(names))

    assert page.locator("#hits .name").all_inner_texts() == names
    assert opened.said == []


def test_no_name_turns_its_line_around(tmp_path: Path, opened: Opened) -> None:
    """Marks of direction are shown escaped, and each value stands in an element of its own direction."""
    (tmp_path / "find.html").write_text(page_of(LINES), encoding="utf-8")
    page = opened.page(tmp_path, name="find.html")
    page.get_by_label("Name, city or number").fill("ltd")
    page.locator("#hits li").wait_for()

    assert page.locator("#hits .who > *").evaluate_all("all => all.map((one) => one.localName)") == ["bdi", "bdi"]
    assert "\u202e" not in page.content()


def _count(names: list[str]) -> str:
    return f"{len(names)} found" if names else "Nothing found"
