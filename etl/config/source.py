"""What a config says of the legacy source: its records, how they hang together, and their history."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PrivateAttr, field_validator, model_validator

from etl.config.dates import DateColumn, as_date_column
from etl.config.file_format import CsvFormat
from etl.config.identity import Identity
from etl.config.links import (
    ALIASED,
    RESERVED,
    Aliases,
    Join,
    Key,
    LabelsOf,
    Link,
    Links,
    Step,
    Through,
    columns_of_key,
    link_column,
)
from etl.config.part import Part, Texts
from etl.config.row_conditions import Where
from etl.dates import unknown_zone
from etl.empties import Empties

SELF = "self"
"""Among a parent's `none`: the record's own key."""


def elsewhere(entry: str) -> str:
    """What an entry's records are called where they stand with records above them that are not their own."""
    return f"{entry}_also"


def further(dataset: str, join: str) -> str:
    """What those rows of a joined table are called that a dataset's rows do not take."""
    return f"{dataset}_{join}_also"


@dataclass(frozen=True)
class Further:
    """The rows of a joined table that rows of a dataset have and do not take, as another one comes first.

    dataset: the entry or related table whose rows have them; join: the name under which it is joined.
    """

    dataset: str
    join: str


NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


class Parent(Part):
    """How a record names the one above it, and the entry that record is in.

    columns: `column` in the config, several for a composite key; with `through` the record's own key if left out.
    through: a table of links, where a record may have several above it: the first is its own, in the others' notes it
    stands as well. normalize: steps that bring the column to the form of that entry's key. none: values that name no
    record; `self` stands for the record's own key, by which some systems mark a head office. missing: what becomes of a
    record whose parent does not exist: it is rejected, or goes on without it; circle: of records that are their own
    ancestors: they are rejected, or the circle is opened at one of them, so that they stay one family.
    """

    columns: tuple[str, ...] = ()
    """`column` for one: the columns that name the record above. Example: `[parent_id]`"""
    of: str
    """The entry that the record above is in. Example: `accounts`"""
    through: Through | None = None
    """A table of links, where a record may have several above it. Example: `{table: accounts_contacts, from:
    contact_id, to: account_id}`"""
    normalize: tuple[Step, ...] = ()
    """The steps that bring the column to the form of the key. Example: `[trim]`"""
    none: Texts = ()
    """The values that name no record, with `through` those that the table of links has; `self` is the record's own key.
    Example: `["0", self]`"""
    aliased: bool = Field(default=False, alias="_crm_cleanup_aliased")
    missing: Literal["reject", "ignore"] = "reject"
    """What becomes of a record whose parent does not exist. Example: `ignore`"""
    circle: Literal["reject", "cut"] = "reject"
    """What becomes of records that are their own ancestors; `cut` opens the circle, and they stay one family. Example:
    `cut`"""

    @model_validator(mode="before")
    @classmethod
    def _column(cls, value: object) -> object:
        return columns_of_key(value)

    @property
    def links(self) -> tuple[Link, ...]:
        """The link to the record above, as rows of other tables have them."""
        none = tuple(value for value in self.none if value != SELF)
        same = {"columns": self.columns, "normalize": self.normalize, "through": self.through, ALIASED: self.aliased}
        return (Link.model_validate({**same, "none": none}),)

    @property
    def column(self) -> str:
        """The column that holds the parent's key: the source's own, or one that is made."""
        return RESERVED + "parent" if SELF in self.none else link_column(self.of, self.links)


class TypeColumn(Part):
    """A column that says whether a record is a company or a person, each by one value or one of several."""

    column: str
    """The column. Example: `is_company`"""
    company: Annotated[Texts, Field(min_length=1)]
    """Its value, or values, for a company. Example: `"1"`"""
    person: Annotated[Texts, Field(min_length=1)]
    """Its value, or values, for a person. Example: `"0"`"""


