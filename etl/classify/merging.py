"""Combine records that are one company or person into one lead, and choose whose values that lead takes first."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from etl.classify.bonds import Bonds
from etl.classify.families import Mask
from etl.classify.records import NONE, Numbers, Records
from etl.config import DateColumn, Source
from etl.config.shapes import is_remark
from etl.dates import NO_MOMENT, read_moments
from etl.matching.clusters import connected
from etl.model import Dataset
from etl.plan.tables import batches


def lead_clusters(cluster: Numbers, unit: Numbers, moving: Mask) -> Numbers:
    """By record that has a lead of its own the least one of those that are one lead with it; others are themselves.

    cluster: of those that are the same. A person without a company goes with the company of the contact that is the
    same person, if that is one company; two companies are never one for a contact that they share.
    """
    own = np.arange(len(cluster), dtype=np.int32)
    leads = np.flatnonzero(moving & (unit == own)).astype(np.int32)
    contacts = np.flatnonzero(moving & (unit != own)).astype(np.int32)
    first = np.full(len(cluster), len(cluster), dtype=np.int32)
    np.minimum.at(first, cluster[leads], leads)
    merged = connected(len(cluster), first[cluster[leads]], leads)
    least, most = np.full(len(cluster), len(cluster), dtype=np.int32), np.full(len(cluster), NONE, dtype=np.int32)
    np.minimum.at(least, cluster[contacts], merged[unit[contacts]])
    np.maximum.at(most, cluster[contacts], merged[unit[contacts]])
    joined = np.flatnonzero((least == most) & (first < len(cluster)))
    return connected(len(cluster), np.r_[merged[leads], first[joined]], np.r_[leads, least[joined]])


def survivors_of(cluster: Numbers, records: Records, entries: Mapping[str, Dataset], config: Source) -> Numbers:
    """By record the survivor of its lead, whose values come first.

    A company goes before a person, then the one with the most filled columns, the one changed last, the first by source
    key.

    cluster: as `lead_clusters` gives it; entries: of the snapshot, by name.
    """
    several = np.flatnonzero(np.bincount(cluster, minlength=len(cluster))[cluster] > 1)
    survivor = np.arange(len(cluster), dtype=np.int32)
    if not len(several):
        return survivor
    wanted = np.zeros(len(cluster), dtype=np.bool_)
    wanted[several] = True
    filled, moment = np.zeros(len(cluster), dtype=np.int64), np.full(len(cluster), NO_MOMENT + 1, dtype=np.int64)
    for name, dataset in entries.items():
        _measure(dataset, config.records[name].changed, config.time_zone, records.rows[name], wanted, filled, moment)
    order = several[np.lexsort((several, -moment[several], -filled[several], records.type[several], cluster[several]))]
    firsts = np.flatnonzero(np.r_[True, np.diff(cluster[order]) != 0])
    survivor[order] = np.repeat(order[firsts], np.diff(np.r_[firsts, len(order)]))
    return survivor


def _measure(
    dataset: Dataset,
    changed: DateColumn | None,
    zone: str | None,
    numbers: Numbers,
    wanted: Mask,
    filled: npt.NDArray[np.int64],
    moment: npt.NDArray[np.int64],
) -> None:
    """Count the filled columns of wanted records, and read the moment of the last change, where a column names it."""
    first = 0
    for batch in batches(dataset.path, [column for column in dataset.columns if not is_remark(column)]):
        here = numbers[first : first + len(batch)]
        rows = np.flatnonzero((here >= 0) & wanted[here])
        first += len(batch)
        some = batch.take(pa.array(rows))
        for column in some.columns:
            filled[here[rows]] += np.asarray(column.is_valid())
        if changed is not None:
            read = read_moments(some[changed.column], changed.form.within(zone))
            moment[here[rows]] = np.maximum(read, NO_MOMENT + 1)  # what has no moment comes last


def chunk_groups(group: Numbers, roots: Numbers, survivor: Numbers, bonds: Bonds, moving: Mask) -> Numbers:
    """The least root of the families that must be in one chunk: some hold parts of one lead, or one that moves is bound
    to another.

    group: as it was without duplicates and bonds. A bound family moves by what the other one is: both are read anew
    together.
    """
    merged = np.flatnonzero(survivor != np.arange(len(survivor)))
    bound = moving[bonds.record] | moving[bonds.other]
    left = np.concatenate([merged, bonds.record[bound]])
    right = np.concatenate([survivor[merged], bonds.other[bound]])
    return connected(len(group), group[roots[left]], group[roots[right]])[group]
