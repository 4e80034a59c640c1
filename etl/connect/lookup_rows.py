"""The rows of tables in which values of other rows are looked up: which count, by what keys and order."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from etl.config import Config, Test, single_tests
from etl.config.dates import DateColumn
from etl.config.links import Step
from etl.config.tables import Table
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
from etl.rows.lookups import Mask, Order

ROWS = 50_000


@dataclass(frozen=True)
class Read:
    """Rows of a table; doubted: those that only nearly count; left_out: how many others do not count."""

    rows: pa.Table
    doubted: Mask
    left_out: int


class LookupRows:
    """Reads the tables in which values of a source's rows are looked up."""

    def __init__(
        self,
        source: Source,
        config: Config,
        forgotten: Forgotten,
        asked: Callable[[str, str, object], dict[Test, Asked]],
    ) -> None:
        """asked: what gathers the values that nearly meet a `where`."""
        self._source, self._config, self._forgotten, self._asked = source, config, forgotten, asked
        self._counted: set[Hashable] = set()

    def read(
        self, table: str, columns: Sequence[str], where: object, show: Callable[[pa.Table, Mask], None] | None = None
    ) -> Read:
        """Some columns of a table, the rows that count or nearly do. show: gets all rows, and which are left out."""
        named = namings(self._config, table) if self._forgotten else []
        rows = self.read_all(table, [*columns, *(column for each in named for column in each.needs)], where)
        counts = self.counting(rows, table, where)
        if show is not None:
            show(pa.table({name: self._filled(rows, name) for name in rows.column_names}), ~counts.possible)
        stays = counts.possible
        read = Read(rows.filter(pa.array(stays)), counts.open[stays], int(np.count_nonzero(~stays)))
        for each in named:
            rows, left = each.without(read.rows, self._forgotten)
            read = Read(rows, read.doubted[left], read.left_out)
        return read

    def read_all(self, table: str, columns: Sequence[str], where: object) -> pa.Table:
        """Some columns of a table, and those that a condition names, of all rows but those of forgotten records."""
        own = own_keys(self._config, Table(table, "related", table, None, ())) if self._forgotten else ()
        tests = [test.column for test in single_tests(where)]
        needed = list(dict.fromkeys([*columns, *tests, *(column for _, key in own for column in key.columns)]))
        rows = all_rows(needed, self._source.read(table, table, needed, ROWS, length))
        for entry, key in own:
            keys = keys_of(rows, key.columns, key.normalize)
            rows = rows.filter(pa.array(~self._forgotten.named(entry, keys)))
        return rows

    def counting(self, rows: pa.Table, table: str, where: object) -> Answer:
        """Which rows of a table count."""
        if where is None:
            return Answer.of_all(len(rows), True)
        asked = None if (table, where) in self._counted else self._asked(f"{table}: where", table, where)
        self._counted.add((table, where))
        named = {test.column: self._filled(rows, test.column) for test in single_tests(where)}
        return answer(pa.table(named), where, asked)

    def keys(self, rows: pa.Table, columns: Sequence[str], steps: Sequence[Step] = ()) -> pa.Array:
        """The keys that columns hold; a word that stands for an empty value is none."""
        keys = normalized(together([self._filled(rows, column) for column in columns]), steps)
        self.refuse_binary_keys(keys, columns)
        return keys

    def refuse_binary_keys(self, keys: pa.Array, columns: Sequence[str]) -> None:
        """Raises SourceError for keys that are binary values: here all that are as long look alike."""
        if are_binary(keys):
            raise SourceError(
                f"The column {' and '.join(map(excerpt, columns))} has binary values as keys, and keys are compared as "
                "texts.",
                where=self._source.where,
                next=HOW_BINARY_KEYS_ARE_READ,
            )

    def orders(
        self, table: str, rows: pa.Table, by: DateColumn | None, *, descending: bool = False
    ) -> tuple[Order, ...]:
        """What a column puts rows in order by; nothing without one.

        Raises SourceError for binary values: here all that are as long look alike.
        """
        if by is None:
            return ()
        values, zone = self._filled(rows, by.column), self._config.source.time_zone
        if are_binary(values):
            raise SourceError(
                f"`order_by` names the column {excerpt(by.column)}, which has binary values, and rows are put in order "
                "by dates or texts.",
                where=self._source.where,
                next="name a column of dates or texts, or read the table by a query or a view that makes such a one of "
                "it",
            )
        unreadable = pa.array([], TEXT)
        for asked in self._asked(f"{table}: order_by", table, by).values():
            ask_dates(asked, by, lambda: iter([values]), surely=False)
            unreadable = unread(values, by.form) if asked.near else unreadable
        if by.form != ISO_DATES:
            return (Order(values, by.form.within(zone), descending, unreadable),)
        return (Order(in_text_order(values, zone), None, descending, unreadable),)

    def _filled(self, rows: pa.Table, column: str) -> pa.Array:
        """A column, null where it holds nothing, or a word that stands for an empty value."""
        return emptied(texts(rows, column), self._config.source.none)


def length(value: bytes) -> str:
    """The text that stands for a binary value where nobody looks at it."""
    return f"{len(value)} bytes"


def all_rows(columns: Sequence[str], read: Iterator[Batch]) -> pa.Table:
    """All rows of some columns, of which there may be none."""
    empty = pa.table({column: pa.array([], TEXT) for column in columns})
    return pa.concat_tables([empty, *(batch.data.select(list(columns)) for batch in read)])