class Entry(Part):
    """One kind of legacy record; each of its records gets a decision.

    where: which rows are records; the others are left out, and counted. join: values of other tables, as columns of the
    record's own. labels_of: column -> the name that stands for its ids. aliases: keys that were merged into others.
    csv: what is different about its file. none: column -> the words that stand for an empty value there.
    """

    from_: str | None = Field(None, alias="from")
    """The table, view, query, file, sheet or model; the entry's name if left out. Example: `customers`"""
    key_columns: Key = Field(alias="key")
    """The column that names a record, or several that do together. Example: `id`"""
    where: Where = None
    """Which rows are records; the others are left out, and counted. Example: `{deleted: "0"}`"""
    join: dict[str, Join] = Field(default_factory=dict)
    """Name -> values of another table, as columns `name.column` of the record's own. Example: `{mail: {from: emails,
    key: account_id}}`"""
    labels_of: dict[str, LabelsOf] = Field(default_factory=dict)
    """Column -> the name that stands for its ids, as a column of its own. Example: `{country_id: {from: countries,
    key: id, show: name}}`"""
    aliases: Aliases | None = None
    """The table of keys that were merged into others. Example: `{from: merges, old: old_id, new: new_id}`"""
    type: Literal["company", "person"] | TypeColumn
    """Whether its records are companies or persons, or which column says so. Example: `{column: is_company, company:
    "1", person: "0"}`"""
    parent: Parent | None = None
    """What names the record above: the head office of a company, the company of a person. Example: `{column:
    account_id, of: accounts}`"""
    changed: Annotated[DateColumn | None, BeforeValidator(as_date_column)] = None
    """The column that says when a record was last changed: the newer of two duplicates is the better one, and the
    column is no edit by itself. Example: `updated_at`"""
    identity: Identity = Field(default_factory=dict)
    """Which columns say who a record is, by kind; several are read together. It is what records are matched and found
    by. Example: `{company: name, email: [email, email2]}`"""
    csv: CsvFormat | None = None
    """How the CSV file of this entry is written, where it is another way than the others. Example: `{delimiter:
    ";"}`"""
    none: dict[str, Texts] = Field(default_factory=dict)
    """Column -> the words that stand for an empty value there; notes keep them. Example: `{phone: ["-", n/a]}`"""

    @property
    def key(self) -> str:
        """The column that holds the key: the source's own, or one that is made."""
        return self.key_columns.plain or RESERVED + "key"

    def columns(self) -> tuple[str, ...]:
        """The columns that this entry names, in the order of the config; also such as are made of others."""
        named = [self.key]
        if isinstance(self.type, TypeColumn):
            named.append(self.type.column)
        if self.parent:
            named.append(self.parent.column)
        if self.changed:
            named.append(self.changed.column)
        named += [column for columns in self.identity.values() for column in columns]
        return tuple(dict.fromkeys(named))


class Related(Part):
    """History that belongs to records and goes into their notes.

    of: entry -> the column that names its record, or how it does. A row that names records of several entries stands
    with the first of them that moves, else with the first that exists; one that names several records of one entry
    stands with each. under: a related table that the rows belong to, by the column that names its row: they stand with
    the record of that row. where: which rows count; the others are left out, and counted. labels_of: as of an entry.
    """

    from_: str | None = Field(None, alias="from")
    """The table, view, query, file, sheet or model; the name of this part if left out. Example: `calls`"""
    key: str | None = None
    """The column that names a row for people. Example: `id`"""
    links: dict[str, Links] = Field(default_factory=dict, alias="of")
    """Entry -> the column that holds the key of its record, or how else a row names one. Example: `{accounts:
    account_id, contacts: contact_id}`"""
    under: Annotated[dict[str, str], Field(max_length=1)] = Field(default_factory=dict)
    """A related table -> the column that names its row: the rows stand with the record of that row. Example: `{orders:
    order_id}`"""
    where: Where = None
    """Which rows count; the others are left out, and counted. Example: `{deleted: "0"}`"""
    join: dict[str, Join] = Field(default_factory=dict)
    """As of an entry. Example: `{product: {from: products, on: product_id, key: id}}`"""
    labels_of: dict[str, LabelsOf] = Field(default_factory=dict)
    """As of an entry. Example: `{user_id: {from: users, key: id, show: name}}`"""
    order_by: Annotated[DateColumn | None, BeforeValidator(as_date_column)] = None
    """The column that puts the rows of a note in order. Example: `happened_at`"""
    csv: CsvFormat | None = None
    """How the CSV file of this table is written, where it is another way than the others. Example: `{encoding:
    cp1252}`"""
    none: dict[str, Texts] = Field(default_factory=dict)
    """Column -> the words that stand for an empty value there; notes keep them. Example: `{phone: ["-", n/a]}`"""

    _records_of: str | None = PrivateAttr(None)
    _further_of: Further | None = PrivateAttr(None)

    @property
    def records_of(self) -> str | None:
        """The entry whose records these rows are, below the other records that they name; None of history."""
        return self._records_of

    @property
    def further_of(self) -> Further | None:
        """The rows of a joined table that these are; None of a table that is read itself."""
        return self._further_of

    @property
    def made_of(self) -> str | None:
        """The entry or table of the config that these rows are made of; None of one that the config names itself."""
        return self._further_of.dataset if self._further_of else self._records_of

    @property
    def taken(self) -> str:
        """Say that nothing else may have the name of these rows, which the config does not name itself."""
        if self._further_of is None:
            at = f"records.{self._records_of}.parent.through"
            what = f"the {self._records_of} that belong to other records as well, by {at}"
        else:
            of = self._further_of
            what = f"the rows of {of.join} that {of.dataset} do not take, by {of.dataset}.join.{of.join}"
        return f"the name {self._name!r} stands for {what}; give this one another name, with from: {self._name}"

    @property
    def _name(self) -> str:
        of = self._further_of
        return further(of.dataset, of.join) if of else elsewhere(self._records_of or "")

    @classmethod
    def elsewhere(cls, name: str, entry: Entry, parent: Parent) -> Related:
        """An entry's records, as they stand with the records above them that are not their own."""
        same = {part: getattr(entry, part) for part in ("key", "where", "join", "labels_of", "csv", "none")}
        table = cls.model_validate({"from": entry.from_ or name, "of": {parent.of: parent.links}, **same})
        table._records_of = name
        return table

    @classmethod
    def further(cls, name: str, part: Entry | Related, join: str) -> Related:
        """The rows of a joined table that are not taken: they stand with the records of the rows that have them."""
        of = {name: part.key} if isinstance(part, Entry) else part.of
        links = {entry: Link(columns=(column,)) for entry, column in of.items()}
        table = cls.model_validate({"from": part.join[join].from_ or join, "of": links, "none": part.none})
        table._further_of = Further(name, join)
        return table

    @property
    def of(self) -> dict[str, str]:
        """Entry -> the column that holds the key of its record: the source's own, or one that is made."""
        return {entry: link_column(entry, links) for entry, links in self.links.items()}

    @model_validator(mode="after")
    def _linked(self) -> Related:
        if not self.links and not self.under:
            raise ValueError("of is missing: say which column names the record, for example of: {accounts: account_id}")
        return self

    def columns(self) -> tuple[str, ...]:
        """The columns that this table names; also such as are made of others."""
        named = [
            *([self.key] if self.key else []),
            *self.of.values(),
            *([self.order_by.column] if self.order_by else []),
        ]
        return tuple(dict.fromkeys(named))


