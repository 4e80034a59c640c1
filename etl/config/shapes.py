"""What is made of a dataset's rows when they are read: columns of other tables, keys and links in one form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from etl.config.conditions import Exists, columns_of, exists_of
from etl.config.entries import SELF
from etl.config.links import ALIASED, MERGED, RESERVED, UNDER_ROW, Join, KeyColumns, LabelsOf, Link, columns_of_key
from etl.config.related import Related
from etl.config.row_conditions import Test, columns_named, single_tests
from etl.config.schema import Config
from etl.config.tables import Table

DOUBT = RESERVED + "doubt"
"""The column that is filled where a row counts, or names its record, only by a value that nearly meets a condition."""


UNCLEAR = RESERVED + "unclear"
"""The column that is filled where a table of merges does not clearly say which record the row is part of."""


UNDECIDED = RESERVED + "undecided"
"""The column that is filled where a value cannot be read that says which of several records above it comes first."""


OTHER_KIND = RESERVED + "kind"
"""The column that says, where a row fills a link whose `where` it does not meet, what it has instead."""


def lost_column(link: str) -> str:
    """The column beside a made link that is filled where the columns which it is made of are, and lead to no key."""
    return f"{RESERVED}lost_{link.removeprefix(RESERVED)}"


def near_column(link: str) -> str:
    """The column beside a made link that lists the keys of records which the row would name if keys nearly met."""
    return f"{RESERVED}near_{link.removeprefix(RESERVED)}"


def each_column(column: str) -> str:
    """The column beside one that has the values of several rows as one text: what each of them says, as a list."""
    return f"{RESERVED}each_{column}"


def instead_column(column: str) -> str:
    """The column beside one of another table: what rows say that could count instead of the one taken, as a list."""
    return f"{RESERVED}instead_{column}"


def of_other_rows(column: str) -> tuple[str, str]:
    """The columns of what other rows say beside one of another table."""
    return each_column(column), instead_column(column)


REMARKS = tuple(f"{RESERVED}{kind}_" for kind in ("lost", "near", "each", "instead"))


def is_remark(column: str) -> bool:
    """Whether a made column only says how a row was read, and is nothing of the row itself."""
    return column in (DOUBT, UNCLEAR, UNDECIDED, OTHER_KIND) or column.startswith(REMARKS)


@dataclass(frozen=True)
class MadeLink:
    """A column that holds the key of the record which a row names, made of one link or several.

    dataset: whose rows they are. entry: the one that is meant; key: its own columns. own: the row's own key, to which a
    table of links leads.
    self_is_none: whether the row's own key names no record. first, rest: whether only the first of several counts, or
    all but it.
    """

    dataset: str
    entry: str
    links: tuple[Link, ...]
    own: KeyColumns | None
    key: tuple[str, ...] = ()
    self_is_none: bool = False
    first: bool = False
    rest: bool = False

    @property
    def may_lose(self) -> bool:
        """Whether a row may fill the columns of a link and still name no key.

        A row that only says what else its record belongs to need not have a link.
        """
        return not self.rest and any(len(link.columns) > 1 or link.through or link.under_row for link in self.links)

    @property
    def may_nearly_meet(self) -> bool:
        """Whether a table of links or of merges may have a key that the row's nearly is."""
        return not self.rest and any(link.through or link.under_row or link.aliased for link in self.links)

    def above(self, link: Link) -> tuple[Link, ...]:
        """The links by which the columns of a link to records may as well name rows that these stand under."""
        if link.through or link.under_row:
            return ()
        return tuple(other for other in self.links if other.under_row and other.columns == link.columns)

    def fills(self, link: Link) -> tuple[str, ...]:
        """The row's columns of which one is filled where a link is: none that every row has, as the key it leads to.

        Of the key `[client, number]` a link `[client, parent]` shares the client, which says nothing of a parent.
        """
        columns = link.columns or (self.own.columns if self.own else ())
        if link.through or link.under_row:
            return columns
        return tuple(column for column in columns if column not in self.key) or columns


