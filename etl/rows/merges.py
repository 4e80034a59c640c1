"""Keys of records that were merged into others: where each leads in the end, and what of it nobody can say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.rows.lookups import KnownKeys
from etl.rows.near_keys import NearKeys, Steps, cured_by, most_first
from etl.rows.places import TEXT, Places


@dataclass(frozen=True)
class Merges:
    """Keys of an entry's records that were merged into others.

    table: of merges. now: old key -> the record that it is part of at last. perhaps: key -> the records that it may be
    part of, for nobody can say which; unsure: the records on both sides of that. rows: of the table that count;
    left_out: that do not; nowhere: that lead to no record; twice: keys that are merged into several. cures: what would
    let keys meet records, with its rows, first what helps most; near: rows that any of it helps.
    """

    table: str
    now: Mapping[str, str] = field(default_factory=dict)
    perhaps: Mapping[str, frozenset[str]] = field(default_factory=dict)
    unsure: frozenset[str] = frozenset()
    rows: int = 0
    left_out: int = 0
    nowhere: int = 0
    twice: int = 0
    cures: tuple[tuple[Steps, int], ...] = ()
    near: int = 0

    @cached_property
    def known(self) -> KnownKeys:
        """All keys that lead anywhere, or may do."""
        keys = pa.array(sorted({*self.now, *self.perhaps}), TEXT)
        return KnownKeys(keys, np.ones(len(keys), dtype=np.int64))

    @cached_property
    def _near(self) -> NearKeys:
        return NearKeys(self.known.keys)

    def of(self, keys: pa.Array) -> pa.Array:
        """What keys were merged into; null for those that were not."""
        encoded = keys.dictionary_encode()
        return pa.array([self.now.get(key) for key in encoded.dictionary.to_pylist()], TEXT).take(encoded.indices)

    def unclear(self, keys: pa.Array) -> pa.Array:
        """Which keys may be part of another record, or another that is still there part of theirs."""
        return pc.is_in(keys, value_set=pa.array(sorted(self.unsure), TEXT), skip_nulls=True)

    def possible(self, keys: pa.Array, known: pa.Array) -> tuple[Places, pa.Array]:
        """What keys may be part of though nothing surely says so: the place of the key, ascending, and the record.

        known: the keys of records: of others, those that nearly are an old key may be part of what that one is.
        """
        encoded = keys.dictionary_encode()
        lists = [set(self.perhaps.get(key, ())) for key in encoded.dictionary.to_pylist()]
        lost = np.flatnonzero(np.asarray(self.lost(encoded.dictionary, known)))
        places, met = self._near.of(encoded.dictionary.take(pa.array(lost))) if len(lost) else (lost, lost)
        for place, old in zip(lost[places].tolist(), self.known.keys.take(pa.array(met)).to_pylist(), strict=True):
            lists[place] |= {self.now[old]} if old in self.now else self.perhaps[old]
        return _spread_lists(encoded, [sorted(inside) for inside in lists])

    def lost(self, keys: pa.Array, known: pa.Array) -> pa.Array:
        """Which keys name neither a record nor one that was merged away."""
        named = (pc.is_in(keys, value_set=some, skip_nulls=True) for some in (known, self.known.keys))
        return pc.and_(keys.is_valid(), pc.invert(pc.or_(*named)))


def _spread_lists(encoded: pa.DictionaryArray, lists: Sequence[Sequence[str]]) -> tuple[Places, pa.Array]:
    codes = np.asarray(encoded.indices.fill_null(len(lists))).astype(np.int64)
    lengths = np.array([*map(len, lists), 0], dtype=np.int64)[codes]
    chosen = [value for code in codes[lengths > 0].tolist() for value in lists[code]]
    return np.repeat(np.arange(len(codes)), lengths).astype(np.int64), pa.array(chosen, TEXT)


def merges_of(table: str, old: pa.Array, new: pa.Array, known: pa.Array, left_out: int = 0) -> Merges:
    """Find where merges lead. old, new: the keys of each row, null where it has none; known: those of all records.

    The order of the rows does not count. A key that leads to two records, in a circle, or to no record stays as it is.
    """
    pairs = list(zip(old.to_pylist(), new.to_pylist(), strict=True))
    targets: dict[str, set[str]] = {}
    for key, to in pairs:
        if key is not None and to is not None:
            targets.setdefault(key, set()).add(to)
    named = {*targets, *(to for some in targets.values() for to in some)}
    records = _among(known, named)
    near_records = _nearly(known, named - records)
    now, perhaps, led = dict[str, str](), dict[str, frozenset[str]](), set[str]()
    for key in targets:
        ends, passed = _followed(key, targets)
        if len(ends) == 1 and ends <= records:
            now[key] = min(ends)
        else:
            nearly = (near_records.get(end, frozenset()) for end in ends)
            perhaps[key] = (((ends or passed) & records) - {key}).union(*nearly)
        led |= {key} if ends & records else set()
    for key in sorted(targets.keys() & near_records.keys()):
        meant = frozenset({now[key]}) if key in now else perhaps[key]
        for record in near_records[key]:
            perhaps[record] = perhaps.get(record, frozenset()) | meant - {record}
    cures, near = _near_rows(pairs, targets, records, known)
    nowhere = sum(to is None or key not in led for key, to in pairs)
    twice = sum(len(some) > 1 and key not in now for key, some in targets.items())
    still = {key for key in perhaps if key in records}.union(*near_records.values())
    unsure = frozenset(perhaps).union(*(perhaps[key] for key in still if key in perhaps))
    return Merges(table, now, perhaps, unsure, len(pairs), left_out, nowhere, twice, cures, near)


def _followed(key: str, targets: Mapping[str, set[str]]) -> tuple[frozenset[str], frozenset[str]]:
    """Where a key leads by any number of merges, and all keys on the way."""
    ends, passed, waiting = set[str](), {key}, [*targets[key]]
    while waiting:
        at = waiting.pop()
        if at in targets and at not in passed:
            waiting += targets[at]
        elif at not in targets:
            ends.add(at)
        passed.add(at)
    return frozenset(ends), frozenset(passed)


def _among(known: pa.Array, keys: Iterable[str]) -> frozenset[str]:
    """Those of some keys that are known."""
    named = pa.array(sorted(set(keys)), TEXT)
    return frozenset(named.filter(pc.is_in(named, value_set=known)).to_pylist())


def _nearly(known: pa.Array, keys: Iterable[str]) -> dict[str, frozenset[str]]:
    """The known keys that each of some others nearly is, without those that are near to none."""
    named = pa.array(sorted(keys), TEXT)
    places, met = NearKeys(known).of(named)
    nearly: dict[str, set[str]] = {}
    pairs = zip(named.take(pa.array(places)).to_pylist(), known.take(pa.array(met)).to_pylist(), strict=True)
    for key, record in pairs:
        nearly.setdefault(key, set()).add(record)
    return {key: frozenset(some) for key, some in nearly.items()}


def _near_rows(
    pairs: Sequence[tuple[str | None, str | None]],
    targets: Mapping[str, set[str]],
    records: frozenset[str],
    known: pa.Array,
) -> tuple[tuple[tuple[Steps, int], ...], int]:
    """What would let the keys of rows meet records, and how many rows any of it helps."""
    old = [None if key in records else key for key, _ in pairs]
    new = [None if to in records or to in targets else to for _, to in pairs]
    rows = np.tile(np.arange(len(pairs)), 2)
    wanted = pa.array([*old, *new], TEXT)
    filled = np.flatnonzero(np.asarray(wanted.is_valid()))
    cured = {}
    for steps, meeting in cured_by(wanted.take(pa.array(filled)), known) if len(filled) else ():
        cured[steps] = np.zeros(len(pairs), dtype=np.bool_)
        cured[steps][rows[filled[meeting]]] = True
    helped = np.logical_or.reduce([np.zeros(len(pairs), dtype=np.bool_), *cured.values()])
    return tuple(most_first(cured, len(pairs))), int(np.count_nonzero(helped))
