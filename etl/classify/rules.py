"""Apply the rules to every record, and find the decision of each family."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from etl.classify.conditions import Conditions
from etl.classify.doubtful import doubtful_records
from etl.classify.facts import Facts, mask
from etl.classify.families import Mask
from etl.classify.joins import place_of
from etl.classify.matches import uncertain_matches
from etl.classify.outcomes import LEAD, REVIEW, Outcomes
from etl.classify.reasons import (
    NEAR_MISS,
    RAISED_TO_REVIEW,
    REJECTED_MEMBER,
    UNCERTAIN_MATCH,
    UNREADABLE_EVIDENCE,
)
from etl.classify.record_texts import TEXT, RecordTexts, joined_texts, merged_texts
from etl.classify.records import NONE, Numbers
from etl.classify.settling import pulled, pulls
from etl.config import ColumnCondition, Config, columns_of
from etl.model import STRENGTH, Decision, Fault
from etl.rows import Answer
from etl.rows.conditions import asks_for_empty
from etl.texts import stored

BY_RULE = stored("{told} (rule: {rule})")
"""What nearly meets a rule, and which."""

RuleHolds = npt.NDArray[np.bool_]
"""Which rules hold: by rule and record."""
RulePlaces = npt.NDArray[np.int16]
"""By record, the place of its own rule: among those of the config, then of RAISED_TO_REVIEW."""


@dataclass(frozen=True)
class RuleResults:
    """What the rules say.

    holds: which rules hold, by rule and record. rule: by record, the place of its own rule; own: its own decision.
    decider, rank: by record, the member whose decision is the strongest of the family, and that decision. evidence: by
    family's root, in words.
    nearly: reason -> the records in doubt for it, such as those that a value which nearly meets a rule could make
    anything but a lead; waiting: by record, whether a forgotten one speaks against moving its family.
    """

    holds: RuleHolds
    rule: RulePlaces
    own: Outcomes
    decider: Numbers
    rank: Outcomes
    evidence: RecordTexts
    nearly: Mapping[str, Mask]
    waiting: Mask


def conditions_of(facts: Facts, config: Config) -> Conditions:
    """What evaluates conditions over these records."""
    tests = {test: None for rule in config.classify for test in columns_of(rule.when)}
    known: dict[str, set[str]] = {}
    for test in tests:
        known.setdefault(test.column, set()).update(test.literals if isinstance(test, ColumnCondition) else ())
        known[test.column] |= {""} if asks_for_empty(test) else set()
    return Conditions(
        facts.records,
        facts.entries,
        facts.joins.evidence,
        facts.masters,
        {test: place_of(test, config) for test in tests},
        {column: frozenset(literals) for column, literals in known.items()},
    )


def apply_rules(facts: Facts, config: Config, conditions: Conditions) -> RuleResults:
    """Apply the rules to every record, and find the decision of each family."""
    answers = [conditions.answer(rule.when) for rule in config.classify]
    holds = np.vstack([answer.holds for answer in answers])
    doubts = doubtful_records(facts, config)
    nearly = {reason: mask(len(facts.records), texts.numbers) for reason, texts in doubts.items()}
    nearly[NEAR_MISS] |= undecided_by_near_misses(answers, config)
    waiting = facts.ties.mask(len(facts.records))
    if facts.ties.families:
        alone, _ = own_decisions(holds, config, facts, nearly, waiting)
        rank = strongest_members(alone, facts.families.root)[1]
        waiting = facts.ties.spread(pulled(rank, pulls(facts, alone, rank, {}), facts.families.root))
    own, rule = own_decisions(holds, config, facts, nearly, waiting)
    decider, rank = strongest_members(own, facts.families.root)
    roots = np.flatnonzero(facts.families.root == np.arange(len(rule))).astype(np.int32)
    evidence = _evidence(roots, decider[roots], rule, conditions, facts, config, doubts)
    return RuleResults(holds, rule, own, decider, rank, evidence, nearly, waiting)


def undecided_by_near_misses(answers: Sequence[Answer], config: Config) -> Mask:
    """The records that a value which nearly meets a rule could make something else than a lead: by record.

    Of the rules that hold or could, the first that says something else than lead is looked at: whether it is reached
    before a rule that holds without a doubt.
    """
    settled = np.zeros(len(answers[0].holds), dtype=np.bool_)
    could_stay, doubtful = np.zeros_like(settled), np.zeros_like(settled)
    for rule, answer in zip(config.classify, answers, strict=True):
        doubtful |= answer.open & ~settled
        if rule.as_ != Decision.LEAD.value:
            could_stay |= answer.possible & ~settled
        settled |= answer.sure
    return could_stay & doubtful


def own_decisions(
    holds: RuleHolds, config: Config, facts: Facts, nearly: Mapping[str, Mask], waiting: Mask
) -> tuple[Outcomes, RulePlaces]:
    """Each record's own decision by the first rule that holds, and that rule's place.

    nearly: reason -> the records in doubt for it, in the order of RAISED_TO_REVIEW; waiting: for forgotten records.
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
        *nearly.values(),
        waiting,
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
    roots: Numbers,
    deciders: Numbers,
    rule: RulePlaces,
    conditions: Conditions,
    facts: Facts,
    config: Config,
    doubts: Mapping[str, RecordTexts],
) -> RecordTexts:
    """What made the deciding rule of each family hold, in words, by root; none where nothing is asked.

    roots: of all families; deciders: the deciding member of each. rule: by record.
    """
    uncertain = {**_uncertainties(facts, config), **doubts}
    texts = []
    for place in np.unique(rule[deciders]).tolist():
        decided = rule[deciders] == place
        if place < len(config.classify):
            words = conditions.evidence_for(config.classify[place].when, deciders[decided])
        elif RAISED_TO_REVIEW[place - len(config.classify)] == NEAR_MISS:
            words = joined_texts(
                _near_values(conditions, config, deciders[decided]), doubts[NEAR_MISS].of(deciders[decided])
            )
        else:
            reason = RAISED_TO_REVIEW[place - len(config.classify)]
            words = uncertain.get(reason, RecordTexts.none()).of(deciders[decided])
        told = np.asarray(words.is_valid())
        texts.append(RecordTexts(roots[decided][told], words.drop_null()))
    return merged_texts(texts)


def _near_values(conditions: Conditions, config: Config, members: Numbers) -> pa.LargeStringArray:
    """Which values of some records nearly meet which rule, in words."""
    texts = pa.nulls(len(members), TEXT)
    for rule in config.classify:
        near = conditions.near_values(rule.when, members)
        named = pc.binary_join_element_wise(
            near, pa.scalar(BY_RULE.format(told="", rule=rule.name), TEXT), pa.scalar("", TEXT)
        )
        texts = joined_texts(texts, named)
    return texts


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
