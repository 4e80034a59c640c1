"""Combine what the rules say with people's decisions, with duplicates, and with what records are bound to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from etl.classify.duplicates import DuplicateRules, DuplicateVerdict, duplicate_verdicts, existing_lead_verdicts
from etl.classify.facts import Facts, mask
from etl.classify.families import Mask
from etl.classify.hashes import family_hashes
from etl.classify.linkage import Linkage
from etl.classify.merging import lead_clusters, survivors_of
from etl.classify.outcomes import CUSTOMER, DECISIONS, KEEP, LEAD, MOVED, REJECT, REVIEW, Outcomes
from etl.classify.override_verdicts import OverrideOutcome, OverrideVerdicts, PairAnswer, Verdict, weigh_overrides
from etl.classify.overrides import Override
from etl.classify.pairs import Pairs
from etl.classify.reasons import BY_PERSON, REJECTED_MEMBER, UNREADABLE_HISTORY, UNSEEN_EVIDENCE
from etl.classify.records import NONE, Numbers, Records
from etl.classify.rules import RuleResults
from etl.classify.settling import Pull, family_levels, pulled, pulls
from etl.config import Config
from etl.model import Dataset, Decision
from etl.texts import stored


def final_decision(
    facts: Facts,
    rank: Outcomes,
    people: Mapping[int, Verdict],
    duplicates: Mapping[int, DuplicateVerdict] | None = None,
) -> Outcomes:
    """What becomes of each record: what becomes of its family, unless it is rejected or moved before."""
    level = family_levels(rank, people, duplicates)
    moved = np.where(facts.moved.waiting, REVIEW, MOVED)
    decision = np.where(facts.moved.moved, moved, level[facts.families.root])
    return np.where(facts.faults.faulty, REJECT, decision).astype(np.int8)


@dataclass(frozen=True)
class DuplicateOutcome:
    """What duplicates come to.

    verdicts: family's root -> what it becomes for its duplicates. survivor: of a record with a lead of its own, the
    record whose lead it is: itself, unless it is a duplicate. into: record whose lead is added to an existing one ->
    the id of that lead. said_same: the roots of families that a person calls the same, the lesser first.
    """

    verdicts: Mapping[int, DuplicateVerdict]
    survivor: Numbers
    into: Mapping[int, str]
    said_same: frozenset[tuple[int, int]] = frozenset()

    def families_named(self, root: Numbers) -> set[int]:
        """The families of the records that others may be the same as, by root. root: of each record's family."""
        numbers = [d.number for verdict in self.verdicts.values() for d in verdict.duplicates if d.number != NONE]
        return set(root[np.array(numbers, dtype=np.int32)].tolist())


@dataclass(frozen=True)
class Weighed:
    """What becomes of the records in the end.

    decision: by record. people: family's root -> what people decided, and what follows from their `same`; overrides:
    what became of their lines. pulls: family's root -> what it becomes for a record that it is bound to.
    """

    decision: Outcomes
    people: Mapping[int, Verdict]
    overrides: OverrideOutcome
    duplicates: DuplicateOutcome
    pulls: Mapping[int, Pull]


def weigh(facts: Facts, config: Config, linkage: Linkage, rules: RuleResults, overrides: OverrideVerdicts) -> Weighed:
    """What becomes of the records by rules, people, duplicates, and the records that they are bound to.

    Who is in a person's words the same as a customer, or as one who is kept, has that one's decision. What a family
    becomes can make others of it, by a duplicate or a bond, until nothing changes any more.
    """
    duplicates = _Duplicates.of(facts, config, linkage, overrides)
    rank, said, pulling = rules.rank, dict(overrides.families), dict[int, Pull]()
    while True:
        people, verdicts = duplicates.weighed(facts, rank, said) if duplicates else (said, {})
        new = pulls(facts, rules.own, rank, people, verdicts)
        if not new:
            break
        said |= {family: _asked_again(pull, people[family]) for family, pull in new.items() if family in people}
        rank, pulling = pulled(rank, new, facts.families.root), pulling | new
    decision = final_decision(facts, rank, people, verdicts)
    outcome = _without_duplicates(facts)
    if duplicates:
        outcome = duplicates.outcome(facts, config, people, verdicts, decision)
    return Weighed(decision, people, _counted(overrides.outcome, people, verdicts, facts), outcome, pulling)


