"""A known system's config without what a source does not have: tables, columns, and rules that would ask for them."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from etl.config.leads import ROLES, TEMPLATE_COLUMN
from etl.profile.draft import alone_or_all, as_list
from etl.profile.known import Columns
from etl.profile.names import kinds_of

BOTH = "both"
"""The type of an entry whose column says what each record is."""
NOTHING: dict[str, Any] = {}


class Pruned(NamedTuple):
    """A config, and the names of the rules that it lost."""

    config: dict[str, Any]
    lost: tuple[str, ...]


def pruned(config: Mapping[str, Any], tables: Columns) -> Pruned:
    """A system's config without what a source does not have. tables: those that it has, with their columns."""
    return _Pruning(tables).config(copy.deepcopy(dict(config)))


class _Pruning:
    """Takes out of a config what names a table or column that is not there."""

    def __init__(self, tables: Columns) -> None:
        self._tables = tables
        self._entries: dict[str, frozenset[str]] = {}
        self._types: dict[str, str] = {}
        self._related: dict[str, frozenset[str]] = {}

    def config(self, config: dict[str, Any]) -> Pruned:
        source = config["source"]
        source["records"] = {n: entry for n, e in source["records"].items() if (entry := self._entry(n, e)) is not None}
        self._entries = {name: self._columns_of(entry, name) for name, entry in source["records"].items()}
        self._types = {n: BOTH if isinstance(e["type"], dict) else e["type"] for n, e in source["records"].items()}
        for name, entry in source["records"].items():
            if "parent" in entry and not self._is_link(entry["parent"], entry["parent"]["of"], self._entries[name]):
                del entry["parent"]
        related = {n: part for n, r in source.pop("related", {}).items() if (part := self._history(n, r)) is not None}
        self._related = {name: self._columns_of(part, name) for name, part in related.items()}
        related = {n: r for n, r in related.items() if not r.get("under") or r["under"].keys() <= related.keys()}
        if related:
            source["related"] = related
        rules = config["classify"]
        config["classify"] = [rule for rule in rules if "when" not in rule or self._holds(rule["when"])]
        config["leads"]["fields"] = self._fields(config["leads"]["fields"])
        self._retire(config)
        kept = {rule["name"] for rule in config["classify"]}
        return Pruned(config, tuple(rule["name"] for rule in rules if rule["name"] not in kept))

    def _of_table(self, table: str) -> frozenset[str]:
        return self._tables.get(table, frozenset())

    @property
    def _known(self) -> frozenset[str]:
        """The columns of all entries."""
        return frozenset(column for columns in self._entries.values() for column in columns)

    def _entry(self, name: str, entry: dict[str, Any]) -> dict[str, Any] | None:
        own = self._of_table(entry.get("from", name))
        if not set(_key_columns(entry["key"])) <= own:
            return None
        columns = self._shared(entry, name)
        if isinstance(entry["type"], dict) and entry["type"]["column"] not in columns:
            entry["type"] = "company"
        if "changed" in entry and _dated(entry["changed"]) not in columns:
            del entry["changed"]
        if "aliases" in entry and not self._is_alias(entry["aliases"]):
            del entry["aliases"]
        identity = {kind: _kept(named, columns) for kind, named in entry.get("identity", {}).items()}
        entry["identity"] = {kind: named for kind, named in identity.items() if named}
        return entry

    def _is_alias(self, aliases: dict[str, Any]) -> bool:
        columns = self._of_table(aliases["from"])
        return {aliases["old"], aliases["new"]} <= columns and _asks(aliases, columns)

    def _history(self, name: str, part: dict[str, Any]) -> dict[str, Any] | None:
        if part.get("from", name) not in self._tables:
            return None
        columns = self._shared(part, name)
        if part.get("key") not in columns:
            part.pop("key", None)
        if "order_by" in part and _dated(part["order_by"]) not in columns:
            del part["order_by"]
        if "under" in part:
            return part if set(part["under"].values()) <= columns else None
        part["of"] = self._links(part["of"], columns)
        return part if part["of"] else None

    def _links(self, links: Mapping[str, Any], columns: frozenset[str]) -> dict[str, Any]:
        """Entry -> the ways to name its records that the source has."""
        kept = {
            entry: [link for link in as_list(ways) if self._is_link(link, entry, columns)]
            for entry, ways in links.items()
            if entry in self._entries
        }
        return {entry: alone_or_all(ways) for entry, ways in kept.items() if ways}

    def _shared(self, part: dict[str, Any], name: str) -> frozenset[str]:
        """Take out of an entry or related table what all have: joins, labels and conditions that ask for too much."""
        own = self._of_table(part.get("from", name))
        joins = {join: said for join, said in part.pop("join", {}).items() if self._is_join(said, join, own)}
        if joins:
            part["join"] = joins
        named = self._columns_of({**part, "labels_of": {}}, name)
        labels = {c: label for c, label in part.pop("labels_of", {}).items() if c in named and self._is_label(label)}
        if labels:
            part["labels_of"] = labels
        columns = self._columns_of(part, name)
        if not _asks(part, columns):
            del part["where"]
        return columns

    def _columns_of(self, part: Mapping[str, Any], name: str) -> frozenset[str]:
        """A part's columns with those that joins and labels add."""
        columns = set(self._of_table(part.get("from", name)))
        for join, joined in part.get("join", {}).items():
            columns |= {
                f"{join}.{column}" for column in joined.get("columns") or self._of_table(joined.get("from", join))
            }
        for column, label in part.get("labels_of", {}).items():
            columns |= {f"{column}.{shown}" for shown in as_list(label["show"])}
        return frozenset(columns)

    def _is_join(self, join: dict[str, Any], name: str, own: frozenset[str]) -> bool:
        columns = self._of_table(join.get("from", name))
        if not set(as_list(join["key"])) <= columns or not set(as_list(join.get("on", []))) <= own:
            return False
        if not self._is_through(join.get("through")) or not _asks(join, columns):
            return False
        if "order_by" in join and _dated(join["order_by"]) not in columns:
            del join["order_by"]
        if "columns" in join:
            join["columns"] = [column for column in join["columns"] if column in columns]
        return join.get("columns") != []

    def _is_label(self, label: dict[str, Any]) -> bool:
        columns = self._of_table(label["from"])
        label["show"] = _kept(label["show"], columns)
        return label["key"] in columns and bool(label["show"])

    def _is_through(self, through: dict[str, Any] | None) -> bool:
        if through is None:
            return True
        columns = self._of_table(through["table"])
        if not {through["from"], *as_list(through["to"])} <= columns or not _asks(through, columns):
            return False
        if "order_by" in through and _dated(through["order_by"]) not in columns:
            through.pop("order_by")
            through.pop("descending", None)
        return True

    def _is_link(self, link: Any, entry: str, columns: frozenset[str]) -> bool:
        if entry not in self._entries:
            return False
        if not isinstance(link, dict):
            return set(as_list(link)) <= columns
        if "through" in link:
            return self._is_through(link["through"])
        return set(as_list(link["column"])) <= columns and _asks(link, columns)

    def _holds(self, when: dict[str, Any]) -> bool:
        """Whether a rule's condition can be asked; of several, `any` keeps those that can."""
        if "all" in when:
            return all(self._holds(inner) for inner in when["all"])
        if "any" in when:
            when["any"] = [inner for inner in when["any"] if self._holds(inner)]
            return bool(when["any"])
        if "not" in when:
            return self._holds(when["not"])
        if "exists" in when:
            return self._is_evidence(when)
        column = when.get("column", when.get("flag"))
        return column is None or column in self._known

    def _is_evidence(self, when: dict[str, Any]) -> bool:
        columns = self._related.get(when["exists"], self._of_table(when["exists"]))
        when["of"] = self._links(when["of"], columns)
        if when.get("key") not in columns:
            when.pop("key", None)
        if "within" in when and when["within"]["column"] not in columns:
            del when["within"]
        return bool(when["of"]) and _asks(when, columns)

    def _fields(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        kept = {name: self._field(value) for name, value in fields.items()}
        return {name: value for name, value in kept.items() if value not in (None, [])}

    def _field(self, value: Any) -> Any:
        if isinstance(value, str):
            return value if all(map(self._is_known, TEMPLATE_COLUMN.findall(value))) else None
        if isinstance(value, list):
            return [inner for inner in map(self._field, value) if inner is not None]
        for several in ("first", "any"):
            if several in value:
                some = [inner for inner in map(self._field, value[several]) if inner is not None]
                return None if not some else some[0] if len(some) == 1 else {several: some}
        column = value.get("column", value.get("flag"))
        return value if column is None or self._is_known(column) else None

    def _is_known(self, column: str) -> bool:
        """Whether an entry has a column; behind a role, one whose records can have it."""
        role, _, behind = column.partition(".")
        if role not in ROLES:
            return column in self._known
        return any(behind in self._entries[name] for name, kind in self._types.items() if kind in (ROLES[role], BOTH))

    def _retire(self, config: dict[str, Any]) -> None:
        """Retire all entries, or none."""
        retire, records = config.pop("retire", {}), config["source"]["records"]
        kept = {
            entry: said
            for entry, said in retire.items()
            if entry in records
            and set(said.get("set", said)) <= self._of_table(said.get("table", records[entry].get("from", entry)))
        }
        if kept and kept.keys() == records.keys():
            config["retire"] = kept


def _key_columns(key: Any) -> list[str]:
    return as_list(key["column"]) if isinstance(key, dict) else as_list(key)


def _dated(named: Any) -> str:
    column: str = named["column"] if isinstance(named, dict) else named
    return column


def _kept(named: Any, columns: frozenset[str]) -> Any:
    return alone_or_all([column for column in as_list(named) if column in columns])


def _asks(part: dict[str, Any], columns: frozenset[str]) -> bool:
    """Whether a part's `where` asks only for what is there; it loses what asks for deleted rows in vain."""
    if "where" not in part:
        return True
    asked = _asked(part["where"], columns)
    if asked is None:
        return False
    part["where"] = asked
    if not asked:
        del part["where"]
    return True


def _asked(condition: dict[str, Any], columns: frozenset[str]) -> dict[str, Any] | None:
    """A condition on rows without what asks for deleted rows in vain; None of one that asks for another column."""
    missing = [column for column in _columns_in(condition) if column not in columns]
    if not missing:
        return condition
    if "all" in condition:
        several = [_asked(inner, columns) for inner in condition["all"]]
        if None in several:
            return None
        left = [inner for inner in several if inner]
        return {"all": left} if len(left) > 1 else left[0] if left else NOTHING
    if all(map(_says_deleted, missing)) and not {"any", "not", "column", "flag"} & condition.keys():
        return {column: value for column, value in condition.items() if column not in missing}
    return NOTHING if all(map(_says_deleted, _columns_in(condition))) else None


def _says_deleted(column: str) -> bool:
    return kinds_of(column.rpartition(".")[2]).get("deleted", 0) >= 60


def _columns_in(condition: dict[str, Any]) -> Iterator[str]:
    """The columns that a condition on rows asks."""
    for key, value in condition.items():
        if key in ("all", "any"):
            for inner in value:
                yield from _columns_in(inner)
        elif key == "not":
            yield from _columns_in(value)
        elif key in ("column", "flag"):
            yield value
        elif "column" not in condition and "flag" not in condition:
            yield key
