"""The records that an earlier plan moved, and people's answers about those that were edited in the source since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.classify.families import Mask
from etl.classify.override_verdicts import OverrideOutcome
from etl.classify.overrides import Override
from etl.classify.record_texts import TEXT
from etl.classify.records import Records
from etl.model import Decision


@dataclass(frozen=True)
class MovedBefore:
    """What the ledger says of the records, by record number.

    lead_ids: of those that moved before, null for the others. edits: of those of them that were edited since, a hash of
    what they are now; null for the others.
    """

    lead_ids: pa.LargeStringArray
    edits: pa.LargeStringArray

    @staticmethod
    def of(records: Records, moved: pa.Table | None) -> MovedBefore:
        """Bring the ledger's rows to record numbers. moved: columns source_key, lead_id and perhaps edited."""
        return MovedBefore(_by_record(records, moved, "lead_id"), _by_record(records, moved, "edited"))

    @property
    def moved(self) -> Mask:
        """The records that moved before."""
        return np.asarray(self.lead_ids.is_valid())

    @property
    def edited(self) -> Mask:
        """Those of them that were edited since."""
        return np.asarray(self.edits.is_valid())


def _by_record(records: Records, moved: pa.Table | None, column: str) -> pa.LargeStringArray:
    if moved is None or not len(moved) or column not in moved.column_names:
        return pa.nulls(len(records), TEXT)
    places = pc.index_in(records.source_key, value_set=moved["source_key"].combine_chunks().cast(TEXT))
    return moved[column].combine_chunks().cast(TEXT).take(places)


@dataclass(frozen=True)
class EditAnswers:
    """The result of people's answers about edited records.

    moved: the ledger's rows, `edited` null where a person has answered that edit. others: the decisions on other
    records. used, stale, unknown: source keys of answers that count, of those on an older state of the record, and of
    records that never moved.
    """

    moved: pa.Table | None
    others: tuple[Override, ...]
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


def answer_edits(moved: pa.Table | None, overrides: Sequence[Override]) -> EditAnswers:
    """Accept an edited record as moved where a person has said so.

    moved: columns source_key, lead_id and perhaps edited, by which an answer's hash says which state the person has
    seen; an answer without a hash is about any state.
    """
    answers = {override.source_key: override for override in overrides if override.decision is Decision.MOVED_BEFORE}
    others = tuple(override for override in overrides if override.decision is not Decision.MOVED_BEFORE)
    if not answers or moved is None or "edited" not in moved.column_names:
        return EditAnswers(moved, others, unknown=tuple(answers))
    keys, edited = moved["source_key"].to_pylist(), moved["edited"].to_pylist()
    used, stale, known = list[str](), list[str](), set[str]()
    for place, key in enumerate(keys):
        if key in answers:
            known.add(key)
            current = edited[place] is None or answers[key].hash in ("", edited[place])
            (used if current else stale).append(key)
            edited[place] = None if current else edited[place]
    column = moved.column_names.index("edited")
    moved = moved.set_column(column, "edited", pa.array(edited, TEXT))
    return EditAnswers(moved, others, tuple(used), tuple(stale), tuple(sorted(answers.keys() - known)))
