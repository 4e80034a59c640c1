"""The matches of records with the customer masters: which customer each record is, and where that is uncertain."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from etl.classify.families import Mask
from etl.classify.linkage import Doubt
from etl.classify.record_texts import TEXT, RecordTexts, merged_texts
from etl.classify.records import NONE, Numbers, Records
from etl.config import Config, Matches, matches_of
from etl.errors import shown_chance
from etl.texts import stored


@dataclass(frozen=True)
class MasterMatches:
    """The matches with one master, by record number.

    probability: of the best match, 0 without one. customer: that one, with the master's name. explanation: of the best
    match, in words; doubt: why it is not certain, in words. same_number: kind of number -> the customers that share it,
    in words; weak_number: where the number proves nothing. rows, numbers: the master's rows that were matched, and with
    which record.
    """

    probability: npt.NDArray[np.float64]
    customer: RecordTexts
    explanation: RecordTexts
    doubt: RecordTexts
    same_number: Mapping[str, RecordTexts]
    weak_number: Mapping[str, RecordTexts]
    rows: Numbers
    numbers: Numbers

    def holds(self, condition: Matches) -> Mask:
        """For which records a condition on this master holds."""
        holding = np.zeros(len(self.probability), dtype=np.bool_)
        if condition.at_least is not None:
            holding |= self.probability >= condition.at_least
            holding[self.doubt.numbers] = False
        for kind in condition.same or ():
            holding[self.same_number[kind].numbers] = True
        return holding

    def evidence(self, condition: Matches) -> RecordTexts:
        """What made a condition hold, in words."""
        if condition.at_least is not None:
            return self.explanation
        return merged_texts([self.same_number[kind] for kind in condition.same or ()])


def matches_by_master(table: pa.Table, records: Records, roots: Numbers, config: Config) -> dict[str, MasterMatches]:
    """Bring matches to records. table: as in MATCH_SCHEMA; roots: of each record's family.

    Two members of one family may match one customer without a doubt: they have one decision.
    """
    return {name: _matches_of(table.filter(pc.equal(table["master"], name)), name, records, roots, config)
            for name in config.masters}  # fmt: skip


def _matches_of(table: pa.Table, name: str, records: Records, roots: Numbers, config: Config) -> MasterMatches:
    numbers = records.numbers(table["source_key"])
    table, numbers = table.filter(pa.array(numbers != NONE)), numbers[numbers != NONE]
    by_probability = np.asarray(pc.equal(table["how"], "probability"))
    best, best_numbers = table.filter(pa.array(by_probability)), numbers[by_probability]
    probability = np.zeros(len(records))
    probability[best_numbers] = np.asarray(best["probability"])
    rivals = records.numbers(best["other"])
    in_family = (rivals != NONE) & (roots[rivals] == roots[best_numbers])
    doubtful = np.asarray(pc.is_valid(best["doubt"])) & ~in_family
    return MasterMatches(
        probability=probability,
        customer=RecordTexts.first(best_numbers, _customers(name, best).combine_chunks()),
        explanation=RecordTexts.first(best_numbers, _explanations(name, best)),
        doubt=RecordTexts.first(best_numbers[doubtful], _doubts(name, best.filter(pa.array(doubtful)))),
        same_number=_same_numbers(table, numbers, name, config, weak=False),
        weak_number=_same_numbers(table, numbers, name, config, weak=True),
        rows=np.asarray(table["row"], dtype=np.int32),
        numbers=numbers,
    )


def _conditions_on(name: str, config: Config) -> list[Matches]:
    """The conditions of all rules on one master."""
    return [condition for rule in config.classify for condition in matches_of(rule.when) if condition.matches == name]


def _same_numbers(
    table: pa.Table, numbers: Numbers, name: str, config: Config, *, weak: bool
) -> dict[str, RecordTexts]:
    """Kind of number that a rule asks for -> the records that share one with a customer, in words.

    weak: those whose number proves nothing, or the others.
    """
    texts: dict[str, RecordTexts] = {}
    for kind in dict.fromkeys(kind for condition in _conditions_on(name, config) for kind in condition.same or ()):
        rows = np.asarray(pc.equal(table["how"], kind)) & (np.asarray(pc.is_valid(table["doubt"])) == weak)
        texts[kind] = RecordTexts.first(numbers[rows], _same_number(name, kind, table.filter(pa.array(rows))))
    return texts


def uncertain_matches(masters: Mapping[str, MasterMatches], config: Config) -> RecordTexts:
    """The records whose best match is probable enough for a rule, but not certain, in words; also those that share a
    number which proves nothing."""
    texts = []
    for name, master in masters.items():
        thresholds = [condition.at_least for condition in _conditions_on(name, config)]
        least = min((at_least for at_least in thresholds if at_least is not None), default=2.0)
        probable = master.probability[master.doubt.numbers] >= least
        texts.append(RecordTexts(master.doubt.numbers[probable], master.doubt.text.filter(pa.array(probable))))
        texts += master.weak_number.values()
    return merged_texts(texts)


def best_matches(
    masters: Mapping[str, MasterMatches], numbers: Numbers
) -> tuple[npt.NDArray[np.float64], pa.LargeStringArray]:
    """The highest probability that any master gives to each of some records, and the customer; NaN, null without."""
    score, customer = np.full(len(numbers), np.nan), pa.nulls(len(numbers), TEXT)
    for master in masters.values():
        probability = master.probability[numbers]
        higher = (probability > 0) & ~(probability <= score)
        score = np.where(higher, probability, score)
        customer = pc.if_else(pa.array(higher), master.customer.of(numbers), customer)
    return score, customer


def _filled(sentence: str, **columns: pa.ChunkedArray) -> pa.Array:
    """A sentence for each row, a column's values in each of its places."""
    parts = []
    for text, name, _, _ in string.Formatter().parse(sentence):
        parts += [pa.scalar(text, TEXT), *([] if name is None else [columns[name].combine_chunks().cast(TEXT)])]
    return pc.binary_join_element_wise(*parts, pa.scalar("", TEXT))


