"""What all tests share: databases of each run's own, on real servers where some are given, and what a skip means."""

from __future__ import annotations

import os
import secrets
from collections.abc import Generator, Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from etl.connect.sql.engine import open_engine
from tests import profiles

KINDS = ("sqlite", "postgresql", "mariadb")
VARIABLES = {
    "postgresql": ("CRM_CLEANUP_POSTGRESQL", "PostgreSQL", "postgresql+psycopg://user@host/db"),
    "mariadb": ("CRM_CLEANUP_MARIADB", "MariaDB", "mariadb+pymysql://user:password@host/db"),
}

profiles.register()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Make a skipped test a failure where CRM_CLEANUP_NO_SKIPS is set: in CI everything that tests need is there."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("CRM_CLEANUP_NO_SKIPS"):
        report.outcome = "failed"
        report.longrepr = (
            f"{item.nodeid} was skipped, and CRM_CLEANUP_NO_SKIPS is set: {call.excinfo and call.excinfo.value}"
        )
    return report


@pytest.fixture(scope="session", autouse=True)
def one_core() -> Iterator[None]:
    """The tests use all cores themselves: what asks for as many worker processes as there are cores gets none here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "sched_getaffinity", lambda _: {0})
        yield


@contextmanager
def throw_away(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the URL of an empty database of this kind, and drop it at the end; skip where no server is given."""
    if kind == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('sqlite') / 'crm.db'}"
        return
    variable, title, example = VARIABLES[kind]
    if not os.environ.get(variable):
        pytest.skip(f"no {title} given: set {variable}={example}, or run tests/servers start FOLDER")
    name = f"crm_cleanup_test_{secrets.token_hex(6)}"
    options = " ENCODING 'UTF8' TEMPLATE template0" if kind == "postgresql" else " CHARACTER SET utf8mb4"
    server = open_engine(os.environ[variable]).execution_options(isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}{options}"))
    try:
        yield make_url(os.environ[variable]).set(database=name).render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE {name}" + (" WITH (FORCE)" if kind == "postgresql" else "")))
        server.dispose()


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a PostgreSQL database that lasts as long as the test run."""
    with throw_away("postgresql", tmp_path_factory) as url:
        yield url


@pytest.fixture(scope="session")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a MariaDB database that lasts as long as the test run."""
    with throw_away("mariadb", tmp_path_factory) as url:
        yield url


@pytest.fixture(scope="session", params=KINDS)
def any_database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a database of each kind, one for all tests, which name their tables apart."""
    if request.param == "sqlite":
        with throw_away("sqlite", tmp_path_factory) as url:
            yield url
    else:
        yield request.getfixturevalue(request.param)


@pytest.fixture(params=KINDS)
def fresh_database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a database of each kind that is empty and this test's alone."""
    with throw_away(request.param, tmp_path_factory) as url:
        yield url


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `make fuzz` try more damaged inputs than each run of the suite does, and each commit its own share."""
    parser.addoption("--fuzz", type=int, default=60, help="how many damaged inputs to try")
    parser.addoption("--fuzz-seed", type=int, default=0, help="which of all damaged inputs these are")
