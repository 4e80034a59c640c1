"""What a config says of the legacy source: its records, how they hang together, and their history."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, PrivateAttr, field_validator, model_validator

from etl.config.entries import Entry
from etl.config.file_format import CsvFormat
from etl.config.link_tables import link_tables
from etl.config.links import Link
from etl.config.part import Part, Texts
from etl.config.related import Related, elsewhere, further
from etl.dates import unknown_zone
from etl.empties import Empties
from etl.errors import excerpt

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


class Source(Part):
    """Where the legacy records are.

    system: what the ledger calls this source for ever; it must stay the same in rehearsal and cutover. Defaults to the
    config's name. remaining: where the files of records that do not move are written. time_zone: the IANA name of the
    zone that says what day a moment with a zone belongs to; UTC if left out. none: words that stand for an empty value
    in all columns; an entry or a related table may add some for a column, or say with `[]` that a column has none.
    ignore: tables that name records and stay behind, with the reason.
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
    remaining: Annotated[str, Field(min_length=1)] | None = None
    """Of a folder of files: into which folder `retire` writes the files of the records that remain; into `remaining` in
    the source's own folder if left out. Example: `data/after`"""
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
        related = {n: table for n, table in self.related.items() if not (table.further_of or table.linking)}
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
    def _remaining(self) -> Source:
        if self.remaining is None:
            return self
        if not self.url.startswith("files:"):
            raise ValueError("remaining: new files are written only of a folder of files, not of a database; remove it")
        if Path(self.remaining).absolute() == Path(self.url.removeprefix("files:")).expanduser().absolute():
            raise ValueError("remaining: this is the source's own folder, whose files stay as they are; name another")
        return self

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
        parts.update((name, table) for name, table in self.related.items() if not table.is_made)
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
    def _link_tables(self) -> Source:
        """Add a table for each table of links whose rows the config does not read otherwise."""
        named = {name: table for name, table in self.related.items() if not table.is_made}
        for name, table in link_tables(self.records, named, Empties(self.none, {})).items():
            self._add(name, table)
        return self

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
        for name, part in self._parts.items():
            if (part.from_ or name) in self.ignore:
                raise ValueError(
                    f"ignore: {excerpt(part.from_ or name)!r} is read as {name!r}, so its rows do not stay behind; "
                    "remove it from one of the two"
                )
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
                if not (related.further_of or related.linking):
                    own = tuple(link for link in links if not link.under_row)
                    self._fits(f"related.{name}.of.{of}", of, own)
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
