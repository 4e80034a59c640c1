"""The page of `find` in a browser: what people type is found, and no name turns its line around."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.report.review.lookup import Line, draw_lookup
from tests.report.html.pages import Opened, Scheme
from tests.report.html.test_browser import violations

LINES = (
    Line("Ann\u202eMuster", "Köln", "Alpha Bau GmbH", "lead", "7", "contacts:10"),
    Line(
        *("Alpha Bau GmbH", "Köln", "", "lead", "7", "accounts:0042 DE136695976 K-981"),
        *("no evidence of a purchase", "asks nothing", ("Firma: Alpha Bau GmbH [accounts:0042]",)),
    ),
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
    (tmp_path / "find.html").write_text(draw_lookup(LINES), encoding="utf-8")
    page = opened.page(tmp_path, name="find.html")
    page.get_by_label("Name, city or number").fill(typed)
    page.locator("#count", has_text=_count(names)).wait_for()

    assert page.locator("#lines .name").all_inner_texts() == names
    assert opened.said == []


def test_no_name_turns_its_line_around(tmp_path: Path, opened: Opened) -> None:
    """Marks of direction are shown escaped, and each value stands in an element of its own direction."""
    (tmp_path / "find.html").write_text(draw_lookup(LINES), encoding="utf-8")
    page = opened.page(tmp_path, name="find.html")
    page.get_by_label("Name, city or number").fill("ltd")
    page.locator("#count", has_text="1 found").wait_for()

    assert page.locator("#lines .name > *, #lines .facts > *").evaluate_all(
        "all => all.map((one) => one.localName)"
    ) == [*("bdi", "bdi")]
    assert "\u202e" not in page.content()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_a_record_is_looked_at_by_keyboard_alone(
    tmp_path: Path, opened: Opened, axe: str, scheme: Scheme, width: int
) -> None:
    """Type, go down the list, open it: where it is, why, and some lines of its note; axe-core has nothing to say."""
    (tmp_path / "find.html").write_text(draw_lookup(LINES), encoding="utf-8")
    page = opened.page(tmp_path, scheme, width, name="find.html")
    page.locator("body[data-ready]").wait_for()
    page.keyboard.type("alpha")
    page.locator("#count", has_text="2 found").wait_for()
    listed = violations(page, axe)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.locator("#case-title", has_text="Alpha Bau GmbH").wait_for()
    text = page.locator("#screen").inner_text()

    assert listed + violations(page, axe) == []
    for part in ("Lead 7", "no evidence of a purchase", "asks nothing", "Firma: Alpha Bau GmbH [accounts:0042]"):
        assert part in text
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.dataset.show") == "1"
    assert opened.asked == [(tmp_path / "find.html").absolute().as_uri()]
    assert opened.said == []


def _count(names: list[str]) -> str:
    return f"{len(names)} found" if names else "Nothing found"
