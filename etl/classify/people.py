"""What people's decisions and duplicates make of what the rules say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from etl.classify.duplicates import Pairs, Twinned, as_one, best_of, there_already, twinned
from etl.classify.facts import Facts, mask
from etl.classify.hashes import family_hashes
from etl.classify.outcomes import CUSTOMER, DECISIONS, KEEP, LEAD, MOVED, REJECT, REVIEW, Outcomes
from etl.classify.overrides import BY_PERSON, Overridden, Override, Verdict, weigh_overrides
from etl.classify.records import NONE, Numbers, Records
from etl.config import Config
from etl.model import STRENGTH, Dataset, Decision

REJECTED_MEMBER = "a member of its family cannot be processed"
LOST_HISTORY = "a row of its history cannot be read"
UNSEEN_EVIDENCE = "a person decided without a hash, and there is evidence"


def outcome(
    facts: Facts, rank: Outcomes, verdicts: Mapping[int, Verdict], twins: Mapping[int, Twinned] | None = None
) -> Outcomes:
    """What becomes of each record, by the strongest decision of its family and what outweighs it.

    verdicts: of people; twins: of families that must not move for a duplicate.
    """
    rank = rank.copy()
    for family, verdict in verdicts.items():
        rank[family] = STRENGTH.index(verdict.decision)
    for family, one in (twins or {}).items():
        rank[family] = min(rank[family], one.decision)
    moved = np.where(facts.edited, REVIEW, MOVED)
    found = np.where(facts.faulty, REJECT, np.where(facts.gone, moved, rank[facts.families.root]))
    return found.astype(np.int8)


@dataclass(frozen=True)
class Twins:
    """What duplicates come to.

    verdicts: people's, with those that follow from `same`; found: family's root -> what it becomes for its twins.
    decision: of each record in the end. best: of a record with a lead of its own the one whose lead it is, itself but
    for duplicates. into: record whose lead goes into one that is there already -> the id of that one.
    """

    verdicts: Mapping[int, Verdict]
    found: dict[int, Twinned]
    decision: Outcomes
    best: Numbers
    into: dict[int, str]

    def roots(self, family: Numbers) -> set[int]:
        """The families of the records that others may be the same as, by root. family: each record's root."""
        named = [twin.number for one in self.found.values() for twin in one.twins if twin.number != NONE]
        return set(family[np.array(named, dtype=np.int32)].tolist())


def weigh_twins(
    facts: Facts,
    config: Config,
    pairs: Pairs,
    existing: pa.Table,
    rank: Outcomes,
    overridden: Overridden,
    verdicts: Mapping[int, Verdict],
) -> Twins:
    """Which records are one lead, and which families must not move before a person has looked at a duplicate.

    existing: as in EXISTING_SCHEMA. rank: as the rules have it. Who is in a person's words the same as a customer, or
    as one who is kept, has that one's decision.
    """
    root, count, asked = facts.families.root, len(facts.records), config.leads.duplicates
    own = np.arange(count, dtype=np.int32)
    if asked is None:
        return Twins(verdicts, {}, outcome(facts, rank, verdicts), own, {})
    unit = np.where(facts.families.company == NONE, own, facts.families.company).astype(np.int32)
    pairs = pairs.settled(overridden.same, root, unit)
    cluster = pairs.clusters(count, asked.merge_at)
    people = {**verdicts, **_follow(overridden, outcome(facts, rank, verdicts), root)}
    moving = [f for f, said in people.items() if said.decision is Decision.LEAD and (said.hashed or said.into)]
    exempt = np.isin(root, np.array(moving, dtype=np.int32))
    decision = outcome(facts, rank, people)
    there = there_already(existing, exempt | (decision != LEAD), root, facts.records)
    before = outcome(facts, rank, people, there)
    found = there | twinned(pairs, cluster, asked.review_at, before, exempt, unit, root, facts.records)
    decision = outcome(facts, rank, people, found)
    best = best_of(as_one(cluster, unit, decision == LEAD), facts.records, facts.entries, config.source.records)
    said = {number: lead for verdict in people.values() for number, lead in verdict.into.items()}
    into = {int(best[unit[n]]): said[n] for n in sorted(said, reverse=True) if decision[n] == LEAD}
    return Twins(people, found, decision, best, into)


def _follow(overridden: Overridden, decision: Outcomes, root: Numbers) -> dict[int, Verdict]:
    """The families that a person calls the same as one that stays, by root: they have its decision."""
    found = {}
    for (one, other), (alike, words) in overridden.same.items():
        for mine, twin in ((one, other), (other, one)):
            if alike and decision[mine] == LEAD and decision[twin] in (CUSTOMER, KEEP):
                found[int(root[mine])] = Verdict(DECISIONS[decision[twin]], BY_PERSON, words)
    return found


def weigh_people(
    facts: Facts, rank: Outcomes, overrides: Sequence[Override], datasets: Sequence[Dataset]
) -> tuple[Overridden, dict[int, Verdict], dict[int, str]]:
    """What people's decisions come to: which of them count, the verdicts and the hashes by family's root.

    rank: as the rules have it. A person's `lead` does not move a family that cannot be moved whole; and without a hash,
    which says what the person saw, it does not outweigh a rule that says customer or keep, nor evidence that cannot be
    read.
    """
    root, unread = facts.families.root, mask(len(facts.records), facts.unreadable.numbers)
    known = _known(facts.records, [key for one in overrides for key in (one.source_key, one.other) if key])
    roots = {int(root[number]) for number in known.values()}
    hashes = family_hashes(roots, facts.records, facts.families, datasets, facts.pairs)
    overridden = weigh_overrides(overrides, known, root, hashes)
    held_back = ((facts.stuck, REJECTED_MEMBER), (facts.lost_history, LOST_HISTORY))
    reasons = {family: reason for members, reason in held_back for family in root[members].tolist()}
    doubted = set(root[unread | (rank < REVIEW)].tolist())
    verdicts = {}
    for family, said in overridden.verdicts.items():
        verdicts[family] = said
        if said.decision is Decision.LEAD and family in reasons:
            verdicts[family] = Verdict(Decision.REVIEW, reasons[family], f"lead, says {said.words}")
        elif said.decision is Decision.LEAD and not said.hashed and family in doubted:
            verdicts[family] = Verdict(Decision.REVIEW, UNSEEN_EVIDENCE, said.words)
    weighed = {key: verdicts.get(int(root[known[key]])) for key in overridden.used}
    used = tuple(key for key, verdict in weighed.items() if verdict is None or verdict.rule == BY_PERSON)
    outweighed = tuple(sorted(set(overridden.used) - set(used)))
    return replace(overridden, used=used, outweighed=outweighed), verdicts, hashes


def _known(records: Records, keys: Sequence[str]) -> dict[str, int]:
    """The record numbers of those source keys that exist."""
    if not keys:
        return {}
    found = records.numbers(pa.array(keys, pa.large_string())).tolist()
    return {key: number for key, number in zip(keys, found, strict=True) if number != NONE}
