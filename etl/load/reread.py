"""Read families anew from the source and hold them against the plan's snapshot: what differs is not moved."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from etl.config import RESERVED, Config
from etl.config.tables import Links, links_of, own_keys
from etl.connect.datasets import Datasets
from etl.connect.overwritten import Overwritten, overwritten
from etl.connect.source import Among, Batch, Keep, Source
from etl.empties import emptied
from etl.model import SOURCE_KEY_COLUMN, Decision
from etl.plan import Bundle
from etl.plan.bundle import read_row_groups, read_strays
from etl.plan.sums import Sums, keys_by_entry, own_columns, retired_columns, source_keys

ROWS = 20_000
FRESH, AGAIN = 60.0, 5
"""Seconds for which a table that has to be read as a whole is taken as read, or so many times what reading it takes."""


@dataclass(frozen=True)
class Table:
    """A dataset as the source is asked for it. columns: None for all, as rows that are copied whole are compared.

    own: where the rows are records, their entry and the column of their key.
    """

    name: str
    kind: str
    table: str
    columns: tuple[str, ...] | None
    links: Links
    own: tuple[str, str] | None = None


@dataclass(frozen=True)
class Job:
    """The re-reading of one chunk, as it is sent to a worker process.

    run: tells one run from another. open_source: opens the plan's source; keep: gives the text that stands for a binary
    value. ignored: entry -> columns that do not count, as they move when this tool writes others. skipped:
    records that are not looked at, as they were written before.
    """

    run: str
    bundle: Bundle
    open_source: Callable[[], Source]
    keep: Keep
    chunk: int
    ignored: Mapping[str, Sequence[str]] = field(default_factory=dict)
    skipped: frozenset[str] = frozenset()


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
) -> Iterator[Reread]:
    """Read each chunk of a plan anew, in its order, each just before it is asked for.

    skip: the records of a chunk that are not looked at. Raises SourceError where the source cannot be read.
    """
    run = uuid.uuid4().hex
    jobs = (Job(run, bundle, open_source, keep, chunk, ignored or {}, skip(chunk)) for chunk in range(bundle.chunks))
    try:
        yield from each(reread_chunk, jobs)
    finally:
        close_sources()


def tables(config: Config, bundle: Bundle) -> list[Table]:
    """The datasets of a plan with the tables of the source that they come from."""
    links, own = links_of(config), own_keys(config)
    return [
        Table(
            d.name,
            d.kind,
            d.table,
            tuple(d.columns) if d.kind == "evidence" else None,
            links[d.name],
            own.get(d.name),
        )
        for d in bundle.manifest.figures.datasets
    ]


def reread_chunk(job: Job) -> Reread:
    """Compare the records of one chunk that move with the source as it is now."""
    members = job.bundle.members(job.chunk)
    moved = members[members["lead"].notna() & ~members.index.isin(list(job.skipped))]
    keys = pd.Index(moved.index)
    if not len(keys):
        return Reread({}, pd.Series([], index=keys, dtype="str"))
    source = _Live.of(job)
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
        for place, difference in source.appeared(_absent(keys, stored, source.tables, job.bundle.config)):
            differs.setdefault(place, []).append(difference)
    stale = _spread(differs, moved, stored, source.tables) if differs else {}
    return Reread(stale, pd.Series(total.hex(), index=keys, dtype="str"))


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


@dataclass(frozen=True)
class _Whole:
    """A table that was read as a whole: what it adds up to, when that was begun, and how many seconds it took."""

    sums: Sums
    at: float
    seconds: float


@dataclass(frozen=True)
class _Keys:
    """All keys of an entry, when reading them was begun, and how many seconds it took."""

    keys: pa.Array
    at: float
    seconds: float


class _Live:
    """The source as it is now, for the chunks of one run: asked by key where it can be, else read once as a whole."""

    def __init__(self, job: Job) -> None:
        self.tables = tables(job.bundle.config, job.bundle)
        self._source, self._keep = job.open_source(), job.keep
        config, forgotten = job.bundle.config, job.bundle.forgotten
        self._datasets = Datasets(self._source, config, _overwritten(job), forgotten=forgotten)
        self._bundle, self._whole, self._keys = job.bundle, dict[str, _Whole](), dict[str, _Keys]()
        self._strays = dict(self._read_strays())
        self._files = ExitStack()
        self._never_old = self._source.refuses_changes
        if self._never_old:
            self._files.enter_context(self._source)

    @contextmanager
    def view(self) -> Iterator[None]:
        """One consistent view of all tables, as they are now."""
        if not self._never_old:
            self._datasets.read_anew()
        with nullcontext() if self._never_old else self._source:
            yield

    @staticmethod
    def of(job: Job) -> _Live:
        if job.run not in _opened:
            close_sources()
            _opened[job.run] = _Live(job)
        return _opened[job.run]

    def close(self) -> None:
        """Give the files back."""
        self._files.close()

    def sums(
        self, table: Table, keys: pd.Index[str], by_entry: Mapping[str, list[str]], without: Collection[str]
    ) -> Sums:
        """What the live rows that name these records add up to."""
        among: dict[str, list[str]] = {}
        for entry, column in table.links:
            among[column] = among.get(column, []) + by_entry.get(entry, [])
        sums = Sums(keys)
        if not any(among.values()):
            return sums
        columns = self._datasets.all_columns(table.name)  # a file that has changed meanwhile is an error here
        if not self._datasets.finds(table.name, [column for column in among if column in columns]):
            return self._slice(table, keys, without)
        conditions = {column: values for column, values in among.items() if values and column in columns}
        batches = [batch.data for batch in self._read(table, conditions)] if conditions else []
        if batches:
            sums.add(pa.concat_tables(batches), table.name, table.links, without)
        return sums

    def with_strays(self, stored: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
        """A chunk's rows, with those that say of persons that they are at companies that there are not."""
        both = {name: [stored[name], strays] for name, strays in self._strays.items()}
        return {**stored, **{n: pa.concat_tables(parts, promote_options="default") for n, parts in both.items()}}

    def _read_strays(self) -> Iterator[tuple[str, pa.Table]]:
        further = {table.name for table in self.tables if table.own and table.kind == "related"}
        for dataset in self._bundle.manifest.figures.datasets:
            if dataset.name in further:
                table = read_strays(self._bundle.path / "snapshot", dataset.file, self._bundle.manifest.chunks)
                yield dataset.name, table.drop_columns([SOURCE_KEY_COLUMN])

    def appeared(self, absent: Iterable[_Absent]) -> Iterator[tuple[int, str]]:
        """The places of records that move and name one that the plan does not have, and that there is now."""
        for each in absent:
            now = np.asarray(pc.is_in(each.keys, value_set=self._keys_now(each.table, each.keys)))
            for place in np.unique(each.places[now]).tolist():
                yield place, _difference(each.table, 0, 1)

    def _keys_now(self, table: Table, wanted: pa.Array) -> pa.Array:
        """The keys that an entry's records have now; where the table can be asked by key, those that are wanted."""
        column = table.own[1] if table.own else ""
        if self._datasets.finds(table.name, [column]):
            return self._read_keys(table, column, {column: wanted.unique().to_pylist()})
        read = self._keys.get(table.name)
        if read is None or self._is_old(read.at, read.seconds):
            begun, keys = time.monotonic(), self._read_keys(table, column, None)
            read = self._keys[table.name] = _Keys(keys, begun, time.monotonic() - begun)
        return read.keys

    def _read_keys(self, table: Table, column: str, among: Among | None) -> pa.Array:
        read = self._datasets.read(table.name, [column], ROWS, self._keep, among)
        parts = [batch.data[column].combine_chunks().cast(pa.large_string()) for batch in read]
        return pa.concat_arrays([pa.array([], pa.large_string()), *parts])

    def _is_old(self, at: float, seconds: float) -> bool:
        return not self._never_old and time.monotonic() - at > max(FRESH, AGAIN * seconds)

    def _read(self, table: Table, among: Among | None) -> Iterator[Batch]:
        present = self._datasets.all_columns(table.name)
        wanted = [
            column
            for column in present
            if table.columns is None or column in table.columns or column.startswith(RESERVED)
        ]
        return self._datasets.read(table.name, wanted, ROWS, self._keep, among)

    def _slice(self, table: Table, keys: pd.Index[str], without: Collection[str]) -> Sums:
        """Some records' part of the sums over a whole table, which is read the first time, and again when that is old.

        Files are not read again: they are an error as soon as they change.
        """
        read = self._whole.get(table.name)
        if read is None or self._is_old(read.at, read.seconds):
            begun, whole = time.monotonic(), Sums(_moved_keys(self._bundle))
            for batch in self._read(table, None):
                whole.add(batch.data, table.name, table.links, without)
            read = self._whole[table.name] = _Whole(whole, begun, time.monotonic() - begun)
        whole, part = read.sums, Sums(keys)
        places = whole.keys.get_indexer(keys)
        part.lanes, part.rows = whole.lanes[places], whole.rows[places]
        return part


