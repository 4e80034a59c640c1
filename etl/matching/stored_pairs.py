"""Pairs that wait on disk while the model is learned: two records and a pattern, twelve bytes each."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from types import TracebackType
from typing import NamedTuple

import numpy as np

from etl.errors import PlanError
from etl.matching.candidates import Pairs
from etl.matching.fields import Codes


class Part(NamedTuple):
    """Some pairs side by side, and the number of each one's pattern."""

    i: Codes
    j: Codes
    pattern: Codes


class StoredPairs:
    """Parts of the pairs in a file without a name, which is gone with the process. To be used in a `with`."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="crm-cleanup-")  # noqa: SIM115  closed by __exit__
        self._sizes: list[int] = []

    def __enter__(self) -> StoredPairs:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    def __len__(self) -> int:
        return sum(self._sizes)

    def add(self, pairs: Pairs, pattern: Codes) -> None:
        """Store a part. Raises PlanError where the disk is full."""
        try:
            for column in (*pairs, pattern):
                self._file.write(np.ascontiguousarray(column, dtype=np.int32).data)
            self._file.flush()
        except OSError as error:
            raise PlanError(
                f"The pairs that are compared cannot be stored: {error.strerror}.",
                where=tempfile.gettempdir(),
                next="make room there, twelve bytes a pair, or name another folder in TMPDIR",
            ) from None
        self._sizes.append(len(pattern))

    def parts(self) -> Iterator[Part]:
        """The parts in their order."""
        self._file.seek(0)
        for size in self._sizes:
            yield Part(*(np.frombuffer(self._file.read(4 * size), dtype=np.int32) for _ in Part._fields))
