"""What tests of the page share: a browser that listens, and a CRM full of values that would be orders."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from playwright.sync_api import Browser, Dialog, Page

DEMO = Path(__file__).parents[3] / "configs" / "demo.yaml"
Scheme = Literal["light", "dark", "print"]
RULES = ("<img src=x onerror=alert(1)>", "{{7*7}}")


class Opened:
    """A page in the browser. asked: the URLs it asked for; said: what stood on its console, and its errors."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self.asked: list[str] = []
        self.said: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for context in self._browser.contexts:
            context.close()

    def page(
        self, plan: Path, scheme: Scheme = "light", width: int = 1280, script: bool = True, name: str = "report.html"
    ) -> Page:
        """Open a page of a plan's folder, in these colours or as it is printed, and with this width."""
        context = self._browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if scheme == "dark" else "light",
            java_script_enabled=script,
        )
        page = context.new_page()
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("dialog", self._dismiss)
        if scheme == "print":
            page.emulate_media(media="print")
        page.goto((plan / name).absolute().as_uri())
        return page

    def _dismiss(self, dialog: Dialog) -> None:
        self.said.append(dialog.message)
        dialog.dismiss()


class Read(HTMLParser):
    """What a reader of a page sees. text: all of it; tables: by their ids, the texts of their cells, the head first."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self._texts: list[str] = []
        self._rows: list[list[str]] = []
        self._unread = self._cell = False
        self.feed(page)
        self.text = " ".join(" ".join(self._texts).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a table, a row, a cell, or what nobody reads."""
        if tag == "table":
            self._rows = self.tables[dict(attrs)["id"] or ""] = []
        elif tag == "tr":
            self._rows.append([])
        elif tag in ("th", "td"):
            self._cell = True
            self._rows[-1].append("")
        elif tag in ("style", "script"):
            self._unread = True

    def handle_endtag(self, tag: str) -> None:
        """End what was begun."""
        if tag in ("th", "td"):
            self._cell = False
        elif tag in ("style", "script"):
            self._unread = False

    def handle_data(self, data: str) -> None:
        """A text belongs to the page, and to a cell."""
        if not self._unread:
            self._texts.append(data)
            if self._cell:
                self._rows[-1][-1] = (self._rows[-1][-1] + " " + data).strip()


def hostile_crm(folder: Path, values: Sequence[str]) -> Path:
    """Write a CRM of companies that are called so, each with an activity of the same text, and its config."""
    legacy = folder / "legacy"
    legacy.mkdir()
    rows = [[str(number), value, value, value] for number, value in enumerate(values)]
    _write(legacy / "accounts.csv", ["id", "name", "remarks", "email"], rows)
    _write(legacy / "activities.csv", ["id", "account_id", "text"], [[f"a{row[0]}", row[0], row[1]] for row in rows])
    config = {
        "name": values[0],
        "as_of": "2026-11-01",
        "source": {
            "url": f"files:{legacy}",
            "records": {
                "accounts": {"key": "id", "type": "company", "identity": {"company": "name", "email": "email"}}
            },
            "related": {"activities": {"key": "id", "of": {"accounts": "account_id"}}},
        },
        "classify": [
            {"as": "review", "name": RULES[0], "when": {"column": "id", "equals": "1"}},
            {"as": "lead", "name": RULES[1]},
        ],
        "leads": {"fields": {"name": "{name}", "email": "{email}"}, "note": {"language": "en"}},
        "target": {"url": f"sqlite:///{folder / 'pipeline.db'}"},
    }
    (folder / "hostile.yaml").write_text(json.dumps(config, ensure_ascii=True), encoding="utf-8")
    return folder / "hostile.yaml"


def _write(path: Path, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([head, *rows])
