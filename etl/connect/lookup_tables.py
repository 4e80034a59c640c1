"""What is made of the tables in which values of other rows are looked up: joined columns, labels, links, merges."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.config import Aliases, Config, Entry, Join, LabelsOf, Related, Test, Through
from etl.config.links import RESERVED, Step, Under
from etl.config.shapes import DOUBT, Shape, lost_column, shape_of
from etl.config.tables import Table
from etl.connect.aside import Aside
from etl.connect.lookup_rows import LookupRows, all_rows
from etl.connect.source import TEXT, Batch, Source
from etl.empties import emptied
from etl.rows import Asked
from etl.rows.forgotten import Forgotten
from etl.rows.keys import keys_of, normalized, texts
from etl.rows.lookups import KnownKeys, Lookup, Mask, Order, Several, lookup_of, several_of
from etl.rows.meetings import Kind, Meeting
from etl.rows.merges import Merges, merges_of
from etl.rows.near_keys import NearKeys
from etl.rows.other_rows import OtherRows
from etl.rows.places import Places

Made = TypeVar("Made")


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
        self._source, self._config, self._aside = source, config, aside
        self._rows_of, self._meeting = rows_of, meeting
        self._rows = LookupRows(source, config, forgotten, asked)
        self._made: dict[Hashable, Any] = {}

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
                elif made.above(link):
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
        return texts(all_rows([key], self._rows_of(entry, [key])), key)

    def _joined(self, name: str, join: Join) -> Lookup:
        taken = self.taken(name, join)
        order = [join.order_by.column] if join.order_by else []
        show = None if self._aside is None else partial(self._aside.joined, name, join)
        read = self._rows.read(join.from_ or name, (*join.key, *taken, *order), join.where, show)
        rows = _Keyed(
            self._rows.keys(read.rows, join.key),
            {column: texts(read.rows, column) for column in taken},
            self._rows.orders(join.from_ or name, read.rows, join.order_by),
            read.doubted,
        )
        if join.through:
            rows = self._led(join.from_ or name, join.through, rows)
        keys, none = normalized(rows.keys, join.normalize), self._config.source.none
        made = lookup_of(keys, rows.values, rows.orders, join.take, rows.doubted, none)
        return replace(made, left_out=read.left_out)

    def _labels(self, labels: LabelsOf) -> Lookup:
        read = self._rows.read(labels.from_, (labels.key, *labels.show), labels.where)
        values = {show: texts(read.rows, show) for show in labels.show}
        keys = self._rows.keys(read.rows, (labels.key,), labels.normalize)
        return replace(lookup_of(keys, values, (), "first", read.doubted), left_out=read.left_out)

    def _through(self, through: Through) -> Several:
        read = self._rows.read_all(through.table, through.columns(), through.where)
        counts = self._rows.counting(read, through.table, through.where)
        stays = counts.possible
        to = [self._rows.keys(read, (column,)) for column in through.to]
        filled = np.logical_or.reduce([np.asarray(keys.is_valid()) for keys in to])
        rows, steps = read.filter(pa.array(stays)), through.normalize
        keys, ends = self._rows.keys(rows, (through.from_,), steps), self._rows.keys(rows, through.to)
        orders = self._rows.orders(through.table, rows, through.order_by, descending=through.descending)
        led = several_of(keys, ends, orders, counts.open[stays])
        unlinked = self._rows.keys(read.filter(pa.array(~(stays & filled))), (through.from_,), steps)
        return replace(led, unlinked=unlinked, left_out=int(np.count_nonzero(~stays)))

    def _merges(self, entry: str, aliases: Aliases, steps: Sequence[Step]) -> Merges:
        read = self._rows.read(aliases.from_, (aliases.old, aliases.new), aliases.where)
        old, new = (self._rows.keys(read.rows, (column,), steps) for column in (aliases.old, aliases.new))
        return merges_of(aliases.from_, old, new, self.known(entry), read.left_out)

    def _above(self, under: Under, entry: str, steps: Sequence[Step]) -> Several:
        part, links = self._links_of(under.rows, entry)
        own = part.key_columns.columns if isinstance(part, Entry) else (part.key or "",)
        by = under.by or own
        needed = list(dict.fromkeys([*by, *links]))
        rows = all_rows(needed, self._rows_of(under.rows, needed))
        empties = self._config.source.empties(under.rows)
        named = pa.table({column: emptied(texts(rows, column), empties.of(column)) for column in by})
        keys = keys_of(named, by, steps)
        self._rows.refuse_binary_keys(keys, by)
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
        read = self._rows.read(through.table, through.columns(), through.where)
        own = {f"{RESERVED}{number}": order.values for number, order in enumerate(rows.orders)}
        doubted = {DOUBT: marked(rows.doubted)}
        to = lookup_of(normalized(rows.keys, through.normalize), {**rows.values, **own, **doubted}, (), "first")
        from_ = self._rows.keys(read.rows, (through.from_,), through.normalize)
        self._meeting(table, "links", through.table, to.known, through).add(from_)
        links, keys, near = _met(from_, to.keys)
        taken, at = to.of(keys), pa.array(links)
        in_doubt = np.asarray(taken.pop(DOUBT).is_valid()) | read.doubted[links] | near
        orders = [replace(order, values=taken.pop(name)) for name, order in zip(own, rows.orders, strict=True)]
        led = read.rows.take(at).combine_chunks()
        of_links = self._rows.orders(through.table, led, through.order_by, descending=through.descending)
        return _Keyed(self._rows.keys(led, through.to), taken, (*of_links, *orders), in_doubt)


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
