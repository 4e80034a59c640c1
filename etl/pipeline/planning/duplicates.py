"""Find the records that are the same company, or the same person without a company, and how probable that is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.classify.linkage import DUPLICATE_SCHEMA
from etl.config import Config, Duplicates, Entry, comparable
from etl.connect import TEXT
from etl.matching import Identity, Scored, explanations, identities
from etl.matching.clusters import connected
from etl.matching.model import Model
from etl.model import Dataset
from etl.pipeline.planning.identity import Mask, companies, comparable_records, persons, scored

Listed = tuple[pa.ChunkedArray, pa.Table]
COMPANIES, PERSONS, CONTACTS = "duplicate companies", "duplicate persons", "persons and contacts"
"""What their models are called; no master is called so."""


@dataclass(frozen=True)
class DuplicatePairs:
    """The pairs of records that may be one.

    pairs: as in DUPLICATE_SCHEMA, by left and right. models: by what was compared. records: how many were compared;
    compared: pairs; cut: pairs that were not compared, because too many records share what they share.
    """

    pairs: pa.Table
    models: dict[str, Model]
    records: int
    compared: int
    cut: int


def find_duplicates(config: Config, entries: Sequence[Dataset]) -> DuplicatePairs:
    """Compare all companies with each other, and the persons who name no company with each other and with all contacts.

    entries: as extract has copied them.
    """
    settings = config.leads.duplicates
    if settings is None:
        return DuplicatePairs(DUPLICATE_SCHEMA.empty_table(), {}, 0, 0, 0)
    tables, models = [DUPLICATE_SCHEMA.empty_table()], dict[str, Model]()
    records = compared = cut = 0
    for comparison in _comparisons(config, entries):
        keys = comparison.keys
        pairs = scored(
            config, comparison.identity, len(keys), comparison.left, comparison.name, settings.review_at, settings.model
        )
        tables.append(_pairs(pairs, keys, settings))
        models[comparison.name] = pairs.judge.model
        records += comparison.left if comparison.name != CONTACTS else 0
        compared += pairs.compared
        cut += sum(count for _, count in pairs.cut.values())
    table = pa.concat_tables(tables).sort_by([("left", "ascending"), ("right", "ascending")])
    return DuplicatePairs(table.combine_chunks(), models, records, compared, cut)


@dataclass(frozen=True)
class _Comparison:
    """What is compared: one list with itself, or its first `left` records with the others. name: of its model."""

    name: str
    identity: Identity
    keys: pa.ChunkedArray
    left: int


def _comparisons(config: Config, entries: Sequence[Dataset]) -> Iterator[_Comparison]:
    """The lists that have something to compare."""
    alone = _records(config, entries, _alone)
    for name, (keys, rows) in ((COMPANIES, _records(config, entries, companies)), (PERSONS, alone)):
        if (identity := identities.one_list(rows)) and len(keys) > 1:
            yield _Comparison(name, identity, keys, len(keys))
    contact_keys, contacts = _records(config, entries, _contacts)
    keys, rows = alone
    both = pa.chunked_array([*keys.chunks, *contact_keys.chunks], TEXT)
    if (identity := identities.two_lists(rows, contacts)) and len(both) > 1:
        yield _Comparison(CONTACTS, identity, both, len(keys))


def _alone(entry: Entry, table: pa.Table) -> Mask:
    """Which rows of an entry are persons that name nobody above them."""
    alone = persons(entry, table)
    if entry.parent:
        alone &= np.asarray(pc.is_null(table[entry.parent.column]))
    return alone


def _contacts(entry: Entry, table: pa.Table) -> Mask:
    """Which rows of an entry are persons that name somebody above them."""
    return persons(entry, table) & ~_alone(entry, table)


def _records(config: Config, entries: Sequence[Dataset], chosen: Callable[[Entry, pa.Table], Mask]) -> Listed:
    keys, rows = comparable_records(config, entries, lambda entry: comparable(entry.identity, entry.identity), chosen)
    return keys, _filled(rows)


def _filled(rows: pa.Table) -> pa.Table:
    """The columns that have a value."""
    return rows.select([name for name in rows.column_names if rows[name].null_count < len(rows)])


def _pairs(scores: Scored, keys: pa.ChunkedArray, settings: Duplicates) -> pa.Table:
    """Every pair within what hangs together from `review_at`; those from there on are explained."""
    likely = scores.probability >= settings.review_at
    group = connected(len(keys), scores.i[likely], scores.j[likely])
    inside = np.flatnonzero(group[scores.i] == group[scores.j])
    i, j, probability = scores.i[inside], scores.j[inside], scores.probability[inside]
    explained = np.flatnonzero((probability >= settings.review_at) & ~np.isnan(scores.weight[inside]))
    words = np.full(len(inside), None, dtype=object)
    words[explained] = explanations.explain(scores.judge, i[explained], j[explained]).to_pylist()
    left, right = (keys.take(pa.array(places)).combine_chunks() for places in (i, j))
    columns = {
        "left": pc.min_element_wise(left, right),
        "right": pc.max_element_wise(left, right),
        "probability": pa.array(np.round(probability, 6)),
        "weight": pa.array(np.round(scores.weight[inside], 3)),
        "words": pa.array(words, pa.large_string()),
    }
    return pa.table(columns, schema=DUPLICATE_SCHEMA)
