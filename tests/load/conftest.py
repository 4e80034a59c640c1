"""Fixtures of the tests of load: an empty database of each kind, looked at and damaged by plain SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from etl import config
from etl.connect import open_target
from etl.connect.sql.engine import open_engine
from etl.connect.target import Target
from tests.conftest import KINDS, throw_away


@dataclass
class Pipeline:
    """A database that takes leads."""

    url: str
    target: config.Target
    engine: sa.Engine
    opened: list[Target] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """sqlite, postgresql or mariadb."""
        return self.engine.dialect.name

    @property
    def opener(self) -> Callable[[], Target]:
        """What `verify` opens the target with."""
        return partial(open_target, self.target)

    def open(self) -> Target:
        """Open the target; the fixture closes it."""
        self.opened.append(open_target(self.target))
        return self.opened[-1]

    def sql(self, *statements: str, **values: Any) -> None:
        """Run statements, as a database's administrator would; `{long}` and `{id}` are its types for them."""
        kinds = {
            "sqlite": {"long": "TEXT", "id": "INTEGER PRIMARY KEY"},
            "postgresql": {"long": "TEXT", "id": "SERIAL PRIMARY KEY"},
            "mariadb": {"long": "LONGTEXT", "id": "INTEGER AUTO_INCREMENT PRIMARY KEY"},
        }
        with self.engine.begin() as connection:
            for statement in statements:
                for name, words in kinds[self.kind].items():
                    statement = statement.replace(f"{{{name}}}", words)
                connection.execute(sa.text(statement), values)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(sa.text(query))]

    def counts(self) -> tuple[int, int]:
        """How many leads and how many ledger rows there are."""
        table = self.target.table or "leads"
        return self.rows(f"SELECT count(*) FROM {table}")[0][0], self.rows("SELECT count(*) FROM crm_cleanup_ledger")[
            0
        ][0]

    def map(self, **columns: str) -> None:
        """Use the existing table `opportunities` with these columns for lead fields."""
        self.target = config.Target(url=self.url, table="opportunities", columns=columns)


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """The URL of a database of the named kind, for the tests of load alone, made when it is first asked for."""
    with ExitStack() as stack:
        yield cache(lambda kind: stack.enter_context(throw_away(kind, tmp_path_factory)))


@pytest.fixture(params=KINDS)
def pipeline(request: pytest.FixtureRequest, databases: Callable[[str], str]) -> Iterator[Pipeline]:
    """An empty lead pipeline on each database."""
    with emptied(databases(request.param)) as found:
        yield found


@pytest.fixture(params=["postgresql", "mariadb"])
def served_pipeline(request: pytest.FixtureRequest, databases: Callable[[str], str]) -> Iterator[Pipeline]:
    """An empty lead pipeline on each database that has a server."""
    with emptied(databases(request.param)) as found:
        yield found


@pytest.fixture
def postgresql_pipeline(databases: Callable[[str], str]) -> Iterator[Pipeline]:
    """An empty lead pipeline on PostgreSQL."""
    with emptied(databases("postgresql")) as found:
        yield found


@pytest.fixture
def mariadb_pipeline(databases: Callable[[str], str]) -> Iterator[Pipeline]:
    """An empty lead pipeline on MariaDB."""
    with emptied(databases("mariadb")) as found:
        yield found


@pytest.fixture
def sqlite_pipeline(tmp_path: Path) -> Iterator[Pipeline]:
    """An empty lead pipeline in an SQLite file that does not exist yet."""
    with emptied(f"sqlite:///{tmp_path}/pipeline.db") as found:
        yield found


@contextmanager
def emptied(url: str) -> Iterator[Pipeline]:
    """A pipeline in a database; whatever the test makes there is gone afterwards."""
    pipeline = Pipeline(url, config.Target(url=url), open_engine(url))
    try:
        yield pipeline
    finally:
        for target in pipeline.opened:
            target.close()
        _empty(pipeline)
        pipeline.engine.dispose()


def _empty(pipeline: Pipeline) -> None:
    if pipeline.kind == "postgresql":
        pipeline.sql("DROP SCHEMA IF EXISTS public, sales CASCADE", "CREATE SCHEMA public")
    elif pipeline.kind == "mariadb":
        tables = ", ".join(f"`{name}`" for name in sa.inspect(pipeline.engine).get_table_names())
        pipeline.sql("SET foreign_key_checks = 0", *([f"DROP TABLE {tables}"] if tables else []))
    else:
        pipeline.engine.dispose()
        Path(pipeline.engine.url.database or "").unlink(missing_ok=True)
