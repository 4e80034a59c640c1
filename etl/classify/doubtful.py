"""Records in doubt beside the rules: read, or perhaps contacted, only by a value that nearly meets the config."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.classify.facts import Facts
from etl.classify.families import Mask
from etl.classify.opted_out import further_rows, unsure_whether_opted_out
from etl.classify.record_texts import TEXT, RecordTexts, merged_texts
from etl.classify.records import Numbers
from etl.config import Config
from etl.config.shapes import DOUBT
from etl.model import Dataset
from etl.plan.tables import batches
from etl.texts import stored


def doubtful_records(facts: Facts, config: Config) -> RecordTexts:
    """Which records a value that nearly meets `where`, or the test for who opted out, leaves in doubt, in words."""
    parts = [
        _texts(facts.records.rows[name][_doubted(dataset)], stored("it nearly meets `where`, but not quite"))
        for name, dataset in facts.entries.items()
        if DOUBT in dataset.columns
    ]
    further = further_rows(facts.joins.owners, config)
    unsure = unsure_whether_opted_out(facts.records, facts.entries, further, config)
    return merged_texts([*parts, _texts(unsure, stored("it is not clear whether it may be contacted"))])


def _doubted(dataset: Dataset) -> Mask:
    doubts = [np.asarray(pc.is_valid(batch.column(0))) for batch in batches(dataset.path, [DOUBT])]
    mask: Mask = np.concatenate([np.zeros(0, dtype=np.bool_), *doubts])
    return mask


def _texts(numbers: Numbers, words: str) -> RecordTexts:
    keyed = np.unique(numbers[numbers >= 0]).astype(np.int32)
    return RecordTexts(keyed, pa.array([words] * len(keyed), TEXT))
