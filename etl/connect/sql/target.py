"""A lead pipeline in a SQL database: leads and their ledger rows in one transaction, and everything read back."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pyarrow as pa
import sqlalchemy as sa

from etl import config
from etl.connect.leads import added, divide, texts
from etl.connect.sql.amend import SqlAmending
from etl.connect.sql.append import append
from etl.connect.sql.columns import forbidden
from etl.connect.sql.database import Database
from etl.connect.sql.engine import parse, sqlite_file
from etl.connect.sql.ids import new_ids
from etl.connect.sql.lead_files import keep
from etl.connect.sql.lead_table import lead_table, part_limit
from etl.connect.sql.ledger import SqlLedger
from etl.connect.sql.lock import WITH_SESSION_LOCKS, FileLock, Lock, NoLock, SessionLock
from etl.connect.sql.preparing import make_file, make_tables, refuse_missing_folder
from etl.connect.sql.reading import existing_leads, read_leads
from etl.connect.sql.rows import (
    lead_rows,
    ledger_rows,
    part_rows,
    typed_ids,
)
from etl.connect.sql.tables import (
    LEDGER,
    LeadTable,
    described,
    former_table,
    ledger_table,
)
from etl.connect.sql.undo import FormerLeads, Reference, Undo, Written as UndoLead, references
from etl.connect.sql.uniqueness import Index, taken_values, unique_fields
from etl.connect.sql.write import Writer, ledger_time, writer
from etl.connect.target import (
    DELETED,
    Amended,
    Amending,
    Amendment,
    Batch,
    BatchRefused,
    FieldLimit,
    Judge,
    ReadItself,
    Stored,
    TakenBack,
    Unique,
    Written,
)

if TYPE_CHECKING:
    import pandas as pd

T = TypeVar("T")

SQLITE_CACHE = "PRAGMA cache_size = -32768"  # KiB; keys of the ledger come in no order of theirs


class SqlTarget(ReadItself):
    """A target that SQLAlchemy can reach. `Target` says what its methods promise."""

    @property
    def takes_files(self) -> bool:
        """Where the config names a folder for them."""
        return self._config.files is not None

    tells_edits = False

    def customers(self) -> None:
        """None: a database has no wizard."""

    def hints(self) -> list[str]:
        """Nothing: a database says by its schema what it takes."""
        return []

    def __init__(self, target: config.Target) -> None:
        self._config = target
        wait = {"timeout": 60} if parse(target.url).get_backend_name() == "sqlite" else {}
        self._database = Database(target.url, "target", connect_args=wait)
        self._engine = self._database.engine
        self._confirm_lock: Callable[[], None] = _nothing
        if self._engine.dialect.name == "sqlite":
            sa.event.listen(self._engine, "connect", lambda raw, _: raw.execute(SQLITE_CACHE).close())

    @property
    def where(self) -> str:
        """Who and where, without a secret."""
        return self._database.where

    def fields(self) -> dict[str, FieldLimit]:
        """The lead fields that the target has, `note` among them."""
        if self._file is not None:
            refuse_missing_folder(self._file, self.where)
        return dict(self._leads.limits)

    def key(self) -> FieldLimit:
        """What the ledger, and a text id that gets the lead key, can hold as a source key."""
        return FieldLimit(self._leads.longest_key, required=True, without=forbidden(self._engine.dialect))

    def part(self) -> FieldLimit | None:
        """The longest part of a note; None where a note must stand in one piece."""
        with self._database.translated("read"), self._reading() as connection:
            return part_limit(self._leads, None if connection is None else sa.inspect(connection))

    def next_id(self) -> str | None:
        """An id such as the next lead may get: one more than the largest."""
        if self._leads.ids.kind != "integer":
            return None if self._leads.ids.is_lead_key else str(uuid.uuid4())
        with self._database.translated("read"), self._reading() as connection:
            if connection is None or not self._leads.exists:
                return "1"
            largest = connection.scalar(sa.select(sa.func.max(self._leads.table().c[self._leads.id])))
            return str(int(largest or 0) + 1)

    def schema(self) -> str:
        """The target's tables, columns and types as text."""
        return "\n".join(described(self._leads))

    def prepare(self) -> None:
        """Make the ledger and, in an empty database, the lead pipeline's schema."""
        if self._file is not None:
            make_file(self._file, self.where)
        with self._database.translated("prepared"):
            try:
                make_tables(self._engine, self._config, self.where)
            except self._database.errors:  # another runner made them at the same moment: then they are there now
                time.sleep(1)
                make_tables(self._engine, self._config, self.where)
        for name in ("_leads", "_ledger", "_written"):  # the tables may be new
            self.__dict__.pop(name, None)

    def is_prepared(self) -> bool:
        """Whether the ledger is there."""
        with self._database.translated("read"), self._reading() as connection:
            return connection is not None and sa.inspect(connection).has_table(LEDGER, self._leads.schema)

    @contextmanager
    def lock(self, holder: str) -> Iterator[Callable[[], None]]:
        """Be the only runner, by the server's own locks, or on SQLite by a file beside the database."""
        self.prepare()
        lock = self._lock_of(holder)
        with self._database.translated("locked"):
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
        return self._database.transact(work, self._confirm_lock, BatchRefused, lambda: self._names)

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
        ids, undo = self._insert(connection, write, fresh, system), Undo(connection, table, ())
        states = undo.states(list(ids.values()), everything=False) if table.others and ids else {}
        if appended.ids:
            states |= undo.states(list(set(appended.ids.values())), everything=True)
            FormerLeads(connection, former_table(connection.dialect, table.schema), system).keep(appended.former)
        ids |= appended.ids
        if ids:
            members = new.members[new.members["lead"].isin(list(ids))]
            write.insert(
                connection,
                self._ledger,
                ledger_rows(members, ids, states, system, plan, ledger_time(connection.dialect)),
            )
        return Written(tuple(key for key in texts(new.leads.index) if key in ids), before, conflicts)

    def _insert(self, connection: sa.Connection, write: Writer, batch: Batch, system: str) -> dict[str, int | str]:
        """Insert new leads with all parts of their notes; gives the id of each."""
        table, keys = self._leads, texts(batch.leads.index)
        if not keys:
            return {}
        rows = lead_rows(batch.leads, table)
        if table.ids.kind == "integer":
            own: Sequence[int | str] = write.insert_new(connection, table.table(), table.id, rows)
        else:
            own = new_ids(connection, table.ids, keys, system, self.where)
            write.insert(connection, table.table(), rows.add_column(0, table.id, pa.array(own, pa.string())))
        ids = dict[str, int | str](zip(keys, own, strict=True))
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
        ids = typed_ids(table, [row.lead_id for row in rows.values()])
        written = [
            UndoLead(key, own, row.state, former.get(key)) for (key, row), own in zip(rows.items(), ids, strict=True)
        ]
        undo = Undo(connection, table, self._references)
        taken = undo.judged(written, judge, forced)
        if dry:
            return taken
        undo.take_back(written, taken)
        gone = {*taken.leads, *taken.gone}
        away = [row for row in known if row.lead_key in gone]
        self._written.forget(connection, system, [row.source_key for row in away if row.state != DELETED])
        self._written.take_from_plan(connection, system, [row.source_key for row in away if row.state == DELETED])
        before.forget([key for key in former if key in gone])
        return taken

    def amend(self, amendments: Sequence[Amendment], how: Amending) -> Amended:
        """Take one record out of leads that a plan wrote, in one transaction."""

        def work(connection: sa.Connection) -> Amended:
            writer(connection.dialect).begin(connection, self._ledger)
            leads = sorted({amendment.lead for amendment in amendments})
            rows = {row.lead_key: row for row in self._written.known(connection, how.system, leads)}
            known = {lead: row for lead, row in rows.items() if row.plan == how.plan}
            amending = SqlAmending(connection, self._leads, Undo(connection, self._leads, self._references), how)
            amended = amending.judged(amendments, known)
            if not how.dry and not amended.edited:
                states = amending.write()
                contents = {key: total for lead in amendments for key, total in lead.contents.items()}
                self._written.amend(connection, how.system, how.forgotten, contents, states)
            return amended

        return self._transact(work)

    def accept_deleted(self, leads: Collection[str], *, system: str, plan: str) -> None:
        """Mark in the ledger that leads of a plan were deleted on purpose, in one transaction."""
        self._transact(lambda connection: self._written.accept_deleted(connection, system, plan, sorted(leads)))

    def unique(self) -> list[Unique]:
        """The fields whose values no two leads may share, by the table's constraints and indexes."""
        return [unique for unique, _ in self._unique]

    def taken(self, unique: Unique) -> Iterator[pa.Table]:
        """Stream the values of such fields that the leads have that are there."""
        [index] = [index for own, index in self._unique if own == unique]
        with self._database.translated("read"), self._engine.connect() as connection:
            yield from taken_values(connection, self._leads, unique, index)

    @cached_property
    def _unique(self) -> list[tuple[Unique, Index]]:
        with self._database.translated("read"), self._reading() as connection:
            if connection is None or not self._leads.exists:
                return []
            return unique_fields(sa.inspect(connection), self._leads)

    def values(self) -> dict[str, FieldLimit]:
        """What the columns can hold that every new lead gets the same value in."""
        return dict(self._leads.value_limits)

    def existing(self) -> Iterator[pa.Table]:
        """Stream all leads that are there: `id`, and the fields that are mapped but the note."""
        with self._database.translated("read"), self._reading() as connection:
            if connection is not None and self._leads.exists:
                yield from existing_leads(connection, self._leads)

    def ledger(self, system: str) -> Iterator[pa.Table]:
        """Stream the ledger of one source system, by source key."""
        with self._database.translated("read"):
            yield from self._written.rows(system)

    def systems(self) -> dict[str, int]:
        """The source systems that the ledger knows, and how many legacy records of each were moved."""
        with self._database.translated("read"):
            return self._written.systems()

    def counts(self, system: str, plan: str) -> tuple[int, int]:
        """How many leads a plan wrote that are in the ledger, and how many legacy records with them."""
        with self._database.translated("read"):
            return self._written.counts(system, plan)

    def entries(self, system: str) -> set[str]:
        """The entries of which the ledger has records of one source system; each is found by the ledger's key."""
        with self._database.translated("read"):
            return self._written.entries(system)

    def ledger_of(self, system: str, keys: Collection[str]) -> pd.DataFrame:
        """The ledger's rows of some source keys; index = source_key."""
        with self._database.translated("read"):
            return self._written.of(system, keys)

    def ledger_by_id(self, system: str, ids: Collection[str]) -> pd.DataFrame:
        """The ledger's rows of some lead ids; index = source_key."""
        with self._database.translated("read"):
            return self._written.by_id(system, ids)

    def read(self, ids: Collection[str], fields: Collection[str] | None = None) -> Stored:
        """Read leads back by id, those that exist, with the further parts of their notes."""
        with self._database.translated("read"), self._reading() as connection:
            return read_leads(connection, self._leads, ids, fields)

    def not_blacklisted(self, _leads: pd.DataFrame, /) -> list[str]:
        """None: a database has no mail blacklist."""
        return []

    def close(self) -> None:
        """Give the connections back."""
        self._database.close()

    @cached_property
    def _leads(self) -> LeadTable:
        with self._database.translated("read"), self._reading() as connection:
            return lead_table(self._config, None if connection is None else sa.inspect(connection), self.where)

    @cached_property
    def _ledger(self) -> sa.Table:
        return ledger_table(self._engine.dialect, self._leads.schema)

    @cached_property
    def _written(self) -> SqlLedger:
        return SqlLedger(self._ledger, self._reading)

    @cached_property
    def _references(self) -> list[Reference]:
        with self._database.translated("read"), self._engine.connect() as connection:
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


def _nothing() -> None:
    """What holds where there is no lock."""
