"""Whose addresses must not be contacted: those of every record that opted out, whatever becomes of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from etl.classify.families import Mask
from etl.classify.join import Joined
from etl.classify.records import TYPES, Numbers, Records
from etl.config import Config, Entry, Test
from etl.matching.addresses import Addresses, Keys, address_keys
from etl.matching.opted_out import address_columns, kind_asked, other_kind, own_test
from etl.model import Dataset
from etl.plan.tables import batches
from etl.rows import Answer, ask


@dataclass(frozen=True)
class FurtherRows:
    """The rows of a joined table that the records of an entry have and do not take. owner: the record of each."""

    entry: str
    dataset: Dataset
    owner: Numbers


def further_rows(joined: Mapping[str, Joined], config: Config) -> list[FurtherRows]:
    """Those of all entries. joined: related table -> how it is joined."""
    tables = [(name, table.further_of) for name, table in config.source.related.items()]
    return [
        FurtherRows(of.dataset, joined[name].dataset, joined[name].owner)
        for name, of in tables
        if of is not None and of.dataset in config.source.records
    ]


def opted_out_addresses(
    records: Records,
    company: Numbers,
    entries: Mapping[str, Dataset],
    further: Sequence[FurtherRows],
    config: Config,
) -> Addresses:
    """The mail addresses and phone numbers of all records that opted out, those that are rejected among them.

    A value that is neither yes nor no counts as a yes: a person who lets such a record move does not say that it may be
    contacted, and is not shown who else has its addresses.

    company: of each record. The addresses are read from the columns that `identity` names as such, and from those that
    the lead's fields take them from. So are those of further rows of joined tables: where these say who opted out, each
    row says it of its own addresses.
    """
    rows = [FurtherRows(name, dataset, records.rows[name]) for name, dataset in entries.items()]
    by_test = [_rows_out(test, records, company, entries, further, config) for test in config.leads.consent]
    chosen = zip((*rows, *further), (np.logical_or.reduce(masks) for masks in zip(*by_test, strict=True)), strict=False)
    return Addresses.of(
        keys for each, mask in chosen if mask.any() for keys in _keys(each.entry, each.dataset, mask, config)
    )


def held_addresses(
    opted_out: Addresses, entries: Mapping[str, Dataset], further: Sequence[FurtherRows], config: Config
) -> Addresses:
    """Those of some addresses that any record has, in its own columns or in further rows of joined tables."""
    rows = [*entries.items(), *((each.entry, each.dataset) for each in further)] if opted_out else []
    return Addresses.of(
        np.intersect1d(opted_out.keys, keys)
        for entry, dataset in rows
        for keys in _keys(entry, dataset, np.ones(dataset.rows, dtype=np.bool_), config)
    )


def unsure_whether_opted_out(
    records: Records, entries: Mapping[str, Dataset], further: Sequence[FurtherRows], config: Config
) -> Numbers:
    """The records of which a value says neither that they opted out nor that they did not, or says it otherwise.

    NONE is among them for a row without a key.
    """
    unsure = (owner[answer.open] for owner, answer in _answers(records, entries, further, config))
    return np.concatenate([np.zeros(0, dtype=np.int32), *unsure])


def rows_opted_out(
    records: Records, entries: Mapping[str, Dataset], further: Sequence[FurtherRows], config: Config
) -> int:
    """How many records, and further rows of joined tables, say of themselves that they opted out."""
    return sum(int(answer.holds.sum()) for _, answer in _answers(records, entries, further, config))


def _answers(
    records: Records, entries: Mapping[str, Dataset], further: Sequence[FurtherRows], config: Config
) -> Iterator[tuple[Numbers, Answer]]:
    """What the rows of each dataset say themselves to any of the tests, and the record of each row."""
    rows = [FurtherRows(name, dataset, records.rows[name]) for name, dataset in entries.items()]
    for each in (*rows, *further) if config.leads.consent else ():
        entry = config.source.records[each.entry]
        answers = [_by_itself(each.dataset, entry, test, records, each.owner)[0] for test in config.leads.consent]
        yield each.owner, Answer.some(answers)


def _rows_out(
    test: Test,
    records: Records,
    company: Numbers,
    entries: Mapping[str, Dataset],
    further: Sequence[FurtherRows],
    config: Config,
) -> list[Mask]:
    """The rows of each entry, and the further rows of each joined table, that opted out by one test."""
    flags, masks = _opted_out(records, company, entries, test, config)
    chosen = [masks[name] for name in entries]
    for rows in further:
        mask = (rows.owner >= 0) & flags[rows.owner] if len(flags) else np.zeros(rows.dataset.rows, dtype=np.bool_)
        if own_test(test, rows.dataset.columns):
            mask = _by_itself(rows.dataset, config.source.records[rows.entry], test, records, rows.owner)[0].possible
        chosen.append(mask)
    return chosen


def _opted_out(
    records: Records, company: Numbers, entries: Mapping[str, Dataset], test: Test, config: Config
) -> tuple[Mask, dict[str, Mask]]:
    """Which records opted out, and which rows of each entry: by itself or, where it is not asked, by its company."""
    flags, asked, own = np.zeros(len(records), np.bool_), np.zeros(len(records), np.bool_), dict[str, Mask]()
    for name, dataset in entries.items():
        numbers = records.rows[name]
        answered, is_asked = _by_itself(dataset, config.source.records[name], test, records, numbers)
        own[name] = answered.possible
        flags[numbers[own[name] & (numbers >= 0)]] = True
        asked[numbers[is_asked & (numbers >= 0)]] = True
    flags |= ~asked & (company >= 0) & flags[company]
    return flags, {name: mask | ((records.rows[name] >= 0) & flags[records.rows[name]]) for name, mask in own.items()}


def _by_itself(dataset: Dataset, entry: Entry, test: Test, records: Records, numbers: Numbers) -> tuple[Answer, Mask]:
    """What rows of an entry say of opting out themselves, and which were asked: those that have the column, and are not
    of the other kind where one kind is asked.

    numbers: of each row's record.
    """
    kind, own = kind_asked(test), own_test(test, dataset.columns)
    nobody = np.zeros(dataset.rows, dtype=np.bool_)
    if own is None:
        return Answer(nobody, nobody), nobody
    asked = np.ones(dataset.rows, dtype=np.bool_)
    if kind is not None:
        other = TYPES[other_kind(kind)]
        perhaps = records.type[numbers] != other if len(records) else nobody
        asked = np.where(numbers >= 0, perhaps, entry.type != other_kind(kind))
    answers = [ask(own, batch.column(0)) for batch in batches(dataset.path, [own.column])]
    holds = np.concatenate([nobody[:0], *(answered.holds for answered in answers)])
    doubtful = np.concatenate([nobody[:0], *(answered.open for answered in answers)])
    return Answer(holds & asked, doubtful & asked), asked


def _keys(entry: str, dataset: Dataset, chosen: Mask, config: Config) -> Iterator[Keys]:
    """The keys of all addresses of some rows, a batch at a time."""
    columns = address_columns(entry, dataset.columns, config)
    start = 0
    for batch in batches(dataset.path, [column for _, column in columns]):
        rows = np.flatnonzero(chosen[start : start + len(batch)])
        start += len(batch)
        for place, (field, _) in enumerate(columns):
            yield address_keys(batch.column(place).take(rows), field)[1]
