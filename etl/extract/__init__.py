"""From the source to the snapshot: check the columns that the config names, then copy the rows."""

from etl.extract.columns import check_columns
from etl.extract.match_list import ReadList, read_list
from etl.extract.snapshot import Extracted, extract
from etl.extract.unasked import unasked_columns
from etl.extract.unnamed import Pointer, unnamed_tables
from etl.extract.usual_words import UsualWord, usual_words

__all__ = [
    "Extracted",
    "Pointer",
    "ReadList",
    "UsualWord",
    "check_columns",
    "extract",
    "read_list",
    "unasked_columns",
    "unnamed_tables",
    "usual_words",
]
