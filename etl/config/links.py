"""What a config says of keys and links: by which columns rows name records, how keys are brought to one form."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from etl.config.dates import DateColumn, as_date_column
from etl.config.part import Part, Texts
from etl.config.row_conditions import Where, columns_named

Step = Literal["trim", "upper", "lower", "leading_zeros", "number", "salesforce_18", "unicode"]
"""How a key is brought to the form in which keys meet; `etl.rows.keys` has what each does."""

RESERVED = "_crm_cleanup_"
"""What the names of this tool's own columns begin with, in its files and frames; so do keys that no config has."""
ALIASED, UNDER_ROW = "_crm_cleanup_aliased", "_crm_cleanup_under_row"
"""Keys of links that are filled in when a config is read; mypy wants them written out at their fields, too."""


MERGED = RESERVED + "merged"
"""The column that holds, where a record was merged away and is still there, the key that it is part of now."""


def columns_of_key(value: object) -> object:
    """Bring `x`, `[x, y]` and `{column: x}` to `{columns: […]}`."""
    if isinstance(value, str):
        return {"columns": [value]}
    if isinstance(value, (list, tuple)):
        return {"columns": value}
    if isinstance(value, dict) and "column" in value:
        if "columns" in value:
            raise ValueError("column and columns say the same; write one of them")
        column = value["column"]
        rest = {key: inner for key, inner in value.items() if key != "column"}
        return {**rest, "columns": [column] if isinstance(column, str) else column}
    return value


class KeyColumns(Part):
    """The columns that tell rows apart; several are one key, its parts joined by `/`.

    normalize: steps that bring both this key and the links to it to one form.
    """

    columns: Annotated[tuple[str, ...], Field(min_length=1)]
    """`column` for one: the columns that tell rows apart. Example: `[client, number]`"""
    normalize: tuple[Step, ...] = ()
    """The steps that bring keys and the links to them to one form. Example: `[trim, leading_zeros]`"""

    @property
    def plain(self) -> str | None:
        """The column that is the key as it stands; None where the key is made."""
        return self.columns[0] if len(self.columns) == 1 and not self.normalize else None


Key = Annotated[KeyColumns, BeforeValidator(columns_of_key)]


def _single(key: KeyColumns) -> KeyColumns:
    if len(key.columns) > 1:
        raise ValueError("the key of a related table is one column, so one names its row")
    return key


OneColumn = Annotated[KeyColumns, BeforeValidator(columns_of_key), AfterValidator(_single)]
"""A column that names a row of a related table, and how both sides are brought to one form."""


OrderBy = Annotated[DateColumn | None, BeforeValidator(as_date_column)]


class Through(Part):
    """A table of links between rows and records.

    from_: its column that names the row; to: its column that names the record, or the columns of a composite key.
    normalize: steps that bring both the row's key and `from` to one form. where: what must hold for a row of it.
    order_by: which of several links comes first; descending: the greatest first.
    """

    table: str
    """The table of links. Example: `accounts_contacts`"""
    from_: str = Field(alias="from")
    """Its column that names the row. Example: `contact_id`"""
    to: Annotated[tuple[str, ...], BeforeValidator(lambda v: (v,) if isinstance(v, str) else v)]
    """Its column that names the record. Example: `account_id`"""
    normalize: tuple[Step, ...] = ()
    """The steps that bring both the row's key and `from` to one form. Example: `[trim, leading_zeros]`"""
    where: Where = None
    """What must hold for a link. Example: `{deleted: "0"}`"""
    order_by: OrderBy = None
    """The column that says which of several links comes first, as of a join. Example: `primary_account`"""
    descending: bool = False
    """Whether the greatest comes first. Example: `true`"""

    @model_validator(mode="after")
    def _ordered(self) -> Through:
        if self.descending and self.order_by is None:
            raise ValueError("descending turns an order around, and there is none; name its column under order_by")
        return self

    def columns(self) -> tuple[str, ...]:
        """The columns of the table of links that are named."""
        order = [self.order_by.column] if self.order_by else []
        return tuple(dict.fromkeys([self.from_, *self.to, *columns_named(self.where), *order]))


class Under(Part):
    """The rows of another dataset, by which a row names the records that these are or belong to; it is filled in.

    rows: the dataset, an entry or a related table. by: its columns, its key if left out.
    """

    rows: str
    by: tuple[str, ...] = ()

    def link(self, columns: tuple[str, ...], normalize: tuple[Step, ...], *, aliased: bool = False) -> Link:
        """The link of rows that name one of these by some columns; normalize: brings both sides to one form."""
        link = Link(columns=columns, normalize=normalize)
        return link.model_copy(update={"under_row": self, "aliased": aliased})


