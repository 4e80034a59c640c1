"""Which pairs of records are worth comparing: those that share a key which few have, never all with all.

Pairs are never held all at once. What is kept is, by record, with which runs of others it shares a key; the pairs are
made of it part by part: those whose first record is among so many. So each pair is in one part alone, however many keys
its records share.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from etl.matching.features import Features
from etl.matching.fields import Codes, distinct, ranges
from etl.matching.keys import TELLING_KEYS, Keys, keys_of

MOST_PAIRS = 2_000
"""A key that makes more pairs than this is too common to say anything by itself."""
FEW, MANY = 6, 20_000
"""Of more records than make `MOST_PAIRS`, and at most so many, each is compared with so few."""
AT_ONCE = 250_000
"""So many pairs are made at once; but all of one record."""

Places = npt.NDArray[np.int64]


class Pairs(NamedTuple):
    """Pairs of record numbers side by side, each once, in order."""

    i: Codes
    j: Codes


class Runs(NamedTuple):
    """With whom records are compared. record: the first of each pair; begin, length: which of a list are its others."""

    record: Codes
    begin: Codes
    length: Codes

    def of(self, use: npt.NDArray[np.bool_] | Places) -> Runs:
        """Some of the runs."""
        return Runs(self.record[use], self.begin[use], self.length[use])


@dataclass(frozen=True)
class Candidates:
    """The pairs that share a key. count: records; others: the list that the runs are of; first: by record, where its
    runs begin. cut: kind of key -> keys that were too common, and their pairs."""

    count: int
    others: Codes
    runs: Runs
    first: Places
    cut: dict[str, tuple[int, int]] = field(default_factory=dict)

    @staticmethod
    def of(features: Features) -> Candidates:
        """Bring together the records that share a key."""
        others, runs, cut = [np.zeros(0, np.int32)], [Runs(*(np.zeros(0, np.int32),) * 3)], dict[str, tuple[int, int]]()
        below = 0
        for name, records, keys in keys_of(features):
            sharing = _Sharing.of(records, keys, features)
            for some, more in sharing.runs(few=name in TELLING_KEYS):
                others.append(some)
                runs.append(more._replace(begin=(more.begin + below).astype(np.int32)))
                below += len(some)
            if sharing.common.any():
                cut[name] = (int(sharing.common.sum()), int(sharing.pairs[sharing.common].sum()))
        together = Runs(*(np.concatenate(part) for part in zip(*runs, strict=True)))
        together = together.of(np.argsort(together.record, kind="stable"))
        first = np.searchsorted(together.record, np.arange(features.count + 1)).astype(np.int64)
        return Candidates(features.count, np.concatenate(others), together, first, cut)

    def parts(self, at_once: int = AT_ONCE) -> Iterator[Pairs]:
        """All pairs in order, not many more than so many at once."""
        upto = np.r_[0, np.cumsum(self.runs.length, dtype=np.int64)][self.first]
        start = 0
        while start < self.count:
            end = max(int(np.searchsorted(upto, upto[start] + at_once, side="right")) - 1, start + 1)
            yield self._pairs(slice(self.first[start], self.first[end]))
            start = end

    def _pairs(self, some: slice) -> Pairs:
        """The pairs of some runs, those of all keys of their first records."""
        lengths = self.runs.length[some].astype(np.int64)
        i = np.repeat(self.runs.record[some], lengths)
        j = self.others[np.repeat(self.runs.begin[some].astype(np.int64), lengths) + ranges(lengths)]
        use = i < j
        pairs = distinct(i[use].astype(np.int64) * self.count + j[use])
        return Pairs((pairs // self.count).astype(np.int32), (pairs % self.count).astype(np.int32))


@dataclass(frozen=True)
class _Sharing:
    """The records that share a key of one kind. records: key by key, in order; first: where those of each key begin;
    sizes: how many they are; lefts, start, rights: how many of them are compared with those from `start` on, and how
    many these are; pairs: what that makes."""

    records: Codes
    first: Places
    sizes: Places
    lefts: Places
    start: Places
    rights: Places
    pairs: Places
    one_list: bool

    @staticmethod
    def of(records: Codes, keys: Keys, features: Features) -> _Sharing:
        """Bring together records with equal keys, but for those who are alone with theirs."""
        order = np.lexsort((records, keys))
        records, keys = records[order], keys[order]
        first = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]]) if len(keys) else np.zeros(0, np.int64)
        sizes = np.diff(np.r_[first, len(keys)])
        if features.one_list:
            lefts, rights, start, pairs = sizes, sizes, first, sizes * (sizes - 1) // 2
        else:
            lefts = np.add.reduceat((records < features.left).astype(np.int64), first) if len(first) else first
            rights, start = sizes - lefts, first + lefts
            pairs = lefts * rights
        use = pairs > 0
        first, sizes, lefts, start, rights, pairs = (c[use] for c in (first, sizes, lefts, start, rights, pairs))
        return _Sharing(records, first, sizes, lefts, start, rights, pairs, features.one_list)

    @property
    def common(self) -> npt.NDArray[np.bool_]:
        """Which keys make too many pairs."""
        mask: npt.NDArray[np.bool_] = self.pairs > MOST_PAIRS
        return mask

    def runs(self, *, few: bool) -> Iterator[tuple[Codes, Runs]]:
        """Whom each record is compared with: a list, and the runs of it. few: of a key that is too common each record
        is compared with a few of the others, so that a company that is there a hundred times is still one."""
        kept = np.flatnonzero(~self.common)
        lefts, rights = self.lefts[kept], self.rights[kept]
        place, ends = np.repeat(self.first[kept], lefts) + ranges(lefts), np.repeat(self.start[kept] + rights, lefts)
        begins = place + 1 if self.one_list else np.repeat(self.start[kept], lefts)
        more = begins < ends
        place, begins, ends = place[more], begins[more], ends[more]
        others = np.zeros(len(self.records), dtype=np.bool_)
        others[np.repeat(self.start[kept], rights) + ranges(rights)] = True
        now_at = (np.cumsum(others) - 1).astype(np.int32)
        yield self.records[others], Runs(self.records[place], now_at[begins], (ends - begins).astype(np.int32))
        if few:
            yield self._with_a_few(np.flatnonzero(self.common & (self.sizes <= MANY)))

    def _with_a_few(self, mine: Places) -> tuple[Codes, Runs]:
        """Of some keys the records with a few of the others, evenly taken: each left record with a few on the right,
        and the other way round."""
        pairs, width = [np.zeros(0, np.int64)], int(self.records.max(initial=0)) + 1
        left, right = (self.first[mine], self.lefts[mine]), (self.start[mine], self.rights[mine])
        for (begin, count), (their_begin, their_count) in ((left, right), (right, left)):
            records = self.records[np.repeat(begin, count) + ranges(count)]
            for number in range(FEW):
                theirs = self.records[np.repeat(their_begin + their_count * number // FEW, count)]
                low, high = np.minimum(records, theirs), np.maximum(records, theirs)
                pairs.append(distinct((low.astype(np.int64) * width + high)[low < high]))
        together = distinct(np.concatenate(pairs))
        low, high = (together // width).astype(np.int32), (together % width).astype(np.int32)
        return high, Runs(low, np.arange(len(high), dtype=np.int32), np.ones(len(high), dtype=np.int32))
