"""Tables that point at legacy records and that the config does not name: their rows would stay behind unsaid."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from etl.config import Config, Entry, Related, is_odoo
from etl.connect import TEXT, Source
from etl.errors import SourceError
from etl.extract.pointing import Keys, Naming, namings
from etl.extract.snapshot import Extracted
from etl.plan.tables import batches
from etl.rows.near_keys import Steps

OWN = "crm_cleanup_"
"""How this tool's own tables begin, such as that of what archived records held before."""


@dataclass(frozen=True, eq=False)
class Pointer:
    """Columns of a table that the config does not name, and the entry whose records they name.

    column, entry: None for a table that cannot be read, of which nobody knows. keys: of the records; counts: how many
    rows name each. near: the steps by which the column's keys only nearly are those.
    """

    table: str
    column: str | None = None
    entry: str | None = None
    keys: pa.Array = field(default_factory=lambda: pa.array([], TEXT))
    counts: npt.NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, dtype=np.int32))
    near: Steps = ()

    @property
    def rows(self) -> int:
        """How many rows name a record."""
        return int(self.counts.sum())

    def naming(self, keys: pa.Array) -> int:
        """How many rows name one of some records, by their keys."""
        places = pc.index_in(keys, value_set=self.keys).drop_null()
        return int(self.counts[np.asarray(places)].sum())


def unnamed_tables(config: Config, source: Source, extracted: Extracted) -> list[Pointer]:
    """Look at each table of the source that the config does not name: whether a column of it names records.

    source: opened. An Odoo tells its references by itself.
    """
    if is_odoo(config.source.url):
        return []
    keys = [_keys(config, extracted, name) for name in config.source.records]
    pointers: list[Pointer] = []
    named = {source.listed(table) for table in (*_named(config), *config.source.ignore)}
    for table in source.tables():
        if table in named or table.startswith(OWN):
            continue
        try:
            every = {each.entry: each.known for each in keys}
            pointers += [p for naming in namings(source, table, keys) for p in _pointers(table, naming, every)]
        except SourceError:
            pointers.append(Pointer(table))
    return pointers


def _named(config: Config) -> frozenset[str]:
    """The tables whose rows the config names, also those of which they are joined or linked: they stand in notes.

    Of a table of labels it takes a name alone, so its rows may be history that nobody thought of.
    """
    source = config.source
    tables = [entry.from_ or name for name, entry in source.records.items()]
    tables += [related.from_ or name for name, related in source.related.items()]
    tables += config.evidence()
    parts: list[Entry | Related] = [*source.records.values(), *source.related.values()]
    for part in parts:
        tables += [join.from_ or name for name, join in part.join.items()]
        tables += [join.through.table for join in part.join.values() if join.through]
    tables += [retire.table for retire in config.retire.values() if retire.table]
    tables += [entry.aliases.from_ for entry in source.records.values() if entry.aliases]
    links = [link for related in source.related.values() for some in related.links.values() for link in some]
    links += [link for entry in source.records.values() if entry.parent for link in entry.parent.links]
    links += [link for condition in config.evidence().values() for some in condition.links.values() for link in some]
    masters = [master.from_ for master in config.masters.values() if master.url == source.url]
    return frozenset([*tables, *(link.through.table for link in links if link.through), *masters])


def _pointers(table: str, naming: Naming, known: Mapping[str, pa.Array]) -> Iterator[Pointer]:
    """What columns of a table point at. known: entry -> the keys of its records."""
    for keys in naming.keys or ():
        if keys.entry in naming.counts:
            columns, counts = ", ".join(naming.columns), naming.counts[keys.entry]
            yield Pointer(table, columns, keys.entry, known[keys.entry], counts, keys.near)


def _keys(config: Config, extracted: Extracted, entry: str) -> Keys:
    part, dataset = config.source.records[entry], extracted[entry]
    values = [batch.column(0).cast(TEXT) for batch in batches(dataset.path, [part.key])]
    known = pc.unique(pa.chunked_array(values, TEXT)).drop_null()
    return Keys.of(entry, dataset.table, part.key_columns.columns, part.key_columns.normalize, known)
