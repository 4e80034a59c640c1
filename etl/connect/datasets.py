"""The datasets of a config, read from its source: tables as they stand, or with what the config makes of their rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from etl.config import Config, Link, Test, single_tests
from etl.config.links import RESERVED, KeyColumns
from etl.config.shapes import DOUBT, MadeLink, Shape, lost_column, shape_of
from etl.config.tables import tables
from etl.connect import hiding as hiding_rows
from etl.connect.hiding import Apart, Hiding
from etl.connect.lookup_tables import ROWS, LookupTables, length
from etl.connect.source import TEXT, Among, Batch, Keep, Source
from etl.empties import emptied
from etl.errors import SourceError, excerpt
from etl.model import Fault
from etl.rows import Answer, Asked, Mask, answer, gather
from etl.rows.forgotten import NOBODY, Forgotten
from etl.rows.keys import keys_of, normalized, texts
from etl.rows.lookups import Lookup
from etl.rows.meetings import Kind, Meeting

Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Overwritten:
    """Rows of a dataset in which this tool has set columns since: no `where` leaves them out by what these hold now.

    key: the columns of their keys; keys: those of the rows, in the form in which they meet.
    """

    columns: frozenset[str]
    key: KeyColumns
    keys: pa.Array


def overwritten(
    config: Config, columns: Mapping[str, Sequence[str]], moved: Iterable[str] | pa.Array
) -> dict[str, list[Overwritten]]:
    """The rows of moved records by dataset: of an entry, and of another dataset that is read from its table.

    columns: dataset -> those that this tool has set; moved: the records' source keys.
    """
    read, ours = {table.name: table.table for table in tables(config)}, dict[str, list[Overwritten]]()
    named = pa.array(moved, TEXT)
    for name, entry in config.source.records.items():
        own = named.filter(pc.starts_with(named, f"{name}:"))
        keys = pc.utf8_slice_codeunits(own, len(name) + 1)
        for dataset, set_columns in columns.items() if len(keys) else ():
            if set_columns and read[dataset] == read[name]:
                ours.setdefault(dataset, []).append(Overwritten(frozenset(set_columns), entry.key_columns, keys))
    return ours


class Datasets:
    """What a config reads from its source, by the names of its datasets. The source is opened by its owner.

    Tables that values are looked up in are read once, until `read_anew`. left_out: dataset -> rows that its `where`
    leaves out; asked: place of the config -> how the values that a `where` names met the data. meetings: dataset, kind
    and name -> how its rows met the table that they take values from. overwritten: by dataset.
    hidden: dataset -> rows that are left out for a forgotten record; shared: those of them that name others, too.
    """

    def __init__(
        self,
        source: Source,
        config: Config,
        overwritten: Mapping[str, Sequence[Overwritten]] | None = None,
        *,
        forgotten: Forgotten = NOBODY,
        apart: Apart | None = None,
    ) -> None:
        """forgotten: the records of which nothing is read. apart: gets what is left out for them; None for nobody."""
        self._source, self._config = source, config
        self._overwritten = overwritten or {}
        self._forgotten, self._apart = forgotten, apart
        self.hidden: Counter[str] = Counter()
        self.shared: Counter[str] = Counter()
        self.tables = {table.name: table for table in tables(config)}
        self._shapes = {name: shape_of(config, table) for name, table in self.tables.items()}
        self.left_out: Counter[str] = Counter()
        self.asked: dict[str, dict[Test, Asked]] = {}
        self.meetings: dict[tuple[str, Kind, str], Meeting] = {}
        self._tables = LookupTables(source, config, forgotten, self._asked, self._related)

    def read_anew(self) -> None:
        """Read what is looked up anew when it is needed next, and count anew how it is met."""
        self.meetings.clear()
        self._tables.read_anew()

    def columns(self, name: str) -> list[str]:
        """The columns of a dataset that people see: the table's own, in its order, then those of other tables.

        Raises SourceError where a table is missing or unusable, or a column's name is this tool's own.
        """
        own = self._own(self.tables[name].table)
        shape = self._shapes[name]
        if shape is None:
            return own
        joined = [f"{join}.{column}" for join, part in shape.joins.items() for column in self._tables.taken(join, part)]
        labels = [f"{column}.{show}" for column, part in shape.labels.items() for show in part.show]
        for column in sorted({*joined, *labels} & {*own}):
            raise SourceError(
                f"The table has a column {excerpt(column)!r} of its own, and another table gives one of that name.",
                where=excerpt(self.tables[name].table, 80),
                next="give the join or the table's column another name",
            )
        return list(dict.fromkeys([*own, *joined, *labels]))

    def all_columns(self, name: str) -> list[str]:
        """The same, and the keys and links that are made."""
        shape = self._shapes[name]
        return [*self.columns(name), *(shape.made if shape else ())]

    def finds(self, name: str, columns: Sequence[str]) -> bool:
        """Tell whether rows can be asked for by the values of these columns, without reading the whole table."""
        return self._shapes[name] is None and self._source.finds(self.tables[name].table, columns)

    def read(
        self, name: str, columns: Sequence[str] | None, rows: int, keep: Keep, among: Among | None = None
    ) -> Iterator[Batch]:
        """Read a dataset in batches, as `Source.read` does a table. columns: all, the made ones too, if None."""
        hiding = self._hidings.get(name)
        if hiding is None:
            yield from self._all_rows(name, columns, rows, keep, among)
            return
        wanted = [c for c in self.all_columns(name) if columns is None or c in set(columns)]
        place = hiding_rows.Place()
        for batch in self._all_rows(name, [*wanted, *hiding.needs], rows, keep, among):
            named = hiding.named(batch.data)
            out = hiding.leaves_out(named, batch.origins)
            if self._apart is not None and named.any.any():
                hiding.tell(batch.data, out, named, self._apart)
            self.hidden[name] += _rows_of(out, batch.origins)
            self.shared[name] += _rows_of(out & named.others, batch.origins) if hiding.table.kind != "entry" else 0
            left = hiding.applied(batch.data.select(wanted), out, named)
            without = place.moved(batch, left, out)
            if left.num_rows:
                yield without

    def _all_rows(
        self, name: str, columns: Sequence[str] | None, rows: int, keep: Keep, among: Among | None
    ) -> Iterator[Batch]:
        """Read a dataset with all that names forgotten records."""
        if self._shapes[name] is None:
            yield from self._source.read(self.tables[name].table, name, columns, rows, keep, among)
        else:
            yield from self._read(name, columns, rows, keep, counted=not self._again(name))

    def _again(self, name: str) -> bool:
        """Whether the rows are records of an entry once more, which count there."""
        related = self._config.source.related.get(name)
        return related is not None and related.records_of is not None

    @cached_property
    def _hidings(self) -> Mapping[str, Hiding]:
        taken = {
            name: {join: self._tables.taken(join, part) for join, part in shape.joins.items()}
            for name, shape in self._shapes.items()
            if shape is not None
        }
        return hiding_rows.hidings(self._config, self._shapes, list(self.tables.values()), taken, self._forgotten)

    def _read(
        self, name: str, columns: Sequence[str] | None, rows: int, keep: Keep, *, counted: bool
    ) -> Iterator[Batch]:
        """Read a dataset of which something is made. counted: whether what is left out and asked counts.

        A database's connection reads one table at a time, so what is looked up is read first.
        """
        table, shape = self.tables[name].table, self._shapes[name] or Shape()
        own = self._own(table)
        wanted = [c for c in self.all_columns(name) if columns is None or c in set(columns)]
        own_keys = [column for own in self._overwritten.get(name, ()) for column in own.key.columns]
        needed = {*wanted, *shape.named(), *own_keys}
        asked = self._asked(self._at(name), name, shape.where) if counted else None
        place = _Place()
        self._tables.read(shape)
        for batch in self._source.read(table, name, [c for c in own if c in needed], rows, keep):
            shaped = self._shaped(batch, name, shape, wanted, asked, place)
            if shaped.data.num_rows:
                yield shaped

    def _related(self, name: str, columns: Sequence[str]) -> Iterator[Batch]:
        """Read some columns of a related table, of which nothing counts."""
        return self._read(name, columns, ROWS, length, counted=False)

    def _asked(self, at: str, dataset: str, where: object) -> dict[Test, Asked]:
        """What gathers the values that nearly meet a condition of the config on a table."""
        return self.asked.setdefault(f"{at} {dataset} {where!r}", gather(at, dataset, single_tests(where)))

    def _at(self, name: str) -> str:
        part = "records" if name in self._config.source.records else "related"
        return f"source.{part}.{name}.where"

    def _own(self, table: str) -> list[str]:
        present = self._source.columns(table)
        for column in present:
            if column.startswith(RESERVED):
                raise SourceError(
                    f"The column {excerpt(column)!r} has a name that is reserved for crm-cleanup.",
                    where=excerpt(table, 80),
                    next="read the table through a view or a query that gives the column another name",
                )
        return present

    def _shaped(
        self,
        batch: Batch,
        name: str,
        shape: Shape,
        wanted: Sequence[str],
        asked: dict[Test, Asked] | None,
        place: _Place,
    ) -> Batch:
        """Make of a batch what the config wants. A damaged row is never left out, nor does it stand twice."""
        damaged = np.zeros(batch.data.num_rows, dtype=np.bool_)
        damaged[[fault.row - place.read for fault in batch.faults if fault.row is not None]] = True
        joined = list(self._joins(batch.data, name, shape))
        data = _with_values(batch.data, joined)
        labelled = list(self._labels(data, name, shape))
        data = _with_values(data, labelled)
        counts = self._counting(data, name, shape, asked)
        stays = counts.possible | damaged
        if asked is not None:
            self.left_out[name] += int(np.count_nonzero(~stays))
            self._count_meetings(name, [*joined, *labelled], stays & ~damaged)
        rows: Places = np.flatnonzero(stays)
        data = data.take(pa.array(rows)).combine_chunks()
        decisive = self._decisive(data, name)
        if shape.may_doubt:
            data = data.append_column(DOUBT, _doubts(decisive, shape, counts.open[rows]))
        if shape.made_key:
            data = data.append_column(
                RESERVED + "key", keys_of(decisive, shape.made_key.columns, shape.made_key.normalize)
            )
        data, source_rows = self._linked(data, decisive, shape, damaged[rows], counted=asked is not None)
        faults = _moved(batch.faults, place, rows[source_rows])
        place.read += batch.data.num_rows
        place.written += len(data)
        return Batch(data.select(list(wanted)), faults, place.read - batch.data.num_rows + rows[source_rows])

    def _counting(self, data: pa.Table, name: str, shape: Shape, asked: dict[Test, Asked] | None) -> Answer:
        """What the rows say to the dataset's `where`: one that nearly meets it is not left out, but in doubt."""
        rows = self._decisive(data, name)
        counts = answer(rows, shape.where, asked)
        for own in () if counts.possible.all() else self._overwritten.get(name, ()):
            ours = np.asarray(pc.is_in(keys_of(rows, own.key.columns, own.key.normalize), own.keys))
            stays = ours & answer(rows, shape.where, unknown=own.columns).possible
            counts = Answer(counts.holds | (stays & ~counts.possible), counts.open)
        return counts

    def _decisive(self, data: pa.Table, name: str) -> pa.Table:
        """The rows without the words that stand for an empty value."""
        empties = self._config.source.empties(name)
        if not empties:
            return data
        return pa.table({column: emptied(texts(data, column), empties.of(column)) for column in data.column_names})

    def _joins(self, data: pa.Table, name: str, shape: Shape) -> Iterator[_LookedUp]:
        """The values that rows take from tables that are joined to them."""
        for join_name, join in shape.joins.items():
            own = KeyColumns(columns=join.on) if join.on else shape.key
            if own is None:
                raise KeyError(join_name)
            named = self._decisive(data.select(list(own.columns)), name)
            keys, lookup = keys_of(named, own.columns, join.normalize), self._tables.joined(join_name, join)
            yield _LookedUp("joined", join_name, lookup, keys)

    def _labels(self, data: pa.Table, name: str, shape: Shape) -> Iterator[_LookedUp]:
        """What the ids in rows are called."""
        for column, labels in shape.labels.items():
            ids = keys_of(self._decisive(data.select([column]), name), [column], labels.normalize)
            yield _LookedUp("labels", column, self._tables.labels(labels), ids)

    def _count_meetings(self, name: str, looked_up: Sequence[_LookedUp], rows: Mask) -> None:
        """Count how some rows met the tables that they take values from."""
        for each in looked_up:
            place = (name, each.kind, each.name)
            meeting = self.meetings.setdefault(place, Meeting(*place, each.lookup))
            meeting.add(each.keys.filter(pa.array(rows)))

    def _linked(
        self, data: pa.Table, decisive: pa.Table, shape: Shape, damaged: npt.NDArray[np.bool_], *, counted: bool
    ) -> tuple[pa.Table, Places]:
        """Add the made links. A row that names several records of one entry stands once for each of them.

        Returns the rows, and for each its place among those that were taken.
        """
        rows: list[Places] = [np.arange(len(data))]
        made: list[tuple[str, Places, pa.Array]] = []
        without = np.zeros(len(data), dtype=np.bool_)
        for column, link in shape.links.items():
            places, values, lost = self._values(decisive, link, counted=counted)
            if link.may_lose:
                data = data.append_column(lost_column(column), _marked(lost))
            fresh = np.r_[True, places[1:] != places[:-1]] if len(places) else np.zeros(0, dtype=np.bool_)
            if link.first or link.rest:
                chosen = np.flatnonzero(fresh if link.first else ~fresh)
                places, values = places[chosen], values.take(pa.array(chosen))
                fresh = np.r_[True, places[1:] != places[:-1]] if len(places) else np.zeros(0, dtype=np.bool_)
            if link.rest:
                without |= ~np.isin(np.arange(len(data)), places) & ~damaged
            extra = np.flatnonzero(~fresh & ~damaged[places])
            made.append((column, places[fresh], values.take(pa.array(np.flatnonzero(fresh)))))
            rows.append(places[extra])
            made.append((column, extra, values))
        return _spread(data, rows, made, without)

    def _values(self, data: pa.Table, made: MadeLink, *, counted: bool) -> tuple[Places, pa.Array, Mask]:
        """The keys that the rows name by some links, in order: the row, and the key; each once a row.

        And the rows that fill a link which leads to no key, and have no other.
        """
        all_places, all_values = [np.zeros(0, dtype=np.int64)], [pa.array([], TEXT)]
        all_lost = np.zeros(len(data), dtype=np.bool_)
        for link in made.links:
            places, values, lost = self._one_link(data, link, made, counted=counted)
            all_lost |= lost
            named, values = values, self._merged(values, made.entry)
            if made.self_is_none and made.own:
                own = keys_of(data, made.own.columns, made.own.normalize).take(pa.array(places))
                for itself in (pc.equal(key, normalized(own, link.normalize)) for key in (named, values)):
                    values = pc.if_else(pc.fill_null(itself, False), pa.scalar(None, TEXT), values)
            usable = np.flatnonzero(np.asarray(pc.is_valid(values)))
            all_places.append(places[usable])
            all_values.append(values.take(pa.array(usable)))
        places, values = np.concatenate(all_places), pa.concat_arrays(all_values)
        order = np.argsort(places, kind="stable")
        places, values = places[order], values.take(pa.array(order))
        fresh = _once(places, values)
        all_lost[places] = False
        return places[fresh], values.take(pa.array(fresh)), all_lost

    def _one_link(self, data: pa.Table, link: Link, made: MadeLink, *, counted: bool) -> tuple[Places, pa.Array, Mask]:
        """The keys that the rows name by one link, and the rows that fill it and name none."""
        columns = link.columns or (made.own.columns if made.own else ())
        keys = keys_of(data, columns)
        asked = self._asked(f"link to {made.entry}", made.dataset, link.where) if counted else None
        counts = answer(data, link.where, asked).possible
        if link.none:
            counts = counts & ~np.asarray(pc.is_in(keys, pa.array(link.none, TEXT)))
        filled = counts & np.logical_or.reduce([np.asarray(texts(data, column).is_valid()) for column in columns])
        keys = pc.if_else(pa.array(counts), keys, pa.scalar(None, TEXT))
        if link.through:
            led = self._tables.through(link.through)
            places, values = led.of(keys)
            # each record has a key of its own, and not each has a parent
            unmet = np.zeros_like(filled) if made.first else filled & ~np.asarray(led.has(keys))
            return places, normalized(values, link.normalize), unmet
        if link.under_row:
            above = self._tables.above(link.under_row, made.entry)
            return *above.of(keys), filled & ~np.asarray(above.has(keys))
        return np.arange(len(data)), normalized(keys, link.normalize), filled & np.asarray(keys.is_null())

    def _merged(self, keys: pa.Array, entry: str) -> pa.Array:
        """The keys of an entry's records, where they were merged into others those."""
        now = self._tables.merges(entry)
        if not now:
            return keys
        encoded = keys.dictionary_encode()
        return pa.array([now.get(key, key) for key in encoded.dictionary.to_pylist()], TEXT).take(encoded.indices)


