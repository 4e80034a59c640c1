"""What a config says of leads: where each field's value comes from, and how the notes speak."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, field_validator, model_validator

from etl.config.part import Part, Text
from etl.config.row_conditions import ColumnCondition, Flag, Test, kind_of
from etl.model import LEAD_FIELDS

TEMPLATE_COLUMN = re.compile(r"\{([^{}]+)\}")
ROLES: dict[str, Literal["company", "person"]] = {"contact": "person", "company": "company"}
"""What may stand before a column, as in `{contact.email}`, and the type of the records that it means."""
WHOLE_BRACES = re.compile(r"\{\{|\}\}|\{[^{}]+\}")
"""What a brace may be part of: a column, or a brace that is meant as such."""


class Mapped(Part):
    """A lead field from one column through a table of values.

    map: legacy value -> what the lead gets. default: for any other value; without it, or without a map, the value goes
    over as it is. A default also stands for what the target does not know, where the field names a record of its own.
    fold: whether case, blanks and width do not count in the map; `false` says that such a value is really another one.
    """

    column: str
    """The column. Example: `owner`"""
    map: dict[str, str] = Field(default_factory=dict)
    """Legacy value -> what the lead gets. Example: `{mm: maria}`"""
    default: str | None = None
    """What the lead gets for any other value; without it the value goes over as it is. Example: `sales`"""
    fold: bool | None = None
    """Whether case, blanks and width do not count; `false` says that such a value is really another one. Example:
    `true`"""

    @model_validator(mode="after")
    def _folded(self) -> Mapped:
        if self.fold is not None and not self.map:
            raise ValueError("fold says how values meet those of a map, and there is no map; add one, or remove fold")
        return self

    @property
    def test(self) -> ColumnCondition | None:
        """The condition that holds for the values that the map knows; None without a map."""
        keys = tuple(key for key in self.map if key)
        test = {"column": self.column, "in": keys, "fold": self.fold}
        return ColumnCondition.model_validate(test) if keys else None


class First(Part):
    """A lead field from the first of several templates that gives a text."""

    first: Annotated[tuple[Text, ...], Field(min_length=1)]
    """Templates, of which the first that gives a text is taken. Example: `["{email}", "{contact.email}"]`"""


def _several(value: object) -> object:
    """`equals` may name several values here."""
    if isinstance(value, dict) and isinstance(value.get("equals"), (list, tuple)):
        return {**{key: inner for key, inner in value.items() if key != "equals"}, "in": value["equals"]}
    return value


class AnyColumn(Part):
    """Who must not be contacted, where several columns say so: one that does is enough.

    Each column is asked as if it stood alone, of the records that have it.
    """

    any: Annotated[
        tuple[
            Annotated[
                Annotated[Flag, Tag("flag")] | Annotated[ColumnCondition, BeforeValidator(_several), Tag("column")],
                Discriminator(
                    lambda value: kind_of(value, ("flag", "column")),
                    custom_error_type="condition",
                    custom_error_message="do_not_contact takes any of some columns, each a flag or a column",
                ),
            ],
            ...,
        ],
        Field(min_length=1),
    ]
    """The columns. Example: `[{flag: opt_out}, {flag: contact.do_not_call}, {column: status, equals: blocked}]`"""


TESTS = ("flag", "equals", "in", "matches", "empty")


def _field_kind(value: object) -> str:
    if isinstance(value, dict):
        if "first" in value or "any" in value:
            return "first" if "first" in value else "any"
        return next(("flag" if kind == "flag" else "test" for kind in TESTS if kind in value), "map")
    if isinstance(value, (list, tuple)):
        return "list"
    names = {First: "first", AnyColumn: "any", Flag: "flag", ColumnCondition: "test", Mapped: "map"}
    return names.get(type(value), "text")  # type: ignore[call-overload,no-any-return]


FieldSource = Annotated[
    Annotated[Text, Tag("text")]
    | Annotated[tuple[Text, ...], Tag("list")]
    | Annotated[First, Tag("first")]
    | Annotated[AnyColumn, Tag("any")]
    | Annotated[Flag, Tag("flag")]
    | Annotated[ColumnCondition, BeforeValidator(_several), Tag("test")]
    | Annotated[Mapped, Tag("map")],
    Discriminator(_field_kind),
]


def _templates(source: object) -> tuple[str, ...]:
    """The templates of one lead field; none of a map or a flag, which name a column."""
    if isinstance(source, First):
        return source.first
    return (source,) if isinstance(source, str) else source if isinstance(source, tuple) else ()


def _tests(source: object) -> tuple[Test, ...]:
    """The tests of columns by any of which a lead field is filled; none of a template or map."""
    if isinstance(source, AnyColumn):
        return source.any
    return (source,) if isinstance(source, (Flag, ColumnCondition)) else ()


class NoteOptions(Part):
    """How the notes speak. labels: column -> what people call it. omit: column -> the legal reason to leave it out.

    A column is named alone, or as `entry.column` or `related.column` where only that one is meant.
    """

    language: Literal["de", "en"] = "en"
    """The language of the words that a note has beside the values. Example: `de`"""
    labels: dict[str, Annotated[str, Field(min_length=1)]] = Field(default_factory=dict)
    """Column -> what people call it; alone, or as `entry.column`. Example: `{vat_id: USt-IdNr.}`"""
    omit: dict[str, Annotated[str, Field(min_length=1)]] = Field(default_factory=dict)
    """Column -> the legal reason to leave it out of the notes. Example: `{birth_date: "GDPR: not needed for
    sales"}`"""


class Duplicates(Part):
    """When two records are one lead: from the probability `merge_at`. From `review_at` a person decides.

    model: a `models.json` of an earlier plan; its weights are used instead of learning them again.
    """

    merge_at: Annotated[float, Field(gt=0, le=1)]
    """The probability from which two records are the same, and one lead. Example: `0.98`"""
    review_at: Annotated[float, Field(gt=0, le=1)]
    """The probability from which a person decides. Example: `0.8`"""
    model: str | None = None
    """The `models.json` of an earlier plan, whose weights are used instead of learning them again. Example:
    `plans/first/models.json`"""

    @model_validator(mode="after")
    def _order(self) -> Duplicates:
        if self.review_at > self.merge_at:
            raise ValueError(
                f"review_at ({self.review_at:g}) is greater than merge_at ({self.merge_at:g}); pairs between the "
                "two go to review, for example {merge_at: 0.98, review_at: 0.80}"
            )
        return self


class Leads(Part):
    """What a lead is made of.

    fields: lead field, or name of the target's own that `target.columns` maps -> where its value comes from.
    """

    one_per: Literal["company", "contact"] = "company"
    """`company`: contacts are folded into the lead of their company; `contact`: each contact is a lead. Example:
    `contact`"""
    duplicates: Duplicates | None = None
    """When records that are the same are one lead; without it nobody looks for any. Example: `{merge_at: 0.98,
    review_at: 0.8}`"""
    fields: dict[str, FieldSource]
    """Lead field -> where its value comes from: a template, a list of them for `tags`, or one of the parts below.
    Example: `{name: "{name}", tags: ["CRM"]}`"""
    note: NoteOptions = NoteOptions()
    """How the notes speak. Example: `{language: de}`"""

    @property
    def names(self) -> tuple[str, ...]:
        """The fields that are filled: in the order of LEAD_FIELDS, then the target's own as they are named."""
        own = [name for name in self.fields if name not in LEAD_FIELDS]
        return (*(name for name in LEAD_FIELDS if name in self.fields), *own)

    @property
    def consent(self) -> tuple[Test, ...]:
        """The tests by any of which a record opts out; none where the config has none."""
        return _tests(self.fields.get("do_not_contact"))

    def columns(self, field: str) -> tuple[str, ...]:
        """The columns that a field is taken from, whichever record's they are."""
        source = self.fields.get(field)
        if isinstance(source, Mapped):
            named = [source.column]
        else:
            plain = (re.sub(r"\{\{|\}\}", "", template) for template in _templates(source))
            named = [column for template in plain for column in TEMPLATE_COLUMN.findall(template)]
        roles = "|".join(ROLES)
        return tuple(dict.fromkeys(re.sub(rf"^(?:{roles})\.(?=.)", "", column) for column in named))

    @model_validator(mode="after")
    def _one_lead_a_company(self) -> Leads:
        if self.duplicates and self.one_per != "company":
            raise ValueError("duplicates merges companies into one lead, so it needs one_per: company")
        return self

    @field_validator("fields")
    @classmethod
    def _known(cls, value: dict[str, Any]) -> dict[str, Any]:
        for name, source in value.items():
            if isinstance(source, tuple) != (name == "tags") and not isinstance(source, str):
                raise ValueError(
                    f"{name!r}: tags takes a list of templates, and every other lead field takes a single one; "
                    "write {first: [...]} to take the first that gives a text"
                )
            if bool(_tests(source)) != (name == "do_not_contact"):
                raise ValueError(
                    f"{name!r}: do_not_contact takes the column that says so, for example {{flag: opt_out}}, "
                    '{column: blocked, equals: "1"} or {any: [{flag: opt_out}, {flag: do_not_call}]}; no other lead '
                    "field takes a condition"
                )
            for test in _tests(source):
                if test.of is not None:
                    raise ValueError(
                        f"{name!r}: each record is asked that has the column, so of: {test.of} says nothing; remove "
                        f"it, or write contact.{test.column} or company.{test.column} for persons or companies alone"
                    )
            for template in _templates(source):
                if {"{", "}"} & set(WHOLE_BRACES.sub("", template)):
                    raise ValueError(
                        f"{name!r}: the template {template!r} has a single brace; write {{column}} for a "
                        "column's value, and {{ or }} for a brace"
                    )
        if "name" not in value:
            raise ValueError('a lead needs a name; add for example name: "{name}"')
        return value
