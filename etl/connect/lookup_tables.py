"""The tables in which values of other rows are looked up: joined columns, labels, links of many, merged records."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.config import Aliases, Config, Entry, Join, LabelsOf, Related, Test, Through, single_tests
from etl.config.dates import DateColumn
from etl.config.links import RESERVED, Step, Under
from etl.config.shapes import DOUBT, Shape, lost_column, shape_of
from etl.config.tables import Table
from etl.connect.aside import Aside
from etl.connect.hiding import own_keys
from etl.connect.pointing import namings
from etl.connect.source import TEXT, Batch, Source
from etl.dates import ISO_DATES, in_text_order
from etl.empties import emptied
from etl.errors import SourceError, excerpt
from etl.rows import Answer, Asked, answer
from etl.rows.dated import ask_dates, unread
from etl.rows.forgotten import Forgotten
from etl.rows.keys import HOW_BINARY_KEYS_ARE_READ, are_binary, keys_of, normalized, texts, together
from etl.rows.lookups import KnownKeys, Lookup, Mask, Order, Several, lookup_of, several_of
from etl.rows.meetings import Kind, Meeting
from etl.rows.merges import Merges, merges_of
from etl.rows.near_keys import NearKeys
from etl.rows.other_rows import OtherRows
from etl.rows.places import Places

ROWS = 50_000
Made = TypeVar("Made")


@dataclass(frozen=True)
class _Read:
    """Rows of a table; doubted: those that only nearly count; left_out: how many others do not count."""

    rows: pa.Table
    doubted: Mask
    left_out: int


@dataclass(frozen=True)
class _Keyed:
    """Rows by the keys of those that take their values. doubted: those that only nearly count."""

    keys: pa.Array
    values: Mapping[str, pa.Array]
    orders: tuple[Order, ...]
    doubted: Mask


class LookupTables:
    """What a source's rows are looked up in. It is made once for each part of the config that says how, until
    `read_anew`, and is held in memory."""

    def __init__(
        self,
        source: Source,
        config: Config,
        forgotten: Forgotten,
        asked: Callable[[str, str, object], dict[Test, Asked]],
        rows_of: Callable[[str, Sequence[str]], Iterator[Batch]],
        meeting: Callable[[str, Kind, str, KnownKeys, Hashable], Meeting],
        aside: Aside | None,
    ) -> None:
        """asked: what gathers the values that nearly meet a `where`; rows_of: reads columns of an entry, without its
        links, or of a related table; meeting: what counts how rows meet a table; aside: is shown the rows of joined
        tables."""
        self._source, self._config, self._forgotten, self._aside = source, config, forgotten, aside
        self._asked, self._rows_of, self._meeting = asked, rows_of, meeting
        self._made: dict[Hashable, Any] = {}
        self._counted: set[Hashable] = set()

    def read_anew(self) -> None:
        """Read each table anew when it is needed next."""
        self._made.clear()

    def read(self, shape: Shape) -> None:
        """Read all that the rows of a dataset are looked up in, as far as that is not read yet."""
        for name, join in shape.joins.items():
            self.joined(name, join)
        for labels in shape.labels.values():
            self.labels(labels)
        if shape.merged:
            self.merges(shape.merged)
        for made in shape.links.values():
            self.merges(made.entry)
            for link in made.links:
                if link.through:
                    self.through(link.through)
                    if made.first or made.rest:
                        self.known(made.entry)
                elif link.under_row:
                    self.above(link.under_row, made.entry, link.normalize)

    def taken(self, name: str, join: Join) -> list[str]:
        """The columns that a join takes of its table: those that the config names, or all but its key."""
        return list(join.columns) or [c for c in self._source.columns(join.from_ or name) if c not in join.key]

    def joined(self, name: str, join: Join) -> Lookup:
        """The columns of a table that is joined under a name, by the keys of the rows that it is joined to."""
        return self._once((join.from_ or name, join), lambda: self._joined(name, join))

    def labels(self, labels: LabelsOf) -> Lookup:
        """What the ids of a table of labels are called."""
        return self._once(labels, lambda: self._labels(labels))

    def others(self, lookup: Lookup) -> OtherRows:
        """The rows of a table of joined columns or labels that are not taken."""
        return self._once(("others", id(lookup)), lambda: OtherRows(lookup))

    def through(self, through: Through) -> Several:
        """The keys to which a table of links leads from each key, in order."""
        return self._once(through, lambda: self._through(through))

    def merges(self, entry: str) -> Merges | None:
        """Keys of an entry's records that were merged away; None where the config names no table of merges."""
        records = self._config.source.records[entry]
        aliases, steps = records.aliases, records.key_columns.normalize
        return self._once((entry, aliases), lambda: self._merges(entry, aliases, steps)) if aliases else None

    def known(self, entry: str) -> pa.Array:
        """The keys of an entry's records, those that must not be seen among them."""
        return self._once(("keys", entry), lambda: self._known(entry))

    def above(self, under: Under, entry: str, steps: tuple[Step, ...]) -> Several:
        """The records of an entry that the rows of a dataset are, or name, by what tells these rows apart, in one
        form."""
        return self._once((under, entry, steps), lambda: self._above(under, entry, steps))

    def is_first(self, related: str, entry: str) -> bool:
        """Whether an entry is the first whose records the rows of a related table name."""
        return next(iter(self._config.source.related[related].of)) == entry

    def _once(self, part: Hashable, make: Callable[[], Made]) -> Made:
        """What a part of the config says is made of a table; each part says of its own which rows of it count."""
        if part not in self._made:
            self._made[part] = make()
        made: Made = self._made[part]
        return made

    def _known(self, entry: str) -> pa.Array:
        key = self._config.source.records[entry].key
        return texts(_all([key], self._rows_of(entry, [key])), key)

    def _joined(self, name: str, join: Join) -> Lookup:
        taken = self.taken(name, join)
        order = [join.order_by.column] if join.order_by else []
        show = None if self._aside is None else partial(self._aside.joined, name, join)
        read = self._rows(join.from_ or name, (*join.key, *taken, *order), join.where, show)
        rows = _Keyed(
            self._keys(read.rows, join.key),
            {column: texts(read.rows, column) for column in taken},
            self._orders(join.from_ or name, read.rows, join.order_by),
            read.doubted,
        )
        if join.through:
            rows = self._led(join.from_ or name, join.through, rows)
        keys, none = normalized(rows.keys, join.normalize), self._config.source.none
        made = lookup_of(keys, rows.values, rows.orders, join.take, rows.doubted, none)
        return replace(made, left_out=read.left_out)

    def _labels(self, labels: LabelsOf) -> Lookup:
        read = self._rows(labels.from_, (labels.key, *labels.show), labels.where)
        values = {show: texts(read.rows, show) for show in labels.show}
        keys = self._keys(read.rows, (labels.key,), labels.normalize)
        return replace(lookup_of(keys, values, (), "first", read.doubted), left_out=read.left_out)

    def _through(self, through: Through) -> Several:
        read = self._read_rows(through.table, through.columns(), through.where)
        counts = self._counting(read, through.table, through.where)
        stays = counts.possible
        filled = np.logical_or.reduce([np.asarray(self._keys(read, (column,)).is_valid()) for column in through.to])
        rows, steps = read.filter(pa.array(stays)), through.normalize
        keys, to = self._keys(rows, (through.from_,), steps), self._keys(rows, through.to)
        orders = self._orders(through.table, rows, through.order_by, descending=through.descending)
        led = several_of(keys, to, orders, counts.open[stays])
        unlinked = self._keys(read.filter(pa.array(~(stays & filled))), (through.from_,), steps)
        return replace(led, unlinked=unlinked, left_out=int(np.count_nonzero(~stays)))

    def _merges(self, entry: str, aliases: Aliases, steps: Sequence[Step]) -> Merges:
        read = self._rows(aliases.from_, (aliases.old, aliases.new), aliases.where)
        old, new = (self._keys(read.rows, (column,), steps) for column in (aliases.old, aliases.new))
        return merges_of(aliases.from_, old, new, self.known(entry), read.left_out)

    def _above(self, under: Under, entry: str, steps: Sequence[Step]) -> Several:
        part, links = self._links_of(under.rows, entry)
        own = part.key_columns.columns if isinstance(part, Entry) else (part.key or "",)
        by = under.by or own
        needed = list(dict.fromkeys([*by, *links]))
        rows = _all(needed, self._rows_of(under.rows, needed))
        empties = self._config.source.empties(under.rows)
        named = pa.table({column: emptied(texts(rows, column), empties.of(column)) for column in by})
        keys = keys_of(named, by, steps)
        self._refuse_binary(keys, by)
        unlinked = np.logical_and.reduce([np.asarray(texts(rows, column).is_null()) for column in links])
        return replace(several_of(keys, texts(rows, links[0])), unlinked=keys.filter(pa.array(unlinked)))

    def _links_of(self, dataset: str, entry: str) -> tuple[Entry | Related, list[str]]:
        """A dataset, and its column with the keys of an entry's records; then that which says where one is lost."""
        if dataset in self._config.source.records:
            own = self._config.source.records[dataset]
            return own, [own.key]
        table = self._config.source.related[dataset]
        link = table.of[entry]
        made = shape_of(self._config, Table(dataset, "related", table.from_ or dataset, table.key, ()))
        return table, [link, *(column for column in (made.made if made else ()) if column == lost_column(link))]

    def _led(self, table: str, through: Through, rows: _Keyed) -> _Keyed:
        """Rows of a table that links lead to, by the records' keys; a link to a row that there is not is none.

        They are in the order of the links, and of equal ones in their own. A link whose key nearly meets a row, or that
        nearly counts, leads there in doubt.
        """
        read = self._rows(through.table, through.columns(), through.where)
        own = {f"{RESERVED}{number}": order.values for number, order in enumerate(rows.orders)}
        doubted = {DOUBT: marked(rows.doubted)}
        to = lookup_of(normalized(rows.keys, through.normalize), {**rows.values, **own, **doubted}, (), "first")
        from_ = self._keys(read.rows, (through.from_,), through.normalize)
        self._meeting(table, "links", through.table, to.known, through).add(from_)
        links, keys, near = _met(from_, to.keys)
        taken, at = to.of(keys), pa.array(links)
        in_doubt = np.asarray(taken.pop(DOUBT).is_valid()) | read.doubted[links] | near
        orders = [replace(order, values=taken.pop(name)) for name, order in zip(own, rows.orders, strict=True)]
        led = read.rows.take(at).combine_chunks()
        of_links = self._orders(through.table, led, through.order_by, descending=through.descending)
        return _Keyed(self._keys(led, through.to), taken, (*of_links, *orders), in_doubt)

    def _keys(self, rows: pa.Table, columns: Sequence[str], steps: Sequence[Step] = ()) -> pa.Array:
        """The keys that columns hold; a word that stands for an empty value is none."""
        none = self._config.source.none
        keys = normalized(together([emptied(texts(rows, column), none) for column in columns]), steps)
        self._refuse_binary(keys, columns)
        return keys

    def _refuse_binary(self, keys: pa.Array, columns: Sequence[str]) -> None:
        """Raises SourceError for keys that are binary values: here all that are as long look alike."""
        if are_binary(keys):
            raise SourceError(
                f"The column {' and '.join(map(excerpt, columns))} has binary values as keys, and keys are compared as "
                "texts.",
                where=self._source.where,
                next=HOW_BINARY_KEYS_ARE_READ,
            )

    def _orders(
        self, table: str, rows: pa.Table, by: DateColumn | None, *, descending: bool = False
    ) -> tuple[Order, ...]:
        """What a column puts rows in order by; nothing without one."""
        if by is None:
            return ()
        values, zone = self._keys(rows, (by.column,)), self._config.source.time_zone
        unreadable = pa.array([], TEXT)
        for asked in self._asked(f"{table}: order_by", table, by).values():
            ask_dates(asked, by, lambda: iter([values]), surely=False)
            unreadable = unread(values, by.form) if asked.near else unreadable
        if by.form != ISO_DATES:
            return (Order(values, by.form.within(zone), descending, unreadable),)
        return (Order(in_text_order(values, zone), None, descending, unreadable),)

    def _rows(
        self, table: str, columns: Sequence[str], where: object, show: Callable[[pa.Table, Mask], None] | None = None
    ) -> _Read:
        """Some columns of a table that values are looked up in, the rows that count or nearly do. show: gets all."""
        named = namings(self._config, table) if self._forgotten else []
        rows = self._read_rows(table, [*columns, *(column for each in named for column in each.needs)], where)
        counts = self._counting(rows, table, where)
        if show is not None:
            none = self._config.source.none
            show(pa.table({name: emptied(texts(rows, name), none) for name in rows.column_names}), ~counts.possible)
        stays = counts.possible
        read = _Read(rows.filter(pa.array(stays)), counts.open[stays], int(np.count_nonzero(~stays)))
        for each in named:
            rows, left = each.without(read.rows, self._forgotten)
            read = _Read(rows, read.doubted[left], read.left_out)
        return read

    def _counting(self, rows: pa.Table, table: str, where: object) -> Answer:
        """Which rows of a table that values are looked up in count."""
        if where is None:
            return Answer.of_all(len(rows), True)
        asked = None if (table, where) in self._counted else self._asked(f"{table}: where", table, where)
        self._counted.add((table, where))
        none = self._config.source.none
        named = {test.column: emptied(texts(rows, test.column), none) for test in single_tests(where)}
        return answer(pa.table(named), where, asked)

    def _read_rows(self, table: str, columns: Sequence[str], where: object) -> pa.Table:
        """Some columns of a table that values are looked up in, and those that a condition names."""
        own = own_keys(self._config, Table(table, "related", table, None, ())) if self._forgotten else ()
        tests = [test.column for test in single_tests(where)]
        needed = list(dict.fromkeys([*columns, *tests, *(column for _, key in own for column in key.columns)]))
        rows = _all(needed, self._source.read(table, table, needed, ROWS, length))
        for entry, key in own:
            keys = keys_of(rows, key.columns, key.normalize)
            rows = rows.filter(pa.array(~self._forgotten.named(entry, keys)))
        return rows


