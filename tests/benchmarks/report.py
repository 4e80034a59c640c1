"""Measures what the reports of a plan cost beside the plan itself, how large report.html is, and how soon it shows.

    python tests/benchmarks/report.py                      500,000 records
    python tests/benchmarks/report.py --records 100000

data/generate.py makes the CRM as CSV, and the demo's config plans it in a process of its own. All reports are then
written once more, each timed by itself, and Debian's Chromium opens the page; with CRM_CLEANUP_AXE, as the tests
take it, axe-core looks at all of it in light, dark and print. Nothing is written into the checkout. Exit code 1 where a
limit is passed.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).parents[2]))

from etl import report
from etl.config import Config
from etl.plan import Bundle
from etl.plan.bundle import Manifest
from etl.report.case_places import REVIEW_PAGE
from etl.report.html import PAGE, draw
from etl.report.lists import write_lists
from etl.report.read import Tables, tables
from etl.report.review.page import draw_review
from etl.report.workbook import write_workbook

T = TypeVar("T")
ROOT = Path(__file__).parents[2]
MOST_BYTES, MOST_SECONDS, MOST_SHARE = 3_000_000, 2.0, 1 / 3
"""The page's size and the time to its first content at 500,000 records, and the reports' share of the plan's time."""


def main() -> None:
    """Make the plan, write its reports again, and print what each costs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=500_000)
    parser.add_argument("--keep", type=Path, help="a folder for the data and the plan, kept for a look")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        seconds = _plan(folder, given.records)
        share = _reports(folder / "plan", seconds)
        size = (folder / "plan" / PAGE).stat().st_size
        first, wrong = _opened(folder / "plan")
    print(f"page: {size:,} bytes, first content after {first:.2f} s; reports: {share:.1%} of the plan's time")
    print("\n".join(wrong) or "no request but for the page, no word on its console, no violation of axe-core")
    ok = not wrong and size <= MOST_BYTES and first < MOST_SECONDS and share <= MOST_SHARE
    print("PASS" if ok else "FAIL")
    sys.exit(not ok)


def _plan(folder: Path, records: int) -> float:
    to = f"files:{folder}"
    subprocess.run(
        [sys.executable, ROOT / "data/generate.py", "--records", str(records), "--to", to, "--replace"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    config = (ROOT / "configs/demo.yaml").read_text(encoding="utf-8")
    config = config.replace("files:data/", f"files:{folder}/").replace("build/demo", str(folder))
    config = "\n".join(line for line in config.splitlines() if not line.startswith("gates:"))
    (folder / "big.yaml").write_text(config, encoding="utf-8")
    began = time.monotonic()
    subprocess.run(
        [sys.executable, "-m", "etl", "plan", folder / "big.yaml", "--out", folder / "plan", "--replace", "--quiet"],
        cwd=ROOT,
        check=False,  # a gate that the generator's data break is no matter here
    )
    seconds = time.monotonic() - began
    print(f"plan of {records:,} records, with its reports: {seconds:.1f} s")
    return seconds


def _reports(plan: Path, seconds: float) -> float:
    """Write each report again; gives the share of the plan's time, its own reports left out of that."""
    bundle = Bundle.open(plan)
    manifest, config = bundle.manifest, bundle.config
    with tables(plan) as opened:
        return _each(opened, config, manifest, seconds)


def _each(plan: Tables, config: Config, manifest: Manifest, seconds: float) -> float:
    found = _timed("figures", lambda: report.build(plan, config, manifest.figures, manifest.digest))
    spent = [
        found[1],
        _timed("report.md", lambda: report.to_markdown(found[0]))[1],
        _timed("report.json", lambda: report.to_json(found[0]))[1],
        _timed("CSV lists", lambda: write_lists(plan.folder, config, manifest))[1],
        _timed("review.xlsx", lambda: write_workbook(plan, found[0], config, manifest.figures.datasets))[1],
        _timed(REVIEW_PAGE, lambda: draw_review(plan, config, manifest))[1],
        _timed(PAGE, lambda: draw(plan, found[0], config, manifest))[1],
    ]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"all reports: {sum(spent):.1f} s, peak {peak:,.0f} MiB; plan without them {seconds - sum(spent):.1f} s")
    return sum(spent) / (seconds - sum(spent))


def _timed(name: str, work: Callable[[], T]) -> tuple[T, float]:
    began = time.monotonic()
    found = work()
    spent = time.monotonic() - began
    print(f"  {name:<12} {spent:6.2f} s")
    return found, spent


def _opened(plan: Path) -> tuple[float, list[str]]:
    """Seconds until the browser has painted the first content of the page, by its own clock, the middle of three; and
    what is wrong with it: requests, words on the console, and what axe-core finds."""
    from playwright.sync_api import sync_playwright

    from tests.report.html.conftest import ARGUMENTS, CHROMIUM
    from tests.report.html.pages import Opened
    from tests.report.html.test_browser import SCHEMES, unfold, violations

    times, wrong = list[float](), list[str]()
    axe = os.environ.get("CRM_CLEANUP_AXE")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for scheme in SCHEMES:
            with Opened(browser) as opened:
                page = opened.page(plan, scheme)
                first = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
                times.append(float(page.evaluate(first)) / 1000)
                unfold(page)
                wrong += violations(page, Path(axe).read_text(encoding="utf-8")) if axe else []
                wrong += [*opened.asked[1:], *opened.said]
        browser.close()
    return sorted(times)[1], wrong


if __name__ == "__main__":
    main()
