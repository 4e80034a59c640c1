"""Write what people and machines read about a plan; and anew, when somebody puts a name under it."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow.parquet as pq

from etl import report
from etl.config import Config
from etl.plan import Bundle
from etl.plan.approvals import Approval
from etl.plan.bundle import Manifest, private
from etl.plan.journal import replace_file
from etl.report import Report
from etl.report.case_places import REVIEW_PAGE
from etl.report.html import PAGE, draw
from etl.report.lists import write_lists
from etl.report.read import Tables, tables
from etl.report.review.page import draw_review
from etl.report.safe_csv import REJECTS, Form, write_csv
from etl.report.workbook import write_workbook


def write_reports(plan: Tables, drawn: Report, config: Config, manifest: Manifest) -> None:
    """Write all reports of a plan beside its tables: Markdown, JSON, CSV lists, workbook and page."""
    write_workbook(plan, drawn, config, manifest.figures.datasets)
    _write(plan, drawn, config, manifest, ())


def renew_reports(bundle: Bundle, approvals: Sequence[Approval]) -> None:
    """Write again what people read before they sign, from the plan's tables, with the names that stand under it.

    So a name stands under what the plan holds, whatever was done to a report; `review.xlsx` and `open-cases.csv`, which
    people fill in, stay as they are. Raises PlanError where a file cannot be written.
    """
    config, manifest = bundle.config, bundle.manifest
    with private(), tables(bundle.path) as plan:
        drawn = report.build(plan, config, manifest.figures, manifest.digest, approved=len(approvals))
        _write(plan, drawn, config, manifest, approvals)


def renew_all(bundle: Bundle, approvals: Sequence[Approval]) -> None:
    """Write all reports again, also what people fill in: the plan holds less than it did."""
    config, manifest = bundle.config, bundle.manifest
    with private(), tables(bundle.path) as plan:
        drawn = report.build(plan, config, manifest.figures, manifest.digest, approved=len(approvals))
        write_workbook(plan, drawn, config, manifest.figures.datasets)
        write_csv(bundle.path / REJECTS, pq.read_table(bundle.path / "rejects.parquet"), Form.of(config))
        _write(plan, drawn, config, manifest, approvals)


def _write(plan: Tables, drawn: Report, config: Config, manifest: Manifest, approvals: Sequence[Approval]) -> None:
    write_lists(plan.folder, config, manifest)
    replace_file(plan.folder / "report.md", report.to_markdown(drawn))
    replace_file(plan.folder / "report.json", report.to_json(drawn))
    replace_file(plan.folder / REVIEW_PAGE, draw_review(plan, config, manifest).text)
    replace_file(plan.folder / PAGE, draw(plan, drawn, config, manifest, approvals))
