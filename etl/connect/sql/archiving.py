"""Set the columns that archive records, and see what moved: those columns, and stamps that the server moves itself."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.schema import CreateTable

from etl.config.retire import EXAMPLE
from etl.connect.archive import RetireRefused, Retiring
from etl.connect.sql.columns import MYSQL
from etl.connect.sql.places import Place

Moved = tuple[Retiring, dict[str, Any]]
"""A record, and one column of it: column_name, former, written."""


def archive(
    connection: sa.Connection, place: Place, columns: Sequence[str], records: Sequence[Retiring]
) -> list[Moved]:
    """Set columns of records of one place, within a transaction; gives each column that moved, or was set.

    Raises RetireRefused where one is not there, or cannot be read once it was set.
    """
    keys = [record.key for record in records]
    before = place.rows(connection, keys)
    if len(before) < len(set(keys)):
        raise RetireRefused(f"it is no longer in {place.name}")
    place.set(connection, columns, [(record.key, dict(record.values)) for record in records])
    after = place.rows(connection, keys)
    if len(after) < len(set(keys)):
        raise RetireRefused(_hidden(place))
    moved: list[Moved] = []
    for record in records:
        former, written = before[record.key], after[record.key]
        for column in place.stored:
            if column in columns or former[column] != written[column]:
                moved.append((record, {"column_name": column, "former": former[column], "written": written[column]}))
    return moved


def _hidden(place: Place) -> str:
    """Why a record cannot be read any more once it was set."""
    if place.is_view:
        return (
            f"{place.name} is a view that hides a record once it is archived, so it could not be brought back; name "
            f"the table behind the view under retire, for example {EXAMPLE}"
        )
    return f"{place.name} hides a record once it is archived, so it could not be brought back"


def rehearse(
    connection: sa.Connection, place: Place, columns: Sequence[str], records: Sequence[Retiring]
) -> tuple[str, ...]:
    """Archive some records within a transaction that the caller rolls back; gives the stamps that move with them.

    Those of the records that have no row of their own, or several, are left out. Raises RetireRefused where none has,
    where the server refuses one, and where a column does not take its value; database errors as they come.
    """
    _refuse_without_transactions(connection, place)
    present = [record for record in records if _is_there(connection, place, record.key)]
    if records and not present:
        by = f"its column{'s' if len(place.key) > 1 else ''} {' and '.join(place.key_names)}"
        raise RetireRefused(
            f"none of the records that were looked for is in {place.name} by {by}; name the table and the key "
            f"under retire, for example {EXAMPLE}"
        )
    if not records:  # the server says what it would not let this user do, also where there is nothing to do
        place.set_nothing(connection, columns)
    stamps: dict[str, None] = {}
    for record in present:
        for _, row in archive(connection, place, columns, [record]):
            column, value = row["column_name"], record.values.get(row["column_name"])
            if column not in columns:
                if _is_stamp(place.stored[column], row["former"], row["written"]):
                    stamps[column] = None
            elif row["former"] == row["written"] and not place.holds(connection, record.key, column, value):
                raise RetireRefused(f"the column {column} of {place.name} keeps its value when it is set")
    return tuple(sorted(stamps))


def _is_stamp(of: sa.types.TypeEngine[Any], former: object, written: object) -> bool:
    """Whether a column that moved by itself says when, or how often, its record was written, and nothing else of it.

    What a trigger sets beside that, such as a state, is data: a change of it is an edit.
    """
    if isinstance(of, (sa.DateTime, sa.Date, sa.Time)):
        return True
    moment, text = dt.datetime.now(dt.UTC), str(written)
    if text[:10] in {(moment + dt.timedelta(days)).date().isoformat() for days in (-1, 0, 1)}:
        return True
    if not re.fullmatch(r"[0-9]{1,18}", text):
        return False
    counted = re.fullmatch(r"[0-9]{1,18}", str(former)) is not None and int(text) == int(str(former)) + 1
    return counted or any(abs(int(text) / unit - moment.timestamp()) < 86_400 for unit in (1, 1_000))


def wait_briefly(connection: sa.Connection) -> None:
    """Let a transaction not wait for long where somebody has locked a record: it is a rehearsal alone."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL lock_timeout = '10s'")
    elif connection.dialect.name in MYSQL:
        connection.exec_driver_sql("SET SESSION innodb_lock_wait_timeout = 10")


def _is_there(connection: sa.Connection, place: Place, key: str) -> bool:
    try:
        return key in place.rows(connection, [key], ())
    except RetireRefused:
        return False  # two rows have its key: it is a reject, and is not archived


def _refuse_without_transactions(connection: sa.Connection, place: Place) -> None:
    """Refuse a table that cannot roll back, before anything is tried on it."""
    if place.dialect.name not in MYSQL or place.is_view:
        return
    options = sa.inspect(connection).get_table_options(place.table, place.schema)
    engine = options.get(f"{place.dialect.name}_engine", "InnoDB")
    if engine != "InnoDB":
        raise RetireRefused(
            f"{place.name} uses the engine {engine}, which has no transactions: ALTER TABLE {place.name} ENGINE=InnoDB"
        )


def rehearse_own_table(connection: sa.Connection, table: sa.Table) -> None:
    """See that the table of former values can be made. MariaDB and MySQL cannot take that back: they say their grants.

    Raises RetireRefused there; database errors elsewhere.
    """
    if connection.dialect.name not in MYSQL:
        connection.execute(CreateTable(table))
        return
    granted = [str(row[0]) for row in connection.exec_driver_sql("SHOW GRANTS")]
    rights = [{right.strip() for right in grant[6:].partition(" ON ")[0].split(",")} for grant in granted]
    if not any({"ALL PRIVILEGES", "CREATE"} & some for some in rights):
        raise RetireRefused(f"this user may not create the table {table.name}, which keeps the former values")
