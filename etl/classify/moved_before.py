"""The records that an earlier plan moved, which of them wait for a person, and people's answers about these."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.classify.families import Mask
from etl.classify.override_verdicts import OverrideOutcome
from etl.classify.overrides import Override
from etl.classify.record_texts import TEXT
from etl.classify.records import NONE, Records
from etl.model import Decision

HASH = 16
"""Hex digits by which a person's answer says which state of a record it is about."""


@dataclass(frozen=True)
class MovedBefore:
    """What the ledger says of the records, by record number.

    lead_ids: of those that moved before, null for the others. states: of those of them that wait for a person, a hash
    of what they are now; null for the others. customers: record number -> why it is a customer now, in words.
    """

    lead_ids: pa.LargeStringArray
    states: pa.LargeStringArray
    customers: Mapping[int, str] = field(default_factory=dict)

    @staticmethod
    def of(records: Records, moved: pa.Table | None) -> MovedBefore:
        """Bring the ledger's rows to record numbers; those that were edited wait.

        moved: columns source_key, lead_id and perhaps edited.
        """
        return MovedBefore(_by_record(records, moved, "lead_id"), _by_record(records, moved, "edited"))

    @property
    def moved(self) -> Mask:
        """The records that moved before."""
        return np.asarray(self.lead_ids.is_valid())

    @property
    def waiting(self) -> Mask:
        """Those of them that a person has to look at."""
        return np.asarray(self.states.is_valid())

    def with_customers(self, customers: Mapping[int, str], evidence: Mapping[int, str]) -> MovedBefore:
        """Let those wait, too, that are customers now.

        customers: record number -> why, in words; evidence: record number -> a hash of what speaks for it.
        """
        states = self.states.to_pylist() if customers else []
        for number in customers:
            state = f"{states[number] or ''} {evidence[number]}"
            states[number] = hashlib.sha256(state.encode()).hexdigest()[:HASH]
        return replace(self, states=pa.array(states, TEXT), customers=customers) if customers else self


def _by_record(records: Records, moved: pa.Table | None, column: str) -> pa.LargeStringArray:
    if moved is None or not len(moved) or column not in moved.column_names:
        return pa.nulls(len(records), TEXT)
    places = pc.index_in(records.source_key, value_set=moved["source_key"].combine_chunks().cast(TEXT))
    return moved[column].combine_chunks().cast(TEXT).take(places)


@dataclass(frozen=True)
class MovedAnswers:
    """The result of people's answers about records that moved before.

    moved: without those that a person has answered. used, stale, unknown: source keys of answers that count, of those
    on an older state of the record, and of records that never moved.
    """

    moved: MovedBefore
    used: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    def added_to(self, outcome: OverrideOutcome) -> OverrideOutcome:
        """Count these answers with people's other decisions."""
        return replace(
            outcome,
            used=tuple(sorted((*outcome.used, *self.used))),
            changed_since=tuple(sorted((*outcome.changed_since, *self.stale))),
            unknown=tuple(sorted((*outcome.unknown, *self.unknown))),
        )


def parted(overrides: Sequence[Override]) -> tuple[dict[str, Override], tuple[Override, ...]]:
    """People's answers about records that moved before, by source key, and their decisions on others."""
    answers = {override.source_key: override for override in overrides if override.decision is Decision.MOVED_BEFORE}
    return answers, tuple(o for o in overrides if o.decision is not Decision.MOVED_BEFORE)


def answer_moved(
    before: MovedBefore, answers: Mapping[str, Override], records: Records, moved: pa.Table | None
) -> MovedAnswers:
    """Accept a record that waits as moved where a person has said so.

    An answer's hash says which state of the record the person has seen; an answer without a hash is about any state.
    moved: the ledger's rows, also of records that the source does not have any more.
    """
    asked = pa.array(list(answers), TEXT)
    ledger = pa.array([], TEXT) if moved is None else moved["source_key"].combine_chunks().cast(TEXT)
    known = pc.is_in(asked, value_set=ledger).to_pylist()
    used, stale, unknown = list[str](), list[str](), list[str]()
    settled = np.zeros(len(records), dtype=np.bool_)
    for key, number, moved_before in zip(answers, records.numbers(asked).tolist(), known, strict=True):
        state = None if number == NONE else before.states[number].as_py()
        current = state is None or answers[key].hash in ("", state)
        (unknown if not moved_before else used if current else stale).append(key)
        if number != NONE:
            settled[number] = current
    states = pc.if_else(pa.array(settled), pa.scalar(None, TEXT), before.states) if used else before.states
    return MovedAnswers(replace(before, states=states), tuple(used), tuple(stale), tuple(unknown))
