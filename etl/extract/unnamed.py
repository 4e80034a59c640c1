"""Tables that point at legacy records and that the config does not name: their rows would stay behind unsaid."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from etl.config import Config, Entry, Related, is_odoo
from etl.connect import TEXT, Source
from etl.errors import SourceError
from etl.extract.snapshot import Extracted
from etl.plan.tables import batches

SAMPLE, ROWS = 2_000, 50_000
MEETS = 0.8
"""So large a share of a column's values must be keys of records, for the column to name them."""
SHORT = 5
"""Keys of fewer digits are met by any column of small numbers: its name must say that it is a link."""
LINK = re.compile(r"(^|_|\b)(id|no|nr|key|ref|code|number)$|_?(account|contact|customer|client|company|partner)", re.I)


@dataclass(frozen=True)
class Pointer:
    """A column of a table that the config does not name, and the entry whose records it names.

    column, entry: None for a table that cannot be read, of which nobody knows. rows: that name a record; keys: by the
    record's key, how many.
    """

    table: str
    column: str | None = None
    entry: str | None = None
    rows: int = 0
    keys: Mapping[str, int] = field(default_factory=dict)


def unnamed_tables(config: Config, source: Source, extracted: Extracted) -> list[Pointer]:
    """Look at each table of the source that the config does not name: whether a column of it names records.

    source: opened. An Odoo tells its references by itself.
    """
    if is_odoo(config.source.url):
        return []
    keys = {name: _keys(config, extracted, name) for name in config.source.records}
    pointers: list[Pointer] = []
    for table in source.tables():
        if table in _named(config) or table in config.source.ignore:
            continue
        try:
            pointers += _pointers(table, source, keys)
        except SourceError:
            pointers.append(Pointer(table))
    return pointers


def _named(config: Config) -> frozenset[str]:
    """The tables that the config names anywhere, also to look values up in."""
    source = config.source
    tables = [entry.from_ or name for name, entry in source.records.items()]
    tables += [related.from_ or name for name, related in source.related.items()]
    tables += config.evidence()
    parts: list[Entry | Related] = [*source.records.values(), *source.related.values()]
    for part in parts:
        tables += [join.from_ or name for name, join in part.join.items()]
        tables += [join.through.table for join in part.join.values() if join.through]
        tables += [labels.from_ for labels in part.labels_of.values()]
    tables += [entry.aliases.from_ for entry in source.records.values() if entry.aliases]
    links = [link for related in source.related.values() for some in related.links.values() for link in some]
    links += [link for entry in source.records.values() if entry.parent for link in entry.parent.links]
    links += [link for condition in config.evidence().values() for some in condition.links.values() for link in some]
    masters = [master.from_ for master in config.masters.values() if master.url == source.url]
    return frozenset([*tables, *(link.through.table for link in links if link.through), *masters])


def _keys(config: Config, extracted: Extracted, entry: str) -> pa.Array:
    column, dataset = config.source.records[entry].key, extracted[entry]
    parts = [batch.column(0).cast(TEXT) for batch in batches(dataset.path, [column])]
    return pc.unique(pa.chunked_array(parts, TEXT)).drop_null()


def _pointers(table: str, source: Source, keys: Mapping[str, pa.Array]) -> Iterator[Pointer]:
    sample = next(source.read(table, table, None, SAMPLE, _length), None)
    if sample is None:
        return
    wanted = {
        column: entry
        for column in sample.data.column_names
        if (entry := _entry_named(column, sample.data[column], keys)) is not None
    }
    if not wanted:
        return
    counts: dict[str, Counter[str]] = {column: Counter() for column in wanted}
    for batch in source.read(table, table, list(wanted), ROWS, _length):
        for column, entry in wanted.items():
            met = batch.data[column].filter(pc.is_in(batch.data[column], keys[entry]))
            for pair in pc.value_counts(met.combine_chunks()).to_pylist():
                counts[column][pair["values"]] += pair["counts"]
    for column, entry in wanted.items():
        if counts[column]:
            yield Pointer(table, column, entry, counts[column].total(), counts[column])


def _entry_named(column: str, values: pa.ChunkedArray, keys: Mapping[str, pa.Array]) -> str | None:
    """The entry whose keys a column's values are; None where they are none's."""
    distinct = pc.unique(values).drop_null()
    if not len(distinct):
        return None
    for entry, known in keys.items():
        met = distinct.filter(pc.is_in(distinct, known))
        if len(met) >= MEETS * len(distinct) and (LINK.search(column) or not _short(met)):
            return entry
    return None


def _short(keys: pa.Array) -> bool:
    """Whether most keys are short numbers, which a quantity may be as well."""
    digits: npt.NDArray[np.bool_] = np.asarray(pc.match_substring_regex(keys, rf"^\d{{1,{SHORT - 1}}}$"))
    return bool(digits.mean() > 0.5)


def _length(value: bytes) -> str:
    return f"{len(value)} bytes"
