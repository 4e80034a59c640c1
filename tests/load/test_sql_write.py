"""How errors of databases are understood, and the way into databases that have no fast one."""

from __future__ import annotations

import sqlite3
import stat
import threading
import time
from pathlib import Path

import psycopg.errors
import pyarrow as pa
import pymysql.err
import pytest
import sqlalchemy as sa

from etl import config
from etl.connect.sql.refusal import verdict, without_values
from etl.connect.sql.write import CoreWriter
from etl.errors import ConfigError
from etl.load import apply
from tests.load.conftest import Pipeline
from tests.load.plans import small_plan


@pytest.mark.parametrize("in_bulk", [True, False])
def test_any_database_gives_ids_in_the_order_of_the_rows(pipeline: Pipeline, in_bulk: bool) -> None:
    """Without a writer of its own, a database still says which row got which id, in bulk or row by row."""
    pipeline.sql("CREATE TABLE things (id {id}, name VARCHAR(20))")
    names = [f"thing {number}" for number in range(50)]
    table = sa.table("things", sa.column("id"), sa.column("name"))
    if not in_bulk:
        pipeline.engine.dialect.insert_executemany_returning_sort_by_parameter_order = False

    with pipeline.engine.begin() as connection:
        ids = CoreWriter().insert_new(connection, table, "id", pa.table({"name": names}))
        CoreWriter().insert(connection, table, pa.table({"id": [1000], "name": ["the last"]}))

    found = dict(pipeline.rows("SELECT id, name FROM things"))
    assert [found[number] for number in ids] == names
    assert found[1000] == "the last"


def test_sqlite_gives_no_id_twice(sqlite_pipeline: Pipeline) -> None:
    """The ledger names a deleted lead by its id; a later lead must not get that id."""
    apply(small_plan(["A1", "A2"]), sqlite_pipeline.open())
    sqlite_pipeline.sql("DELETE FROM leads")
    apply(small_plan(["A3"]), sqlite_pipeline.open())

    assert "AUTOINCREMENT" in sqlite_pipeline.rows("SELECT sql FROM sqlite_master WHERE name = 'leads'")[0][0]
    assert sqlite_pipeline.rows("SELECT id FROM leads") == [(3,)]


def test_an_existing_sqlite_table_gives_no_id_twice(sqlite_pipeline: Pipeline) -> None:
    """Where SQLite itself would give the id of a deleted lead again, also while a run goes on."""
    sqlite_pipeline.sql("CREATE TABLE opportunities (no {id}, title TEXT, memo TEXT)")
    sqlite_pipeline.map(name="title", note="memo")
    sqlite_pipeline.target = sqlite_pipeline.target.model_copy(update={"id": "no"})
    target = sqlite_pipeline.open()
    ids = []
    for keys in (["A1", "A2"], ["A3"], ["A4"]):
        apply(small_plan(keys), target)
        ids += [row[0] for row in sqlite_pipeline.rows("SELECT no FROM opportunities ORDER BY no")]
        sqlite_pipeline.sql("DELETE FROM opportunities")

    assert ids == [1, 2, 3, 4]


def test_a_sqlite_file_is_its_owners_alone(sqlite_pipeline: Pipeline, tmp_path: Path) -> None:
    """The file is 0600; its folder stays as it is."""
    tmp_path.chmod(0o755)
    apply(small_plan(["A1"]), sqlite_pipeline.open())

    modes = [stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "pipeline.db", tmp_path)]
    assert modes == [0o600, 0o755]


def test_a_sqlite_file_in_a_folder_that_does_not_exist_is_an_error(sqlite_pipeline: Pipeline, tmp_path: Path) -> None:
    """It is told when the target is looked at, and no folder is made for it."""
    sqlite_pipeline.target = config.Target(url=f"sqlite:///{tmp_path / 'a' / 'b' / 'pipeline.db'}")

    for step in (lambda: sqlite_pipeline.open().fields(), lambda: apply(small_plan(["A1"]), sqlite_pipeline.open())):
        with pytest.raises(ConfigError, match="The folder of the target does not exist"):
            step()
    assert not (tmp_path / "a").exists()


