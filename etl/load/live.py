"""The source as it is now, for whoever holds it against a plan's snapshot, chunk by chunk."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from typing import Generic, TypeVar

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from etl.config import RESERVED, Config
from etl.config.tables import Links, links_of, own_keys
from etl.connect.datasets import Datasets
from etl.connect.overwritten import Overwritten, overwritten
from etl.connect.source import Among, Batch, Keep, Source
from etl.empties import emptied
from etl.errors import StalePlan, excerpt
from etl.matching.addresses import NOBODY, Addresses
from etl.matching.opted_out import SayingSo, consent_columns
from etl.model import SOURCE_KEY_COLUMN, Decision
from etl.plan import Bundle
from etl.plan.bundle import read_strays
from etl.plan.sums import Sums, retired_columns
from etl.rows.keys import texts

T = TypeVar("T")
ROWS = 20_000
SHOWN = 5
FRESH, AGAIN = 60.0, 5
"""Seconds for which a table that has to be read as a whole is taken as read, or so many times what reading it takes."""


@dataclass(frozen=True)
class Table:
    """A dataset as the source is asked for it. columns: None for all, as rows that are copied whole are compared.

    planned: the columns that it had when the plan was made. own: where the rows are records, their entry and the column
    of their key.
    """

    name: str
    kind: str
    table: str
    columns: tuple[str, ...] | None
    planned: tuple[str, ...]
    links: Links
    own: tuple[str, str] | None = None


@dataclass(frozen=True)
class Job:
    """The re-reading of one chunk, as it is sent to a worker process.

    run: tells one run from another. open_source: opens the plan's source; keep: gives the text that stands for a binary
    value. ignored: entry -> columns that do not count, as they move when this tool writes others. skipped:
    records that are not looked at, as they were written before. consent: whether leads that may be contacted are held
    against those who opt out anywhere in the source.
    """

    run: str
    bundle: Bundle
    open_source: Callable[[], Source]
    keep: Keep
    chunk: int
    ignored: Mapping[str, Sequence[str]] = field(default_factory=dict)
    skipped: frozenset[str] = frozenset()
    consent: bool = False


def tables(config: Config, bundle: Bundle) -> list[Table]:
    """The datasets of a plan with the tables of the source that they come from."""
    links, own = links_of(config), own_keys(config)
    return [
        Table(
            d.name,
            d.kind,
            d.table,
            tuple(d.columns) if d.kind == "evidence" else None,
            tuple(d.columns),
            links[d.name],
            own.get(d.name),
        )
        for d in bundle.manifest.figures.datasets
    ]


@dataclass(frozen=True)
class _Whole(Generic[T]):
    """What was read of a whole table, when that was begun, and how many seconds it took."""

    read: T
    at: float
    seconds: float


class Live:
    """The source as it is now, for the chunks of one run: asked by key where it can be, else read once as a whole."""

    def __init__(self, job: Job) -> None:
        self.tables = tables(job.bundle.config, job.bundle)
        self._source, self._keep = job.open_source(), job.keep
        config, forgotten = job.bundle.config, job.bundle.forgotten
        self._opted_out = SayingSo(config) if job.consent and config.leads.consent else None
        self._datasets = Datasets(self._source, config, _overwritten(job), forgotten=forgotten, aside=self._opted_out)
        self._bundle = job.bundle
        self._sums, self._keys = dict[str, _Whole[Sums]](), dict[str, _Whole[pa.Array]]()
        self._addresses = dict[str, _Whole[Addresses]]()
        self._strays = dict(self._read_strays())
        self._files = ExitStack()
        self._never_old = self._source.refuses_changes
        if self._never_old:
            self._files.enter_context(self._source)

    @contextmanager
    def view(self) -> Iterator[None]:
        """One consistent view of all tables, as they are now. Raises StalePlan where one of them has lost a column."""
        if not self._never_old:
            self._datasets.read_anew()
        with nullcontext() if self._never_old else self._source:
            for table in self.tables:
                self._refuse_lost_columns(table, self._datasets.all_columns(table.name))
            yield

    @staticmethod
    def of(job: Job) -> Live:
        """That of a job's run, which this process opens at its first chunk."""
        if job.run not in _opened:
            close_sources()
            _opened[job.run] = Live(job)
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

    def _refuse_lost_columns(self, table: Table, columns: Sequence[str]) -> None:
        """Check that a table has all columns that the plan knows: without one of them, nearly all rows would differ."""
        if lost := [column for column in table.planned if column not in columns]:
            new = [column for column in columns if column not in table.planned and not column.startswith(RESERVED)]
            added = f"; new there since then: {', '.join(excerpt(column) for column in new[:SHOWN])}" if new else ""
            raise StalePlan(
                f"The table {excerpt(table.table, 80)!r} has no column {', '.join(map(repr, lost[:SHOWN]))} any more, "
                f"and the plan has values of it{added}.",
                where=self._source.where,
                next=f"give the table its column back, or plan again: crm-cleanup plan "
                f"{self._bundle.manifest.config_path} --out {self._bundle.path} --replace",
            )

    def opted_out(self) -> Addresses:
        """The addresses of all records that say of themselves that they opted out, whatever became of them."""
        addresses = [self._once(self._addresses, table, partial(self._saying_so, table)) for table in self._asked()]
        return Addresses.of(each.keys for each in addresses)

    def _asked(self) -> list[Table]:
        """The datasets whose rows may say that somebody opted out."""
        return [] if self._opted_out is None else [table for table in self.tables if self._entry_of(table.name)]

    def _entry_of(self, name: str) -> str | None:
        """The entry whose records the rows of a dataset are, or have as further rows of a joined table."""
        source = self._bundle.config.source
        further = source.related[name].further_of if name in source.related else None
        entry = further.dataset if further else name
        return entry if entry in source.records else None

    def _saying_so(self, table: Table) -> Addresses:
        entry, config, saying_so = self._entry_of(table.name), self._bundle.config, self._opted_out
        if entry is None or saying_so is None:
            return NOBODY
        columns = consent_columns(entry, self._datasets.all_columns(table.name), config)
        empties = config.source.empties(table.name)
        for batch in self._datasets.read(table.name, columns, ROWS, self._keep) if columns else ():
            values = {name: emptied(texts(batch.data, name), empties.of(name)) for name in columns}
            saying_so.add(entry, pa.table(values))
        return saying_so.addresses

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

    def keys(self, table: Table, wanted: pa.Array) -> pa.Array:
        """The keys that an entry's records have now; where the table can be asked by key, those that are wanted."""
        column = table.own[1] if table.own else ""
        if self._datasets.finds(table.name, [column]):
            return self._read_keys(table, column, {column: wanted.unique().to_pylist()})
        return self._once(self._keys, table, lambda: self._read_keys(table, column, None))

    def _read_keys(self, table: Table, column: str, among: Among | None) -> pa.Array:
        read = self._datasets.read(table.name, [column], ROWS, self._keep, among)
        parts = [batch.data[column].combine_chunks().cast(pa.large_string()) for batch in read]
        return pa.concat_arrays([pa.array([], pa.large_string()), *parts])

    def _once(self, known: dict[str, _Whole[T]], table: Table, read: Callable[[], T]) -> T:
        """What is read of a whole table: the first time, and again when that is old.

        Files are not read again: they are an error as soon as they change.
        """
        whole, now = known.get(table.name), time.monotonic()
        if whole is None or (not self._never_old and now - whole.at > max(FRESH, AGAIN * whole.seconds)):
            value = read()
            whole = known[table.name] = _Whole(value, now, time.monotonic() - now)
        return whole.read

    def _read(self, table: Table, among: Among | None) -> Iterator[Batch]:
        present = self._datasets.all_columns(table.name)
        wanted = [
            column
            for column in present
            if table.columns is None or column in table.columns or column.startswith(RESERVED)
        ]
        return self._datasets.read(table.name, wanted, ROWS, self._keep, among)

    def _slice(self, table: Table, keys: pd.Index[str], without: Collection[str]) -> Sums:
        """Some records' part of the sums over a whole table."""
        whole, part = self._once(self._sums, table, lambda: self._read_sums(table, without)), Sums(keys)
        places = whole.keys.get_indexer(keys)
        part.lanes, part.rows = whole.lanes[places], whole.rows[places]
        return part

    def _read_sums(self, table: Table, without: Collection[str]) -> Sums:
        sums = Sums(_moved_keys(self._bundle))
        for batch in self._read(table, None):
            sums.add(batch.data, table.name, table.links, without)
        return sums


def _overwritten(job: Job) -> dict[str, list[Overwritten]]:
    """The rows in which this tool has set columns: of records that moved before, and of this plan's where asked."""
    config, bundle = job.bundle.config, job.bundle
    of_plan = overwritten(config, job.ignored, _moved_keys(bundle)) if any(job.ignored.values()) else {}
    before = overwritten(config, retired_columns(config), _moved_before(bundle))
    return {name: [*before.get(name, ()), *of_plan.get(name, ())] for name in {*before, *of_plan}}


_opened: dict[str, Live] = {}
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
