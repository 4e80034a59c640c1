"""What a system must be able to do so that converted customers get back what its conversion of leads dropped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True)
class LegacyPartner:
    """A legacy partner as the plan has it. values: column -> text; banks: its bank accounts' columns."""

    source_key: str
    company: bool
    values: Mapping[str, str]
    banks: Sequence[Mapping[str, str]] = ()


@dataclass(frozen=True)
class PlannedLead:
    """A lead of a plan. id: in Odoo; fields: what the plan wrote into it; records: those that it holds, its own first.

    contact: the record whose name stands as its contact.
    """

    id: int
    key: str
    records: Sequence[LegacyPartner]
    fields: Mapping[str, str]


@dataclass
class Proposal:
    """What one customer gets. partner: its id; None for a contact or address that is made below `parent`.

    values: field -> what is written; former: what the customer has there now. banks: rows that it gets, each an id to
    move here, or values to make one of. compared, equal: fields that the legacy partner has and a customer can hold,
    and those of them that the customer has already.
    """

    lead: int
    source_key: str
    partner: int | None
    parent: int | None
    values: dict[str, Any] = field(default_factory=dict)
    former: dict[str, Any] = field(default_factory=dict)
    banks: list[dict[str, Any]] = field(default_factory=list)
    compared: int = 0
    equal: int = 0
    other: list[str] = field(default_factory=list)

    @property
    def needed(self) -> bool:
        """Whether there is something to write."""
        return bool(self.values or self.banks)


class Restoration(Protocol):
    """The customers of a target that came from leads. Everything raises TargetError where it cannot be reached.

    partner_table, bank_table: what the tables of the legacy partners and of their bank accounts are called.
    """

    partner_table: str
    bank_table: str

    def converted(self, ids: Sequence[int]) -> dict[int, int]:
        """Lead id -> the customer of those leads that are converted and have one."""

    def proposals(self, lead: PlannedLead, partner: int) -> list[Proposal]:
        """What the customer of a lead, its contact and further contacts are to get."""

    def write(self, proposal: Proposal) -> dict[str, str]:
        """Give one customer what it lacks; gives field -> why it was refused, `contact` for a whole one."""

    def all_written(self) -> list[tuple[int, str, dict[str, Any]]]:
        """What this plan has given to customers, the last first: id of the entry, source key, and what was written."""

    def take_back(self, kept: Mapping[str, Any]) -> str | None:
        """Take back what one customer was given; gives why something stays, as what somebody has edited since does."""

    def forget(self, entries: Iterable[int]) -> None:
        """Delete entries of what was given, as it was taken back."""

    def close(self) -> None:
        """Give the connections back."""
