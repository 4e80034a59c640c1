"""Throw-away databases for benchmarks, and the copy that all figures are held against."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

BATCH = 20_000
KINDS = ("sqlite", "postgresql")
POSTGRESQL = "CRM_CLEANUP_POSTGRESQL"

Make = Callable[[str], str]


class NotGiven(Exception):
    """No server of this kind is given."""


@contextmanager
def databases(kind: str, folder: Path) -> Iterator[Make]:
    """Give a function that makes an empty database of a name and returns its URL; all are dropped at the end.

    Raises NotGiven where that needs a server and the environment names none.
    """
    if kind == "sqlite":
        yield lambda name: f"sqlite:///{folder / name}.db"
        return
    if not os.environ.get(POSTGRESQL):
        raise NotGiven(
            f"postgresql is left out: set {POSTGRESQL} to the SQLAlchemy URL of a server to measure it, too."
        )
    server = sa.create_engine(os.environ[POSTGRESQL], isolation_level="AUTOCOMMIT")
    made: list[str] = []

    def make(name: str) -> str:
        made.append(f"crm_cleanup_bench_{secrets.token_hex(4)}_{name}")
        with server.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {made[-1]} ENCODING 'UTF8' TEMPLATE template0"))
        return server.url.set(database=made[-1]).render_as_string(hide_password=False)

    try:
        yield make
    finally:
        with server.connect() as connection:
            for name in made:
                connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
        server.dispose()


def copy(source: str, target: str, tables: tuple[str, ...]) -> int:
    """Read tables and write them into an empty database through SQLAlchemy Core, with no work between: the floor.

    Returns the rows. In batches of 20,000, all in one transaction.
    """
    origin, goal = sa.create_engine(source), sa.create_engine(target)
    metadata = sa.MetaData()
    metadata.reflect(origin, only=tables)
    metadata.create_all(goal)
    rows = 0
    with origin.connect() as reading, goal.begin() as writing:
        streaming = reading.execution_options(stream_results=True, yield_per=BATCH)
        for name in tables:
            for batch in streaming.execute(sa.select(metadata.tables[name])).mappings().partitions():
                writing.execute(sa.insert(metadata.tables[name]), [dict(row) for row in batch])
                rows += len(batch)
    origin.dispose()
    goal.dispose()
    return rows
