"""Why one record was decided as it was: what a plan knows about it, and what its rules say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Said:
    """What one record says to a rule: whether it holds, or a value that nearly meets leaves it open; and by which value
    or row, in words."""

    source_key: str
    answer: Literal["holds", "open"]
    words: str | None


@dataclass(frozen=True)
class RuleSaid:
    """What the members of a family say to one rule of the config; those are left out for whom it does not hold."""

    name: str
    decision: str
    said: tuple[Said, ...]


@dataclass(frozen=True)
class Without:
    """A rule that decides the family, and by which member; and what would be decided if it held for none of them."""

    rule: str
    by: str
    decision: str
    then: str


@dataclass(frozen=True)
class FamilyRules:
    """All rules on one family. without: one rule after the other taken away, until nothing keeps it from moving."""

    rules: tuple[RuleSaid, ...]
    without: tuple[Without, ...]


@dataclass(frozen=True)
class Why:
    """What a plan knows about one record.

    language: of the plan's reports. record: its row of the decisions; values: column -> what it holds; history: table
    -> how many rows stand with it. family: the decisions of its members. rules: what each rule says, and what would be
    if one did not hold; None of a record that cannot be processed. matches: with customers on the masters; duplicates:
    records that it may be the same as; existing: leads that are there already; flips: what another threshold of a rule
    would make of it. findings: on its values. lead, note: that it becomes.
    """

    plan: str
    language: str
    record: Row
    values: dict[str, str]
    history: dict[str, int]
    family: tuple[Row, ...]
    rules: FamilyRules | None
    matches: tuple[Row, ...]
    duplicates: tuple[Row, ...]
    existing: tuple[Row, ...]
    flips: tuple[Row, ...]
    findings: tuple[Row, ...]
    lead: Row | None
    note: str | None
    notices: tuple[str, ...] = ()
