"""What a config for `crm-cleanup match` says: two lists, or one to be compared with itself."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from etl.config.part import Part, Texts
from etl.config.source import IDENTITY_FIELDS, CsvFormat

MATCH_FIELDS = (*IDENTITY_FIELDS, "occupation", "gender", "number", "other")
"""The kinds of columns that are compared; `number`: any official number; `other`: any text that tells records apart."""


class MatchList(Part):
    """One list of companies or persons, and which of its columns say who they are.

    url: as of a source. from_: file, sheet, table, view or query. key: names a row. where: column -> values that rows
    must have. identity: kind of column -> the columns, which are read together where there are several.
    """

    url: str
    from_: str = Field(alias="from")
    csv: CsvFormat = CsvFormat()
    key: str
    where: dict[str, Texts] = Field(default_factory=dict)
    identity: Annotated[dict[str, Texts], Field(min_length=1)]

    @field_validator("identity")
    @classmethod
    def _fields(cls, value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        for name in value:
            if name not in MATCH_FIELDS:
                raise ValueError(f"{name!r} is no kind of column to compare; known are {', '.join(MATCH_FIELDS)}")
        return value

    def columns(self) -> tuple[str, ...]:
        """The columns that the list names, in the order of the config."""
        identity = [column for columns in self.identity.values() for column in columns]
        return tuple(dict.fromkeys([self.key, *self.where, *identity]))


class Match(Part):
    """right: left out, for duplicates within `left`. at_least: the probability from which a pair is the same."""

    left: MatchList
    right: MatchList | None = None
    at_least: Annotated[float, Field(gt=0, le=1)] = 0.95


class MatchConfig(Part):
    """A whole config file for `match`."""

    match: Match
