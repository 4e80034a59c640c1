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
class RecordTexts:
    """A text for each of some records. numbers: the records', ascending, each once; text: theirs, in that order."""

    numbers: Numbers
    text: pa.LargeStringArray

    @staticmethod
    def none() -> RecordTexts:
        """No text for any record."""
        return RecordTexts(np.zeros(0, dtype=np.int32), pa.array([], TEXT))

    @staticmethod
    def first(numbers: Numbers, text: pa.LargeStringArray) -> RecordTexts:
        """Texts in any order, perhaps several a record: the first in the order of texts counts."""
        order = np.asarray(
            pc.sort_indices(pa.table({"n": numbers, "t": text}), sort_keys=[("n", "ascending"), ("t", "ascending")])
        )
        distinct, places = np.unique(numbers[order], return_index=True)
        return RecordTexts(distinct.astype(np.int32), text.take(pa.array(order[places])))

    def of(self, records: Numbers) -> pa.LargeStringArray:
        """The text of each of these records, null for those that have none."""
        if not len(self.numbers):
            return pa.nulls(len(records), TEXT)
        places = np.minimum(np.searchsorted(self.numbers, records), len(self.numbers) - 1)
        return self.text.take(pa.array(places, mask=self.numbers[places] != records))


def merged_texts(parts: Sequence[RecordTexts]) -> RecordTexts:
    """The texts of all parts; of a record that has several, the first in the order of texts."""
    filled = [texts for texts in parts if len(texts.numbers)]
    if not filled:
        return RecordTexts.none()
    numbers = np.concatenate([texts.numbers for texts in filled])
    return RecordTexts.first(numbers, pa.concat_arrays([texts.text for texts in filled]))


def constant(text: str, mask: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> pa.LargeStringArray:
    """One text where the mask holds, null elsewhere."""
    return pc.if_else(pa.array(mask), pa.scalar(text, TEXT), pa.scalar(None, TEXT))


def joined_texts(left: pa.LargeStringArray, right: pa.LargeStringArray) -> pa.LargeStringArray:
    """Both texts with a semicolon between, or the only one that is not null."""
    both = pc.binary_join_element_wise(left, right, pa.scalar("; ", TEXT))
    return pc.coalesce(both, left, right)
