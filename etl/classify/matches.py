"""What the masters say of the records: which known customer each one is, and when that is not certain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from etl.classify.families import Mask
from etl.classify.records import NONE, Numbers, Records
from etl.classify.words import TEXT, Words, together
from etl.config import Config, Matches, matches_of
from etl.errors import shown_chance

MATCH_SCHEMA = pa.schema(
    [
        *((name, TEXT) for name in ("source_key", "master", "how", "customer")),
        ("row", pa.int32()),
        ("probability", pa.float64()),
        ("weight", pa.float64()),
        ("doubt", TEXT),
        ("other", TEXT),
        ("names_differ", pa.bool_()),
        ("words", TEXT),
    ]
)
"""One row a record, master and way to match. how: `probability`, or the kind of number that both have. customer: key
and name; row: the customer's, in the plan's file of the master. weight: in bits. other: the customer that fits, too, or
the source key of a record that fits this one. words: field by field what agrees and what it weighs."""


class Doubt(StrEnum):
    """Why a match is not certain: another customer fits as well, or another record fits this customer."""

    SEVERAL = "several"
    RIVAL = "rival"


@dataclass(frozen=True)
class OnMaster:
    """What one master says, by record number.

    probability: of the best match, 0 without one. customer: that one, with the master's name. doubtful: why a match is
    not certain, in words. words: of the best match; same: kind of number -> the customers that share it, in words.
    rows, numbers: the master's rows that were matched, and with which record.
    """

    probability: npt.NDArray[np.float64]
    customer: Words
    words: Words
    doubtful: Words
    same: Mapping[str, Words]
    rows: Numbers
    numbers: Numbers

    def holds(self, condition: Matches) -> Mask:
        """For which records a condition on this master holds."""
        found = np.zeros(len(self.probability), dtype=np.bool_)
        if condition.at_least is not None:
            found |= self.probability >= condition.at_least
            found[self.doubtful.numbers] = False
        for kind in condition.same or ():
            found[self.same[kind].numbers] = True
        return found

    def said(self, condition: Matches) -> Words:
        """What made it hold, in words."""
        return self.words if condition.at_least is not None else together([self.same[k] for k in condition.same or ()])


def on_masters(table: pa.Table, records: Records, roots: Numbers, config: Config) -> dict[str, OnMaster]:
    """Bring matches to records. table: as in MATCH_SCHEMA; roots: of each record's family.

    Two members of one family may want one customer: they have one decision.
    """
    return {name: _on_master(table.filter(pc.equal(table["master"], name)), name, records, roots, config)
            for name in config.masters}  # fmt: skip


def _on_master(table: pa.Table, name: str, records: Records, roots: Numbers, config: Config) -> OnMaster:
    numbers = records.numbers(table["source_key"])
    table, numbers = table.filter(pa.array(numbers != NONE)), numbers[numbers != NONE]
    best = np.asarray(pc.equal(table["how"], "probability"))
    mine, at = table.filter(pa.array(best)), numbers[best]
    probability = np.zeros(len(records))
    probability[at] = np.asarray(mine["probability"])
    chances = pa.chunked_array([pa.array([shown_chance(one) for one in mine["probability"].to_pylist()], TEXT)])
    rivals = records.numbers(mine["other"])
    doubtful = np.asarray(pc.is_valid(mine["doubt"])) & ~((rivals != NONE) & (roots[rivals] == roots[at]))
    asked = [one for rule in config.classify for one in matches_of(rule.when) if one.matches == name]
    kinds = dict.fromkeys(kind for one in asked for kind in one.same or ())
    same: dict[str, Words] = {}
    for kind in kinds:
        rows = np.asarray(pc.equal(table["how"], kind))
        same[kind] = Words.first(numbers[rows], _same(name, kind, table.filter(pa.array(rows))))
    return OnMaster(
        probability,
        Words.first(at, _joined(name, " ", mine["customer"])),
        Words.first(at, _joined(name, " ", mine["customer"], ", probability ", chances, ": ", mine["words"])),
        Words.first(at[doubtful], _doubts(name, mine.filter(pa.array(doubtful)))),
        same,
        np.asarray(table["row"], dtype=np.int32),
        numbers,
    )  # fmt: skip


def uncertain(masters: Mapping[str, OnMaster], config: Config) -> Words:
    """The records whose best match would do for a rule, and is not certain, in words."""
    found = []
    for name, one in masters.items():
        asked = [c.at_least for rule in config.classify for c in matches_of(rule.when) if c.matches == name]
        least = min((at_least for at_least in asked if at_least is not None), default=2.0)
        near = one.probability[one.doubtful.numbers] >= least
        found.append(Words(one.doubtful.numbers[near], one.doubtful.text.filter(pa.array(near))))
    return together(found)


def likeliest(masters: Mapping[str, OnMaster], numbers: Numbers) -> tuple[npt.NDArray[np.float64], pa.Array]:
    """The highest probability that any master gives to each of some records, and the customer; NaN, null without."""
    score, customer = np.full(len(numbers), np.nan), pa.nulls(len(numbers), TEXT)
    for one in masters.values():
        probability = one.probability[numbers]
        higher = (probability > 0) & ~(probability <= score)
        score = np.where(higher, probability, score)
        customer = pc.if_else(pa.array(higher), one.customer.of(numbers), customer)
    return score, customer


def _joined(*parts: str | pa.ChunkedArray) -> pa.Array:
    texts = [part.combine_chunks() if isinstance(part, pa.ChunkedArray) else pa.scalar(part, TEXT) for part in parts]
    return pc.binary_join_element_wise(*texts, pa.scalar("", TEXT))


def _same(name: str, kind: str, table: pa.Table) -> pa.Array:
    differ = pc.if_else(table["names_differ"].combine_chunks(), "; but their names have nothing in common", "")
    return pc.binary_join_element_wise(
        _joined(f"same {kind} as {name} ", table["customer"]), differ.cast(TEXT), pa.scalar("", TEXT)
    )


def _doubts(name: str, table: pa.Table) -> pa.Array:
    several = _joined(name, " ", table["customer"], " and ", table["other"], " both fit: ", table["words"])
    rival = _joined(table["other"], " is another, and fits ", name, " ", table["customer"], ", too: ", table["words"])
    return pc.if_else(pc.equal(table["doubt"].combine_chunks(), Doubt.SEVERAL.value), several, rival)
