"""What a config says of gates: the limits that a plan must keep."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field

from etl.config.part import Part


def _gate(value: object) -> object:
    if isinstance(value, Gate):
        return value
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise ValueError("a limit is a count such as 25, a share such as '2%', or a range such as '5%..60%'")
    if least := re.fullmatch(r"(\d+(?:\.\d+)?)(%?)\.\.", str(value).replace(" ", "")):
        return {"low": float(least[1]), "share": least[2] == "%"}
    match = re.fullmatch(r"(?:(\d+(?:\.\d+)?)(%?)\.\.)?(\d+(?:\.\d+)?)(%?)", str(value).replace(" ", ""))
    if not match or (match[1] is not None and match[2] != match[4]):
        raise ValueError(
            f"{value!r} is not a limit; write a count such as 25, a share such as '2%', or a range such as '5%..60%'"
        )
    low, high = float(match[1] or 0), float(match[3])
    if low > high:
        raise ValueError(
            f"{value!r} allows nothing, as its lower end is above its upper one; "
            f"write {match[3]}{match[4]}..{match[1]}{match[2]}"
        )
    return {"low": low, "high": high, "share": match[4] == "%"}


class Gate(Part):
    """A limit that a plan must keep: from `low` to `high`, both allowed; `share` says per cent, else a count.

    high: infinite where there is a lower end alone.
    """

    low: float
    high: float = math.inf
    share: bool

    NAMES: ClassVar[tuple[str, ...]] = (
        "review",
        "reject",
        "customers",
        "empty_tables",
        "near_misses",
        "evidence_without_record",
        "unreadable_dates",
        "left_behind",
        "master_unusable",
        "weak_numbers",
        "quality_errors",
        "forget_unknown",
    )

    def allows(self, measured: Fraction) -> bool:
        """Whether a count, or a number of per cent, keeps the limit."""
        return Fraction(str(self.low)) <= measured and (math.isinf(self.high) or measured <= Fraction(str(self.high)))

    def __str__(self) -> str:
        unit = "%" if self.share else ""
        if math.isinf(self.high):
            return f"at least {self.low:g}{unit}"
        return f"{self.low:g}{unit}..{self.high:g}{unit}" if self.low else f"at most {self.high:g}{unit}"


Limit = Annotated[Gate, BeforeValidator(_gate)]


class TableLimits(Part):
    """A limit for each of several tables. default: for those that are not named."""

    default: Limit = Gate(low=0, high=1, share=True)
    """The limit of tables that are not named. Example: `1%`"""
    tables: dict[str, Limit] = Field(default_factory=dict)
    """Table -> its limit; in the file the tables stand beside `default`. Example: `{payments: 10%}`"""

    def of(self, table: str) -> Gate:
        """The limit of one table."""
        return self.tables.get(table, self.default)


def _table_limits(value: object) -> object:
    """One limit for all tables, or `{default: LIMIT, TABLE: LIMIT, …}`."""
    if isinstance(value, TableLimits):
        return value
    if not isinstance(value, dict):
        return {"default": value}
    named = {table: limit for table, limit in value.items() if table != "default"}
    return {"tables": named, **({"default": value["default"]} if "default" in value else {})}


NONE = Gate(low=0, high=0, share=False)
"""The limit that allows nothing."""


def _none_but_named(value: object) -> object:
    """As other limits of tables; those that are not named must keep none."""
    limits = _table_limits(value)
    return {"default": NONE, **limits} if isinstance(limits, dict) else limits


class Gates(Part):
    """The limits of a plan.

    customers are at least one unless the config says otherwise. near_misses counts rows of any table with a value that
    nearly meets what the config names, or with a key that nearly meets a table that is joined or has labels,
    left_behind rows of tables that the config does not name. Shares are of all records; for evidence_without_record of
    evidence rows, for unreadable_dates of the rows that have a date, for master_unusable of a master's rows, for
    weak_numbers of the records that were compared with it, for quality_errors of leads.
    """

    review: Limit | None = None
    """Records that wait for a person. Example: `2%`"""
    reject: Limit = Gate(low=0, high=1, share=True)
    """Records that cannot be processed. Example: `0`"""
    customers: Limit = Gate(low=1, share=False)
    """Records that stay as customers. Example: `5%..60%`"""
    empty_tables: Annotated[TableLimits, BeforeValidator(_none_but_named)] = TableLimits(default=NONE)
    """Entries and tables of evidence of which not one row was read, by the name of those that may be empty. Example:
    `{orders: 1}`"""
    near_misses: Limit = NONE
    """Rows of any table with a value that nearly meets what the config names, or with a key, parent or link that nearly
    meets. Example: `10`"""
    evidence_without_record: Annotated[TableLimits, BeforeValidator(_table_limits)] = TableLimits()
    """Rows of evidence that meet no record, in the worst table; also a limit for each table. Example: `{default: 1%,
    payments: 10%}`"""
    unreadable_dates: Limit = Gate(low=0, high=1, share=True)
    """Rows whose date cannot be read, of evidence or of a column that puts rows in order, in the worst table.
    Example: `1%`"""
    left_behind: Limit | None = None
    """Rows at records that move, in tables that the config does not name: they stay behind. Example: `0`"""
    master_unusable: Limit = Gate(low=0, high=1, share=True)
    """Rows of a master that cannot be read or compared, in the worst one. Example: `1%`"""
    weak_numbers: Limit = Gate(low=0, high=1, share=True)
    """Records that share nothing with a customer of a master but a number that proves nothing. Example: `20`"""
    forget_unknown: Limit = NONE
    """Lines of `forget.csv` whose record the source does not have. Example: `3`"""
    quality_errors: Limit | None = None
    """Leads with a finding of severity error. Example: `5%`"""
