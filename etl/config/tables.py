"""What a config reads from its source: entries, related tables and evidence, and which columns of each."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from etl.config.conditions import columns_of, exists_of
from etl.config.leads import ROLES
from etl.config.links import MERGED, RESERVED
from etl.config.opt_out_words import sounds_like_opt_out
from etl.config.schema import Config

Kind = Literal["entry", "related", "evidence"]
Width = Literal["narrow", "all"]

PLAIN = re.compile(r"[a-z_][a-z0-9_-]{0,62}")


@dataclass(frozen=True)
class Table:
    """One table of the source as the plan reads it.

    name: the entry, the related table, or the evidence table as rules name it. table: what the source calls it. key:
    the column that tells its rows apart, if the config names one. needed: the columns that the config names.
    """

    name: str
    kind: Kind
    table: str
    key: str | None
    needed: tuple[str, ...]

    @property
    def file_name(self) -> str:
        """A file name of its own, whatever the name holds, also where `A` and `a` are one file."""
        if PLAIN.fullmatch(self.name):
            return f"{self.name}.parquet"
        plain = re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")[:40]
        return f"{plain}-{hashlib.sha256(self.name.encode()).hexdigest()[:12]}.parquet"


def tables(config: Config) -> list[Table]:
    """List what is read, in the order of the config: entries, related tables, evidence."""
    source = config.source
    rule_columns = _rule_columns(config)
    tables_read = [
        Table(name, "entry", entry.from_ or name, entry.key, entry.columns()) for name, entry in source.records.items()
    ]
    for name, related in source.related.items():
        needed = _distinct(related.columns(), rule_columns.get(name, ()))
        tables_read.append(Table(name, "related", related.from_ or name, related.key, needed))
    conditions = [condition for rule in config.classify for condition in exists_of(rule.when)]
    keys = {condition.exists: condition.key for condition in reversed(conditions) if condition.key}
    for name in config.evidence():
        tables_read.append(Table(name, "evidence", name, keys.get(name), rule_columns[name]))
    return tables_read


def wanted(dataset: Table, config: Config, present: Sequence[str], width: Width) -> list[str]:
    """The columns to read of a dataset whose table has the columns `present`, in their order.

    Entries and related tables are read whole, for all of their values go into a note; narrow, they have only what the
    config names. Evidence never has more than that.
    """
    if width == "all" and dataset.kind != "evidence":
        return list(present)
    needed = set(dataset.needed)
    if dataset.kind == "entry":
        for rule in config.classify:
            for condition in columns_of(rule.when):
                if condition.of in (None, dataset.name):
                    needed.add(condition.column)
        for test in config.leads.consent:
            role, _, column = test.column.partition(".")
            needed.update((test.column, column) if role in ROLES else (test.column,))
    if dataset.kind != "evidence":
        needed.update(filter(sounds_like_opt_out, present))
    return [column for column in present if column in needed or column.startswith(RESERVED)]


def _rule_columns(config: Config) -> Mapping[str, tuple[str, ...]]:
    """The columns that rules ask of each table of evidence, all rules together."""
    columns: dict[str, tuple[str, ...]] = {}
    for rule in config.classify:
        for condition in exists_of(rule.when):
            columns[condition.exists] = _distinct(
                columns.get(condition.exists, ()), condition.columns(), condition.told()
            )
    return columns


def _distinct(*columns: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(column for some in columns for column in some))


Links = tuple[tuple[str, str], ...]
"""By which columns the rows of a dataset name records: entry, column."""


def links_of(config: Config) -> dict[str, Links]:
    """The links of each dataset: an entry's own key and its parents'; a table's as `related` and the rules say.

    A person's rows at further companies name the person as well: one of them more, or less, is a change of the person.
    """
    linked: dict[str, dict[tuple[str, str], None]] = {}
    for name, entry in config.source.records.items():
        linked[name] = {(name, entry.key): None}
        if entry.aliases:
            linked[name][name, MERGED] = None
        if entry.parent:
            linked[name][entry.parent.of, entry.parent.column] = None
    for name, related in config.source.related.items():
        linked.setdefault(name, {}).update(dict.fromkeys(related.of.items()))
        if related.records_of and related.key:
            linked[name][related.records_of, related.key] = None
    for rule in config.classify:
        for condition in exists_of(rule.when):
            linked.setdefault(condition.exists, {}).update(dict.fromkeys(condition.of.items()))
    return {name: tuple(links) for name, links in linked.items()}


def own_keys(config: Config) -> dict[str, tuple[str, str]]:
    """The datasets whose rows are records, with the entry and the column of the record's own key."""
    own = {name: (name, entry.key) for name, entry in config.source.records.items()}
    own |= {name: (t.records_of, t.key) for name, t in config.source.related.items() if t.records_of and t.key}
    return own