@dataclass(frozen=True)
class _LookedUp:
    """What rows take from another table, as `name.column`, by which keys."""

    kind: Kind
    name: str
    lookup: Lookup
    keys: pa.Array


def _with_values(data: pa.Table, looked_up: Sequence[_LookedUp]) -> pa.Table:
    """The rows with the columns that they take from other tables."""
    for each in looked_up:
        for column, values in each.lookup.of(each.keys).items():
            data = data.append_column(f"{each.name}.{column}", values)
    return data


@dataclass
class _Place:
    """How far the reading of a dataset has come. read: rows of the table; written: rows of the dataset."""

    read: int = 0
    written: int = 0


def _doubts(rows: pa.Table, shape: Shape, doubts: Mask) -> pa.Array:
    """Which rows count, or name a record, only by a value that nearly meets. doubts: those that so meet `where`."""
    links = [link for made in shape.links.values() for link in made.links if link.where is not None]
    doubts = np.logical_or.reduce([doubts, *(answer(rows, link.where).open for link in links)])
    return _marked(doubts)


def _marked(rows: Mask) -> pa.Array:
    """A column that is filled in some rows."""
    return pc.if_else(pa.array(rows), pa.scalar("1", TEXT), pa.scalar(None, TEXT))


def _rows_of(chosen: npt.NDArray[np.bool_], origins: Places | None) -> int:
    """How many rows of the table are chosen, some of which may stand several times."""
    return int(np.count_nonzero(chosen)) if origins is None else len(np.unique(origins[chosen]))


