"""Give every legacy record its one decision: rules, evidence, families, people's decisions, what moved before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from etl.classify.conditions import Holding
from etl.classify.duplicates import DUPLICATE_SCHEMA, EXISTING_SCHEMA, Pairs, Twin, Twinned, grouped
from etl.classify.edited import answered
from etl.classify.evidence import Joined, prefer
from etl.classify.facts import Facts, gather, mask
from etl.classify.families import Families, Mask, leads_of
from etl.classify.hashes import family_digests, family_hashes
from etl.classify.joins import figures_of, orphans_of
from etl.classify.matches import MATCH_SCHEMA, OnMaster, uncertain
from etl.classify.outcomes import CUSTOMER, DECISIONS, KEEP, LEAD, MOVED, REJECT, REVIEW, Outcomes
from etl.classify.overrides import Overridden, Override
from etl.classify.people import LOST_HISTORY, REJECTED_MEMBER, outcome, weigh_people, weigh_twins
from etl.classify.records import NONE, Numbers, Records
from etl.classify.words import Words, together
from etl.config import Config, Matches, matches_of, replaced
from etl.model import STRENGTH, Dataset, Decision, Fault
from etl.plan.figures import JoinFigures, StepFigures

UNREADABLE = "its evidence cannot be read"
MOVED_IN_PART = "a member of its family moved before"
DOES_NOT_FIT = "a value does not fit the target"
NOT_CERTAIN = "its match with a customer is not certain"
STEPS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999)
"""The probabilities for which a report says what they would do."""
FLIP_SCHEMA = pa.schema(
    [
        ("rule", pa.string()),
        ("at_least", pa.float64()),
        ("source_key", pa.large_string()),
        ("decision", pa.string()),
        ("would_be", pa.string()),
    ]
)
"""A record that a rule's step would decide otherwise."""
OWN_RULES = (UNREADABLE, REJECTED_MEMBER, MOVED_IN_PART, LOST_HISTORY, NOT_CERTAIN)


