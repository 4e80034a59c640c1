"""Rehearse `retire` on some records before a plan is made: what it would refuse, and which stamps it moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl.config import Config, place
from etl.config.retire import filled
from etl.connect import open_archive, system_of
from etl.connect.archive import Archive, RetireRefused, Retiring
from etl.errors import ConfigError
from etl.model import Dataset, source_key
from etl.plan.digest import digest_of

SAMPLES = 5


@dataclass(frozen=True)
class Rehearsed:
    """What a rehearsal has shown.

    stamps: entry -> stamps that the source moves itself when `retire` sets other columns. moving: the same, and of an
    entry of which no record was left to try, the columns that earlier runs have moved.
    """

    stamps: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    moving: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def rehearse_retire(config: Config, datasets: Sequence[Dataset], lead_id: str | None) -> Rehearsed:
    """Archive a few records of each entry in transactions that are rolled back.

    datasets: as they were extracted, of which an entry's key column is read. lead_id: an id such as a lead may get;
    None where that is the lead key. Raises ConfigError for what `retire` would be refused, with the line of the entry,
    and SourceError.
    """
    if not config.retire or not system_of(config.source.url).ARCHIVES_BY_COLUMNS:
        return Rehearsed()
    keys = {dataset.name: _sample(config, dataset) for dataset in datasets if dataset.kind == "entry"}
    archive = open_archive(config, _no_lock)
    try:
        tried = {entry: _rehearse(config, archive, entry, keys.get(entry, ()), lead_id) for entry in config.retire}
        before = archive.moved_columns(config.system)
    finally:
        archive.close()
    moving = {entry: before.get(entry, ()) if columns is None else columns for entry, columns in tried.items()}
    return Rehearsed({entry: columns for entry, columns in tried.items() if columns}, moving)


def _rehearse(
    config: Config, archive: Archive, entry: str, keys: Sequence[str], lead_id: str | None
) -> tuple[str, ...] | None:
    """The stamps of an entry; None where all of its records that were looked at are archived already."""
    names = [source_key(entry, key) for key in keys]
    archived = archive.known(config.system, names)
    records = [
        _retiring(config, entry, key, name, lead_id)
        for key, name in zip(keys, names, strict=True)
        if name not in archived
    ]
    if keys and not records:
        return None
    try:
        return archive.rehearse(entry, records[:SAMPLES])
    except RetireRefused as refusal:
        raise ConfigError(
            f"The records of {entry!r} could not be archived: {refusal.reason}.",
            where=place(config.path, ("retire", entry)),
            next=f"correct retire.{entry}, or the rights of the source's user; nothing was written, as this was tried "
            "in a transaction that was rolled back",
        ) from None


def _retiring(config: Config, entry: str, key: str, name: str, lead_id: str | None) -> Retiring:
    digest, own = digest_of([]), lead_id or name  # a digest as long as that of the plan
    values = {column: filled(value, own, name, digest) for column, value in config.retire[entry].set_.items()}
    return Retiring(name, entry, key, name, own, values)


def _sample(config: Config, dataset: Dataset) -> list[str]:
    """A few keys of an entry: the longest of its first records, and others from its beginning and its end."""
    column = config.source.records[dataset.name].key
    with pq.ParquetFile(dataset.path) as file:
        groups = sorted({0, file.num_row_groups - 1} & set(range(file.num_row_groups)))
        parts = [pc.drop_null(file.read_row_group(group, [column])[column]) for group in groups]
    keys = pa.chunked_array([chunk for part in parts for chunk in part.chunks], pa.large_string())
    if not len(keys):
        return []
    longest = keys[pc.index(pc.utf8_length(keys), pc.max(pc.utf8_length(keys))).as_py()].as_py()
    return list(dict.fromkeys([longest, *keys[:SAMPLES].to_pylist(), *keys[-SAMPLES:].to_pylist()]))


def _no_lock() -> None:
    """Nothing is locked where nothing is written."""
