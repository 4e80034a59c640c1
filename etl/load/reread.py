"""Read families anew from the source and hold them against the plan's snapshot: what differs is not moved."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from etl.config import Config
from etl.connect.source import Keep, Source
from etl.empties import emptied
from etl.load.live import Job, Live, Table, close_sources
from etl.matching.addresses import NOBODY, READ, Addresses
from etl.model import SOURCE_KEY_COLUMN
from etl.plan import Bundle
from etl.plan.bundle import read_row_groups
from etl.plan.sums import Sums, keys_by_entry, own_columns, source_keys

FLAG = "do_not_contact"
OPTED_OUT_SINCE = "somebody opted out with an address or number of the lead since the plan was made"


@dataclass(frozen=True)
class Reread:
    """What re-reading a chunk has shown.

    stale: source key of a record that moves -> what differs, in words; with it all records of its family, of those that
    share a row of history with it, and of the leads that they go into. contents: source key -> what its own rows and
    its history add up to in the snapshot, without the columns that retiring sets and the one that says when it changed.
    """

    stale: Mapping[str, str]
    contents: pd.Series[str]


class Each(Protocol):
    """`map`, or that of a pool of processes."""

    def __call__(self, function: Callable[[Job], Reread], jobs: Iterable[Job], /) -> Iterable[Reread]:
        """Give the results in the order of the jobs."""


def reread(
    bundle: Bundle,
    open_source: Callable[[], Source],
    keep: Keep,
    *,
    each: Each = map,
    ignored: Mapping[str, Sequence[str]] | None = None,
    skip: Callable[[int], frozenset[str]] = lambda _chunk: frozenset(),
    consent: bool = False,
) -> Iterator[Reread]:
    """Read each chunk of a plan anew, in its order, each just before it is asked for.

    skip: the records of a chunk that are not looked at. consent: whether leads are stale, too, that may be contacted by
    the plan, and have an address with which somebody opted out since. Raises SourceError where the source cannot be
    read.
    """
    run = uuid.uuid4().hex
    jobs = (
        Job(run, bundle, open_source, keep, chunk, ignored or {}, skip(chunk), consent)
        for chunk in range(bundle.chunks)
    )
    try:
        yield from each(reread_chunk, jobs)
    finally:
        close_sources()


def reread_chunk(job: Job) -> Reread:
    """Compare the records of one chunk that move with the source as it is now."""
    members = job.bundle.members(job.chunk)
    moved = members[members["lead"].notna() & ~members.index.isin(list(job.skipped))]
    keys = pd.Index(moved.index)
    if not len(keys):
        return Reread({}, pd.Series([], index=keys, dtype="str"))
    source = Live.of(job)
    stored = source.with_strays(_snapshot(job.bundle, job.chunk))
    own = own_columns(job.bundle.config, job.bundle.stamps)
    total = Sums(keys)
    differs: dict[int, list[str]] = {}
    by_entry = keys_by_entry(moved)
    with source.view():
        for table in source.tables:
            without = job.ignored.get(table.name, ())
            then = Sums(keys)
            then.add(stored[table.name], table.name, table.links, without)
            now = source.sums(table, keys, by_entry, without)
            for place in np.flatnonzero((then.lanes != now.lanes).any(axis=1) | (then.rows != now.rows)).tolist():
                differs.setdefault(place, []).append(_difference(table, int(then.rows[place]), int(now.rows[place])))
            if table.kind != "evidence":
                if set(own.get(table.name, ())) != set(without):
                    then = Sums(keys)
                    then.add(stored[table.name], table.name, table.links, own[table.name])
                total.lanes += then.lanes
        for place, difference in _appeared(source, _absent(keys, stored, source.tables, job.bundle.config)):
            differs.setdefault(place, []).append(difference)
        for place in _opted_out_since(job, moved, source.opted_out() if job.consent else NOBODY):
            differs.setdefault(place, []).append(OPTED_OUT_SINCE)
    stale = _spread(differs, moved, stored, source.tables) if differs else {}
    return Reread(stale, pd.Series(total.hex(), index=keys, dtype="str"))


def _opted_out_since(job: Job, moved: pd.DataFrame, opted_out: Addresses) -> Iterator[int]:
    """The place of a record of each lead that may be contacted by the plan, and has an address of somebody who opted
    out. moved: the chunk's records that move."""
    reading = [field for field in READ if field in job.bundle.config.leads.fields]
    if not opted_out or not reading:
        return
    leads = job.bundle.leads(job.chunk, ["lead", FLAG, *reading])
    leads = leads[~leads[FLAG]]
    stands = np.zeros(len(leads), dtype=np.bool_)
    for field in reading:
        stands |= opted_out.in_texts(pa.array(leads[field], pa.large_string(), from_pandas=True), field)
    places = moved["lead"].reset_index(drop=True).drop_duplicates()
    yield from places.index[places.isin(leads.index[stands])].tolist()


