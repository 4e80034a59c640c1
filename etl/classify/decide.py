"""Give every legacy record its one decision: rules, evidence, families, people's decisions, what moved before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from etl.classify.conditions import Holding
from etl.classify.evidence import Joined, named_by, prefer
from etl.classify.families import Families, Mask, find_families, leads_of
from etl.classify.joins import (
    all_evidence,
    evidence_pairs,
    figures_of,
    join_all,
    join_parents,
    orphans_of,
    owners_of,
    parents_of,
)
from etl.classify.overrides import Overridden, Override, Verdict, family_hashes, weigh_overrides
from etl.classify.records import NONE, Numbers, Records, fault_of_circle, faults_of_keys, number_records
from etl.classify.words import Words
from etl.config import Config
from etl.model import STRENGTH, Dataset, Decision, Fault
from etl.plan.figures import JoinFigures

DECISIONS = (*STRENGTH, Decision.REJECT, Decision.MOVED_BEFORE)
CUSTOMER, KEEP, REVIEW, LEAD, REJECT, MOVED = range(len(DECISIONS))
UNREADABLE = "its evidence cannot be read"
REJECTED_MEMBER = "a member of its family cannot be processed"
MOVED_IN_PART = "a member of its family moved before"
DOES_NOT_FIT = "a value does not fit the target"
UNSEEN_EVIDENCE = "a person decided without a hash, and there is evidence"
LOST_HISTORY = "a row of its history cannot be read"
OWN_RULES = (UNREADABLE, REJECTED_MEMBER, MOVED_IN_PART, LOST_HISTORY)


@dataclass(frozen=True)
class Decisions:
    """What becomes of each record, by record number.

    decision: a place in DECISIONS. decider: the member whose decision the family has, and rule: that one's, a place in
    `rules`. evidence: of each family's root, in words. verdicts: family's root -> rule and words, where no rule of the
    config decided in the end. held: rule by record. lead: the record whose lead holds the values, or NONE.
    moved: the lead id by record, null for those that did not move before. faults: record number (NONE without a key)
    and fault. owners: related and evidence dataset -> which record each row stands with; orphans: which rows of them
    count and stand with none. hashes: family's root -> hash, of those in review.
    """

    records: Records
    families: Families
    decision: npt.NDArray[np.int8]
    decider: Numbers
    rule: npt.NDArray[np.int16]
    rules: tuple[str, ...]
    evidence: Words
    verdicts: dict[int, tuple[str, str | None]]
    held: npt.NDArray[np.bool_]
    lead: Numbers
    moved: pa.LargeStringArray
    faults: tuple[tuple[int, Fault], ...]
    owners: dict[str, Joined]
    orphans: dict[str, npt.NDArray[np.bool_]]
    joins: tuple[JoinFigures, ...]
    overridden: Overridden
    undecided: int
    hashes: dict[int, str]

    def send_to_review(self, reasons: Mapping[int, str], one_per: str) -> Decisions:
        """Take families back from the leads, by their root: one of their values does not fit the target."""
        taken = np.isin(self.families.root, np.array(list(reasons), dtype=np.int32)) & (self.decision == LEAD)
        decision = np.where(taken, REVIEW, self.decision).astype(np.int8)
        lead = leads_of(one_per, self.families, self.records.type, decision == LEAD)
        verdicts = {**self.verdicts, **{root: (DOES_NOT_FIT, reason) for root, reason in reasons.items()}}
        return replace(self, decision=decision, lead=lead, verdicts=verdicts)

    def why(self, numbers: Numbers) -> tuple[list[str], list[str | None]]:
        """The rule that decided the family of each of these records, and the evidence for it in words."""
        roots = self.families.root[numbers]
        names = [self.rules[place] for place in self.rule[self.decider[numbers]].tolist()]
        words = self.evidence.of(roots).to_pylist()
        for place in np.flatnonzero(np.isin(roots, list(self.verdicts))).tolist():
            names[place], words[place] = self.verdicts[int(roots[place])]
        return names, words


def classify(
    connection: duckdb.DuckDBPyConnection,
    datasets: Sequence[Dataset],
    config: Config,
    overrides: Sequence[Override] = (),
    moved: pa.Table | None = None,
) -> Decisions:
    """Decide on all records of a snapshot.

    datasets: every entry, related and evidence table of the config. moved: columns source_key and lead_id, of those
    that an earlier plan moved. The result depends on the rows' contents, never on their order.
    """
    by_name = {dataset.name: dataset for dataset in datasets}
    entries, rules = config.source.records, config.classify
    records = number_records(connection, datasets, entries)
    families = find_families(records.parent, records.type)
    faults = _all_faults(records, families, datasets, config)
    joins = join_all(connection, by_name, config, records)
    owners, evidence = owners_of(joins), all_evidence(connection, joins, config, records)
    holding = Holding(records, {name: by_name[name] for name in entries}, evidence)
    held = np.vstack([holding.holds(rule.when) for rule in rules])

    faulty = _mask(len(records), [number for number, _ in faults if number != NONE])
    lead_ids = _lead_ids(records, moved)
    gone = np.asarray(lead_ids.is_valid())
    unreadable = _together([found.unreadable for found in evidence.values()])
    parents = join_parents(connection, by_name, config, records)
    orphaned = _mask(len(records), parents_of(connection, parents, records, faulty))
    doubts = (
        _mask(len(records), unreadable.numbers),
        faulty | orphaned,
        gone,
        _mask(len(records), _with_lost_history(connection, owners, config)),
    )
    rank, rule = _own(held, [STRENGTH.index(Decision(r.as_)) for r in rules], doubts)
    decider, family_rank = _strongest(rank, families.root)
    reasons = _reasons(faults)
    said = _evidence_of_families(config, holding, families, decider, rule, unreadable, reasons)
    pairs = evidence_pairs(connection, joins, config)
    known = _known(records, [override.source_key for override in overrides])
    hashes = family_hashes({int(families.root[n]) for n in known.values()}, records, families, datasets, pairs)
    overridden = weigh_overrides(overrides, known, families.root, hashes)
    verdicts = _verdicts(overridden, families.root, faulty | orphaned, family_rank)
    for root, verdict in verdicts.items():
        decider[root], family_rank[root] = root, STRENGTH.index(verdict.decision)
    decider, family_rank = decider[families.root], family_rank[families.root]

    decision = np.where(faulty, REJECT, np.where(gone, MOVED, family_rank)).astype(np.int8)
    open_families = np.unique(families.root[decision == REVIEW]).tolist()
    moving = decision == LEAD
    owners = {
        name: prefer(connection, joined, moving) if name in config.source.related else joined
        for name, joined in owners.items()
    }
    hashes |= family_hashes(set(open_families) - set(hashes), records, families, datasets, pairs)
    by_rules = ~np.isin(families.root, list(overridden.verdicts)) & ~faulty & ~gone
    return Decisions(
        records=records,
        families=families,
        decision=decision,
        decider=decider,
        rule=rule,
        rules=(*(one.name for one in rules), *OWN_RULES),
        evidence=said,
        verdicts={root: (verdict.rule, verdict.words) for root, verdict in verdicts.items()},
        held=held,
        lead=leads_of(config.leads.one_per, families, records.type, moving),
        moved=lead_ids,
        faults=tuple(faults),
        owners=owners,
        orphans=orphans_of(owners, evidence, config),
        joins=figures_of(connection, parents, owners, evidence, config),
        overridden=overridden,
        undecided=int(np.count_nonzero(by_rules & (rule[decider] == len(rules) - 1))),
        hashes=hashes,
    )  # fmt: skip


def _mask(count: int, numbers: Sequence[int] | Numbers) -> Mask:
    mask = np.zeros(count, dtype=np.bool_)
    mask[np.asarray(numbers, dtype=np.int64)] = True
    return mask


def _all_faults(
    records: Records, families: Families, datasets: Sequence[Dataset], config: Config
) -> list[tuple[int, Fault]]:
    """The faults that extract saw, and those that show when all keys are known; by record number, then by code."""
    entries = config.source.records
    damaged = {(dataset.name, fault.row) for dataset in datasets for fault in dataset.faults}
    faults = [
        (number, fault)
        for number, fault in faults_of_keys(records, datasets, entries)
        if fault.code != "missing-key" or (fault.dataset, fault.row) not in damaged
    ]
    for dataset in datasets:
        if dataset.name in entries:
            numbers = records.rows[dataset.name]
            faults += [(NONE if f.row is None else int(numbers[f.row]), f) for f in dataset.faults]
    faults += [(int(number), fault_of_circle(records, int(number))) for number in np.flatnonzero(families.circle)]
    return sorted(faults, key=lambda pair: (pair[0], pair[1].code, pair[1].dataset, pair[1].row or 0))


def _lead_ids(records: Records, moved: pa.Table | None) -> pa.LargeStringArray:
    """The lead id by record number of those that moved before, null for the others."""
    if moved is None or not len(moved):
        return pa.nulls(len(records), pa.large_string())
    keys = moved["source_key"].combine_chunks().cast(pa.large_string())
    places = pc.index_in(records.source_key, value_set=keys)
    return moved["lead_id"].combine_chunks().cast(pa.large_string()).take(places)


def _known(records: Records, keys: Sequence[str]) -> dict[str, int]:
    """The record numbers of those source keys that exist."""
    if not keys:
        return {}
    found = pc.index_in(pa.array(keys, pa.large_string()), value_set=records.source_key).to_pylist()
    return {key: int(number) for key, number in zip(keys, found, strict=True) if number is not None}


def _own(
    held: npt.NDArray[np.bool_], ranks: list[int], doubts: Sequence[Mask]
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int16]]:
    """Each record's own decision by the first rule that holds, and that rule's place; OWN_RULES come after the config.

    doubts: for each of OWN_RULES the records it is about. What is uncertain about a record keeps its family from being
    moved, and never keeps it from being a customer.
    """
    rule = held.argmax(axis=0).astype(np.int16)
    rank = np.asarray(ranks, dtype=np.int8)[rule]
    for number, doubt in enumerate(doubts):
        lifted = doubt & (rank == LEAD)
        rank[lifted], rule[lifted] = REVIEW, len(ranks) + number
    return rank, rule


def _strongest(rank: npt.NDArray[np.int8], root: Numbers) -> tuple[Numbers, npt.NDArray[np.int8]]:
    """The member with the strongest decision of each record's family, the first by source key, and that decision."""
    count = len(rank)
    best = np.full(count, np.iinfo(np.int64).max, dtype=np.int64)
    np.minimum.at(best, root, rank.astype(np.int64) * max(count, 1) + np.arange(count))
    decider = (best[root] % max(count, 1)).astype(np.int32)
    return decider, rank[decider].copy()


