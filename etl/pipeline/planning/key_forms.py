"""Refuse a plan that would move records once more, because their keys are others than when they moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from etl.config import Config, place
from etl.config.links import Step
from etl.connect import TEXT
from etl.errors import ConfigError, excerpt, plural
from etl.model import Dataset
from etl.pipeline.planning.edited import contents_of
from etl.plan.sums import FEW, own_columns, source_keys
from etl.plan.tables import column_of
from etl.rows.keys import normalized

LOOSE: tuple[Step, ...] = ("unicode", "trim", "salesforce_18", "number", "leading_zeros", "upper")
"""Steps after which all forms of a key are one: any that `normalize` makes, and the key as it stood before."""


def refuse_another_form(moved: pa.Table, datasets: Sequence[Dataset], config: Config) -> None:
    """Refuse to move again, under keys in another form, what the ledger has already.

    moved: the ledger's source keys. A record is meant that the ledger does not know, where one that it knows is not in
    the source any more and had the same key in another form: as when `normalize` was added after the cutover, or taken
    away. Raises ConfigError with the line of the key.
    """
    known = moved["source_key"].combine_chunks().cast(TEXT)
    for dataset in datasets if len(known) else ():
        if dataset.kind == "entry":
            again = _in_another_form(dataset, known, config)
            if again:
                _refuse(dataset.name, again, config)


def refuse_another_key(
    moved: pa.Table, datasets: Sequence[Dataset], config: Config, stamps: Mapping[str, Sequence[str]]
) -> None:
    """Refuse to move again what the ledger has under another key, where no comparison with leads would notice.

    An entry is looked at of which the source has no key any more that the ledger knows: as when another column became
    its key. A record is meant that now holds all that one of the ledger held when it moved; of very many, some are
    looked at. moved, stamps: as of `with_edits`. Raises ConfigError with the line of the key.
    """
    if config.leads.duplicates:
        return
    for dataset in datasets:
        ledger = _of_entry(moved, dataset.name)
        if dataset.kind != "entry" or not len(ledger):
            continue
        keys = source_keys(dataset.name, column_of(dataset.path, config.source.records[dataset.name].key).drop_null())
        if pc.any(pc.is_in(keys, value_set=ledger["source_key"].combine_chunks())).as_py():
            continue
        again = _held_again(keys[:: max(1, len(keys) // FEW)], ledger, datasets, config, stamps)
        if again:
            _refuse_key(dataset.name, len(ledger), again, config)


def _of_entry(moved: pa.Table, entry: str) -> pa.Table:
    """The ledger's records of an entry of which it knows what they held."""
    own = pc.starts_with(moved["source_key"], f"{entry}:")
    return moved.filter(pc.and_(own, pc.is_valid(moved["contents"])))


def _held_again(
    keys: pa.ChunkedArray,
    ledger: pa.Table,
    datasets: Sequence[Dataset],
    config: Config,
    stamps: Mapping[str, Sequence[str]],
) -> str | None:
    """The first of some records that holds what one of the ledger held; None where there is none."""
    index = pd.Index(pc.unique(keys).to_pandas())
    for own in [own_columns(config), *([own_columns(config, stamps)] if any(stamps.values()) else [])]:
        now = pa.array(contents_of(index, datasets, own, config), TEXT)
        equal = np.flatnonzero(
            np.asarray(pc.is_in(now, value_set=ledger["contents"].combine_chunks(), skip_nulls=True))
        )
        if len(equal):
            return str(index[equal[0]])
    return None


def _refuse_key(entry: str, moved: int, again: str, config: Config) -> None:
    raise ConfigError(
        f"The target's ledger has {plural(moved, 'legacy record')} of the entry {entry!r}, and the source has none of "
        f"their keys any more; but {excerpt(again)!r} holds all that one of them held. They would be moved again.",
        where=place(config.path, ("source", "records", entry, "key")),
        next=f"give {entry} the key of the plan that moved them, or undo that plan first; leads.duplicates compares "
        "records with the leads that are there, so that a person can decide",
    )


def _in_another_form(dataset: Dataset, known: pa.Array, config: Config) -> Mapping[str, str]:
    """The keys of an entry's records that the ledger does not know -> those that it has instead."""
    keys = column_of(dataset.path, config.source.records[dataset.name].key)
    of_ledger = pc.is_in(source_keys(dataset.name, keys).cast(TEXT), value_set=known)
    fresh = keys.filter(pc.and_not(keys.is_valid(), of_ledger))
    own = known.filter(pc.starts_with(known, f"{dataset.name}:"))
    own = pc.utf8_slice_codeunits(own, len(dataset.name) + 1)
    gone = own.filter(pc.invert(pc.is_in(own, value_set=keys)))
    places = pc.index_in(normalized(fresh, LOOSE), value_set=normalized(gone, LOOSE), skip_nulls=True)
    met = places.is_valid()
    return dict(zip(fresh.filter(met).to_pylist(), gone.take(places.drop_null()).to_pylist(), strict=True))


def _refuse(entry: str, again: Mapping[str, str], config: Config) -> None:
    now = min(again)
    raise ConfigError(
        f"The target's ledger has {plural(len(again), 'legacy record')} of the entry {entry!r} under another form of "
        f"their keys: {excerpt(again[now])!r}, which is {excerpt(now)!r} now. They would be moved again.",
        where=place(config.path, ("source", "records", entry, "key")),
        next=f"give the key of {entry} the columns and the normalize of the plan that moved them; to change "
        "them, undo that plan first; records that are really others need an entry of another name",
    )