def outcome_of(facts: Facts, own: Outcomes, rank: Outcomes, weighed: Weighed) -> Outcomes:
    """What would become of the records if rules said something else, and people and duplicates the same."""
    new = pulls(facts, own, rank, weighed.people, weighed.duplicates.verdicts)
    rank = pulled(rank, new, facts.families.root)
    return final_decision(facts, rank, weighed.people, weighed.duplicates.verdicts)


def _asked_again(pull: Pull, verdict: Verdict) -> Verdict:
    """A person said lead of a family that is bound to one that stays."""
    words = pull.words, stored("decided as lead by {words}", words=verdict.words)
    return replace(verdict, decision=Decision.REVIEW, rule=pull.rule, words="; ".join(words))


@dataclass(frozen=True)
class _Duplicates:
    """The duplicates that are known.

    answers, parted: what people said of two records, and of which families they know that these may be the same. unit:
    by record, the one that has a lead of its own with its values.
    """

    pairs: Pairs
    answers: Mapping[tuple[int, int], PairAnswer]
    parted: frozenset[tuple[int, int]]
    cluster: Numbers
    unit: Numbers
    review_at: float
    existing_leads: pa.Table

    @staticmethod
    def of(facts: Facts, config: Config, linkage: Linkage, overrides: OverrideVerdicts) -> _Duplicates | None:
        """None where the config does not look for any."""
        root, count, settings = facts.families.root, len(facts.records), config.leads.duplicates
        if settings is None:
            return None
        own = np.arange(count, dtype=np.int32)
        unit = np.where(facts.families.company == NONE, own, facts.families.company).astype(np.int32)
        pairs = Pairs.of(linkage.duplicate_pairs, facts.records).settled(overrides.pairs, root, unit)
        cluster = pairs.clusters(count, settings.merge_at)
        answers, parted = overrides.pairs, overrides.parted
        return _Duplicates(pairs, answers, parted, cluster, unit, settings.review_at, linkage.existing_leads)

    def weighed(
        self, facts: Facts, rank: Outcomes, said: Mapping[int, Verdict]
    ) -> tuple[dict[int, Verdict], dict[int, DuplicateVerdict]]:
        """What people say with what follows from their `same`, and what families become for duplicates, by root."""
        root = facts.families.root
        people = {**said, **_follow(self.answers, final_decision(facts, rank, said), root)}
        rules = DuplicateRules(self.cluster, self.review_at, self.unit, _exempt(people, root), self.parted)
        return people, _verdicts(facts, rank, people, self.existing_leads, self.pairs, rules)

    def outcome(
        self,
        facts: Facts,
        config: Config,
        people: Mapping[int, Verdict],
        verdicts: Mapping[int, DuplicateVerdict],
        decision: Outcomes,
    ) -> DuplicateOutcome:
        """Which records are one lead in the end."""
        leads = lead_clusters(self.cluster, self.unit, decision == LEAD)
        survivor = survivors_of(leads, facts.records, facts.entries, config.source)
        root = facts.families.root
        same = [sorted((int(root[i]), int(root[j]))) for (i, j), answer in self.answers.items() if answer.same]
        said_same = frozenset((left, right) for left, right in same)
        return DuplicateOutcome(verdicts, survivor, _into(people, decision, survivor[self.unit]), said_same)


def _without_duplicates(facts: Facts) -> DuplicateOutcome:
    return DuplicateOutcome({}, np.arange(len(facts.records), dtype=np.int32), {})


def _exempt(people: Mapping[int, Verdict], root: Numbers) -> Mask:
    """The records that a person has decided as lead whatever they may be the same as: duplicates do not count."""
    leads = [(family, verdict) for family, verdict in people.items() if verdict.decision is Decision.LEAD]
    families = [family for family, verdict in leads if (verdict.hashed and verdict.whole) or verdict.into]
    return np.isin(root, np.array(families, dtype=np.int32))


def _verdicts(
    facts: Facts,
    rank: Outcomes,
    people: Mapping[int, Verdict],
    existing_leads: pa.Table,
    pairs: Pairs,
    rules: DuplicateRules,
) -> dict[int, DuplicateVerdict]:
    """What families become, by root, for leads that exist already and for duplicates among the records."""
    root, records = facts.families.root, facts.records
    staying = final_decision(facts, rank, people) != LEAD
    existing = existing_lead_verdicts(existing_leads, rules.exempt | staying, root, records)
    before = final_decision(facts, rank, people, existing)
    return existing | duplicate_verdicts(pairs, rules, before, root, records)


