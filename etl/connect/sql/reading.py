"""Leads as they stand in a SQL table: all of them, streamed, or some by their ids with their notes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from etl.connect.sql.append import select_leads
from etl.connect.sql.ledger import KEY_LIST, ROWS_AT_ONCE
from etl.connect.sql.rows import can_be_id, stored_leads, stored_parts, typed_ids
from etl.connect.sql.tables import LeadTable
from etl.connect.target import Stored

LEADS_AT_ONCE = 500


def existing_leads(connection: sa.Connection, table: LeadTable) -> Iterator[pa.Table]:
    """Stream all leads: `id`, and the fields that are mapped but the note."""
    names = [name for name in table.columns if name != "note"]
    query = select_leads(table, [table.id, *(table.columns[name] for name in names)])
    for rows in connection.execution_options(yield_per=ROWS_AT_ONCE).execute(query).partitions():
        yield pa.Table.from_pandas(stored_leads(rows, names).reset_index(), preserve_index=False)


def read_leads(
    connection: sa.Connection | None, table: LeadTable, ids: Collection[str], fields: Collection[str] | None
) -> Stored:
    """Read leads by id, those that exist, with the further parts of their notes.

    connection: None where there is no database yet.
    """
    further = table.parts_table()
    read = [name for name in table.columns if fields is None or name in fields or name == "note"]
    columns = [table.id, *(table.columns[name] for name in read)]
    leads: list[Any] = []
    parts: list[Any] = []
    wanted = typed_ids(table, [own for own in ids if can_be_id(table, own)])
    for first in range(0, len(wanted) if connection is not None and table.exists else 0, LEADS_AT_ONCE):
        some = wanted[first : first + LEADS_AT_ONCE]
        leads += _select(connection, table.table(), columns, table, some)
        if further is not None:
            parts += _select(connection, further, further.c.keys(), table, some)
    return Stored(stored_leads(leads, read), stored_parts(parts))


def _select(
    connection: sa.Connection | None,
    source: sa.TableClause,
    names: Sequence[str],
    table: LeadTable,
    ids: Sequence[object],
) -> Sequence[Any]:
    """Rows of some leads; the first name is the column of their id. JSON comes as its text."""
    if connection is None:
        return []
    json = {table.columns[field] for field, limit in table.limits.items() if limit.kind == "json"}
    columns = [sa.cast(source.c[name], sa.Text) if name in json else source.c[name] for name in names]
    own = source.c[names[0]]
    if connection.dialect.name != "postgresql":
        return connection.execute(sa.select(*columns).where(own.in_(KEY_LIST)), {"keys": ids}).all()
    from sqlalchemy.dialects import postgresql

    kinds: dict[str, sa.types.TypeEngine[Any]] = {"integer": sa.BigInteger(), "uuid": sa.UUID(as_uuid=False)}
    array: sa.types.TypeEngine[Any] = postgresql.ARRAY(kinds.get(table.ids.kind, sa.Text()))
    return connection.execute(sa.select(*columns).where(own == sa.any_(sa.cast(list(ids), array)))).all()
