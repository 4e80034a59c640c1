"""A lead pipeline in a SQL database: leads and their ledger rows in one transaction, and everything read back."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from etl import config
from etl.connect.engine import open_engine, parse, said, shown, sqlite_file
from etl.connect.sql_append import added, append, select_leads
from etl.connect.sql_columns import forbidden
from etl.connect.sql_refusal import names_in, verdict, without_values
from etl.connect.sql_rows import (
    LEDGER_COLUMNS,
    divide,
    ids_of,
    lead_rows,
    ledger_rows,
    part_rows,
    stored_leads,
    stored_ledger,
    stored_parts,
    texts,
)
from etl.connect.sql_tables import LEDGER, LeadTable, described, lead_table, ledger_table, own_tables, part_limit
from etl.connect.sql_write import CoreWriter, writer
from etl.connect.target import Batch, BatchRefused, FieldLimit, Stored, Written
from etl.errors import TargetError

KEYS_AT_ONCE = 1_000
LEADS_AT_ONCE = 500
ROWS_AT_ONCE = 20_000
ATTEMPTS = 5
"""How often a batch is tried that meets a deadlock or another runner's lock."""

GIVEN: sa.BindParameter[Any] = sa.bindparam("given", expanding=True)
"""A list of keys or ids in a query that is made once."""

SQLITE_CACHE = "PRAGMA cache_size = -32768"  # KiB; keys of the ledger come in no order of theirs