def _into(people: Mapping[int, Verdict], decision: Outcomes, lead: Numbers) -> dict[int, str]:
    """Record whose lead is added to an existing one -> the id of that lead, as people say. lead: by record."""
    into = {number: lead_id for verdict in people.values() for number, lead_id in verdict.into.items()}
    moving = [number for number in sorted(into, reverse=True) if decision[number] == LEAD]
    return {int(lead[number]): into[number] for number in moving}


def _follow(pairs: Mapping[tuple[int, int], PairAnswer], decision: Outcomes, root: Numbers) -> dict[int, Verdict]:
    """The families that a person calls the same as one that stays, by root: they have its decision."""
    verdicts = {}
    for (left, right), answer in pairs.items():
        for record, other in ((left, right), (right, left)):
            if answer.same and decision[record] == LEAD and decision[other] in (CUSTOMER, KEEP):
                verdicts[int(root[record])] = Verdict(DECISIONS[decision[other]], BY_PERSON, answer.words)
    return verdicts


def weigh_people(
    facts: Facts, rank: Outcomes, overrides: Sequence[Override], datasets: Sequence[Dataset]
) -> tuple[OverrideVerdicts, dict[int, str]]:
    """What people's decisions come to, and the hashes of their families by root.

    rank: as the rules have it. A person's `lead` does not move a family that cannot be moved whole; and without a hash,
    which says what the person saw, it does not outweigh a rule that says customer or keep, nor evidence that cannot be
    read.
    """
    root = facts.families.root
    known = _known(facts.records, [key for o in overrides for key in (o.source_key, o.other) if key])
    roots = {int(root[number]) for number in known.values()}
    hashes = family_hashes(roots, facts.records, facts.families, datasets, facts.hashed_pairs)
    weighed = weigh_overrides(overrides, known, root, hashes)
    verdicts = _what_may_move(facts, rank, weighed.families)
    return replace(weighed, families=verdicts), hashes


def _counted(
    outcome: OverrideOutcome,
    verdicts: Mapping[int, Verdict],
    duplicates: Mapping[int, DuplicateVerdict],
    facts: Facts,
) -> OverrideOutcome:
    """What became of people's decisions, once all that outweighs them is known.

    verdicts: what people decided; duplicates: what families become for theirs. Who says lead of such a family, and not
    of which state of it, has changed nothing.
    """
    root, known = facts.families.root, _known(facts.records, outcome.used)
    by_key = {key: verdicts.get(int(root[known[key]])) if key in known else None for key in outcome.used}
    used = {key for key, verdict in by_key.items() if verdict is None or verdict.rule == BY_PERSON}
    blind = {
        key for key, verdict in by_key.items() if verdict and verdict.decision is Decision.LEAD and not verdict.hashed
    }
    lacking = {key for key in used & blind if int(root[known[key]]) in duplicates}
    return replace(
        outcome,
        used=tuple(key for key in by_key if key in used - lacking),
        without_hash=tuple(key for key in outcome.without_hash if key not in lacking),
        outweighed=tuple(sorted(set(outcome.used) - used)),
        incomplete=tuple(sorted({*outcome.incomplete, *lacking})),
    )


def _what_may_move(facts: Facts, rank: Outcomes, verdicts: Mapping[int, Verdict]) -> dict[int, Verdict]:
    """People's verdicts, with `review` for each family that a person sends to the leads and that must not move."""
    root = facts.families.root
    immovable = ((facts.faults.in_family, REJECTED_MEMBER), (facts.unreadable.history, UNREADABLE_HISTORY))
    reasons = {family: reason for members, reason in immovable for family in root[members].tolist()}
    unread = mask(len(facts.records), facts.unreadable.evidence.numbers)
    doubted = set(root[unread | (rank < REVIEW)].tolist())
    allowed = dict(verdicts)
    for family, verdict in verdicts.items():
        if verdict.decision is Decision.LEAD and family in reasons:
            words = stored("decided as lead by {words}", words=verdict.words)
            allowed[family] = replace(verdict, decision=Decision.REVIEW, rule=reasons[family], words=words)
        elif verdict.decision is Decision.LEAD and not verdict.hashed and family in doubted:
            allowed[family] = replace(verdict, decision=Decision.REVIEW, rule=UNSEEN_EVIDENCE)
    return allowed


def _known(records: Records, keys: Sequence[str]) -> dict[str, int]:
    """The record numbers of those source keys that exist."""
    if not keys:
        return {}
    numbers = records.numbers(pa.array(keys, pa.large_string())).tolist()
    return {key: number for key, number in zip(keys, numbers, strict=True) if number != NONE}