def _overwritten(job: Job) -> dict[str, list[Overwritten]]:
    """The rows in which this tool has set columns: of records that moved before, and of this plan's where asked."""
    config, bundle = job.bundle.config, job.bundle
    of_plan = overwritten(config, job.ignored, _moved_keys(bundle)) if any(job.ignored.values()) else {}
    before = overwritten(config, retired_columns(config), _moved_before(bundle))
    return {name: [*before.get(name, ()), *of_plan.get(name, ())] for name in {*before, *of_plan}}


_opened: dict[str, _Live] = {}
"""The source of this process, by the run that opened it."""


def close_sources() -> None:
    """Give back what this process has open."""
    while _opened:
        _opened.popitem()[1].close()


def _moved_keys(bundle: Bundle) -> pd.Index[str]:
    """The source keys of all records that move."""
    return _chosen_keys(bundle, "lead", pc.is_valid)


def _moved_before(bundle: Bundle) -> pd.Index[str]:
    """The source keys of all records that an earlier plan moved, also of those that people must decide on again."""
    before = pa.array([Decision.MOVED_BEFORE.value])
    return _chosen_keys(bundle, "decision", lambda column: pc.is_in(column, before))


def _chosen_keys(bundle: Bundle, column: str, chosen: Callable[[pa.ChunkedArray], pa.ChunkedArray]) -> pd.Index[str]:
    import pyarrow.parquet as pq

    table = pq.read_table(bundle.path / "decisions.parquet", columns=["source_key", column])
    keys: pd.Series[str] = table.filter(chosen(table[column]))["source_key"].to_pandas()
    return pd.Index(keys)
