"""Write what people and machines read about a plan, and say on its page who has approved it."""

from __future__ import annotations

from pathlib import Path

from etl import report
from etl.config import Config
from etl.plan import Bundle
from etl.plan.approvals import approvals
from etl.plan.bundle import Manifest
from etl.plan.journal import replace_file
from etl.report import Report
from etl.report.html import PAGE, draw, sign
from etl.report.lists import write_lists
from etl.report.workbook import write_workbook


def write_reports(folder: Path, found: Report, config: Config, manifest: Manifest) -> None:
    """Write all reports of a plan whose tables are in `folder`: Markdown, JSON, CSV lists, workbook and page."""
    (folder / "report.md").write_text(report.to_markdown(found), encoding="utf-8")
    (folder / "report.json").write_text(report.to_json(found), encoding="utf-8")
    write_lists(folder)
    write_workbook(folder, found, config, manifest.figures.datasets)
    (folder / PAGE).write_text(draw(folder, found, config, manifest), encoding="utf-8")


def sign_page(bundle: Bundle) -> None:
    """Name on a plan's page those who have approved it by now; nothing else on it changes."""
    page = sign(bundle.path / PAGE, bundle.config, approvals(bundle))
    if page is not None:
        replace_file(bundle.path / PAGE, page)
