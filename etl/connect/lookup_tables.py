"""The tables in which values of other rows are looked up: joined columns, labels, links of many, merged records."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import pyarrow as pa

from etl.config import Aliases, Config, Join, LabelsOf, Test, Through, single_tests
from etl.config.shapes import Shape
from etl.config.tables import Table
from etl.connect.hiding import own_keys
from etl.connect.source import TEXT, Batch, Source
from etl.rows import Asked, answer
from etl.rows.forgotten import Forgotten
from etl.rows.keys import keys_of, normalized, texts
from etl.rows.lookups import Lookup, Several, lookup_of, several_of, without_chains

ROWS = 50_000


class LookupTables:
    """What a source's rows are looked up in. Each table is read once, until `forget`, and is held in memory."""

    def __init__(
        self,
        source: Source,
        config: Config,
        forgotten: Forgotten,
        asked: Callable[[str, str, object], dict[Test, Asked]],
        related: Callable[[str, Sequence[str]], Iterator[Batch]],
    ) -> None:
        """asked: what gathers the values that nearly meet a `where`; related: reads columns of a related table."""
        self._source, self._config, self._forgotten = source, config, forgotten
        self._asked, self._related = asked, related
        self.forget()

    def forget(self) -> None:
        """Read each table anew when it is needed next."""
        self._lookups: dict[str, Lookup] = {}
        self._several: dict[str, Several] = {}
        self._aliases: dict[str, Mapping[str, str]] = {}

    def read(self, name: str, shape: Shape) -> None:
        """Read all that the rows of a dataset are looked up in, as far as that is not read yet."""
        for join_name, join in shape.joins.items():
            self.joined(name, join_name, join)
        for labels in shape.labels.values():
            self.labels(labels)
        for made in shape.links.values():
            if made.aliases:
                self.merges(made.aliases)
            for link in made.links:
                if link.through:
                    self.through(link.through)
                elif link.under_row:
                    self.above(link.under_row, made.entry)

    def taken(self, name: str, join: Join) -> list[str]:
        """The columns that a join takes of its table: those that the config names, or all but its key."""
        return list(join.columns) or [c for c in self._source.columns(join.from_ or name) if c not in join.key]

    def joined(self, dataset: str, name: str, join: Join) -> Lookup:
        """The columns of a table that a dataset joins under a name, by the dataset's keys."""
        at = f"{dataset}.{name}"
        if at not in self._lookups:
            taken = self.taken(name, join)
            order = [join.order_by] if join.order_by and not join.through else []
            rows = self._rows(join.from_ or name, (*join.key, *taken, *order), join.where)
            keys = keys_of(rows, join.key)
            values = {column: texts(rows, column) for column in taken}
            order_by = texts(rows, order[0]) if order else None
            if join.through:
                keys, values, order_by = self._led(join.through, keys, values)
            self._lookups[at] = lookup_of(normalized(keys, join.normalize), values, order_by, join.take)
        return self._lookups[at]

    def labels(self, labels: LabelsOf) -> Lookup:
        """What the ids of a table of labels are called."""
        at = f"{labels.from_}.{labels.key}.{','.join(labels.show)}"
        if at not in self._lookups:
            rows = self._rows(labels.from_, (labels.key, *labels.show), labels.where)
            values = {show: texts(rows, show) for show in labels.show}
            self._lookups[at] = lookup_of(texts(rows, labels.key), values, None, "first")
        return self._lookups[at]

    def through(self, through: Through) -> Several:
        """The keys to which a table of links leads from each key, in order."""
        at = repr(through)
        if at not in self._several:
            rows = self._rows(through.table, through.columns(), through.where)
            order = texts(rows, through.order_by) if through.order_by else None
            to = keys_of(rows, through.to)
            self._several[at] = several_of(texts(rows, through.from_), to, order, descending=through.descending)
        return self._several[at]

    def merges(self, aliases: Aliases) -> Mapping[str, str]:
        """Keys that were merged away -> those that they were merged into at last."""
        if aliases.from_ not in self._aliases:
            rows = self._rows(aliases.from_, (aliases.old, aliases.new), aliases.where)
            old, new = (texts(rows, column).to_pylist() for column in (aliases.old, aliases.new))
            self._aliases[aliases.from_] = without_chains(old, new)
        return self._aliases[aliases.from_]

    def above(self, related: str, entry: str) -> Lookup:
        """The records of an entry that the rows of a related table name, by these rows' key."""
        at = f"under {related} {entry}"
        if at not in self._lookups:
            table = self._config.source.related[related]
            columns = [table.key or "", table.of[entry]]
            rows = _all(columns, self._related(related, columns))
            keys, values = (texts(rows, column) for column in columns)
            self._lookups[at] = lookup_of(keys, {"key": values}, None, "first")
        return self._lookups[at]

    def _led(
        self, through: Through, keys: pa.Array, values: Mapping[str, pa.Array]
    ) -> tuple[pa.Array, dict[str, pa.Array], pa.Array | None]:
        """Rows of a table that links lead to, by the records' keys."""
        links = self._rows(through.table, through.columns(), through.where)
        once = lookup_of(keys, values, None, "first")
        ends = texts(links, through.from_)
        order = texts(links, through.order_by) if through.order_by else None
        return keys_of(links, through.to), {name: once.of(ends, name) for name in values}, order

    def _rows(self, table: str, columns: Sequence[str], where: object) -> pa.Table:
        """Some columns of a table that values are looked up in, the rows that count."""
        own = own_keys(self._config, Table(table, "related", table, None, ())) if self._forgotten else ()
        tests = [test.column for test in single_tests(where)]
        needed = list(dict.fromkeys([*columns, *tests, *(column for _, column in own)]))
        rows = _all(needed, self._source.read(table, table, needed, ROWS, length))
        for entry, column in own:
            rows = rows.filter(pa.array(~self._forgotten.named(entry, rows[column])))
        asked = self._asked(f"{table}: where", table, where)
        return rows.filter(pa.array(answer(rows, where, asked).holds)) if where is not None else rows


def length(value: bytes) -> str:
    """The text that stands for a binary value where nobody looks at it."""
    return f"{len(value)} bytes"


def _all(columns: Sequence[str], read: Iterator[Batch]) -> pa.Table:
    """All rows of some columns, of which there may be none."""
    empty = pa.table({column: pa.array([], TEXT) for column in columns})
    return pa.concat_tables([empty, *(batch.data.select(list(columns)) for batch in read)])