@dataclass(frozen=True)
class Decisions:
    """What becomes of each record, by record number.

    decision: a place in DECISIONS. decider: the member whose decision the family has, and rule: that one's, a place in
    `rules`. evidence: of each family's root, in words. verdicts: family's root -> rule and words, where no rule of the
    config decided in the end. held: rule by record. lead: the record whose lead holds the values, or NONE.
    moved: the lead id by record, null for those that did not move before. faults: record number (NONE without a key)
    and fault. owners: related and evidence dataset -> which record each row stands with; orphans: which rows of them
    count and stand with none. masters: what each says; steps: what other probabilities would do, and flips: with which
    records, columns as in FLIP_SCHEMA. group: the least root
    of the families that share history, or a lead, with the record's. best: of a record with a lead of its own the one
    whose lead it is, itself but for duplicates. twinned: family's root -> which records it may be the same as.
    into: record whose lead goes into one that is there already -> the id of that one.
    elsewhere: of families that move, by root, the digests of the customers' rows that their hash is over. hashes:
    family's root -> hash, of those in review and of those of the records they may be the same as.
    """

    records: Records
    families: Families
    decision: Outcomes
    decider: Numbers
    rule: npt.NDArray[np.int16]
    rules: tuple[str, ...]
    evidence: Words
    verdicts: Mapping[int, tuple[str, str]]
    held: npt.NDArray[np.bool_]
    lead: Numbers
    moved: pa.LargeStringArray
    faults: tuple[tuple[int, Fault], ...]
    owners: dict[str, Joined]
    orphans: dict[str, npt.NDArray[np.bool_]]
    joins: tuple[JoinFigures, ...]
    overridden: Overridden
    group: Numbers
    best: Numbers
    twinned: dict[int, Twinned]
    into: dict[int, str]
    edits: pa.LargeStringArray
    masters: dict[str, OnMaster]
    steps: tuple[StepFigures, ...]
    flips: pa.Table
    elsewhere: dict[int, list[bytes]]
    hashes: dict[int, str]

    @property
    def edited(self) -> Mask:
        """The records that were edited after they moved, and wait for a person."""
        found: Mask = np.asarray(self.edits.is_valid()) & (self.decision == REVIEW)
        return found

    @property
    def undecided(self) -> int:
        """How many records the last rule of the config decided, which asks nothing."""
        last = self.rule[self.decider] == len(self.rules) - len(OWN_RULES) - 1
        own = self.edited | np.isin(self.decision, (REJECT, MOVED)) | np.isin(self.families.root, list(self.verdicts))
        return int(np.count_nonzero(last & ~own))

    @property
    def merged(self) -> tuple[int, int]:
        """How many leads hold what would have been several, and how many those would have been."""
        own = leads_of("company", self.families, self.records.type, self.decision == LEAD)
        parts = np.unique(own[own != NONE])
        _, sizes = np.unique(self.best[parts], return_counts=True)
        return int(np.count_nonzero(sizes > 1)), int(sizes[sizes > 1].sum())

    def send_to_review(self, reasons: Mapping[int, str], hashes: Mapping[int, str], one_per: str) -> Decisions:
        """Take families back from the leads, by their root: one of their values does not fit the target.

        reasons: in words; hashes: of what people will look at.
        """
        taken = np.isin(self.families.root, np.array(list(reasons), dtype=np.int32)) & (self.decision == LEAD)
        decision = np.where(taken, REVIEW, self.decision).astype(np.int8)
        lead = _one_lead(leads_of(one_per, self.families, self.records.type, decision == LEAD), self.best)
        verdicts = {**self.verdicts, **{root: (DOES_NOT_FIT, reason) for root, reason in reasons.items()}}
        return replace(self, decision=decision, lead=lead, verdicts=verdicts, hashes={**self.hashes, **hashes})

    def twins(self, family: int) -> tuple[Twin, ...]:
        """The records that a family in review, by its root, may be the same as, where it is in review for them."""
        found = self.twinned.get(family)
        return found.twins if found and self.verdicts[family][0] == found.rule else ()

    def why(self, numbers: Numbers) -> tuple[list[str], list[str | None]]:
        """The rule that decided the family of each of these records, and the evidence for it in words."""
        roots = self.families.root[numbers]
        names = [self.rules[place] for place in self.rule[self.decider[numbers]].tolist()]
        words = self.evidence.of(roots).to_pylist()
        for place in np.flatnonzero(np.isin(roots, list(self.verdicts))).tolist():
            names[place], words[place] = self.verdicts[int(roots[place])]
        return names, words


@dataclass(frozen=True)
class Found:
    """Who is who, as matching sees it. matches: on the masters, columns as in MATCH_SCHEMA; pairs: of records that may
    be one, as in DUPLICATE_SCHEMA; existing: records that may be in the pipeline already, as in EXISTING_SCHEMA."""

    matches: pa.Table
    pairs: pa.Table
    existing: pa.Table


NOTHING_FOUND = Found(MATCH_SCHEMA.empty_table(), DUPLICATE_SCHEMA.empty_table(), EXISTING_SCHEMA.empty_table())


