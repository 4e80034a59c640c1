"""Settle what becomes of families whose records belong to others as well, or are one with them, to a fixed point."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from etl.classify.bonds import COMPANY, CONTACT, SAME
from etl.classify.duplicates import BECOMES, DuplicateVerdict
from etl.classify.facts import Facts
from etl.classify.families import Mask
from etl.classify.outcomes import LEAD, REVIEW, Outcomes
from etl.classify.override_verdicts import Verdict
from etl.classify.reasons import COMPANY_OF, CONTACT_OF, MERGED_WITH
from etl.classify.records import Numbers
from etl.model import STRENGTH, Decision
from etl.texts import stored

Places = npt.NDArray[np.intp]
REASONS = {CONTACT: CONTACT_OF, COMPANY: COMPANY_OF, SAME: MERGED_WITH}
"""Kind of bond -> the reasons for what it makes of a family, in the order of DECISIONS."""
WORDS = {
    CONTACT: stored("{told_becomes}, and {record} belongs to it as well"),
    COMPANY: stored("{told_becomes}, and belongs to {record} as well"),
    SAME: stored("{told_becomes}, and is one with {record} by `aliases`"),
}


@dataclass(frozen=True)
class Pull:
    """What a family becomes for a record that one of its members is bound to.

    member: that member. rule: the reason; words: which record it is, and what becomes of it.
    """

    member: int
    decision: int
    rule: str
    words: str


def family_levels(
    rank: Outcomes, people: Mapping[int, Verdict], duplicates: Mapping[int, DuplicateVerdict] | None = None
) -> Outcomes:
    """What becomes of each family, at its root, by the strongest decision of its members and what outweighs it.

    people: family's root -> what people decided; duplicates: what families that must not move become for a duplicate.
    """
    level = rank.copy()
    for family, verdict in people.items():
        level[family] = STRENGTH.index(verdict.decision)
    for family, twin in (duplicates or {}).items():
        level[family] = min(level[family], twin.decision)
    return level


def pulls(
    facts: Facts,
    own: Outcomes,
    rank: Outcomes,
    people: Mapping[int, Verdict],
    duplicates: Mapping[int, DuplicateVerdict] | None = None,
) -> dict[int, Pull]:
    """The families that must be more than they are, for a record that a member is bound to, by root; to a fixed point.

    own: each record's own decision by the rules; rank: the strongest of its family. What people have decided stays, but
    where they say lead of a family that is bound to one that stays: they are asked again. Nothing that waits outweighs
    their lead, and what moved before binds nobody.
    """
    bonds, root = facts.bonds, facts.families.root
    level = family_levels(rank, people, duplicates)
    leading = _roots((f for f, v in people.items() if v.decision is Decision.LEAD), len(root))
    decided = _roots(people, len(root)) & ~leading
    own = np.where(leading[root], np.int8(LEAD), own)
    follower, by_family = root[bonds.record], dict[int, Pull]()
    binds_nobody = (facts.moved.moved & ~facts.moved.waiting)[bonds.other]
    while True:
        stands = np.where(bonds.kind == COMPANY, own[bonds.other], level[root[bonds.other]])
        stands = np.where(binds_nobody & (stands == REVIEW), np.int8(LEAD), stands)
        asked = np.where(stands < REVIEW, np.int8(REVIEW), np.int8(LEAD))
        becomes = np.where(leading[follower], asked, stands)
        stronger = np.flatnonzero((becomes < level[follower]) & ~decided[follower])
        if not len(stronger):
            return by_family
        for at in _first_of_each(follower, becomes, stronger).tolist():
            level[follower[at]] = becomes[at]
            by_family[int(follower[at])] = _pull(facts, at, int(stands[at]), int(becomes[at]))


def pulled(rank: Outcomes, by_family: Mapping[int, Pull], root: Numbers) -> Outcomes:
    """The strongest decision of each record's family, where some are pulled."""
    rank = rank.copy()
    for family, pull in by_family.items():
        rank[family] = pull.decision
    return rank[root]


def _roots(families: Iterable[int], count: int) -> Mask:
    mask = np.zeros(count, dtype=np.bool_)
    mask[list(families)] = True
    return mask


def _first_of_each(follower: Numbers, becomes: Outcomes, stronger: Places) -> Places:
    """Of some bonds the strongest of each family, the first by source keys."""
    order = stronger[np.lexsort((stronger, becomes[stronger], follower[stronger]))]
    first: Places = order[np.r_[True, np.diff(follower[order]) != 0]]
    return first


def _pull(facts: Facts, at: int, stands: int, becomes: int) -> Pull:
    """What a bond makes of a family. stands: what the other record is."""
    bonds, kind = facts.bonds, int(facts.bonds.kind[at])
    other = BECOMES[stands].format(record=facts.records.name(int(bonds.other[at])))
    words = WORDS[kind].format(told_becomes=other, record=facts.records.name(int(bonds.record[at])))
    return Pull(int(bonds.record[at]), becomes, REASONS[kind][stands], words)
