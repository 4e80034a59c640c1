"""Make the tables of a lead pipeline where they are missing, and the file of an SQLite one."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.schema import CreateTable

from etl import config
from etl.connect.sql.lead_table import lead_table
from etl.connect.sql.lock import make_lock_table
from etl.connect.sql.tables import former_table, ledger_table, own_tables
from etl.errors import ConfigError, TargetError


def make_tables(engine: sa.Engine, target: config.Target, where: str) -> None:
    """Make the ledger and, in an empty database, the lead pipeline's schema. Database errors as they come."""
    with engine.begin() as connection:
        table = lead_table(target, sa.inspect(connection), where)
        own = [] if table.exists else own_tables(connection.dialect).sorted_tables
        make_lock_table(connection, table.schema)
        ledger, former = (make(connection.dialect, table.schema) for make in (ledger_table, former_table))
        for each in (*own, ledger, former):
            if not sa.inspect(connection).has_table(each.name, each.schema):
                connection.execute(CreateTable(each))


def make_file(file: Path, where: str) -> None:
    """Make an SQLite file that only its owner can read. Raises TargetError where it cannot be made."""
    refuse_missing_folder(file, where)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)  # SQLite gives its journal the same mode
    except OSError as error:
        raise TargetError(f"The target cannot be made: {error.strerror}.", where=where) from None


def refuse_missing_folder(file: Path, where: str) -> None:
    """Raise ConfigError for an SQLite file in a folder that does not exist: a name that is written wrong, perhaps.

    A folder below the current one, such as that of a demo, is made with the file.
    """
    folder = file.absolute().parent
    if file.is_absolute() and not folder.is_dir():
        raise ConfigError(
            f"The folder of the target does not exist: {folder}.",
            where=where,
            next=f"mkdir -p {folder}, or correct target.url",
        )
