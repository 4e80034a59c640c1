from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.report.hostile import VALUES
from tests.report.html.pages import RULES, Opened, Scheme

SCHEMES: tuple[Scheme, ...] = ("light", "dark", "print")
RULE_SET = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def unfold(page: Page) -> None:
    """Open all that is folded."""
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")


def violations(page: Page, axe: str) -> list[str]:
    """What axe-core finds against WCAG 2.2 AA, each with the first places."""
    page.evaluate(axe)  # the page's own policy would not let a script tag in
    found: list[dict[str, Any]] = page.evaluate(
        "async (tags) => (await axe.run(document, {runOnly: {type: 'tag', values: tags}})).violations", RULE_SET
    )
    return [f"{one['id']}: {[node['target'] for node in one['nodes'][:3]]}" for one in found]


@pytest.mark.parametrize("plan", ["demo", "german", "hostile"])
def test_nothing_leaves_the_file(plan: str, opened: Opened, request: pytest.FixtureRequest) -> None:
    """The page asks for nothing but itself, and says nothing on the console, also with all of it unfolded."""
    folder: Path = request.getfixturevalue(plan)
    page = opened.page(folder)
    unfold(page)
    page.wait_for_timeout(200)

    assert opened.asked == [(folder / "report.html").absolute().as_uri()]
    assert opened.said == []


@pytest.mark.parametrize(
    ("plan", "scheme"),
    [("demo", "light"), ("demo", "dark"), ("demo", "print"), ("german", "light"), ("hostile", "dark")],
)
def test_axe_finds_no_violation(
    plan: str, scheme: Scheme, opened: Opened, axe: str, request: pytest.FixtureRequest
) -> None:
    """Light, dark and as it is printed, everything unfolded, no rule of WCAG 2.2 AA is broken."""
    page = opened.page(request.getfixturevalue(plan), scheme)
    unfold(page)

    assert violations(page, axe) == []


@pytest.mark.parametrize("plan", ["demo", "german", "hostile"])
def test_no_label_of_a_chart_is_cut(plan: str, opened: Opened, request: pytest.FixtureRequest) -> None:
    """Each text of a picture lies within it."""
    page = opened.page(request.getfixturevalue(plan))
    outside = page.evaluate("""() => [...document.querySelectorAll('svg.chart text')].filter((text) => {
        const box = text.getBBox(), view = text.ownerSVGElement.viewBox.baseVal
        return box.x < 0 || box.y < 0 || box.x + box.width > view.width || box.y + box.height > view.height
    }).map((text) => text.textContent)""")

    assert outside == []


def test_a_phone_shows_all_of_it(demo: Path, opened: Opened, axe: str) -> None:
    """On a narrow screen nothing but tables scrolls sideways, and no rule is broken."""
    page = opened.page(demo, width=360)

    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert violations(page, axe) == []


def test_a_table_is_sorted_by_keyboard(demo: Path, opened: Opened) -> None:
    """Enter on a column's head sorts numbers as numbers, a second time the other way round; the sum stays last."""
    page = opened.page(demo)
    page.locator("#rules th:nth-child(4) button").focus()

    page.keyboard.press("Enter")
    assert page.locator("#rules th:nth-child(4)").get_attribute("aria-sort") == "ascending"
    upwards = counts(page, "#rules td:nth-child(4)")
    page.keyboard.press("Enter")
    assert page.locator("#rules th:nth-child(4)").get_attribute("aria-sort") == "descending"

    assert upwards == sorted(upwards)
    assert counts(page, "#rules td:nth-child(4)") == sorted(upwards, reverse=True)
    page.locator("#by-entry th:nth-child(2) button").press("Enter")
    assert page.locator("#by-entry tbody tr:last-child").get_attribute("class") == "total"


def test_german_numbers_are_sorted_as_numbers(german: Path, opened: Opened) -> None:
    """1.053 is more than 96 where a point parts thousands."""
    page = opened.page(german)
    page.locator("#rules th:nth-child(4) button").press("Enter")

    found = [int(text.replace(".", "")) for text in page.locator("#rules td:nth-child(4)").all_inner_texts()]
    assert max(found) > 1000
    assert found == sorted(found)


def test_a_table_is_searched_by_keyboard(demo: Path, opened: Opened) -> None:
    """Typing shows the rows that hold every word, whatever its capitals and accents, and says how many."""
    page = opened.page(demo)
    page.get_by_role("searchbox", name="Where each legacy column goes").focus()
    page.keyboard.type("CONTACTS. birth")

    rows = page.locator("#coverage-list tbody tr:visible")
    assert rows.all_inner_texts() != []
    assert all("contacts.birth_date" in text for text in rows.all_inner_texts())
    assert page.locator(".search:has(input:focus) output").inner_text().startswith("1 of ")


def test_a_number_leads_to_its_list_by_keyboard(demo: Path, opened: Opened) -> None:
    """Enter on a number opens the folded list that it counts, and the focus is there."""
    page = opened.page(demo)
    link = page.locator("#finding-list a[href='#finding-email-invalid-error']").first
    folded = page.locator("#finding-email-invalid-error")
    assert folded.get_attribute("open") is None
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_timeout(200)

    assert folded.get_attribute("open") is not None
    assert page.evaluate("document.activeElement.closest('details').id") == "finding-email-invalid-error"


def test_the_first_tab_skips_to_the_content(demo: Path, opened: Opened) -> None:
    """Whoever reads by keyboard need not pass the navigation."""
    page = opened.page(demo)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "main"


def test_without_script_all_of_it_is_there(demo: Path, opened: Opened) -> None:
    """The page is whole HTML: a reader without JavaScript misses only search and sorting."""
    page = opened.page(demo, script=False)

    assert page.locator("#rules tbody tr").count() > 5
    page.locator("#examples details").nth(1).locator("summary").click()
    assert page.locator("#examples details").nth(1).locator("pre").is_visible()


def test_hostile_values_are_text(hostile: Path, opened: Opened) -> None:
    """No value is HTML, a script, a link or a template; each stands in the note of an example as it is."""
    page = opened.page(hostile)
    unfold(page)

    assert (
        page.evaluate("document.images.length + document.querySelectorAll('iframe, object, embed, form').length") == 0
    )
    assert page.evaluate("document.scripts.length") == 1
    links: list[str] = page.evaluate("[...document.links].map((one) => one.getAttribute('href'))")
    assert all(link.startswith("#") or (hostile / link.partition("#")[0]).exists() for link in links)
    text = page.locator("main").inner_text()
    for value in (VALUES[0], *RULES):
        assert value in text
    assert "49" not in page.locator("h1").inner_text()


def test_no_value_turns_the_text_around(hostile: Path, opened: Opened) -> None:
    """Marks of direction and control characters are shown, not obeyed."""
    text = opened.page(hostile).content()

    assert not any(character in text for character in "\u202e\u2066\x1b\x9b\x00")
    assert "\\u202e" in text
    assert "\\x1b" in text


def counts(page: Page, cells: str) -> list[int]:
    """The counts in these cells, from the top."""
    return [int(text.replace(",", "")) for text in page.locator(cells).all_inner_texts()]
