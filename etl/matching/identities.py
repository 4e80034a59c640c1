"""Lists as the engine takes them: from the columns of a table to kinds of columns, and two lists below each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from etl.matching.features import Identity

Mask = npt.NDArray[np.bool_]
TEXT = pa.large_string()
REACH = {"email", "website"}
"""Kinds that are compared with each other, too: both have a domain."""


def by_kind(table: pa.Table, identity: Mapping[str, Sequence[str]]) -> pa.Table:
    """The columns of each kind, named `kind.number`."""
    columns = {f"{kind}.{n}": table[name] for kind, names in identity.items() for n, name in enumerate(names)}
    return pa.table(columns) if columns else pa.table({"": pa.nulls(len(table))}).select([])


def filled(rows: pa.Table) -> Mask:
    """Which rows of a table `by_kind` have any value."""
    mask = np.zeros(len(rows), dtype=np.bool_)
    for column in rows.columns:
        mask |= np.asarray(pc.is_valid(column))
    return mask


def kinds(rows: pa.Table) -> list[str]:
    """The kinds of a table `by_kind`, in its order."""
    return list(dict.fromkeys(name.partition(".")[0] for name in rows.column_names))


def one_list(rows: pa.Table) -> Identity:
    """One list, to be compared with itself."""
    return {kind: list(_columns(kind, [rows])) for kind in kinds(rows)}


def two_lists(left: pa.Table, right: pa.Table) -> Identity:
    """Two lists below each other, with the kinds that can be compared: those of both, and what has a domain."""
    left_kinds, right_kinds = kinds(left), kinds(right)
    meet = {*left_kinds} & {*right_kinds} | (REACH if REACH & {*left_kinds} and REACH & {*right_kinds} else set())
    return {
        kind: list(_columns(kind, [left, right])) for kind in dict.fromkeys([*left_kinds, *right_kinds]) if kind in meet
    }


def _columns(kind: str, lists: Sequence[pa.Table]) -> Iterator[pa.Array]:
    """The columns of one kind, the lists below each other; a list that has fewer is filled up with nulls."""
    number = 0
    while any(f"{kind}.{number}" in rows.column_names for rows in lists):
        name = f"{kind}.{number}"
        parts = [array(rows[name]) if name in rows.column_names else pa.nulls(len(rows), TEXT) for rows in lists]
        yield pa.concat_arrays(parts)
        number += 1


def array(column: pa.ChunkedArray) -> pa.Array:
    """A column in one piece."""
    return pa.concat_arrays([pa.array([], TEXT), *(chunk.cast(TEXT) for chunk in column.chunks)])
