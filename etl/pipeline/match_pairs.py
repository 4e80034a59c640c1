"""The pairs that `match` found, as CSV for people: who they are, why they are the same, and what holds them back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from etl import matching
from etl.matching import Scored, identities
from etl.matching.ceilings import LIKELY
from etl.matching.explanations import EQUAL, explained
from etl.matching.fields import Codes, Floats, distinct, joined
from etl.report.safe_csv import PLAIN
from etl.texts import Texts, mark, texts

AT_ONCE = 100_000
TEXT = pa.large_string()
CHAIN = np.dtype([("i", np.int32), ("j", np.int32), ("probability", np.float64)])
THROUGH = mark("the same only through other records; by themselves: {told}")
NOWHERE = -1

Mask = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Same:
    """The pairs that are the same, in order. own: the place of each among the pairs that were compared, -1 where it was
    not; through: whether it is the same only through others."""

    i: Codes
    j: Codes
    probability: Floats
    own: Places
    through: Mask

    @staticmethod
    def of(scored: Scored, cluster: Codes, at_least: float, *, one_list: bool) -> Same:
        """The pairs of at least that probability; of one list also those that are the same through others."""
        width = max(len(cluster), 1)
        codes = scored.i.astype(np.int64) * width + scored.j  # in order, as the pairs are
        sure = codes[scored.probability >= at_least]
        chains = np.zeros(0, CHAIN)
        if one_list:
            links = matching.chained(cluster, scored.i, scored.j, scored.probability, at_least)
            chains = np.fromiter(links, dtype=CHAIN)
        of_chains = chains["i"].astype(np.int64) * width + chains["j"]
        pairs = distinct(np.r_[sure, of_chains])
        i, j = (pairs // width).astype(np.int32), (pairs % width).astype(np.int32)
        own = places_of(codes, pairs)
        alone = np.r_[scored.probability, 0.0][own]
        probability = alone.copy()
        place = np.searchsorted(pairs, of_chains)
        for some in np.array_split(np.arange(len(place)), len(place) // AT_ONCE + 1):
            mine = place[some]
            weighed = scored.judge.weigh(i[mine], j[mine])
            alone[mine] = np.where(own[mine] == NOWHERE, weighed.probability, alone[mine])
            most = np.where(scored.judge.told_apart(weighed.levels), matching.UNCERTAIN, 1.0)
            together = np.minimum(matching.with_chain(alone[mine], chains["probability"][some]), most)
            probability[mine] = np.maximum(alone[mine], together)
        same = Same(i, j, probability, own, alone < at_least)
        return same.part(np.flatnonzero(probability >= at_least))

    def part(self, some: slice | Places) -> Same:
        """Some of the pairs."""
        return Same(self.i[some], self.j[some], self.probability[some], self.own[some], self.through[some])

    def just_below(self, scored: Scored, at_least: float) -> int:
        """How many other pairs are likelier the same than not, and not sure enough."""
        below = (scored.probability >= LIKELY) & (scored.probability < at_least)
        return int(np.count_nonzero(below)) - int(np.count_nonzero(below[self.own[self.own != NOWHERE]]))


def places_of(codes: Places, pairs: Places) -> Places:
    """Where each pair is among the codes, which are in order; NOWHERE if it is not."""
    place = np.searchsorted(codes, pairs)
    return np.where(np.r_[codes, NOWHERE][place] == pairs, place, NOWHERE)


def names_of(rows: pa.Table) -> pa.Array:
    """Whom each row of a list is about, as the list writes it: the person, and the company, a comma between."""
    person, company = (_column(rows, kinds) for kinds in (("first_name", "last_name"), ("company",)))
    sign = pa.scalar(", ", TEXT)
    return pc.coalesce(pc.binary_join_element_wise(person, company, sign), person, company)


def _column(rows: pa.Table, kinds: Sequence[str]) -> pa.Array:
    """The columns of some kinds with a blank between; null where none is filled."""
    names = [name for kind in kinds for name in rows.column_names if name.partition(".")[0] == kind]
    columns = [identities.array(rows[name]) for name in names]
    return joined(columns) if columns else pa.nulls(len(rows), TEXT)


def write_pairs(path: Path, keys: pa.Array, names: pa.Array, same: Same, scored: Scored, language: str) -> None:
    """Write pairs, the left list's key first. keys, names: by record.

    Copies have a probability and no weights, as they are not compared.
    """
    schema = PLAIN.table(_rows(keys, names, same.part(slice(0)), scored, language)).schema
    with PLAIN.writer(path, schema) as writer:
        for first in range(0, len(same.i), AT_ONCE):
            rows = _rows(keys, names, same.part(slice(first, first + AT_ONCE)), scored, language)
            writer.write(PLAIN.table(rows))


def _rows(keys: pa.Array, names: pa.Array, same: Same, scored: Scored, language: str) -> pa.Table:
    weighed = scored.judge.weigh(same.i, same.j)
    copies = np.isnan(np.r_[scored.weight, 0.0][same.own])
    explanations = explained(scored.judge, weighed, language)
    sides = [("left", pa.array(same.i)), ("right", pa.array(same.j))]
    columns = {f"{side}_key": keys.take(records) for side, records in sides}
    columns |= {f"{side}_name": names.take(records) for side, records in sides}
    columns["probability"] = pa.array(np.round(same.probability, 6))
    numbers = np.round(np.column_stack([weighed.weight, weighed.fields]).astype(np.float64), 2) + 0.0  # no -0.0
    for place, name in enumerate(("weight", *scored.judge.names)):
        columns[name] = pa.array(numbers[:, place], mask=copies)
    columns["words"] = _words(same, copies, explanations.words, texts(language))
    columns["doubts"] = pc.if_else(pa.array(copies), pa.scalar("", TEXT), explanations.doubts)
    return pa.table(columns)


def _words(same: Same, copies: Mask, words: pa.Array, language: Texts) -> pa.Array:
    """Why each pair is the same. words: what the fields of those say that are no copies."""
    begin, _, end = language.text(THROUGH).partition("{told}")
    through = pc.binary_join_element_wise(pa.scalar(begin, TEXT), words, pa.scalar(end, TEXT), pa.scalar("", TEXT))
    alone = pc.if_else(pa.array(copies), pa.scalar(language.text(EQUAL), TEXT), words)
    return pc.if_else(pa.array(same.through), through, alone)
