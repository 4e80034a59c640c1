"""Take pictures of a plan's review.html: on a desk, on a wide screen and on a phone, light and dark.

    python -m tests.report.html.review_shots PLAN FOLDER [PLACE]

docs/review.md shows two of the demo's; PLACE is the case, such as `accounts%3A440`. Needs Debian's package chromium.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

from etl.report.case_places import REVIEW_PAGE
from tests.report.html.conftest import ARGUMENTS, CHROMIUM

SIZES = {"desk": (1360, 860), "wide": (1920, 1080), "tablet": (1000, 800), "phone": (390, 800)}


def decided(page: Page) -> None:
    """Decide a few cases, as somebody who is at work has."""
    page.get_by_label("Your name").or_(page.get_by_label("Ihr Name")).fill("Maria Muster")
    page.evaluate("document.activeElement.blur()")
    for key in "12328":
        before = page.locator("#screen .kind").first.inner_text()
        page.keyboard.press(key)
        page.locator("#screen .kind").first.filter(has_not_text=before).wait_for()


def taken(
    browser: Browser, plan: Path, scheme: Literal["light", "dark"], device: str, folder: Path, place: str
) -> None:
    """Take a picture of the list and of a case, at this width and in these colours."""
    width, height = SIZES[device]
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
    page.goto((plan / REVIEW_PAGE).absolute().as_uri())
    page.locator("body[data-ready]").wait_for()
    decided(page)
    page.keyboard.press("Escape")
    page.screenshot(path=folder / f"list-{scheme}-{device}.png")
    page.evaluate("place => { location.hash = place }", place)
    page.wait_for_timeout(300)
    page.evaluate("document.activeElement.blur()")
    page.screenshot(path=folder / f"case-{scheme}-{device}.png")
    page.locator("#case").evaluate("case_ => case_.scrollTo(0, 1e6)")
    page.screenshot(path=folder / f"end-{scheme}-{device}.png")
    page.close()


def main(plan: Path, folder: Path, place: str) -> None:
    """Take all of them."""
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for scheme in ("light", "dark"):
            for device in SIZES:
                taken(browser, plan, scheme, device, folder, place)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else "")
