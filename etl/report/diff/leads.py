"""Which leads two plans would write otherwise: fields and notes compared by hash, only what is named is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from etl.model import LEAD_FIELDS
from etl.report.diff.model import FieldCount, LeadChange, Leads, ValueChange, short
from etl.report.read import parquet

OTHERS = {"lead", "family", "note"}
"""The columns of `leads.parquet` that are no field."""

Compare = Callable[[str, str | None, str | None], Iterator[ValueChange]]
"""Names the values in which a lead's notes, before and after, differ."""


def leads(connection: duckdb.DuckDBPyConnection, before: Path, after: Path, limit: int, compare: Compare) -> Leads:
    """Compare the leads of two plans' folders. limit: how many are named. compare: what differs in two notes.

    A note is hashed as it is read and never held; so are the fields, first of a lead together, and then each by itself
    where they differ.
    """
    tables = [folder / "leads.parquet" for folder in (before, after)]
    schemas = [set(pq.read_schema(table).names) for table in tables]
    known = set.union(*schemas) - OTHERS
    own = sorted(known - {"into", *LEAD_FIELDS})
    fields = [name for name in ("into", *LEAD_FIELDS, *own) if name in known]
    for name, table, schema in zip(("leads_was", "leads_now"), tables, schemas, strict=True):
        _hashed(connection, name, table, [_cell(field, schema) for field in fields])
    came, went = _only(connection, "leads_now", "leads_was", limit), _only(connection, "leads_was", "leads_now", limit)
    connection.execute(
        """CREATE TABLE leads_changed AS
           SELECT lead, a.fields <> b.fields AS fields, a.note IS DISTINCT FROM b.note AS note
           FROM leads_was a JOIN leads_now b USING (lead)
           WHERE a.fields <> b.fields OR a.note IS DISTINCT FROM b.note"""
    )
    [(changed, notes)] = connection.execute("SELECT count(*), count(*) FILTER (note) FROM leads_changed").fetchall()
    return Leads(
        came=came[0],
        went=went[0],
        changed=changed,
        notes=notes,
        fields=_counts(connection, tables, schemas, fields),
        first_came=came[1],
        first_went=went[1],
        first=tuple(_first(connection, tables, schemas, fields, limit, compare)),
    )


def _cell(field: str, schema: set[str]) -> str:
    """A field as text in a query; NULL where the plan's leads have no such field."""
    return f'"{field}"::VARCHAR' if field in schema else "NULL::VARCHAR"


def _hashed(connection: duckdb.DuckDBPyConnection, name: str, table: Path, cells: Sequence[str]) -> None:
    """Each lead with a SHA-256 of its fields, each told apart by its length, and one of its note."""
    parts = ", ".join(f"coalesce(length({cell}) || ':' || {cell}, '-')" for cell in cells) or "''"
    connection.execute(
        f"""CREATE TABLE {name} AS
            SELECT lead, unhex(sha256(concat({parts}))) AS fields, unhex(sha256(note)) AS note FROM {parquet(table)}"""
    )


def _only(connection: duckdb.DuckDBPyConnection, here: str, elsewhere: str, limit: int) -> tuple[int, tuple[str, ...]]:
    """How many leads one plan has and the other has not, and the first of them."""
    query = f"FROM {here} ANTI JOIN {elsewhere} USING (lead)"
    [(count,)] = connection.execute(f"SELECT count(*) {query}").fetchall()
    first = connection.execute(f"SELECT lead {query} ORDER BY lead LIMIT ?", [limit]).fetchall()
    return count, tuple(lead for (lead,) in first)


def _counts(
    connection: duckdb.DuckDBPyConnection, tables: Sequence[Path], schemas: Sequence[set[str]], fields: Sequence[str]
) -> tuple[FieldCount, ...]:
    """In how many leads each field differs, the most frequent first; fields in which none does are left out."""
    sides = [
        f"""SELECT lead, {", ".join(f'hash({_cell(field, schema)}) AS "{field}"' for field in fields)}
            FROM {parquet(table)} SEMI JOIN (FROM leads_changed WHERE fields) USING (lead)"""
        for table, schema in zip(tables, schemas, strict=True)
    ]
    counts = ", ".join(f'count(*) FILTER (a."{field}" <> b."{field}")' for field in fields)
    [row] = connection.execute(f"SELECT {counts} FROM ({sides[0]}) a JOIN ({sides[1]}) b USING (lead)").fetchall()
    differing = [FieldCount(field, count) for field, count in zip(fields, row, strict=True) if count]
    return tuple(sorted(differing, key=lambda count: -count.leads))


def _first(
    connection: duckdb.DuckDBPyConnection,
    tables: Sequence[Path],
    schemas: Sequence[set[str]],
    fields: Sequence[str],
    limit: int,
    compare: Compare,
) -> Iterator[LeadChange]:
    """The first leads whose fields differ, and the first whose notes do."""
    named = connection.execute(
        """(SELECT lead FROM leads_changed WHERE fields ORDER BY lead LIMIT $1)
           UNION (SELECT lead FROM leads_changed WHERE note ORDER BY lead LIMIT $1) ORDER BY lead""",
        [limit],
    ).fetchall()
    keys = [lead for (lead,) in named]
    was, now = (
        _values(connection, table, [*((f, _cell(f, schema)) for f in fields), ("note", "note")], keys)
        for table, schema in zip(tables, schemas, strict=True)
    )
    for lead in keys:
        before, after = was[lead], now[lead]
        yield LeadChange(
            lead,
            tuple(
                ValueChange(field, short(before[field]), short(after[field]))
                for field in fields
                if before[field] != after[field]
            ),
            tuple(compare(lead, before["note"], after["note"])) if before["note"] != after["note"] else (),
        )


def _values(
    connection: duckdb.DuckDBPyConnection, table: Path, cells: Sequence[tuple[str, str]], keys: Sequence[str]
) -> dict[str, Mapping[str, Any]]:
    """What some leads hold: lead -> field -> value."""
    rows = connection.execute(
        f"""SELECT lead, {", ".join(cell for _, cell in cells)} FROM {parquet(table)}
            WHERE lead IN (SELECT unnest(?::VARCHAR[])) ORDER BY lead""",
        [list(keys)],
    ).fetchall()
    return {lead: dict(zip((name for name, _ in cells), values, strict=True)) for lead, *values in rows}
