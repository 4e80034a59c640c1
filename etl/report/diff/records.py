"""Which legacy records two plans decide otherwise: joined in DuckDB on source keys and narrow columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb

from etl.model import Decision
from etl.report.diff.model import TEXT, RecordChange, RecordGroup, Records, Why, short
from etl.report.read import parquet

DANGER = {"worst": 0, "look": 1, "none": 2}
Group = tuple[str | None, str | None, str | None, str | None]


def records(connection: duckdb.DuckDBPyConnection, before: Path, after: Path, limit: int) -> Records:
    """Compare the decisions of two plans' folders. limit: how many records of each group are named.

    Evidence is compared by hash; it is read for the records alone that are named.
    """
    _decided(connection, "was", before)
    _decided(connection, "now", after)
    connection.execute(
        """CREATE TABLE changed AS
           SELECT source_key, was.decision AS before, now.decision AS after, was.rule AS rule_before,
                  now.rule AS rule_after, coalesce(now.family, was.family) AS family,
                  greatest(coalesce(was.n, 0), coalesce(now.n, 0)) AS n
           FROM was FULL JOIN now USING (source_key)
           WHERE was.decision IS DISTINCT FROM now.decision OR was.rule IS DISTINCT FROM now.rule
                 OR was.evidence IS DISTINCT FROM now.evidence OR was.n IS DISTINCT FROM now.n"""
    )
    changed, came, went, evidence = connection.execute(
        """SELECT coalesce(sum(n) FILTER (before <> after), 0)::BIGINT,
                  coalesce(sum(n) FILTER (before IS NULL), 0)::BIGINT,
                  coalesce(sum(n) FILTER (after IS NULL), 0)::BIGINT,
                  coalesce(sum(n) FILTER (before = after AND rule_before IS NOT DISTINCT FROM rule_after), 0)::BIGINT
           FROM changed"""
    ).fetchall()[0]
    named = _named(connection, limit)
    keys = [key for some in named.values() for key in some]
    whys = [_whys(connection, folder, keys) for folder in (before, after)]
    groups = [
        _group(row, [RecordChange(key, *(why.get(key) for why in whys)) for key in named.get(row[:4], ())])
        for row in _counts(connection)
    ]
    groups.sort(key=lambda group: (DANGER[group.danger], group.before == group.after))  # the largest first in each
    return Records(changed, came, went, evidence, tuple(groups))


def _decided(connection: duckdb.DuckDBPyConnection, table: str, folder: Path) -> None:
    """One row a source key. Rows that share a key are rejects, all for the same reason: they are counted in `n`."""
    connection.execute(
        f"""CREATE TABLE {table} AS
            SELECT source_key, min(decision) AS decision, min(rule) AS rule, min(family) AS family,
                   bit_xor(hash(evidence)) AS evidence, count(*) AS n
            FROM {parquet(folder / "decisions.parquet")} GROUP BY source_key"""
    )


def _counts(
    connection: duckdb.DuckDBPyConnection,
) -> list[tuple[str | None, str | None, str | None, str | None, int, int]]:
    return connection.execute(
        """SELECT before, after, rule_before, rule_after, sum(n)::BIGINT AS records, count(DISTINCT family)
           FROM changed WHERE before IS DISTINCT FROM after OR rule_before IS DISTINCT FROM rule_after
           GROUP BY ALL ORDER BY records DESC, 1, 2, 3, 4"""
    ).fetchall()


def _named(connection: duckdb.DuckDBPyConnection, limit: int) -> dict[Group, list[str]]:
    """The first source keys of each group."""
    rows = connection.execute(
        """SELECT before, after, rule_before, rule_after, source_key FROM changed
           WHERE before IS DISTINCT FROM after OR rule_before IS DISTINCT FROM rule_after
           QUALIFY row_number() OVER (
               PARTITION BY before, after, rule_before, rule_after ORDER BY source_key) <= ?
           ORDER BY source_key""",
        [limit],
    ).fetchall()
    keys: dict[Group, list[str]] = {}
    for *group, key in rows:
        keys.setdefault((group[0], group[1], group[2], group[3]), []).append(key)
    return keys


def _whys(connection: duckdb.DuckDBPyConnection, folder: Path, keys: Sequence[str]) -> dict[str, Why]:
    """Why a plan decided on some records as it did."""
    rows = connection.execute(
        f"""SELECT source_key, decision, rule, left(evidence, {TEXT + 1}) AS said, decided_by
            FROM {parquet(folder / "decisions.parquet")} WHERE source_key IN (SELECT unnest(?::VARCHAR[]))
            ORDER BY source_key, decision, rule, said, decided_by""",
        [list(keys)],
    ).fetchall()
    return {
        key: Why(Decision(decision), rule, short(words), None if by == key else by)
        for key, decision, rule, words, by in rows
    }


def _group(
    row: tuple[str | None, str | None, str | None, str | None, int, int], first: Iterable[RecordChange]
) -> RecordGroup:
    before, after = (None if name is None else Decision(name) for name in row[:2])
    return RecordGroup(before, after, *row[2:], tuple(first))
