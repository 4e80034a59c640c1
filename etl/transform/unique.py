"""Which leads the target would refuse because another lead has the same value in a field that must be unique."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import pyarrow as pa

THERE = "a lead that is there already"
Key = tuple[str, ...]


class Unique(Protocol):
    """Fields that no two leads have the same values in."""

    @property
    def fields(self) -> tuple[str, ...]:
        """Lead fields."""

    @property
    def folds(self) -> tuple[frozenset[str], ...]:
        """For each field what does not count in comparing: case, accents, blanks."""

    @property
    def empty(self) -> frozenset[str]:
        """The fields in which an empty value is one like others."""


class Taken(NamedTuple):
    """Why a lead cannot be written. field: or several, joined by ` + `; holder: the lead with the value, or THERE."""

    field: str
    holder: str


def taken_values(
    leads: Iterable[pa.Table], unique: Sequence[Unique], existing: Sequence[Iterable[pa.Table]]
) -> dict[str, Taken]:
    """Find the leads whose value another one has: the first of them can be written, the others cannot.

    leads: tables in the order of the plan, with the columns lead, into and the fields; one that goes into a lead that
    is there already is left out. existing: for each of `unique` the values that the target has, a column a field.
    """
    holders = [_existing(own, tables) for own, tables in zip(unique, existing, strict=True)]
    names = list(dict.fromkeys(name for own in unique for name in own.fields))
    taken: dict[str, Taken] = {}
    for table in leads:
        for lead, into, *values in _rows(table, ["lead", "into", *names]):
            if into is not None:
                continue
            keys = [_key(dict(zip(names, values, strict=True)), own) for own in unique]
            if clash := _clash(keys, unique, holders):
                taken[lead] = clash
                continue
            for holder, key in zip(holders, keys, strict=True):
                if key is not None:
                    holder[key] = lead
    return taken


def _existing(unique: Unique, tables: Iterable[pa.Table]) -> dict[Key, str]:
    """The values that the target has, each with who has it."""
    rows = (dict(zip(unique.fields, row, strict=True)) for table in tables for row in _rows(table, unique.fields))
    return {key: THERE for row in rows if (key := _key(row, unique)) is not None}


def _rows(table: pa.Table, names: Collection[str]) -> Iterable[tuple[Any, ...]]:
    nothing = [None] * table.num_rows
    columns = [table[name].to_pylist() if name in table.column_names else nothing for name in names]
    return zip(*columns, strict=True)


def _key(values: Mapping[str, object], unique: Unique) -> Key | None:
    """What is compared; None where a value is empty, and so like no other."""
    key = []
    for name, folds in zip(unique.fields, unique.folds, strict=True):
        value = values[name]
        if value is None and name not in unique.empty:
            return None
        key.append(folded("" if value is None else str(value), folds))
    return tuple(key)


def _clash(keys: Sequence[Key | None], unique: Sequence[Unique], holders: Sequence[Mapping[Key, str]]) -> Taken | None:
    for own, key, holder in zip(unique, keys, holders, strict=True):
        if key is not None and key in holder:
            return Taken(" + ".join(own.fields), holder[key])
    return None


def folded(text: str, folds: frozenset[str]) -> str:
    """A text without what does not count."""
    if "blanks" in folds:
        text = text.rstrip(" ")
    if "accents" in folds and not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return text.casefold() if "case" in folds else text
