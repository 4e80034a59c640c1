"""The first rows of each list of a plan, which the page shows under the number that counts them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from etl.model import Decision, Severity
from etl.report.names import Naming, names_of
from etl.report.read import Tables

K = TypeVar("K")

FIRST = 25
"""How many rows of each list are in the page; whole lists stand beside it."""

WIDE = 300
"""The longest text in a cell, in characters."""

READ = 4 * WIDE
"""So many characters are read: a sentence is told in the reader's language before it is cut."""


@dataclass(frozen=True)
class DecidedRow:
    """One legacy record and its decision."""

    source_key: str
    family: str | None
    lead: str | None
    evidence: str | None
    name: str | None = None


@dataclass(frozen=True)
class CaseRow:
    """One open case. other: the record that `source_key` may be the same as."""

    source_key: str
    other: str | None
    evidence: str | None
    name: str | None = None
    other_name: str | None = None


@dataclass(frozen=True)
class FindingRow:
    """One quality finding."""

    lead: str
    source_key: str
    field: str | None
    value: str | None
    proposal: str | None
    message: str


@dataclass(frozen=True)
class PairRow:
    """Two records that are, or may be, one."""

    left: str
    right: str
    probability: float
    words: str | None


@dataclass(frozen=True)
class Rows:
    """The first rows of lists.

    decided: by rule and decision; findings: by code and severity; cases: by the reason for review.
    """

    decided: Mapping[tuple[str, Decision], tuple[DecidedRow, ...]]
    findings: Mapping[tuple[str, Severity], tuple[FindingRow, ...]]
    cases: Mapping[str, tuple[CaseRow, ...]]
    pairs: tuple[PairRow, ...]


def rows(plan: Tables, namings: Sequence[Naming] = ()) -> Rows:
    """Read the first rows of each list, by source key. namings: where the records' names stand."""
    decided, cases = _decided(plan), _cases(plan)
    keys = {row.source_key for some in decided.values() for row in some}
    keys |= {key for some in cases.values() for row in some for key in (row.source_key, row.other) if key}
    names = names_of(namings, sorted(keys))
    named = {
        reason: tuple(replace(c, name=names.get(c.source_key), other_name=names.get(c.other or "")) for c in some)
        for reason, some in cases.items()
    }
    return Rows(_named(decided, names), _findings(plan), named, _pairs(plan))


def _named(rows_of: Mapping[K, tuple[DecidedRow, ...]], names: Mapping[str, str]) -> dict[K, tuple[DecidedRow, ...]]:
    return {key: tuple(replace(row, name=names.get(row.source_key)) for row in some) for key, some in rows_of.items()}


def _decided(plan: Tables) -> dict[tuple[str, Decision], tuple[DecidedRow, ...]]:
    """Keys are chosen first, then what belongs to them: no wide cell is sorted. Many rejects may share one key."""
    rows_of: dict[tuple[str, Decision], list[DecidedRow]] = defaultdict(list)
    first = f"""SELECT rule, decision, unnest(arg_min(source_key, source_key, {FIRST})) AS source_key
                FROM decisions GROUP BY 1, 2"""
    for rule, decision, *row in plan.rows(
        f"""SELECT d.rule, d.decision, d.source_key, d.family, d.lead, left(d.evidence, {READ})
            FROM decisions d SEMI JOIN ({first}) f USING (rule, decision, source_key)
            QUALIFY row_number() OVER (PARTITION BY d.rule, d.decision ORDER BY d.source_key) <= {FIRST}
            ORDER BY 1, 2, 3"""
    ):
        rows_of[rule, Decision(decision)].append(DecidedRow(*row))
    return {key: tuple(some) for key, some in rows_of.items()}


def _cases(plan: Tables) -> dict[str, tuple[CaseRow, ...]]:
    rows_of: dict[str, list[CaseRow]] = defaultdict(list)
    for rule, *row in plan.rows(
        f"""SELECT rule, source_key, other, left(evidence, {READ}) FROM cases
            QUALIFY row_number() OVER (PARTITION BY rule ORDER BY number) <= {FIRST} ORDER BY rule, number"""
    ):
        rows_of[rule].append(CaseRow(*row))
    return {rule: tuple(some) for rule, some in rows_of.items()}


def _findings(plan: Tables) -> dict[tuple[str, Severity], tuple[FindingRow, ...]]:
    rows_of: dict[tuple[str, Severity], list[FindingRow]] = defaultdict(list)
    for code, severity, *row in plan.rows(
        f"""SELECT code, severity, lead, source_key, field,
                   left(value, {READ}), left(proposal, {READ}), left(message, {READ})
            FROM findings
            QUALIFY row_number() OVER (PARTITION BY code, severity ORDER BY source_key, lead, field) <= {FIRST}
            ORDER BY code, severity, source_key, lead, field"""
    ):
        rows_of[code, Severity(severity)].append(FindingRow(*row))
    return {key: tuple(some) for key, some in rows_of.items()}


def _pairs(plan: Tables) -> tuple[PairRow, ...]:
    pairs = plan.rows(
        f"""SELECT "left", "right", probability, left(words, {READ}) FROM duplicates
            ORDER BY probability, "left", "right" LIMIT {2 * FIRST}"""
    )
    return tuple(PairRow(*row) for row in pairs)
