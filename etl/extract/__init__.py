"""From the source to the snapshot: check the columns that the config names, then copy the rows."""

from etl.extract.columns import check_columns
from etl.extract.datasets import Dataset, datasets
from etl.extract.stage import RESERVED, Extracted, Staged, extract

__all__ = ["RESERVED", "Dataset", "Extracted", "Staged", "check_columns", "datasets", "extract"]
