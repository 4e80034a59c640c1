"""Write review.xlsx into a plan: what it came to, what people decide in, and the lists behind the figures."""

from __future__ import annotations

from collections.abc import Sequence

from etl.config import Config
from etl.plan.figures import DatasetFigures
from etl.report.model import Report
from etl.report.read import Tables
from etl.report.workbook.cases import cases
from etl.report.workbook.lists import lists
from etl.report.workbook.marks import MARK, MARKED, WORKBOOK, key_cell
from etl.report.workbook.paper import ROWS, Book, book
from etl.report.workbook.summary import summary
from etl.texts import speaking


def write_workbook(
    plan: Tables, report: Report, config: Config, datasets: Sequence[DatasetFigures], *, most: int = ROWS
) -> None:
    """Write the workbook of a plan beside its tables.

    most: rows of a sheet below its header; a longer list goes on upon another. Raises PlanError where a table of the
    plan is missing or damaged.
    """
    with speaking(config.language), book(plan.folder / WORKBOOK, report.as_of, most) as new:
        summary(new, report)
        cases(new, plan, config, datasets)
        lists(new, plan, report)
        _mark(new, report)


def _mark(new: Book, report: Report) -> None:
    """Say on a hidden sheet which plan this is of."""
    page = new.page(MARK, hidden=True)
    for row in ((MARK, MARKED), ("name", report.name), ("digest", report.digest)):
        page.row([key_cell(text) for text in row], ["quiet", "quiet"])
