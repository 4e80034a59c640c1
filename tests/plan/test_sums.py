"""What the rows of some records add up to."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pytest

from etl.plan.sums import FEW, Sums


@pytest.mark.parametrize("others", [0, FEW], ids=["a few keys", "many keys"])
def test_a_row_that_names_one_record_twice_is_one_row_of_it(others: int) -> None:
    """And one that names two records is a row of each."""
    keys = pd.Index(["accounts:1", "accounts:2", *(f"accounts:x{number}" for number in range(others))])
    calls: dict[str, list[str | None]] = {"from": ["1", "1", None], "to": ["1", "2", "2"]}
    sums = Sums(keys)
    sums.add(pa.table(calls, pa.schema({name: pa.large_string() for name in calls})), "calls", _links(calls))

    assert sums.rows[:2].tolist() == [2, 2]


def _links(calls: dict[str, list[str | None]]) -> tuple[tuple[str, str], ...]:
    return tuple(("accounts", column) for column in calls)
