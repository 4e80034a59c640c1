"""Reading from databases: text comes back exactly, in one consistent view, and errors keep the password."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given, settings, strategies as st
from sqlalchemy.engine import make_url

from etl.connect.source import BATCH_BYTES, Reference
from etl.connect.sql.engine import masked, open_engine
from etl.connect.sql.source import SqlSource
from etl.errors import ConfigError, SourceError
from tests.profiles import examples

from .reading import Row, database, keep, read, read_open, run, store

CANARY = "Kanarienvogel-7"
texts = st.none() | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=30)
tables = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.tuples(*[texts] * width), max_size=8).map(lambda r: (width, r))
)


@settings(max_examples=examples(15))
@given(table=tables, rows=st.sampled_from([1, 3, 100]))
def test_text_comes_back_exactly(any_database: str, table: tuple[int, list[Row]], rows: int) -> None:
    """What was written as text is read character by character, in the order in which it was written."""
    width, written = table
    source = store(any_database, [f"c{at}" for at in range(width)], written, "exactly")

    found = read(source, "exactly", rows=rows)

    assert found.rows == written
    assert found.faults == []


@pytest.mark.parametrize("name", ["a b", 'a"b`c', "50% :x", "Ünïcode €", "select", "a.b", "x;y'z", "%(id)s", "tab\tle"])
def test_names_can_be_odd(any_database: str, name: str) -> None:
    """Tables and columns are found by their names, whatever these hold."""
    source = store(any_database, [name, "other"], [("1", "2")], name)

    assert read(source, name).columns == [name, "other"]
    assert read(source, name, [name]).rows == [("1",)]


def test_a_query_is_read_as_it_stands(any_database: str) -> None:
    """A query is run without placeholders, so that % and : and ? in it are text."""
    store(any_database, ["id", "name"], [("1", "50% :a ?"), ("2", "b")], "asked")
    query = "SELECT name AS x, id, 'ü' AS third FROM asked WHERE name LIKE '50%% :a ?' ;\n".replace("%%", "%")

    with SqlSource(any_database) as source:
        assert source.columns(query) == ["x", "id", "third"]
        assert read_open(source, query).rows == [("50% :a ?", "1", "ü")]
        assert read_open(source, query, ["id"]).rows == [("1",)]
        assert read_open(source, "with q as (select id from asked) select id from q order by id desc").rows == [
            ("2",),
            ("1",),
        ]


def test_a_query_with_one_name_twice_is_refused(any_database: str) -> None:
    """Two columns of one name cannot be told apart."""
    store(any_database, ["id"], [("1",)], "twice")

    with SqlSource(any_database) as source, pytest.raises(SourceError, match=r"'?id'?"):
        source.columns("SELECT id, id FROM twice")


def test_views_are_tables(any_database: str) -> None:
    """A view is listed and read like a table."""
    store(any_database, ["id"], [("1",)], "below")
    run(any_database, "DROP VIEW IF EXISTS above", "CREATE VIEW above AS SELECT id FROM below")

    with SqlSource(any_database) as source:
        assert {"above", "below"} <= set(source.tables())
        assert read_open(source, "above").rows == [("1",)]
    run(any_database, "DROP VIEW above")


def test_foreign_keys_are_named_column_by_column(fresh_database: str) -> None:
    """In the order of both sides; a view and a query have none."""
    run(
        fresh_database,
        "CREATE TABLE firms (client VARCHAR(9), number VARCHAR(9), PRIMARY KEY (client, number))",
        "CREATE TABLE gifts (no VARCHAR(9), branch VARCHAR(9), "
        "FOREIGN KEY (branch, no) REFERENCES firms (client, number))",
        "CREATE VIEW given AS SELECT no FROM gifts",
    )

    with SqlSource(fresh_database) as source:
        assert source.references("gifts") == [Reference(("branch", "no"), "firms", ("client", "number"))]
        assert source.references("given") == source.references("SELECT no FROM gifts") == []


def test_a_schema_can_stand_before_a_table(postgresql: str) -> None:
    """`schema.table` is a table of that schema; a materialized view is one too."""
    source = database(
        postgresql,
        'DROP SCHEMA IF EXISTS "old.crm" CASCADE',
        'CREATE SCHEMA "old.crm"',
        'CREATE TABLE "old.crm"."t.x" (id text)',
        """INSERT INTO "old.crm"."t.x" VALUES ('7')""",
        'CREATE MATERIALIZED VIEW "old.crm".m AS SELECT id FROM "old.crm"."t.x"',
    )

    assert read(source, "old.crm.t.x").rows == [("7",)]
    assert read(source, "old.crm.m").rows == [("7",)]


def test_a_missing_table_names_those_that_are_near(any_database: str) -> None:
    """An error about a table says which could be meant."""
    store(any_database, ["id"], [], "accounts_of_old")

    with SqlSource(any_database) as source, pytest.raises(SourceError, match="did you mean 'accounts_of_old'"):
        source.columns("Accounts_of_old")


def test_a_missing_column_names_those_that_are_near(any_database: str) -> None:
    """An error about a column says which could be meant."""
    store(any_database, ["name", "vat_id"], [], "near")

    with SqlSource(any_database) as source, pytest.raises(SourceError, match="did you mean 'vat_id'"):
        list(source.read("near", "near", ["vatid"], 10, keep))


def test_all_tables_are_seen_at_one_moment(fresh_database: str) -> None:
    """What others write while the source is open is not seen, in no table."""
    if fresh_database.startswith("sqlite"):
        run(fresh_database, "CREATE TABLE b (id text)")
        with sqlite3.connect(make_url(fresh_database).database or "") as connection:
            connection.execute("PRAGMA journal_mode = WAL")  # else SQLite keeps the writer out, which is as good
    store(fresh_database, ["id"], [("1",)], "a")
    store(fresh_database, ["id"], [("1",)], "b")

    with SqlSource(fresh_database) as source:
        before = read_open(source, "a").rows
        run(fresh_database, "INSERT INTO a VALUES ('2')", "INSERT INTO b VALUES ('2')", "DELETE FROM b WHERE id = '1'")
        after = read_open(source, "a").rows, read_open(source, "b").rows
    later = read(SqlSource(fresh_database), "b").rows

    assert before == [("1",)]
    assert after == ([("1",)], [("1",)])
    assert later == [("2",)]


def test_the_view_begins_with_the_block(fresh_database: str) -> None:
    """The view is that of the moment when the source was opened, not when it was first read."""
    if fresh_database.startswith("sqlite"):
        run(fresh_database, "CREATE TABLE b (id text)")
        with sqlite3.connect(make_url(fresh_database).database or "") as connection:
            connection.execute("PRAGMA journal_mode = WAL")
    store(fresh_database, ["id"], [], "a")

    with SqlSource(fresh_database) as source:
        run(fresh_database, "INSERT INTO a VALUES ('late')")
        assert read_open(source, "a").rows == []


def test_a_source_is_never_written(fresh_database: str) -> None:
    """The session refuses to write, should a query try."""
    store(fresh_database, ["id"], [("1",)])
    statement = "INSERT INTO t VALUES ('x')"
    if fresh_database.startswith("postgresql"):
        run(fresh_database, "CREATE SEQUENCE numbers")
        statement = "SELECT nextval('numbers')"

    with (
        SqlSource(fresh_database) as source,
        pytest.raises(Exception, match=r"(?i)read.?only"),
        closing(source.cursor(statement, False)) as cursor,
    ):
        cursor.fetchone()
    assert read(SqlSource(fresh_database)).rows == [("1",)]


def with_canary(url: str) -> str:
    """The same database, its URL with a password where it has none."""
    parsed = make_url(url)
    return parsed.set(password=parsed.password or CANARY).render_as_string(hide_password=False)


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_a_lost_connection_is_a_clear_error(request: pytest.FixtureRequest, kind: str) -> None:
    """A server that ends the session in the middle is named, and so is the table; the password is not."""
    url, is_mariadb = request.getfixturevalue(kind), kind == "mariadb"
    width = 1_000_000 if is_mariadb else 1  # more than the sockets hold, else all of it has arrived already
    store(url, ["id"], [(str(at) + "x" * width,) for at in range(30 if is_mariadb else 2000)])
    source = SqlSource(with_canary(url))
    own = "SELECT connection_id() AS i" if is_mariadb else "SELECT pg_backend_pid() AS i"

    with source:
        number = read_open(source, own).rows[0][0]
        batches = source.read("t", "t", None, 5, keep)
        next(batches)
        run(url, f"KILL {number}" if is_mariadb else f"SELECT pg_terminate_backend({number})")
        with pytest.raises(SourceError) as failed:
            list(batches)

    assert "table t" in str(failed.value.where)
    assert CANARY not in repr(failed.value.as_dict())
    assert failed.value.written == "nothing"


def test_a_server_that_is_not_there_is_a_clear_error() -> None:
    """The error says who and where, and keeps the password."""
    for scheme in ("postgresql", "mariadb"):
        with pytest.raises(SourceError) as failed, SqlSource(f"{scheme}://crm:{CANARY}@127.0.0.1:9/legacy"):
            pass
        assert failed.value.where == f"{scheme}://crm@127.0.0.1:9/legacy"
        assert CANARY not in repr(failed.value.as_dict())


def test_a_bad_query_is_a_clear_error(any_database: str) -> None:
    """The server's own words say what is wrong with a query."""
    with SqlSource(any_database) as source, pytest.raises(SourceError, match="nowhere") as failed:
        source.columns("SELECT * FROM nowhere")

    assert "query SELECT * FROM nowhere" in str(failed.value.where)