def _explanations(name: str, table: pa.Table) -> pa.Array:
    chances = pa.chunked_array([pa.array([shown_chance(p) for p in table["probability"].to_pylist()], TEXT)])
    return _filled(
        stored("{customer}, probability {n}: {told}"), customer=_customers(name, table), n=chances, told=table["words"]
    )


def _same_number(name: str, kind: str, table: pa.Table) -> pa.Array:
    kinds = pa.chunked_array([pa.array([kind] * len(table), TEXT)])
    alike, unlike = (
        _filled(sentence, kind=kinds, customer=_customers(name, table))
        for sentence in (
            stored("same {kind} as {customer}"),
            stored("same {kind} as {customer}, but the names have nothing in common"),
        )
    )
    weak = _filled(
        stored("same {kind} as {customer}, but the number proves nothing: {told}"),
        kind=kinds,
        customer=_customers(name, table),
        told=table["other"],
    )
    sure = pc.if_else(table["names_differ"].combine_chunks(), unlike, alike)
    return pc.coalesce(weak, sure)


def _doubts(name: str, table: pa.Table) -> pa.Array:
    columns = {"customer": _customers(name, table), "other": table["other"], "told": table["words"]}
    several = _filled(stored("both {customer} and {other} match: {told}"), **columns)
    rival = _filled(stored("{other} also matches {customer}: {told}"), **columns)
    return pc.if_else(pc.equal(table["doubt"].combine_chunks(), Doubt.SEVERAL.value), several, rival)


def _customers(name: str, table: pa.Table) -> pa.ChunkedArray:
    """The customers of a master, with its name before each."""
    return pa.chunked_array(
        [
            pc.binary_join_element_wise(
                pa.scalar(name, TEXT), table["customer"].combine_chunks().cast(TEXT), pa.scalar(" ", TEXT)
            )
        ]
    )
