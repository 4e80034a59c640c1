"""What the rules of a config ask of a record: conditions on its columns, and on evidence in other tables."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from etl.config.dates import DateColumn
from etl.config.file_format import CsvFormat
from etl.config.links import Links, link_column
from etl.config.part import Part
from etl.config.row_conditions import ColumnCondition, Flag, Test, Where, columns_named, kind_of
from etl.errors import excerpt


def _span(value: object) -> object:
    match = re.fullmatch(r"(\d+) (day|week|month|year)s?", value) if isinstance(value, str) else None
    if not match:
        raise ValueError(
            f"{excerpt(repr(value))} is not a time span; write for example '90 days', '18 months' or '3 years'"
        )
    return value


def _several(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Number = Literal["vat", "company_number", "number"]


class Within(DateColumn):
    """A date column that must lie in the last days, weeks, months or years before the as-of date.

    future: how far after the as-of date a day may lie; one that is later, or a day that stands for "none" or "for ever"
    in many systems (`etl.dates.PLACEHOLDERS`), is a date that cannot be read.
    """

    last: Annotated[str, BeforeValidator(_span)]
    """The time before the as-of date. Example: `3 years`"""
    future: Annotated[str, BeforeValidator(_span)] = "1 day"
    """How far after the as-of date a day may lie; a later one cannot be read. Example: `30 days`"""

    def since(self, as_of: dt.date) -> dt.date:
        """The first day that is still within; a day that its month does not have is the month's last."""
        return _shifted(as_of, self.last, -1) or dt.date.min

    def until(self, as_of: dt.date) -> dt.date:
        """The last day that can be read as a date."""
        return _shifted(as_of, self.future, 1) or dt.date.max


def _shifted(day: dt.date, span: str, sign: Literal[-1, 1]) -> dt.date | None:
    """A day so much earlier or later; None where the calendar ends before."""
    import calendar

    amount, unit = sign * int(span.split()[0]), span.split()[1].rstrip("s")
    try:
        if unit in ("day", "week"):
            return day + dt.timedelta(days=amount * (7 if unit == "week" else 1))
        year, month = divmod(day.year * 12 + day.month - 1 + amount * (12 if unit == "year" else 1), 12)
        return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
    except (OverflowError, ValueError):
        return None


class Exists(Part):
    """Holds for a record that has a row in another table.

    exists: a related table of this config, or a table, file or query of the source. name: what reports call it. of:
    entry -> the column that holds its keys. where: what must hold for the row.
    """

    exists: str
    """A related table of this config, or a table, file or query of the source. Example: `invoices`"""
    name: Annotated[str, Field(min_length=1)] | None = None
    """What reports call the rows; the table's name if left out. Example: `posted invoices`"""
    links: Annotated[dict[str, Links], Field(min_length=1)] = Field(alias="of")
    """Entry -> the column that holds the key of its record, or how else a row names one. Example: `{accounts:
    account_id}`"""
    key: str | None = None
    """The column that names a row for people. Example: `"no"`"""
    where: Where = None
    """What must hold for a row: column -> the value, or one of the values; or a whole condition. Example: `{state:
    [posted, paid]}`"""
    within: Within | None = None
    """A date column that must lie in the last days, weeks, months or years. Example: `{column: date, last: 3
    years}`"""
    csv: CsvFormat | None = None
    """How the CSV file of this table is written, where it is another way than the others. Example: `{encoding:
    cp1252}`"""

    @property
    def of(self) -> dict[str, str]:
        """Entry -> the column that holds the key of its record: the source's own, or one that is made."""
        return {entry: link_column(entry, links) for entry, links in self.links.items()}

    @property
    def shown(self) -> str:
        """What people call the table."""
        return self.name or self.exists

    def columns(self) -> tuple[str, ...]:
        """The columns of the evidence table that this condition names."""
        named = [*([self.key] if self.key else []), *self.of.values(), *columns_named(self.where)]
        if self.within:
            named.append(self.within.column)
        return tuple(dict.fromkeys(named))

    def told(self) -> tuple[str, ...]:
        """The columns that tell which row speaks: those by which it names its record if nothing else is asked."""
        asked = [column for column in self.columns() if column not in self.of.values()]
        linked = (column for links in self.links.values() for link in links for column in link.columns)
        return tuple(asked or dict.fromkeys(linked))


