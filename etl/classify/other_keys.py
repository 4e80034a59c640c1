"""Of which other tables the keys are by which rows name no record: the link may mean these."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.classify.families import Mask
from etl.classify.join import Joined
from etl.classify.records import Records
from etl.config import Config, Link, exists_of
from etl.plan.figures import KeysOf
from etl.plan.tables import batches
from etl.rows.keys import TEXT

ENOUGH = 0.1
"""So large a share of the rows without a record must have keys of the other table, for it to be told."""
SMALL = re.compile(r"^\d{1,4}$")
"""Keys that any table with numbered rows has."""


@dataclass(frozen=True)
class Asking:
    """Where the config has the links by which rows name records. part: a related table, `exists` or `parent`."""

    part: Literal["related", "exists", "parent"]
    links: Mapping[str, tuple[Link, ...]]

    def column(self, entries: set[str]) -> str | None:
        """The one column by which rows name records of some entries themselves; None where there are several."""
        links = [link for entry in entries for link in self.links.get(entry, ())]
        own = {link.columns for link in links if not (link.through or link.under_row)}
        return next(iter(own))[0] if len(own) == 1 and all(len(columns) == 1 for columns in own) else None


@dataclass(frozen=True)
class OtherKeys:
    """The keys of all entries and tables of a config. tables: dataset -> how its rows are joined."""

    connection: duckdb.DuckDBPyConnection
    config: Config
    records: Records
    tables: Mapping[str, Joined]

    def named(self, joined: Joined, lost: Mask, asking: Asking) -> tuple[KeysOf, ...]:
        """Whose keys rows have that name no record, most rows first. lost: these rows."""
        if not lost.any():
            return ()
        query = f"SELECT row, entry, key FROM lost_{joined.id} WHERE key IS NOT NULL"
        named = self.connection.sql(query).to_arrow_table()
        named = named.filter(pa.array(lost[np.asarray(named["row"])]))
        keys = pa.chunked_array(named["key"].chunks, named["key"].type).cast(TEXT)
        distinct = pc.unique(keys).drop_null()
        others: list[KeysOf] = []
        for name, record, known in self._others(joined.dataset.name, tuple(asking.links)):
            those = [pc.filter(batch, pc.is_in(batch, value_set=distinct)) for batch in known]
            met = pc.is_in(keys, value_set=pa.concat_arrays([pa.array([], TEXT), *those]), skip_nulls=True)
            rows = len(pc.unique(named["row"].filter(met)))
            if rows >= max(1, ENOUGH * np.count_nonzero(lost)) and not _small(keys.filter(met)):
                entries = {self.records.entries[code] for code in pc.unique(named["entry"].filter(met)).to_pylist()}
                others.append(KeysOf(name, rows, record, self._line(name, record, asking.part, asking.column(entries))))
        return tuple(sorted(others, key=lambda other: (-other.rows, other.name)))

    def _others(self, dataset: str, entries: tuple[str, ...]) -> Iterator[tuple[str, bool, Iterator[pa.Array]]]:
        """The other entries and tables, whether their rows are records, and their keys part by part."""
        for code, entry in enumerate(self.records.entries):
            if entry not in entries:
                own = self.connection.sql(f"SELECT key FROM records WHERE entry = {code}").to_arrow_table()["key"]
                yield entry, True, (part.cast(TEXT) for part in own.chunks)
        for name, column in self._keyed():
            if name != dataset and name in self.tables:
                path = self.tables[name].dataset.path
                yield name, False, (batch.column(0).cast(TEXT) for batch in batches(path, [column]))

    def _keyed(self) -> Iterator[tuple[str, str]]:
        """The tables that the config names and their columns with keys."""
        source = self.config.source
        keyed = {name: table.key for name, table in source.related.items() if table.key and not table.is_made}
        asked = (condition for rule in self.config.classify for condition in exists_of(rule.when))
        yield from ({each.exists: each.key for each in asked if each.key} | keyed).items()

    def _line(self, name: str, record: bool, part: str, column: str | None) -> str:
        """The line of the config that joins the rows; empty where there is none."""
        related = self.config.source.related.get(name)
        if column is None:
            return ""
        if part == "parent":
            return f"parent: {{column: {column}, of: {name}}}" if record else ""
        if record:
            return f"of: {{{name}: {{column: {column}, where: …}}}}"
        return f"under: {{{name}: {column}}}" if part == "related" and related and not related.under else ""


def _small(keys: pa.ChunkedArray) -> bool:
    """Whether most keys are small numbers, so that it says nothing that another table has them."""
    distinct = pc.unique(keys)
    return bool(np.mean(np.asarray(pc.match_substring_regex(distinct, SMALL.pattern))) > 0.5) if len(distinct) else True
