"""The tables in which values of other rows are looked up: joined columns, labels, links of many, merged records."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.config import Aliases, Config, Join, LabelsOf, Test, Through, single_tests
from etl.config.dates import DateColumn
from etl.config.links import RESERVED, Step
from etl.config.shapes import Shape, lost_column, shape_of
from etl.config.tables import Table
from etl.connect.hiding import own_keys
from etl.connect.source import TEXT, Batch, Source
from etl.dates import ISO_DATES, in_text_order
from etl.empties import emptied
from etl.rows import Answer, Asked, answer
from etl.rows.dated import ask_dates
from etl.rows.forgotten import Forgotten
from etl.rows.keys import keys_of, normalized, texts, together
from etl.rows.lookups import Lookup, Order, Several, lookup_of, several_of, without_chains

ROWS = 50_000
Made = TypeVar("Made")


class LookupTables:
    """What a source's rows are looked up in. It is made once for each part of the config that says how, until
    `read_anew`, and is held in memory."""

    def __init__(
        self,
        source: Source,
        config: Config,
        forgotten: Forgotten,
        asked: Callable[[str, str, object], dict[Test, Asked]],
        related: Callable[[str, Sequence[str]], Iterator[Batch]],
        keys: Callable[[str], Iterator[pa.Array]],
    ) -> None:
        """asked: what gathers the values that nearly meet a `where`; related: reads columns of a related table; keys:
        those of an entry's records."""
        self._source, self._config, self._forgotten = source, config, forgotten
        self._asked, self._related, self._keys_of = asked, related, keys
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
                    self.above(link.under_row, made.entry)

    def taken(self, name: str, join: Join) -> list[str]:
        """The columns that a join takes of its table: those that the config names, or all but its key."""
        return list(join.columns) or [c for c in self._source.columns(join.from_ or name) if c not in join.key]

    def joined(self, name: str, join: Join) -> Lookup:
        """The columns of a table that is joined under a name, by the keys of the rows that it is joined to."""
        return self._once((join.from_ or name, join), lambda: self._joined(name, join))

    def labels(self, labels: LabelsOf) -> Lookup:
        """What the ids of a table of labels are called."""
        return self._once(labels, lambda: self._labels(labels))

    def through(self, through: Through) -> Several:
        """The keys to which a table of links leads from each key, in order."""
        return self._once(through, lambda: self._through(through))

    def merges(self, entry: str) -> Mapping[str, str]:
        """Keys of an entry's records that were merged away -> those that they were merged into at last."""
        records = self._config.source.records[entry]
        aliases, steps = records.aliases, records.key_columns.normalize
        return self._once((aliases, steps), lambda: self._merges(aliases, steps)) if aliases else {}

    def known(self, entry: str) -> pa.Array:
        """The keys of an entry's records, those that must not be seen among them."""
        return self._once(("keys", entry), lambda: pa.concat_arrays([pa.array([], TEXT), *self._keys_of(entry)]))

    def merged(self, entry: str, keys: pa.Array) -> pa.Array:
        """What keys of an entry's records were merged into; null for those that were not."""
        now = self.merges(entry)
        encoded = keys.dictionary_encode()
        return pa.array([now.get(key) for key in encoded.dictionary.to_pylist()], TEXT).take(encoded.indices)

    def above(self, related: str, entry: str) -> Several:
        """The records of an entry that the rows of a related table name, by these rows' key."""
        return self._once((related, entry), lambda: self._above(related, entry))

    def _once(self, part: Hashable, make: Callable[[], Made]) -> Made:
        """What a part of the config says is made of a table; each part says of its own which rows of it count."""
        if part not in self._made:
            self._made[part] = make()
        made: Made = self._made[part]
        return made

    def _joined(self, name: str, join: Join) -> Lookup:
        taken = self.taken(name, join)
        order = [join.order_by.column] if join.order_by else []
        rows, left_out = self._rows(join.from_ or name, (*join.key, *taken, *order), join.where)
        keys = self._keys(rows, join.key)
        values: Mapping[str, pa.Array] = {column: texts(rows, column) for column in taken}
        orders = self._orders(join.from_ or name, rows, join.order_by)
        if join.through:
            keys, values, orders = self._led(join.through, keys, values, orders)
        made = lookup_of(normalized(keys, join.normalize), values, orders, join.take)
        return replace(made, left_out=left_out)

    def _labels(self, labels: LabelsOf) -> Lookup:
        rows, left_out = self._rows(labels.from_, (labels.key, *labels.show), labels.where)
        values = {show: texts(rows, show) for show in labels.show}
        made = lookup_of(self._keys(rows, (labels.key,), labels.normalize), values, (), "first")
        return replace(made, left_out=left_out)

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

    def _merges(self, aliases: Aliases, steps: Sequence[Step]) -> Mapping[str, str]:
        rows, _ = self._rows(aliases.from_, (aliases.old, aliases.new), aliases.where)
        old, new = (self._keys(rows, (column,), steps).to_pylist() for column in (aliases.old, aliases.new))
        return without_chains(old, new)

    def _above(self, related: str, entry: str) -> Several:
        table = self._config.source.related[related]
        key, link = table.key or "", table.of[entry]
        made = shape_of(self._config, Table(related, "related", table.from_ or related, table.key, ()))
        lost = [column for column in (made.made if made else ()) if column == lost_column(link)]
        rows = _all([key, link, *lost], self._related(related, [key, link, *lost]))
        unlinked = np.logical_and.reduce([np.asarray(texts(rows, column).is_null()) for column in (link, *lost)])
        return replace(several_of(texts(rows, key), texts(rows, link)), unlinked=texts(rows, key).filter(unlinked))

    def _led(
        self, through: Through, keys: pa.Array, values: Mapping[str, pa.Array], orders: Sequence[Order]
    ) -> tuple[pa.Array, Mapping[str, pa.Array], tuple[Order, ...]]:
        """Rows of a table that links lead to, by the records' keys; a link to a row that there is not is none.

        They are in the order of the links, and of equal ones in their own.
        """
        links, _ = self._rows(through.table, through.columns(), through.where)
        keys, steps = normalized(keys, through.normalize), through.normalize
        links = links.filter(pc.is_in(self._keys(links, (through.from_,), steps), value_set=keys, skip_nulls=True))
        own = {f"{RESERVED}{number}": order.values for number, order in enumerate(orders)}
        taken = lookup_of(keys, {**values, **own}, (), "first").of(self._keys(links, (through.from_,), steps))
        orders = [replace(order, values=taken.pop(name)) for name, order in zip(own, orders, strict=True)]
        of_links = self._orders(through.table, links, through.order_by, descending=through.descending)
        return self._keys(links, through.to), taken, (*of_links, *orders)

    def _keys(self, rows: pa.Table, columns: Sequence[str], steps: Sequence[Step] = ()) -> pa.Array:
        """The keys that columns hold; a word that stands for an empty value is none."""
        none = self._config.source.none
        return normalized(together([emptied(texts(rows, column), none) for column in columns]), steps)

    def _orders(
        self, table: str, rows: pa.Table, by: DateColumn | None, *, descending: bool = False
    ) -> tuple[Order, ...]:
        """What a column puts rows in order by; nothing without one."""
        if by is None:
            return ()
        values, zone = self._keys(rows, (by.column,)), self._config.source.time_zone
        for asked in self._asked(f"{table}: order_by", table, by).values():
            ask_dates(asked, by, lambda: iter([values]), surely=False)
        if by.form != ISO_DATES:
            return (Order(values, by.form.within(zone), descending),)
        return (Order(in_text_order(values, zone), None, descending),)

    def _rows(self, table: str, columns: Sequence[str], where: object) -> tuple[pa.Table, int]:
        """Some columns of a table that values are looked up in, the rows that count or nearly do; how many do not."""
        rows = self._read_rows(table, columns, where)
        counts = self._counting(rows, table, where)
        left = rows.filter(pa.array(counts.possible)) if where is not None else rows
        return left, len(rows) - len(left)

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


def length(value: bytes) -> str:
    """The text that stands for a binary value where nobody looks at it."""
    return f"{len(value)} bytes"


def _all(columns: Sequence[str], read: Iterator[Batch]) -> pa.Table:
    """All rows of some columns, of which there may be none."""
    empty = pa.table({column: pa.array([], TEXT) for column in columns})
    return pa.concat_tables([empty, *(batch.data.select(list(columns)) for batch in read)])
