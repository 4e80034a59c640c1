"""Join every table that a config names to its records, each in every way that it asks for, once."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa

from etl.classify.evidence import Days, Evidence, find_evidence
from etl.classify.families import Mask
from etl.classify.join import Joined, join, records_named_by
from etl.classify.near_parents import nearly_parents
from etl.classify.records import NONE, Numbers, Records
from etl.config import Config, Exists, Link, Test, columns_of, exists_of, place
from etl.errors import ConfigError, excerpt
from etl.matching.clusters import connected
from etl.model import Dataset
from etl.plan.tables import load_columns

PARENTS = 1_000
"""Where the ids of the joins of parents begin, after those of tables."""
JoinKey = tuple[str, tuple[tuple[str, str], ...]]
"""A dataset and the links by which its rows are joined: entry, column."""
RowLinks = tuple[Numbers, Numbers]
"""Rows of a dataset, and the records that they name, or were matched with."""


@dataclass(frozen=True)
class Joins:
    """How the rows of all tables met the records.

    owners: related and evidence dataset -> how it is joined; parents: entry -> how it is joined to its parents.
    evidence: a condition's repr -> the rows that meet it; pairs: evidence dataset -> its rows and the records that they
    name. group: by record, the least root of the families that share history or evidence with the record's. elsewhere:
    persons, and the companies that they belong to beside their own; further: dataset -> the rows that say so, and the
    persons. nearly_parents: the records that would name another one above them if keys were brought to one form, and
    these others.
    """

    owners: Mapping[str, Joined]
    parents: Mapping[str, Joined]
    evidence: Mapping[str, Evidence]
    pairs: Mapping[str, RowLinks]
    group: Numbers
    elsewhere: RowLinks
    further: Mapping[str, RowLinks]
    nearly_parents: Numbers


def join_all(
    connection: duckdb.DuckDBPyConnection, datasets: Sequence[Dataset], config: Config, records: Records, root: Numbers
) -> Joins:
    """Join all that the config names to the records; the joins stay in the connection's tables.

    root: of each record's family.
    """
    refuse_ambiguous_links(connection, config, records)
    by_name = {dataset.name: dataset for dataset in datasets}
    joined = _join_tables(connection, by_name, config, records)
    parents = _join_parents(connection, by_name, config, records)
    elsewhere, further = _elsewhere(connection, joined, config, records)
    return Joins(
        owners=_owners(joined),
        parents=parents,
        evidence=_find_all_evidence(connection, joined, config, records),
        pairs=_evidence_pairs(connection, joined, config),
        group=_families_that_share_rows(connection, joined, root),
        elsewhere=elsewhere,
        further=further,
        nearly_parents=nearly_parents(connection, [*parents.items(), *_also(joined, config)], config, records),
    )


def refuse_ambiguous_links(connection: duckdb.DuckDBPyConnection, config: Config, records: Records) -> None:
    """Check that no column names records of several entries whose keys overlap. Raises ConfigError.

    Its values could mean either, unless a `where` at each of the links says which.
    """
    tables: list[tuple[tuple[str | int, ...], Mapping[str, tuple[Link, ...]]]] = [
        (("source", *(t.linking.at.split(".") if t.linking else ("related", name))), t.links)
        for name, t in config.source.related.items()
    ]
    for number, rule in enumerate(config.classify):
        tables += [(("classify", number, "when"), condition.links) for condition in exists_of(rule.when)]
    for at, links in tables:
        for always, other, columns in _of_one_column(links):
            key = _shared_key(connection, records, always, other)
            if key is not None:
                raise ConfigError(
                    f"The column {', '.join(columns)} names records of {always} and of {other}, and both have the key "
                    f"{excerpt(key)!r}: nobody can say which one is meant.",
                    where=place(config.path, (*at, "of")),
                    next=f"say when which is meant, for example {always}: {{column: {columns[0]}, where: {{TYPE: "
                    f"VALUE}}}}, and the same for {other}",
                )


def _of_one_column(links: Mapping[str, tuple[Link, ...]]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Two entries that one column names, the first of them in every row: no `where` says when it does not."""
    named = [(entry, link) for entry, some in links.items() for link in some if not link.under_row]
    for (entry, link), (other, second) in itertools.permutations(named, 2):
        always = link.where is None and (link.through is None or link.through.where is None)
        if entry != other and always and _read_from(link) == _read_from(second):
            yield entry, other, link.through.to if link.through else link.columns


