"""Archive records in a SQL database: set columns, and keep what they held in a table of this tool's own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeVar

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.schema import CreateTable

from etl import config
from etl.connect.archive import RetireRefused, Retiring
from etl.connect.sql.archiving import archive, rehearse, rehearse_own_table, wait_briefly
from etl.connect.sql.database import Database
from etl.connect.sql.former_values import RETIRED, FormerValues, retired_table
from etl.connect.sql.ledger import ROWS_AT_ONCE
from etl.connect.sql.places import Place, Records, place_of
from etl.connect.sql.refusal import verdict
from etl.runner import now

T = TypeVar("T")
CHANGED = "somebody has changed it since it was retired"


class SqlArchive:
    """A database whose records can be archived. `Archive` says what the methods promise.

    clean_up: its `retire` says which table and key column the records of each entry stand in, else its source does.
    """

    def __init__(self, clean_up: config.Config, confirm_lock: Callable[[], None]) -> None:
        self._source, self._retire_of, self._confirm_lock = clean_up.source, clean_up.retire, confirm_lock
        self._database = Database(clean_up.source.url, "source")
        self._own = retired_table(self._database.dialect)

    @property
    def where(self) -> str:
        """Who and where, without a secret."""
        return self._database.where

    def prepare(self) -> None:
        """Make the table of former values. Raises ConfigError for an entry whose table is not known."""
        for entry in self._retire_of:
            self._place(entry)
        with self._database.translated("prepared"), self._database.engine.begin() as connection:
            if not sa.inspect(connection).has_table(RETIRED):
                connection.execute(CreateTable(self._own))
        self.__dict__.pop("_has_own_table", None)

    def rehearse(self, entry: str, records: Sequence[Retiring]) -> tuple[str, ...]:
        """Archive some records of an entry in a transaction that is rolled back."""
        columns, place = tuple(self._retire_of[entry].set_), self._place(entry)
        with self._database.translated("read"), self._database.engine.connect() as connection:
            try:
                wait_briefly(connection)
                if not self._has_own_table:
                    rehearse_own_table(connection, self._own)
                return rehearse(connection, place, columns, records)
            except self._database.errors as error:
                if verdict(error, connection.dialect.name) in ("again", "lost"):
                    raise  # somebody holds a lock, which says nothing of what is refused
                names = frozenset((place.name, place.table, *place.key_names, *place.stored, RETIRED))
                raise RetireRefused(self._database.reason(error, names)) from None
            finally:
                connection.rollback()

    def retire(self, records: Sequence[Retiring], *, system: str, plan: str) -> int:
        """Archive records in one transaction."""
        return self._transact(lambda connection: self._retire(connection, records, system, plan))

    def _retire(self, connection: sa.Connection, records: Sequence[Retiring], system: str, plan: str) -> int:
        own = FormerValues(connection, self._own, system)
        own.lock()
        done = {row.source_key for row in own.of([record.source_key for record in records])}
        left = [record for record in records if record.source_key not in done]
        by_entry: dict[tuple[str, tuple[str, ...]], list[Retiring]] = defaultdict(list)
        for record in left:
            by_entry[record.entry, tuple(sorted(record.values))].append(record)
        at = now()
        for (entry, columns), some in by_entry.items():
            moved = archive(connection, self._place(entry), columns, some)
            own.keep([{**_named(record), **row, "plan": plan, "retired_at": at} for record, row in moved])
        return len(left)

    def restore(self, keys: Sequence[str], *, system: str, plan: str) -> tuple[int, dict[str, str]]:
        """Bring records back in one transaction; none where nothing was ever archived."""
        if not self._has_own_table:
            return 0, {}
        return self._transact(lambda connection: self._restore(connection, keys, system, plan))

    def _restore(
        self, connection: sa.Connection, keys: Sequence[str], system: str, plan: str
    ) -> tuple[int, dict[str, str]]:
        own, of_record = FormerValues(connection, self._own, system), defaultdict[str, list[Any]](list)
        for row in own.of(keys):
            if row.plan == plan:
                of_record[row.source_key].append(row)
        by_entry: dict[str, dict[str, list[Any]]] = defaultdict(dict)
        for key, rows in of_record.items():
            by_entry[rows[0].entry][key] = rows
        kept: dict[str, str] = {}
        for entry, some in by_entry.items():
            kept |= self._give_back(connection, entry, some)
        restored = [key for key in of_record if key not in kept]
        own.forget(restored)
        return len(restored), kept

    def _give_back(self, connection: sa.Connection, entry: str, some: Mapping[str, Sequence[Any]]) -> dict[str, str]:
        """Give records of one entry their former values; gives source key -> why it stays as it is.

        The columns that were set must hold what was written. A stamp that moved with them gets its former value too;
        one that has moved since keeps what it holds.
        """
        place, kept = self._place(entry), dict[str, str]()
        columns = sorted({row.column_name for rows in some.values() for row in rows})
        current_values = place.rows(connection, [rows[0].record_key for rows in some.values()], columns)
        to_restore: dict[tuple[str, ...], list[tuple[str, dict[str, Any]]]] = defaultdict(list)
        for key, rows in some.items():
            current = current_values.get(rows[0].record_key)
            own = [row for row in rows if row.column_name in self._retire_of[entry].set_] or rows
            if current is None:
                kept[key] = "it no longer exists"
            elif all(current[row.column_name] == row.former for row in own):
                continue
            elif any(current[row.column_name] != row.written for row in own):
                kept[key] = CHANGED
            else:
                stamps = {row.column_name: row for row in rows if row not in own}
                former = {row.column_name: row.former for row in own}
                former |= {  # set in the same statement, a stamp is not moved by it
                    name: row.former if current[name] == row.written else current[name] for name, row in stamps.items()
                }
                to_restore[tuple(sorted(former))].append((rows[0].record_key, former))
        for names, records in to_restore.items():
            self._set_back(connection, place, names, records)
        return kept

    def _set_back(self, connection: sa.Connection, place: Place, names: Sequence[str], records: Records) -> None:
        """Give columns their former values; without the stamps, where the server lets nobody set those."""
        try:
            with connection.begin_nested():
                place.set(connection, names, records, exact=True)
        except self._database.errors:
            own = [name for name in names if any(name in retire.set_ for retire in self._retire_of.values())]
            if own in ([], list(names)):
                raise
            place.set(connection, own, records, exact=True)

    def retired(self, system: str, plan: str | None = None) -> Iterator[pa.Table]:
        """Stream the records that are archived."""
        own = self._own
        if not self._has_own_table:
            return
        with self._database.translated("read"), self._database.engine.connect() as connection:
            query = sa.select(own.c.source_key, own.c.entry).distinct().where(own.c.source_system == system)
            if plan is not None:
                query = query.where(own.c.plan == plan)
            result = connection.execution_options(yield_per=ROWS_AT_ONCE).execute(query.order_by(own.c.source_key))
            for rows in result.partitions():
                keys, entries = zip(*rows, strict=True)
                yield pa.table({"source_key": pa.array(keys, pa.large_string()), "entry": list(entries)})

    def moved_columns(self, system: str) -> dict[str, tuple[str, ...]]:
        """The columns that archiving has moved, by entry."""
        columns: dict[str, tuple[str, ...]] = {}
        if self._has_own_table:
            own = self._own
            query = sa.select(own.c.entry, own.c.column_name).distinct().where(own.c.source_system == system)
            with self._database.translated("read"), self._database.engine.connect() as connection:
                for entry, column in sorted(tuple(row) for row in connection.execute(query)):
                    columns[entry] = (*columns.get(entry, ()), column)
        return columns

    def known(self, system: str, keys: Sequence[str]) -> frozenset[str]:
        """Those that are archived."""
        if not self._has_own_table:
            return frozenset()
        with self._database.translated("read"), self._database.engine.connect() as connection:
            return frozenset(row.source_key for row in FormerValues(connection, self._own, system).of(keys))

    def finish(self, *, system: str, plan: str) -> None:
        """Nothing: each transaction is the end of its own."""

    def unfinish(self, *, system: str, plan: str) -> None:
        """Nothing: each transaction is the end of its own."""

    def close(self) -> None:
        """Give the connections back."""
        self._database.close()

    def _place(self, entry: str) -> Place:
        if entry not in self._places:
            with self._database.translated("read"), self._database.engine.connect() as connection:
                inspector = sa.inspect(connection)
                self._places[entry] = place_of(inspector, self._source, entry, self._retire_of[entry], self.where)
        return self._places[entry]

    @cached_property
    def _places(self) -> dict[str, Place]:
        return {}

    @cached_property
    def _has_own_table(self) -> bool:
        """Whether the table of former values is there."""
        with self._database.translated("read"), self._database.engine.connect() as connection:
            return sa.inspect(connection).has_table(RETIRED)

    def _transact(self, work: Callable[[sa.Connection], T]) -> T:
        return self._database.transact(work, self._confirm_lock, RetireRefused)


def _named(record: Retiring) -> dict[str, Any]:
    """A record as its rows of the table of former values name it."""
    return {
        "source_key": record.source_key,
        "entry": record.entry,
        "record_key": record.key,
        "lead_id": record.lead_id,
    }
