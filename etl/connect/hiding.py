"""Leave out of what is read all that names a forgotten record, whoever reads it: the plan, and each re-reading."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from etl.config import AllOfRow, AnyOfRow, ColumnCondition, Config, NotOfRow, exists_of
from etl.config.links import KeyColumns
from etl.config.shapes import Shape, near_column
from etl.config.tables import Table, links_of
from etl.connect.pointing import Led, Pointer, pointers
from etl.connect.source import TEXT
from etl.empties import Empties, emptied
from etl.rows.forgotten import Forgotten
from etl.rows.keys import keys_of, texts
from etl.rows.lists import column_of_lists, rows_of_lists

Mask = npt.NDArray[np.bool_]


@dataclass
class Apart:
    """What was read of forgotten records and is written nowhere: by it is told whether they keep a family.

    rows: dataset -> its rows that name one. families: pairs of source keys that a forgotten record makes one family,
    it and another. losing: source keys of records that have lost a row which rules ask for. met: the forgotten ones.
    """

    rows: dict[str, list[pa.Table]] = field(default_factory=dict)
    families: list[tuple[str, str]] = field(default_factory=list)
    losing: set[str] = field(default_factory=set)
    met: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Named:
    """What some rows name of forgotten records. own: the rows that are such a record; by: link -> the rows that name
    one; others: those that name another record as well; shown: those that show values of one by a join or labels."""

    own: Mask
    by: Mapping[tuple[str, str], Mask]
    others: Mask
    shown: Sequence[tuple[Pointer, Mask]] = ()

    @property
    def any(self) -> Mask:
        """The rows that are one, or name one."""
        named: Mask = np.logical_or.reduce([self.own, *self.by.values()])
        return named

    @property
    def changing(self) -> Mask:
        """The rows that are one, name one or show something of one."""
        changing: Mask = np.logical_or.reduce([self.any, *(mask for _, mask in self.shown)])
        return changing


@dataclass(frozen=True)
class Hiding:
    """What of one dataset is left out.

    own: entry and key of the records that the rows themselves are; links: entry and column of those that they name.
    emptied: link -> the columns that say which record it names, or what that is called; pointers: other columns that
    lead to values of records. asked: whether rules ask for its rows; telling: whether they ask values of its rows that
    do not stand in the config.
    """

    table: Table
    own: tuple[tuple[str, KeyColumns], ...]
    links: tuple[tuple[str, str], ...]
    emptied: Mapping[str, tuple[str, ...]]
    pointers: tuple[Pointer, ...]
    asked: bool
    telling: bool
    empties: Empties
    forgotten: Forgotten

    @property
    def needs(self) -> frozenset[str]:
        """The columns by which rows are told."""
        of_keys = (column for _, key in self.own for column in key.columns)
        pointing = (column for pointer in self.pointers for column in pointer.columns)
        return frozenset((*of_keys, *(column for _, column in self.links), *pointing))

    def named(self, data: pa.Table) -> Named:
        """What the rows name of forgotten records."""
        present = set(data.column_names)
        keys = {column: self._keys(data, column) for _, column in self.links if column in present}
        none = np.zeros(len(data), dtype=np.bool_)
        own = [self.forgotten.named(e, self._own_keys(data, key)) for e, key in self.own if present >= {*key.columns}]
        by = {(e, c): self.forgotten.named(e, keys[c]) for e, c in self.links if c in keys}
        others = [np.asarray(keys[c].is_valid()) & ~mask for (_, c), mask in by.items()]
        shown = [(p, p.at(self._decisive(data, p.columns), self.forgotten)) for p in self._pointing(present)]
        return Named(np.logical_or.reduce([none, *own]), by, np.logical_or.reduce([none, *others]), shown)

    def _pointing(self, present: set[str]) -> Iterator[Pointer]:
        return (pointer for pointer in self.pointers if present >= {*pointer.columns})

    def leaves_out(self, named: Named, origins: npt.NDArray[np.int64] | None) -> Mask:
        """The rows that are left out. origins: which row of the table each is, where one may stand several times.

        A row of history that names a forgotten record is left out also where it names others, for nobody can tell whose
        its text is. A row of evidence is not, where it has no text but what the config itself says: it speaks for the
        others.
        """
        if self.table.kind == "entry":
            return named.own
        if self.table.kind == "evidence":
            return named.own | (named.any & ~named.others) | (named.any & np.bool_(self.telling))
        out = named.any
        return out if origins is None else np.isin(origins, origins[out])

    def applied(self, data: pa.Table, out: Mask, named: Named) -> pa.Table:
        """The rows that stay, without what says which forgotten record they name."""
        shown = [(self.emptied.get(link, (link,)), mask) for (_, link), mask in named.by.items()]
        for columns, mask in [*shown, *((pointer.shows, mask) for pointer, mask in named.shown)]:
            if (mask & ~out).any():
                for column in columns:
                    if column in data.column_names:
                        values = pc.if_else(pa.array(mask), pa.scalar(None, TEXT), data[column])
                        data = data.set_column(data.column_names.index(column), column, values)
        for entry, link in self.links:
            if (near := near_column(link)) in data.column_names:
                column = self._without_forgotten(entry, texts(data, near))
                data = data.set_column(data.column_names.index(near), near, column)
        return data.filter(pa.array(~out)) if out.any() else data

    def led_by(self, data: pa.Table, columns: Sequence[str]) -> Mask:
        """The rows in which some columns hold the key of a forgotten record."""
        named, asked = self.named(data), set(columns)
        masks = [mask for (_, link), mask in named.by.items() if asked & {*self.emptied.get(link, (link,))}]
        masks += [mask for pointer, mask in named.shown if asked & {*pointer.columns}]
        led: Mask = np.logical_or.reduce([np.zeros(len(data), dtype=np.bool_), *masks])
        return led

    def _without_forgotten(self, entry: str, near: pa.Array) -> pa.Array:
        """A column that lists keys of records, without those that must not be seen."""
        rows, keys = rows_of_lists(near)
        stay = np.flatnonzero(~self.forgotten.named(entry, keys))
        return column_of_lists(len(near), rows[stay], keys.take(pa.array(stay)))

    def tell(self, data: pa.Table, out: Mask, named: Named, apart: Apart) -> None:
        """Keep aside what rows say of forgotten records."""
        mine = named.own if self.table.kind == "entry" else named.any
        apart.rows.setdefault(self.table.name, []).append(data.filter(pa.array(mine)))
        keys = {(e, c): _sources(e, self._keys(data, c)) for e, c in named.by}
        if self.table.kind == "entry":
            [(entry, key)] = self.own
            own = _sources(entry, self._own_keys(data, key))
            apart.met.update(own.filter(pa.array(named.own)).to_pylist())
            for link, mask in named.by.items():
                rows = pa.array(mask | named.own)
                pairs = zip(own.filter(rows).to_pylist(), keys[link].filter(rows).to_pylist(), strict=True)
                apart.families += [(record, above) for record, above in pairs if record and above]
        elif self.asked:
            for link, mask in named.by.items():
                apart.losing.update(filter(None, keys[link].filter(pa.array(out & ~mask)).to_pylist()))

    def _own_keys(self, data: pa.Table, key: KeyColumns) -> pa.Array:
        return keys_of(self._decisive(data, key.columns), key.columns, key.normalize)

    def _decisive(self, data: pa.Table, columns: Sequence[str]) -> pa.Table:
        return pa.table({column: self._keys(data, column) for column in columns})

    def _keys(self, data: pa.Table, column: str) -> pa.Array:
        chunks = [chunk.cast(TEXT) for chunk in data[column].chunks]
        return emptied(pa.concat_arrays([pa.array([], TEXT), *chunks]), self.empties.of(column))


def hidings(
    config: Config,
    shapes: Mapping[str, Shape | None],
    tables: Sequence[Table],
    taken: Mapping[str, Mapping[str, Sequence[str]]],
    forgotten: Forgotten,
) -> dict[str, Hiding]:
    """How each dataset is read without forgotten records; nothing where there are none.

    taken: dataset -> join -> the columns that it gives.
    """
    if not forgotten:
        return {}
    links = links_of(config)
    asked = {condition.exists for rule in config.classify for condition in exists_of(rule.when)}
    telling = {c.exists for rule in config.classify for c in exists_of(rule.when) if _is_telling(c.where)}
    made = {}
    for table in tables:
        led = Led(shapes[table.name] or Shape(), taken.get(table.name, {}))
        columns = [column for _, column in links[table.name]]
        made[table.name] = Hiding(
            table,
            own_keys(config, table),
            tuple(link for link in links[table.name] if table.kind != "entry" or link != _own_link(config, table)),
            _emptied(led, columns),
            pointers(config, led, columns),
            table.name in asked,
            table.name in telling,
            config.source.empties(table.name),
            forgotten,
        )
    return made


def own_keys(config: Config, table: Table) -> tuple[tuple[str, KeyColumns], ...]:
    """The entries whose records the rows of a dataset are, and their keys, of columns that the dataset has.

    Another dataset may read an entry's own table: contacts in the notes of further companies, or asked for by a rule.
    """
    records = config.source.records
    if table.kind == "entry":
        return ((table.name, KeyColumns(columns=(records[table.name].key,))),)
    related = config.source.related.get(table.name)
    if related is not None and related.further_of is not None:
        return ()  # what stands in it of a record that must not be seen was left out as it was looked up
    return tuple((name, entry.key_columns) for name, entry in records.items() if (entry.from_ or name) == table.table)


def _own_link(config: Config, table: Table) -> tuple[str, str]:
    """An entry's link to its own records."""
    return table.name, config.source.records[table.name].key


def _is_telling(where: object) -> bool:
    """Whether a condition holds for values that do not stand in it."""
    match where:
        case AllOfRow(all=parts) | AnyOfRow(any=parts):
            return any(map(_is_telling, parts))
        case ColumnCondition():
            return where.empty is False or where.matches is not None
    return isinstance(where, NotOfRow)


def _emptied(led: Led, links: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Link -> it, the columns that it is made of, and those of other tables that these lead to."""
    key, made = led.shape.key.columns if led.shape.key else (), led.shape.links
    of = {link: [c for part in made[link].links for c in part.columns if c not in key] for link in made}
    return {link: led.all([link, *of.get(link, ())]) for link in links}


def _sources(entry: str, keys: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise(pa.scalar(entry, TEXT), keys, pa.scalar(":", TEXT))
