"""review.html in a browser: people decide by keyboard alone or by mouse, and nothing of it is lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page

from etl.report.case_places import REVIEW_PAGE, place_of
from tests.report.hostile import VALUES
from tests.report.html.pages import RULES, Opened, Scheme
from tests.report.html.test_browser import violations

PAIR = place_of("accounts:1104", "accounts:1046")


@pytest.fixture
def page(demo: Path, opened: Opened) -> Page:
    """The page of the sample CRM, when its list is there."""
    return ready(opened.page(demo, name=REVIEW_PAGE))


def ready(page: Page, place: str = "") -> Page:
    """Wait for the list; place: the case to go to."""
    page.locator("body[data-ready]").wait_for()
    if place:
        page.evaluate("place => { location.hash = place }", place)
        page.locator("#case-title").filter(has_text="").wait_for()
    return page


def saved(page: Page, button: Locator | None = None) -> str:
    """The text of the file that *Save decisions* gives."""
    with page.expect_download() as download:
        if button:
            button.click()
        else:
            page.keyboard.press("s")
    return Path(download.value.path()).read_text(encoding="utf-8")


def decisions(page: Page) -> dict[str, str]:
    """Source key -> decision, as they would be saved."""
    file: dict[str, Any] = json.loads(saved(page, page.get_by_role("button", name="Save decisions")))
    return {one["source_key"]: one["decision"] for one in file["decisions"]}


def test_cases_are_decided_by_keyboard_alone(page: Page, opened: Opened, demo: Path) -> None:
    """Name, decisions, a reason, undo, redo and saving: no mouse, no request, no word on the console."""
    page.get_by_label("Your name").focus()
    page.keyboard.type("Maria Muster")
    page.keyboard.press("Enter")
    page.locator("#lines button").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    first = page.locator("#case-title").inner_text()
    page.keyboard.press("r")
    page.keyboard.type("has a contract")
    page.keyboard.press("Enter")
    for key in "1231231":
        before = page.locator("#screen .kind").first.inner_text()
        page.keyboard.press(key)
        page.locator("#screen .kind").first.filter(has_not_text=before).wait_for()
    for key in "uuuyu":
        page.keyboard.press(key)
    page.locator("#done", has_text="4 of 28 decided").wait_for()

    file = json.loads(saved(page))

    assert (file["crm_cleanup"], file["version"], file["name"], file["by"]) == (
        "decisions",
        1,
        "demo",
        "Maria Muster",
    )
    assert sorted(one["decision"] for one in file["decisions"]) == ["customer", "customer", "keep", "lead"]
    assert {one["who"] for one in file["decisions"]} == {"Maria Muster"}
    assert [one["why"] for one in file["decisions"] if one["why"]] == ["has a contract"]
    assert first != page.locator("#case-title").inner_text()
    assert opened.asked == [(demo / REVIEW_PAGE).absolute().as_uri()]
    assert opened.said == []


def test_cases_are_decided_by_mouse(page: Page, opened: Opened) -> None:
    """A click on a case, on a decision, on several at once with the count in the button, and on undo."""
    page.get_by_label("Your name").fill("Jan")
    page.locator("#lines button", has_text="Weber Gartenbau").click()
    page.locator("#case-title", has_text="Weber Gartenbau").wait_for()
    page.locator("#answers").get_by_role("button", name="customer").click()
    page.get_by_text("Filter and sort").click()
    page.locator("#by-rule").select_option(label="looks like a test record (10)")
    page.get_by_label("all shown").check()
    page.get_by_role("button", name="keep: all 10").click()
    page.locator("#done", has_text="11 of 28 decided").wait_for()
    page.get_by_role("button", name="Undo").click()
    page.locator("#done", has_text="1 of 28 decided").wait_for()
    page.get_by_role("button", name="Redo").click()
    page.locator("#done", has_text="11 of 28 decided").wait_for()

    made = decisions(page)

    assert made.pop("accounts:440") == "customer"
    assert list(made.values()) == ["keep"] * 10
    assert opened.said == []


def test_a_pair_has_all_eight_decisions(page: Page) -> None:
    """Same, different and a lead that is there already; what differs is marked, and what agrees is weighed."""
    page.get_by_label("Your name").fill("Jan")
    ready(page, PAIR)
    page.locator("#case-title", has_text="The same? Beck Dachdeckerei").wait_for()
    marks = page.locator("#screen td.same").count(), page.locator("#screen td.differs").count()
    page.keyboard.press("b")
    words = page.locator("#screen .weights .strong").first.inner_text()
    page.keyboard.press("6")
    page.get_by_label("Id of the lead").fill("4711")
    page.keyboard.press("Enter")
    page.locator("#lines .badge.into").wait_for()

    assert page.locator("#answers button").count() < 8
    assert marks[0] > 5
    assert marks[1] > 1
    assert words.startswith("strong same name 'Beck Dachdeckerei")
    assert words.endswith("+14.6 bits")
    assert decisions(page) == {"accounts:1104": "into: 4711"}


def test_a_reload_in_the_middle_loses_nothing(page: Page, demo: Path) -> None:
    """What was decided is there when the page is opened again, and still said not to be in a file."""
    page.get_by_label("Your name").fill("Jan")
    page.locator("#lines button").first.click()
    for place in range(1, 4):
        page.keyboard.press("1")
        page.locator("#done", has_text=f"{place} of 28 decided").wait_for()
    again = page.context.new_page()
    page.close()
    again.goto((demo / REVIEW_PAGE).absolute().as_uri())
    ready(again)

    assert again.locator("#done").inner_text().startswith("3 of 28 decided")
    assert again.locator("#unsaved").inner_text() == "3 not saved to a file yet"
    assert sorted(decisions(again).values()) == ["customer"] * 3
    assert again.locator("#unsaved").inner_text() == "All decisions are in a file."


def test_a_full_storage_is_told_and_the_database_takes_its_place(page: Page, demo: Path) -> None:
    """Storage that takes nothing more is no reason to lose a decision, and none to say nothing."""
    page.evaluate(
        """() => { let text = 'x'.repeat(1 << 20);
        while (text) try { localStorage.setItem('full' + localStorage.length, text) }
                     catch { text = text.slice(0, text.length >> 1) } }"""
    )
    page.locator("#lines button").first.click()
    page.keyboard.press("2")
    page.get_by_role("alert").filter(has_text="storage is full").wait_for()
    page.locator("#done", has_text="1 of 28 decided").wait_for()
    page.wait_for_timeout(100)
    again = page.context.new_page()
    page.close()
    again.goto((demo / REVIEW_PAGE).absolute().as_uri())
    ready(again)

    assert again.locator("#done").inner_text() == "1 of 28 decided"


def test_a_file_goes_on_where_it_ended(page: Page, opened: Opened, demo: Path, tmp_path: Path) -> None:
    """Decisions come back from JSON and from CSV; what changed since, and what is no such file, is told."""
    page.get_by_label("Your name").fill("Jan")
    page.locator("#lines button").first.click()
    page.keyboard.press("r")
    page.keyboard.type('=1+1, "so"')
    page.keyboard.press("Enter")
    page.keyboard.press("3")
    page.locator("#done", has_text="1 of 28 decided").wait_for()
    (tmp_path / "a.csv").write_text(saved(page, page.get_by_role("button", name="as CSV")), encoding="utf-8")
    file = json.loads(saved(page))
    file["decisions"].append({**file["decisions"][0], "source_key": "accounts:440"})
    (tmp_path / "b.json").write_text(json.dumps(file), encoding="utf-8")
    (tmp_path / "c.json").write_text("{}", encoding="utf-8")

    other = ready(opened.page(demo, name=REVIEW_PAGE))
    other.locator("#file").set_input_files(tmp_path / "b.json")
    other.get_by_role("alert").filter(has_text="1 of the file").wait_for()
    assert other.locator("#done").inner_text() == "1 of 28 decided"
    other.get_by_role("button", name="Undo").click()
    other.locator("#file").set_input_files(tmp_path / "a.csv")
    other.locator("#done", has_text="1 of 28 decided").wait_for()
    other.get_by_label("Your name").fill("Lea")
    taken = json.loads(saved(other, other.get_by_role("button", name="Save decisions")))["decisions"]
    assert taken == file["decisions"][:1]
    assert taken[0]["why"] == '=1+1, "so"'
    other.locator("#file").set_input_files(tmp_path / "c.json")
    other.get_by_role("alert").filter(has_text="no file of decisions").wait_for()


@pytest.mark.parametrize(
    ("plan", "scheme", "width", "place"),
    [
        ("demo", "light", 1440, PAIR),
        ("demo", "dark", 1440, place_of("accounts:440", None)),
        ("german", "light", 360, PAIR),
        ("hostile", "dark", 900, ""),
    ],
)
def test_axe_finds_no_violation(
    plan: str, scheme: Scheme, width: int, place: str, opened: Opened, axe: str, request: pytest.FixtureRequest
) -> None:
    """Light, dark, on a phone: the list with some selected, a case unfolded, and the keys."""
    page = ready(opened.page(request.getfixturevalue(plan), scheme, width, name=REVIEW_PAGE), place)
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    page.keyboard.press("2")
    page.locator("#unsaved.bad").wait_for()
    shown = violations(page, axe)
    page.keyboard.press("Escape")
    page.locator("#lines input").first.check()
    wide = page.evaluate("document.documentElement.scrollWidth")
    listed = violations(page, axe)
    page.keyboard.press("?")

    assert shown + listed + violations(page, axe) == []
    assert wide <= width
    assert opened.said == []


def test_hostile_values_are_text(hostile: Path, opened: Opened) -> None:
    """No value is HTML, a script, a link or a style; what cannot be seen is shown escaped."""
    page = ready(opened.page(hostile, name=REVIEW_PAGE))
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    text = page.locator("main").inner_text()

    assert VALUES[1] in text
    assert RULES[0] in text
    assert (
        page.evaluate("document.images.length + document.querySelectorAll('iframe, object, a[href]:not(.skip)').length")
        == 0
    )
    assert not any(character in page.content() for character in "\u202e\u2066\x1b\x9b\x00")
    assert opened.asked == [(hostile / REVIEW_PAGE).absolute().as_uri()]
    assert opened.said == []


def test_the_report_leads_to_each_open_case(demo: Path, opened: Opened) -> None:
    """A click on an open case opens the page at its place."""
    page = opened.page(demo)
    page.goto(page.locator(f"a[href='{REVIEW_PAGE}#{PAIR}']").evaluate("link => link.href"))
    ready(page)

    assert page.locator("#case-title").inner_text().startswith("The same? Beck Dachdeckerei")


def test_a_reason_and_the_next_click_both_count(page: Page) -> None:
    """Who rewrites the reason of a decided case, and at once clicks another decision, has both."""
    page.get_by_label("Your name").fill("Jan")
    page.locator("#lines button").first.click()
    page.locator("#answers").get_by_role("button", name="keep").click()
    page.locator("#done", has_text="1 of 28 decided").wait_for()
    page.keyboard.press("k")
    page.locator("#screen .answer").wait_for()
    page.get_by_label("Reason").fill("own company")
    page.locator("#answers").get_by_role("button", name="customer").click()
    page.locator("#lines .badge.customer").wait_for()

    [made] = json.loads(saved(page, page.get_by_role("button", name="Save decisions")))["decisions"]
    assert (made["decision"], made["why"]) == ("customer", "own company")


def test_what_is_not_seen_is_not_decided(page: Page) -> None:
    """What was selected and is filtered away is selected no more."""
    page.get_by_label("all shown").check()
    page.get_by_role("button", name="keep: all 28").wait_for()
    page.get_by_role("searchbox").fill("gartenbau")

    page.get_by_role("button", name="keep: all 1").wait_for()


def test_undo_leaves_what_another_window_has_decided_since(page: Page, demo: Path) -> None:
    """Two windows of one browser: the newer decision stays, and nothing is said to be in a file."""
    page.locator("#lines button").first.click()
    page.keyboard.press("1")
    page.locator("#done", has_text="1 of 28 decided").wait_for()
    other = page.context.new_page()
    other.goto((demo / REVIEW_PAGE).absolute().as_uri())
    ready(other)
    other.locator("#lines button").first.click()
    other.keyboard.press("3")
    page.locator("#lines .badge.lead").wait_for()
    page.get_by_role("button", name="Undo").click()

    page.get_by_text("Taken back.").wait_for()
    assert page.locator("#done").inner_text().startswith("1 of 28 decided")
    assert page.locator("#lines .badge.lead").count() == 1
    assert page.locator("#unsaved").inner_text() == "1 not saved to a file yet"


def test_a_number_decides_all_that_are_selected_with_the_reason_that_was_typed(page: Page) -> None:
    """And once, however long the key is held; then the focus is where keys go on."""
    page.get_by_label("Your name").fill("Jan")
    page.get_by_text("Filter and sort").click()
    page.locator("#by-rule").select_option(label="looks like a test record (10)")
    page.get_by_label("all shown").check()
    page.get_by_label("Reason").fill("test data")
    page.locator("#case-title").focus()
    page.keyboard.down("2")
    page.keyboard.down("2")
    page.keyboard.up("2")
    page.locator("#done", has_text="10 of 28 decided").wait_for()
    made = json.loads(saved(page))["decisions"]
    page.keyboard.press("u")
    page.locator("#done", has_text="0 of 28 decided").wait_for()

    assert {(one["decision"], one["why"]) for one in made} == {("keep", "test data")}
    assert len(made) == 10


def test_a_reason_stays_until_its_case_is_decided_and_a_decision_can_be_taken_back(page: Page) -> None:
    """Typed before the decision, left and found again; after a reload nothing is undone, but all can be taken back."""
    page.get_by_label("Your name").fill("Jan")
    page.locator("#lines button").first.click()
    page.get_by_label("Reason").fill("asked Lea")
    page.keyboard.press("Enter")
    page.keyboard.press("j")
    page.wait_for_function("document.getElementById('why').value === ''")
    page.keyboard.press("k")
    page.wait_for_function("document.getElementById('why').value === 'asked Lea'")
    page.keyboard.press("3")
    page.locator("#done", has_text="1 of 28 decided").wait_for()
    assert [one["why"] for one in json.loads(saved(page))["decisions"]] == ["asked Lea"]
    page.reload()
    ready(page)
    page.locator("#lines button").first.click()
    page.get_by_role("button", name="Take the decision back").click()
    page.locator("#done", has_text="0 of 28 decided").wait_for()


def test_a_reason_is_kept_as_it_is_typed(page: Page, demo: Path) -> None:
    """Over a reload, while another window decides, and when its decision is undone."""
    page.locator("#lines button").first.click()
    page.get_by_label("Reason").press_sequentially("asked Lea ")
    page.reload()
    ready(page)
    page.locator("#lines button").first.click()
    page.wait_for_function("document.getElementById('why').value === 'asked Lea '")
    page.get_by_label("Reason").press("End")
    page.get_by_label("Reason").press_sequentially("twice")
    other = page.context.new_page()
    other.goto((demo / REVIEW_PAGE).absolute().as_uri())
    ready(other)
    other.locator("#lines button").nth(1).click()
    other.keyboard.press("3")
    page.locator("#lines .badge.lead").wait_for()
    page.wait_for_function("document.getElementById('why').value === 'asked Lea twice'")
    page.locator("#case-title").focus()
    page.keyboard.press("1")
    page.locator("#done", has_text="2 of 28 decided").wait_for()
    page.keyboard.press("u")
    page.locator("#done", has_text="1 of 28 decided").wait_for()

    assert page.get_by_label("Reason").input_value() == "asked Lea twice"


def test_a_file_takes_nothing_back_that_was_decided_after_it(page: Page, tmp_path: Path) -> None:
    """A reason that is newer than the file stays, and the case is named."""
    page.get_by_label("Your name").fill("Jan")
    page.keyboard.press("Escape")
    page.locator("#lines button").first.click()
    page.keyboard.press("3")
    page.locator("#done", has_text="1 of 28 decided").wait_for()
    (tmp_path / "a.json").write_text(saved(page), encoding="utf-8")
    page.locator("#lines button").first.click()
    page.get_by_label("Reason").fill("newer")
    page.keyboard.press("Enter")
    name = page.locator("#lines .name").first.inner_text()
    page.locator("#file").set_input_files(tmp_path / "a.json")
    page.get_by_role("alert").filter(
        has_text=f"1 differ from what is decided here, and were left out: {name}"
    ).wait_for()

    [made] = json.loads(saved(page, page.get_by_role("button", name="Save decisions")))["decisions"]
    assert made["why"] == "newer"


def test_on_a_phone_what_is_told_lies_over_no_button(page: Page) -> None:
    """Where a case is seen, the buttons are at the lower edge."""
    page.set_viewport_size({"width": 360, "height": 740})
    page.locator("#lines button").first.click()
    page.get_by_role("button", name="keep").click()
    told, buttons = page.locator("#status").bounding_box(), page.locator("#decide").bounding_box()

    assert told is not None
    assert buttons is not None
    assert told["y"] + told["height"] < buttons["y"]


def test_saving_without_a_name_says_what_is_missing(page: Page) -> None:
    """Where people see it, not for screen readers alone."""
    page.get_by_role("button", name="Save decisions").click()

    page.get_by_role("alert").filter(has_text="Enter your name first").wait_for()
