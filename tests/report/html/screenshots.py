"""Take pictures of a plan's report.html: light and dark, on a desk and on a phone, and as it is printed.

    python -m tests.report.html.screenshots PLAN FOLDER

The README shows two of the demo's. Needs Debian's package chromium.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, sync_playwright

from etl.report.html import PAGE
from tests.report.html.conftest import ARGUMENTS, CHROMIUM

DESK, PHONE = (1360, 900), (390, 844)
PLACES = {"overview": "body", "example": "#examples", "matches": "#matches", "quality": "#quality"}


def taken(browser: Browser, plan: Path, scheme: Literal["light", "dark"], size: tuple[int, int], folder: Path) -> None:
    """Take a picture of each place, at this width and in these colours."""
    width, height = size
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
    page.goto((plan / PAGE).absolute().as_uri())
    device = "desk" if size == DESK else "phone"
    for name, place in PLACES.items():
        page.evaluate("place => document.querySelector(place).scrollIntoView()", place)
        page.screenshot(path=folder / f"{name}-{scheme}-{device}.png")
    page.screenshot(path=folder / f"whole-{scheme}-{device}.png", full_page=True)
    page.close()


def main(plan: Path, folder: Path) -> None:
    """Take all of them, and print the page to PDF."""
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for scheme in ("light", "dark"):
            for size in (DESK, PHONE):
                taken(browser, plan, scheme, size, folder)
        page = browser.new_page()
        page.goto((plan / PAGE).absolute().as_uri())
        page.pdf(path=folder / "report.pdf", format="A4", prefer_css_page_size=True)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