@dataclass(frozen=True)
class Shape:
    """What is made of the rows of one dataset, in this order: joins and labels, rows that are left out, keys, links.

    merged: the entry whose records the rows are, where some of these were merged into others. asked: the columns of
    other tables that a condition asks.
    """

    joins: Mapping[str, Join] = field(default_factory=dict)
    labels: Mapping[str, LabelsOf] = field(default_factory=dict)
    where: object = None
    key: KeyColumns | None = None
    made_key: KeyColumns | None = None
    links: Mapping[str, MadeLink] = field(default_factory=dict)
    merged: str | None = None
    asked: tuple[str, ...] = ()

    @property
    def of_other_rows(self) -> tuple[str, ...]:
        """The columns of what other rows of those tables say."""
        all_taken = [f"{name}." for name, join in self.joins.items() if join.take == "all"]
        each = [each_column(column) for column in self.asked if column.startswith(tuple(all_taken))]
        return (*each, *map(instead_column, self.asked))

    @property
    def made(self) -> tuple[str, ...]:
        """The columns that no person sees: keys, links, which of these are lost or nearly met, and rows in doubt."""
        lost = (lost_column(column) for column, link in self.links.items() if link.may_lose)
        near = (near_column(column) for column, link in self.links.items() if link.may_nearly_meet)
        key, doubt = (RESERVED + "key",) if self.made_key else (), (DOUBT,) if self.may_doubt else ()
        kind = (OTHER_KIND,) if self.kinds else ()
        undecided = (UNDECIDED,) if self.ordered else ()
        return (
            *key,
            *self.links,
            *lost,
            *near,
            *self.of_other_rows,
            *doubt,
            *kind,
            *undecided,
            *((MERGED, UNCLEAR) if self.merged else ()),
        )

    @property
    def may_doubt(self) -> bool:
        """Whether a condition says which rows count, or which record they name: a value may nearly meet it."""
        links = [link for made in self.links.values() for link in made.links]
        wheres = [self.where, *(where for link in links for where in (link.where, link.through and link.through.where))]
        return any(where is not None for where in wheres)

    @property
    def ordered(self) -> tuple[tuple[Link, MadeLink], ...]:
        """The links of which only the first of several counts, by an order of their table of links."""
        firsts = [(link, made) for made in self.links.values() if made.first for link in made.links]
        return tuple((link, made) for link, made in firsts if link.through and link.through.order_by)

    @property
    def kinds(self) -> tuple[tuple[Link, ...], ...]:
        """The links that count for some rows alone, those of the same columns together: a column names what it may."""
        links = [link for made in self.links.values() if not made.rest for link in made.links if link.columns]
        columns = dict.fromkeys(link.columns for link in links if link.where is not None)
        return tuple(tuple(link for link in links if link.columns == each) for each in columns)

    def named(self) -> tuple[str, ...]:
        """The columns of the dataset, of its own or joined, that the shape needs."""
        columns: list[str] = list(columns_named(self.where))
        columns += self.key.columns if self.key else ()
        for join in self.joins.values():
            columns += join.on
        columns += self.labels
        for made in self.links.values():
            columns += [column for link in made.links for column in link.named()]
        return tuple(dict.fromkeys(columns))


def shape_of(config: Config, table: Table) -> Shape | None:
    """What is made of a dataset; None where its rows are taken as they stand, or as another one's are made."""
    related = config.source.related.get(table.name)
    if related is not None and related.further_of is not None:
        return None
    shape = _of_entry(config, table.name) if table.kind == "entry" else _of_table(config, table.name)
    return None if shape == Shape(key=shape.key) else shape


def _of_entry(config: Config, name: str) -> Shape:
    entry = config.source.records[name]
    own = entry.key_columns
    links = {}
    if entry.parent and entry.parent.column.startswith(RESERVED):
        links[entry.parent.column] = MadeLink(
            name,
            entry.parent.of,
            entry.parent.links,
            own,
            config.source.records[entry.parent.of].key_columns.columns,
            SELF in entry.parent.none,
            first=True,
        )
    made_key, merged = None if own.plain else own, name if entry.aliases else None
    shape = Shape(entry.join, entry.labels_of, entry.where, own, made_key, links, merged)
    tests = [test for rule in config.classify for test in columns_of(rule.when) if test.of in (None, name)]
    return _with_asked(shape, [*tests, *single_tests(entry.where)])


def _with_asked(shape: Shape, tests: Sequence[Test]) -> Shape:
    """The shape, with the columns of other tables that some tests ask."""
    labels = {f"{column}.{show}" for column, part in shape.labels.items() for show in part.show}
    asked = [
        column
        for column in (test.column for test in tests)
        if column in labels or any(column.startswith(f"{join}.") for join in shape.joins)
    ]
    return replace(shape, asked=tuple(dict.fromkeys(asked)))


def _of_table(config: Config, name: str) -> Shape:
    related = config.source.related.get(name)
    wanted: list[Related | Exists] = [related] if related else []
    conditions = [c for rule in config.classify for c in exists_of(rule.when) if c.exists == name]
    key = next((k for k in (*(r.key for r in wanted), *(c.key for c in conditions)) if k), None)
    own = KeyColumns(columns=(key,)) if key else None
    links: dict[str, MadeLink] = {}
    for asking in [*wanted, *conditions]:
        rest = isinstance(asking, Related) and asking.records_of is not None
        for entry, column in asking.of.items():
            if column.startswith(RESERVED):
                key_columns = config.source.records[entry].key_columns.columns
                links[column] = MadeLink(name, entry, asking.links[entry], own, key_columns, rest=rest)
    if related is None:
        return Shape(key=own, links=links)
    tests = [test for condition in conditions for test in single_tests(condition.where)]
    shape = Shape(related.join, related.labels_of, related.where, own, None, links)
    return _with_asked(shape, [*tests, *single_tests(related.where)])


