"""Look at each column of a copied table: how full it is, how many values it has, and which."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import md5

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from etl.empties import USUAL
from etl.profile.dates import Counting, dates_of
from etl.profile.model import Column, Flag, Table
from etl.profile.reading import Copy
from etl.profile.sql import only_column, only_row, quoted, rows_in, text
from etl.rows.literals import FALSE, TRUE, truth_form

SAMPLE = 1_000
"""So many distinct values say what a column holds."""
MANY = 5_000
"""A column of more values than these is no list of words."""
TOP = 40
FLAG_WORDS = 6
"""A flag has no more spellings than these."""
BESIDE_NO = frozenset("s o".split())
NO_WORDS = frozenset("n no non".split())
"""Beside one of these, one of those says yes: `S` and `N` are the usual flag of Italian and Spanish systems, `O`
and `N` that of French ones."""
ALONE = BESIDE_NO | frozenset("* ✓".split())
"""What says yes where all other rows are empty."""


SMALL = 50_000
"""Tables of so many rows are counted in memory: a query costs more than they do."""


@dataclass(frozen=True, eq=False)
class _Counted:
    """The values of a column. written: rows with a value; filled: of these, with one that is no word for none.

    top: the most frequent values of a column with few; values: a sample of all. asked: how many match which patterns.
    """

    written: int
    filled: int
    distinct: int
    longest: int
    top: tuple[tuple[str, int], ...]
    values: pa.Array
    asked: Counting


def described(connection: duckdb.DuckDBPyConnection, copy: Copy) -> Table:
    """Describe a table. connection: of DuckDB; nothing is kept in it."""
    if copy.rows <= SMALL:
        rows = parquet.read_table(copy.path)
        counted = [_in_memory(column) for column in rows.columns]
    else:
        counted = list(_by_queries(connection, rows_in(copy.path), copy.columns))
    columns = [_column(name, copy.rows, each) for name, each in zip(copy.columns, counted, strict=True)]
    return Table(copy.table, copy.path, copy.rows, copy.whole, tuple(columns), copy.declared)


def _column(name: str, rows: int, counted: _Counted) -> Column:
    empties = {word: count for word, count in counted.top if word.strip() in USUAL and count < counted.written}
    shown = tuple((word, count) for word, count in counted.top if word not in empties)
    return Column(
        name,
        rows,
        counted.filled,
        counted.distinct,
        counted.longest,
        shown,
        _without_usual(counted.values),
        empties,
        dates_of(counted.values, counted.asked),
        flag_of([word for word, _ in shown], is_partly=counted.filled < rows),
    )


def _without_usual(values: pa.Array) -> pa.Array:
    return values.filter(pc.invert(pc.is_in(pc.utf8_trim_whitespace(values), value_set=pa.array(USUAL, values.type))))


def _in_memory(column: pa.ChunkedArray) -> _Counted:
    """Count the values of a column that is in memory."""
    counts = pc.value_counts(column.drop_null())
    values, times = counts.field("values").cast(pa.large_string()), np.asarray(counts.field("counts"))
    order = pc.sort_indices(pa.table({"n": times, "v": values}), sort_keys=[("n", "descending"), ("v", "ascending")])
    few = order.slice(0, TOP) if len(values) <= MANY else order.slice(0, 0)
    usual = np.asarray(pc.is_in(pc.utf8_trim_whitespace(values), value_set=pa.array(USUAL, values.type)))

    def asked(patterns: Mapping[str, str], without: Sequence[str]) -> tuple[int, dict[str, int]]:
        left = np.ones(len(values), dtype=np.bool_)
        trimmed = pc.utf8_trim_whitespace(values)
        for pattern in without:
            left &= ~np.asarray(pc.match_substring_regex(trimmed, pattern))
        matching = {name: np.asarray(pc.match_substring_regex(trimmed, by)) for name, by in patterns.items()}
        return int(times[left].sum()), {name: int(times[left & mask].sum()) for name, mask in matching.items()}

    return _Counted(
        int(times.sum()),
        int(times[~usual].sum()),
        len(values),
        pc.max(pc.utf8_length(values)).as_py() or 0,
        tuple(zip(values.take(few).to_pylist(), times[np.asarray(few)].tolist(), strict=True)),
        _chosen(values),
        asked,
    )


def _chosen(values: pa.Array) -> pa.Array:
    """Some of a column's distinct values, chosen by their hash: the same for any order of rows."""
    if len(values) <= SAMPLE:
        return values.take(pc.sort_indices(values))
    hashed = sorted((md5(value.encode(), usedforsecurity=False).hexdigest(), value) for value in values.to_pylist())
    return pa.array([value for _, value in hashed[:SAMPLE]], pa.large_string())


