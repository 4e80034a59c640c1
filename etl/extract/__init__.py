"""From the source to the snapshot: check the columns that the config names, then copy the rows."""

from etl.extract.columns import check_columns
from etl.extract.match_list import ReadList, read_list
from etl.extract.snapshot import Extracted, extract

__all__ = ["Extracted", "ReadList", "check_columns", "extract", "read_list"]
