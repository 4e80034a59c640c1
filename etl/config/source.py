"""What a config says of the legacy source: its records, how they hang together, and their history."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PrivateAttr, field_validator, model_validator

from etl.config.file_format import CsvFormat
from etl.config.identity import Identity
from etl.config.part import Part, Text, Texts
from etl.empties import Empties

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


class Parent(Part):
    """The column that names the record above, and the entry that record is in."""

    column: str
    """The column that names the record above. Example: `parent_id`"""
    of: str
    """The entry that the record above is in. Example: `accounts`"""


class TypeColumn(Part):
    """A column that says whether a record is a company or a person."""

    column: str
    """The column. Example: `is_company`"""
    company: Text
    """Its value for a company. Example: `"1"`"""
    person: Text
    """Its value for a person. Example: `"0"`"""


class Entry(Part):
    """One kind of legacy record; each of its records gets a decision.

    csv: what is different about its file. none: column -> the words that stand for an empty value there.
    """

    from_: str | None = Field(None, alias="from")
    """The table, view, query, file, sheet or model; the entry's name if left out. Example: `customers`"""
    key: str
    """The column that names a record. Example: `id`"""
    type: Literal["company", "person"] | TypeColumn
    """Whether its records are companies or persons, or which column says so. Example: `{column: is_company, company:
    "1", person: "0"}`"""
    parent: Parent | None = None
    """What names the record above: the head office of a company, the company of a person. Example: `{column:
    account_id, of: accounts}`"""
    changed: str | None = None
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

    def columns(self) -> tuple[str, ...]:
        """The source columns that this entry names, in the order of the config."""
        named = [self.key]
        if isinstance(self.type, TypeColumn):
            named.append(self.type.column)
        if self.parent:
            named.append(self.parent.column)
        if self.changed:
            named.append(self.changed)
        named += [column for columns in self.identity.values() for column in columns]
        return tuple(dict.fromkeys(named))


class OrderBy(Part):
    """The column that puts history in order; with a `format`, by the date it holds instead of by its text."""

    column: str
    """The column. Example: `happened_at`"""
    format: str | None = None
    """How the dates are written, in the words of strptime; without it the order is that of the text. Example:
    `"%d.%m.%Y"`"""


class Related(Part):
    """History that belongs to records and goes into their notes.

    of: entry -> the column that names its record. A row that names several records stands
    with the first of them that moves, else with the first that exists.
    """

    from_: str | None = Field(None, alias="from")
    """The table, view, query, file, sheet or model; the name of this part if left out. Example: `calls`"""
    key: str | None = None
    """The column that names a row for people. Example: `id`"""
    of: Annotated[dict[str, str], Field(min_length=1)]
    """Entry -> the column that holds the key of its record. Example: `{accounts: account_id, contacts:
    contact_id}`"""
    order_by: Annotated[OrderBy | None, BeforeValidator(lambda v: {"column": v} if isinstance(v, str) else v)] = None
    """The column that puts the rows of a note in order. Example: `happened_at`"""
    csv: CsvFormat | None = None
    """How the CSV file of this table is written, where it is another way than the others. Example: `{encoding:
    cp1252}`"""
    none: dict[str, Texts] = Field(default_factory=dict)
    """Column -> the words that stand for an empty value there; notes keep them. Example: `{phone: ["-", n/a]}`"""

    def columns(self) -> tuple[str, ...]:
        """The source columns that this table names."""
        named = [
            *([self.key] if self.key else []),
            *self.of.values(),
            *([self.order_by.column] if self.order_by else []),
        ]
        return tuple(dict.fromkeys(named))


class Source(Part):
    """Where the legacy records are.

    system: what the ledger calls this source for ever; it must stay the same in rehearsal and cutover. Defaults to the
    config's name. none: words that stand for an empty value in all columns; an entry or a related table may add some
    for a column, or say with `[]` that a column has none.
    """

    url: str
    """`files:FOLDER`, any URL of SQLAlchemy, or `odoo+https://login:${KEY}@host/database`. Example:
    `files:data/legacy`"""
    system: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    """What the ledger calls this source for ever; it must stay the same in rehearsal and cutover. The config's name
    if left out. Example: `old-crm`"""
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
    _evidence: dict[str, CsvFormat] = PrivateAttr(default_factory=dict)

    def empties(self, dataset: str) -> Empties:
        """The words that stand for an empty value in an entry, a related table or a table of evidence."""
        part = self.records.get(dataset) or self.related.get(dataset)
        return Empties(self.none, part.none if part else {})

    @property
    def formats(self) -> dict[str, CsvFormat]:
        """The tables whose files are written otherwise than `csv` says -> what is said of each alone."""
        parts: dict[str, Entry | Related] = {**self.records, **self.related}
        own = {part.from_ or name: part.csv for name, part in parts.items() if part.csv}
        return {**self._evidence, **own}

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
    def _formats(self) -> Source:
        if self.csv.header:
            raise ValueError("csv: header names the columns of one file; write it under the csv of that entry or table")
        said: dict[str, CsvFormat | None] = {}
        for kind, parts in (("records", self.records), ("related", self.related)):
            for name, part in parts.items():
                try:
                    self._refuse_formats_of_a_database(part.csv)
                except ValueError as error:
                    raise ValueError(f"{kind}.{name}.csv: {error}") from None
                table = part.from_ or name
                if said.setdefault(table, part.csv) != part.csv:
                    raise ValueError(f"{kind}.{name}.csv: {table!r} is read twice; write the same csv both times")
        return self

    @model_validator(mode="after")
    def _links(self) -> Source:
        for name in self.related:
            if name in self.records:
                raise ValueError(f"{name!r} is both an entry of records and a related table; rename one of them")
        for name, entry in self.records.items():
            if entry.parent and entry.parent.of not in self.records:
                raise ValueError(f"records.{name}.parent.of: {self.no_entry(entry.parent.of)}")
        for name, related in self.related.items():
            for of in related.of:
                if of not in self.records:
                    raise ValueError(f"related.{name}.of: {self.no_entry(of)}")
        return self
