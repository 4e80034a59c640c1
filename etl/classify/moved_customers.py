"""Which of the records that moved before a rule makes customers now, and in what words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from etl.classify.conditions import Conditions
from etl.classify.facts import Facts
from etl.classify.hashes import family_hashes
from etl.classify.moved_before import MovedBefore
from etl.classify.outcomes import CUSTOMER
from etl.classify.overrides import Override
from etl.classify.record_texts import TEXT
from etl.classify.records import NONE
from etl.classify.rules import RuleResults
from etl.config import Config
from etl.errors import excerpt
from etl.model import Dataset, Decision
from etl.texts import stored


def with_customers(
    facts: Facts,
    rules: RuleResults,
    conditions: Conditions,
    config: Config,
    overrides: Sequence[Override],
    datasets: Sequence[Dataset],
) -> MovedBefore:
    """What moved before; those wait for a person, too, that a rule of the config makes customers now.

    These are the records for which such a rule holds, and the heads of families in which it holds for a record that
    did not move. overrides: who is a lead in the words of a person who saw the same evidence does not wait.
    """
    decider = _customers(facts, rules)
    root = facts.families.root
    hashes = family_hashes({int(root[n]) for n in decider}, facts.records, facts.families, datasets, facts.hashed_pairs)
    judged = _judged(overrides, facts, hashes)
    waiting = {n: by for n, by in decider.items() if int(root[n]) not in judged}
    words = _words(waiting, facts, rules, conditions, config)
    return facts.moved.with_customers(words, {n: hashes[int(root[n])] for n in words})


def _judged(overrides: Sequence[Override], facts: Facts, hashes: Mapping[int, str]) -> set[int]:
    """The families, by root, that a person who saw what they are now calls leads. hashes: root -> hash now."""
    leads = [(key, o.hashes) for o in overrides if o.decision is Decision.LEAD for key in o.decides]
    numbers = facts.records.numbers(pa.array([key for key, _ in leads], TEXT)).tolist()
    saw = [(int(facts.families.root[n]), hashed) for n, (_, hashed) in zip(numbers, leads, strict=True) if n != NONE]
    return {family for family, hashed in saw if hashes.get(family) in hashed}


def _customers(facts: Facts, rules: RuleResults) -> dict[int, int]:
    """The moved records that are customers now -> the record for which the rule holds."""
    own, moved, decider = rules.own == CUSTOMER, facts.moved.moved, rules.decider
    heads = (facts.families.root == np.arange(len(own))) & (rules.rank == CUSTOMER) & ~own
    heads &= own[decider] & ~moved[decider]
    by_itself = np.flatnonzero(moved & own & ~facts.faults.faulty).tolist()
    by_another = np.flatnonzero(moved & heads & ~facts.faults.faulty).tolist()
    return {number: number for number in by_itself} | {number: int(decider[number]) for number in by_another}


def _words(
    decider: dict[int, int], facts: Facts, rules: RuleResults, conditions: Conditions, config: Config
) -> dict[int, str]:
    """Why each of these records is a customer now. decider: record -> the one for which the rule holds."""
    words: dict[int, str] = {}
    for place, rule in enumerate(config.classify):
        numbers = [number for number, by in decider.items() if rules.rule[by] == place]
        deciders = np.array([decider[number] for number in numbers], dtype=np.int32)
        evidence = conditions.evidence_for(rule.when, deciders).to_pylist()
        for number, why in zip(numbers, evidence, strict=True):
            said = stored("the rule {quoted} now makes it a customer", quoted=repr(excerpt(rule.name)))
            by = None if decider[number] == number else facts.records.name(decider[number])
            edited = stored("it was edited since, too") if facts.moved.waiting[number] else None
            words[number] = "; ".join(part for part in (said, by, why, edited) if part)
    return words
