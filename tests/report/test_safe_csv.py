from __future__ import annotations

import csv

import pyarrow as pa
import pytest
from hypothesis import given, strategies as st

from etl.report.safe_csv import guarded, unguarded, write_csv

STARTS = st.sampled_from(["", "'", "''", "=", "+", "-", "@", "\t", "\r", "\n", "'=", "''@", "＝"])
CELLS = st.builds(str.__add__, STARTS, st.text(max_size=5)) | st.text()


@given(CELLS)
def test_a_value_comes_back_from_its_cell(value: str) -> None:
    """Whatever it begins with, and no cell begins as a formula does."""
    cell = guarded(value)

    assert unguarded(cell) == value
    assert not cell.startswith(tuple("=+-@\t\r\n＝＋－＠"))


@given(st.lists(CELLS | st.none(), min_size=1))
def test_a_table_is_guarded_as_single_values_are(tmp_path_factory: pytest.TempPathFactory, values: list[str]) -> None:
    """Also where a value is none."""
    path = tmp_path_factory.mktemp("csv") / "table.csv"
    write_csv(path, pa.table({"x": pa.array(values, pa.large_string()), "y": ["1"] * len(values)}))

    with path.open(encoding="utf-8", newline="") as file:
        assert [row["x"] for row in csv.DictReader(file)] == [guarded(value or "") for value in values]
