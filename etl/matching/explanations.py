"""Why a pair is the same, and what holds it below certainty, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.matching.doubts import Doubt, doubts
from etl.matching.fields import Codes
from etl.matching.score import Judge, Weighed
from etl.texts import speaking, stored, told

WEIGHED, LISTED = stored("{told} {weight}"), stored("{told} {weight}, {told_rest}")
"""A field that agrees, or not, with its weight; and several of them."""
CEILED, CEILED_LISTED = stored("{told}: at most {share}"), stored("{told}: at most {share}, {told_rest}")
"""What speaks against a pair whatever else agrees, and the most that its probability can be."""
EQUAL = stored("all compared fields are equal")
"""What is said of copies, which are not compared."""
TEXT = pa.large_string()


@dataclass(frozen=True)
class Explanations:
    """Pairs in words: their fields, what each weighs in bits, and what else speaks against them; empty where there is
    nothing to say. words: all of it; doubts: the latter alone, each with its bits or its ceiling."""

    words: pa.Array
    doubts: pa.Array


def explain(judge: Judge, i: Codes, j: Codes) -> pa.Array:
    """Say field by field what agrees of pairs and what that weighs, in bits, then what else speaks against them:
    `same domain 'x.example' +6.1, …, the first names differ: at most 30%`. In English, as plans keep it."""
    return explained(judge, judge.weigh(i, j), "en").words


def explained(judge: Judge, weighed: Weighed, language: str) -> Explanations:
    """Explain pairs that were weighed, in a language."""
    with speaking(language) as speaks:
        end = speaks.text(LISTED).partition("{weight}")[2].partition("{told_rest}")[0]
        fields = [_field(judge, weighed, column, end) for column in range(len(judge.names))]
        against = [
            _doubt(doubt, judge.model.ceilings.get(doubt.words, doubt.ceiling), end)
            for doubt in doubts(judge.names, weighed.levels)
            if doubt.bits or doubt.ceiling < 1
        ]
    nothing = pa.array([""] * len(weighed.weight), TEXT)
    return Explanations(_listed([nothing, *fields, *against], end), _listed([nothing, *against], end))


def _listed(parts: Sequence[pa.Array], end: str) -> pa.Array:
    """The parts of each text beside each other, without the end of the last one."""
    return pc.utf8_slice_codeunits(pc.binary_join_element_wise(*parts, pa.scalar("", TEXT)), 0, -len(end))


def _field(judge: Judge, weighed: Weighed, column: int, end: str) -> pa.Array:
    """What a field of pairs says: each distinct level, value and weight is told once."""
    tenths = np.round(weighed.fields[:, column] * 10).astype(np.int64)
    rows = np.column_stack([weighed.levels[:, column], weighed.shared[:, column], tenths])
    distinct, row_of_pair = np.unique(rows, axis=0, return_inverse=True)
    describe = judge.made.comparisons[column].describe
    words = [
        told(WEIGHED.format(told=describe(level, shared), weight=_signed(weight))) + end
        if level >= 0 and weight
        else ""
        for level, shared, weight in distinct.tolist()
    ]
    return pa.array(words, TEXT).take(pa.array(row_of_pair.ravel()))


def _doubt(doubt: Doubt, ceiling: float, end: str) -> pa.Array:
    """What speaks against pairs, where it does."""
    words = WEIGHED.format(told=doubt.words, weight=_signed(-round(10 * doubt.bits)))
    if ceiling < 1:
        words = CEILED.format(told=doubt.words, share=f"{100 * ceiling:.2g}%")
    return pc.if_else(pa.array(doubt.holds), pa.scalar(told(words) + end, TEXT), pa.scalar("", TEXT))


def _signed(tenths: int) -> str:
    return f"{'+' if tenths > 0 else '−'}{abs(tenths) / 10:.1f}"