def _read_from(link: Link) -> tuple[tuple[str, ...], ...]:
    """The columns that hold the keys which a link names: a row's own, or those of a table of links."""
    through = link.through
    return (link.columns, (through.table, through.from_), through.to) if through else (link.columns,)


def _shared_key(connection: duckdb.DuckDBPyConnection, records: Records, entry: str, other: str) -> str | None:
    """The least key that records of both entries have."""
    codes = [records.entries.index(name) for name in (entry, other)]
    [row] = connection.execute(
        "SELECT min(key) FROM records WHERE entry = ? AND key IN (SELECT key FROM records WHERE entry = ?)", codes
    ).fetchall()
    return None if row[0] is None else str(row[0])


def _elsewhere(
    connection: duckdb.DuckDBPyConnection, joins: Mapping[JoinKey, Joined], config: Config, records: Records
) -> tuple[RowLinks, dict[str, RowLinks]]:
    """The persons at several companies, and those of these that are not their own; the rows of each dataset that say
    so, and the persons."""
    persons, companies = [np.zeros(0, dtype=np.int32)], [np.zeros(0, dtype=np.int32)]
    further: dict[str, RowLinks] = {}
    for name, related in config.source.related.items():
        if related.records_of is not None and related.key:
            joined = joins[_links(name, related.of)]
            load_columns(connection, "shown", joined.dataset.path, {"key": related.key})
            pairs = connection.execute(
                f"""SELECT DISTINCT p.row, r.number AS person, p.number AS company FROM pairs_{joined.id} p
                    JOIN shown s USING (row) JOIN records r ON r.entry = ? AND r.key = s.key ORDER BY ALL""",
                [records.entries.index(related.records_of)],
            ).fetchnumpy()
            persons.append(np.asarray(pairs["person"], dtype=np.int32))
            companies.append(np.asarray(pairs["company"], dtype=np.int32))
            further[name] = np.asarray(pairs["row"], dtype=np.int32), persons[-1]
    return (np.concatenate(persons), np.concatenate(companies)), further


def _also(joins: Mapping[JoinKey, Joined], config: Config) -> Iterator[tuple[str, Joined]]:
    """How the records of entries are joined to what they belong to beside their own."""
    for name, related in config.source.related.items():
        if related.records_of is not None and related.key:
            yield related.records_of, joins[_links(name, related.of)]


def _conditions(config: Config) -> list[Exists]:
    return [condition for rule in config.classify for condition in exists_of(rule.when)]


def _links(name: str, of: Mapping[str, str]) -> JoinKey:
    return name, tuple(of.items())


def _join_tables(
    connection: duckdb.DuckDBPyConnection, datasets: Mapping[str, Dataset], config: Config, records: Records
) -> dict[JoinKey, Joined]:
    """Join each related and evidence dataset by each set of links that the config names for it, once."""
    wanted = [_links(name, related.of) for name, related in config.source.related.items()]
    wanted += [_links(condition.exists, condition.of) for condition in _conditions(config)]
    return {
        (name, of): join(connection, datasets[name], dict(of), records, number)
        for number, (name, of) in enumerate(dict.fromkeys(wanted))
    }


def _join_parents(
    connection: duckdb.DuckDBPyConnection, datasets: Mapping[str, Dataset], config: Config, records: Records
) -> dict[str, Joined]:
    """Join the rows of each entry to the parents they name: also the rows of rejects, whose families must wait."""
    return {
        name: join(connection, datasets[name], {entry.parent.of: entry.parent.column}, records, PARENTS + number)
        for number, (name, entry) in enumerate(config.source.records.items())
        if entry.parent
    }


def parents_of_rejects(
    connection: duckdb.DuckDBPyConnection, parents: Mapping[str, Joined], records: Records, faulty: Mask
) -> Numbers:
    """The records that rejected rows name as their parent: rows without a key and each of those that share one too."""
    numbers = [np.zeros(0, dtype=np.int32)]
    for name, joined in parents.items():
        number_of_row = records.rows[name]
        rejected = joined.damaged | (number_of_row == NONE)
        keyed = np.flatnonzero(number_of_row != NONE)
        rejected[keyed] |= faulty[number_of_row[keyed]]
        numbers.append(records_named_by(connection, joined, rejected))
    return np.concatenate(numbers)


