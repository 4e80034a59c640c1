"""Join the related and evidence rows that a config names to its records, each in every way it is asked for, once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import duckdb
import numpy as np
import pyarrow as pa

from etl.classify.evidence import Evidence, Joined, find_evidence, join, join_figures, named_by
from etl.classify.families import Mask
from etl.classify.records import NONE, Numbers, Records
from etl.config import Config, Exists, exists_of
from etl.model import Dataset
from etl.plan.figures import JoinFigures


def _conditions(config: Config) -> list[Exists]:
    return [condition for rule in config.classify for condition in exists_of(rule.when)]


Asked = tuple[str, tuple[tuple[str, str], ...]]
"""A dataset and the links by which its rows are joined: entry, column."""


def _asked(name: str, of: Mapping[str, str]) -> Asked:
    return name, tuple(of.items())


def join_all(
    connection: duckdb.DuckDBPyConnection, datasets: Mapping[str, Dataset], config: Config, records: Records
) -> dict[Asked, Joined]:
    """Join each related and evidence dataset by each set of links that the config names for it, once."""
    asked = [_asked(name, related.of) for name, related in config.source.related.items()]
    asked += [_asked(condition.exists, condition.of) for condition in _conditions(config)]
    return {
        one: join(connection, datasets[one[0]], dict(one[1]), records, number)
        for number, one in enumerate(dict.fromkeys(asked))
    }


PARENTS = 1_000
"""Where the ids of the joins of parents begin, after those of tables."""


def join_parents(
    connection: duckdb.DuckDBPyConnection, datasets: Mapping[str, Dataset], config: Config, records: Records
) -> dict[str, Joined]:
    """Join the rows of each entry to the parents they name: also the rows of rejects, whose families must wait."""
    return {
        name: join(connection, datasets[name], {entry.parent.of: entry.parent.column}, records, PARENTS + number)
        for number, (name, entry) in enumerate(config.source.records.items())
        if entry.parent
    }


def parents_of(
    connection: duckdb.DuckDBPyConnection, parents: Mapping[str, Joined], records: Records, faulty: Mask
) -> Numbers:
    """The records that rejected rows name as their parent: rows without a key and each of those that share one too."""
    found = []
    for name, joined in parents.items():
        numbers = records.rows[name]
        rejected = joined.damaged | (numbers == NONE)
        keyed = np.flatnonzero(numbers != NONE)
        rejected[keyed] |= faulty[numbers[keyed]]
        found.append(named_by(connection, joined, rejected))
    return np.concatenate(found) if found else np.zeros(0, dtype=np.int32)


def all_evidence(
    connection: duckdb.DuckDBPyConnection, joins: Mapping[Asked, Joined], config: Config, records: Records
) -> dict[str, Evidence]:
    """Find what each condition on evidence asks for, by the condition's repr; what several rules ask is found once."""
    found: dict[str, Evidence] = {}
    for condition in _conditions(config):
        if repr(condition) not in found:
            related = config.source.related.get(condition.exists)
            key = condition.key or (related.key if related else None)
            since = condition.within.since(config.as_of).toordinal() if condition.within else 0
            joined = joins[_asked(condition.exists, condition.of)]
            found[repr(condition)] = find_evidence(connection, condition, joined, key, records, since)
    return found


def evidence_pairs(
    connection: duckdb.DuckDBPyConnection, joins: Mapping[Asked, Joined], config: Config
) -> dict[str, tuple[Numbers, Numbers]]:
    """Which rows of each evidence table name which record, whatever the rules ask of them."""
    pairs = {}
    for name in {condition.exists: None for condition in _conditions(config)}:
        tables = " UNION ".join(f"SELECT row, number FROM pairs_{joins[one].id}" for one in joins if one[0] == name)
        columns = connection.execute(f"SELECT DISTINCT row, number FROM ({tables}) ORDER BY row, number").fetchnumpy()
        pairs[name] = (np.asarray(columns["row"], dtype=np.int32), np.asarray(columns["number"], dtype=np.int32))
    return pairs


