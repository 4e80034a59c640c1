"""How a link meets on all rows, and what would bring more of them together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from etl.config.links import Step
from etl.profile.model import KeyOf, LinkTo, Table
from etl.profile.sql import only_column, only_row, quoted, rows_in
from etl.rows.keys import normalized
from etl.rows.near_keys import cured_by, cures, most_first

NONE = ("0", "-1", "00000000-0000-0000-0000-000000000000")
"""What stands in a link that names nothing."""


def counted(
    connection: duckdb.DuckDBPyConnection, by_name: Mapping[str, Table], keys: Mapping[str, KeyOf], link: LinkTo
) -> LinkTo:
    """Count on all rows how a link meets, what would bring more of them together, and what stands for none."""
    table, to = by_name[link.table], by_name[link.to]
    columns, key = link.columns, keys[link.to].columns
    is_filled = " AND ".join(f"{quoted(c)} IS NOT NULL" for c in columns)
    wanted = ", ".join(f"{quoted(c)} AS k{n}" for n, c in enumerate(columns))
    known = ", ".join(f"{quoted(c)} AS k{n}" for n, c in enumerate(key))
    named = ", ".join(f"k{n}" for n in range(len(key)))
    query = f"""WITH wanted AS (
            SELECT {wanted}, count(*) AS n FROM {rows_in(table.path)} WHERE {is_filled} GROUP BY ALL),
        known AS (SELECT DISTINCT {known} FROM {rows_in(to.path)})
        SELECT (SELECT coalesce(sum(n), 0) FROM wanted SEMI JOIN known USING ({named})),
               (SELECT coalesce(sum(n), 0) FROM wanted),
               (SELECT coalesce(sum(n), 0) FROM wanted ANTI JOIN known USING ({named}) WHERE k0 IN {NONE}),
               (SELECT list(k0 ORDER BY n DESC, k0)[:2000] FROM wanted ANTI JOIN known USING ({named}))"""
    met, filled, without, unmet = only_row(connection, query)
    missing = [value for value in unmet or [] if value not in NONE]
    none = tuple(value for value in NONE if value in (unmet or []))
    filled -= without if len(columns) == 1 else 0
    link = replace(link, met=int(met), filled=int(filled), none=none, example=missing[0] if missing else None)
    if len(columns) == 1 and missing:
        return _normalized(connection, table, to, key[0], link, missing)
    return link


def _normalized(
    connection: duckdb.DuckDBPyConnection, table: Table, to: Table, key: str, link: LinkTo, missing: Sequence[str]
) -> LinkTo:
    """Add the steps by which values that are no key become one."""
    known = _known(connection, to, key)
    cured = dict(cured_by(pa.array(missing, pa.large_string()), known))
    best = next(most_first(cured, len(missing)), None)
    if best is None or best[1] < 0.5 * len(missing):
        return link
    return _with_steps(connection, table, to, key, link, known, best[0])


def of_addresses(connection: duckdb.DuckDBPyConnection, table: Table, to: Table, key: str, link: LinkTo) -> LinkTo:
    """The link of mail addresses, in which capitals never matter."""
    if link.steps:
        return link
    return _with_steps(connection, table, to, key, link, _known(connection, to, key), ("trim", "lower"))


def _known(connection: duckdb.DuckDBPyConnection, to: Table, key: str) -> pa.Array:
    """The values of a column that others name rows by, each once."""
    return only_column(
        connection, f"SELECT DISTINCT {quoted(key)} AS v FROM {rows_in(to.path)} WHERE {quoted(key)} IS NOT NULL"
    )


def _with_steps(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    to: Table,
    key: str,
    link: LinkTo,
    known: pa.Array,
    steps: tuple[Step, ...],
) -> LinkTo:
    """A link whose values and keys are brought to one form."""
    values, rows = _unmet(connection, table, to, key, link)
    names_some = pc.invert(pc.is_in(values, value_set=pa.array(NONE, values.type)))
    helped = pc.and_(pa.array(cures(values, known, steps)), names_some)
    left = values.filter(pc.and_(pc.invert(helped), names_some)).to_pylist()
    met = link.met + int(pc.sum(rows.filter(helped)).as_py() or 0)
    folds = bool(pc.any(pc.not_equal(normalized(known.cast(pa.large_string()), steps), known)).as_py())
    return replace(link, met=met, steps=steps, folds=folds, example=left[0] if left else None)


def _unmet(
    connection: duckdb.DuckDBPyConnection, table: Table, to: Table, key: str, link: LinkTo
) -> tuple[pa.Array, pa.Array]:
    """The values of a link that are no key, the most frequent first, with the rows that have each."""
    c = quoted(link.columns[0])
    query = f"""SELECT {c} AS v, count(*) AS n FROM {rows_in(table.path)} WHERE {c} IS NOT NULL
        AND {c} NOT IN (SELECT {quoted(key)} FROM {rows_in(to.path)} WHERE {quoted(key)} IS NOT NULL)
        GROUP BY v ORDER BY n DESC, v"""
    rows = connection.sql(query).to_arrow_table()
    return rows["v"].combine_chunks().cast(pa.large_string()), rows["n"].combine_chunks()
