"""From the page into decisions.csv: the same as from the workbook, whatever is decided and however it is saved."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from playwright.sync_api import Page

from etl.report.case_places import REVIEW_PAGE
from tests.report.books import filled, sheet
from tests.report.html.pages import DEMO, Opened
from tests.running import run

KEYS = {"1": "customer", "2": "keep", "3": "lead", "7": "moved before", "8": "review"}
OF_TWO = {"4": "same", "5": "different"}


@pytest.fixture
def made(demo: Path, opened: Opened) -> tuple[Page, dict[tuple[str, str], tuple[str, str]]]:
    """The page in which Maria has decided every case, some with a reason; and what she decided, by keys."""
    page = opened.page(demo, name=REVIEW_PAGE)
    page.locator("body[data-ready]").wait_for()
    page.get_by_label("Your name").fill("Maria \u00a0Muster\u200b")
    page.get_by_text("Filter and sort").click()
    page.get_by_label("Sort").select_option("plan")
    page.locator("#lines button").first.click()
    said = {}
    rows = sheet(demo / "review.xlsx", "Open cases")[1:]
    for place, row in enumerate(rows):
        keys = {**KEYS, **(OF_TWO if row[3] else {})}
        key = sorted(keys, reverse=bool(row[3]))[(place if not row[3] else 2 + place) % len(keys)]
        why = f'reason {place}; "so"' if place % 3 == 0 else ""
        if why:
            page.keyboard.press("r")
            page.keyboard.type(why)
            page.keyboard.press("Enter")
        page.keyboard.press(key)
        said[row[0], row[3] or ""] = keys[key], why
        page.locator("#screen .kind").first.filter(has_not_text=f"Case {place + 1} of").wait_for()
    return page, said


def test_the_page_decides_what_the_workbook_decides(
    made: tuple[Page, dict[tuple[str, str], tuple[str, str]]], demo: Path, tmp_path: Path
) -> None:
    """All cases, saved as JSON and as CSV and typed into the workbook: three times the same decisions.csv."""
    page, said = made
    today = dt.datetime.now().astimezone().date().isoformat()
    cells: dict[str, str] = {}
    for number, ((_, _), (decision, why)) in enumerate(said.items(), 2):
        cells |= {f"C{number}": decision, f"F{number}": "Maria Muster", f"G{number}": today}
        cells |= {f"H{number}": why} if why else {}
    files = {"book": filled(demo / "review.xlsx", tmp_path / "review.xlsx", cells)}
    for name, button in (("json", "Save decisions"), ("csv", "as CSV")):
        with page.expect_download() as download:
            page.get_by_role("button", name=button).click()
        files[name] = tmp_path / download.value.suggested_filename
        download.value.save_as(files[name])
    taken = {name: _taken(tmp_path / name, file, demo) for name, file in files.items()}

    assert files["json"].name == "decisions-maria-muster.json"
    assert taken["json"].count("\n") == len(said) + 1 == 29
    assert taken["json"] == taken["book"]
    assert taken["csv"] == taken["book"]


def _taken(folder: Path, file: Path, plan: Path) -> str:
    """The decisions.csv that `decide` makes of a file."""
    folder.mkdir()
    config = folder / "demo.yaml"
    config.write_text(DEMO.read_text(encoding="utf-8"), encoding="utf-8")
    ended = run("decide", config, file, "--plan", plan)
    assert ended.returncode == 0, ended.stderr
    return (folder / "decisions.csv").read_text(encoding="utf-8")
