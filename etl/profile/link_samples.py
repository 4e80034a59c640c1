"""Which columns may name rows of which tables, by a sample of their values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import duckdb
import pyarrow as pa

from etl.profile.amounts import has_fractions, is_amount
from etl.profile.keys import KEYS
from etl.profile.link_chance import spread_of
from etl.profile.link_counts import NONE
from etl.profile.link_names import is_short, is_telling, looks_like_key, speaks_above, spoken_roles
from etl.profile.model import Column, KeyOf, Table
from etl.profile.names import words_of
from etl.profile.sql import quoted, rows_in, text

LOOSE = (
    "CASE WHEN regexp_matches(v, '^[a-zA-Z0-9]{15}([a-zA-Z0-9]{3})?$') THEN substr(v, 1, 15) "
    "ELSE coalesce(nullif(ltrim(regexp_replace(lower(trim(v)), '[.,]0+$', ''), '0'), ''), '0') END"
)
FEW = 0.02
"""So small a share of a sample is met by chance."""


def met_in_samples(
    connection: duckdb.DuckDBPyConnection, tables: Sequence[Table], keys: Mapping[str, KeyOf]
) -> dict[tuple[str, str, str], float]:
    """Of a sample of each column's values: the share that is a key of each table, as it stands or nearly.

    Columns of small numbers whose names say nothing are asked only of tables whose keys have gaps: of the others, all.
    """
    sizes = _sample(connection, _samples(tables, keys))
    if not sizes:
        return {}
    met: dict[tuple[str, str, str], int] = {}
    for known in _known(connection, tables, keys):
        for form in ("v", "loose"):
            query = (
                f"WITH k AS (SELECT DISTINCT t, sparse, {form} FROM {known}) "
                f"SELECT s.t, s.c, k.t, count(DISTINCT s.v) FROM samples s JOIN k USING ({form}) "
                f"WHERE s.says GROUP BY ALL UNION ALL "
                f"SELECT s.t, s.c, k.t, count(DISTINCT s.v) FROM samples s JOIN k USING ({form}) "
                f"WHERE NOT s.says AND k.sparse GROUP BY ALL"
            )
            for t, c, to, count in connection.sql(query).fetchall():
                met[t, c, to] = max(met.get((t, c, to), 0), count)
    return {(t, c, to): n / sizes[t, c] for (t, c, to), n in met.items() if n >= FEW * sizes[t, c]}


def sampled(
    connection: duckdb.DuckDBPyConnection, columns: Iterable[tuple[Table, Column]]
) -> dict[tuple[str, str], int]:
    """Take samples of some columns, for `met_by`. Returns table and column -> how many values were taken."""
    return _sample(connection, ((table, column, True) for table, column in columns))


def met_by(connection: duckdb.DuckDBPyConnection, known: str) -> dict[tuple[str, str], int]:
    """Table and column -> how many values of its sample are known, as they stand or nearly. known: rows of v, loose."""
    query = (
        f"SELECT s.t, s.c, count(DISTINCT s.v) FROM samples s WHERE s.v IN (SELECT v FROM {known}) "
        f"OR s.loose IN (SELECT loose FROM {known}) GROUP BY ALL"
    )
    return {(t, c): count for t, c, count in connection.sql(query).fetchall()}


@contextmanager
def _view(connection: duckdb.DuckDBPyConnection, rows: pa.Table) -> Iterator[str]:
    """A table in memory as one that queries can name."""
    connection.register("in_memory", rows)
    yield "in_memory"
    connection.unregister("in_memory")


def _known(connection: duckdb.DuckDBPyConnection, tables: Sequence[Table], keys: Mapping[str, KeyOf]) -> Iterator[str]:
    """Tables of keys, with the columns t, v, loose and sparse: of all small tables at once, of a large one alone."""
    single = [table for table in tables if table.name in keys and len(keys[table.name].columns) == 1]
    named = [(table, table[keys[table.name].columns[0]]) for table in single]
    small = [(table, column) for table, column in named if column.distinct == len(column.values)]
    if small:
        names = [table.name for table, column in small for _ in range(len(column.values))]
        sparse = [is_so for _, column in small for is_so in [spread_of(column).is_sparse] * len(column.values)]
        rows = pa.table({"t": names, "sparse": sparse, "v": pa.concat_arrays([column.values for _, column in small])})
        with _view(connection, rows) as few:
            connection.execute(f"CREATE OR REPLACE TEMP TABLE known AS SELECT *, {LOOSE} AS loose FROM {few}")
        yield "known"
    for table, column in named:
        if column.distinct != len(column.values):
            is_sparse = str(spread_of(column).is_sparse).upper()
            values = f"SELECT {text(table.name)} AS t, {is_sparse} AS sparse, {quoted(column.name)} AS v"
            yield f"(SELECT *, {LOOSE} AS loose FROM ({values} FROM {rows_in(table.path)}))"


def _samples(tables: Sequence[Table], keys: Mapping[str, KeyOf]) -> Iterator[tuple[Table, Column, bool]]:
    """The columns that may be links, and whether a column's name or values say more than any number would."""
    named = {words_of(key.columns[0]) for key in keys.values() if len(key.columns) == 1}
    for table in tables:
        for column in table.columns:
            if may_be_link(column):
                says = _says_more(table, column, keys) or (words_of(column.name) in named and is_telling(column.name))
                yield table, column, says


def _sample(
    connection: duckdb.DuckDBPyConnection, columns: Iterable[tuple[Table, Column, bool]]
) -> dict[tuple[str, str], int]:
    """Write table, column and value of samples into `samples`, and how many there are of each column."""
    parts: dict[str, list[str | bool]] = {"t": [], "c": [], "v": [], "says": []}
    sizes: dict[tuple[str, str], int] = {}
    for table, column, says in columns:
        values = [value for value in column.values.to_pylist()[:SAMPLE] if value.strip() not in NONE]
        if values:
            sizes[table.name, column.name] = len(values)
            parts["t"] += [table.name] * len(values)
            parts["c"] += [column.name] * len(values)
            parts["v"] += values
            parts["says"] += [says] * len(values)
    if sizes:
        with _view(connection, pa.table(parts)) as rows:
            connection.execute(f"CREATE OR REPLACE TEMP TABLE samples AS SELECT *, {LOOSE} AS loose FROM {rows}")
    return sizes


SAMPLE = 200


def may_be_link(column: Column) -> bool:
    """Whether a column could name rows: dates, texts and amounts do not."""
    if not column.filled or column.dates or column.longest > 100:
        return False
    return not is_amount(column) or (looks_like_key(column.name) and not has_fractions(column))


def _says_more(table: Table, column: Column, keys: Mapping[str, KeyOf]) -> bool:
    """Whether a column holds more than small numbers, or is called like one that names rows."""
    words = words_of(column.name)
    is_key = table.name in keys and keys[table.name].columns == (column.name,)
    if speaks_above(column.name):
        return True
    if is_short(column) or column.is_plain_flag:
        says_more = any(word not in KEYS for word in words) and looks_like_key(column.name)
        return says_more if is_key or looks_like_key(column.name) else bool(spoken_roles(column.name))
    return True