def test_a_folder_below_the_current_one_is_made_with_the_file(
    sqlite_pipeline: Pipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A demo in a fresh clone needs no folder beforehand: looking makes none, writing does."""
    monkeypatch.chdir(tmp_path)
    sqlite_pipeline.target = config.Target(url="sqlite:///build/demo/pipeline.db")

    assert sqlite_pipeline.open().fields()
    assert not (tmp_path / "build").exists()
    apply(small_plan(["A1"]), sqlite_pipeline.open())
    assert (tmp_path / "build" / "demo" / "pipeline.db").exists()


def test_a_lock_that_is_held_too_long_is_waited_for(served_pipeline: Pipeline) -> None:
    """A batch that meets a lock of somebody else is tried again, and is then written once."""
    apply(small_plan(["first"]), served_pipeline.open())
    target = served_pipeline.open()
    _be_impatient(target._engine, served_pipeline.kind)  # type: ignore[attr-defined]
    other = served_pipeline.engine.connect()
    other.execute(
        sa.text(
            "INSERT INTO crm_cleanup_ledger (source_system, source_key, lead_key, lead_id, plan, written_at)"
            " VALUES ('crm', 'accounts:A1', 'accounts:A1', '0', 'other', CURRENT_TIMESTAMP)"
        )
    )

    def give_up() -> None:
        time.sleep(1.5)
        other.rollback()
        other.close()

    thread = threading.Thread(target=give_up)
    thread.start()
    done = apply(small_plan(["A1", "A2"]), target)
    thread.join()

    assert (done.leads, done.refused, served_pipeline.counts()) == (2, (), (3, 6))


def _be_impatient(engine: sa.Engine, kind: str) -> None:
    @sa.event.listens_for(engine, "connect")
    def _connected(raw: psycopg.Connection[object] | pymysql.Connection, _record: object) -> None:
        with raw.cursor() as cursor:
            cursor.execute("SET innodb_lock_wait_timeout = 1" if kind == "mariadb" else "SET lock_timeout = '700ms'")
        raw.commit()


@pytest.mark.parametrize(
    ("dialect", "error", "meaning"),
    [
        ("postgresql", psycopg.errors.CheckViolation(), "refused"),
        ("postgresql", psycopg.errors.RaiseException(), "refused"),
        ("postgresql", psycopg.errors.StringDataRightTruncation(), "refused"),
        ("postgresql", psycopg.DataError("NUL"), "refused"),
        ("postgresql", psycopg.errors.DeadlockDetected(), "again"),
        ("postgresql", psycopg.errors.DiskFull(), "failed"),
        ("postgresql", psycopg.errors.InsufficientPrivilege(), "failed"),
        ("postgresql", psycopg.errors.AdminShutdown(), "lost"),
        ("postgresql", psycopg.OperationalError("connection lost"), "lost"),
        ("mariadb", pymysql.err.IntegrityError(1062, "Duplicate entry"), "refused"),
        ("mariadb", pymysql.err.DataError(1406, "Data too long"), "refused"),
        ("mariadb", pymysql.err.OperationalError(1644, "said a trigger"), "refused"),
        ("mysql", pymysql.err.OperationalError(1213, "Deadlock"), "again"),
        ("mariadb", pymysql.err.OperationalError(2013, "Lost connection"), "lost"),
        ("mariadb", pymysql.err.OperationalError(1290, "read-only"), "failed"),
        ("mariadb", pymysql.err.InterfaceError("closed"), "lost"),
        ("sqlite", sqlite3.OperationalError("unable to open"), "failed"),
        ("mssql", sqlite3.IntegrityError("any driver's"), "refused"),
        ("mssql", sqlite3.OperationalError("any driver's"), "failed"),
    ],
)
def test_what_an_error_means(dialect: str, error: Exception, meaning: str) -> None:
    """An error is about a row, a matter of trying again, or the end of the run."""
    assert verdict(error, dialect) == meaning


def test_names_of_the_schema_stay_and_values_go() -> None:
    """What stands in quotes is shown only where it is a name of the schema."""
    said = "Bad value 'Erika' for column 'title' of \"db.leads\" in “Berlin”"

    assert (
        without_values(said, frozenset({"title", "leads"})) == "Bad value '…' for column 'title' of \"db.leads\" in “…”"
    )