def test_a_sqlite_file_that_is_missing_is_not_made(tmp_path: Path) -> None:
    """A wrong file name is an error, and leaves no empty database behind."""
    path = tmp_path / "missing.db"

    with pytest.raises(SourceError, match=str(path)), SqlSource(f"sqlite:///{path}"):
        pass
    assert not path.exists()


def test_a_file_that_is_no_database_is_a_clear_error(tmp_path: Path) -> None:
    """A damaged SQLite file is named."""
    path = tmp_path / "damaged.db"
    path.write_bytes(b"SQLite format 3\0" + b"rubbish" * 1000)

    with pytest.raises(SourceError, match=r"not a database|malformed"), SqlSource(f"sqlite:///{path}"):
        pass


def test_wide_rows_come_in_small_batches(any_database: str) -> None:
    """A batch holds no more than about its bytes, however many rows were asked for."""
    body = "x" * 2_000_000
    source = store(any_database, ["id", "body"], [(str(at), body) for at in range(40)], "wide")

    with source:
        batches = [batch.data for batch in source.read("wide", "wide", None, 20_000, keep)]
    run(any_database, "DROP TABLE wide")

    assert [key for batch in batches for key in batch["id"].to_pylist()] == [str(at) for at in range(40)]
    assert max(batch.nbytes for batch in batches[1:]) < BATCH_BYTES
    assert all(value == body for batch in batches for value in batch["body"].to_pylist())


