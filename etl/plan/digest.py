"""The digest of a table's contents: the same for the same rows, whatever their order, chunks or file bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

LANES = 4
Lanes = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Contents:
    """What rows add up to: their SHA-256 hashes, added in four lanes of 64 bits, and their number.

    Adding is what makes it independent of order; rows that stand twice count twice. It finds every change by mistake;
    no claim is made against someone who forges rows.
    """

    lanes: tuple[int, ...] = (0,) * LANES
    rows: int = 0

    def __add__(self, other: Contents) -> Contents:
        lanes = tuple((a + b) % 2**64 for a, b in zip(self.lanes, other.lanes, strict=True))
        return Contents(lanes, self.rows + other.rows)

    def __sub__(self, other: Contents) -> Contents:
        """These without rows that are among them."""
        lanes = tuple((a - b) % 2**64 for a, b in zip(self.lanes, other.lanes, strict=True))
        return Contents(lanes, self.rows - other.rows)

    def hex(self, columns: Sequence[str]) -> str:
        """The digest of a table with these columns: 64 hex digits."""
        return digest_of({"columns": list(columns), "rows": self.rows, "lanes": [str(lane) for lane in self.lanes]})


def contents(table: pa.Table | pa.RecordBatch) -> Contents:
    """Add up the rows of a table; every column text, list of text or boolean, nulls told from empty texts."""
    if not table.num_rows or not table.num_columns:
        return Contents()
    lanes = row_hashes(table).sum(axis=0, dtype=np.uint64)
    return Contents(tuple(int(lane) for lane in lanes), table.num_rows)


def row_hashes(table: pa.Table | pa.RecordBatch) -> Lanes:
    """The SHA-256 of each row in four lanes of 64 bits; shape (rows, LANES). The table has a column at least."""
    rows = pc.binary_join_element_wise(
        *(_cells(column) for column in table.columns),
        pa.scalar(b"\xff", pa.large_binary()),  # neither byte occurs in UTF-8, so no two rows give the same bytes
        null_handling="replace",
        null_replacement=b"\xfe",
    )
    return hashed(rows)


def hashed(rows: pa.Array | pa.ChunkedArray) -> Lanes:
    """The SHA-256 of each binary value in four lanes of 64 bits; shape (rows, LANES)."""
    hashes = b"".join([hashlib.sha256(row).digest() for row in rows.to_pylist()])
    return np.frombuffer(hashes, dtype="<u8").reshape(-1, LANES)


def _cells(column: pa.Array | pa.ChunkedArray) -> Any:
    if pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
        column = pc.binary_join(pc.cast(column, pa.list_(pa.binary())), b"\xfd")
    elif not pa.types.is_string(column.type) and not pa.types.is_large_string(column.type):
        column = pc.cast(column, pa.string())
    return pc.cast(column, pa.large_binary())


def digest_of(value: object) -> str:
    """SHA-256 of a value as canonical JSON: sorted keys, no blanks."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def plan_digest(as_of: str, config: object, parts: object, version: int) -> str:
    """The plan digest: over the as-of date, the config before `${}` is filled in, and the digests of all parts.

    config: as YAML gives it or as JSON has kept it, in which a date is text and so is a key that was a number.
    version: the plan's format; from 4 on it is part of the digest, so that no plan passes for one of an older format.
    """
    kept = json.loads(json.dumps(config, default=lambda value: value.isoformat()))
    content = {"as_of": as_of, "config": kept, "parts": parts}
    return digest_of(content if version < 4 else {**content, "format": version})
