"""review.xlsx: the plan as a workbook that people decide in, and what they filled in, read back."""

from etl.report.workbook.filled import Filled, Row, read_filled
from etl.report.workbook.marks import WORKBOOK
from etl.report.workbook.write import write_workbook

__all__ = ["WORKBOOK", "Filled", "Row", "read_filled", "write_workbook"]
