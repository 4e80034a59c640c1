"""Batches of which rows are left out or stand several times: their faults name the rows as they are given on."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from etl.connect.source import Batch


@dataclass
class RowsLeft:
    """How far a dataset has come. read: rows that were given to leave some out; written: rows that are left."""

    read: int = 0
    written: int = 0

    def batch(
        self, read: Batch, left: pa.Table, rows: npt.NDArray[np.int64], origins: npt.NDArray[np.int64] | None = None
    ) -> Batch:
        """What is left of the next batch, with the faults of these rows.

        rows: for each row that is left its place in the batch, in their order. origins: as `Batch` has them.
        """
        faults = []
        for fault in read.faults:
            if fault.row is None:
                faults.append(fault)
                continue
            place = int(np.searchsorted(rows, fault.row - self.read))
            if place < len(rows) and rows[place] == fault.row - self.read:
                faults.append(replace(fault, row=self.written + place))
        self.read += len(read.data)
        self.written += len(left)
        return Batch(left, faults, origins)
