"""What is known of the records before anything is decided: keys, families, faults, what moved, and every join."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.classify.evidence import Evidence, Joined, named_by
from etl.classify.families import Families, Mask, find_families
from etl.classify.joins import all_evidence, evidence_pairs, join_all, join_parents, owners_of, parents_of, tied
from etl.classify.matches import OnMaster, on_masters
from etl.classify.records import NONE, Numbers, Records, fault_of_circle, faults_of_keys, number_records
from etl.classify.words import Words, together
from etl.config import Config
from etl.model import Dataset, Fault


@dataclass(frozen=True)
class Facts:
    """What is known of the records, by record number.

    faults: record number (NONE without a key) and fault; faulty: the records that have one. stuck: those, and the
    parents that rejected rows name. lead_ids: of those that moved before, null for the others; edits: of those of them
    that were edited since, a hash of what they are now. owners: related and
    evidence dataset -> how it is joined; parents: entry -> how it is joined to its parents; evidence: a condition's
    repr -> what was found; pairs: evidence dataset or master -> rows and the records they name, or were matched with.
    masters: what each says. unreadable: the records whose
    evidence cannot be read, in words. lost_history: the records that a damaged row of a related table names. group: the
    least root of the families that share history with the record's.
    """

    records: Records
    families: Families
    entries: Mapping[str, Dataset]
    faults: tuple[tuple[int, Fault], ...]
    faulty: Mask
    stuck: Mask
    lead_ids: pa.LargeStringArray
    edits: pa.LargeStringArray
    owners: dict[str, Joined]
    parents: dict[str, Joined]
    evidence: dict[str, Evidence]
    pairs: dict[str, tuple[Numbers, Numbers]]
    masters: dict[str, OnMaster]
    unreadable: Words
    lost_history: Mask
    group: Numbers

    @property
    def gone(self) -> Mask:
        """The records that moved before."""
        return np.asarray(self.lead_ids.is_valid())

    @property
    def edited(self) -> Mask:
        """Those of them that were edited since."""
        return np.asarray(self.edits.is_valid())


def gather(
    connection: duckdb.DuckDBPyConnection,
    datasets: Sequence[Dataset],
    config: Config,
    moved: pa.Table | None,
    matches: pa.Table,
) -> Facts:
    """Number the records, find their families and faults, and join all that the config names.

    The joins stay in the connection's tables. moved: columns source_key, lead_id and perhaps edited; matches: as in
    MATCH_SCHEMA.
    """
    by_name = {dataset.name: dataset for dataset in datasets}
    records = number_records(connection, datasets, config.source.records)
    families = find_families(records.parent, records.type)
    faults = _all_faults(records, families, datasets, config)
    joins, parents = join_all(connection, by_name, config, records), join_parents(connection, by_name, config, records)
    owners, count = owners_of(joins), len(records)
    evidence = all_evidence(connection, joins, config, records)
    masters = on_masters(matches, records, families.root, config)
    pairs = evidence_pairs(connection, joins, config)
    faulty = mask(count, [number for number, _ in faults if number != NONE])
    return Facts(
        records=records,
        families=families,
        entries={name: by_name[name] for name in config.source.records},
        faults=tuple(faults),
        faulty=faulty,
        stuck=faulty | mask(count, parents_of(connection, parents, records, faulty)),
        lead_ids=_of_moved(records, moved, "lead_id"),
        edits=_of_moved(records, moved, "edited"),
        owners=owners,
        parents=parents,
        evidence=evidence,
        pairs=pairs | {name: (one.rows, one.numbers) for name, one in masters.items()},
        masters=masters,
        unreadable=together([found.unreadable for found in evidence.values()]),
        group=tied(connection, joins, families.root),
        lost_history=mask(count, _with_lost_history(connection, owners, config)),
    )


def mask(count: int, numbers: Sequence[int] | Numbers) -> Mask:
    """Some of `count` records as a mask over all of them."""
    found = np.zeros(count, dtype=np.bool_)
    found[np.asarray(numbers, dtype=np.int64)] = True
    return found


def _all_faults(
    records: Records, families: Families, datasets: Sequence[Dataset], config: Config
) -> list[tuple[int, Fault]]:
    """The faults that extract saw, and those that show when all keys are known; by record number, then by code."""
    entries = config.source.records
    damaged = {(dataset.name, fault.row) for dataset in datasets for fault in dataset.faults}
    faults = [
        (number, fault)
        for number, fault in faults_of_keys(records, datasets, entries)
        if fault.code != "missing-key" or (fault.dataset, fault.row) not in damaged
    ]
    for dataset in datasets:
        if dataset.name in entries:
            numbers = records.rows[dataset.name]
            faults += [(NONE if f.row is None else int(numbers[f.row]), f) for f in dataset.faults]
    faults += [(int(number), fault_of_circle(records, int(number))) for number in np.flatnonzero(families.circle)]
    return sorted(faults, key=lambda pair: (pair[0], pair[1].code, pair[1].dataset, pair[1].row or 0))


def _of_moved(records: Records, moved: pa.Table | None, column: str) -> pa.LargeStringArray:
    """What is said of those that moved before, by record number; null for the others."""
    if moved is None or not len(moved) or column not in moved.column_names:
        return pa.nulls(len(records), pa.large_string())
    keys = moved["source_key"].combine_chunks().cast(pa.large_string())
    places = pc.index_in(records.source_key, value_set=keys)
    return moved[column].combine_chunks().cast(pa.large_string()).take(places)


def _with_lost_history(connection: duckdb.DuckDBPyConnection, owners: Mapping[str, Joined], config: Config) -> Numbers:
    """The records that a damaged row of a related table names: moved now, they would leave it behind."""
    found = [named_by(connection, owners[name], owners[name].damaged) for name in config.source.related]
    return np.concatenate(found) if found else np.zeros(0, dtype=np.int32)