class SqlTarget:
    """A target that SQLAlchemy can reach. `Target` says what its methods promise."""

    def __init__(self, target: config.Target) -> None:
        self._config = target
        wait = {"timeout": 60} if parse(target.url).get_backend_name() == "sqlite" else {}
        self._engine = open_engine(target.url, connect_args=wait)
        dialect = self._engine.dialect
        self._errors = (sa.exc.DBAPIError, dialect.loaded_dbapi.Error)  # those of COPY come as the driver raises them
        if dialect.name == "sqlite":
            sa.event.listen(self._engine, "connect", lambda raw, _: raw.execute(SQLITE_CACHE).close())

    @property
    def where(self) -> str:
        """Who and where, without a secret."""
        return shown(self._config.url)

    def fields(self) -> dict[str, FieldLimit]:
        """The lead fields that the target has, `note` among them."""
        return dict(self._leads.limits)

    def key(self) -> FieldLimit:
        """What the ledger, and a text id that gets the lead key, can hold as a source key."""
        return FieldLimit(self._leads.longest_key, required=True, without=forbidden(self._engine.dialect))

    def part(self) -> FieldLimit | None:
        """The longest part of a note; None where a note must stand in one piece."""
        with self._translated("read"), self._reading() as connection:
            return part_limit(self._leads, None if connection is None else sa.inspect(connection))

    def schema(self) -> str:
        """The target's tables, columns and types as text."""
        return "\n".join(described(self._leads))

    def prepare(self) -> None:
        """Make the ledger and, in an empty database, the lead pipeline's schema."""
        if self._file is not None:
            self._make_file(self._file)
        with self._translated("prepared"):
            try:
                self._make_tables()
            except self._errors:  # another runner made them at the same moment: then they are there now
                time.sleep(1)
                self._make_tables()
        self.__dict__.pop("_leads", None)  # its tables may be new

    def _make_file(self, file: Path) -> None:
        """Make an SQLite file that only its owner can read, and so the folders that it needs."""
        try:
            for folder in reversed([one for one in file.parents if not one.exists()]):
                folder.mkdir(mode=0o700, exist_ok=True)
            file.touch(mode=0o600)  # SQLite gives its journal the same mode
        except OSError as error:
            raise TargetError(f"The target cannot be made: {error.strerror}.", where=self.where) from None

    def _make_tables(self) -> None:
        with self._engine.begin() as connection:
            table = lead_table(self._config, sa.inspect(connection), self.where)
            own = [] if table.exists else own_tables(connection.dialect).sorted_tables
            for each in (*own, ledger_table(connection.dialect, table.schema)):
                if not sa.inspect(connection).has_table(each.name, each.schema):
                    connection.execute(CreateTable(each))

    def write(self, batch: Batch, *, system: str, plan: str) -> Written:
        """Write those leads of a batch that the ledger has not, with their ledger rows, in one transaction."""
        for attempt in range(ATTEMPTS):
            try:
                with self._engine.begin() as connection:
                    return self._write(connection, batch, system, plan)
            except self._errors as error:
                meaning = verdict(error, self._engine.dialect.name)
                if meaning == "refused":
                    known = self._names | names_in(error)
                    raise BatchRefused(without_values(said(error, self._config.url), known)) from None
                if meaning == "failed" or attempt == ATTEMPTS - 1:
                    raise self._failed("written", error) from None
            time.sleep(0.2 * 2**attempt)
        raise AssertionError("the last attempt returns or raises")

    def _write(self, connection: sa.Connection, batch: Batch, system: str, plan: str) -> Written:
        table, write = self._leads, writer(connection.dialect)
        write.begin(connection, self._ledger)
        known = {row.source_key: row.lead_key for row in self._known(connection, system, texts(batch.members.index))}
        new, before, conflicts = divide(batch, known)
        there, fresh = added(new)
        of, gone = append(connection, table, there)
        conflicts |= gone
        keys = tuple(texts(fresh.leads.index))
        if keys:
            rows = lead_rows(fresh.leads, table)
            if table.id_kind == "text":
                write.insert(connection, table.table(), rows)
            ids = keys if table.id_kind == "text" else write.insert_new(connection, table.table(), table.id, rows)
            of |= dict(zip(keys, ids, strict=True))
            parts = part_rows(fresh.parts, table, of)
            further = table.parts_table()
            if parts is not None and further is not None:
                write.insert(connection, further, parts)
        if of:
            members = new.members[new.members["lead"].isin(list(of))]
            write.insert(connection, self._ledger, ledger_rows(members, of, system, plan, self._now()))
        return Written(tuple(key for key in texts(new.leads.index) if key in of), before, conflicts)

    def existing(self) -> Iterator[pa.Table]:
        """Stream all leads that are there: `id`, and the fields that are mapped but the note."""
        with self._translated("read"), self._reading() as connection:
            table = self._leads
            if connection is None or not table.exists:
                return
            names = [name for name in table.columns if name != "note"]
            query = select_leads(table, [table.id, *(table.columns[name] for name in names)])
            result = connection.execution_options(yield_per=ROWS_AT_ONCE).execute(query)
            for rows in result.partitions():
                frame = stored_leads(rows, names).reset_index()
                yield pa.Table.from_pandas(frame, preserve_index=False)

    def ledger(self, system: str) -> Iterator[pa.Table]:
        """Stream the ledger of one source system, by source key."""
        with self._translated("read"), self._reading() as connection:
            if connection is None or not sa.inspect(connection).has_table(LEDGER, self._leads.schema):
                return
            table = self._ledger
            columns = [table.c[name] for name in LEDGER_COLUMNS]
            query = sa.select(*columns).where(table.c.source_system == system).order_by(table.c.source_key)
            result = connection.execution_options(yield_per=ROWS_AT_ONCE).execute(query)
            for rows in result.partitions():
                yield stored_ledger(rows)

    def systems(self) -> dict[str, int]:
        """The source systems that the ledger knows, and how many legacy records of each were moved."""
        with self._translated("read"), self._reading() as connection:
            if connection is None or not sa.inspect(connection).has_table(LEDGER, self._leads.schema):
                return {}
            system = self._ledger.c.source_system
            rows = connection.execute(sa.select(system, sa.func.count()).group_by(system).order_by(system))
            return {str(name): int(count) for name, count in rows}

    def entries(self, system: str) -> set[str]:
        """The entries of which the ledger has records of one source system; each is found by the ledger's key."""
        found: set[str] = set()
        with self._translated("read"), self._reading() as connection:
            if connection is None or not sa.inspect(connection).has_table(LEDGER, self._leads.schema):
                return found
            key, after = self._ledger.c.source_key, ""
            of_system = self._ledger.c.source_system == system
            while (least := connection.scalar(sa.select(sa.func.min(key)).where(of_system, key > after))) is not None:
                found.add(str(least).partition(":")[0])
                after = str(least).partition(":")[0] + ";"  # the character after the colon
            return found

    def ledger_of(self, system: str, keys: Collection[str]) -> pd.DataFrame:
        """The ledger's rows of some source keys; index = source_key."""
        rows: list[Any] = []
        with self._translated("read"), self._reading() as connection:
            if connection is not None and sa.inspect(connection).has_table(LEDGER, self._leads.schema):
                rows = self._known(connection, system, texts(keys))
        found: pd.DataFrame = stored_ledger(rows).to_pandas()
        return found.set_index("source_key")

    def ledger_by_id(self, system: str, ids: Collection[str]) -> pd.DataFrame:
        """The ledger's rows of some lead ids; index = source_key."""
        rows: list[Any] = []
        with self._translated("read"), self._reading() as connection:
            if connection is not None and sa.inspect(connection).has_table(LEDGER, self._leads.schema):
                table = self._ledger
                columns = [table.c[name] for name in LEDGER_COLUMNS]
                mine = sa.and_(table.c.source_system == system, table.c.lead_id.in_(GIVEN))
                rows = list(connection.execute(sa.select(*columns).where(mine), {"given": texts(ids)}).all())
        found: pd.DataFrame = stored_ledger(rows).to_pandas()
        return found.set_index("source_key")

    def _known(self, connection: sa.Connection, system: str, keys: Sequence[str]) -> list[Any]:
        """The ledger's rows of these source keys, by its primary key."""
        table = self._ledger
        columns = [table.c[name] for name in LEDGER_COLUMNS]
        of_system = sa.select(*columns).where(table.c.source_system == system)
        if connection.dialect.name == "postgresql":
            return list(connection.execute(_one_by_one(of_system, table.c.source_key, keys)).all())
        found: list[Any] = []
        for first in range(0, len(keys), KEYS_AT_ONCE):
            some = {"given": keys[first : first + KEYS_AT_ONCE]}
            found += connection.execute(of_system.where(table.c.source_key.in_(GIVEN)), some).all()
        return found

    def read(self, ids: Collection[str], fields: Collection[str] | None = None) -> Stored:
        """Read leads back by id, those that exist, with the further parts of their notes."""
        table, further = self._leads, self._leads.parts_table()
        read = [name for name in table.columns if fields is None or name in fields or name == "note"]
        columns = [table.id, *(table.columns[name] for name in read)]
        leads: list[Any] = []
        parts: list[Any] = []
        with self._translated("read"), self._reading() as connection:
            wanted = ids_of(table, _existing(ids, table)).to_pylist() if table.exists else []
            for first in range(0, len(wanted), LEADS_AT_ONCE):
                some = wanted[first : first + LEADS_AT_ONCE]
                leads += _select(connection, table.table(), columns, table, some)
                if further is not None:
                    parts += _select(connection, further, further.c.keys(), table, some)
        return Stored(stored_leads(leads, read), stored_parts(parts))

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    @cached_property
    def _leads(self) -> LeadTable:
        with self._translated("read"), self._reading() as connection:
            return lead_table(self._config, None if connection is None else sa.inspect(connection), self.where)

    @cached_property
    def _ledger(self) -> sa.Table:
        return ledger_table(self._engine.dialect, self._leads.schema)

    @property
    def _names(self) -> frozenset[str]:
        """What a server's message may name as it is: the schema's own names."""
        table = self._leads
        parts = (
            () if table.parts is None else (table.parts.table, table.parts.lead, table.parts.number, table.parts.text)
        )
        own = (LEDGER, *self._ledger.c.keys(), "PRIMARY")
        return frozenset((table.name, table.id, *table.columns.values(), *parts, *own))

    @property
    def _file(self) -> Path | None:
        """The file of an SQLite database."""
        return sqlite_file(self._engine.url) if self._engine.dialect.name == "sqlite" else None

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection | None]:
        """A connection; None for an SQLite database that is not there, as connecting would make it."""
        if self._file is not None and not self._file.exists():
            yield None
        else:
            with self._engine.connect() as connection:
                yield connection

    @contextmanager
    def _translated(self, doing: str) -> Iterator[None]:
        try:
            yield
        except self._errors as error:
            raise self._failed(doing, error) from None

    def _failed(self, doing: str, error: BaseException) -> TargetError:
        return TargetError(f"The target cannot be {doing}: {said(error, self._config.url)}.", where=self.where)

    def _now(self) -> dt.datetime | str:
        """The time for the ledger; the databases with a writer of their own get it as text."""
        now = dt.datetime.now(dt.UTC).replace(microsecond=0)
        if self._engine.dialect.name == "postgresql":
            return now.isoformat(" ")
        return now.replace(tzinfo=None).isoformat(" ") if type(writer(self._engine.dialect)) is not CoreWriter else now


def _one_by_one(query: sa.Select[Any], column: sa.Column[str], keys: Sequence[str]) -> sa.Select[Any]:
    """Ask PostgreSQL for each key through the primary key.

    For a list of keys it reads all rows of the system as long as it has no statistics of a table that grows; OFFSET
    keeps it from making that of this query, too.
    """
    array = sa.cast(list(keys), postgresql.ARRAY(sa.Text))
    given = sa.func.unnest(array).table_valued(sa.column("key", sa.Text), name="given").render_derived()
    each = query.where(column == given.c.key).offset(0).lateral()
    return sa.select(*each.c).select_from(given.join(each, sa.true()))


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
        return connection.execute(sa.select(*columns).where(own.in_(GIVEN)), {"given": ids}).all()
    array = postgresql.ARRAY(sa.BigInteger if table.id_kind == "integer" else sa.Text)
    return connection.execute(sa.select(*columns).where(own == sa.any_(sa.cast(list(ids), array)))).all()


def _existing(ids: Collection[str], table: LeadTable) -> Sequence[int] | Sequence[str]:
    """The ids that can be in the table at all."""
    return [int(key) for key in ids if key.isdecimal()] if table.id_kind == "integer" else list(ids)