class Source(Part):
    """Where the legacy records are.

    system: what the ledger calls this source for ever; it must stay the same in rehearsal and cutover. Defaults to the
    config's name. time_zone: the IANA name of the zone that says what day a moment with a zone belongs to; UTC if left
    out. none: words that stand for an empty value in all columns; an entry or a related table may add some for a
    column, or say with `[]` that a column has none. ignore: tables that name records and stay behind, with the reason.
    """

    url: str
    """`files:FOLDER`, any URL of SQLAlchemy, or `odoo+https://login:${KEY}@host/database`. Example:
    `files:data/legacy`"""
    system: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    """What the ledger calls this source for ever; it must stay the same in rehearsal and cutover. The config's name
    if left out. Example: `old-crm`"""
    time_zone: str | None = None
    """The IANA name of the zone that says what day a moment with a zone belongs to; UTC if left out. Example:
    `Europe/Berlin`"""
    csv: CsvFormat = CsvFormat()
    """How the CSV files of the folder are written. Example: `{delimiter: ";", encoding: cp1252}`"""
    none: Texts = ()
    """The words that stand for an empty value in all columns of the source; notes keep them. Example: `["NULL",
    "-"]`"""
    records: Annotated[dict[str, Entry], Field(min_length=1)]
    """Every kind of legacy record, each with a name of its own. Example: `{accounts: {key: id, type: company}}`"""
    related: dict[str, Related] = Field(default_factory=dict)
    """The tables of history that belong to records and go into their notes. Example: `{calls: {key: id, of:
    {accounts: account_id}}}`"""
    ignore: dict[str, Annotated[str, Field(min_length=1)]] = Field(default_factory=dict)
    """The tables that name records and stay behind -> the reason. Example: `{logins: of no use}`"""
    _evidence: dict[str, CsvFormat] = PrivateAttr(default_factory=dict)

    def empties(self, dataset: str) -> Empties:
        """The words that stand for an empty value in an entry, a related table or a table of evidence."""
        part = self.records.get(dataset) or self.related.get(dataset)
        return Empties(self.none, part.none if part else {})

    @property
    def formats(self) -> dict[str, CsvFormat]:
        """The tables whose files are written otherwise than `csv` says -> what is said of each alone."""
        parts = self._parts
        own = {part.from_ or name: part.csv for name, part in parts.items() if part.csv}
        return {**self._evidence, **own}

    @property
    def _parts(self) -> dict[str, Entry | Related]:
        """The parts that are read from a table themselves."""
        related = {name: table for name, table in self.related.items() if table.further_of is None}
        return {**self.records, **related}

    def add_format(self, table: str, form: CsvFormat) -> None:
        """Learn how a file is written that only rules name. Raises ValueError where that is said otherwise."""
        if self.formats.get(table, form) != form:
            raise ValueError(f"csv is said of {table!r} twice, and not in the same way; say it once")
        self._refuse_formats_of_a_database(form)
        self._evidence[table] = form

    def _refuse_formats_of_a_database(self, form: CsvFormat | None) -> None:
        if form is not None and not self.url.startswith("files:"):
            raise ValueError("csv says how a file is written, but the source is a database; remove it")

    def no_entry(self, name: str) -> str:
        """Say that no entry has that name, and which ones there are."""
        return f"there is no entry {name!r} under source.records; the entries are {', '.join(self.records)}"

    @field_validator("time_zone")
    @classmethod
    def _zone(cls, value: str | None) -> str | None:
        if value is not None and unknown_zone(value):
            raise ValueError(f"there is no time zone {value!r}; write for example Europe/Berlin")
        return value

    @field_validator("records", "related")
    @classmethod
    def _names(cls, value: dict[str, Any]) -> dict[str, Any]:
        for name in value:
            if not NAME.fullmatch(name) or len(name) > 63:
                raise ValueError(
                    f"{name!r} is not a valid name; use at most 63 letters, digits, _ and -, the first a letter"
                )
        return value

    @model_validator(mode="after")
    def _elsewhere(self) -> Source:
        """Add a table for each entry whose records may have several above them: all but the first."""
        for name, entry in self.records.items():
            if entry.parent is None or entry.parent.through is None:
                continue
            if entry.key_columns.plain is None:
                raise ValueError(
                    f"records.{name}.parent: through needs a key of one column as it stands; remove through, or "
                    "normalize from the key"
                )
            self._add(elsewhere(name), Related.elsewhere(name, entry, entry.parent))
        return self

    @model_validator(mode="after")
    def _further(self) -> Source:
        """Add a table for each join of which one of several rows is taken: all but that one."""
        parts: dict[str, Entry | Related] = {**self.records}
        parts.update((name, table) for name, table in self.related.items() if table.made_of is None)
        for name, part in parts.items():
            for join, joined in part.join.items():
                if joined.take != "all":
                    self._add(further(name, join), Related.further(name, part, join))
        return self

    def _add(self, name: str, table: Related) -> None:
        for kind, parts in (("records", self.records), ("related", self.related)):
            if name in parts:
                raise ValueError(f"{kind}.{name}: {table.taken}")
        self.related[name] = table

    @model_validator(mode="after")
    def _formats(self) -> Source:
        if self.csv.header:
            raise ValueError("csv: header names the columns of one file; write it under the csv of that entry or table")
        said: dict[str, CsvFormat | None] = {}
        for name, part in self._parts.items():
            at = f"{'records' if isinstance(part, Entry) else 'related'}.{name}.csv"
            try:
                self._refuse_formats_of_a_database(part.csv)
            except ValueError as error:
                raise ValueError(f"{at}: {error}") from None
            table = part.from_ or name
            if said.setdefault(table, part.csv) != part.csv:
                raise ValueError(f"{at}: {table!r} is read twice; write the same csv both times")
        return self

    @model_validator(mode="after")
    def _links(self) -> Source:
        for name in self.related:
            if name in self.records:
                raise ValueError(f"{name!r} is both an entry of records and a related table; rename one of them")
        for name, entry in self.records.items():
            if entry.parent and entry.parent.of not in self.records:
                raise ValueError(f"records.{name}.parent.of: {self.no_entry(entry.parent.of)}")
            if entry.aliases and len(entry.key_columns.columns) > 1:
                raise ValueError(
                    f"records.{name}.aliases: a table of merges has one column for a key, but this key has several; "
                    "remove aliases, or read the records by a key of one column"
                )
            if entry.parent:
                self._fits(f"records.{name}.parent", entry.parent.of, entry.parent.links)
        for name, related in self.related.items():
            for of, links in related.links.items():
                if of not in self.records:
                    raise ValueError(f"related.{name}.of: {self.no_entry(of)}")
                if not related.under and related.further_of is None:
                    self._fits(f"related.{name}.of.{of}", of, links)
            for above in related.under:
                if above not in self.related:
                    raise ValueError(f"related.{name}.under: there is no related table {above!r}")
                if self.related[above].under or not self.related[above].key:
                    raise ValueError(
                        f"related.{name}.under: {above} needs a key, and must itself name its records by of"
                    )
        return self

    def _fits(self, at: str, entry: str, links: tuple[Link, ...]) -> None:
        """Check that a link has as many columns as the key that it means."""
        wanted = len(self.records[entry].key_columns.columns)
        for link in links:
            if not link.columns and not link.through:
                raise ValueError(f"{at}: column is missing; name the column that holds the key of {entry}")
            columns = link.through.to if link.through else link.columns
            if len(columns) != wanted:
                raise ValueError(
                    f"{at}: the key of {entry} has {wanted} columns, so the link needs as many, and has {len(columns)}"
                )