def marked(rows: Mask) -> pa.Array:
    """A column that is filled in some rows."""
    return pc.if_else(pa.array(rows), pa.scalar("1", TEXT), pa.scalar(None, TEXT))


def _met(keys: pa.Array, known: pa.Array) -> tuple[Places, pa.Array, Mask]:
    """Which of some keys meet known ones: the place of the key, the known one, and whether they only nearly meet."""
    at = pc.index_in(keys, value_set=known, skip_nulls=True)
    met = np.flatnonzero(np.asarray(at.is_valid()))
    missing = np.flatnonzero(np.asarray(pc.and_(keys.is_valid(), at.is_null())))
    places, nearly = NearKeys(known).of(keys.take(pa.array(missing))) if len(missing) else (missing, missing)
    near = np.r_[np.zeros(len(met), dtype=np.bool_), np.ones(len(places), dtype=np.bool_)]
    return (
        np.r_[met, missing[places]].astype(np.int64),
        pa.concat_arrays([keys.take(pa.array(met)), known.take(pa.array(nearly))]),
        near,
    )


def length(value: bytes) -> str:
    """The text that stands for a binary value where nobody looks at it."""
    return f"{len(value)} bytes"


def _all(columns: Sequence[str], read: Iterator[Batch]) -> pa.Table:
    """All rows of some columns, of which there may be none."""
    empty = pa.table({column: pa.array([], TEXT) for column in columns})
    return pa.concat_tables([empty, *(batch.data.select(list(columns)) for batch in read)])
