"""Measures review.html with as many open cases as it takes: how long it is drawn, how large it is, how soon it answers.

    python -m tests.benchmarks.review [CASES]

Each case is a company with two contacts and five activities. Needs Debian's package chromium.
"""

from __future__ import annotations

import csv
import json
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from etl.pipeline.plan import plan
from etl.plan import Bundle
from etl.report.case_places import REVIEW_PAGE
from etl.report.read import tables
from etl.report.review.lookup import Line, draw_lookup
from etl.report.review.page import draw_review

OPENED, MOVED = 2.0, 0.1
"""What it may take, in seconds, until the list is there, and from one case to the next."""
SAMPLE = 40


def crm(folder: Path, cases: int) -> Path:
    """Write a CRM of which every company waits for a person, and its config."""
    legacy = folder / "legacy"
    legacy.mkdir()
    _write(legacy / "accounts.csv", ["id", "name", "street", "city", "email", "owner"], _accounts(cases))
    people = ([f"p{n}", str(n // 2), f"Given{n}", f"Family{n}", f"p{n}@firm{n // 2}.example"] for n in range(2 * cases))
    _write(legacy / "contacts.csv", ["id", "account_id", "first_name", "last_name", "email"], people)
    calls = ([f"a{n}", str(n // 5), f"2026-0{n % 9 + 1}-01", f"Call {n} about the offer"] for n in range(5 * cases))
    _write(legacy / "activities.csv", ["id", "account_id", "happened_at", "subject"], calls)
    identity = {"company": "name", "street": "street", "city": "city", "email": "email"}
    config = {
        "name": "many",
        "as_of": "2026-11-01",
        "source": {
            "url": f"files:{legacy}",
            "records": {
                "accounts": {"key": "id", "type": "company", "identity": identity},
                "contacts": {
                    "key": "id",
                    "type": "person",
                    "parent": {"column": "account_id", "of": "accounts"},
                    "identity": {"first_name": "first_name", "last_name": "last_name", "email": "email"},
                },
            },
            "related": {
                "activities": {"key": "id", "of": {"accounts": "account_id"}, "order_by": "happened_at"},
            },
        },
        "classify": [
            {"as": "review", "name": "called a customer", "when": {"column": "name", "matches": "Firm.*"}},
            {"as": "lead", "name": "no evidence"},
        ],
        "leads": {"fields": {"name": "{name}", "salesperson": "{owner}"}},
        "target": {"url": f"sqlite:///{folder / 'pipeline.db'}"},
        "gates": {"review": "100%"},
    }
    (folder / "many.yaml").write_text(json.dumps(config), encoding="utf-8")
    return folder / "many.yaml"


def _accounts(cases: int) -> Iterator[list[str]]:
    for number in range(cases):
        where = [f"Street {number % 97} {number % 50}", f"Town {number % 200}", f"mail@firm{number}.example"]
        yield [str(number), f"Firm {number} Ltd", *where, ("maria", "jan", "lea")[number % 3]]


def _write(path: Path, head: Sequence[str], rows: Iterator[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([head, *rows])


def opened(page: Page, path: Path) -> float:
    """The seconds until the list and the first case are there."""
    start = time.monotonic()
    page.goto(path.absolute().as_uri())
    page.locator("body[data-ready]").wait_for(state="attached")
    return time.monotonic() - start


def moved(page: Page, key: str) -> float:
    """The longest time from a key to the case that it brings, of some, in seconds."""
    longest: float = page.evaluate(
        """async ([key, times]) => { let longest = 0;
        for (let at = 0; at < times; at++) {
            const before = document.querySelector('#screen').firstChild, start = performance.now();
            document.body.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true}));
            while (document.querySelector('#screen').firstChild === before) await new Promise(requestAnimationFrame);
            longest = Math.max(longest, performance.now() - start) }
        return longest / 1000 }""",
        [key, SAMPLE],
    )
    return longest


def looked_up(browser: Browser, folder: Path, records: int) -> tuple[float, float]:
    """Seconds until the page in reading mode can be searched, with so many records, and until it has an answer."""
    names = ((f"Firm {number} Ltd", str(number)) for number in range(records))
    lines = (Line(name, "Town", "", "lead", key, f"accounts:{key}", "rule", "", (name,) * 6) for name, key in names)
    (folder / "find.html").write_text(draw_lookup(lines), encoding="utf-8")
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    first, start = opened(page, folder / "find.html"), time.monotonic()
    page.locator("#query").fill(f"firm {records - 1}")
    page.locator("#count", has_text="1 found").wait_for()
    size = (folder / "find.html").stat().st_size / 1e6
    answered = time.monotonic() - start
    print(f"{records:,} records to look up, {size:.1f} MB: opened in {first:.2f} s, a search {answered:.2f} s")
    return first, answered


def main(cases: int) -> None:
    """Measure, and fail where it is too slow."""
    from tests.report.html.conftest import ARGUMENTS, CHROMIUM

    with tempfile.TemporaryDirectory(prefix="crm-cleanup-") as name, sync_playwright() as playwright:
        folder = Path(name)
        path = plan(crm(folder, cases), folder / "plan").folder
        bundle, start = Bundle.open(path), time.monotonic()
        with tables(path) as read:
            text = draw_review(read, bundle.config, bundle.manifest).text
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"drawn in {time.monotonic() - start:.1f} s, {len(text) / 1e6:.1f} MB, {memory:,.0f} MB of memory")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        first, to_next, decided = opened(page, path / REVIEW_PAGE), moved(page, "j"), moved(page, "1")
        print(f"opened in {first:.2f} s; to the next case {to_next * 1000:.0f} ms, a decision {decided * 1000:.0f} ms")
        print(page.locator("#count").inner_text())
        looked_up(browser, folder, 10 * cases)
        browser.close()
    if first > OPENED or max(to_next, decided) > MOVED:
        sys.exit("too slow")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
