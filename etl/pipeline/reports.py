"""Write what people and machines read about a plan; and anew, when somebody puts a name under it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from etl import report
from etl.config import Config
from etl.plan import Bundle
from etl.plan.approvals import Approval
from etl.plan.bundle import Manifest
from etl.plan.journal import replace_file
from etl.report import Report
from etl.report.html import PAGE, draw
from etl.report.lists import write_lists
from etl.report.workbook import write_workbook


def write_reports(folder: Path, found: Report, config: Config, manifest: Manifest) -> None:
    """Write all reports of a plan whose tables are in `folder`: Markdown, JSON, CSV lists, workbook and page."""
    write_workbook(folder, found, config, manifest.figures.datasets)
    _write(folder, found, config, manifest, ())


def renew_reports(bundle: Bundle, given: Sequence[Approval]) -> None:
    """Write again what people read before they sign, from the plan's tables, with the names that stand under it.

    So a name stands under what the plan holds, whatever was done to a report; `review.xlsx` and `open-cases.csv`, which
    people fill in, stay as they are. Raises PlanError where a file cannot be written.
    """
    config, manifest = bundle.config, bundle.manifest
    found = report.build(bundle.path, config, manifest.figures, manifest.digest, given=len(given))
    _write(bundle.path, found, config, manifest, given)


def _write(folder: Path, found: Report, config: Config, manifest: Manifest, given: Sequence[Approval]) -> None:
    write_lists(folder, config, manifest)
    replace_file(folder / "report.md", report.to_markdown(found))
    replace_file(folder / "report.json", report.to_json(found))
    replace_file(folder / PAGE, draw(folder, found, config, manifest, given))