def owners_of(joins: Mapping[Asked, Joined]) -> dict[str, Joined]:
    """How each dataset is joined.

    A related table is joined by its own links, evidence by those of the first rule that asks it.
    """
    owners: dict[str, Joined] = {}
    for (name, _), joined in joins.items():  # those of related tables come first
        owners.setdefault(name, joined)
    return owners


def tied(connection: duckdb.DuckDBPyConnection, joins: Mapping[Asked, Joined], root: Numbers) -> Numbers:
    """Bring families together that share a row of history or evidence: by record, the least root of its family's group.

    Such a row stands with one of them alone; if that one cannot move, the others must wait with it. A row of evidence
    is compared with the source for all of them before they move.
    """
    least = np.arange(len(root), dtype=np.int32)
    links: dict[str, set[tuple[str, str]]] = {}
    for name, of in joins:
        links.setdefault(name, set()).update(of)
    several = [name for name, of in links.items() if len(of) > 1]
    if several:
        roots = pa.table({"number": pa.array(np.arange(len(root), dtype=np.int32)), "root": pa.array(root)})
        connection.register("roots", roots)
        for name in several:
            tables = " UNION ".join(f"SELECT row, number FROM pairs_{joins[one].id}" for one in joins if one[0] == name)
            named = f"(SELECT p.row, r.root FROM ({tables}) p JOIN roots r USING (number))"
            found = connection.execute(
                f"""SELECT DISTINCT low, root FROM {named} JOIN
                    (SELECT row, min(root) AS low FROM {named} GROUP BY row HAVING min(root) <> max(root)) USING (row)
                    WHERE root <> low ORDER BY low, root"""
            ).fetchnumpy()
            for low, other in zip(found["low"].tolist(), found["root"].tolist(), strict=True):
                _unite(least, low, other)
        connection.unregister("roots")
    while (least[least] != least).any():
        least = least[least]
    group: Numbers = least[root]
    return group


def _unite(least: Numbers, one: int, other: int) -> None:
    """Give two groups the lesser of their least members."""
    while least[one] != one:
        one = int(least[one])
    while least[other] != other:
        other = int(least[other])
    least[max(one, other)] = min(one, other)


def orphans_of(owners: Mapping[str, Joined], evidence: Mapping[str, Evidence], config: Config) -> dict[str, Mask]:
    """The rows that stand with no record: all of a related table's, of evidence those that a rule counts."""
    found = {name: owners[name].owner == NONE for name in config.source.related}
    for name in owners.keys() - found.keys():
        mine = [e.passing & (e.joined.owner == NONE) for e in evidence.values() if e.joined.dataset.name == name]
        found[name] = np.logical_or.reduce(mine)
    return dict(sorted(found.items()))


def figures_of(
    connection: duckdb.DuckDBPyConnection,
    parents: Mapping[str, Joined],
    owners: Mapping[str, Joined],
    evidence: Mapping[str, Evidence],
    config: Config,
) -> tuple[JoinFigures, ...]:
    """How rows met records: those of entries their parents, those of related tables, and those that rules ask for."""
    figures = [_parent_figures(connection, name, joined) for name, joined in parents.items()]
    figures += [join_figures(connection, owners[name]) for name in config.source.related]
    for asked, found in evidence.items():
        rules = [rule.name for rule in config.classify if asked in map(repr, exists_of(rule.when))]
        asked_rows = join_figures(connection, found.joined, rules, found.passing, found.unreadable_dates)
        figures.append(replace(asked_rows, would_pass_alike=found.alike))
    return tuple(figures)


def _parent_figures(connection: duckdb.DuckDBPyConnection, name: str, joined: Joined) -> JoinFigures:
    """How those rows of an entry that name a parent met one."""
    query = f"SELECT row FROM pairs_{joined.id} UNION SELECT row FROM lost_{joined.id}"
    rows = np.asarray(connection.execute(query).fetchnumpy()["row"], dtype=np.int64)
    naming = np.zeros(joined.dataset.rows, dtype=np.bool_)
    naming[rows] = True
    figures = join_figures(connection, joined, passing=naming & ~joined.damaged)
    return replace(figures, dataset=f"{name}, parents", kind="parents")