def _find_all_evidence(
    connection: duckdb.DuckDBPyConnection, joins: Mapping[JoinKey, Joined], config: Config, records: Records
) -> dict[str, Evidence]:
    """Find what each condition on evidence asks for, by the condition's repr; what several rules ask is found once."""
    evidence: dict[str, Evidence] = {}
    for condition in _conditions(config):
        if repr(condition) not in evidence:
            related = config.source.related.get(condition.exists)
            key = condition.key or (related.key if related else None)
            joined = joins[_links(condition.exists, condition.of)]
            days, at = _days(condition, config), place_of(condition, config)
            evidence[repr(condition)] = find_evidence(connection, condition, joined, key, records, days, at)
    return evidence


def _days(condition: Exists, config: Config) -> Days:
    """Which days count as within; any day where the condition does not ask."""
    within = condition.within
    if within is None:
        return Days(0, 0)
    return Days(within.since(config.as_of).toordinal(), within.until(config.as_of).toordinal(), config.source.time_zone)


def place_of(condition: Exists | Test, config: Config) -> str:
    """Where the config asks a condition, in its own words: the first rule that does."""
    for rule in config.classify:
        if condition in (*exists_of(rule.when), *columns_of(rule.when)):
            return f"classify: {rule.name}"
    raise KeyError(condition)


def _pairs_of(name: str, joins: Mapping[JoinKey, Joined]) -> str:
    """The SQL for which rows of a dataset name which record, by any of its links."""
    return " UNION ".join(
        f"SELECT row, number FROM pairs_{j.id}" for (dataset, _), j in joins.items() if dataset == name
    )


def _evidence_pairs(
    connection: duckdb.DuckDBPyConnection, joins: Mapping[JoinKey, Joined], config: Config
) -> dict[str, RowLinks]:
    """Which rows of each evidence table name which record, whatever the rules ask of them."""
    pairs = {}
    for name in {condition.exists: None for condition in _conditions(config)}:
        query = f"SELECT DISTINCT row, number FROM ({_pairs_of(name, joins)}) ORDER BY row, number"
        columns = connection.execute(query).fetchnumpy()
        pairs[name] = (np.asarray(columns["row"], dtype=np.int32), np.asarray(columns["number"], dtype=np.int32))
    return pairs


def _owners(joins: Mapping[JoinKey, Joined]) -> dict[str, Joined]:
    """How each dataset is joined.

    A related table is joined by its own links, evidence by those of the first rule that asks it.
    """
    owners: dict[str, Joined] = {}
    for (name, _), joined in joins.items():  # those of related tables come first
        owners.setdefault(name, joined)
    return owners


def _families_that_share_rows(
    connection: duckdb.DuckDBPyConnection, joins: Mapping[JoinKey, Joined], root: Numbers
) -> Numbers:
    """Bring families together that share a row of history or evidence: by record, the least root of its family's group.

    Such a row belongs to one of them alone; if that one cannot move, the others must wait with it. A row of evidence
    is compared with the source for all of them before they move.
    """
    links: dict[str, set[tuple[str, str]]] = {}
    for name, of in joins:
        links.setdefault(name, set()).update(of)
    shared = [np.zeros((2, 0), dtype=np.int32)]
    roots = pa.table({"number": pa.array(np.arange(len(root), dtype=np.int32)), "root": pa.array(root)})
    connection.register("roots", roots)
    for name in [name for name, of in links.items() if len(of) > 1]:
        named = f"(SELECT p.row, r.root FROM ({_pairs_of(name, joins)}) p JOIN roots r USING (number))"
        columns = connection.execute(
            f"""SELECT DISTINCT low, root FROM {named} JOIN
                (SELECT row, min(root) AS low FROM {named} GROUP BY row HAVING min(root) <> max(root)) USING (row)
                WHERE root <> low ORDER BY low, root"""
        ).fetchnumpy()
        shared.append(np.array([columns["low"], columns["root"]], dtype=np.int32))
    connection.unregister("roots")
    low, other = np.concatenate(shared, axis=1)
    group: Numbers = connected(len(root), low, other)[root]
    return group


def orphans_of(owners: Mapping[str, Joined], evidence: Mapping[str, Evidence], config: Config) -> dict[str, Mask]:
    """The rows that belong to no record: all of a related table's, of evidence those that a rule counts."""
    orphans = {name: owners[name].owner == NONE for name in config.source.related}
    for name in owners.keys() - orphans.keys():
        by_condition = [
            e.passing & (e.joined.owner == NONE) for e in evidence.values() if e.joined.dataset.name == name
        ]
        orphans[name] = np.logical_or.reduce(by_condition)
    return dict(sorted(orphans.items()))