def with_links(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in what links leave unsaid: the form of the keys that they mean, and the records that rows stand under."""
    source = raw.get("source")
    if not isinstance(source, dict) or not isinstance(source.get("records"), dict):
        return dict(raw)
    unsaid = {name: filled for name, entry in source["records"].items() if (filled := _unsaid(entry))}
    tables = source.get("related")
    related: dict[str, Any] = tables if isinstance(tables, dict) else {}
    filled = {name: _filled_table(table, unsaid, related) for name, table in related.items()}
    records = {name: _filled_entry(entry, unsaid) for name, entry in source["records"].items()}
    new = {
        **source,
        "records": records,
        **({"related": filled} if filled else {}),
    }
    rules = {"classify": _rules(raw["classify"], unsaid)} if "classify" in raw else {}
    return {**raw, "source": new, **rules}


def _unsaid(entry: Any) -> dict[str, Any]:
    """What goes for every link to an entry's records."""
    key = entry.get("key") if isinstance(entry, dict) else None
    steps = key.get("normalize") if isinstance(key, dict) else None
    aliased = isinstance(entry, dict) and "aliases" in entry
    return {**({"normalize": steps} if steps else {}), **({ALIASED: True} if aliased else {})}


def _filled_entry(entry: Any, unsaid: Mapping[str, Mapping[str, Any]]) -> Any:
    if not isinstance(entry, dict) or not isinstance(entry.get("parent"), dict):
        return entry
    parent = entry["parent"]
    return {**entry, "parent": {**unsaid.get(str(parent.get("of")), {}), **parent}}


def _filled_table(table: Any, unsaid: Mapping[str, Mapping[str, Any]], related: Mapping[str, Any]) -> Any:
    """The links of a related table, or of a condition on evidence."""
    if not isinstance(table, dict):
        return table
    table = (
        {**table, "of": _with_under(table.get("of", {}), table["under"], related)}
        if _is_under(table, related)
        else table
    )
    if not isinstance(table.get("of"), dict):
        return table
    return {**table, "of": {entry: _with_unsaid(link, unsaid.get(entry)) for entry, link in table["of"].items()}}


def _is_under(table: Mapping[str, Any], related: Mapping[str, Any]) -> bool:
    under = table.get("under")
    return (
        isinstance(under, dict)
        and isinstance(table.get("of", {}), dict)
        and all(isinstance(related.get(name), dict) and isinstance(related[name].get("of"), dict) for name in under)
    )


def _with_under(of: Mapping[str, Any], under: Mapping[str, Any], related: Mapping[str, Any]) -> dict[str, Any]:
    """The links that rows have themselves, and beside them those to the records of the rows that they stand under."""
    links = {entry: _separate(own) for entry, own in of.items()}
    for name, column in under.items():
        for entry in related[name]["of"]:
            above = {**(column if isinstance(column, dict) else {"column": column}), UNDER_ROW: {"rows": name}}
            links[entry] = [*links.get(entry, []), above]
    return links


def _separate(links: Any) -> list[Any]:
    """The links of a row to one entry as a list, each as a mapping."""
    if isinstance(links, (list, tuple)) and links and all(isinstance(link, dict) for link in links):
        return list(links)
    return [links if isinstance(links, dict) else columns_of_key(links)]


def _with_unsaid(link: Any, unsaid: Mapping[str, Any] | None) -> Any:
    if not unsaid:
        return link
    if isinstance(link, (list, tuple)) and all(isinstance(part, dict) for part in link):
        return [_with_unsaid(part, unsaid) for part in link]
    if not isinstance(link, dict):
        return {**unsaid, "column": link}
    to_row = {"normalize"} if UNDER_ROW in link else set[str]()  # its key is that of another row, not of a record
    return {**{key: value for key, value in unsaid.items() if key not in to_row}, **link}


def _rules(rules: Any, unsaid: Mapping[str, Mapping[str, Any]]) -> Any:
    if not isinstance(rules, list):
        return rules
    return [{**r, "when": _condition(r["when"], unsaid)} if isinstance(r, dict) and "when" in r else r for r in rules]


def _condition(condition: Any, unsaid: Mapping[str, Mapping[str, Any]]) -> Any:
    if not isinstance(condition, dict):
        return condition
    inner = _filled_table(condition, unsaid, {}) if "exists" in condition else dict(condition)
    for several in ("all", "any"):
        if isinstance(inner.get(several), list):
            inner[several] = [_condition(part, unsaid) for part in inner[several]]
    if "not" in inner:
        inner["not"] = _condition(inner["not"], unsaid)
    return inner