def _evidence_of_families(
    config: Config,
    holding: Holding,
    families: Families,
    decider: Numbers,
    rule: npt.NDArray[np.int16],
    unreadable: Words,
    reasons: Words,
) -> Words:
    """What made the deciding rule of each family hold, in words, by the root's number; none where nothing is asked."""
    roots = np.flatnonzero(families.root == np.arange(len(rule))).astype(np.int32)
    members = decider[roots]
    found = []
    for place in np.unique(rule[members]).tolist():
        mine = rule[members] == place
        if place < len(config.classify):
            words = holding.words(config.classify[place].when, members[mine])
        else:
            about = {UNREADABLE: unreadable, REJECTED_MEMBER: reasons}.get(OWN_RULES[place - len(config.classify)])
            words = (about or Words.none()).of(members[mine])
        given = np.asarray(words.is_valid())
        found.append(Words(roots[mine][given], words.drop_null()))
    return _together(found)


def _together(words: Sequence[Words]) -> Words:
    """The texts of all; of a record that has several, the first in the order of texts."""
    some = [one for one in words if len(one.numbers)]
    if not some:
        return Words.none()
    return Words.first(np.concatenate([one.numbers for one in some]), pa.concat_arrays([one.text for one in some]))


def _reasons(faults: Sequence[tuple[int, Fault]]) -> Words:
    keyed = [(number, fault.reason) for number, fault in faults if number != NONE]
    numbers = np.array([number for number, _ in keyed], dtype=np.int32)
    return Words.first(numbers, pa.array([reason for _, reason in keyed], pa.large_string()))


def _with_lost_history(connection: duckdb.DuckDBPyConnection, owners: Mapping[str, Joined], config: Config) -> Numbers:
    """The records that a damaged row of a related table names: moved now, they would leave it behind."""
    found = [named_by(connection, owners[name], owners[name].damaged) for name in config.source.related]
    return np.concatenate(found) if found else np.zeros(0, dtype=np.int32)


def _verdicts(
    overridden: Overridden, roots: Numbers, faulty: Mask, family_rank: npt.NDArray[np.int8]
) -> dict[int, Verdict]:
    """What people's decisions come to, by family's root.

    A person's `lead` does not move a family of which a member cannot be processed; and without a hash, which says what
    the person saw, it does not outweigh a rule that says customer or keep.
    """
    rejected = set(roots[faulty].tolist())
    verdicts = {}
    for root, said in overridden.verdicts.items():
        verdicts[root] = said
        if said.decision is Decision.LEAD and root in rejected:
            verdicts[root] = Verdict(Decision.REVIEW, REJECTED_MEMBER, said.words)
        elif said.decision is Decision.LEAD and not said.hashed and family_rank[root] < REVIEW:
            verdicts[root] = Verdict(Decision.REVIEW, UNSEEN_EVIDENCE, said.words)
    return verdicts
