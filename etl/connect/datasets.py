"""The datasets of a config, read from its source: tables as they stand, or with what the config makes of their rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from etl.config import Config, Entry, single_tests
from etl.config.dates import DateColumn
from etl.config.links import RESERVED
from etl.config.shapes import Shape, shape_of
from etl.config.tables import tables
from etl.connect import hiding as hiding_rows
from etl.connect.aside import Aside
from etl.connect.hiding import Apart, Hiding
from etl.connect.lookup_rows import ROWS, length
from etl.connect.lookup_tables import LookupTables
from etl.connect.made_links import MadeLinks
from etl.connect.overwritten import Overwritten
from etl.connect.rows_left import RowsLeft
from etl.connect.shaping import Shaping, columns_on, with_values
from etl.connect.source import TEXT, Among, Batch, Keep, Source
from etl.errors import SourceError, excerpt
from etl.rows import Asked, gather
from etl.rows.forgotten import NOBODY, Forgotten
from etl.rows.lookups import KnownKeys
from etl.rows.meetings import Kind, Meeting
from etl.rows.merges import Merges
from etl.rows.places import Places


class Datasets:
    """What a config reads from its source, by the names of its datasets. The source is opened by its owner.

    Tables that values are looked up in are read once, until `read_anew`. left_out: dataset -> rows that its `where`
    leaves out; asked: place of the config -> how the values that a `where` names met the data. meetings: part of the
    config -> how rows of a dataset met the table that they look up. overwritten: by dataset.
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
        aside: Aside | None = None,
    ) -> None:
        """forgotten: the records of which nothing is read. apart: gets what is left out for them; None for nobody.
        aside: is shown what a `where` leaves out, and what joined tables have."""
        self._source, self._config = source, config
        self._overwritten = overwritten or {}
        self._forgotten, self._apart = forgotten, apart
        self.hidden: Counter[str] = Counter()
        self.shared: Counter[str] = Counter()
        self.tables = {table.name: table for table in tables(config)}
        self._shapes = {name: shape_of(config, table) for name, table in self.tables.items()}
        self.asked: dict[str, dict[Any, Asked]] = {}
        self.meetings: dict[Hashable, Meeting] = {}
        self._tables = LookupTables(source, config, forgotten, self._asked, self._rows_looked_up, self._meeting, aside)
        links = MadeLinks(self._tables, self._asked, self._meeting)
        self._shaping = Shaping(config, self._tables, links, self._overwritten, self._meeting, aside)
        self.left_out = self._shaping.left_out

    def read_anew(self) -> None:
        """Read what is looked up anew when it is needed next, and count anew how it is met."""
        self.meetings.clear()
        self._tables.read_anew()

    def merges(self) -> dict[str, Merges]:
        """Entry -> the keys of its records that were merged away."""
        made = ((name, self._tables.merges(name)) for name in self._config.source.records)
        return {name: merges for name, merges in made if merges is not None}

    def columns(self, name: str) -> list[str]:
        """The columns of a dataset that people see: the table's own, in its order, then those of other tables.

        Raises SourceError where a table is missing or unusable, or a column's name is this tool's own.
        """
        further = self._further(name)
        if further is not None:
            return further.columns
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
        shape, further = self._shapes[name], self._further(name)
        made = further.links if further else shape.made if shape else ()
        return list(dict.fromkeys([*self.columns(name), *made]))

    def finds(self, name: str, columns: Sequence[str]) -> bool:
        """Tell whether rows can be asked for by the values of these columns, without reading the whole table."""
        plain = self._shapes[name] is None and self._further(name) is None
        return plain and self._source.finds(self.tables[name].table, columns)

    def read(
        self, name: str, columns: Sequence[str] | None, rows: int, keep: Keep, among: Among | None = None
    ) -> Iterator[Batch]:
        """Read a dataset in batches, as `Source.read` does a table. columns: all, the made ones too, if None."""
        hiding = self._hidings.get(name)
        if hiding is None:
            yield from self._all_rows(name, columns, rows, keep, among)
            return
        wanted = [c for c in self.all_columns(name) if columns is None or c in set(columns)]
        left_rows = RowsLeft()
        for batch in self._all_rows(name, [*wanted, *hiding.needs], rows, keep, among):
            named = hiding.named(batch.data)
            out = hiding.leaves_out(named, batch.origins)
            if self._apart is not None and named.any.any():
                hiding.tell(batch.data, out, named, self._apart)
            self.hidden[name] += _rows_of(out, batch.origins)
            self.shared[name] += _rows_of(out & named.others, batch.origins) if hiding.table.kind != "entry" else 0
            left = hiding.applied(batch.data.select(wanted), out, named)
            without = left_rows.batch(batch, left, np.flatnonzero(~out))
            if left.num_rows:
                yield without

    def _all_rows(
        self, name: str, columns: Sequence[str] | None, rows: int, keep: Keep, among: Among | None
    ) -> Iterator[Batch]:
        """Read a dataset with all that names forgotten records."""
        further = self._further(name)
        if self._says_nothing(name):
            return
        if further is not None:
            yield from self._read_further(further, columns, rows)
        elif self._shapes[name] is None:
            yield from self._source.read(self.tables[name].table, name, columns, rows, keep, among)
        else:
            yield from self._read(name, columns, rows, keep, counted=not self._again(name))

    def _again(self, name: str) -> bool:
        """Whether the rows count elsewhere: as records of an entry, or as links of other rows."""
        related = self._config.source.related.get(name)
        return related is not None and (related.records_of is not None or related.linking is not None)

    def _says_nothing(self, name: str) -> bool:
        """Whether a dataset is a table of links that has no columns beside those which link."""
        related = self._config.source.related.get(name)
        links = related.linking if related else None
        return links is not None and links.keys >= {*self._own(self.tables[name].table)}

    def _further(self, name: str) -> _FurtherRows | None:
        """What a dataset of the rows of a joined table is read by that are not taken; None of another dataset."""
        related = self._config.source.related.get(name)
        if related is None or related.further_of is None:
            return None
        of = related.further_of
        source = self._config.source
        part = source.records.get(of.dataset) or source.related[of.dataset]
        key = part.key_columns.columns if isinstance(part, Entry) else (part.key,) if part.key else ()
        taken = [f"{of.join}.{column}" for column in self._tables.taken(of.join, part.join[of.join])]
        links = tuple(related.of.values())
        plain = [link for link in links if not link.startswith(RESERVED)]
        return _FurtherRows(of.dataset, of.join, links, tuple(dict.fromkeys([*key, *plain])), taken)

    def _read_further(self, further: _FurtherRows, columns: Sequence[str] | None, rows: int) -> Iterator[Batch]:
        """Read the rows of a joined table that are not taken, each beside the key and the links of the row that has it.

        Only where there are any is the dataset that has them read once more.
        """
        shape = self._shapes[further.dataset] or Shape()
        join = shape.joins[further.join]
        lookup = self._tables.joined(further.join, join)
        if not lookup.not_taken:
            return
        every = dict.fromkeys([*further.columns, *further.links])
        wanted = [c for c in every if columns is None or c in set(columns)]
        on = columns_on(join, shape)
        hiding, most = self._hidings.get(further.dataset), int(lookup.rows.max())
        needed = [*further.own, *further.links, *on, *(hiding.needs if hiding else ())]
        for batch in self._read(further.dataset, needed, rows, length, counted=False):
            keys = self._shaping.keys_on(batch.data, further.dataset, shape, join)
            if hiding:
                keys = pc.if_else(pa.array(hiding.led_by(batch.data, on)), pa.scalar(None, TEXT), keys)
            places, offset, values = lookup.others_of(keys)
            data = with_values(batch.data.take(pa.array(places)).combine_chunks(), further.join, values)
            if data.num_rows and batch.origins is not None:
                yield Batch(data.select(wanted), [], batch.origins[places] * most + offset)

    @cached_property
    def _hidings(self) -> Mapping[str, Hiding]:
        taken = {
            name: {join: self._tables.taken(join, part) for join, part in shape.joins.items()}
            for name, shape in self._shapes.items()
            if shape is not None
        }
        return hiding_rows.hidings(self._config, self._shapes, list(self.tables.values()), taken, self._forgotten)

    def _read(
        self,
        name: str,
        columns: Sequence[str] | None,
        rows: int,
        keep: Keep,
        *,
        counted: bool,
        shape: Shape | None = None,
    ) -> Iterator[Batch]:
        """Read a dataset of which something is made. counted: whether what is left out and asked counts; shape: what
        is made, if not all.

        A database's connection reads one table at a time, so what is looked up is read first.
        """
        table, shape = self.tables[name].table, shape or self._shapes[name] or Shape()
        own = self._own(table)
        wanted = [c for c in self.all_columns(name) if columns is None or c in set(columns)]
        own_keys = [column for own in self._overwritten.get(name, ()) for column in own.key.columns]
        needed = {*wanted, *shape.named(), *own_keys}
        asked = self._asked(self._at(name), name, shape.where) if counted else None
        left_rows = RowsLeft()
        self._tables.read(shape)
        for batch in self._source.read(table, name, [c for c in own if c in needed], rows, keep):
            shaped = self._shaping.shaped(batch, name, shape, wanted, asked, left_rows)
            if shaped.data.num_rows:
                yield shaped

    def _rows_looked_up(self, name: str, columns: Sequence[str]) -> Iterator[Batch]:
        """Read some columns of an entry or a related table, of which nothing counts.

        The links of an entry are not read: they may lead to the same records.
        """
        shape = self._shapes[name] or Shape()
        if name in self._config.source.records:
            shape = replace(shape, links={}, merged=None)
        return self._read(name, columns, ROWS, length, counted=False, shape=shape)

    def _asked(self, at: str, dataset: str, where: object) -> dict[Any, Asked]:
        """What gathers the values that nearly meet a condition of the config on a table, or are to be dates."""
        dates = {where: Asked(at, dataset, where)} if isinstance(where, DateColumn) else {}
        return self.asked.setdefault(f"{at} {dataset} {where!r}", dates or gather(at, dataset, single_tests(where)))

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

    def _meeting(self, dataset: str, kind: Kind, name: str, known: KnownKeys, part: Hashable) -> Meeting:
        """What counts how rows of a dataset meet a table. part: of the config, where the name alone does not say it."""
        return self.meetings.setdefault((dataset, kind, name, part), Meeting(dataset, kind, name, known))


@dataclass(frozen=True)
class _FurtherRows:
    """How the rows of a joined table that are not taken are read.

    dataset: whose rows have them; join: the name of the table there. links: those of the rows; own: their key, and
    links that stand in the source; taken: the columns of the joined table.
    """

    dataset: str
    join: str
    links: tuple[str, ...]
    own: tuple[str, ...]
    taken: list[str]

    @property
    def columns(self) -> list[str]:
        """The columns that people see."""
        return [*self.own, *self.taken]


def _rows_of(chosen: npt.NDArray[np.bool_], origins: Places | None) -> int:
    """How many rows of the table are chosen, some of which may stand several times."""
    return int(np.count_nonzero(chosen)) if origins is None else len(np.unique(origins[chosen]))
