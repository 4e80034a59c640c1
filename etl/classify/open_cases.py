"""The open cases: what a person has to decide, a family or two that may be one company or person, each once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from etl.classify.decisions import Decisions
from etl.classify.outcomes import REVIEW
from etl.classify.overrides import BOTH, GONE, SEEN
from etl.classify.reasons import CUSTOMER_NOW, EDITED
from etl.classify.records import NONE, Numbers
from etl.texts import stored

TEXT = pa.large_string()
CASE_SCHEMA = pa.schema(
    [
        ("number", pa.int64()),
        ("source_key", TEXT),
        ("other", TEXT),
        ("for_both", pa.bool_()),
        ("hash", TEXT),
        ("records", pa.int64()),
        ("rule", TEXT),
        ("evidence", TEXT),
    ]
)
"""other: the record that one of the family may be the same as; for_both: whether that one's family waits for this one,
so that a decision is for both. hash: the family's, and after SEEN or BOTH the other one's. records: those that wait."""
OPEN_SCHEMA = pa.schema(
    [
        (name, TEXT)
        for name in ("source_key", "decision", "other", "who", "when", "why", "hash", "records", "rule", "evidence")
    ]
)


@dataclass(frozen=True)
class _Side:
    """A case as one family sees it.

    other: the other family's root, or NONE; its_key: a record of it, or empty. again: whether a person decided before,
    so that an answer takes the place of that one.
    """

    family: int
    source_key: str
    rule: str
    evidence: str | None
    other: int
    its_key: str
    again: bool

    @property
    def about(self) -> tuple[str, ...] | tuple[int, ...]:
        """What the case is about: two families, or a record of one, perhaps with one that is not there any more."""
        if self.other == NONE:
            return tuple(sorted((self.source_key, self.its_key)))
        return tuple(sorted((self.family, self.other)))


def open_cases(decisions: Decisions) -> pa.Table:
    """One row for each open case, as in CASE_SCHEMA.

    A family that waits is one, and a family that waits as it may be the same as others is one with each of these. Where
    both wait for each other, that is one case. It is named by the lesser of the two, unless only the other one was
    decided before.
    """
    decision, root = decisions.outcome.decision, decisions.families.root
    review = (decision == REVIEW) & ~decisions.waiting
    members = np.bincount(root[review], minlength=len(decisions.records)).astype(np.int32)
    rows = [_row(decisions, side, both, members) for side, both in _cases(_sides(decisions, np.unique(root[review])))]
    rows += [_waiting_record(decisions, number) for number in np.flatnonzero(decisions.waiting).tolist()]
    return pa.Table.from_pylist([{"number": number, **row} for number, row in enumerate(rows)], CASE_SCHEMA)


def open_rows(cases: pa.Table) -> pa.Table:
    """Open cases as rows that a person fills in; in `decisions.csv` they then decide. cases: as in CASE_SCHEMA."""
    empty = pa.nulls(len(cases), TEXT)
    columns = {name: empty if name not in cases.column_names else cases[name] for name in OPEN_SCHEMA.names}
    return pa.table(columns).cast(OPEN_SCHEMA)


def _sides(decisions: Decisions, families: Numbers) -> dict[int, list[_Side]]:
    """The cases of each of some families in review, by root."""
    sides = {
        family: list(_sides_of(decisions, family, rule, evidence))
        for family, rule, evidence in zip(families.tolist(), *decisions.why(families), strict=True)
    }
    return {family: [side for side in some if not _follows(decisions, side, sides)] for family, some in sides.items()}


def _sides_of(decisions: Decisions, family: int, rule: str, evidence: str | None) -> Iterator[_Side]:
    """The cases of a family: one for each line of a person that is asked again, or for each possible duplicate."""
    records, root = decisions.records, decisions.families.root
    if lines := decisions.asked_again(family):
        for own, its_key in lines:
            other = records.number(its_key)
            yield _Side(family, own, rule, evidence, NONE if other == NONE else int(root[other]), its_key, again=True)
        return
    name = records.name(family)
    duplicates = [duplicate for duplicate in decisions.duplicates_of(family) if duplicate.number != NONE]
    for duplicate in duplicates:
        other = int(root[duplicate.number])
        its_key = records.name(duplicate.number)
        yield _Side(family, name, duplicate.rule, duplicate.words, other, its_key, again=False)
    if not duplicates:
        yield _Side(family, name, rule, evidence, NONE, "", again=False)


def _follows(decisions: Decisions, side: _Side, sides: Mapping[int, Sequence[_Side]]) -> bool:
    """Whether a person said that the two are the same, and the other one waits for something else: nobody is asked
    again, for what becomes of that one is decided there."""
    same = tuple(sorted((side.family, side.other))) in decisions.duplicates.said_same
    return same and any(case.other != side.family for case in sides.get(side.other, ()))


def _cases(sides: Mapping[int, Sequence[_Side]]) -> Iterator[tuple[_Side, bool]]:
    """Each case once, and whether both families see it."""
    by_case: dict[tuple[str, ...] | tuple[int, ...], list[_Side]] = {}
    for side in (side for some in sides.values() for side in some):
        by_case.setdefault(side.about, []).append(side)
    for of_case in by_case.values():
        first = min(of_case, key=lambda side: not side.again)
        yield first, len({side.family for side in of_case}) > 1


def _row(decisions: Decisions, side: _Side, both: bool, members: Numbers) -> dict[str, str | int | bool | None]:
    """A case as a row. members: how many records of each family wait."""
    hashes, records = decisions.hashes.hashes, int(members[side.family])
    own = hashes.get(side.family)
    its = GONE if side.other == NONE else hashes[side.other]
    return {
        "source_key": side.source_key,
        "other": side.its_key or None,
        "for_both": both,
        "hash": f"{own}{BOTH if both else SEEN}{its}" if side.its_key else own,
        "records": records + int(members[side.other]) if both else records,
        "rule": side.rule,
        "evidence": side.evidence,
    }


def _waiting_record(decisions: Decisions, number: int) -> dict[str, str | int | bool | None]:
    """The row of a record that was edited after it was moved, or is a customer now."""
    lead, why = decisions.moved.lead_ids[number].as_py(), decisions.moved.customers.get(number)
    if why is None:
        evidence = stored(
            "lead {id} does not have the edit; update the lead by hand, then answer: moved before", id=lead
        )
    else:
        evidence = stored(
            "{told}; take lead {id} out of the pipeline by hand, then answer: moved before", id=lead, told=why
        )
    return {
        "source_key": decisions.records.name(number),
        "for_both": False,
        "hash": decisions.moved.states[number].as_py(),
        "records": 1,
        "rule": EDITED if why is None else CUSTOMER_NOW,
        "evidence": evidence,
    }
