"""Give every legacy record its one decision: rules, evidence, families, people's decisions, what moved before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from etl.classify.decisions import Decisions, FamilyHashes, Outcome, Reasons, lead_of_each
from etl.classify.facts import Facts, gather_facts
from etl.classify.families import Mask, leads_of
from etl.classify.hashes import family_digests, family_hashes
from etl.classify.join import Joined, prefer_owners
from etl.classify.join_figures import join_figures
from etl.classify.joins import orphans_of
from etl.classify.linkage import NO_LINKAGE, Linkage
from etl.classify.literals import literal_figures
from etl.classify.merging import chunk_groups
from etl.classify.moved_before import answer_moved, parted
from etl.classify.moved_customers import with_customers
from etl.classify.opted_out import further_rows, held_addresses, opted_out_addresses, rows_opted_out
from etl.classify.outcomes import LEAD, REVIEW
from etl.classify.override_verdicts import OverrideOutcome
from etl.classify.overrides import Override
from etl.classify.reasons import RAISED_TO_REVIEW
from etl.classify.rules import RuleResults, apply_rules, conditions_of, strongest_members
from etl.classify.sensitivity import Sensitivity, sensitivity
from etl.classify.ties import NO_TIES, Ties
from etl.classify.weighing import Weighed, outcome_of, weigh, weigh_people
from etl.config import Config
from etl.matching.addresses import Addresses
from etl.model import Dataset, Decision
from etl.plan.figures import JoinFigures, LiteralFigures


@dataclass(frozen=True)
class RowOwners:
    """Which record each row of another table belongs to.

    owners: related and evidence dataset -> its final join; orphans: the rows of each that count and belong to no
    record; figures: how many rows of each table belong to a record.
    """

    owners: Mapping[str, Joined]
    orphans: Mapping[str, Mask]
    figures: tuple[JoinFigures, ...]


@dataclass(frozen=True)
class Classification:
    """The result of classifying all records. literals: how the values that the config names met the data; opted_out:
    the addresses of those who must not be contacted; forgotten_out: those of them with which forgotten records opted
    out, or rows that are left out, and which others have. rows_out: how many records, and rows of joined tables that
    they do not take, say that they opted out."""

    decisions: Decisions
    rows: RowOwners
    overrides: OverrideOutcome
    sensitivity: Sensitivity
    literals: tuple[LiteralFigures, ...]
    opted_out: Addresses
    forgotten_out: Addresses
    rows_out: int


def classify(
    connection: duckdb.DuckDBPyConnection,
    datasets: Sequence[Dataset],
    config: Config,
    overrides: Sequence[Override] = (),
    moved: pa.Table | None = None,
    linkage: Linkage = NO_LINKAGE,
    ties: Ties = NO_TIES,
) -> Classification:
    """Decide on all records of a snapshot.

    datasets: every entry, related and evidence table of the config, and the masters. moved: columns source_key,
    lead_id and perhaps edited, of those that an earlier plan moved. linkage: who is who, as matching sees it.
    ties: what forgotten records leave behind, which are in none of the datasets.
    The result depends on the rows' contents, never on their order.
    """
    about_moved, others = parted(overrides)
    facts = gather_facts(connection, datasets, config, moved, linkage.matches, ties)
    conditions = conditions_of(facts, config)
    rules = apply_rules(facts, config, conditions)
    before = with_customers(facts, rules, conditions, config, others, datasets)
    answers = answer_moved(before, about_moved, facts.records, moved)
    facts = replace(facts, moved=answers.moved)
    people, hashes = weigh_people(facts, rules.rank, others, datasets)
    weighed = weigh(facts, config, linkage, rules, people)
    further = further_rows(facts.joins.owners, config)
    opted_out = opted_out_addresses(facts.consent, facts.records, facts.families.company, config)
    forgotten = ties.met or held_addresses(ties.opted_out, facts.entries, further, config)
    return Classification(
        decisions=Decisions(
            records=facts.records,
            families=facts.families,
            faults=facts.faults.faults,
            outcome=_outcome(facts, weighed, config),
            reasons=_reasons(facts, rules, weighed, config),
            moved=facts.moved,
            duplicates=weighed.duplicates,
            hashes=_hashes(facts, weighed, datasets, hashes),
        ),
        rows=_row_owners(connection, facts, weighed.decision == LEAD, config),
        overrides=answers.added_to(weighed.overrides),
        sensitivity=sensitivity(
            facts,
            config,
            conditions,
            rules,
            weighed.decision,
            lambda own: outcome_of(facts, own, strongest_members(own, facts.families.root)[1], weighed),
        ),
        literals=literal_figures(facts, config, conditions),
        opted_out=Addresses.of([opted_out.keys, forgotten.keys]),
        forgotten_out=forgotten,
        rows_out=rows_opted_out(facts.consent),
    )


def _outcome(facts: Facts, weighed: Weighed, config: Config) -> Outcome:
    """Which lead each record goes into, and which families move together."""
    moving, duplicates = weighed.decision == LEAD, weighed.duplicates
    lead = leads_of(config.leads.one_per, facts.families, facts.records.type, moving)
    group = chunk_groups(facts.joins.group, facts.families.root, duplicates.survivor, facts.bonds, moving)
    return Outcome(weighed.decision, lead_of_each(lead, duplicates), group)


def _reasons(facts: Facts, rules: RuleResults, weighed: Weighed, config: Config) -> Reasons:
    """Why each family was decided as it is: by a rule, by a person, for a duplicate, or for a record it is bound to."""
    duplicates = weighed.duplicates.verdicts
    outweighing = {family: (verdict.rule, verdict.words) for family, verdict in weighed.people.items()}
    outweighing |= {family: (verdict.rule, verdict.duplicates[0].words) for family, verdict in duplicates.items()}
    verdicts = {family: (pull.rule, pull.words) for family, pull in weighed.pulls.items()} | outweighing
    decider = rules.decider.copy()
    decider[list(weighed.pulls)] = [pull.member for pull in weighed.pulls.values()]
    decider[list(outweighing)] = list(outweighing)
    return Reasons(
        decider=decider[facts.families.root],
        rule=rules.rule,
        rule_names=(*(rule.name for rule in config.classify), *RAISED_TO_REVIEW),
        holds=rules.holds,
        evidence=rules.evidence,
        masters=facts.masters,
        verdicts=verdicts,
        asked_again={
            family: (verdict.rule, verdict.lines)
            for family, verdict in weighed.people.items()
            if verdict.decision is Decision.REVIEW
        },
    )


def _hashes(facts: Facts, weighed: Weighed, datasets: Sequence[Dataset], hashes: Mapping[int, str]) -> FamilyHashes:
    """The hashes that people's decisions need. hashes: those that were computed already, by family."""
    root, moving = facts.families.root, weighed.decision == LEAD
    in_review = root[(weighed.decision == REVIEW) & ~facts.moved.waiting]
    wanted = (set(np.unique(in_review).tolist()) | weighed.duplicates.families_named(root)) - set(hashes)
    new = family_hashes(wanted, facts.records, facts.families, datasets, facts.hashed_pairs)
    return FamilyHashes({**hashes, **new}, _customer_rows(facts, moving, datasets))


def _customer_rows(facts: Facts, moving: npt.NDArray[np.bool_], datasets: Sequence[Dataset]) -> dict[int, list[bytes]]:
    """The digests of the matched rows on the masters: the hash of a family that moves covers them as well."""
    matched = {name: (master.rows, master.numbers) for name, master in facts.masters.items()}
    roots = {int(root) for _, numbers in matched.values() for root in facts.families.root[numbers[moving[numbers]]]}
    masters = [dataset for dataset in datasets if dataset.name in matched]
    return family_digests(roots, facts.records, facts.families, masters, matched)


def _row_owners(connection: duckdb.DuckDBPyConnection, facts: Facts, moving: Mask, config: Config) -> RowOwners:
    """Assign each related row to a record that moves, if it names one: the row must stand in that record's note."""
    owners = {
        name: prefer_owners(connection, joined, moving) if name in config.source.related else joined
        for name, joined in facts.joins.owners.items()
    }
    evidence = facts.joins.evidence
    figures = join_figures(connection, facts.joins.parents, owners, evidence, config, facts.records)
    return RowOwners(owners, orphans_of(owners, evidence, config), figures)
