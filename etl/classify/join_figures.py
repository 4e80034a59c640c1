"""Count how many rows of a table belong to a record and how many do not: a wrong join must never go unnoticed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.classify.evidence import Evidence
from etl.classify.families import Mask
from etl.classify.join import Joined
from etl.classify.near_keys import would_meet
from etl.classify.other_keys import Asking, OtherKeys
from etl.classify.records import Records
from etl.config import Config, exists_of
from etl.config.shapes import OTHER_KIND
from etl.plan.figures import JoinFigures, KindRows
from etl.plan.tables import BATCH, batches

SHOWN_KINDS = 100
"""So many kinds of rows that no link is for are told one by one, the most frequent ones."""


def join_figures(
    connection: duckdb.DuckDBPyConnection,
    parents: Mapping[str, Joined],
    owners: Mapping[str, Joined],
    evidence: Mapping[str, Evidence],
    config: Config,
    records: Records,
) -> tuple[JoinFigures, ...]:
    """How rows met records: those of entries their parents, those of related tables, and those that rules ask for."""
    others = OtherKeys(connection, config, records, owners)
    figures = [_parent_figures(others, name, joined) for name, joined in parents.items()]
    figures += [
        _figures(others, owners[name], Asking("related", t.links))
        for name, t in config.source.related.items()
        if not (t.further_of or t.linking or (t.is_made and not owners[name].dataset.rows))
    ]
    asked = {repr(condition): condition for rule in config.classify for condition in exists_of(rule.when)}
    for condition, rows in evidence.items():
        rules = [rule.name for rule in config.classify if condition in map(repr, exists_of(rule.when))]
        asking = Asking("exists", asked[condition].links)
        counted = _figures(others, rows.joined, asking, rules, rows.passing, rows.unreadable_dates)
        figures.append(replace(counted, dataset=rows.shown))
    return tuple(figures)


def _parent_figures(others: OtherKeys, name: str, joined: Joined) -> JoinFigures:
    """How those rows of an entry that name a parent met one."""
    connection, parent = others.connection, others.config.source.records[name].parent
    asking = Asking("parent", {parent.of: parent.links} if parent else {})
    naming = _marked(connection, f"pairs_{joined.id}", joined.dataset.rows)
    naming |= _marked(connection, f"lost_{joined.id}", joined.dataset.rows)
    kinds = _kinds(joined, ~naming & ~joined.damaged)
    figures = replace(_figures(others, joined, asking, passing=naming & ~joined.damaged), **_told(kinds))
    return replace(figures, dataset=f"{name}, parents", kind="parents")


def _figures(
    others: OtherKeys,
    joined: Joined,
    asking: Asking,
    rules: Sequence[str] = (),
    passing: Mask | None = None,
    unreadable: int = 0,
) -> JoinFigures:
    """Count how the rows met records.

    passing: the rows that count for a rule; without it those of a related table that are not damaged. A row met its
    records when each link that is filled met one.
    """
    connection = others.connection
    counted = ~joined.damaged if passing is None else passing
    named = _marked(connection, f"pairs_{joined.id}", joined.dataset.rows) & counted
    lost = _marked(connection, f"lost_{joined.id}", joined.dataset.rows) & counted
    met, naming = int(np.count_nonzero(named & ~lost)), int(np.count_nonzero(named | lost))
    rows = int(np.count_nonzero(counted))
    cures, near = would_meet(connection, joined, lost)
    kinds = _kinds(joined, counted & ~(named | lost))
    return JoinFigures(
        dataset=joined.dataset.name,
        kind="related" if passing is None else "evidence",
        rules=tuple(rules),
        rows_read=joined.dataset.rows,
        rows=rows,
        joined=met,
        without_record=naming - met,
        not_linked=rows - naming - kinds.total(),
        records_with_row=_records_named(connection, joined, counted),
        unreadable_dates=unreadable,
        would_meet=cures,
        near=near,
        keys_of=others.named(joined, lost, asking),
        **_told(kinds),
    )


def _kinds(joined: Joined, rows: Mask) -> Counter[str]:
    """The kinds of some rows, that name no record, which the config names at no link that they fill."""
    kinds: Counter[str] = Counter()
    start = 0
    for batch in batches(joined.dataset.path, [OTHER_KIND]) if OTHER_KIND in joined.dataset.columns else ():
        counted = batch.column(0).filter(pa.array(rows[start : start + len(batch)]))
        for kind in pc.value_counts(counted.drop_null()).to_pylist():
            kinds[kind["values"]] += kind["counts"]
        start += len(batch)
    return kinds


def _told(kinds: Counter[str]) -> dict[str, Any]:
    """What a report says of them: the most frequent ones, of equal ones in the order of the alphabet."""
    first = sorted(kinds.items(), key=lambda kind: (-kind[1], kind[0]))[:SHOWN_KINDS]
    return {"other_kind": kinds.total(), "kinds": tuple(KindRows(*kind) for kind in first)}


def _marked(connection: duckdb.DuckDBPyConnection, table: str, rows: int) -> Mask:
    """Which rows of a dataset a table of the join names: a bit each, however many there are, and no hash table."""
    marked = np.zeros(rows, dtype=np.bool_)
    for batch in connection.sql(f"SELECT row FROM {table}").to_arrow_reader(BATCH):
        marked[batch["row"].to_numpy()] = True
    return marked


def _records_named(connection: duckdb.DuckDBPyConnection, joined: Joined, counted: Mask) -> int:
    """How many records some rows name."""
    [records] = _counts(connection, f"SELECT coalesce(max(number), -1) + 1 FROM pairs_{joined.id}")
    marked = np.zeros(records, dtype=np.bool_)
    for batch in connection.sql(f"SELECT row, number FROM pairs_{joined.id}").to_arrow_reader(BATCH):
        marked[batch["number"].to_numpy()[counted[batch["row"].to_numpy()]]] = True
    return int(np.count_nonzero(marked))


def _counts(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[int, ...]:
    [row] = connection.execute(query).fetchall()
    return tuple(int(value) for value in row)
