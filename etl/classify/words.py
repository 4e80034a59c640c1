"""Short texts about some of the records: kept as Arrow arrays, for there may be one for each of a million."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.classify.records import Numbers

TEXT = pa.large_string()


@dataclass(frozen=True)
class Words:
    """A text for each of some records. numbers: the records', ascending, each once; text: theirs, in that order."""

    numbers: Numbers
    text: pa.LargeStringArray

    @staticmethod
    def none() -> Words:
        """No text for any record."""
        return Words(np.zeros(0, dtype=np.int32), pa.array([], TEXT))

    @staticmethod
    def first(numbers: Numbers, text: pa.LargeStringArray) -> Words:
        """Texts in any order, perhaps several a record: the first in the order of texts counts."""
        order = np.asarray(
            pc.sort_indices(pa.table({"n": numbers, "t": text}), sort_keys=[("n", "ascending"), ("t", "ascending")])
        )
        distinct, places = np.unique(numbers[order], return_index=True)
        return Words(distinct.astype(np.int32), text.take(pa.array(order[places])))

    def of(self, records: Numbers) -> pa.LargeStringArray:
        """The text of each of these records, null for those that have none."""
        if not len(self.numbers):
            return pa.nulls(len(records), TEXT)
        places = np.minimum(np.searchsorted(self.numbers, records), len(self.numbers) - 1)
        return self.text.take(pa.array(places, mask=self.numbers[places] != records))


def together(words: Sequence[Words]) -> Words:
    """The texts of all; of a record that has several, the first in the order of texts."""
    some = [one for one in words if len(one.numbers)]
    if not some:
        return Words.none()
    return Words.first(np.concatenate([one.numbers for one in some]), pa.concat_arrays([one.text for one in some]))


def constant(text: str, mask: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> pa.LargeStringArray:
    """One text where the mask holds, null elsewhere."""
    return pc.if_else(pa.array(mask), pa.scalar(text, TEXT), pa.scalar(None, TEXT))


def joined(one: pa.LargeStringArray, other: pa.LargeStringArray) -> pa.LargeStringArray:
    """Both texts with a semicolon between, or the one that there is."""
    both = pc.binary_join_element_wise(one, other, pa.scalar("; ", TEXT))
    return pc.coalesce(both, one, other)
