"""What people decide on review.html, `decide` takes: as if they had decided in the workbook."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from playwright.sync_api import Page

from etl.pipeline.decide import People, decide
from etl.report.case_places import REVIEW_PAGE
from etl.report.workbook import WORKBOOK, read_filled
from tests.report.books import filled
from tests.report.html.pages import Opened
from tests.report.html.test_review_page import ready, saved

KEYS = ("source_key", "other")


def decided(page: Page) -> str:
    """Every open case decided by keyboard, some with a reason; the file that the page gives."""
    page.get_by_label("Your name").fill("Maria Muster")
    page.get_by_label("Your name").press("Enter")
    page.locator("#lines button").first.click()
    for place in range(28):
        if place % 5 == 0:
            page.keyboard.press("r")
            page.keyboard.type('=1+1; "so"')
            page.keyboard.press("Enter")
        page.keyboard.press("1238"[place % 4])
        page.locator("#done", has_text=f"{place + 1 - (place + 1) // 4} of 28 decided").wait_for()
    return saved(page)


def test_the_page_gives_the_decisions_of_the_workbook(demo: Path, opened: Opened, tmp_path: Path) -> None:
    """The same decisions.csv, to the last byte, as by the same answers in review.xlsx."""
    config = tmp_path / "demo.yaml"
    shutil.copy(demo.parent / "demo.yaml", config)
    file = tmp_path / "decisions-maria.json"
    file.write_text(decided(ready(opened.page(demo, name=REVIEW_PAGE))), encoding="utf-8")
    taken = decide(config, [file], People(plan=demo))
    of_page = (tmp_path / "decisions.csv").read_bytes()
    (tmp_path / "decisions.csv").unlink()

    book = demo / WORKBOOK
    rows = {tuple(row.texts[key] for key in KEYS): row.where.rpartition(" ")[2] for row in read_filled(book).rows}
    cells = {
        f"{column}{rows[tuple(answer[key] for key in KEYS)]}": answer[name]
        for answer in json.loads(file.read_text("utf-8"))["decisions"]
        for name, column in (("decision", "C"), ("who", "F"), ("when", "G"), ("why", "H"))
    }
    decide(config, [filled(book, tmp_path / "filled.xlsx", cells)], People(plan=demo))

    assert (taken.added, taken.undecided, of_page.count(b"=1+1"), of_page.count(b",review,")) == (28, 0, 6, 7)
    assert (tmp_path / "decisions.csv").read_bytes() == of_page
