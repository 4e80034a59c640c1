"""What each rule says to the records of one family, and what the family would be if a rule did not hold."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import numpy as np

from etl.classify.conditions import Conditions
from etl.classify.facts import Facts, gather_facts
from etl.classify.linkage import Linkage
from etl.classify.outcomes import DECISIONS, LEAD
from etl.classify.records import Numbers
from etl.classify.rules import RuleResults, apply_rules, conditions_of, own_decisions, strongest_members
from etl.classify.ties import NO_TIES
from etl.config import Condition, Config
from etl.model import Dataset
from etl.plan.explanation import FamilyRules, RuleSaid, Said, Without


def family_rules(
    connection: duckdb.DuckDBPyConnection, datasets: Sequence[Dataset], config: Config, linkage: Linkage, key: str
) -> FamilyRules:
    """Ask the rules about one family alone, as a plan asks them about all.

    datasets: every entry, related and evidence table of the config, with all rows that name a member. linkage: of the
    members. key: the source key of one of them.
    """
    facts = gather_facts(connection, datasets, config, None, linkage.matches, NO_TIES)
    conditions = conditions_of(facts, config)
    results = apply_rules(facts, config, conditions)
    root = int(facts.families.root[facts.records.number(key)])
    members = np.flatnonzero(facts.families.root == root).astype(np.int32)
    rules = [RuleSaid(r.name, r.as_, tuple(_said(conditions, r.when, facts, members))) for r in config.classify]
    return FamilyRules(tuple(rules), tuple(_without(facts, config, results, root)))


def _said(conditions: Conditions, when: Condition | None, facts: Facts, members: Numbers) -> list[Said]:
    answer = conditions.answer(when)
    holds, nearly = members[answer.holds[members]], members[answer.open[members] & ~answer.holds[members]]
    words = conditions.evidence_for(when, holds).to_pylist()
    near = conditions.near_values(when, nearly).to_pylist()
    return [
        *(Said(facts.records.name(n), "holds", text) for n, text in zip(holds.tolist(), words, strict=True)),
        *(Said(facts.records.name(n), "open", text) for n, text in zip(nearly.tolist(), near, strict=True)),
    ]


def _without(facts: Facts, config: Config, results: RuleResults, root: int) -> list[Without]:
    holds, steps = results.holds.copy(), list[Without]()

    def decided() -> tuple[int, int, int]:
        """The family's member that decides it, by which rule, and how."""
        own, rule = own_decisions(holds, config, facts, results.nearly, results.waiting)
        decider, rank = strongest_members(own, facts.families.root)
        by = int(decider[root])
        return by, int(rule[by]), int(rank[root])

    by, place, rank = decided()
    while rank != LEAD and place < len(config.classify) - 1:
        holds[place] = False
        member, name, was = facts.records.name(by), config.classify[place].name, DECISIONS[rank]
        by, place, rank = decided()
        steps.append(Without(name, member, was.value, DECISIONS[rank].value))
    return steps
