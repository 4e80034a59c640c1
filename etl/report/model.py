"""The report of one plan: a single frozen object, from which terminal, Markdown and JSON are drawn.

Each number is in it once, or is a property that adds numbers up. Texts are as the plan has them: whoever draws escapes
them for the place they stand in.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from etl.matching.calibration import Calibration
from etl.model import Decision, Remark, Severity
from etl.plan.figures import (
    ConsentFigures,
    ConversionFigures,
    DuplicateFigures,
    JoinFigures,
    LiteralFigures,
    MasterFigures,
    OmittedFigures,
    OverrideFigures,
    StepFigures,
    UnnamedFigures,
)


@dataclass(frozen=True)
class EntryCount:
    """The records of one entry: how many were read, and how they divide. left_out: rows that do not meet `where`;
    forgotten: that must not move."""

    entry: str
    read: int
    decisions: Mapping[Decision, int]
    left_out: int = 0
    forgotten: int = 0

    @property
    def decided(self) -> int:
        """The sum of the decisions and of what is left out; it must be what was read."""
        return sum(self.decisions.values()) + self.left_out + self.forgotten


@dataclass(frozen=True)
class LeftOut:
    """The rows of one table that the config leaves out, as they do not meet a condition."""

    dataset: str
    rows: int
    where: str


@dataclass(frozen=True)
class ForgottenRows:
    """The rows of one table that are left out for records that must not move. records: whether they are these records;
    shared: those that name another record, too."""

    dataset: str
    records: bool
    rows: int
    shared: int


@dataclass(frozen=True)
class RuleCount:
    """One reason for decisions. applies_to: records for which it holds; decided: records whose decision it is.

    kind: a rule of the config, or another reason (a person's decision, a fault, an earlier plan), which has none; JSON
    calls `applies_to` `held`.
    """

    name: str
    decision: Decision
    kind: Literal["rule", "other"]
    applies_to: Annotated[int | None, Field(alias="held")]
    decided: int


@dataclass(frozen=True)
class OpenCase:
    """One case that a person must decide. other: the record that `source_key` may be the same as; records: that wait
    for it; evidence: of the member that decides."""

    source_key: str
    other: str | None
    records: int
    evidence: str | None


@dataclass(frozen=True)
class ReviewReason:
    """What is in review for one reason: records and their families, and the open cases, of which `first` are the
    first. A case of two families counts once; of a family with several, each by its own reason."""

    reason: str
    records: int
    families: int
    cases: int
    first: tuple[OpenCase, ...]


@dataclass(frozen=True)
class MatchedRecord:
    """One record that is a customer by a match. evidence: field by field what agreed and what it weighed."""

    source_key: str
    rule: str
    customer: str
    probability: float
    evidence: str | None


@dataclass(frozen=True)
class ScoreBin:
    """How many best matches are as probable as this: from `low` on, below `high`; in the last bin, up to it.

    master: the list that was asked; None for pairs of the records themselves. count: records, or pairs. decision:
    what the rules that ask for a probability make of such a match; None where none asks for so little.
    """

    master: str | None
    low: float
    high: float
    count: int
    decision: Decision | None


@dataclass(frozen=True)
class MergedPair:
    """Two records that stand in one lead, for they are the same. evidence: field by field what agreed."""

    lead: str
    left: str
    right: str
    probability: float
    evidence: str


@dataclass(frozen=True)
class FindingExample:
    """One finding, as an example of its code. value, proposal: excerpts."""

    source_key: str
    field: str | None
    value: str | None
    proposal: str | None
    message: str


@dataclass(frozen=True)
class FindingCount:
    """The quality findings of one code and severity, and the leads that have one."""

    code: str
    severity: Severity
    findings: int
    leads: int
    example: FindingExample


@dataclass(frozen=True)
class CodeCount:
    """How often one dataset has one fault."""

    dataset: str
    code: str
    faults: int


@dataclass(frozen=True)
class FaultyRow:
    """One row of the source that stays behind: a reject, or an orphan. key: the source key, or the row's own key."""

    key: str | None
    dataset: str
    place: str
    column: str | None
    code: str
    reason: str
    advice: str


@dataclass(frozen=True)
class FaultyRows:
    """Rows that stay behind: their faults by code, and the first of them. A row may have several faults."""

    total: int
    by_code: tuple[CodeCount, ...]
    first: tuple[FaultyRow, ...]


@dataclass(frozen=True)
class BlockedValue:
    """A value that its field in the target cannot hold; nothing is cut, its family is in review.

    reason: `too long`, `characters` (it has some that the field cannot hold), `empty` (the field is required),
    `unknown` (it names a record that the target has not), `form` (it is no number or date as the field holds them) or
    `taken` (another lead has it, and it must be unique).
    length, limit: in the field's unit; no limit where the length is not the reason.
    """

    lead: str
    field: str
    length: int | None
    limit: int | None
    reason: str


@dataclass(frozen=True)
class BlockedValues:
    """The values that the target cannot hold, and the leads they would have stood in."""

    total: int
    leads: int
    first: tuple[BlockedValue, ...]


@dataclass(frozen=True)
class ColumnCoverage:
    """Where one legacy column goes. filled: rows with a value; moved: those of them that belong to a moved record.

    fields: the lead fields made from it. omitted: the reason why it does not stand in the note, if it does not.
    """

    dataset: str
    column: str
    rows: int
    filled: int
    rows_moved: int
    filled_moved: int
    fields: tuple[str, ...]
    omitted: str | None


@dataclass(frozen=True)
class Values:
    """The non-empty values of moved records and their related rows."""

    conserved: int
    omitted: tuple[OmittedFigures, ...]

    @property
    def left_out(self) -> int:
        """The values that the config omits, of all columns."""
        return sum(column.values for column in self.omitted)


@dataclass(frozen=True)
class GateResult:
    """One limit that the plan must keep. count of `total`; actual: in words; advice: what to do where it is broken."""

    name: str
    limit: str
    count: int
    total: int
    actual: str
    ok: bool
    advice: str


@dataclass(frozen=True)
class TableRemark:
    """What of one dataset is read otherwise than it may seem."""

    dataset: str
    remark: Remark


@dataclass(frozen=True)
class Report:
    """All that people and machines read about one plan.

    undecided: records that only the last rule, which asks nothing, decided. leads: those that `apply` will write.
    literals: where the values that the config names and the data do not meet. scores: how probable the best matches
    are; steps: what other probabilities would do; least_sure: of the records that are customers by a match, the first
    ones. duplicates: None where the config asks for none; calibration: what the pairs that people decided
    say of thresholds; merged: the least sure of the pairs that are one lead.
    conversion: what an Odoo's wizard would do wrongly; None for other targets. consent: None where the config does not
    say who must not be contacted. unnamed: tables that name records and that the config does not. remarks: what of the
    tables is read otherwise than it may seem. approvals: how many people must approve the plan; 0 where that is waived.
    next: the command to run now.
    """

    name: str
    approvals: int
    digest: str
    as_of: dt.date
    source: str
    target: str
    entries: tuple[EntryCount, ...]
    left_out: tuple[LeftOut, ...]
    forgotten: tuple[ForgottenRows, ...]
    forget_unknown: tuple[int, ...]
    rules: tuple[RuleCount, ...]
    undecided: int
    leads: int
    leads_with_errors: int
    values: Values
    review: tuple[ReviewReason, ...]
    overrides: OverrideFigures
    joins: tuple[JoinFigures, ...]
    masters: tuple[MasterFigures, ...]
    literals: tuple[LiteralFigures, ...]
    scores: tuple[ScoreBin, ...]
    steps: tuple[StepFigures, ...]
    least_sure: tuple[MatchedRecord, ...]
    duplicates: DuplicateFigures | None
    calibration: Calibration | None
    merged: tuple[MergedPair, ...]
    conversion: ConversionFigures | None
    consent: ConsentFigures | None
    unnamed: tuple[UnnamedFigures, ...]
    findings: tuple[FindingCount, ...]
    rejects: FaultyRows
    orphans: FaultyRows
    blocked: BlockedValues
    coverage: tuple[ColumnCoverage, ...]
    remarks: tuple[TableRemark, ...]
    gates: tuple[GateResult, ...]
    next: str

    @property
    def read(self) -> int:
        """All legacy records that were read."""
        return sum(entry.read for entry in self.entries)

    @property
    def records_left_out(self) -> int:
        """All rows of entries that do not meet `where`."""
        return sum(entry.left_out for entry in self.entries)

    @property
    def records_forgotten(self) -> int:
        """All records that must not move."""
        return sum(entry.forgotten for entry in self.entries)

    def decided(self, decision: Decision) -> int:
        """All legacy records with one decision."""
        return sum(entry.decisions.get(decision, 0) for entry in self.entries)

    @property
    def sum_is_right(self) -> bool:
        """Whether each entry's decisions add up to its records."""
        return all(entry.decided == entry.read for entry in self.entries)

    @property
    def review_families(self) -> int:
        """The families that wait for people."""
        return sum(reason.families for reason in self.review)

    @property
    def open_cases(self) -> int:
        """What people must decide."""
        return sum(reason.cases for reason in self.review)

    @property
    def rules_without_record(self) -> tuple[str, ...]:
        """The rules of the config that held for no record."""
        return tuple(rule.name for rule in self.rules if rule.applies_to == 0)

    @property
    def broken_gates(self) -> tuple[GateResult, ...]:
        """The gates that this plan does not keep."""
        return tuple(gate for gate in self.gates if not gate.ok)
