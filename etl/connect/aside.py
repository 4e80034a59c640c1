"""What is shown the rows that are read no further."""

from __future__ import annotations

from typing import Protocol

import pyarrow as pa

from etl.config import Join
from etl.rows import Mask


class Aside(Protocol):
    """Is shown the rows that nobody reads any further."""

    def left_out(self, dataset: str, rows: pa.Table) -> None:
        """Rows of a dataset that its `where` leaves out, with the columns of tables that are joined to it."""

    def joined(self, name: str, join: Join, rows: pa.Table, left: Mask) -> None:
        """All rows of a table that is joined under a name, whether anything takes them. left: its `where` does not."""
