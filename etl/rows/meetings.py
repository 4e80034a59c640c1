"""How the keys of rows meet a table that values are looked up in: a key that misses must never go unnoticed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.rows.lookups import KnownKeys
from etl.rows.near_keys import Mask, Steps, cured_by, most_first
from etl.rows.places import TEXT

Kind = Literal["joined", "labels", "links", "merges", "under"]


@dataclass
class Meeting:
    """How rows of a dataset met the table that they take values from, or that links them.

    name: of the join, the column whose labels they are, or the table of links or merges. rows: that were read; filled:
    those with a key; unmet: the keys that the table does not have, one a row; named: which of its keys the rows have.
    """

    dataset: str
    kind: Kind
    name: str
    known: KnownKeys
    rows: int = 0
    filled: int = 0
    unmet: list[pa.Array] = field(default_factory=list)
    named: Mask = field(init=False)

    def __post_init__(self) -> None:
        self.named = np.zeros(len(self.known.keys), dtype=np.bool_)

    def add(self, keys: pa.Array) -> None:
        """Count some rows by their keys, null where a row has none."""
        places = pc.index_in(keys, value_set=self.known.keys, skip_nulls=True)
        self.named[np.asarray(places.drop_null())] = True
        self.rows += len(keys)
        self.filled += len(keys) - keys.null_count
        self.unmet.append(keys.filter(pc.and_(keys.is_valid(), places.is_null())))

    @property
    def missing(self) -> pa.Array:
        """The keys of rows that the table does not have, one a row."""
        return pa.concat_arrays([pa.array([], TEXT), *self.unmet])

    @property
    def never_named(self) -> int:
        """The rows of the table whose key no row has."""
        return int(self.known.rows[~self.named].sum())

    def near(self) -> tuple[list[tuple[Steps, int]], int]:
        """What would let keys meet, with its rows, first what helps most; and how many rows any of it helps."""
        missing = self.missing
        cured = dict(cured_by(missing, self.known.keys)) if len(missing) else {}
        helped = np.logical_or.reduce([np.zeros(len(missing), dtype=np.bool_), *cured.values()])
        return list(most_first(cured, len(missing))), int(np.count_nonzero(helped))
