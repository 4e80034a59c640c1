"""What a config says of lists that are compared: the masters of a clean-up, and those of `crm-cleanup match`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from etl.config.file_format import CsvFormat
from etl.config.identity import Identity
from etl.config.part import Part, Texts
from etl.config.row_conditions import Where, columns_named


class MatchList(Part):
    """One list of companies or persons, and which of its columns say who they are.

    url: as of a source. from_: file, sheet, table, view or query. key: names a row. where: what must hold for a row.
    none: words that stand for an empty value.
    """

    url: str
    """Where the list is, as a source. Example: `files:data/erp`"""
    from_: str = Field(alias="from")
    """The file, sheet, table, view or query. Example: `debtors`"""
    csv: CsvFormat = CsvFormat()
    """How its CSV file is written. Example: `{delimiter: ";"}`"""
    key: str
    """The column that names a row. Example: `debtor_no`"""
    where: Where = None
    """What must hold for a row: column -> the value, or one of the values; or a whole condition. Example: `{active:
    "X"}`"""
    none: Texts = ()
    """The words that stand for an empty value in the list. Example: `["NULL", "-"]`"""
    identity: Annotated[Identity, Field(min_length=1)]
    """Which columns say who a company or person is, by kind. Example: `{company: name, vat: vat_id}`"""

    @property
    def formats(self) -> dict[str, CsvFormat]:
        """How the list's own file is written, if it is one."""
        return {self.from_: self.csv}

    def columns(self) -> tuple[str, ...]:
        """The columns that the list names, in the order of the config."""
        identity = [column for columns in self.identity.values() for column in columns]
        return tuple(dict.fromkeys([self.key, *columns_named(self.where), *identity]))


class Master(MatchList):
    """A list of known customers that the records are matched against.

    model: a `models.json` of an earlier plan; its weights are used instead of learning them again.
    """

    model: str | None = None
    """The `models.json` of an earlier plan, whose weights are used instead of learning them again. Example:
    `plans/first/models.json`"""


class Match(Part):
    """right: left out, for duplicates within `left`. at_least: the probability from which a pair is the same.
    language: of the explanations."""

    left: MatchList
    """The list whose rows are looked for. Example: `{url: "files:a", from: a, key: id, identity: {company: name}}`"""
    right: MatchList | None = None
    """The list in which they are looked for; left out, duplicates within `left` are. Example: `{url: "files:b", from:
    b, key: id, identity: {company: name}}`"""
    at_least: Annotated[float, Field(gt=0, le=1)] = 0.95
    """The probability from which a pair is the same. Example: `0.9`"""
    language: Literal["en", "de"] = "en"
    """The language of the explanations in the result. Example: `de`"""


class MatchConfig(Part):
    """A whole config file for `match`."""

    match: Match
    """The lists that `crm-cleanup match` compares. Example: `{left: {url: "files:a", from: a, key: id, identity:
    {company: name}}}`"""