def _difference(table: Table, then: int, now: int) -> str:
    if then == now:
        return f"{table.name}: changed"
    return f"{table.name}: {then} rows in the plan, {now} now"


@dataclass(frozen=True)
class _Absent:
    """Records of an entry that the plan does not have, and that records which move name. places: of these; keys."""

    table: Table
    places: npt.NDArray[np.int64]
    keys: pa.Array


def _absent(
    moved: pd.Index[str], stored: Mapping[str, pa.Table], of: Sequence[Table], config: Config
) -> Iterator[_Absent]:
    """Which records were missing, or left out, that those which move hang below or belong to as well.

    A word that stands for an empty value names nobody, whatever record has it as its key.
    """
    keys = {t.own[0]: stored[t.name][t.own[1]].combine_chunks() for t in of if t.own and t.kind == "entry"}
    entries = {table.name: table for table in of if table.kind == "entry"}
    for table in of:
        for entry, column in table.links if table.own else ():
            rows = stored[table.name]
            if table.own and (entry, column) != table.own and column in rows.column_names:
                places = _places(rows, *table.own, moved)
                named = emptied(rows[column].combine_chunks(), config.source.empties(table.name).of(column))
                missing = np.asarray(pc.is_valid(named)) & ~np.asarray(pc.is_in(named, value_set=keys[entry]))
                chosen = np.flatnonzero(missing & (places >= 0))
                if len(chosen):
                    yield _Absent(entries[entry], places[chosen], named.take(pa.array(chosen)))


def _appeared(source: Live, absent: Iterable[_Absent]) -> Iterator[tuple[int, str]]:
    """The places of records that move and name one that the plan does not have, and that there is now."""
    for each in absent:
        now = np.asarray(pc.is_in(each.keys, value_set=source.keys(each.table, each.keys)))
        for place in np.unique(each.places[now]).tolist():
            yield place, _difference(each.table, 0, 1)


def _snapshot(bundle: Bundle, chunk: int) -> dict[str, pa.Table]:
    """The rows of a chunk by dataset; of a dataset without rows there, an empty table."""
    files = {d.file: d for d in bundle.manifest.figures.datasets}
    tables_by_name = {
        d.name: pa.table({column: pa.array([], pa.large_string()) for column in d.columns}) for d in files.values()
    }
    for file, table in read_row_groups(bundle.path / "snapshot", bundle.manifest.chunks[chunk]).items():
        tables_by_name[files[file].name] = table.drop_columns([SOURCE_KEY_COLUMN])
    return tables_by_name


def _spread(
    differs: Mapping[int, Sequence[str]],
    moved: pd.DataFrame,
    stored: Mapping[str, pa.Table],
    of: Sequence[Table],
) -> dict[str, str]:
    """Say of each record that cannot move why: for itself, for one of its family, its lead, or its history's."""
    parts = [moved["family"].astype("category").cat.codes, moved["lead"].astype("category").cat.codes]
    group = np.arange(len(moved))
    pairs = [np.column_stack([group, _first(codes.to_numpy())]) for codes in parts]
    keys = pd.Index(moved.index)
    for table in of:
        rows = stored[table.name]  # of an older version's plan: without the columns that have been added since
        named = [_places(rows, entry, column, keys) for entry, column in table.links if column in rows.column_names]
        pairs += [np.column_stack([named[0], other]) for other in named[1:]]
    linked = np.concatenate(pairs)
    group = _groups(group, linked[(linked >= 0).all(axis=1)])
    ordered = reversed(list(differs.items()))
    why = {int(group[place]): f"{keys[place]}, {', '.join(differences)}" for place, differences in ordered}
    return {str(keys[at]): why[root] for at, root in enumerate(group.tolist()) if root in why}


def _first(codes: npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
    """For each place the first one that has the same code."""
    _, first, inverse = np.unique(codes, return_index=True, return_inverse=True)
    first_of_each: npt.NDArray[np.int64] = first[inverse].astype(np.int64)
    return first_of_each


def _places(table: pa.Table, entry: str, column: str, keys: pd.Index[str]) -> npt.NDArray[np.int64]:
    names = source_keys(entry, table[column])
    return np.where(np.asarray(pc.is_valid(names)), keys.get_indexer(pd.Index(names.to_pandas())), -1).astype(np.int64)


def _groups(group: npt.NDArray[np.int64], pairs: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The least member of each one's group, when the members of each pair belong together."""
    while True:
        least = group.copy()
        np.minimum.at(least, pairs[:, 0], group[pairs[:, 1]])
        np.minimum.at(least, pairs[:, 1], group[pairs[:, 0]])
        least = least[least]
        if (least == group).all():
            return least
        group = least
