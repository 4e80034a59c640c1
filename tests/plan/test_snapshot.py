"""The snapshot: whole families together, nothing lost, nothing twice, in the order in which history is shown."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings, strategies as st

from etl.dates import DateForm
from etl.model import SOURCE_KEY_COLUMN, Dataset
from etl.plan import snapshot
from etl.plan.snapshot import Place, arrange
from tests.profiles import examples

TEXT = pa.large_string()


def dataset(folder: Path, name: str, table: pa.Table) -> Dataset:
    """A dataset as extract leaves it."""
    path = folder / "staging" / f"{name}.parquet"
    path.parent.mkdir(exist_ok=True)
    pq.write_table(table, path)
    return Dataset(name, "related", name, path, tuple(table.column_names), len(table), table.nbytes)


@settings(max_examples=examples(40))
@given(
    roots=st.lists(st.integers(0, 9), min_size=1, max_size=10),
    owners=st.lists(st.integers(-1, 9), max_size=30),
    chunk_records=st.sampled_from([1, 2, 100]),
    chunk_bytes=st.sampled_from([1, 60, 10**9]),
    partition=st.sampled_from([1, 50, 10**9]),
)
def test_chunks_are_whole_families_and_every_row_stands_in_one_place(
    roots: list[int], owners: list[int], chunk_records: int, chunk_bytes: int, partition: int
) -> None:
    """With any limits and partitions the same rows come out: a family's in one chunk, those of none in no chunk."""
    count = len(roots)
    root = np.array([min(r, n) for n, r in enumerate(roots)], dtype=np.int32)
    root = root[root]
    owner = np.array([o if o < count else -1 for o in owners], dtype=np.int32)
    rows = pa.table(
        {"n": pa.array([f"{n:03}" for n in range(len(owner))], TEXT), "when": pa.array(["x"] * len(owner), TEXT)}
    )
    records = pa.table({"id": pa.array([str(n) for n in range(count)], TEXT)})
    keys = pa.array([f"a:{n}" for n in range(count)], TEXT)
    before = snapshot.PARTITION_BYTES, snapshot.STRAYS
    snapshot.PARTITION_BYTES, snapshot.STRAYS = partition, 2
    try:
        with TemporaryDirectory() as name:
            folder = Path(name)
            datasets = [dataset(folder, "calls", rows), dataset(folder, "accounts", records)]
            places = {"calls": Place(owner, "when", "n"), "accounts": Place(np.arange(count, dtype=np.int32))}
            arranged = arrange(
                datasets, places, root, keys, folder, chunk_bytes=chunk_bytes, chunk_records=chunk_records
            )
            chunks = arranged.chunks
            files = {path.name: pq.ParquetFile(path) for path in folder.glob("*.parquet")}
            calls = [
                files["calls.parquet"].read_row_group(c.row_groups["calls.parquet"])
                for c in chunks
                if "calls.parquet" in c.row_groups
            ]
            everything = files["calls.parquet"].read()
            left = sorted(path.name for path in folder.rglob("*.part"))
    finally:
        snapshot.PARTITION_BYTES, snapshot.STRAYS = before

    assert left == []
    assert sorted(everything["n"].to_pylist()) == rows["n"].to_pylist()
    assert everything["n"].to_pylist() == [rows["n"][row].as_py() for row in arranged.rows["calls"].tolist()]
    expected = {f"{n:03}": f"a:{o}" if o >= 0 else None for n, o in enumerate(owner.tolist())}
    assert dict(zip(everything["n"].to_pylist(), everything[SOURCE_KEY_COLUMN].to_pylist(), strict=True)) == expected
    numbers = [number for chunk in chunks for number in chunk.numbers.tolist()]
    assert sorted(numbers) == list(range(count))
    assert [root[n] for n in numbers] == sorted(root)
    for chunk in chunks:
        families = set(root[chunk.numbers].tolist())
        assert set(np.flatnonzero(np.isin(root, list(families))).tolist()) == set(chunk.numbers.tolist())
        assert len(chunk.numbers) <= chunk_records or len(families) == 1
    in_chunks = [key for table in calls for key in table[SOURCE_KEY_COLUMN].to_pylist()]
    assert sorted(in_chunks) == sorted(key for key in expected.values() if key)
    shown = [
        row for table in calls for row in zip(table[SOURCE_KEY_COLUMN].to_pylist(), table["n"].to_pylist(), strict=True)
    ]
    assert all(a[1] < b[1] for a, b in pairwise(shown) if a[0] == b[0])


@pytest.mark.parametrize("texts", [["a", "b"], ["b", "a"]])
def test_history_of_one_day_stands_in_one_order_however_the_source_gives_it(tmp_path: Path, texts: list[str]) -> None:
    """Rows that neither date nor key tells apart are told apart by what else they hold."""
    calls = dataset(tmp_path, "calls", pa.table({"date": pa.array(["x", "x"], TEXT), "text": pa.array(texts, TEXT)}))
    places = {"calls": Place(np.zeros(2, dtype=np.int32), "date", None)}
    key = pa.array(["a:1"], TEXT)
    arrange([calls], places, np.zeros(1, dtype=np.int32), key, tmp_path, chunk_bytes=99, chunk_records=9)

    assert pq.read_table(tmp_path / "calls.parquet")["text"].to_pylist() == ["a", "b"]


def test_history_is_in_the_order_of_its_dates_where_a_format_says_how_to_read_them(tmp_path: Path) -> None:
    """02.01.2025 comes after 03.12.2024; what is no date comes first."""
    dates = ["02.01.2025", "03.12.2024", "soon", None]
    table = pa.table({"date": pa.array(dates, TEXT)})
    calls = dataset(tmp_path, "calls", table)
    owner = np.zeros(4, dtype=np.int32)
    place = Place(owner, "date", None, DateForm(("%d.%m.%Y",)))
    arrange(
        [calls],
        {"calls": place},
        np.zeros(1, dtype=np.int32),
        pa.array(["a:1"], TEXT),
        tmp_path,
        chunk_bytes=99,
        chunk_records=9,
    )

    assert pq.read_table(tmp_path / "calls.parquet")["date"].to_pylist() == ["soon", None, "03.12.2024", "02.01.2025"]
