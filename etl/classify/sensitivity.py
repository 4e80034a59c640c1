"""Show how decisions depend on thresholds: what each rule would decide with a lower or a higher one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from etl.classify.conditions import Conditions
from etl.classify.facts import Facts
from etl.classify.outcomes import CUSTOMER, DECISIONS, KEEP, LEAD, REVIEW, Outcomes
from etl.classify.records import Records
from etl.classify.rules import RuleResults, own_decisions
from etl.config import Config, Matches, matches_of, replaced
from etl.model import THRESHOLDS
from etl.plan.figures import StepFigures

FLIP_SCHEMA = pa.schema(
    [
        ("rule", pa.string()),
        ("at_least", pa.float64()),
        ("source_key", pa.large_string()),
        ("decision", pa.string()),
        ("would_be", pa.string()),
    ]
)
"""A record that a rule would decide differently with another threshold."""


@dataclass(frozen=True)
class Sensitivity:
    """What other thresholds would decide. steps: the counts; flips: the records, columns as in FLIP_SCHEMA."""

    steps: tuple[StepFigures, ...]
    flips: pa.Table


def sensitivity(
    facts: Facts,
    config: Config,
    conditions: Conditions,
    rules: RuleResults,
    decision: Outcomes,
    weigh: Callable[[Outcomes], Outcomes],
) -> Sensitivity:
    """Decide again with every threshold for each probability that a rule asks for, and compare.

    rules: what they say as the config has them. decision: by record, as they decide. weigh: what becomes of
    the records in the end, from each one's own decision by the rules.
    """
    steps = [(step, weigh(step.own)) for step in _steps(facts, config, conditions, rules)]
    flips = [step.flips(facts.records, decision, other) for step, other in steps]
    return Sensitivity(
        steps=tuple(step.figures(decision, other) for step, other in steps),
        flips=pa.concat_tables([FLIP_SCHEMA.empty_table(), *flips]),
    )


@dataclass(frozen=True)
class _Step:
    """A rule with another threshold. own: each record's own decision with it."""

    rule: str
    condition: Matches
    configured: bool
    own: Outcomes

    def figures(self, decision: Outcomes, other: Outcomes) -> StepFigures:
        """Count the outcome. decision, other: by record, as the config has it and with this threshold."""
        counts = np.bincount(other, minlength=len(DECISIONS)).tolist()
        at_least, changed = self.condition.at_least or 0.0, int(np.count_nonzero(decision != other))
        kinds = (counts[CUSTOMER], counts[KEEP], counts[REVIEW], counts[LEAD])
        return StepFigures(self.rule, self.condition.matches, at_least, self.configured, *kinds, changed)

    def flips(self, records: Records, decision: Outcomes, other: Outcomes) -> pa.Table:
        """The records that this threshold would decide otherwise, columns as in FLIP_SCHEMA, by source key."""
        numbers = np.flatnonzero(decision != other)
        names = pa.array([str(name) for name in DECISIONS])
        return pa.table(
            [
                pa.repeat(self.rule, len(numbers)),
                pa.repeat(self.condition.at_least or 0.0, len(numbers)),
                records.source_key.take(numbers),
                names.take(pa.array(decision[numbers])),
                names.take(pa.array(other[numbers])),
            ],
            FLIP_SCHEMA,
        )


def _steps(facts: Facts, config: Config, conditions: Conditions, results: RuleResults) -> Iterator[_Step]:
    """Each rule that asks for a probability, with every threshold."""
    for place, rule in enumerate(config.classify):
        for condition in dict.fromkeys(c for c in matches_of(rule.when) if c.at_least is not None):
            for at_least in sorted({*THRESHOLDS, condition.at_least or 0.0}):
                other = condition.model_copy(update={"at_least": at_least})
                changed = replaced(rule, condition, other)
                rules = (*config.classify[:place], changed, *config.classify[place + 1 :])
                again = results.holds.copy()
                again[place] = conditions.holds(changed.when)
                other_config = config.model_copy(update={"classify": rules})
                own, _ = own_decisions(again, other_config, facts, results.nearly, results.waiting)
                yield _Step(rule.name, other, at_least == condition.at_least, own)
