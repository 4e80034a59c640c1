"""Where keys of records that were merged into others lead."""

from __future__ import annotations

import time

import pyarrow as pa

from etl.rows.merges import merges_of
from etl.rows.places import TEXT


def test_many_merges_take_no_longer_for_many_records() -> None:
    """The records are brought to the forms in which keys nearly meet once, and not for each merge anew."""
    known = pa.array([f"K{number:05}" for number in range(20_000)], TEXT)
    old = pa.array([f"O{number:05}" for number in range(2_000)], TEXT)
    begun = time.process_time()

    merges = merges_of("merges", old, known.slice(0, 2_000), known)

    assert merges.now == dict(zip(old.to_pylist(), known.to_pylist(), strict=False))
    assert time.process_time() - begun < 10
