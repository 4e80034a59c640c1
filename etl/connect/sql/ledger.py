"""The ledger in a SQL database: what was written, read back by source key, by system and by plan."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, TypeGuard

import pyarrow as pa
import sqlalchemy as sa

from etl.connect.leads import texts
from etl.connect.sql.rows import LEDGER_COLUMNS, stored_ledger
from etl.connect.sql.tables import LEDGER
from etl.connect.target import DELETED, FORGOTTEN

if TYPE_CHECKING:
    import pandas as pd

KEYS_AT_ONCE = 1_000
ROWS_AT_ONCE = 20_000

KEY_LIST: sa.BindParameter[Any] = sa.bindparam("keys", expanding=True)
"""A list of keys or ids in a query that is made once."""

Reading = Callable[[], AbstractContextManager[sa.Connection | None]]


class SqlLedger:
    """Reads the ledger. What the methods promise, `Target` says; where there is no ledger yet, it is empty."""

    def __init__(self, table: sa.Table, reading: Reading) -> None:
        self._table, self._reading = table, reading

    def rows(self, system: str) -> Iterator[pa.Table]:
        """Stream the rows of one source system, by source key."""
        with self._reading() as connection:
            if self._exists(connection):
                table = self._table
                columns = [table.c[name] for name in LEDGER_COLUMNS]
                query = sa.select(*columns).where(table.c.source_system == system).order_by(table.c.source_key)
                result = connection.execution_options(yield_per=ROWS_AT_ONCE).execute(query)
                for rows in result.partitions():
                    yield stored_ledger(rows)

    def systems(self) -> dict[str, int]:
        """The source systems, and how many legacy records of each were moved."""
        with self._reading() as connection:
            if not self._exists(connection):
                return {}
            system = self._table.c.source_system
            rows = connection.execute(sa.select(system, sa.func.count()).group_by(system).order_by(system))
            return {str(name): int(count) for name, count in rows}

    def counts(self, system: str, plan: str) -> tuple[int, int]:
        """How many leads a plan wrote that are in the ledger, and how many legacy records."""
        with self._reading() as connection:
            if not self._exists(connection):
                return 0, 0
            table = self._table
            columns = sa.func.count(sa.distinct(table.c.lead_key)), sa.func.count()
            query = sa.select(*columns).where(table.c.source_system == system, table.c.plan == plan)
            leads, records = connection.execute(query).one()
            return int(leads), int(records)

    def entries(self, system: str) -> set[str]:
        """The entries of which there are records; each is found by the primary key."""
        entries: set[str] = set()
        with self._reading() as connection:
            if not self._exists(connection):
                return entries
            key, after = self._table.c.source_key, ""
            of_system = self._table.c.source_system == system
            while (least := connection.scalar(sa.select(sa.func.min(key)).where(of_system, key > after))) is not None:
                entries.add(str(least).partition(":")[0])
                after = str(least).partition(":")[0] + ";"  # the character after the colon
            return entries

    def of(self, system: str, keys: Collection[str]) -> pd.DataFrame:
        """The rows of some source keys; index = source_key."""
        rows: list[Any] = []
        with self._reading() as connection:
            if self._exists(connection):
                rows = self.known(connection, system, texts(keys))
        frame: pd.DataFrame = stored_ledger(rows).to_pandas()
        return frame.set_index("source_key")

    def by_id(self, system: str, ids: Collection[str]) -> pd.DataFrame:
        """The rows of some lead ids, which no index finds; index = source_key."""
        rows: list[Any] = []
        with self._reading() as connection:
            if self._exists(connection):
                table = self._table
                columns = [table.c[name] for name in LEDGER_COLUMNS]
                mine = sa.and_(table.c.source_system == system, table.c.lead_id.in_(KEY_LIST))
                rows = list(connection.execute(sa.select(*columns).where(mine), {"keys": texts(ids)}).all())
        frame: pd.DataFrame = stored_ledger(rows).to_pandas()
        return frame.set_index("source_key")

    def known(self, connection: sa.Connection, system: str, keys: Sequence[str]) -> list[Any]:
        """The rows of these source keys, by the primary key, within a transaction."""
        table = self._table
        columns = [table.c[name] for name in LEDGER_COLUMNS]
        of_system = sa.select(*columns).where(table.c.source_system == system)
        if connection.dialect.name == "postgresql":
            return list(connection.execute(_one_by_one(of_system, table.c.source_key, keys)).all())
        rows: list[Any] = []
        for first in range(0, len(keys), KEYS_AT_ONCE):
            some = {"keys": keys[first : first + KEYS_AT_ONCE]}
            rows += connection.execute(of_system.where(table.c.source_key.in_(KEY_LIST)), some).all()
        return rows

    def forget(self, connection: sa.Connection, system: str, keys: Sequence[str]) -> None:
        """Delete the rows of these source keys, within a transaction."""
        table = self._table
        mine = sa.and_(table.c.source_system == system, table.c.source_key.in_(KEY_LIST))
        for first in range(0, len(keys), KEYS_AT_ONCE):
            connection.execute(sa.delete(table).where(mine), {"keys": list(keys[first : first + KEYS_AT_ONCE])})

    def accept_deleted(self, connection: sa.Connection, system: str, plan: str, leads: Sequence[str]) -> None:
        """Say of the rows of these leads of a plan that the leads were deleted on purpose, within a transaction."""
        table = self._table
        mine = sa.and_(table.c.source_system == system, table.c.plan == plan, table.c.lead_key.in_(KEY_LIST))
        for first in range(0, len(leads), KEYS_AT_ONCE):
            marked = sa.update(table).where(mine).values(state=DELETED, contents=None)
            connection.execute(marked, {"keys": list(leads[first : first + KEYS_AT_ONCE])})

    def amend(
        self, connection: sa.Connection, system: str, key: str, contents: Mapping[str, str], states: Mapping[str, str]
    ) -> None:
        """Say that a record is forgotten, what others add up to without it, and what their leads are like by key."""
        table = self._table
        own = table.c.source_system == system
        gone = sa.update(table).where(own, table.c.source_key == key)
        connection.execute(gone.values(state=FORGOTTEN, plan=FORGOTTEN, contents=None))
        for other, total in contents.items():
            row = sa.update(table).where(own, table.c.source_key == other, table.c.contents.is_not(None))
            connection.execute(row.values(contents=total))
        for lead, state in states.items():
            rows = sa.update(table).where(own, table.c.lead_key == lead, table.c.state.is_not(None))
            connection.execute(rows.where(table.c.source_key != key).values(state=state))

    def take_from_plan(self, connection: sa.Connection, system: str, keys: Sequence[str]) -> None:
        """Say of the rows of these source keys that no plan has them any more, within a transaction."""
        table = self._table
        mine = sa.and_(table.c.source_system == system, table.c.source_key.in_(KEY_LIST))
        for first in range(0, len(keys), KEYS_AT_ONCE):
            some = {"keys": list(keys[first : first + KEYS_AT_ONCE])}
            connection.execute(sa.update(table).where(mine).values(plan=DELETED), some)

    def _exists(self, connection: sa.Connection | None) -> TypeGuard[sa.Connection]:
        return connection is not None and sa.inspect(connection).has_table(LEDGER, self._table.schema)


def _one_by_one(query: sa.Select[Any], column: sa.Column[str], keys: Sequence[str]) -> sa.Select[Any]:
    """Ask PostgreSQL for each key through the primary key.

    For a list of keys it reads all rows of the system as long as it has no statistics of a table that grows; OFFSET
    keeps it from making that of this query, too.
    """
    from sqlalchemy.dialects import postgresql

    array = sa.cast(list(keys), postgresql.ARRAY(sa.Text))
    wanted = sa.func.unnest(array).table_valued(sa.column("key", sa.Text), name="wanted").render_derived()
    each = query.where(column == wanted.c.key).offset(0).lateral()
    return sa.select(*each.c).select_from(wanted.join(each, sa.true()))
