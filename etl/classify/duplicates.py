"""Find the families that must not move, because one of their records is, or may be, a duplicate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from etl.classify.families import Mask
from etl.classify.merging import lead_clusters
from etl.classify.outcomes import CUSTOMER, KEEP, LEAD, REVIEW, Outcomes
from etl.classify.pairs import Pairs
from etl.classify.reasons import (
    EXISTING_LEAD,
    MAYBE_SAME_AS_LEAD,
    MAYBE_SAME_AS_STAYING,
    SAME_AS_CUSTOMER,
    SAME_AS_KEPT,
)
from etl.classify.records import NONE, Numbers, Records
from etl.errors import shown_chance
from etl.texts import stored

BECOMES = (
    stored("{record} is a customer"),
    stored("{record} is kept"),
    stored("{record} is in review"),
    stored("{record} moves as well"),
    stored("{record} cannot be processed"),
    stored("{record} was moved before"),
)
"""What becomes of a duplicate, in the order of DECISIONS."""
SAME = stored("{told_becomes} and is the same as {record} (probability {n}): {told_words}")
PERHAPS_SAME = stored("{told_becomes} and may be the same as {record} (probability {n}): {told_words}")
MOST_DUPLICATES = 5
"""At most this many of the records that a family may be the same as are named to people at once."""


@dataclass(frozen=True)
class Duplicate:
    """A record of which a member of a family is, or may be, a duplicate; NONE for a lead in the pipeline.

    rule: the reason for which a person must decide on the two; words: which record it is, how probable the match is,
    and which fields agree.
    """

    number: int
    rule: str
    words: str


@dataclass(frozen=True)
class DuplicateVerdict:
    """What becomes of a family because of its duplicates, the most likely one first. rule: the reason."""

    decision: int
    rule: str
    duplicates: tuple[Duplicate, ...]


def existing_lead_verdicts(
    table: pa.Table, exempt: Mask, roots: Numbers, records: Records
) -> dict[int, DuplicateVerdict]:
    """The families with a record that may be in the pipeline already, by root: a person must decide on them.

    table: as in EXISTING_SCHEMA; exempt: the records that do not count.
    """
    table = table.append_column("number", pa.array(records.numbers(table["source_key"]), pa.int32()))
    verdicts: dict[int, DuplicateVerdict] = {}
    for row in table.sort_by([("probability", "descending"), ("source_key", "ascending")]).to_pylist():
        number = row["number"]
        if number != NONE and not exempt[number] and int(roots[number]) not in verdicts:
            lead = stored("lead {id} '{title}'") if row["title"] else stored("lead {id}")
            words = stored(
                "{told_lead} may be the same as {record} (probability {n}): {told_words}",
                told_lead=lead.format(id=row["lead_id"], title=row["title"]),
                record=row["source_key"],
                n=shown_chance(row["probability"]),
                told_words=row["words"],
            )
            verdicts[int(roots[number])] = DuplicateVerdict(
                REVIEW, EXISTING_LEAD, (Duplicate(NONE, EXISTING_LEAD, words),)
            )
    return verdicts


@dataclass(frozen=True)
class DuplicateRules:
    """When two records count as duplicates.

    cluster: by record, the least one of those that are surely the same. review_at: the probability from which a pair
    counts. unit: by record, the one that has a lead of its own with its values. exempt: the records that a person has
    decided on; parted: the roots of families that a person calls leads, each of its own, the lesser first.
    """

    cluster: Numbers
    review_at: float
    unit: Numbers
    exempt: Mask
    parted: frozenset[tuple[int, int]] = frozenset()

    def counting(self, pairs: Pairs, roots: Numbers) -> Pairs:
        """The pairs of two families that a person may have to decide on."""
        left, right = roots[pairs.i].astype(np.int64), roots[pairs.j].astype(np.int64)
        parted = [low * len(roots) + high for low, high in self.parted]
        known = np.isin(np.minimum(left, right) * len(roots) + np.maximum(left, right), parted)
        return pairs.chosen((pairs.probability >= self.review_at) & (left != right) & ~known)


def duplicate_verdicts(
    pairs: Pairs, rules: DuplicateRules, decision: Outcomes, roots: Numbers, records: Records
) -> dict[int, DuplicateVerdict]:
    """The families that must not move because of a duplicate, by root.

    A certain duplicate of a customer, or of a record that is kept, gets the same decision. A person must decide on a
    possible duplicate of a record that does not move, or of a record of another lead; and then on the possible
    duplicates of that one as well.

    decision: by record, before duplicates count.
    """
    cluster, unit = rules.cluster, rules.unit
    likely = rules.counting(pairs, roots)
    order = np.lexsort((likely.j, likely.i, -likely.probability))
    record = np.column_stack([likely.i[order], likely.j[order]]).ravel()
    other = np.column_stack([likely.j[order], likely.i[order]]).ravel()
    place = np.repeat(order, 2)
    lead = lead_clusters(cluster, unit, decision == LEAD)[unit]
    decision, verdicts = decision.copy(), dict[int, DuplicateVerdict]()
    while True:
        moves = decision == LEAD
        has_lead = unit[record] == record
        undecided = moves[record] & ~rules.exempt[record] & (has_lead | (decision[other] <= KEEP))
        unsure = undecided & moves[other] & (lead[record] != lead[other]) & has_lead
        at = np.flatnonzero((undecided & ~moves[other]) | unsure)
        if not len(at):
            return verdicts
        sure = cluster[record[at]] == cluster[other[at]]
        new = _verdicts(record[at], other[at], sure, likely.chosen_at(place[at]), decision, roots, records)
        verdicts |= new
        becomes = np.full(len(records), LEAD, dtype=np.int8)
        becomes[list(new)] = [verdict.decision for verdict in new.values()]
        decision[moves] = becomes[roots[moves]]


def _verdicts(
    record: Numbers, other: Numbers, sure: Mask, pairs: Pairs, decision: Outcomes, roots: Numbers, records: Records
) -> dict[int, DuplicateVerdict]:
    """Say what each family becomes, and for which record, likeliest first. sure: the pairs that are the same."""
    becomes: dict[int, tuple[int, str]] = {}
    duplicates: dict[int, list[tuple[int, Duplicate]]] = {}
    rows = zip(record.tolist(), other.tolist(), sure.tolist(), pairs.probability.tolist(), pairs.words.to_pylist(),
               strict=True)  # fmt: skip
    for number, duplicate, same, probability, words in rows:
        root, outcome = int(roots[number]), int(decision[duplicate])
        rank, rule = _verdict(outcome, same)
        if root not in becomes or (rank, rule) < becomes[root]:
            becomes[root] = (rank, rule)
        of_root = duplicates.setdefault(root, [])
        if all((rank, roots[duplicate]) != (own_rank, roots[known.number]) for own_rank, known in of_root):
            claim = (PERHAPS_SAME if rank == REVIEW else SAME).format(
                told_becomes=BECOMES[outcome].format(record=records.name(duplicate)),
                record=records.name(number),
                n=shown_chance(probability),
                told_words=words,
            )
            of_root.append((rank, Duplicate(duplicate, rule, claim)))
    return {
        root: DuplicateVerdict(
            rank, rule, tuple(known for own_rank, known in duplicates[root] if own_rank == rank)[:MOST_DUPLICATES]
        )
        for root, (rank, rule) in becomes.items()
    }


def _verdict(outcome: int, same: bool) -> tuple[int, str]:
    """What becomes of a record for a duplicate of that outcome, and why. same: whether it is surely the same."""
    if same and outcome in (CUSTOMER, KEEP):
        return outcome, (SAME_AS_CUSTOMER, SAME_AS_KEPT)[outcome]
    return REVIEW, MAYBE_SAME_AS_LEAD if outcome == LEAD else MAYBE_SAME_AS_STAYING
