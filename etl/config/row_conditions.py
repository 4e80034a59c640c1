"""What a config asks of one row of a table: tests of its columns, and `all`, `any` and `not` of these."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag, field_validator, model_validator

from etl.config.part import Part, Text
from etl.errors import excerpt


class ColumnCondition(Part):
    """Holds for a row by one of its own columns.

    of: the entry whose column is meant, where several entries have one of that name. matches: a regular expression
    (RE2) that the whole value must match. fold: whether case, blanks and width do not count. Left out, they do, and a
    value that nearly meets the condition is reported; `false` says that such a value is really another one.
    """

    column: str
    """The column. Example: `status`"""
    of: str | None = None
    """The entry whose column is meant, where several have one of that name. Example: `accounts`"""
    equals: Text | None = None
    """The value that it must have. Example: `"1"`"""
    in_: tuple[Text, ...] | None = Field(None, alias="in")
    """The values of which it must have one. Example: `[active, won]`"""
    matches: str | None = None
    """A regular expression (RE2) that the whole value must match. Example: `"7[0-9]{4}"`"""
    empty: bool | None = None
    """Whether it must be empty, or must not. Example: `true`"""
    fold: bool | None = None
    """Whether case, blanks and width do not count; `false` says that such a value is another. Example: `true`"""

    @property
    def literals(self) -> tuple[str, ...]:
        """The values that it names."""
        return self.in_ if self.in_ is not None else (self.equals,) if self.equals is not None else ()

    @model_validator(mode="after")
    def _one_test(self) -> ColumnCondition:
        if sum(test is not None for test in (self.equals, self.in_, self.matches, self.empty)) != 1:
            raise ValueError(
                "a condition on a column needs exactly one of equals, in, matches or empty, "
                'for example {column: status, equals: "active"}'
            )
        if self.fold is not None and self.empty is not None:
            raise ValueError("fold goes with equals, in and matches; an empty value has no case")
        return self

    @field_validator("matches")
    @classmethod
    def _expression(cls, value: str | None) -> str | None:
        if value is not None:
            import pyarrow as pa
            import pyarrow.compute as pc

            try:
                pc.match_substring_regex(pa.array([""]), f"^(?:{value})$")
            except pa.ArrowInvalid as error:
                raise ValueError(f"{excerpt(value)!r} is not a regular expression: {error}") from None
        return value


class Flag(Part):
    """Holds where a column says yes, in any of the words that `etl.rows.literals.TRUE` lists; case and blanks do not
    count.

    of: as of a condition on a column. An empty value says no, as does a word of `etl.rows.literals.FALSE`. Any other
    value is unknown: it is reported, and a family that it could decide goes to review.
    """

    flag: str
    """The column that says yes or no. Example: `opt_out`"""
    of: str | None = None
    """The entry whose column is meant, where several have one of that name. Example: `accounts`"""

    @property
    def column(self) -> str:
        """The column that is asked."""
        return self.flag


Test = ColumnCondition | Flag
"""A condition that asks one column."""


class AllOfRow(Part):
    """Holds where each of its conditions holds for the row."""

    all: Annotated[tuple[RowCondition, ...], Field(min_length=1)]
    """The conditions. Example: `[{column: a, equals: "1"}, {column: b, empty: true}]`"""


class AnyOfRow(Part):
    """Holds where one of its conditions holds for the row."""

    any: Annotated[tuple[RowCondition, ...], Field(min_length=1)]
    """The conditions. Example: `[{column: a, equals: "1"}, {column: b, empty: true}]`"""


class NotOfRow(Part):
    """Holds where its condition does not hold for the row."""

    not_: RowCondition = Field(alias="not")
    """The condition. Example: `{column: a, equals: "1"}`"""


KINDS = ("column", "flag", "all", "any", "not")


def kind_of(value: object, kinds: Sequence[str]) -> str | None:
    """Tell the kind of a condition by its first word, so that an error speaks of that kind alone."""
    keys = value.keys() if isinstance(value, dict) else {k.rstrip("_") for k in getattr(value, "model_fields_set", ())}
    return next((kind for kind in kinds if kind in keys), None)


RowCondition = Annotated[
    Annotated[ColumnCondition, Tag("column")]
    | Annotated[Flag, Tag("flag")]
    | Annotated[AllOfRow, Tag("all")]
    | Annotated[AnyOfRow, Tag("any")]
    | Annotated[NotOfRow, Tag("not")],
    Discriminator(
        lambda value: kind_of(value, KINDS),
        custom_error_type="condition",
        custom_error_message=f"a condition on a row begins with one of {', '.join(KINDS)}",
    ),
]


def _where(value: object) -> object:
    """Bring `{column: value, …}` to the conditions that it is short for; a whole condition stays as it is."""
    if not isinstance(value, dict) or _is_condition(value):
        return value
    return {"all": [_on_column(column, asked) for column, asked in value.items()]} if value else None


def _is_condition(value: dict[Any, Any]) -> bool:
    """Whether a `where` is a condition, and not columns that happen to be called like the first words of one."""
    if "flag" in value:
        return value.keys() <= {"flag"}
    if "column" in value:
        return bool(value.keys() & {"equals", "in", "matches", "empty"})
    parts = value.get("all") or value.get("any") or [value.get("not")]
    return len(value) == 1 and isinstance(parts, list) and all(_is_part(part) for part in parts)


def _is_part(value: object) -> bool:
    """Whether a value is a condition, and not what a column is asked."""
    return isinstance(value, dict) and not value.keys() <= {"equals", "in", "matches", "empty", "fold"}


def _on_column(column: object, asked: object) -> object:
    if isinstance(asked, dict):
        return {"flag": column} if asked == {"flag": True} else {"column": column, **asked}
    if isinstance(asked, (list, tuple)):
        return {"column": column, "in": asked}
    return {"column": column, "equals": asked}


def _of_this_table(value: Any) -> Any:
    for test in single_tests(value):
        if test.of is not None:
            raise ValueError(f"where asks the columns of its own table; remove of: {test.of}")
    return value


Where = Annotated[RowCondition | None, BeforeValidator(_where), AfterValidator(_of_this_table)]
"""What must hold for a row: `{column: value or values, …}`, `{column: {empty: true}}`, or a whole condition."""


def renamed(test: Test, column: str) -> Test:
    """The same test of another column."""
    return test.model_copy(update={"flag" if isinstance(test, Flag) else "column": column})


def single_tests(condition: object) -> tuple[Test, ...]:
    """The tests in a condition on rows, once each."""
    return tuple(dict.fromkeys(_tests(condition)))


def _tests(condition: object) -> Iterator[Test]:
    match condition:
        case AllOfRow(all=parts) | AnyOfRow(any=parts):
            for part in parts:
                yield from _tests(part)
        case NotOfRow(not_=part):
            yield from _tests(part)
        case ColumnCondition() | Flag():
            yield condition


def columns_named(condition: object) -> tuple[str, ...]:
    """The columns that a condition on rows asks, once each."""
    return tuple(dict.fromkeys(test.column for test in _tests(condition)))


def said(condition: object) -> str:
    """A condition on rows in words: `state is 'posted' or 'paid'`."""
    match condition:
        case AllOfRow(all=parts):
            return " and ".join(map(said, parts))
        case AnyOfRow(any=parts):
            return "(" + " or ".join(map(said, parts)) + ")"
        case NotOfRow(not_=part):
            return f"not ({said(part)})"
        case Flag(flag=column):
            return f"{column} says yes"
        case ColumnCondition(column=column, empty=bool(empty)):
            return f"{column} is {'empty' if empty else 'filled'}"
        case ColumnCondition(column=column, matches=str(pattern)):
            return f"{column} matches {excerpt(pattern)!r}"
        case ColumnCondition(column=column, literals=literals):
            return f"{column} is {' or '.join(repr(excerpt(literal)) for literal in literals)}"
    return "anything"


for _model in (AllOfRow, AnyOfRow, NotOfRow):
    _model.model_rebuild()
