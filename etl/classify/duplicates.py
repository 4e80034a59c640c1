"""Records that are one company: which leads become one, and which a person must decide on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from etl.classify.families import Mask
from etl.classify.outcomes import CUSTOMER, KEEP, LEAD, REVIEW, Outcomes
from etl.classify.records import NONE, Numbers, Records
from etl.classify.words import TEXT
from etl.config import Entry
from etl.dates import read_dates
from etl.errors import shown_chance
from etl.matching.clusters import clusters, connected
from etl.model import Dataset
from etl.plan.tables import batches

DUPLICATE_SCHEMA = pa.schema(
    [("left", TEXT), ("right", TEXT), ("probability", pa.float64()), ("weight", pa.float64()), ("words", TEXT)]
)
"""One row a pair of source keys, the lesser one left. weight: in bits, NaN of records that equal each other in all that
is compared. words: field by field what agrees, of the pairs that are likely enough."""
EXISTING_SCHEMA = pa.schema(
    [
        *((name, TEXT) for name in ("source_key", "lead_id", "title")),
        ("probability", pa.float64()),
        ("weight", pa.float64()),
        ("words", TEXT),
    ]
)
"""One row a record that may be a lead which is in the pipeline already, and the lead that it fits best."""
THERE = "it may be in the pipeline already"
SAME_CUSTOMER = "it is the same as a customer"
SAME_KEPT = "it is the same as a record that is kept"
STAYS = "it may be a record that does not move"
UNSURE = "it may be the same as another lead"
BECOMES = ("is a customer", "is kept", "is in review", "moves, too", "cannot be processed", "moved before")
"""What becomes of a twin, in the order of DECISIONS."""
MOST_TWINS = 5
"""So many of the records that a family may be the same as are named to people at once."""


@dataclass(frozen=True)
class Twin:
    """A record that one of a family is, or may be, the same as; NONE for a lead that is in the pipeline already. words:
    which one, how probable, and what agrees."""

    number: int
    words: str


@dataclass(frozen=True)
class Twinned:
    """What a family that would move becomes instead, for its twins, the likeliest first. rule: one of those above."""

    decision: int
    rule: str
    twins: tuple[Twin, ...]


@dataclass(frozen=True)
class Pairs:
    """Pairs of record numbers that may be one company or person, how probable that is, and why."""

    i: Numbers
    j: Numbers
    probability: npt.NDArray[np.float64]
    words: pa.LargeStringArray

    @staticmethod
    def of(table: pa.Table, records: Records) -> Pairs:
        """Bring pairs to record numbers. table: as in DUPLICATE_SCHEMA."""
        i, j = (records.numbers(table[name]) for name in ("left", "right"))
        known = (i != NONE) & (j != NONE) & (i != j)
        table = table.filter(pa.array(known)).combine_chunks()
        words = pc.coalesce(table["words"], pa.scalar("equal in all that is compared", TEXT))
        return Pairs(i[known], j[known], np.asarray(table["probability"]), pa.concat_arrays(words.chunks or [EMPTY]))

    def chosen(self, use: Mask) -> Pairs:
        """Some of the pairs."""
        return self.chosen_at(np.flatnonzero(use))

    def chosen_at(self, places: npt.NDArray[np.intp]) -> Pairs:
        """The pairs at these places, in their order."""
        return Pairs(self.i[places], self.j[places], self.probability[places], self.words.take(pa.array(places)))

    def settled(self, same: Mapping[tuple[int, int], tuple[bool, str]], roots: Numbers, unit: Numbers) -> Pairs:
        """The pairs with what people said of two records: it goes for all pairs of their two families.

        same: record numbers -> whether they are the same, and the words for it. unit: by record, the one that has a
        lead of its own with its values; these two are a pair then, if the families had none.
        """
        probability, more = self.probability.copy(), []
        a, b = roots[self.i], roots[self.j]
        for (one, other), (alike, words) in same.items():
            mine, theirs = roots[one], roots[other]
            found = ((a == mine) & (b == theirs)) | ((a == theirs) & (b == mine))
            probability[found] = 1.0 if alike else 0.0
            if alike and not found.any():
                more.append((*sorted((int(unit[one]), int(unit[other]))), words))
        if not more:
            return replace(self, probability=probability)
        i, j, said = zip(*more, strict=True)
        return Pairs(
            np.r_[self.i, np.array(i, dtype=np.int32)],
            np.r_[self.j, np.array(j, dtype=np.int32)],
            np.r_[probability, np.ones(len(more))],
            pa.concat_arrays([self.words, pa.array(said, TEXT)]),
        )

    def clusters(self, count: int, merge_at: float) -> Numbers:
        """By record the least one of those that are the same."""
        return clusters(count, self.i, self.j, self.probability, merge_at)


EMPTY = pa.array([], TEXT)


def there_already(table: pa.Table, exempt: Mask, roots: Numbers, records: Records) -> dict[int, Twinned]:
    """The families of which a record may be in the pipeline already, by root. table: as in EXISTING_SCHEMA; exempt: the
    records that do not count."""
    table = table.append_column("number", pa.array(records.numbers(table["source_key"]), pa.int32()))
    found: dict[int, Twinned] = {}
    for row in table.sort_by([("probability", "descending"), ("source_key", "ascending")]).to_pylist():
        number = row["number"]
        if number != NONE and not exempt[number] and int(roots[number]) not in found:
            title = f" '{row['title']}'" if row["title"] else ""
            chance = f"(probability {shown_chance(row['probability'])})"
            words = f"lead {row['lead_id']}{title} may be {row['source_key']} {chance}: {row['words']}"
            found[int(roots[number])] = Twinned(REVIEW, THERE, (Twin(NONE, words),))
    return found


def twinned(
    pairs: Pairs,
    cluster: Numbers,
    review_at: float,
    decision: Outcomes,
    exempt: Mask,
    unit: Numbers,
    roots: Numbers,
    records: Records,
) -> dict[int, Twinned]:
    """The families that would move and must not, by root, for one of their records.

    One that is surely the same as a customer, or as one that is kept, has the same decision. One that may be the same
    as a record that does not move, or as one of another lead, is for a person to decide. So is then what may be the
    same as that one.

    cluster: as `Pairs.clusters` gives it. decision: by record, before duplicates count; exempt: the records that a
    person has decided on; unit: by record, the one that has a lead of its own with its values.
    """
    likely = pairs.chosen((pairs.probability >= review_at) & (roots[pairs.i] != roots[pairs.j]))
    order = np.lexsort((likely.j, likely.i, -likely.probability))
    mine = np.column_stack([likely.i[order], likely.j[order]]).ravel()
    other = np.column_stack([likely.j[order], likely.i[order]]).ravel()
    place = np.repeat(order, 2)
    lead = as_one(cluster, unit, decision == LEAD)[unit]
    decision, found = decision.copy(), dict[int, Twinned]()
    while True:
        moves = decision == LEAD
        open_ = moves[mine] & ~exempt[mine] & ((unit[mine] == mine) | (decision[other] <= KEEP))
        unsure = open_ & moves[other] & (lead[mine] != lead[other]) & (unit[mine] == mine)
        at = np.flatnonzero((open_ & ~moves[other]) | unsure)
        if not len(at):
            return found
        sure = cluster[mine[at]] == cluster[other[at]]
        new = _named(mine[at], other[at], sure, likely.chosen_at(place[at]), decision, roots, records)
        found |= new
        becomes = np.full(len(records), LEAD, dtype=np.int8)
        becomes[list(new)] = [one.decision for one in new.values()]
        decision[moves] = becomes[roots[moves]]


def _named(
    mine: Numbers, other: Numbers, sure: Mask, pairs: Pairs, decision: Outcomes, roots: Numbers, records: Records
) -> dict[int, Twinned]:
    """Say what each family becomes, and for which record, likeliest first. sure: the pairs that are the same."""
    becomes: dict[int, tuple[int, str]] = {}
    twins: dict[int, list[tuple[int, Twin]]] = {}
    told = zip(mine.tolist(), other.tolist(), sure.tolist(), pairs.probability.tolist(), pairs.words.to_pylist(),
               strict=True)  # fmt: skip
    for number, twin, same, probability, words in told:
        root, outcome = int(roots[number]), int(decision[twin])
        follows = same and outcome in (CUSTOMER, KEEP)
        rank = outcome if follows else REVIEW
        rule = (SAME_CUSTOMER, SAME_KEPT)[outcome] if follows else UNSURE if outcome == LEAD else STAYS
        if root not in becomes or (rank, rule) < becomes[root]:
            becomes[root] = (rank, rule)
        verb = "is" if follows else "may be"
        said = f"{records.name(twin)} {BECOMES[outcome]}, and {verb} {records.name(number)}"
        of_root = twins.setdefault(root, [])
        if all(twin != known.number for _, known in of_root):
            of_root.append((rank, Twin(twin, f"{said} (probability {shown_chance(probability)}): {words}")))
    return {
        root: Twinned(rank, rule, tuple(twin for mine, twin in twins[root] if mine == rank)[:MOST_TWINS])
        for root, (rank, rule) in becomes.items()
    }


def as_one(cluster: Numbers, unit: Numbers, moving: Mask) -> Numbers:
    """By record that has a lead of its own the least one of those that are one lead with it; others are themselves.

    cluster: of those that are the same. A person without a company goes with the company of the contact that is the
    same person, if that is one company; two companies are never one for a contact that they share.
    """
    own = np.arange(len(cluster), dtype=np.int32)
    mine = np.flatnonzero(moving & (unit == own)).astype(np.int32)
    contacts = np.flatnonzero(moving & (unit != own)).astype(np.int32)
    first = np.full(len(cluster), len(cluster), dtype=np.int32)
    np.minimum.at(first, cluster[mine], mine)
    one = connected(len(cluster), first[cluster[mine]], mine)
    least, most = np.full(len(cluster), len(cluster), dtype=np.int32), np.full(len(cluster), NONE, dtype=np.int32)
    np.minimum.at(least, cluster[contacts], one[unit[contacts]])
    np.maximum.at(most, cluster[contacts], one[unit[contacts]])
    joined = np.flatnonzero((least == most) & (first < len(cluster)))
    return connected(len(cluster), np.r_[one[mine], first[joined]], np.r_[mine, least[joined]])


def best_of(cluster: Numbers, records: Records, entries: Mapping[str, Dataset], config: Mapping[str, Entry]) -> Numbers:
    """By record the best one of its lead: a company before a person, then the one with the most filled columns, then
    the one changed last, then the first by source key.

    cluster: as `as_one` gives it; entries: of the snapshot, by name.
    """
    several = np.flatnonzero(np.bincount(cluster, minlength=len(cluster))[cluster] > 1)
    best = np.arange(len(cluster), dtype=np.int32)
    if not len(several):
        return best
    wanted = np.zeros(len(cluster), dtype=np.bool_)
    wanted[several] = True
    filled, day = np.zeros(len(cluster), dtype=np.int64), np.full(len(cluster), -1, dtype=np.int64)
    for name, dataset in entries.items():
        _measure(dataset, config[name].changed, records.rows[name], wanted, filled, day)
    order = several[np.lexsort((several, -day[several], -filled[several], records.type[several], cluster[several]))]
    firsts = np.flatnonzero(np.r_[True, np.diff(cluster[order]) != 0])
    best[order] = np.repeat(order[firsts], np.diff(np.r_[firsts, len(order)]))
    return best


def _measure(
    dataset: Dataset,
    changed: str | None,
    numbers: Numbers,
    wanted: Mask,
    filled: npt.NDArray[np.int64],
    day: npt.NDArray[np.int64],
) -> None:
    """Count the filled columns of wanted records, and read the day of the last change, where a column names it."""
    first = 0
    for batch in batches(dataset.path, list(dataset.columns)):
        here = numbers[first : first + len(batch)]
        rows = np.flatnonzero((here >= 0) & wanted[here])
        first += len(batch)
        some = batch.take(pa.array(rows))
        for column in some.columns:
            filled[here[rows]] += np.asarray(column.is_valid())
        if changed is not None:
            day[here[rows]] = read_dates(some[changed])


def grouped(group: Numbers, roots: Numbers, best: Numbers) -> Numbers:
    """The least root of the families that must be in one chunk, where some hold parts of one lead.

    group: as it was without duplicates.
    """
    apart = np.flatnonzero(best != np.arange(len(best)))
    return connected(len(group), group[roots[apart]], group[roots[best[apart]]])[group]
