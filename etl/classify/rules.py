"""Apply the rules to every record, and find the decision of each family."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from etl.classify.conditions import Conditions
from etl.classify.facts import Facts, mask
from etl.classify.matches import uncertain_matches
from etl.classify.outcomes import LEAD, REVIEW, Outcomes
from etl.classify.reasons import RAISED_TO_REVIEW, REJECTED_MEMBER, UNCERTAIN_MATCH, UNREADABLE_EVIDENCE
from etl.classify.record_texts import TEXT, RecordTexts, merged_texts
from etl.classify.records import NONE, Numbers
from etl.config import Config
from etl.model import STRENGTH, Decision, Fault

RuleHolds = npt.NDArray[np.bool_]
"""Which rules hold: by rule and record."""
RulePlaces = npt.NDArray[np.int16]
"""By record, the place of its own rule: among those of the config, then of RAISED_TO_REVIEW."""


@dataclass(frozen=True)
class RuleResults:
    """What the rules say.

    holds: which rules hold, by rule and record. rule: by record, the place of its own rule. decider, rank: by record,
    the member whose decision is the strongest of the family, and that decision. evidence: by family's root, in words.
    """

    holds: RuleHolds
    rule: RulePlaces
    decider: Numbers
    rank: Outcomes
    evidence: RecordTexts


def conditions_of(facts: Facts) -> Conditions:
    """What evaluates conditions over these records."""
    return Conditions(facts.records, facts.entries, facts.joins.evidence, facts.masters)


def apply_rules(facts: Facts, config: Config, conditions: Conditions) -> RuleResults:
    """Apply the rules to every record, and find the decision of each family."""
    holds = np.vstack([conditions.holds(rule.when) for rule in config.classify])
    rank, rule = own_decisions(holds, config, facts)
    decider, rank = strongest_members(rank, facts.families.root)
    roots = np.flatnonzero(facts.families.root == np.arange(len(rule))).astype(np.int32)
    evidence = _evidence(roots, decider[roots], rule, conditions, facts, config)
    return RuleResults(holds, rule, decider, rank, evidence)


def own_decisions(holds: RuleHolds, config: Config, facts: Facts) -> tuple[Outcomes, RulePlaces]:
    """Each record's own decision by the first rule that holds, and that rule's place.

    Uncertain facts about a record prevent its family from being moved, but never from being a customer.
    """
    count = len(facts.records)
    rule = holds.argmax(axis=0).astype(np.int16)
    rank = np.asarray([STRENGTH.index(Decision(rule.as_)) for rule in config.classify], dtype=np.int8)[rule]
    uncertainties = (
        mask(count, facts.unreadable.evidence.numbers),
        facts.faults.in_family,
        facts.moved.moved,
        facts.unreadable.history,
        mask(count, uncertain_matches(facts.masters, config).numbers),
    )
    for place, uncertain in enumerate(uncertainties):  # in the order of RAISED_TO_REVIEW
        raised = uncertain & (rank == LEAD)
        rank[raised], rule[raised] = REVIEW, len(config.classify) + place
    return rank, rule


def strongest_members(rank: Outcomes, root: Numbers) -> tuple[Numbers, Outcomes]:
    """The member with the strongest decision of each record's family, the first by source key, and that decision."""
    count = len(rank)
    best = np.full(count, np.iinfo(np.int64).max, dtype=np.int64)
    np.minimum.at(best, root, rank.astype(np.int64) * max(count, 1) + np.arange(count))
    decider = (best[root] % max(count, 1)).astype(np.int32)
    return decider, rank[decider].copy()


def _evidence(
    roots: Numbers, deciders: Numbers, rule: RulePlaces, conditions: Conditions, facts: Facts, config: Config
) -> RecordTexts:
    """What made the deciding rule of each family hold, in words, by root; none where nothing is asked.

    roots: of all families; deciders: the deciding member of each. rule: by record.
    """
    uncertain = _uncertainties(facts, config)
    texts = []
    for place in np.unique(rule[deciders]).tolist():
        decided = rule[deciders] == place
        if place < len(config.classify):
            words = conditions.evidence_for(config.classify[place].when, deciders[decided])
        else:
            reason = RAISED_TO_REVIEW[place - len(config.classify)]
            words = uncertain.get(reason, RecordTexts.none()).of(deciders[decided])
        told = np.asarray(words.is_valid())
        texts.append(RecordTexts(roots[decided][told], words.drop_null()))
    return merged_texts(texts)


def _uncertainties(facts: Facts, config: Config) -> Mapping[str, RecordTexts]:
    """Reason -> what is uncertain about the records, in words."""
    return {
        UNREADABLE_EVIDENCE: facts.unreadable.evidence,
        REJECTED_MEMBER: _fault_texts(facts.faults.faults),
        UNCERTAIN_MATCH: uncertain_matches(facts.masters, config),
    }


def _fault_texts(faults: Sequence[tuple[int, Fault]]) -> RecordTexts:
    keyed = [(number, fault.reason) for number, fault in faults if number != NONE]
    numbers = np.array([number for number, _ in keyed], dtype=np.int32)
    return RecordTexts.first(numbers, pa.array([reason for _, reason in keyed], TEXT))
