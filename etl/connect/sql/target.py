"""A lead pipeline in a SQL database: leads and their ledger rows in one transaction, and everything read back."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.schema import CreateTable

from etl import config
from etl.connect.leads import added, divide, texts
from etl.connect.sql.append import append, select_leads
from etl.connect.sql.columns import forbidden
from etl.connect.sql.engine import driver_message, open_engine, parse, shown, sqlite_file
from etl.connect.sql.lead_files import keep
from etl.connect.sql.ledger import KEY_LIST, ROWS_AT_ONCE, SqlLedger
from etl.connect.sql.lock import WITH_SESSION_LOCKS, FileLock, Lock, NoLock, SessionLock, make_lock_table
from etl.connect.sql.refusal import names_in, verdict, without_values
from etl.connect.sql.retry import transact
from etl.connect.sql.rows import (
    ids_of,
    lead_rows,
    ledger_rows,
    part_rows,
    stored_leads,
    stored_parts,
)
from etl.connect.sql.tables import (
    LEDGER,
    LeadTable,
    described,
    former_table,
    lead_table,
    ledger_table,
    own_tables,
    part_limit,
)
from etl.connect.sql.undo import FormerLeads, Reference, Undo, Written as UndoLead, references, written_ids
from etl.connect.sql.write import CoreWriter, Writer, writer
from etl.connect.target import Batch, BatchRefused, FieldLimit, Judge, Stored, TakenBack, Written
from etl.errors import TargetError

if TYPE_CHECKING:
    import pandas as pd

T = TypeVar("T")
LEADS_AT_ONCE = 500

SQLITE_CACHE = "PRAGMA cache_size = -32768"  # KiB; keys of the ledger come in no order of theirs


class SqlTarget:
    """A target that SQLAlchemy can reach. `Target` says what its methods promise."""

    @property
    def takes_files(self) -> bool:
        """Where the config names a folder for them."""
        return self._config.files is not None

    def customers(self) -> None:
        """None: a database has no wizard."""

    def hints(self) -> list[str]:
        """Nothing: a database says by its schema what it takes."""
        return []

    def __init__(self, target: config.Target) -> None:
        self._config = target
        wait = {"timeout": 60} if parse(target.url).get_backend_name() == "sqlite" else {}
        self._engine = open_engine(target.url, connect_args=wait)
        dialect = self._engine.dialect
        self._errors = (sa.exc.DBAPIError, dialect.loaded_dbapi.Error)  # those of COPY come as the driver raises them
        self._confirm_lock: Callable[[], None] = _nothing
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
        for name in ("_leads", "_ledger", "_written"):  # the tables may be new
            self.__dict__.pop(name, None)

    def _make_file(self, file: Path) -> None:
        """Make an SQLite file that only its owner can read, and so the folders that it needs."""
        try:
            for folder in reversed([folder for folder in file.parents if not folder.exists()]):
                folder.mkdir(mode=0o700, exist_ok=True)
            file.touch(mode=0o600)  # SQLite gives its journal the same mode
        except OSError as error:
            raise TargetError(f"The target cannot be made: {error.strerror}.", where=self.where) from None

    def _make_tables(self) -> None:
        with self._engine.begin() as connection:
            table = lead_table(self._config, sa.inspect(connection), self.where)
            own = [] if table.exists else own_tables(connection.dialect).sorted_tables
            make_lock_table(connection, table.schema)
            for each in (
                *own,
                ledger_table(connection.dialect, table.schema),
                former_table(connection.dialect, table.schema),
            ):
                if not sa.inspect(connection).has_table(each.name, each.schema):
                    connection.execute(CreateTable(each))

    @contextmanager
    def lock(self, holder: str) -> Iterator[Callable[[], None]]:
        """Be the only runner, by the server's own locks, or on SQLite by a file beside the database."""
        self.prepare()
        lock = self._lock_of(holder)
        with self._translated("locked"):
            lock.take()
        self._confirm_lock = lock.confirm
        try:
            yield lock.confirm
        finally:
            self._confirm_lock = _nothing
            lock.release()

    def _lock_of(self, holder: str) -> Lock:
        if self._file is not None:
            return FileLock(self._file, holder)
        if self._engine.dialect.name in WITH_SESSION_LOCKS:
            return SessionLock(self._engine, self._leads.schema, holder, self.where)
        return NoLock()

    def write(self, batch: Batch, *, system: str, plan: str) -> Written:
        """Write those leads of a batch that the ledger has not, with their ledger rows, in one transaction.

        Their files come first: a lead that is there has its files.
        """
        if self._config.files is not None:
            keep(Path(self._config.files), batch.files)
        return self._transact(lambda connection: self._write(connection, batch, system, plan))

    def _transact(self, work: Callable[[sa.Connection], T]) -> T:
        """Do some work in one transaction, and again where bad luck ended it."""
        try:
            return transact(self._engine, self._errors, work, self._confirm_lock)
        except self._errors as error:
            if verdict(error, self._engine.dialect.name) == "refused":
                known = self._names | names_in(error)
                raise BatchRefused(without_values(driver_message(error, self._config.url), known)) from None
            raise self._failed("written", error) from None

    def _write(self, connection: sa.Connection, batch: Batch, system: str, plan: str) -> Written:
        table, write = self._leads, writer(connection.dialect)
        write.begin(connection, self._ledger)
        known = {
            row.source_key: row.lead_key for row in self._written.known(connection, system, texts(batch.members.index))
        }
        new, before, conflicts = divide(batch, known)
        into, fresh = added(new)
        appended = append(connection, table, into)
        conflicts |= appended.gone
        ids, undo = self._insert(connection, write, fresh), Undo(connection, table, ())
        states = undo.states(list(ids.values()), everything=False) if table.others and ids else {}
        if appended.ids:
            states |= undo.states(list(set(appended.ids.values())), everything=True)
            FormerLeads(connection, former_table(connection.dialect, table.schema), system).keep(appended.former)
        ids |= appended.ids
        if ids:
            members = new.members[new.members["lead"].isin(list(ids))]
            write.insert(connection, self._ledger, ledger_rows(members, ids, states, system, plan, self._now()))
        return Written(tuple(key for key in texts(new.leads.index) if key in ids), before, conflicts)

    def _insert(self, connection: sa.Connection, write: Writer, batch: Batch) -> dict[str, int | str]:
        """Insert new leads with all parts of their notes; gives the id of each."""
        table, keys = self._leads, texts(batch.leads.index)
        if not keys:
            return {}
        rows = lead_rows(batch.leads, table)
        if table.id_kind == "text":
            write.insert(connection, table.table(), rows)
        new_ids = keys if table.id_kind == "text" else write.insert_new(connection, table.table(), table.id, rows)
        ids = dict[str, int | str](zip(keys, new_ids, strict=True))
        parts, further = part_rows(batch.parts, table, ids), table.parts_table()
        if parts is not None and further is not None:
            write.insert(connection, further, parts)
        return ids

    def take_back(
        self, batch: Batch, judge: Judge, *, system: str, plan: str, forced: Collection[str] = (), dry: bool = False
    ) -> TakenBack:
        """Take the leads of a batch back, with their ledger rows, in one transaction."""
        return self._transact(
            lambda connection: self._take_back(connection, batch, judge, system, plan, frozenset(forced), dry)
        )

    def _take_back(
        self,
        connection: sa.Connection,
        batch: Batch,
        judge: Judge,
        system: str,
        plan: str,
        forced: frozenset[str],
        dry: bool,
    ) -> TakenBack:
        table = self._leads
        writer(connection.dialect).begin(connection, self._ledger)
        known = self._written.known(connection, system, texts(batch.members.index))
        rows = {row.lead_key: row for row in known if row.plan == plan}
        if not rows:
            return TakenBack((), (), {})
        before = FormerLeads(connection, former_table(connection.dialect, table.schema), system)
        former = before.of(list(rows))
        ids = written_ids(table, [row.lead_id for row in rows.values()])
        written = [
            UndoLead(key, own, row.state, former.get(key)) for (key, row), own in zip(rows.items(), ids, strict=True)
        ]
        undo = Undo(connection, table, self._references)
        taken = undo.judged(written, judge, forced)
        if dry:
            return taken
        undo.take_back(written, taken)
        gone = {*taken.leads, *taken.gone}
        self._written.forget(connection, system, [row.source_key for row in known if row.lead_key in gone])
        before.forget([key for key in former if key in gone])
        return taken

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
        with self._translated("read"):
            yield from self._written.rows(system)

    def systems(self) -> dict[str, int]:
        """The source systems that the ledger knows, and how many legacy records of each were moved."""
        with self._translated("read"):
            return self._written.systems()

    def counts(self, system: str, plan: str) -> tuple[int, int]:
        """How many leads a plan wrote that are in the ledger, and how many legacy records with them."""
        with self._translated("read"):
            return self._written.counts(system, plan)

    def entries(self, system: str) -> set[str]:
        """The entries of which the ledger has records of one source system; each is found by the ledger's key."""
        with self._translated("read"):
            return self._written.entries(system)

    def ledger_of(self, system: str, keys: Collection[str]) -> pd.DataFrame:
        """The ledger's rows of some source keys; index = source_key."""
        with self._translated("read"):
            return self._written.of(system, keys)

    def ledger_by_id(self, system: str, ids: Collection[str]) -> pd.DataFrame:
        """The ledger's rows of some lead ids; index = source_key."""
        with self._translated("read"):
            return self._written.by_id(system, ids)

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

    @cached_property
    def _written(self) -> SqlLedger:
        return SqlLedger(self._ledger, self._reading)

    @cached_property
    def _references(self) -> list[Reference]:
        with self._translated("read"), self._engine.connect() as connection:
            return references(sa.inspect(connection), self._leads)

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
        return TargetError(
            f"The target cannot be {doing}: {driver_message(error, self._config.url)}.",
            where=self.where,
            next="check the server, the network and the user's rights, and run the command again",
        )

    def _now(self) -> dt.datetime | str:
        """The time for the ledger; the databases with a writer of their own get it as text."""
        now = dt.datetime.now(dt.UTC).replace(microsecond=0)
        if self._engine.dialect.name == "postgresql":
            return now.isoformat(" ")
        return now.replace(tzinfo=None).isoformat(" ") if type(writer(self._engine.dialect)) is not CoreWriter else now


def _nothing() -> None:
    """What holds where there is no lock."""


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

    array = postgresql.ARRAY(sa.BigInteger if table.id_kind == "integer" else sa.Text)
    return connection.execute(sa.select(*columns).where(own == sa.any_(sa.cast(list(ids), array)))).all()


def _existing(ids: Collection[str], table: LeadTable) -> Sequence[int] | Sequence[str]:
    """The ids that can be in the table at all."""
    return [int(key) for key in ids if key.isdecimal()] if table.id_kind == "integer" else list(ids)