def test_servers_are_read_row_by_row(postgresql: str, mariadb: str) -> None:
    """Neither driver takes a whole result into memory."""
    from psycopg import ServerCursor
    from pymysql.cursors import SSCursor

    for url, kind in ((postgresql, ServerCursor), (mariadb, SSCursor)):
        with SqlSource(url) as source:
            cursor = source.cursor("SELECT 1", False)
            assert isinstance(cursor, kind)
            cursor.close()


def test_a_source_is_read_inside_its_block(any_database: str) -> None:
    """Outside of the block there is no view to read from."""
    with pytest.raises(SourceError, match="with"):
        SqlSource(any_database).tables()


@pytest.mark.parametrize(
    "url", ["nonsense", "foo://bar", "postgresql://u:Kanarienvogel-7@host:port/db", "postgresql+nope://h/d"]
)
def test_a_url_that_cannot_be_used_is_a_mistake_in_the_config(url: str) -> None:
    """A bad URL, an unknown database and a missing driver are told before anything is opened, without the password."""
    with pytest.raises(ConfigError) as failed:
        SqlSource(url)

    assert CANARY not in repr(failed.value.as_dict())


def test_sessions_speak_utc_and_unicode(any_database: str) -> None:
    """Each session runs in UTC and takes every character."""
    engine = open_engine(any_database)
    with engine.connect() as connection:
        assert connection.execute(sa.select(sa.literal("Ü😀 "))).scalar_one() == "Ü😀 "
        if engine.dialect.name == "postgresql":
            assert connection.exec_driver_sql("SHOW timezone").scalar_one() == "UTC"
        if engine.dialect.name == "mariadb":
            assert connection.exec_driver_sql("SELECT @@time_zone").scalar_one() == "+00:00"
            assert "STRICT_ALL_TABLES" in connection.exec_driver_sql("SELECT @@sql_mode").scalar_one()
    engine.dispose()


@pytest.mark.parametrize(
    "url", ["postgresql://u:{}@h/d", "postgresql://u@h/d?password={}", "mysql://h/d?ssl_passphrase={}"]
)
def test_a_driver_that_repeats_a_secret_is_not_repeated(url: str) -> None:
    """What a driver says is told without the URL's password, wherever it stands in the URL."""
    assert masked(f"no entry for u:{CANARY}", url.format(CANARY)) == "no entry for u:***"
