"""What a config says of a table whose rows belong to records, and the tables that are made of other parts of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import BeforeValidator, Field, PrivateAttr, model_validator

from etl.config.dates import DateColumn, as_date_column
from etl.config.entries import Entry, Parent
from etl.config.file_format import CsvFormat
from etl.config.links import Join, LabelsOf, Link, Links, OneColumn, Through, link_column, refuse_same_columns
from etl.config.part import Part, Texts
from etl.config.row_conditions import Where
from etl.errors import excerpt


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


@dataclass(frozen=True)
class Linking:
    """The rows of a table of links that these are. at: where the config has it, under `source`; keys: the columns that
    say nothing but what names a row or a record, or what its `where` says."""

    name: str
    at: str
    keys: frozenset[str]


class Related(Part):
    """History that belongs to records and goes into their notes.

    of: entry -> the column that names its record, or how it does. A row that names records of several entries stands
    with the first of them that moves, else with the first that exists; one that names several records of one entry
    stands with each. under: a related table that the rows belong to, by the column that names its row: they name the
    records of that row, after those that they name by `of`. where: which rows count; the others are left out, and
    counted. labels_of: as of an entry.
    """

    from_: str | None = Field(None, alias="from")
    """The table, view, query, file, sheet or model; the name of this part if left out. Example: `calls`"""
    key: str | None = None
    """The column that names a row for people. Example: `id`"""
    links: dict[str, Links] = Field(default_factory=dict, alias="of")
    """Entry -> the column that holds the key of its record, or how else a row names one. Example: `{accounts:
    account_id, contacts: contact_id}`"""
    under: dict[str, OneColumn] = Field(default_factory=dict)
    """A related table -> the column that names its row, perhaps with `normalize`: the rows stand with the records of
    that row, beside those that they name by `of`. Example: `{orders: order_id}`"""
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
    _linking: Linking | None = PrivateAttr(None)

    @property
    def records_of(self) -> str | None:
        """The entry whose records these rows are, below the other records that they name; None of history."""
        return self._records_of

    @property
    def further_of(self) -> Further | None:
        """The rows of a joined table that these are; None of a table that is read itself."""
        return self._further_of

    @property
    def linking(self) -> Linking | None:
        """The rows of a table of links that these are, which the config does not read for its rows."""
        return self._linking

    @property
    def is_made(self) -> bool:
        """Whether the config does not name these rows itself, but something else of which they are made."""
        return self._linking is not None or self.made_of is not None

    @property
    def made_of(self) -> str | None:
        """The entry or table of the config whose columns these rows have; None of one that has columns of its own."""
        return self._further_of.dataset if self._further_of else self._records_of

    @property
    def taken(self) -> str:
        """Say that nothing else may have the name of these rows, which the config does not name itself."""
        if self._linking is not None:
            what = f"the rows of the table of links {excerpt(self.from_ or '', 80)!r}, by {self._linking.at}"
        elif self._further_of is None:
            at = f"records.{self._records_of}.parent.through"
            what = f"the {self._records_of} that belong to other records as well, by {at}"
        else:
            of = self._further_of
            what = f"the rows of {of.join} that {of.dataset} do not take, by {of.dataset}.join.{of.join}"
        return f"the name {self._name!r} stands for {what}; give this one another name, with from: {self._name}"

    @property
    def _name(self) -> str:
        of = self._further_of
        if self._linking is not None:
            return self._linking.name
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

    @classmethod
    def of_links(cls, linking: Linking, through: Through, links: Mapping[str, tuple[Link, ...]]) -> Related:
        """The rows of a table of links: they stand with the records that they name."""
        table = cls.model_validate({"from": through.table, "of": links, "where": through.where})
        table._linking = linking
        return table

    @property
    def of(self) -> dict[str, str]:
        """Entry -> the column that holds the key of its record: the source's own, or one that is made."""
        return {entry: link_column(entry, links) for entry, links in self.links.items()}

    @model_validator(mode="after")
    def _linked(self) -> Related:
        if not self.links and not self.under:
            raise ValueError("of is missing: say which column names the record, for example of: {accounts: account_id}")
        refuse_same_columns(self.join, self.labels_of)
        return self

    def columns(self) -> tuple[str, ...]:
        """The columns that this table names; also such as are made of others."""
        named = [
            *([self.key] if self.key else []),
            *self.of.values(),
            *([self.order_by.column] if self.order_by else []),
        ]
        return tuple(dict.fromkeys(named))
