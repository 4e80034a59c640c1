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


@dataclass(frozen=True)
class OwnAnswers:
    """What rows say of opting out themselves. answers: to each test, and which rows it asks."""

    rows: FurtherRows
    is_further: bool
    answers: Sequence[tuple[Answer, Mask]]

    @property
    def together(self) -> Answer:
        """To any of the tests."""
        return Answer.some([answered for answered, _ in self.answers])

    def out(self, place: int) -> Mask:
        """Those that opted out by the test at this place, or may have."""
        return self.answers[place][0].possible


def further_rows(joined: Mapping[str, Joined], config: Config) -> list[FurtherRows]:
    """Those of all entries. joined: related table -> how it is joined."""
    tables = [(name, table.further_of) for name, table in config.source.related.items()]
    return [
        FurtherRows(of.dataset, joined[name].dataset, joined[name].owner)
        for name, of in tables
        if of is not None and of.dataset in config.source.records
    ]


def asked_for_consent(
    records: Records, entries: Mapping[str, Dataset], further: Sequence[FurtherRows], config: Config
) -> list[OwnAnswers]:
    """Ask the rows of all entries, and further rows of joined tables, whether they opted out; nobody without a test."""
    rows = [(FurtherRows(name, dataset, records.rows[name]), False) for name, dataset in entries.items()]
    tests = config.leads.consent
    return [
        OwnAnswers(
            each, is_further, [_by_itself(each, config.source.records[each.entry], test, records) for test in tests]
        )
        for each, is_further in (*rows, *((each, True) for each in further))
        if tests
    ]


def opted_out_addresses(said: Sequence[OwnAnswers], records: Records, company: Numbers, config: Config) -> Addresses:
    """The mail addresses and phone numbers of all records that opted out, those that are rejected among them.

    A value that is neither yes nor no counts as a yes: a person who lets such a record move does not say that it may be
    contacted, and is not shown who else has its addresses.

    company: of each record. The addresses are read from the columns that `identity` names as such, and from those that
    the lead's fields take them from. So are those of further rows of joined tables: where these say who opted out, each
    row says it of its own addresses.
    """
    by_test = [_rows_out(place, test, said, records, company) for place, test in enumerate(config.leads.consent)]
    chosen = zip(said, (np.logical_or.reduce(masks) for masks in zip(*by_test, strict=True)), strict=True)
    return Addresses.of(
        keys for each, mask in chosen if mask.any() for keys in _keys(each.rows.entry, each.rows.dataset, mask, config)
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


def unsure_whether_opted_out(said: Sequence[OwnAnswers]) -> Numbers:
    """The records of which a value says neither that they opted out nor that they did not, or says it otherwise.

    NONE is among them for a row without a key.
    """
    unsure = (each.rows.owner[each.together.open] for each in said)
    return np.concatenate([np.zeros(0, dtype=np.int32), *unsure])


def rows_opted_out(said: Sequence[OwnAnswers]) -> int:
    """How many records, and further rows of joined tables, say of themselves that they opted out."""
    return sum(int(each.together.holds.sum()) for each in said)


def _rows_out(place: int, test: Test, said: Sequence[OwnAnswers], records: Records, company: Numbers) -> list[Mask]:
    """The rows of each entry, and the further rows of each joined table, that opted out by one test: by themselves or,
    where they are not asked, with their record or its company. place: of the test among all."""
    flags, asked = np.zeros(len(records), np.bool_), np.zeros(len(records), np.bool_)
    for each in said:
        if not each.is_further:
            numbers = each.rows.owner
            flags[numbers[each.out(place) & (numbers >= 0)]] = True
            asked[numbers[each.answers[place][1] & (numbers >= 0)]] = True
    flags |= ~asked & (company >= 0) & flags[company]
    return [_of_rows(each, each.out(place), test, flags) for each in said]


def _of_rows(each: OwnAnswers, own: Mask, test: Test, flags: Mask) -> Mask:
    """Which rows opted out. own: those that say so; flags: the records that opted out."""
    if each.is_further and own_test(test, each.rows.dataset.columns):
        return own
    owner = each.rows.owner
    return own | ((owner >= 0) & flags[owner]) if len(flags) else own


def _by_itself(rows: FurtherRows, entry: Entry, test: Test, records: Records) -> tuple[Answer, Mask]:
    """What rows of an entry say of opting out themselves, and which were asked: those that have the column, and are not
    of the other kind where one kind is asked."""
    dataset, numbers = rows.dataset, rows.owner
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
