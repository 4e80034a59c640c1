"""The numbers that the stages of a plan count while they work, and that its tables no longer show afterwards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from etl.config.links import Step
from etl.model import Decision, Remark
from etl.rows.literals import Nearness

if TYPE_CHECKING:
    from pydantic import TypeAdapter


@dataclass(frozen=True)
class DatasetFigures:
    """One dataset of the snapshot.

    table: what the source calls it; file: its file in the snapshot; columns: the source's, in its order; rows: all that
    were read, the damaged among them; damaged: those that are a reject (of an entry) or an orphan (of the others)
    because the row itself is broken. remarks: what of it is read otherwise than it may seem. left_out: rows that are
    none of these, as they do not meet `where`, in words; forgotten: that are none of these either, for a record that
    must not move, and forgotten_shared: those of them that name another record, too.
    """

    name: str
    kind: Literal["entry", "related", "evidence"]
    table: str
    file: str
    columns: tuple[str, ...]
    rows: int
    damaged: int = 0
    remarks: tuple[Remark, ...] = ()
    left_out: int = 0
    where: str | None = None
    forgotten: int = 0
    forgotten_shared: int = 0


@dataclass(frozen=True)
class WouldMeet:
    """How many rows without a record would find theirs if `normalize` brought keys to one form by some steps."""

    steps: tuple[Step, ...]
    rows: int


@dataclass(frozen=True)
class KindRows:
    """How many rows fill a link and are of a kind that the config names at none of its links, as `column: value`."""

    kind: str
    rows: int


@dataclass(frozen=True)
class KeysOf:
    """How many rows without a record have a key of another table. name: of the entry or table; record: whether it is
    an entry; line: that would join them to it, where there is one."""

    name: str
    rows: int
    record: bool
    line: str


@dataclass(frozen=True)
class JoinFigures:
    """How many rows of one table belong to the records that they name, or found their row in a table they take from.

    kind: "parents" for records that name one, "related" for history, "evidence" for the rows that an `exists` asks;
    "joined" and "labels" for rows that take values from another table, which stands for the record; "links" for rows
    that are led to their records by another table, "under" for those below rows of a related one; "merges" for the rows
    of a table of merges, of which `joined` lead to a record, and for rows whose key nearly is one that was merged away.
    rules: those that ask them. rows_read: all rows of the table; rows: those that count, of which `joined` met a record
    by each of their links and `without_record` did not; not_linked: whose links are all empty; other_kind: that fill a
    link and meet no `where` of those that read its columns, kinds: what they have instead, the most frequent first.
    records_with_row: records that have at least one. unreadable_dates: rows whose date is not in the declared format.
    keys_of: the tables whose keys the rows without a record have.
    would_meet: what would help those without a record, first what helps most, then what helps others; near: rows that
    any of it would help.

    Of a table that values are taken from: twice: keys that several of its rows have; not_taken: its rows that are not
    taken for that; never_named: its rows whose key no row has; left_out: its rows that do not meet `where`.
    """

    dataset: str
    kind: Literal["parents", "related", "evidence", "joined", "labels", "links", "merges", "under"]
    rules: tuple[str, ...]
    rows_read: int
    rows: int
    joined: int
    without_record: int
    records_with_row: int
    unreadable_dates: int = 0
    not_linked: int = 0
    would_meet: tuple[WouldMeet, ...] = ()
    near: int = 0
    twice: int = 0
    not_taken: int = 0
    never_named: int = 0
    left_out: int = 0
    other_kind: int = 0
    kinds: tuple[KindRows, ...] = ()
    keys_of: tuple[KeysOf, ...] = ()

    @property
    def looks_up(self) -> bool:
        """Whether the rows meet another table than that of records."""
        return self.kind in ("joined", "labels", "links", "merges", "under")


@dataclass(frozen=True)
class ParentCounts:
    """How many records of an entry are rejected for the parent that they name, by what would cure it.

    none: value that stands for no parent -> its records; itself: that name themselves; missing: that name another one
    which does not exist; circle: that are their own ancestors in more than one step.
    """

    entry: str
    none: Mapping[str, int]
    itself: int
    missing: int
    circle: int


@dataclass(frozen=True)
class NearValue:
    """A value that nearly meets what the config names, or a flag that says neither yes nor no: how many rows have it,
    and by what it differs."""

    value: str
    rows: int
    by: Nearness


@dataclass(frozen=True)
class LiteralFigures:
    """How the values that the config names for one column met the data.

    at: where in the config, in its own words. dataset, column: what was asked. flag: whether it is a flag, which names
    no value. meeting: the rows that meet it. near: the values that nearly meet, the most frequent first; rest: rows
    with other such values. never: the named values that no row has. formats: of a column of dates of which some
    cannot be read, the usual formats each of which reads all of it.
    """

    at: str
    dataset: str
    column: str
    flag: bool
    meeting: int = 0
    near: tuple[NearValue, ...] = ()
    rest: int = 0
    never: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()

    @property
    def dates(self) -> bool:
        """Whether values are told because they cannot be read as dates."""
        return any(value.by == "date" for value in self.near)

    @property
    def rows(self) -> int:
        """The rows with a value that nearly meets, or that cannot be read."""
        return sum(value.rows for value in self.near) + self.rest


@dataclass(frozen=True)
class MasterFigures:
    """How the records were compared with one list of known customers.

    where: who and where it is; table: what it is called there. rows: those that count; others: that `where` leaves out;
    damaged: that cannot be read; nameless: of those that count, without any value to compare. records: that were
    compared with it;
    compared: pairs; cut: pairs that were not compared, because too many share the one value that they share. matched:
    records with a match that is written down; doubtful: those of them whose match is not certain. names_differ: records
    that share a number with a customer of a wholly different name. pinned: the model that was given, if one was.
    weak_numbers: records that share only a number with a customer that proves nothing; same_number: those that share
    one which proves something.
    """

    name: str
    where: str
    table: str
    rows: int
    others: int
    damaged: int
    nameless: int
    records: int
    compared: int
    cut: int
    matched: int
    doubtful: int
    names_differ: int
    pinned: str | None = None
    weak_numbers: int = 0
    same_number: int = 0

    @property
    def meets_nobody(self) -> bool:
        """Whether no record is any of the customers."""
        return self.rows > 0 and self.records > 0 and not (self.matched or self.same_number or self.weak_numbers)


@dataclass(frozen=True)
class ComparedFigures:
    """How the records were compared with each other. records: that were compared; compared: pairs; cut: pairs that were
    not compared, because too many share the one value that they share. leads: that are in the pipeline already; there:
    records that may be one of them."""

    records: int
    compared: int
    cut: int
    leads: int = 0
    there: int = 0


@dataclass(frozen=True)
class DuplicateFigures:
    """What became of duplicates.

    merged: leads that hold what would have been several; of: how many those would have been. follow: families that
    do not move, for they are the same as a record that stays. staying, unsure: families that a person must decide on,
    because they may be a record that does not move, or the same as another lead; there:
    because they may be in the pipeline already. into: leads that are added to one that is.
    """

    compared: ComparedFigures
    merged: int
    of: int
    follow: int
    staying: int
    unsure: int
    there: int = 0
    into: int = 0


@dataclass(frozen=True)
class StepFigures:
    """What a rule would decide with another threshold. now: whether it is the threshold of the config.

    customer, keep, review, lead: records that would be decided so; changed: those decided otherwise than now.
    """

    rule: str
    master: str
    at_least: float
    now: bool
    customer: int
    keep: int
    review: int
    lead: int
    changed: int


@dataclass(frozen=True)
class UnnamedFigures:
    """A table of the source that names records and that the config does not name: its rows stay behind.

    column: by which it names records of `entry`, both None where the table cannot be read; rows: that name one; moving:
    those whose record moves. near: the steps of `normalize` by which the column's keys meet those of the records; none
    where they are equal.
    """

    table: str
    column: str | None
    entry: str | None
    rows: int
    moving: int
    near: tuple[Step, ...] = ()


@dataclass(frozen=True)
class UnaskedFigures:
    """A column whose name sounds as if it said who opted out, and that the config does not ask for it. rows: that do
    not clearly say no."""

    dataset: str
    column: str
    rows: int


@dataclass(frozen=True)
class ConsentFigures:
    """Those who must not be contacted. records: legacy records that opted out, and rows of joined tables that they do
    not take and that say so; leads: that must not be contacted for it; reached: those of them with a value of somebody
    who opted out, as nobody else has one; elsewhere: those of them in which nobody opted out, but whose address or
    number another family has that did; replaced: leads that have another member's value in place of such a one.
    left_out: rows that a `where` leaves out and that opted out. asked: whether the config asks who did; silent: columns
    that it asks and by which nobody did; unasked: columns that it does not ask, though they sound like it."""

    records: int
    leads: int
    reached: int
    replaced: int
    elsewhere: int = 0
    left_out: int = 0
    asked: bool = True
    silent: tuple[str, ...] = ()
    unasked: tuple[UnaskedFigures, ...] = ()


@dataclass(frozen=True)
class OmittedFigures:
    """The values of one column that the config keeps out of the notes, and the legal reason it gives."""

    dataset: str
    column: str
    reason: str
    values: int


@dataclass(frozen=True)
class ValueFigures:
    """The non-empty legacy values of moved records and their related rows: those in notes, and those left out."""

    conserved: int
    omitted: tuple[OmittedFigures, ...] = ()


@dataclass(frozen=True)
class RuleFigures:
    """One rule of the config and for how many records it held, whichever rule then decided.

    How many records it decided is not here: it is counted from `decisions.parquet`.
    """

    name: str
    decision: Decision
    held: int


@dataclass(frozen=True)
class OverrideFigures:
    """What became of people's decisions in `decisions.csv`.

    used: lines that decide their family, of which `without_hash` cannot tell whether it changed since. The others are
    source keys: `changed` since the decision was made, `unknown` in the source, `conflicting` within one family,
    `outweighed` by what keeps their family from moving: a member that cannot be processed, evidence that nobody saw;
    `incomplete`, as they do not say what the person saw of possible duplicates.
    """

    used: int = 0
    changed: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    conflicting: tuple[str, ...] = ()
    without_hash: int = 0
    outweighed: tuple[str, ...] = ()
    incomplete: tuple[str, ...] = ()

    @property
    def not_applied(self) -> dict[str, tuple[str, ...]]:
        """The source keys of the lines that do not decide, by why."""
        why = ("changed", "unknown", "conflicting", "outweighed", "incomplete")
        return {name: getattr(self, name) for name in why}


@dataclass(frozen=True)
class JudgedPairs:
    """The pairs of records on which people decided whether they are the same.

    same, different: pairs whose records are as they were then; unmatched: those of them that the plan has no
    probability of. steps: probability, and how many of them from there on are the same, and are not.
    """

    same: int
    different: int
    unmatched: int
    steps: tuple[tuple[float, int, int], ...]


@dataclass(frozen=True)
class Mislinked:
    """A lead that the target's own wizard would convert wrongly.

    what: `linked` to the customer `other`, or `merged` with leads that share its address, of which `other` is one that
    is there already. by: email or name.
    """

    lead: str
    what: str
    by: str
    other: str


@dataclass(frozen=True)
class ConversionFigures:
    """What the target's wizard would do with the plan's leads by default: how many it would link to another customer,
    by e-mail address or by name, and how many it would merge with another lead; and the first of them."""

    by_email: int
    by_name: int
    merged: int
    first: tuple[Mislinked, ...] = ()


@dataclass(frozen=True)
class Figures:
    """All figures of one plan.

    source, target: who and where, without a secret. literals: how the values that the config names met the data, of
    rules, lead fields, types and masters. consent: None where the config asks for none. undecided: records that only
    the last rule, which asks nothing, decided. steps: of each rule that asks a master for a probability, by rule, then
    by probability. forget_unknown: the lines of `forget.csv` whose record the source does not have.
    judged: None where nobody decided on a pair.
    """

    as_of: dt.date
    source: str
    target: str
    datasets: tuple[DatasetFigures, ...]
    joins: tuple[JoinFigures, ...]
    values: ValueFigures
    rules: tuple[RuleFigures, ...]
    overrides: OverrideFigures
    undecided: int
    masters: tuple[MasterFigures, ...] = ()
    steps: tuple[StepFigures, ...] = ()
    duplicates: DuplicateFigures | None = None
    conversion: ConversionFigures | None = None
    literals: tuple[LiteralFigures, ...] = ()
    consent: ConsentFigures | None = None
    unnamed: tuple[UnnamedFigures, ...] = ()
    forget_unknown: tuple[int, ...] = ()
    judged: JudgedPairs | None = None

    def as_dict(self) -> dict[str, Any]:
        """The figures as JSON can hold them; `of` is the inverse."""
        figures: dict[str, Any] = _adapter().dump_python(self, mode="json")
        return figures

    @staticmethod
    def of(figures: Mapping[str, Any]) -> Figures:
        """Read what `as_dict` gave. Raises pydantic's ValidationError where it is something else."""
        return _adapter().validate_python(figures)


@cache
def _adapter() -> TypeAdapter[Figures]:
    from pydantic import TypeAdapter

    return TypeAdapter(Figures)
