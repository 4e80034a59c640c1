"""Which records are decided with others beside their family's: people at several companies, and merged records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from etl.classify.joins import RowLinks
from etl.classify.record_texts import TEXT
from etl.classify.records import NONE, Numbers, Records
from etl.config.links import MERGED
from etl.model import Dataset
from etl.plan.tables import column_of

CONTACT, COMPANY, SAME = range(3)
"""Why a record is decided with another one: it belongs to that one as well; that one belongs to it as well, and counts
by its own evidence alone; `aliases` says that they are one."""


@dataclass(frozen=True)
class Bonds:
    """Pairs of records of different families: what the other one is, the record's family is at least.

    kind: CONTACT, COMPANY or SAME.
    """

    record: Numbers
    other: Numbers
    kind: npt.NDArray[np.int8]

    @staticmethod
    def of(elsewhere: RowLinks, merged: RowLinks, root: Numbers) -> Bonds:
        """The bonds of persons with the companies that they belong to as well, and of records with what they are part
        of now. root: of each record's family."""
        (persons, companies), (old, new) = elsewhere, merged
        record = np.concatenate([persons, companies, old, new])
        other = np.concatenate([companies, persons, new, old])
        kind = np.repeat([CONTACT, COMPANY, SAME, SAME], [len(persons), len(persons), len(old), len(old)])
        apart = np.flatnonzero(root[record] != root[other])
        apart = apart[np.lexsort((kind[apart], other[apart], record[apart]))]
        return Bonds(record[apart], other[apart], kind[apart].astype(np.int8))


def merged_records(records: Records, entries: Mapping[str, Dataset]) -> RowLinks:
    """The records that were merged into others and are still there, and those others, where these exist."""
    old, new = [np.zeros(0, dtype=np.int32)], [np.zeros(0, dtype=np.int32)]
    for name, dataset in entries.items():
        if MERGED not in dataset.columns:
            continue
        keys = column_of(dataset.path, MERGED)
        own = records.rows[name]
        rows = np.flatnonzero(np.asarray(keys.is_valid()) & (own != NONE))
        named = pc.binary_join_element_wise(pa.scalar(name, TEXT), keys.take(pa.array(rows)), pa.scalar(":", TEXT))
        into = records.numbers(named)
        old.append(own[rows][into != NONE])
        new.append(into[into != NONE].astype(np.int32))
    return np.concatenate(old), np.concatenate(new)
