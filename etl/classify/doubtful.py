"""Records in doubt beside the rules: read, or perhaps contacted, only by a value that nearly meets the config."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from etl.classify.facts import Facts
from etl.classify.opted_out import unsure_whether_opted_out
from etl.classify.reasons import MERGED_AWAY, NEAR_MISS, UNCLEAR_CONSENT
from etl.classify.record_texts import TEXT, RecordTexts, merged_texts
from etl.classify.records import Numbers
from etl.config import Config
from etl.config.links import MERGED
from etl.config.shapes import DOUBT, UNCLEAR, UNDECIDED
from etl.model import Dataset
from etl.plan.tables import column_of
from etl.texts import stored

WORDS = {
    DOUBT: stored("it nearly meets `where`, but not quite"),
    UNDECIDED: stored("a date cannot be read that says to which record it belongs first"),
    UNCLEAR: stored("the table of merges does not clearly say whether it is part of another record"),
}
"""Column of an entry that says so -> why a record is in doubt."""


def doubtful_records(facts: Facts, config: Config) -> dict[str, RecordTexts]:
    """Which records are in doubt beside the rules' own answers, in words, by the reason."""
    near = [
        _texts(facts.records.rows[name][np.asarray(column_of(dataset.path, column).is_valid())], words)
        for column, words in WORDS.items()
        for name, dataset in facts.entries.items()
        if column in dataset.columns
    ]
    parents = stored("the number of a record above it, or below it, nearly meets another, but not quite")
    near.append(_texts(facts.joins.nearly_parents, parents))
    merged = [_merged_away(facts, name, each) for name, each in facts.entries.items() if MERGED in each.columns]
    unsure = unsure_whether_opted_out(facts.consent)
    asked = " / ".join(test.column for test in config.leads.consent)
    return {
        NEAR_MISS: merged_texts(near),
        MERGED_AWAY: merged_texts(merged),
        UNCLEAR_CONSENT: _texts(unsure, stored("{column} says neither yes nor no", column=asked)),
    }


def _merged_away(facts: Facts, entry: str, dataset: Dataset) -> RecordTexts:
    """The records that were merged into another one, and are still there: their history stands with that one."""
    values = column_of(dataset.path, MERGED)
    words = [
        stored("it was merged into {record}, which has its history, and is still there", record=f"{entry}:{key}")
        for key in values.drop_null().to_pylist()
    ]
    numbers = facts.records.rows[entry][np.asarray(values.is_valid())]
    keyed = pa.array(numbers >= 0)
    return RecordTexts.first(numbers[numbers >= 0], pa.array(words, TEXT).filter(keyed))


def _texts(numbers: Numbers, words: str) -> RecordTexts:
    keyed = np.unique(numbers[numbers >= 0]).astype(np.int32)
    return RecordTexts(keyed, pa.array([words] * len(keyed), TEXT))
