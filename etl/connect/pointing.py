"""Columns by which rows show values of records, or rows that name them: what of it goes when a record is forgotten."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.config import Config, Link, columns_named, exists_of
from etl.config.links import KeyColumns, Step
from etl.config.shapes import Shape, each_column, instead_column
from etl.config.tables import tables
from etl.connect.source import TEXT
from etl.rows import Mask, answer
from etl.rows.forgotten import Forgotten
from etl.rows.keys import keys_of


@dataclass(frozen=True)
class Pointer:
    """Columns of a row, no link, by whose values a join or labels take something from the record that has such a key.

    forms: the steps by each of which they may be brought to the form of the key; shows: they, and all that they lead
    to.
    """

    entry: str
    columns: tuple[str, ...]
    forms: tuple[tuple[Step, ...], ...]
    shows: tuple[str, ...]

    def at(self, data: pa.Table, forgotten: Forgotten) -> Mask:
        """The rows in which they hold the key of a forgotten record."""
        named = (forgotten.named(self.entry, keys_of(data, self.columns, form)) for form in self.forms)
        mask: Mask = np.logical_or.reduce([np.zeros(len(data), dtype=np.bool_), *named])
        return mask


@dataclass(frozen=True)
class Led:
    """What columns of a row lead to in other tables. taken: join -> the columns that it gives."""

    shape: Shape
    taken: Mapping[str, Sequence[str]]

    def all(self, columns: Sequence[str]) -> tuple[str, ...]:
        """Some columns, and those of other tables that are looked up by them, or by what is looked up."""
        columns_led = dict.fromkeys(columns)
        for name, join in self.shape.joins.items():
            if set(join.on) & set(columns):
                columns_led |= dict.fromkeys(_with_others(f"{name}.{column}" for column in self.taken[name]))
        for column, labels in self.shape.labels.items():
            if column in columns_led:
                columns_led |= dict.fromkeys(_with_others(f"{column}.{show}" for show in labels.show))
        return tuple(columns_led)


def _with_others(columns: Iterator[str]) -> Iterator[str]:
    """Columns of another table, and those of what other rows of it say."""
    for column in columns:
        yield from (column, each_column(column), instead_column(column))


def pointers(config: Config, led: Led, links: Sequence[str]) -> tuple[Pointer, ...]:
    """The columns of a dataset by which its rows show values of records. links: its columns that are links."""
    shape, own = led.shape, set(led.shape.key.columns if led.shape.key else ())
    looked_up = [(join.from_ or name, join.key, join.on, join.normalize) for name, join in shape.joins.items()]
    looked_up += [(part.from_, (part.key,), (column,), part.normalize) for column, part in shape.labels.items()]
    made = []
    for table, key, on, steps in looked_up:
        for entry, keyed in keyed_by(config, table):
            if on and keyed.columns == key and not set(on) & own and not (len(on) == 1 and on[0] in links):
                forms = tuple(dict.fromkeys([keyed.normalize, steps, (*steps, *keyed.normalize)]))
                made.append(Pointer(entry, on, forms, led.all(on)))
    return tuple(dict.fromkeys(made))


def keyed_by(config: Config, table: str) -> Iterator[tuple[str, KeyColumns]]:
    """The entries that are read from a table, and their keys."""
    for name, entry in config.source.records.items():
        if (entry.from_ or name) == table:
            yield name, entry.key_columns


@dataclass(frozen=True)
class Naming:
    """How rows of a table that values are looked up in name records, as the config says of its datasets.

    whole: whether a row is the record's history, of which nothing is shown; of another record's row the link alone.
    """

    entry: str
    link: Link
    whole: bool

    @property
    def needs(self) -> tuple[str, ...]:
        """The columns by which such rows are told."""
        return (*self.link.columns, *columns_named(self.link.where))

    def without(self, rows: pa.Table, forgotten: Forgotten) -> tuple[pa.Table, Mask]:
        """The rows without what they show of forgotten records, and which of them are left."""
        named = forgotten.named(self.entry, keys_of(rows, self.link.columns, self.link.normalize))
        named &= answer(rows, self.link.where).possible
        if self.whole:
            return rows.filter(pa.array(~named)), ~named
        for column in self.link.columns if named.any() else ():
            emptied = pc.if_else(pa.array(named), pa.scalar(None, TEXT), rows[column])
            rows = rows.set_column(rows.column_names.index(column), column, emptied)
        return rows, np.ones(len(rows), dtype=np.bool_)


def namings(config: Config, table: str) -> list[Naming]:
    """How the rows of a table name records by columns of their own."""
    read = {each.name: each.table for each in tables(config)}
    links = [
        (name, {entry.parent.of: entry.parent.links}, False)
        for name, entry in config.source.records.items()
        if entry.parent
    ]
    links += [(name, part.links, True) for name, part in config.source.related.items() if part.made_of is None]
    links += [(each.exists, each.links, True) for rule in config.classify for each in exists_of(rule.when)]
    own = {name for name, _ in keyed_by(config, table)}
    return [
        Naming(entry, link, whole and not own)
        for name, by_entry, whole in links
        if read[name] == table
        for entry, some in by_entry.items()
        for link in some
        if link.columns and not (link.through or link.under_row)
    ]
