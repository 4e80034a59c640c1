"""Find the records that were edited in the source after they were moved: the checksum of their rows has changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from etl.classify.moved_before import HASH
from etl.config import Config
from etl.config.tables import links_of
from etl.model import Dataset
from etl.plan.sums import Sums, own_columns
from etl.plan.tables import batches


def with_edits(
    moved: pa.Table, datasets: Sequence[Dataset], config: Config, stamps: Mapping[str, Sequence[str]]
) -> pa.Table:
    """Add the new checksum of each record that was edited after it was moved.

    moved: columns source_key, lead_id and contents, what the ledger says that the record added up to when it moved,
    null where it does not know. stamps: entry -> columns that move by themselves when a record is archived; a record in
    which they alone have moved is not edited, whether or not the plan that moved it knew of them. Returns source_key,
    lead_id and edited: null, or HASH hex digits of what an edited record adds up to now. A record that is not in the
    source any more is not edited.
    """
    known = moved.filter(pc.is_valid(moved["contents"]))
    edited = pa.nulls(len(moved), pa.large_string())
    if len(known):
        keys, before = pd.Index(known["source_key"].to_pandas()), moved["contents"].combine_chunks()
        places = pc.index_in(moved["source_key"], value_set=known["source_key"].combine_chunks()).combine_chunks()
        current = pa.array(contents_of(keys, datasets, own_columns(config), config), pa.large_string()).take(places)
        differs = pc.not_equal(current, before)
        if any(stamps.values()):
            own = own_columns(config, stamps)
            without = pa.array(contents_of(keys, datasets, own, config), pa.large_string()).take(places)
            differs, current = pc.and_(differs, pc.not_equal(without, before)), without
        edited = pc.if_else(differs, pc.utf8_slice_codeunits(current, 0, HASH), pa.scalar(None, pa.large_string()))
    return moved.drop_columns("contents").append_column("edited", edited)


def contents_of(
    keys: pd.Index[str], datasets: Sequence[Dataset], own: Mapping[str, Sequence[str]], config: Config
) -> list[str | None]:
    """The checksum of each record's rows and history as they are now; None for a record that does not exist.

    own: entry -> columns that do not count.
    """
    links = links_of(config)
    sums, present = Sums(keys), np.zeros(len(keys), dtype=np.bool_)
    for dataset in datasets:
        if dataset.kind == "evidence":
            continue
        entry = Sums(keys)
        for batch in batches(dataset.path, dataset.columns, verbatim=True):
            table = pa.Table.from_batches([batch])
            sums.add(table, dataset.name, links[dataset.name], own.get(dataset.name, ()))
            if dataset.kind == "entry":
                entry.count(table, links[dataset.name][:1])
        present |= entry.rows > 0
    return [total if exists else None for total, exists in zip(sums.hex(), present.tolist(), strict=True)]
