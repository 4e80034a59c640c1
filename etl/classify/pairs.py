"""Pairs of records that may be one company or person, by record number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from etl.classify.families import Mask
from etl.classify.override_verdicts import PairAnswer
from etl.classify.record_texts import TEXT
from etl.classify.records import NONE, Numbers, Records
from etl.matching.clusters import clusters
from etl.matching.explanations import EQUAL

EMPTY = pa.array([], TEXT)


@dataclass(frozen=True)
class Pairs:
    """Pairs of record numbers that may be one company or person, how probable that is, and why."""

    i: Numbers
    j: Numbers
    probability: npt.NDArray[np.float64]
    words: pa.LargeStringArray

    @staticmethod
    def of(table: pa.Table, records: Records) -> Pairs:
        """Bring pairs to record numbers. table: as in DUPLICATE_SCHEMA."""
        i, j = (records.numbers(table[name]) for name in ("left", "right"))
        known = (i != NONE) & (j != NONE) & (i != j)
        table = table.filter(pa.array(known)).combine_chunks()
        words = pc.coalesce(table["words"], pa.scalar(EQUAL, TEXT))
        return Pairs(i[known], j[known], np.asarray(table["probability"]), pa.concat_arrays(words.chunks or [EMPTY]))

    def chosen(self, use: Mask) -> Pairs:
        """Some of the pairs."""
        return self.chosen_at(np.flatnonzero(use))

    def chosen_at(self, places: npt.NDArray[np.intp]) -> Pairs:
        """The pairs at these places, in their order."""
        return Pairs(self.i[places], self.j[places], self.probability[places], self.words.take(pa.array(places)))

    def settled(self, same: Mapping[tuple[int, int], PairAnswer], roots: Numbers, unit: Numbers) -> Pairs:
        """The pairs after people's answers: an answer about two records applies to all pairs of their two families.

        same: record numbers -> what a person said of them. unit: by record, the one that has a lead of its own with its
        values; these two are a pair then, if the families had none.
        """
        probability, added = self.probability.copy(), list[tuple[int, int, str]]()
        left_roots, right_roots = roots[self.i], roots[self.j]
        for (i, j), answer in same.items():
            forward = (left_roots == roots[i]) & (right_roots == roots[j])
            of_families = forward | ((left_roots == roots[j]) & (right_roots == roots[i]))
            probability[of_families] = 1.0 if answer.same else 0.0
            if answer.same and not of_families.any():
                left, right = sorted((int(unit[i]), int(unit[j])))
                added.append((left, right, answer.words))
        settled = replace(self, probability=probability)
        return settled._with(added) if added else settled

    def _with(self, added: Sequence[tuple[int, int, str]]) -> Pairs:
        """These pairs and some more that are certain."""
        i, j, words = zip(*added, strict=True)
        return Pairs(
            np.r_[self.i, np.array(i, dtype=np.int32)],
            np.r_[self.j, np.array(j, dtype=np.int32)],
            np.r_[self.probability, np.ones(len(added))],
            pa.concat_arrays([self.words, pa.array(words, TEXT)]),
        )

    def clusters(self, count: int, merge_at: float) -> Numbers:
        """By record the least one of those that are the same."""
        return clusters(count, self.i, self.j, self.probability, merge_at)
