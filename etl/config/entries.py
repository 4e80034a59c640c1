"""What a config says of one kind of legacy record: where it is, what names it, and what it hangs below."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

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
    Step,
    Through,
    columns_of_key,
    link_column,
    refuse_same_columns,
)
from etl.config.part import Part, Texts
from etl.config.row_conditions import Where

SELF = "self"
"""Among a parent's `none`: the record's own key."""


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

    @model_validator(mode="after")
    def _columns_differ(self) -> Entry:
        refuse_same_columns(self.join, self.labels_of)
        return self

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
