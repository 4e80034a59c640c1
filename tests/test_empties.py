"""Words that stand for an empty value: told in arrays, frames and files alike, and nothing else."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
from hypothesis import given, strategies as st

from etl.empties import NO_WORDS, Empties, emptied, emptied_frame, emptied_rows

WORDS = st.lists(st.sampled_from(["NULL", "\\N", "n/a", "-", "keine"]), max_size=3).map(tuple)
EMPTIES = st.builds(Empties, WORDS, st.dictionaries(st.sampled_from("ab"), WORDS))
VALUES = st.lists(st.none() | st.sampled_from(["NULL", " n/a ", "null", "-", "--", "x", " ", "\\N", "Null GmbH"]))


@given(values=VALUES, empties=EMPTIES)
def test_rows_and_frames_lose_the_same_values(values: list[str | None], empties: Empties) -> None:
    """A value is missing if it is one of its column's words but for blanks around it; every other stays as it is."""
    columns = dict.fromkeys("abc", values)
    words = {name: empties.of(name) for name in columns}
    expected = {
        name: [None if value is None or value.strip() in words[name] else value for value in values] for name in columns
    }
    rows = pa.RecordBatch.from_pydict({name: pa.array(values, pa.large_string()) for name in columns})
    frame = pd.DataFrame({name: pd.Series(values, dtype="str") for name in columns})

    assert emptied_rows(rows, empties).to_pydict() == expected
    left = emptied_frame(frame, empties)
    assert {name: [None if pd.isna(v) else v for v in left[name]] for name in columns} == expected


@given(empties=EMPTIES)
def test_a_file_keeps_the_words(empties: Empties) -> None:
    """What a file has of them is what was put there."""
    assert Empties.read(empties.metadata()) == (empties or NO_WORDS)


def test_a_column_may_have_no_words() -> None:
    """`[]` takes away those of all columns, others are added to them."""
    empties = Empties(("NULL",), {"name": (), "phone": ("-",)})

    assert (empties.of("name"), empties.of("phone"), empties.of("zip")) == ((), ("NULL", "-"), ("NULL",))
    assert emptied(pa.array(["NULL"]), empties.of("name")).to_pylist() == ["NULL"]