def _once(places: Places, values: pa.Array) -> Places:
    """The first of equal pairs, in their order."""
    codes = np.asarray(values.dictionary_encode().indices).astype(np.int64)
    _, first = np.unique(places * (int(codes.max(initial=0)) + 1) + codes, return_index=True)
    return np.sort(first).astype(np.int64)


def _spread(
    data: pa.Table, rows: Sequence[Places], made: Sequence[tuple[str, Places, pa.Array]], without: npt.NDArray[np.bool_]
) -> tuple[pa.Table, Places]:
    """Put rows and their copies in order, each made link in the row or copy that it belongs to."""
    source_rows = np.concatenate(rows)
    ends = np.cumsum([len(part) for part in rows])
    columns: dict[str, list[tuple[Places, pa.Array]]] = {}
    for number in range(0, len(made), 2):
        column, places, values = made[number]
        _, extra, all_values = made[number + 1]
        begin = ends[number // 2]
        copies = np.arange(begin, begin + len(extra))
        columns[column] = [(places, values), (copies, all_values.take(pa.array(extra)))]
    order = np.argsort(source_rows, kind="stable")
    order = order[~without[source_rows[order]]]
    spread = data.take(pa.array(source_rows[order])).combine_chunks()
    for column, parts in columns.items():
        at = np.full(len(source_rows), -1, dtype=np.int64)
        filled, first = pa.concat_arrays([values for _, values in parts]), 0
        for places, values in parts:
            at[places] = np.arange(first, first + len(values))
            first += len(values)
        spread = spread.append_column(column, filled.take(pa.array(at[order], mask=at[order] < 0)))
    return spread, source_rows[order]


def _moved(faults: Sequence[Fault], place: _Place, source_rows: Places) -> list[Fault]:
    """The faults, with the places of their rows among the rows that are given."""
    moved = []
    for fault in faults:
        if fault.row is None:
            moved.append(fault)
            continue
        at = int(np.searchsorted(source_rows, fault.row - place.read))
        moved.append(replace(fault, row=place.written + at))
    return moved
