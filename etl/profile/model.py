"""What is known of a source: its tables and columns, what they hold, and how they name each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path

import pyarrow as pa

from etl.config.links import Step


class Role(StrEnum):
    """What a table is to a clean-up."""

    COMPANY = "companies"
    PERSON = "persons"
    BOTH = "companies and persons"
    CUSTOMERS = "known customers"
    EVIDENCE = "evidence"
    HISTORY = "history"
    LINES = "lines of another table"
    DETAILS = "further values of records"
    LINKS = "links"
    LIST = "a list of values"
    USERS = "users"
    OTHER = "none of these"


RECORDS = (Role.COMPANY, Role.PERSON, Role.BOTH)
"""The tables whose rows get a decision."""


@dataclass(frozen=True)
class Dates:
    """How a column's dates are written.

    formats: as strptime has them, none for ISO 8601; several where each reads some of the values. share: of the filled
    values, those that are dates in one of them. ambiguous: whether the first two read the same values, so that nobody
    can say which of two numbers is the day.
    """

    formats: tuple[str, ...]
    share: float
    ambiguous: bool = False


@dataclass(frozen=True)
class Flag:
    """A column that says yes or no. yes, no: the words by which it does; other: those that are neither.

    known: whether `flag` of a config takes its words for yes; `S` says yes beside `N`, and may say anything elsewhere.
    """

    yes: tuple[str, ...]
    no: tuple[str, ...]
    other: tuple[str, ...]
    known: bool = True


@dataclass(frozen=True, eq=False)
class Column:
    """What a column holds.

    filled: rows with a value that stands for something; empties: words that mostly stand for none -> how often.
    distinct: how many values are there, nearly. top: the most frequent values with how often, of a column with few
    values. values: up to `SAMPLE` of its distinct values, the same for any order of rows. longest: in characters.
    """

    name: str
    rows: int
    filled: int
    distinct: int
    longest: int
    top: tuple[tuple[str, int], ...] = ()
    values: pa.Array = field(default_factory=lambda: pa.array([], pa.large_string()))
    empties: Mapping[str, int] = field(default_factory=dict)
    dates: Dates | None = None
    flag: Flag | None = None

    @property
    def is_plain_flag(self) -> bool:
        """Whether it says yes or no and nothing else."""
        return self.flag is not None and not self.flag.other

    @property
    def fill(self) -> float:
        """The share of rows with a value."""
        return self.filled / self.rows if self.rows else 0.0


@dataclass(frozen=True, eq=False)
class Table:
    """A table of the source, copied. whole: whether all rows were read; declared: the key that it declares itself."""

    name: str
    path: Path
    rows: int
    whole: bool
    columns: tuple[Column, ...]
    declared: tuple[str, ...] = ()

    @cached_property
    def _by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    def __getitem__(self, name: str) -> Column:
        return self._by_name[name]

    def __contains__(self, name: object) -> bool:
        return name in self._by_name


@dataclass(frozen=True)
class Unread:
    """A table that could not be read, and why."""

    name: str
    why: str


@dataclass(frozen=True)
class KeyOf:
    """The columns that tell a table's rows apart. sure: whether they do so for all rows that are there; named: whether
    one of them is called like a key, and does not only happen to differ."""

    columns: tuple[str, ...]
    sure: bool = True
    why: str = ""
    named: bool = True


@dataclass(frozen=True)
class LinkTo:
    """Columns of a table that name rows of another.

    steps: what brings their values to the form of the key; folds: whether it changes keys, too. met: filled rows whose
    value is a key; filled: rows with a value; example: a value that is none. where: column and value by which such a
    row says that it names this table.
    none: values that name nothing. declared: whether the source says so itself. through: of a table of links, its
    column that names the row; `columns` is then of that table as well. by: the column of the table `to` whose values
    the columns have, where this is not its key. rivals: tables whose rows the columns could name just as well.
    """

    table: str
    columns: tuple[str, ...]
    to: str
    met: int
    filled: int
    example: str | None = None
    steps: tuple[Step, ...] = ()
    folds: bool = False
    where: tuple[str, str] | None = None
    none: tuple[str, ...] = ()
    declared: bool = False
    through: str | None = None
    by: str | None = None
    rivals: tuple[str, ...] = ()

    @property
    def leads(self) -> bool:
        """Whether it has to be led to the key: by another column, or by keys that are brought to one form as well."""
        return self.by is not None or self.folds

    @property
    def sure(self) -> bool:
        """Whether hardly any value is without a row that it names."""
        return self.filled > 0 and self.met >= 0.9 * self.filled
