"""The ledger of a folder of import files: an SQLite database in it, with the leads from which the files are made."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from etl import config
from etl.connect.sql.preparing import make_file
from etl.connect.sql.target import SqlTarget
from etl.connect.target import DELETED
from etl.errors import TargetError

DATABASE = "ledger.db"
PARTS = config.PartsTable(table="lead_notes", lead="lead_id", number="part", text="text")
TABLES = (
    'CREATE TABLE IF NOT EXISTS leads (id TEXT PRIMARY KEY, "name" TEXT, "note" TEXT)',
    "CREATE TABLE IF NOT EXISTS lead_notes"
    " (lead_id TEXT, part INTEGER, text TEXT NOT NULL, PRIMARY KEY (lead_id, part))",
    "CREATE TABLE IF NOT EXISTS removed (lead_id TEXT PRIMARY KEY, plan TEXT NOT NULL)",
)
OF_PLAN = "(SELECT lead_id FROM crm_cleanup_ledger WHERE plan = ?)"


@dataclass(frozen=True)
class StoredLead:
    """A lead as its files hold it. fields: by name, as the ledger has them; notes: the parts of its note."""

    id: str
    fields: Mapping[str, str | None]
    notes: Sequence[str]


class Store:
    """The database. What `SqlTarget` promises of ledger and transactions holds for it."""

    def __init__(self, folder: Path, where: str, files: str | None) -> None:
        self._path, self._where, self._files = folder / DATABASE, where, files
        self._target: SqlTarget | None = None

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    @property
    def target(self) -> SqlTarget | None:
        """The leads and their ledger; None where nothing was written yet."""
        if self._target is None and self._path.exists():
            columns = {name: name for name in self.columns()}
            url = f"sqlite:///{self._path}"
            self._target = SqlTarget(
                config.Target(url=url, table="leads", columns=columns, parts=PARTS, files=self._files)
            )
        return self._target

    def columns(self) -> list[str]:
        """The lead fields that leads have, `note` among them, in the order in which they came."""
        with self._reading() as connection:
            return [row[1] for row in connection.execute("PRAGMA table_info(leads)") if row[1] != "id"]

    def make(self) -> SqlTarget:
        """Make the database where it is not there. Raises TargetError."""
        make_file(self._path, self._where)
        self._write([(table, ()) for table in TABLES])
        target = self.target
        assert target is not None
        target.prepare()
        return target

    def widen(self, names: Collection[str]) -> SqlTarget:
        """Give leads the fields that they do not have yet."""
        target = self.target or self.make()
        missing = [name for name in names if name not in self.columns()]
        if not missing:
            return target
        kinds = {"do_not_contact": "BOOLEAN NOT NULL DEFAULT 0"}
        self._write([(f'ALTER TABLE leads ADD COLUMN "{name}" {kinds.get(name, "TEXT")}', ()) for name in missing])
        self.close()
        return self.make()

    def remember_removed(self, ids: Sequence[str], plan: str) -> None:
        """Keep the ids of leads that are about to be taken back: in the CRM people have to delete them."""
        self._write([("INSERT OR REPLACE INTO removed VALUES (?, ?)", (own, plan)) for own in ids])

    def drop_deleted(self) -> None:
        """Take away the leads of which the ledger says that they were deleted on purpose in the CRM."""
        kept = "SELECT lead_id FROM crm_cleanup_ledger WHERE state IS NOT ?"
        gone = "SELECT lead_id FROM crm_cleanup_ledger WHERE state = ?"
        for table, key in (("lead_notes", "lead_id"), ("leads", "id")):
            where = f"{key} IN ({gone}) AND {key} NOT IN ({kept})"
            self._write([(f"DELETE FROM {table} WHERE {where}", (DELETED, DELETED))])

    def overwrite_deleted(self) -> None:
        """Make the file anew, so that nothing is left in it of what was taken out."""
        self.close()
        try:
            with closing(sqlite3.connect(self._path, timeout=60)) as connection:
                connection.execute("VACUUM")
        except sqlite3.Error as error:
            raise TargetError(f"The ledger cannot be written: {error}.", where=self._path) from None

    def removed(self, plan: str) -> list[str]:
        """The ids of leads that a plan wrote, and that were taken back since."""
        with self._reading() as connection:
            query = "SELECT lead_id FROM removed WHERE plan = ? AND lead_id NOT IN (SELECT id FROM leads) ORDER BY 1"
            return [row[0] for row in connection.execute(query, (plan,))]

    def plans(self) -> list[str]:
        """The plans of which the ledger has leads, the one that wrote last at the end."""
        with self._reading() as connection:
            query = (
                "SELECT plan FROM crm_cleanup_ledger WHERE lead_id IN (SELECT id FROM leads)"
                " GROUP BY plan ORDER BY max(written_at), plan"
            )
            return [row[0] for row in connection.execute(query)]

    def parts(self, plan: str) -> int:
        """The most parts that a note of the plan's leads has."""
        with self._reading() as connection:
            query = f"SELECT max(part) FROM lead_notes WHERE lead_id IN {OF_PLAN}"
            return connection.execute(query, (plan,)).fetchone()[0] or 1

    def leads(self, plan: str) -> Iterator[StoredLead]:
        """Stream the leads of a plan by id, each with all parts of its note."""
        names = self.columns()
        chosen = ", ".join(f'"{name}"' for name in names)
        with self._reading() as connection, self._reading() as others:
            further = others.execute(
                f"SELECT lead_id, text FROM lead_notes WHERE lead_id IN {OF_PLAN} ORDER BY lead_id, part", (plan,)
            )
            row_of_part = further.fetchone()
            for own, *values in connection.execute(
                f"SELECT id, {chosen} FROM leads WHERE id IN {OF_PLAN} ORDER BY id", (plan,)
            ):
                fields = dict(zip(names, values, strict=True))
                notes = [fields.pop("note") or ""]
                while row_of_part is not None and row_of_part[0] <= own:
                    if row_of_part[0] == own:
                        notes.append(row_of_part[1])
                    row_of_part = further.fetchone()
                yield StoredLead(own, {name: _text(value) for name, value in fields.items()}, notes)

    def close(self) -> None:
        """Give the connections back."""
        if self._target is not None:
            self._target.close()
            self._target = None

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(f"file:{self._path}?mode=ro", uri=True, timeout=60)) as connection:
                yield connection
        except sqlite3.Error as error:
            raise TargetError(f"The ledger cannot be read: {error}.", where=self._path) from None

    def _write(self, statements: Sequence[tuple[str, Sequence[str]]]) -> None:
        try:
            with closing(sqlite3.connect(self._path, timeout=60)) as connection, connection:
                for statement, values in statements:
                    connection.execute(statement, values)
        except sqlite3.Error as error:
            raise TargetError(f"The ledger cannot be written: {error}.", where=self._path) from None


def _text(value: object) -> str | None:
    """A value of the database: flags come as numbers."""
    return None if value is None or value == "" else str(value)