class Matches(Part):
    """Holds for a record that is on a list of known customers.

    matches: a master of the config. at_least: the probability from which a record and a customer are the same; a match
    that is not certain for another reason, such as a second customer that fits, never holds. same: kinds of official
    numbers, of which one that both have is enough.
    """

    matches: str
    """A master of the config. Example: `erp`"""
    at_least: Annotated[float, Field(gt=0, le=1)] | None = None
    """The probability from which a record is a customer of that list; a match that is not certain for another reason
    never holds. Example: `0.95`"""
    same: Annotated[tuple[Number, ...], Field(min_length=1), BeforeValidator(_several)] | None = None
    """Kinds of official numbers, of which one that both have is enough. Example: `vat`"""

    @model_validator(mode="after")
    def _one_test(self) -> Matches:
        if (self.at_least is None) == (self.same is None):
            raise ValueError(
                "a condition that asks a master needs exactly one of at_least (a probability, for example 0.95) "
                "and same (an official number that both have, for example vat)"
            )
        return self


class AllOf(Part):
    """Holds where each of its conditions holds."""

    all: Annotated[tuple[Condition, ...], Field(min_length=1)]
    """Conditions that must all hold. Example: `[{column: a, equals: "1"}, {column: b, empty: true}]`"""


class AnyOf(Part):
    """Holds where one of its conditions holds."""

    any: Annotated[tuple[Condition, ...], Field(min_length=1)]
    """Conditions of which one must hold. Example: `[{column: a, equals: "1"}, {column: b, empty: true}]`"""


class Not(Part):
    """Holds where its condition does not."""

    not_: Condition = Field(alias="not")
    """A condition that must not hold. Example: `{column: a, equals: "1"}`"""


KINDS = ("column", "flag", "exists", "matches", "all", "any", "not")


Condition = Annotated[
    Annotated[ColumnCondition, Tag("column")]
    | Annotated[Flag, Tag("flag")]
    | Annotated[Exists, Tag("exists")]
    | Annotated[Matches, Tag("matches")]
    | Annotated[AllOf, Tag("all")]
    | Annotated[AnyOf, Tag("any")]
    | Annotated[Not, Tag("not")],
    Discriminator(
        lambda value: kind_of(value, KINDS),
        custom_error_type="condition",
        custom_error_message=f"a condition begins with one of {', '.join(KINDS)}",
    ),
]


class Rule(Part):
    """The first rule that holds for a record decides; without `when` it always holds."""

    as_: Literal["customer", "keep", "review", "lead"] = Field(alias="as")
    """The decision. Example: `customer`"""
    name: Annotated[str, Field(min_length=1)]
    """What reports call the rule; each has its own. Example: `invoiced`"""
    when: Condition | None = None
    """The condition; the last rule has none and decides what is left. Example: `{column: own, equals: "1"}`"""


def exists_of(condition: object) -> list[Exists]:
    """List the `exists` conditions in a condition, in the order of the config."""
    return [exists for exists in _single(condition) if isinstance(exists, Exists)]


def columns_of(condition: object) -> list[Test]:
    """List the conditions that ask a column in a condition, in the order of the config."""
    return [part for part in _single(condition) if isinstance(part, (ColumnCondition, Flag))]


def matches_of(condition: object) -> list[Matches]:
    """List the `matches` conditions in a condition, in the order of the config."""
    return [matches for matches in _single(condition) if isinstance(matches, Matches)]


def replaced(rule: Rule, old: Matches, new: Matches) -> Rule:
    """The rule with another condition wherever it asks a certain one."""

    def inner(condition: Condition | None) -> Condition | None:
        match condition:
            case Matches():
                return new if condition == old else condition
            case AllOf(all=some):
                return condition.model_copy(update={"all": tuple(map(inner, some))})
            case AnyOf(any=some):
                return condition.model_copy(update={"any": tuple(map(inner, some))})
            case Not(not_=part):
                return condition.model_copy(update={"not_": inner(part)})
        return condition

    return rule.model_copy(update={"when": inner(rule.when)})


def _single(condition: object) -> Iterator[object]:
    """The conditions in a condition that hold no others."""
    match condition:
        case AllOf(all=inner) | AnyOf(any=inner):
            for part in inner:
                yield from _single(part)
        case Not(not_=part):
            yield from _single(part)
        case _:
            yield condition


for _model in (AllOf, AnyOf, Not, Exists, Rule):
    _model.model_rebuild()
