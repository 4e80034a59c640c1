"""Whose addresses must not be contacted: those of every record that opted out, whatever becomes of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from etl.classify.families import Families, Mask
from etl.classify.records import TYPES, Numbers, Records
from etl.config import Config, Entry, Test, renamed
from etl.config.leads import ROLES
from etl.matching.addresses import NOBODY, READ, Addresses, Keys, address_keys
from etl.model import Dataset
from etl.plan.tables import batches
from etl.rows import Answer, ask


def opted_out_addresses(
    records: Records, families: Families, entries: Mapping[str, Dataset], config: Config
) -> Addresses:
    """The mail addresses and phone numbers of all records that opted out, those that are rejected among them.

    They are read from the columns that `identity` names as such, and from those that the lead's fields take them from.
    """
    if config.leads.consent is None:
        return NOBODY
    masks = _opted_out(records, families, entries, config)
    return Addresses.of(
        keys for name, dataset in entries.items() if masks[name].any() for keys in _keys(dataset, masks[name], config)
    )


def unsure_whether_opted_out(records: Records, entries: Mapping[str, Dataset], config: Config) -> Numbers:
    """The records of which a value says neither that they opted out nor that they did not, or says it otherwise.

    NONE is among them for a row without a key.
    """
    test, unsure = config.leads.consent, [np.zeros(0, dtype=np.int32)]
    if test is not None:
        for name, dataset in entries.items():
            answered, _ = _by_itself(dataset, config.source.records[name], test, records)
            unsure.append(records.rows[name][answered.open])
    return np.concatenate(unsure)


def _opted_out(records: Records, families: Families, entries: Mapping[str, Dataset], config: Config) -> dict[str, Mask]:
    """For each entry which of its rows opted out: by itself or, where it is not asked, by its company."""
    test = config.leads.consent
    assert test is not None
    flags, asked, own = np.zeros(len(records), np.bool_), np.zeros(len(records), np.bool_), dict[str, Mask]()
    for name, dataset in entries.items():
        numbers = records.rows[name]
        answered, is_asked = _by_itself(dataset, config.source.records[name], test, records)
        own[name] = answered.holds
        flags[numbers[own[name] & (numbers >= 0)]] = True
        asked[numbers[is_asked & (numbers >= 0)]] = True
    flags |= ~asked & (families.company >= 0) & flags[families.company]
    return {name: mask | ((records.rows[name] >= 0) & flags[records.rows[name]]) for name, mask in own.items()}


def _by_itself(dataset: Dataset, entry: Entry, test: Test, records: Records) -> tuple[Answer, Mask]:
    """What rows of an entry say of opting out themselves, and which were asked: those that have the column."""
    role, _, column = test.column.partition(".")
    kind = ROLES.get(role) if column else None
    own = renamed(test, column) if kind else test
    nobody = np.zeros(dataset.rows, dtype=np.bool_)
    if own.column not in dataset.columns:
        return Answer(nobody, nobody), nobody
    numbers = records.rows[dataset.name]
    asked = np.ones(dataset.rows, dtype=np.bool_)
    if kind is not None:
        of_kind = records.type[numbers] == TYPES[kind] if len(records) else nobody
        asked = np.where(numbers >= 0, of_kind, entry.type == kind)
    answers = [ask(own, batch.column(0)) for batch in batches(dataset.path, [own.column])]
    holds = np.concatenate([nobody[:0], *(answered.holds for answered in answers)])
    doubtful = np.concatenate([nobody[:0], *(answered.open for answered in answers)])
    return Answer(holds & asked, doubtful & asked), asked


def _keys(dataset: Dataset, chosen: Mask, config: Config) -> Iterator[Keys]:
    """The keys of all addresses of some rows, a batch at a time."""
    columns = _columns(dataset, config)
    start = 0
    for batch in batches(dataset.path, [column for _, column in columns]):
        rows = np.flatnonzero(chosen[start : start + len(batch)])
        start += len(batch)
        for place, (field, _) in enumerate(columns):
            yield address_keys(batch.column(place).take(rows), field)[1]


def _columns(dataset: Dataset, config: Config) -> list[tuple[str, str]]:
    """Field and column of all addresses that an entry has."""
    identity = config.source.records[dataset.name].identity
    named = [(field, column) for field in READ for column in (*identity.get(field, ()), *config.leads.columns(field))]
    return [(field, column) for field, column in dict.fromkeys(named) if column in dataset.columns]