def classify(
    connection: duckdb.DuckDBPyConnection,
    datasets: Sequence[Dataset],
    config: Config,
    overrides: Sequence[Override] = (),
    moved: pa.Table | None = None,
    found: Found = NOTHING_FOUND,
) -> Decisions:
    """Decide on all records of a snapshot.

    datasets: every entry, related and evidence table of the config, and the masters. moved: columns source_key,
    lead_id and perhaps edited, of those that an earlier plan moved. found: who is who, as matching sees it.
    The result depends on the rows' contents, never on their order.
    """
    seen = answered(moved, overrides)
    facts = gather(connection, datasets, config, seen.moved, found.matches)
    records, families, root = facts.records, facts.families, facts.families.root
    ruled, steps = _rule(facts, config)
    overridden, verdicts, hashes = weigh_people(facts, ruled.rank, seen.others, datasets)
    overridden = seen.added_to(overridden)
    twins = weigh_twins(facts, config, Pairs.of(found.pairs, records), found.existing, ruled.rank, overridden, verdicts)
    decision, moving = twins.decision, twins.decision == LEAD
    decider = ruled.decider.copy()
    outweighed = [*twins.verdicts, *twins.found]
    decider[outweighed] = outweighed
    owners = {
        name: prefer(connection, joined, moving) if name in config.source.related else joined
        for name, joined in facts.owners.items()
    }
    stepped = [(step, outcome(facts, step.rank, twins.verdicts, twins.found)) for step in steps]
    waiting = (set(np.unique(root[(decision == REVIEW) & ~facts.edited]).tolist()) | twins.roots(root)) - set(hashes)
    return Decisions(
        records=records,
        families=families,
        decision=decision,
        decider=decider[root],
        rule=ruled.rule,
        rules=(*(one.name for one in config.classify), *OWN_RULES),
        evidence=ruled.evidence,
        verdicts={family: (said.rule, said.words) for family, said in twins.verdicts.items()}
        | {family: (one.rule, one.twins[0].words) for family, one in twins.found.items()},
        held=ruled.held,
        lead=_one_lead(leads_of(config.leads.one_per, families, records.type, moving), twins.best),
        moved=facts.lead_ids,
        edits=facts.edits,
        faults=facts.faults,
        owners=owners,
        orphans=orphans_of(owners, facts.evidence, config),
        joins=figures_of(connection, facts.parents, owners, facts.evidence, config),
        overridden=overridden,
        group=grouped(facts.group, root, twins.best),
        best=twins.best,
        twinned=twins.found,
        into=twins.into,
        masters=facts.masters,
        steps=tuple(step.figures(decision, then) for step, then in stepped),
        flips=pa.concat_tables(
            [FLIP_SCHEMA.empty_table(), *(step.flips(records, decision, then) for step, then in stepped)]
        ),
        elsewhere=_elsewhere(facts, moving, datasets),
        hashes=hashes | family_hashes(waiting, records, families, datasets, facts.pairs),
    )


def _one_lead(lead: Numbers, best: Numbers) -> Numbers:
    """The record whose lead holds each record's values, where duplicates are one lead."""
    return np.where(lead == NONE, NONE, best[lead]).astype(np.int32)


def _elsewhere(facts: Facts, moving: Mask, datasets: Sequence[Dataset]) -> dict[int, list[bytes]]:
    """What the hashes of families that move are over, of what stands on the masters."""
    matched = {name: facts.pairs[name] for name in facts.masters}
    roots = {int(one) for _, numbers in matched.values() for one in facts.families.root[numbers[moving[numbers]]]}
    return family_digests(roots, facts.records, facts.families, [d for d in datasets if d.name in matched], matched)


@dataclass(frozen=True)
class _Ruled:
    """What the rules say.

    held: which rules held, by rule and record. rule: by record, the place of its own rule. decider, rank: by record,
    the member whose decision is the strongest of the family, and that decision. evidence: by family's root, in words.
    """

    held: npt.NDArray[np.bool_]
    rule: npt.NDArray[np.int16]
    decider: Numbers
    rank: Outcomes
    evidence: Words


@dataclass(frozen=True)
class _Step:
    """A rule with another probability. rank: by record, the strongest decision of its family with it."""

    rule: str
    condition: Matches
    now: bool
    rank: Outcomes

    def figures(self, now: Outcomes, then: Outcomes) -> StepFigures:
        """Count the outcome. now, then: by record, as the config has it and with this step."""
        counts = np.bincount(then, minlength=len(DECISIONS)).tolist()
        at_least, changed = self.condition.at_least or 0.0, int(np.count_nonzero(now != then))
        kinds = (counts[CUSTOMER], counts[KEEP], counts[REVIEW], counts[LEAD])
        return StepFigures(self.rule, self.condition.matches, at_least, self.now, *kinds, changed)

    def flips(self, records: Records, now: Outcomes, then: Outcomes) -> pa.Table:
        """The records that this step would decide otherwise, columns as in FLIP_SCHEMA, by source key."""
        numbers = np.flatnonzero(now != then)
        names = pa.array([str(one) for one in DECISIONS])
        return pa.table(
            [
                pa.repeat(self.rule, len(numbers)),
                pa.repeat(self.condition.at_least or 0.0, len(numbers)),
                records.source_key.take(numbers),
                names.take(pa.array(now[numbers])),
                names.take(pa.array(then[numbers])),
            ],
            FLIP_SCHEMA,
        )


