"""Lists of values that no link leads to: small numbers meet the keys of any table, so that names must say it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from etl.profile.kinds import share_of
from etl.profile.link_names import names_itself
from etl.profile.model import Column, Role, Table
from etl.profile.names import COMPOUND, kinds_of, singular, words_of
from etl.profile.profile import Profile
from etl.profile.table_parts import labels_of, shown_by

ROWS = 500
"""A list of values has no more rows."""
COLUMNS = 12
CODES = 40
"""A column of codes has no more words."""


def all_labels_of(profile: Profile, table: Table) -> dict[str, Any]:
    """The names of rows that a table names by their ids, also where only the names of a column and a list say so.

    Of such a list, a column may say which rows are of which kind: those that it calls as the column of codes is called.
    """
    labels = labels_of(profile, table)
    for column in table.columns:
        if speaks_of_states(column.name) and _has_codes(column):
            lists = list(_lists(profile, table, column))
            if len(lists) == 1 and not _is_surer(profile, table, column, labels.get(column.name), lists[0]):
                labels[column.name] = lists[0]
    return labels


def _is_surer(
    profile: Profile, table: Table, column: Column, linked: dict[str, Any] | None, other: dict[str, Any]
) -> bool:
    """Whether the list to which a link leads is surer than another one that has all words of a column.

    It is where the source declares the link, or where it has all words as well and is called like the table if that is.
    """
    if linked is None:
        return False
    if any(link.declared and link.columns == (column.name,) for link in profile.graph.of(table.name)):
        return True
    listed = profile.parts[linked["from"]].table
    fits = bool(linked.get("normalize")) or _has_all(listed[linked["key"]].values, column)
    return fits and (_is_of(listed.name, table) or not _is_of(other["from"], table))


def _is_of(listed: str, table: Table) -> bool:
    """Whether a list has a table's name in its own."""
    return bool(set(map(singular, words_of(table.name))) & set(map(singular, words_of(listed))))


def speaks_of_states(column: str) -> bool:
    """Whether a column is called like one of states; in some languages the first word says what it is."""
    words = words_of(column)
    return kinds_of(column).get("status", 0) >= 40 or bool(words and kinds_of(words[0]).get("status", 0) >= 40)


def _has_codes(column: Column) -> bool:
    return bool(column.top) and column.distinct <= CODES and not column.flag and not column.dates


def _lists(profile: Profile, table: Table, column: Column) -> Iterator[dict[str, Any]]:
    """The lists that have all words of a column; those that are called as its table is, if any is."""
    fitting = []
    for part in profile.parts.values():
        listed = part.table
        if part.role in (Role.OTHER, Role.LIST) and 0 < listed.rows <= ROWS and len(listed.columns) <= COLUMNS:
            key = profile.keys[listed.name].columns if listed.name in profile.keys else ()
            labels = (_whole(listed, key, column), _kind(listed, key, column))
            fitting += [(listed, label) for label in labels if label]
    named = [label for listed, label in fitting if _is_of(listed.name, table)]
    yield from named or [label for _, label in fitting]


def _whole(listed: Table, key: tuple[str, ...], column: Column) -> dict[str, Any] | None:
    """A list that is called as a column is, by its key."""
    if len(key) != 1 or not _are_called_alike(column.name, listed.name):
        return None
    show = shown_by(listed, key) if _has_all(listed[key[0]].values, column) else None
    return {"from": listed.name, "key": key[0], "show": show} if show else None


def _kind(listed: Table, own: tuple[str, ...], column: Column) -> dict[str, Any] | None:
    """Those rows of a list of several kinds that are called as a column is. own: its key, which may be like codes."""
    for kind in listed.columns:
        said = next((word for word, _ in kind.top if _are_called_alike(column.name, word)), None)
        if said is None or kind.distinct < 2:
            continue
        rows = parquet.read_table(listed.path)
        rows = rows.filter(pc.equal(rows[kind.name], said))
        for code in sorted(listed.columns, key=lambda each: each.name in own):
            codes = rows[code.name].combine_chunks()
            is_key = code is not kind and codes.null_count == 0 and len(pc.unique(codes)) == len(codes)
            show = shown_by(listed, (kind.name, code.name)) if is_key and _has_all(codes, column) else None
            if show is not None:
                return {"from": listed.name, "key": code.name, "show": show, "where": {kind.name: said}}
    return None


def _are_called_alike(column: str, listed: str) -> bool:
    """Whether a list has a column's name in its own, also at the end of a German compound."""
    ends = [singular(word) for word in words_of(column) if len(word) > COMPOUND]
    return names_itself(column, listed) or any(word.endswith(tuple(ends)) for word in map(singular, words_of(listed)))


def _has_all(codes: pa.Array, column: Column) -> bool:
    words = pa.array([word for word, _ in column.top], pa.large_string())
    return share_of(pc.is_in(words, value_set=codes.cast(pa.large_string()))) == 1
