"""From the source to the snapshot: check the columns that the config names, then copy the rows."""

from etl.extract.columns import check_columns
from etl.extract.stage import Extracted, extract

__all__ = ["Extracted", "check_columns", "extract"]
