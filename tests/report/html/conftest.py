"""Pages of real plans, and Debian's Chromium to open them; axe-core comes from npm, its place by CRM_CLEANUP_AXE."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from etl.pipeline.plan import plan
from tests.report.hostile import VALUES
from tests.report.html.pages import DEMO, Opened, hostile_crm
from tests.shared import once

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [*"--no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-sync".split()]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A headless browser; skip where none is installed."""
    if CHROMIUM is None:
        pytest.skip("no Chromium: install Debian's package chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def opened(chromium: Browser) -> Iterator[Opened]:
    """Opens a page and listens to all it asks for and says."""
    with Opened(chromium) as one:
        yield one


@pytest.fixture(scope="session")
def axe() -> str:
    """The script of axe-core; skip where it is not given."""
    path = os.environ.get("CRM_CLEANUP_AXE")
    if not path:
        pytest.skip("no axe-core given: npm install axe-core, and set CRM_CLEANUP_AXE to its axe.min.js")
    return Path(path).read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The plan of the sample CRM, in English."""
    return once(tmp_path_factory, "demo-en", lambda folder: _planned(folder, "en"))


@pytest.fixture(scope="session")
def german(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The plan of the sample CRM, in German."""
    return once(tmp_path_factory, "demo-de", lambda folder: _planned(folder, "de"))


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The plan of a CRM in which every name, and every rule, is one of the hostile values."""
    return once(tmp_path_factory, "hostile", lambda folder: plan(hostile_crm(folder, VALUES), folder / "plan").folder)


def _planned(folder: Path, language: str) -> Path:
    text = DEMO.read_text(encoding="utf-8").replace("files:data/", f"files:{DEMO.parents[1]}/data/")
    text = text.replace("build/demo", str(folder)).replace(
        "report: {language: en}", f"report: {{language: {language}}}"
    )
    (folder / "demo.yaml").write_text(text, encoding="utf-8")
    return plan(folder / "demo.yaml", folder / "plan").folder
