"""What was decided: the outcome of each record, the reasons, what moved before, duplicates, and hashes of families."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from etl.classify.duplicates import Duplicate
from etl.classify.families import Families, Mask, leads_of
from etl.classify.matches import MasterMatches
from etl.classify.moved_before import MovedBefore
from etl.classify.outcomes import LEAD, MOVED, REJECT, REVIEW, Outcomes
from etl.classify.reasons import RAISED_TO_REVIEW, UNFIT_VALUE
from etl.classify.record_texts import RecordTexts
from etl.classify.records import NONE, Numbers, Records
from etl.classify.rules import RuleHolds, RulePlaces
from etl.classify.weighing import DuplicateOutcome
from etl.model import Fault


@dataclass(frozen=True)
class Outcome:
    """What becomes of each record, by record number.

    decision: a place in DECISIONS. lead: the record whose lead holds the values, or NONE. group: the least root of the
    families that share history, or a lead, with the record's: they move together or not at all.
    """

    decision: Outcomes
    lead: Numbers
    group: Numbers


@dataclass(frozen=True)
class Reasons:
    """Why families were decided as they are.

    decider: by record, the member whose decision the family has. rule: by record, the place of its own rule in
    `rule_names`; holds: which rules hold, by rule and record. evidence: of each family's root, in words; masters: the
    matches with each. verdicts: family's root -> reason and words, where no rule of the config decided in the end.
    asked_again: family's root -> for which reason people have to decide once more, and the lines for which they do.
    """

    decider: Numbers
    rule: RulePlaces
    rule_names: tuple[str, ...]
    holds: RuleHolds
    evidence: RecordTexts
    masters: Mapping[str, MasterMatches]
    verdicts: Mapping[int, tuple[str, str]]
    asked_again: Mapping[int, tuple[str, tuple[tuple[str, str], ...]]]

    def of(self, numbers: Numbers, roots: Numbers) -> tuple[list[str], list[str | None]]:
        """The rule that decided the family of each of some records, and the evidence for it in words.

        roots: of these records' families.
        """
        names = [self.rule_names[place] for place in self.rule[self.decider[numbers]].tolist()]
        words = self.evidence.of(roots).to_pylist()
        for place in np.flatnonzero(np.isin(roots, list(self.verdicts))).tolist():
            names[place], words[place] = self.verdicts[int(roots[place])]
        return names, words

    @property
    def by_last_rule(self) -> Mask:
        """The records whose family only the last rule of the config would decide; it has no condition."""
        last = len(self.rule_names) - len(RAISED_TO_REVIEW) - 1
        decided: Mask = self.rule[self.decider] == last
        return decided


@dataclass(frozen=True)
class FamilyHashes:
    """The hashes that show whether a family has changed, by root.

    hashes: of families in review, and of those of the records they may be the same as. customer_rows: of families that
    move, the digests of the customers' rows on masters that their hash is over, too.
    """

    hashes: Mapping[int, str]
    customer_rows: Mapping[int, list[bytes]]


@dataclass(frozen=True)
class Decisions:
    """What becomes of each record, and why. faults: record number (NONE without a key) and fault."""

    records: Records
    families: Families
    faults: tuple[tuple[int, Fault], ...]
    outcome: Outcome
    reasons: Reasons
    moved: MovedBefore
    duplicates: DuplicateOutcome
    hashes: FamilyHashes

    @property
    def waiting(self) -> Mask:
        """The records that moved before and wait for a person: edited since, or customers now."""
        waiting: Mask = self.moved.waiting & (self.outcome.decision == REVIEW)
        return waiting

    @property
    def undecided(self) -> int:
        """How many records only the last rule of the config decided; it has no condition."""
        decision, root = self.outcome.decision, self.families.root
        otherwise = self.waiting | np.isin(decision, (REJECT, MOVED)) | np.isin(root, list(self.reasons.verdicts))
        return int(np.count_nonzero(self.reasons.by_last_rule & ~otherwise))

    @property
    def merged_leads(self) -> tuple[int, int]:
        """How many leads combine duplicates, and how many leads there would be without combining them."""
        lead = leads_of("company", self.families, self.records.type, self.outcome.decision == LEAD)
        parts = np.unique(lead[lead != NONE])
        _, sizes = np.unique(self.duplicates.survivor[parts], return_counts=True)
        return int(np.count_nonzero(sizes > 1)), int(sizes[sizes > 1].sum())

    def send_to_review(self, reasons: Mapping[int, str], hashes: Mapping[int, str], one_per: str) -> Decisions:
        """Send families to review, by their root, because one of their values does not fit the target.

        reasons: in words; hashes: of what people will look at.
        """
        before = self.outcome.decision
        taken = np.isin(self.families.root, np.array(list(reasons), dtype=np.int32)) & (before == LEAD)
        decision = np.where(taken, REVIEW, before).astype(np.int8)
        lead = lead_of_each(leads_of(one_per, self.families, self.records.type, decision == LEAD), self.duplicates)
        verdicts = {**self.reasons.verdicts, **{root: (UNFIT_VALUE, words) for root, words in reasons.items()}}
        return replace(
            self,
            outcome=replace(self.outcome, decision=decision, lead=lead),
            reasons=replace(self.reasons, verdicts=verdicts),
            hashes=replace(self.hashes, hashes={**self.hashes.hashes, **hashes}),
        )

    def asked_again(self, family: int) -> tuple[tuple[str, str], ...]:
        """Of each line of a person for which a family is in review, its record that it names, and the other one."""
        rule, lines = self.reasons.asked_again.get(family, (None, ()))
        return lines if rule is not None and self.reasons.verdicts[family][0] == rule else ()

    def duplicates_of(self, family: int) -> tuple[Duplicate, ...]:
        """The records that a family in review, by its root, may be the same as, where it is in review for them."""
        verdict = self.duplicates.verdicts.get(family)
        return verdict.duplicates if verdict and self.reasons.verdicts[family][0] == verdict.rule else ()

    def why(self, numbers: Numbers) -> tuple[list[str], list[str | None]]:
        """The rule that decided the family of each of these records, and the evidence for it in words."""
        return self.reasons.of(numbers, self.families.root[numbers])


def lead_of_each(lead: Numbers, duplicates: DuplicateOutcome) -> Numbers:
    """The record whose lead holds each record's values, where duplicates are one lead. lead: where they are not."""
    return np.where(lead == NONE, NONE, duplicates.survivor[lead]).astype(np.int32)
