"""The best match of each record on a list of known ones, and when that is not certain.

Of two lists below each other, as `match` takes them, the left one's records are looked up on the right one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from etl.matching import normal
from etl.matching.features import Identity
from etl.matching.fields import NONE, Codes, Floats, Several
from etl.matching.score import Judge, Scored
from etl.matching.weak_numbers import Kind, Weakness, weaknesses

CERTAIN, SEVERAL, RIVAL = 0, 1, 2
"""Nothing else fits; another known record fits about as well; another record fits this known one, and differs."""
CLOSE = 5.0
"""Of two that fit, the better one is not certain where it is ahead by less than so many bits."""
SURE = 40.0
"""What is this certain, in bits, cannot be told apart."""
SAME = 0.5


@dataclass(frozen=True)
class BestMatches:
    """The records that are on the list, in order, each once.

    known: its place among all records. doubt: CERTAIN, SEVERAL or RIVAL; other: the known record that fits, too, or the
    record that fits this known one, NONE where it is certain.
    """

    record: Codes
    known: Codes
    probability: Floats
    weight: Floats
    doubt: npt.NDArray[np.int8]
    other: Codes

    def certain(self, at_least: float) -> Codes:
        """The records that nothing makes doubtful, from a probability on."""
        records: Codes = self.record[(self.doubt == CERTAIN) & (self.probability >= at_least)]
        return records


def best_matches(scored: Scored, at_least: float) -> BestMatches:
    """The known record that fits each record best, with a probability of `at_least`; of equal ones the first.

    Two known records that are the same themselves do not make each other doubtful, nor do two such records.
    """
    use = scored.probability >= at_least
    i, j, probability, weight = scored.i[use], scored.j[use], scored.probability[use], scored.weight[use]
    order = np.lexsort((j, -weight, -probability, i))
    i, j, probability, weight = i[order], j[order], probability[order], weight[order]
    _, first, record = np.unique(i, return_index=True, return_inverse=True)
    doubt, other = np.full(len(first), CERTAIN, dtype=np.int8), np.full(len(first), NONE, dtype=np.int32)
    bits = np.minimum(_bits(probability), SURE)
    ahead = first[record]  # of each pair, the best one of its record
    close = np.flatnonzero((ahead != np.arange(len(i))) & (bits[ahead] - bits < CLOSE))
    close = close[_differ(scored.judge, j[ahead[close]], j[close])][::-1]  # of several the first is named
    doubt[record[close]], other[record[close]] = SEVERAL, j[close]
    matches = BestMatches(i[first], j[first], probability[first], weight[first], doubt, other)
    _doubt_rivals(matches, bits[first], scored.judge)
    return matches


def _doubt_rivals(matches: BestMatches, bits: Floats, judge: Judge) -> None:
    """Doubt records that want a known one which another record fits better, and differs; and the latter if close."""
    order = np.lexsort((matches.record, -matches.weight, -bits, matches.known))
    known = matches.known[order]
    starts = np.flatnonzero(np.r_[True, known[1:] != known[:-1]]) if len(known) else np.zeros(0, dtype=np.int64)
    leader = np.repeat(order[starts], np.diff(np.r_[starts, len(known)]))
    rest = np.flatnonzero(leader != order)
    rest = rest[_differ(judge, matches.record[leader[rest]], matches.record[order[rest]])]
    leader, rival = leader[rest], order[rest]
    close = bits[leader] - bits[rival] < CLOSE
    for doubted, by in ((rival, leader), (leader[close], rival[close])):
        free = np.flatnonzero(matches.doubt[doubted] == CERTAIN)[::-1]  # of several rivals the first is named
        matches.doubt[doubted[free]] = RIVAL
        matches.other[doubted[free]] = matches.record[by[free]]


def _bits(probability: Floats) -> Floats:
    """Log odds."""
    most = 1 - 2.0**-50
    sound = np.clip(probability, 1 - most, most)
    log_odds: Floats = np.log2(sound / (1 - sound))
    return log_odds


def _differ(judge: Judge, i: Codes, j: Codes) -> npt.NDArray[np.bool_]:
    """Which pairs of records of one list are likelier two than one."""
    mask: npt.NDArray[np.bool_] = judge.weigh(i, j).probability <= SAME
    return mask


@dataclass(frozen=True)
class SameNumber:
    """The records that share an official number with a known one, in order.

    known: the first of those. weak: why the number proves nothing, None where it proves something.
    """

    record: Codes
    known: Codes
    weak: list[Weakness | None]


def same_number(identity: Identity, kind: Kind, count: int, left: int) -> SameNumber:
    """The records that share an official number with a known one.

    Blanks, punctuation and case do not count, nor do numbers that cannot be one. Of several numbers one that proves
    something goes before all that do not.
    """
    numbers = Several.of(identity.get(kind, ()), partial(normal.officials, kind=kind), count)
    mine = numbers.record < left
    first = np.full(len(numbers.values), count, dtype=np.int64)
    np.minimum.at(first, numbers.code[~mine], numbers.record[~mine])
    record, code = numbers.record[mine], numbers.code[mine]
    shared = first[code] < count
    record, code = record[shared], code[shared]
    weak = weaknesses(numbers, code, identity, kind, count)
    is_weak = np.isin(code, np.fromiter(weak, dtype=np.int64, count=len(weak)))
    order = np.lexsort((first[code], is_weak, record))
    record, code = record[order], code[order]
    starts = np.flatnonzero(np.r_[True, record[1:] != record[:-1]]) if len(record) else np.zeros(0, dtype=np.int64)
    reasons = [weak.get(number) for number in code[starts].tolist()]
    return SameNumber(record[starts].astype(np.int32), first[code[starts]].astype(np.int32), reasons)


def differ_wholly(judge: Judge, i: Codes, j: Codes) -> npt.NDArray[np.bool_]:
    """Which pairs have names that have nothing in common."""
    mask = np.zeros(len(i), dtype=np.bool_)
    weighed = judge.weigh(i, j)
    for column, name in enumerate(judge.names):
        if name in ("company", "last_name"):
            mask |= weighed.levels[:, column] == 0
    return mask
