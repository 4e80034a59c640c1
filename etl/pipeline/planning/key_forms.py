"""Refuse a plan that would move records once more, because their keys are in another form than when they moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from etl.config import Config, place
from etl.config.links import Step
from etl.connect import TEXT
from etl.errors import ConfigError, excerpt, plural
from etl.model import Dataset
from etl.plan.sums import source_keys
from etl.plan.tables import column_of
from etl.rows.keys import normalized

LOOSE: tuple[Step, ...] = ("trim", "salesforce_18", "number", "leading_zeros", "upper")
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
