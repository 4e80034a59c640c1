"""The hash of a family covers its records and evidence rows, so that it shows a change after a person has decided."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from etl.classify.families import Families
from etl.classify.records import Numbers, Records
from etl.model import Dataset
from etl.plan.tables import batches

Places = npt.NDArray[np.signedinteger[Any]]


def family_hashes(
    wanted: Iterable[int],
    records: Records,
    families: Families,
    datasets: Sequence[Dataset],
    evidence: Mapping[str, tuple[Numbers, Numbers]],
) -> dict[int, str]:
    """Hash the records and evidence rows of families, so that a change is seen; not by order of rows or columns.

    Takes what `family_digests` takes. Returns root -> 16 hex digits of SHA-256.
    """
    digests = family_digests(wanted, records, families, datasets, evidence)
    return {root: family_hash(rows) for root, rows in digests.items()}


def family_digests(
    wanted: Iterable[int],
    records: Records,
    families: Families,
    datasets: Sequence[Dataset],
    evidence: Mapping[str, tuple[Numbers, Numbers]],
) -> dict[int, list[bytes]]:
    """The digest of each row that a family's hash is over, by the family's root.

    wanted: the families' root numbers. evidence: dataset -> (rows, the number of the record that each names).
    """
    digests: dict[int, list[bytes]] = {root: [] for root in sorted(wanted)}
    for name, owner, row in family_rows(digests, records, families, datasets, evidence):
        digests[int(families.root[owner])].append(row_digest(name, row))
    return digests


def family_rows(
    wanted: Iterable[int],
    records: Records,
    families: Families,
    datasets: Sequence[Dataset],
    evidence: Mapping[str, tuple[Numbers, Numbers]],
) -> Iterator[tuple[str, int, dict[str, str | None]]]:
    """The rows that the hashes of families are over: dataset, number of the record that it is or names, and the row.

    Takes what `family_digests` takes.
    """
    chosen = np.zeros(len(records), dtype=np.bool_)
    chosen[list(wanted)] = True
    rows: Places
    for dataset in datasets:
        if dataset.name in records.rows:
            numbers = records.rows[dataset.name]
            rows = np.flatnonzero(numbers >= 0)
            owners = numbers[rows]
        elif dataset.name in evidence:
            rows, owners = evidence[dataset.name]
        else:
            continue
        hashed = chosen[families.root[owners]]
        rows, owners = rows[hashed], owners[hashed]
        order = np.argsort(rows, kind="stable")
        for owner, row in zip(owners[order].tolist(), _rows(dataset, rows[order]), strict=True):
            yield dataset.name, owner, row


def family_hash(rows: Iterable[bytes]) -> str:
    """The hash of a family, from the digests of its rows in any order."""
    return hashlib.sha256(b"".join(sorted(rows))).hexdigest()[:16]


def row_digest(dataset: str, row: Mapping[str, str | None]) -> bytes:
    """SHA-256 of one row of a dataset: over its name and its filled cells by column name."""
    cells = [(column, row[column]) for column in sorted(row) if row[column] is not None]
    return hashlib.sha256(repr((dataset, cells)).encode("utf-8", "surrogatepass")).digest()


def _rows(dataset: Dataset, rows: Places) -> Iterator[dict[str, str | None]]:
    """Some rows of a dataset, `rows` ascending."""
    columns, first = sorted(dataset.columns), 0
    for batch in batches(dataset.path, columns):
        low, high = np.searchsorted(rows, [first, first + len(batch)])
        yield from batch.take(pa.array(rows[low:high] - first)).to_pylist()
        first += len(batch)
