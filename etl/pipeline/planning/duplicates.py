"""Find the records that mean the same company, or the same person without one, and write down how sure that is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.classify.duplicates import DUPLICATE_SCHEMA
from etl.config import Config, Duplicates, Entry, comparable
from etl.connect import TEXT
from etl.matching import Scored, known, lists
from etl.matching.clusters import connected
from etl.matching.model import Model
from etl.model import Dataset
from etl.pipeline.planning.identity import Mask, companies, persons, records, scored

Listed = tuple[pa.ChunkedArray, pa.Table]
COMPANIES, PERSONS, CONTACTS = "duplicate companies", "duplicate persons", "persons and contacts"
"""What their models are called; no master is called so."""


@dataclass(frozen=True)
class Found:
    """Pairs, as in DUPLICATE_SCHEMA, by left and right; models by what was compared; how many records and pairs."""

    pairs: pa.Table
    models: dict[str, Model]
    records: int
    compared: int
    cut: int


def find(config: Config, entries: Sequence[Dataset]) -> Found:
    """Compare all companies with each other, and the persons who name no company with each other and with all contacts.

    entries: as extract has copied them.
    """
    asked = config.leads.duplicates
    tables, models = [DUPLICATE_SCHEMA.empty_table()], dict[str, Model]()
    count = compared = cut = 0
    if asked is not None:
        listed = {which: _records(config, entries, which) for which in (companies, _alone, _contacts)}
        for name, left, right in ((COMPANIES, companies, None), (PERSONS, _alone, None), (CONTACTS, _alone, _contacts)):
            keys, rows = listed[left]
            identity, first = lists.one_list(rows), len(keys)
            if right:
                others, theirs = listed[right]
                keys, identity = pa.chunked_array([*keys.chunks, *others.chunks], TEXT), lists.two_lists(rows, theirs)
            if not identity or len(keys) < 2:
                continue
            found = scored(config, identity, len(keys), first, name, asked.model)
            tables.append(_pairs(found, keys, asked))
            models[name] = found.judge.model
            count, compared = count + (first if right is None else 0), compared + len(found.i)
            cut += sum(pairs for _, pairs in found.cut.values())
    pairs = pa.concat_tables(tables).sort_by([("left", "ascending"), ("right", "ascending")])
    return Found(pairs.combine_chunks(), models, count, compared, cut)


def _alone(entry: Entry, table: pa.Table) -> Mask:
    """Which rows of an entry are persons that name nobody above them."""
    found = persons(entry, table)
    if entry.parent:
        found &= np.asarray(pc.is_null(table[entry.parent.column]))
    return found


def _contacts(entry: Entry, table: pa.Table) -> Mask:
    """Which rows of an entry are persons that name somebody above them."""
    return persons(entry, table) & ~_alone(entry, table)


def _records(config: Config, entries: Sequence[Dataset], which: Callable[[Entry, pa.Table], Mask]) -> Listed:
    keys, rows = records(config, entries, lambda entry: comparable(entry.identity, entry.identity), which)
    return keys, _filled(rows)


def _filled(rows: pa.Table) -> pa.Table:
    """The columns that have a value."""
    return rows.select([name for name in rows.column_names if rows[name].null_count < len(rows)])


def _pairs(found: Scored, keys: pa.ChunkedArray, asked: Duplicates) -> pa.Table:
    """Every pair within what hangs together from `review_at`; those from there on are explained."""
    sure = found.probability >= asked.review_at
    group = connected(len(keys), found.i[sure], found.j[sure])
    inside = np.flatnonzero(group[found.i] == group[found.j])
    i, j, probability = found.i[inside], found.j[inside], found.probability[inside]
    told = np.flatnonzero((probability >= asked.review_at) & ~np.isnan(found.weight[inside]))
    words = np.full(len(inside), None, dtype=object)
    words[told] = known.explain(found.judge, i[told], j[told]).to_pylist()
    one, other = (keys.take(pa.array(places)).combine_chunks() for places in (i, j))
    columns = {
        "left": pc.min_element_wise(one, other),
        "right": pc.max_element_wise(one, other),
        "probability": pa.array(np.round(probability, 6)),
        "weight": pa.array(np.round(found.weight[inside], 3)),
        "words": pa.array(words, pa.large_string()),
    }
    return pa.table(columns, schema=DUPLICATE_SCHEMA)