def _rule(facts: Facts, config: Config) -> tuple[_Ruled, list[_Step]]:
    """Ask the rules of every record, and bring what they say to families; once more for each step of a probability."""
    holding = Holding(facts.records, facts.entries, facts.evidence, facts.masters)
    held = np.vstack([holding.holds(rule.when) for rule in config.classify])
    rank, rule = _own(held, config, facts)
    decider, rank = _strongest(rank, facts.families.root)
    about = {
        UNREADABLE: facts.unreadable,
        REJECTED_MEMBER: _reasons(facts.faults),
        NOT_CERTAIN: uncertain(facts.masters, config),
    }
    words = _evidence_of_families(config, holding, facts, decider, rule, about)
    return _Ruled(held, rule, decider, rank, words), list(_steps(facts, config, holding, held))


def _steps(facts: Facts, config: Config, holding: Holding, held: npt.NDArray[np.bool_]) -> Iterator[_Step]:
    """Decide again with every step of each probability that a rule asks for."""
    for place, rule in enumerate(config.classify):
        for condition in dict.fromkeys(one for one in matches_of(rule.when) if one.at_least is not None):
            for at_least in sorted({*STEPS, condition.at_least or 0.0}):
                other = condition.model_copy(update={"at_least": at_least})
                changed = replaced(rule, condition, other)
                rules = (*config.classify[:place], changed, *config.classify[place + 1 :])
                again = held.copy()
                again[place] = holding.holds(changed.when)
                rank, _ = _own(again, config.model_copy(update={"classify": rules}), facts)
                rank = _strongest(rank, facts.families.root)[1]
                yield _Step(rule.name, other, at_least == condition.at_least, rank)


def _own(held: npt.NDArray[np.bool_], config: Config, facts: Facts) -> tuple[Outcomes, npt.NDArray[np.int16]]:
    """Each record's own decision by the first rule that holds, and that rule's place; OWN_RULES come after the config.

    What is uncertain about a record keeps its family from being moved, and never keeps it from being a customer.
    """
    count = len(facts.records)
    unreadable, not_certain = (mask(count, one.numbers) for one in (facts.unreadable, uncertain(facts.masters, config)))
    rule = held.argmax(axis=0).astype(np.int16)
    rank = np.asarray([STRENGTH.index(Decision(one.as_)) for one in config.classify], dtype=np.int8)[rule]
    for number, doubt in enumerate((unreadable, facts.stuck, facts.gone, facts.lost_history, not_certain)):
        lifted = doubt & (rank == LEAD)
        rank[lifted], rule[lifted] = REVIEW, len(config.classify) + number
    return rank, rule


def _strongest(rank: Outcomes, root: Numbers) -> tuple[Numbers, Outcomes]:
    """The member with the strongest decision of each record's family, the first by source key, and that decision."""
    count = len(rank)
    best = np.full(count, np.iinfo(np.int64).max, dtype=np.int64)
    np.minimum.at(best, root, rank.astype(np.int64) * max(count, 1) + np.arange(count))
    decider = (best[root] % max(count, 1)).astype(np.int32)
    return decider, rank[decider].copy()


def _evidence_of_families(
    config: Config,
    holding: Holding,
    facts: Facts,
    decider: Numbers,
    rule: npt.NDArray[np.int16],
    about: Mapping[str, Words],
) -> Words:
    """What made the deciding rule of each family hold, in words, by the root's number; none where nothing is asked.

    about: one of OWN_RULES -> its words, by record.
    """
    roots = np.flatnonzero(facts.families.root == np.arange(len(rule))).astype(np.int32)
    members = decider[roots]
    found = []
    for place in np.unique(rule[members]).tolist():
        mine = rule[members] == place
        if place < len(config.classify):
            words = holding.words(config.classify[place].when, members[mine])
        else:
            words = about.get(OWN_RULES[place - len(config.classify)], Words.none()).of(members[mine])
        given = np.asarray(words.is_valid())
        found.append(Words(roots[mine][given], words.drop_null()))
    return together(found)


def _reasons(faults: Sequence[tuple[int, Fault]]) -> Words:
    keyed = [(number, fault.reason) for number, fault in faults if number != NONE]
    numbers = np.array([number for number, _ in keyed], dtype=np.int32)
    return Words.first(numbers, pa.array([reason for _, reason in keyed], pa.large_string()))