AT_ONCE = 200
"""So many columns are counted in one query."""


def _by_queries(connection: duckdb.DuckDBPyConnection, from_file: str, names: Sequence[str]) -> Iterator[_Counted]:
    """Count the values of the columns of a file."""
    words = ", ".join(map(text, USUAL))
    for first in range(0, len(names), AT_ONCE):
        some = names[first : first + AT_ONCE]
        asked = ", ".join(
            f"count({c}), count({c}) FILTER (WHERE trim({c}) NOT IN ({words})), approx_count_distinct({c}), "
            f"coalesce(max(length({c})), 0)"
            for c in map(quoted, some)
        )
        row = only_row(connection, f"SELECT {asked} FROM {from_file}")
        for name, at in zip(some, range(0, len(row), 4), strict=True):
            yield _by_query(connection, from_file, quoted(name), row[at : at + 4])


def _by_query(connection: duckdb.DuckDBPyConnection, from_file: str, c: str, counts: Sequence[int]) -> _Counted:
    written, filled, distinct, longest = counts
    top: list[tuple[str, int]] = []
    if 0 < distinct <= MANY:
        top = connection.sql(
            f"SELECT {c}, count(*) AS n FROM {from_file} WHERE {c} IS NOT NULL "
            f"GROUP BY 1 ORDER BY n DESC, 1 LIMIT {TOP}"
        ).fetchall()
    chosen = (
        f"SELECT v FROM (SELECT DISTINCT {c} AS v FROM {from_file} WHERE {c} IS NOT NULL) "
        f"ORDER BY md5(v), v LIMIT {SAMPLE}"
    )

    def asked(patterns: Mapping[str, str], without: Sequence[str]) -> tuple[int, dict[str, int]]:
        left = " AND ".join([f"{c} IS NOT NULL", *(f"NOT regexp_matches(trim({c}), {text(by)})" for by in without)])
        matching = (f"count(*) FILTER (WHERE regexp_matches(trim({c}), {text(by)}))" for by in patterns.values())
        row = only_row(connection, f"SELECT {', '.join(['count(*)', *matching])} FROM {from_file} WHERE {left}")
        return row[0], dict(zip(patterns, row[1:], strict=True))

    exact = len(top) if top and len(top) < TOP else min(distinct, written)
    return _Counted(written, filled, exact, longest, tuple(top), only_column(connection, chosen), asked)


def flag_of(words: Sequence[str], *, is_partly: bool) -> Flag | None:
    """A column that says yes or no, by its words; None where they say something else, or only numbers of a count.

    is_partly: whether rows without a word are there.
    """
    if not words or len(words) > FLAG_WORDS:
        return None
    folded = dict(zip(words, truth_form(pa.array(words, pa.large_string())).to_pylist(), strict=True))
    no = tuple(word for word in words if folded[word] in FALSE)
    beside = BESIDE_NO if {folded[word] for word in no} & NO_WORDS else frozenset()
    if is_partly and set(folded.values()) <= ALONE:
        beside = ALONE
    yes = tuple(word for word in words if folded[word] in TRUE | beside)
    other = tuple(word for word in words if word not in (*yes, *no))
    if len(other) > 1 or not (yes or no):
        return None
    known = all(folded[word] in TRUE for word in yes)
    return Flag(yes, no, other, known) if not other or (yes and no) else None
