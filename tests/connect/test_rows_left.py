from __future__ import annotations

import numpy as np
import pyarrow as pa

from etl.connect.rows_left import RowsLeft
from etl.connect.source import Batch
from etl.model import Fault


def fault(row: int | None) -> Fault:
    """A fault of a row of the table, or of the table as a whole."""
    return Fault("accounts", row, "accounts", None, "code", "reason", "advice")


def test_faults_name_the_rows_as_they_are_given_on() -> None:
    """Over two batches: rows that are left out take their faults with them, the others move up."""
    left = RowsLeft()
    rows = pa.table({"n": ["a", "b", "c"]})
    first = left.batch(Batch(rows, [fault(0), fault(2), fault(None)]), rows.take([1, 2]), np.array([1, 2]))
    second = left.batch(Batch(rows, [fault(3), fault(4)]), rows.take([0, 0, 1]), np.array([0, 0, 1]))

    assert [each.row for each in first.faults] == [1, None]
    assert [each.row for each in second.faults] == [2, 4]
