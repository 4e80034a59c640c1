"""What is known of the records before anything is decided: families, faults, what moved before, joins, matches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa

from etl.classify.bonds import Bonds, merged_records
from etl.classify.families import Families, Mask, without_cut_circles
from etl.classify.join import Joined, records_named_by
from etl.classify.joins import Joins, RowLinks, join_all, parents_of_rejects
from etl.classify.matches import MasterMatches, matches_by_master
from etl.classify.moved_before import MovedBefore
from etl.classify.opted_out import OwnAnswers, asked_for_consent, further_rows
from etl.classify.record_texts import RecordTexts, merged_texts
from etl.classify.records import NONE, Numbers, Records, fault_of_circle, faults_of_keys, number_records
from etl.classify.ties import NumberedTies, Ties
from etl.config import Config
from etl.model import Dataset, Fault


@dataclass(frozen=True)
class RecordFaults:
    """What is wrong with the records themselves.

    faults: record number (NONE without a key) and fault. faulty: the records that have one. in_family: those, and the
    records that rejected rows name as their parent: their families cannot be moved whole.
    """

    faults: tuple[tuple[int, Fault], ...]
    faulty: Mask
    in_family: Mask


@dataclass(frozen=True)
class Unreadable:
    """The records named by rows that cannot be read.

    evidence: the records with a row of evidence that cannot be read, in words. history: those with a damaged row of a
    related table, which would be left behind if they moved.
    """

    evidence: RecordTexts
    history: Mask


@dataclass(frozen=True)
class Facts:
    """What is known of the records, by record number. entries: the dataset of each; masters: the matches with each;
    bonds: which are decided with records of other families; ties: what forgotten records leave behind; consent: what
    rows say of opting out."""

    records: Records
    families: Families
    entries: Mapping[str, Dataset]
    faults: RecordFaults
    moved: MovedBefore
    joins: Joins
    bonds: Bonds
    masters: Mapping[str, MasterMatches]
    unreadable: Unreadable
    ties: NumberedTies
    consent: Sequence[OwnAnswers]

    @property
    def hashed_pairs(self) -> dict[str, RowLinks]:
        """Dataset -> its rows, and the records they name or were matched with: what hashes cover beside records. Of
        evidence, masters, and persons at further companies."""
        pairs = {**self.joins.pairs, **self.joins.further}
        return {**pairs, **{name: (master.rows, master.numbers) for name, master in self.masters.items()}}


def gather_facts(
    connection: duckdb.DuckDBPyConnection,
    datasets: Sequence[Dataset],
    config: Config,
    moved: pa.Table | None,
    matches: pa.Table,
    ties: Ties,
) -> Facts:
    """Number the records, find their families and faults, and join all that the config names.

    The joins stay in the connection's tables. moved: columns source_key, lead_id and perhaps edited; matches: as in
    MATCH_SCHEMA.
    """
    records = number_records(connection, datasets, config.source.records)
    records, families = without_cut_circles(records, config.source.records)
    joins = join_all(connection, datasets, config, records, families.root)
    entries = {dataset.name: dataset for dataset in datasets if dataset.name in config.source.records}
    lost_history = _with_damaged_history(connection, joins.owners, config)
    return Facts(
        records=records,
        families=families,
        entries=entries,
        faults=_record_faults(connection, records, families, joins.parents, datasets, config),
        moved=MovedBefore.of(records, moved),
        joins=joins,
        bonds=Bonds.of(joins.elsewhere, merged_records(records, entries), families.root),
        masters=matches_by_master(matches, records, families.root, config),
        unreadable=Unreadable(
            merged_texts([evidence.unreadable for evidence in joins.evidence.values()]),
            mask(len(records), lost_history),
        ),
        ties=NumberedTies.of(ties, records),
        consent=asked_for_consent(records, entries, further_rows(joins.owners, config), config),
    )


def mask(count: int, numbers: Sequence[int] | Numbers) -> Mask:
    """Some of `count` records as a mask over all of them."""
    chosen = np.zeros(count, dtype=np.bool_)
    chosen[np.asarray(numbers, dtype=np.int64)] = True
    return chosen


def _record_faults(
    connection: duckdb.DuckDBPyConnection,
    records: Records,
    families: Families,
    parents: Mapping[str, Joined],
    datasets: Sequence[Dataset],
    config: Config,
) -> RecordFaults:
    faults = _all_faults(records, families, datasets, config)
    faulty = mask(len(records), [number for number, _ in faults if number != NONE])
    named = parents_of_rejects(connection, parents, records, faulty)
    return RecordFaults(tuple(faults), faulty, faulty | mask(len(records), named))


def _all_faults(
    records: Records, families: Families, datasets: Sequence[Dataset], config: Config
) -> list[tuple[int, Fault]]:
    """The faults found while reading, and those found once all keys are known; by record number, then by code."""
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


def _with_damaged_history(
    connection: duckdb.DuckDBPyConnection, owners: Mapping[str, Joined], config: Config
) -> Numbers:
    """The records that a damaged row of a related table names."""
    named = [records_named_by(connection, owners[name], owners[name].damaged) for name in config.source.related]
    return np.concatenate(named) if named else np.zeros(0, dtype=np.int32)