class Link(Part):
    """How a row names a record: by a column, or by a table of links.

    columns: those that hold the record's key; with `through` the row's own, its key if left out. normalize: steps that
    bring them to the form of the record's key. where: for which rows the link counts. none: values that name no record.
    under_row: the rows of another dataset, of which the columns name one: the record is that of this row.
    aliased: whether keys of the record's entry were merged into others; it is filled in.
    """

    columns: tuple[str, ...] = ()
    """`column` for one: the columns that hold the key of the record. Example: `[account_id]`"""
    normalize: tuple[Step, ...] = ()
    """The steps that bring them to the form of the key. Example: `[trim]`"""
    where: Where = None
    """For which rows the link counts. Example: `{parent_type: Account}`"""
    none: Texts = ()
    """The values that name no record, with `through` those that the table of links has. Example: `["0"]`"""
    through: Through | None = None
    """A table of links to the records. Example: `{table: bean_rel, from: email_id, to: bean_id}`"""
    under_row: Under | None = Field(default=None, alias="_crm_cleanup_under_row")
    aliased: bool = Field(default=False, alias="_crm_cleanup_aliased")

    @property
    def plain(self) -> str | None:
        """The column that is the link as it stands; None where the link is made."""
        made = (
            self.normalize
            or self.where is not None
            or self.none
            or self.through
            or self.under_row
            or self.aliased
            or len(self.columns) != 1
        )
        return None if made else self.columns[0]

    def named(self) -> tuple[str, ...]:
        """The row's own columns that the link names."""
        return tuple(dict.fromkeys([*self.columns, *columns_named(self.where)]))


def _links(value: object) -> object:
    """One link, or a list of some where a row names several records of one entry."""
    if isinstance(value, (list, tuple)) and value and all(isinstance(part, (dict, Link)) for part in value):
        return [columns_of_key(part) for part in value]
    return [columns_of_key(value)]


Links = Annotated[tuple[Link, ...], Field(min_length=1), BeforeValidator(_links)]


def link_column(entry: str, links: tuple[Link, ...]) -> str:
    """The column that holds the key of the record which a row names: the source's own, or one that is made."""
    if len(links) == 1 and (plain := links[0].plain):
        return plain
    digest = hashlib.sha256(repr(links).encode()).hexdigest()[:8]
    return f"{RESERVED}link_{entry}_{digest}"


class Join(Part):
    """Values of another table, whose columns act like the record's own, as `name.column`.

    from_: the table; the join's name if left out. on: the record's own columns, its key if left out; key: the columns
    of the table that hold the same. through: a table of links between the two. where: what must hold for a row of it.
    take: of several rows the first, the last, or all of them, by `order_by`. columns: those that are taken; all but the
    key if left out.
    """

    from_: str | None = Field(None, alias="from")
    """The table; the join's name if left out. Example: `emails`"""
    on: Texts = ()
    """The record's own columns; its key if left out. Example: `address_id`"""
    key: Annotated[tuple[str, ...], Field(min_length=1), BeforeValidator(lambda v: (v,) if isinstance(v, str) else v)]
    """The columns of the table that hold the same. Example: `account_id`"""
    normalize: tuple[Step, ...] = ()
    """The steps that bring both to one form. Example: `[trim]`"""
    through: Through | None = None
    """A table of links between the two. Example: `{table: bean_rel, from: email_id, to: bean_id}`"""
    where: Where = None
    """What must hold for a row of the table. Example: `{deleted: "0"}`"""
    take: Literal["first", "last", "all"] = "first"
    """Which of several rows counts. Without `order_by` they are in the order of their values, the first column first,
    as texts; an empty value, or a word of `none`, comes after all others, with `take: last` before them. Example:
    `first`"""
    order_by: OrderBy = None
    """The column that puts them in order: numbers by size, then texts; dates in another form than ISO 8601 with their
    `format`. A row without a value comes last, with `take: last` first. Example: `is_primary`"""
    columns: Texts = ()
    """The columns that are taken; all but the key if left out. Example: `[address]`"""


class LabelsOf(Part):
    """The name that stands for an id: `show` of the row whose `key` it is, as `column.show` beside the id."""

    from_: str = Field(alias="from")
    """The table of names. Example: `countries`"""
    key: str
    """Its column with the ids. Example: `id`"""
    show: Annotated[Texts, Field(min_length=1)]
    """Its column with the names. Example: `name`"""
    normalize: tuple[Step, ...] = ()
    """The steps that bring the ids on both sides to one form. Example: `[trim, leading_zeros]`"""
    where: Where = None
    """What must hold for a row of it. Example: `{lang: de}`"""


def refuse_same_columns(joins: Mapping[str, Join], labels: Mapping[str, LabelsOf]) -> None:
    """Check that no join and no label make a column of one name. Raises ValueError."""
    for name in joins.keys() & labels.keys():
        same = [show for show in labels[name].show if show in (joins[name].columns or (show,))]
        if same:
            raise ValueError(
                f"join and labels_of both make the column {name}.{same[0]}; give the join another name, with "
                f"from: {joins[name].from_ or name}"
            )


class Aliases(Part):
    """Keys of records that were merged into others: links to the old key mean the new one."""

    from_: str = Field(alias="from")
    """The table of merges. Example: `merges`"""
    old: str
    """Its column with the key that is gone. Example: `old_id`"""
    new: str
    """Its column with the key that it is part of now. Example: `new_id`"""
    where: Where = None
    """What must hold for a row of it. Example: `{kind: merged}`"""
