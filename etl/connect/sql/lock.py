"""One runner at a time: a lock that the server, or for SQLite the operating system, gives back when its holder dies."""

from __future__ import annotations

import hashlib
import json
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.schema import CreateTable

from etl.errors import Locked, TargetError
from etl.runner import now

LOCK = "crm_cleanup_lock"
ADVISORY = 0x63726D63
"""The number of the lock on PostgreSQL, where such locks belong to one database."""

PATIENCE = 3.0
"""Seconds to wait for a lock: a server may need a moment to see that a killed runner is gone."""

WITH_SESSION_LOCKS = ("postgresql", "mysql", "mariadb")


class Lock(Protocol):
    """The right to be the only runner."""

    def take(self) -> None:
        """Take it. Raises Locked, naming who has it and since when."""

    def confirm(self) -> None:
        """See that it is still held, and take it again where its connection was lost. Raises Locked as `take` does."""

    def release(self) -> None:
        """Give it back."""


def lock_table(schema: str | None = None) -> sa.Table:
    """Who holds the lock: one row, for people to read. The lock itself is the server's."""
    return sa.Table(
        LOCK,
        sa.MetaData(schema=schema),
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("holder", sa.String(500), nullable=False),
        sa.Column("since", sa.String(40), nullable=False),
    )


def make_lock_table(connection: sa.Connection, schema: str | None) -> None:
    """Make the table that says who holds the lock, where a server has the lock."""
    if connection.dialect.name in WITH_SESSION_LOCKS and not sa.inspect(connection).has_table(LOCK, schema):
        connection.execute(CreateTable(lock_table(schema)))


class NoLock:
    """For databases without such locks, and those in memory: the ledger's primary key keeps two runners apart."""

    def take(self) -> None:
        """Nothing."""

    def confirm(self) -> None:
        """Nothing."""

    def release(self) -> None:
        """Nothing."""


class FileLock:
    """The lock of an SQLite database: a file beside it, locked by the operating system as long as its holder lives."""

    def __init__(self, database: Path, holder: str) -> None:
        self._path = database.with_name(database.name + ".crm-cleanup.lock")
        self._holder = holder
        self._file: int | None = None

    def take(self) -> None:
        """Take it. Raises TargetError where the file cannot be made."""
        import fcntl

        try:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise TargetError(f"The target cannot be locked: {error.strerror}.", where=self._path) from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self.release()
            raise _locked(self._path.read_text(encoding="utf-8", errors="replace"), str(self._path)) from None
        with suppress(OSError):  # on a full disk the lock holds, though it does not say whose it is
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, json.dumps({"holder": self._holder, "since": now()}).encode(), 0)

    def confirm(self) -> None:
        """Nothing: it cannot be lost."""

    def release(self) -> None:
        """Close the file, which frees the lock; it stays, as taking it away would free a lock that others wait for."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


class SessionLock:
    """The lock of a server: it belongs to one connection, and ends with it."""

    def __init__(self, engine: sa.Engine, schema: str | None, holder: str, where: str) -> None:
        self._engine, self._holder, self._where = engine, holder[:500], where
        self._table = lock_table(schema)
        self._connection: sa.Connection | None = None

    def take(self) -> None:
        """Take it, waiting a moment for the server to see that a former holder is gone."""
        connection = self._engine.connect()
        connection.detach()  # a pooled session would keep the lock
        try:
            until = time.monotonic() + PATIENCE
            while not _taken(connection):
                if time.monotonic() > until:
                    row = connection.execute(sa.select(self._table.c.holder, self._table.c.since)).first()
                    holder = {} if row is None else {"holder": row.holder, "since": row.since}
                    raise _locked(json.dumps(holder), self._where)
                time.sleep(0.05)
            connection.execute(sa.delete(self._table))
            connection.execute(sa.insert(self._table).values(id=1, holder=self._holder, since=now()))
            connection.commit()
        except BaseException:
            connection.close()
            raise
        self._connection = connection

    def confirm(self) -> None:
        """Ask the connection whether it lives; after it was lost the lock is free, and taken anew."""
        if self._connection is not None:
            try:
                self._connection.scalar(sa.select(1))
                self._connection.rollback()
                return
            except sa.exc.DBAPIError:
                self._connection.invalidate()
                self._connection = None
        self.take()

    def release(self) -> None:
        """Say that nobody has it, and end the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(sa.exc.SQLAlchemyError):  # the lock is gone with its connection, then
                connection.execute(sa.delete(self._table))
                connection.commit()
            with suppress(sa.exc.SQLAlchemyError):
                connection.close()


def _taken(connection: sa.Connection) -> bool:
    if connection.dialect.name == "postgresql":
        taken = connection.scalar(sa.text("SELECT pg_try_advisory_lock(:id)"), {"id": ADVISORY})
    else:
        database = str(connection.scalar(sa.text("SELECT DATABASE()")))
        name = "crm-cleanup:" + hashlib.sha256(database.encode()).hexdigest()[:40]
        taken = connection.scalar(sa.text("SELECT GET_LOCK(:name, 0)"), {"name": name})
    connection.commit()
    return bool(taken)


def _locked(text: str, where: str) -> Locked:
    holder: dict[str, Any] = {}
    with suppress(ValueError):
        holder = json.loads(text)
    who = f"{holder['holder']}, since {holder['since']}" if holder else "its name is not known"
    return Locked(
        f"Another crm-cleanup command is writing to the target: {who}.",
        where=where,
        next="wait until it has ended, and run the command again; the lock of a command that was killed is "
        "free at once",
    )
