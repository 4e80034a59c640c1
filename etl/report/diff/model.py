"""What changed between two dry runs: a single frozen object, from which text, Markdown and JSON are drawn.

Each number is in it once. Texts are as the plans have them, long ones cut: whoever draws escapes them for the place
they stand in.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal

from etl.model import Decision
from etl.report.model import GateResult

TEXT = 200
"""Characters of a value or of evidence that a diff holds."""


@dataclass(frozen=True)
class Side:
    """One of the two plans."""

    folder: str
    name: str
    digest: str
    as_of: dt.date
    source: str
    target: str


@dataclass(frozen=True)
class FigureChange:
    """One number of both reports."""

    name: str
    before: int
    after: int

    @property
    def delta(self) -> int:
        """How much more it is now."""
        return self.after - self.before


@dataclass(frozen=True)
class RuleChange:
    """A rule, or another reason, that decides another number of records. None where that plan has no such rule."""

    name: str
    decision: Decision
    before: int | None
    after: int | None


@dataclass(frozen=True)
class GateChange:
    """One limit then and now; None where that plan does not set it."""

    name: str
    before: GateResult | None
    after: GateResult | None


@dataclass(frozen=True)
class ConfigChange:
    """A key of the config that differs; `${NAME}` is not filled in. None where that config has no such key."""

    path: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Why:
    """What decided on a record in one plan. by: the member of its family whose decision it is, if that is another."""

    decision: Decision
    rule: str | None
    evidence: str | None
    by: str | None


@dataclass(frozen=True)
class RecordChange:
    """One legacy record in both plans; None where that plan has not read it."""

    source_key: str
    before: Why | None
    after: Why | None


@dataclass(frozen=True)
class RecordGroup:
    """The records that went the same way: from one decision and rule to others. `first` are the first by source key."""

    before: Decision | None
    after: Decision | None
    rule_before: str | None
    rule_after: str | None
    records: int
    families: int
    first: tuple[RecordChange, ...]

    @property
    def danger(self) -> Literal["worst", "look", "none"]:
        """How bad it would be if this were a mistake: the worst is to move a customer."""
        if self.after == Decision.LEAD and self.before == Decision.CUSTOMER:
            return "worst"
        leaves = self.before == Decision.CUSTOMER or (self.before in (Decision.KEEP, Decision.REVIEW) and self.moves)
        return "look" if leaves and self.before != self.after else "none"

    @property
    def moves(self) -> bool:
        """Whether the records become leads now."""
        return self.after == Decision.LEAD


@dataclass(frozen=True)
class Records:
    """The legacy records whose decision, rule or evidence differs.

    groups: those whose decision or rule differs, the most dangerous first, and then the largest. evidence: records
    that have the same decision by the same rule, on other evidence.
    """

    changed: int
    came: int
    went: int
    evidence: int
    groups: tuple[RecordGroup, ...]


@dataclass(frozen=True)
class FieldCount:
    """A lead field, and in how many leads its value differs."""

    field: str
    leads: int


@dataclass(frozen=True)
class ValueChange:
    """A value of a lead or of its note, then and now; None where there is none, or it cannot be named."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class LeadChange:
    """One lead that both plans have. note: the values in which its notes differ."""

    lead: str
    fields: tuple[ValueChange, ...]
    note: tuple[ValueChange, ...]


@dataclass(frozen=True)
class Leads:
    """The leads that came, went or differ. fields, notes: in how many of them; `first` are the first by lead."""

    came: int
    went: int
    changed: int
    notes: int
    fields: tuple[FieldCount, ...]
    first_came: tuple[str, ...]
    first_went: tuple[str, ...]
    first: tuple[LeadChange, ...]


@dataclass(frozen=True)
class Diff:
    """All that changed from the plan `before` to the plan `after`.

    figures, gates: all of them; rules, findings, config: those that differ. fingerprints: of what else the plans say
    that it is another: source, masters, target.
    """

    before: Side
    after: Side
    figures: tuple[FigureChange, ...]
    gates: tuple[GateChange, ...]
    rules: tuple[RuleChange, ...]
    findings: tuple[FigureChange, ...]
    config: tuple[ConfigChange, ...]
    fingerprints: tuple[str, ...]
    records: Records
    leads: Leads

    @property
    def same(self) -> bool:
        """Whether both plans hold the same: one approval would be of either."""
        return self.before.digest == self.after.digest

    @property
    def customers_moved(self) -> int:
        """The records that were customers and are leads now."""
        return sum(group.records for group in self.records.groups if group.danger == "worst")


def short(text: str | None) -> str | None:
    """What a diff holds of a text of the plan."""
    return text if text is None or len(text) <= TEXT else text[: TEXT - 1] + "…"


def to_dict(diff: Diff) -> dict[str, Any]:
    """The diff as JSON can hold it: every field of the object, and whether both plans are the same."""
    from pydantic import TypeAdapter

    fields: dict[str, Any] = TypeAdapter(Diff).dump_python(diff, mode="json")
    return {"same": diff.same, "customers_moved": diff.customers_moved, **fields}
