"""Some lines of a note: enough to see that it is the right record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl.plan import Bundle
from etl.plan.damage import reading

LINES = 6


def excerpts(bundle: Bundle, records: Iterable[Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    """Source key -> some lines of the note of its lead, from the record's own heading on.

    records: rows of the index; the leads of a chunk are read once, whatever it has of them.
    """
    by_chunk: defaultdict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for record in records:
        by_chunk[record["chunk"]].append(record)
    lines_of: dict[str, tuple[str, ...]] = {}
    path = bundle.path / "leads.parquet"
    with reading(path), pq.ParquetFile(path) as file:
        for chunk, mine in by_chunk.items():
            table = file.read_row_group(chunk, columns=["lead", "note"])
            wanted = table.filter(
                pc.is_in(table["lead"], pa.array([record["lead"] for record in mine], pa.large_string()))
            )
            notes = dict(zip(wanted["lead"].to_pylist(), wanted["note"].to_pylist(), strict=True))
            lines_of |= {
                record["source_key"]: excerpt(notes.get(record["lead"]), record["source_key"]) for record in mine
            }
    return lines_of


def excerpt(note: str | None, source_key: str | None, lines: int = LINES) -> tuple[str, ...]:
    """A few lines of a note, from the heading that names the record on; from its beginning where none does."""
    rows = [row for row in (note or "").splitlines() if row.strip()]
    headed = (place for place, row in enumerate(rows) if row.endswith(f"[{source_key}]"))
    first = next(headed, 0)
    return tuple(rows[first : first + lines])
