"""Each database's types become text by the fixed rules, and no odd value stops a run."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from etl.connect.sql.engine import open_engine
from etl.connect.sql.source import SqlSource

from .reading import database, keep, read, read_open

POSTGRESQL = {
    "1::smallint": "1",
    "9223372036854775807": "9223372036854775807",
    "12.50::numeric": "12.50",
    "1e30::numeric": "1" + "0" * 30,
    "'NaN'::numeric": "NaN",
    "0.1::real": "0.1",
    "16777216::real": "16777216.0",
    "5::double precision": "5.0",
    "1e20::double precision": "1e+20",
    "true": "true",
    "false": "false",
    "'2026-11-01'::date": "2026-11-01",
    "'infinity'::date": "infinity",
    "'0044-03-15 BC'::date": "0044-03-15 BC",
    "'20000-01-01'::date": "20000-01-01",
    "'2026-11-01 09:30'::timestamp": "2026-11-01T09:30:00",
    "'2026-11-01 09:30:00.5'::timestamp": "2026-11-01T09:30:00.500000",
    "'-infinity'::timestamp": "-infinity",
    "'2026-11-01 09:30+02'::timestamptz": "2026-11-01T07:30:00+00:00",
    "'2026-11-01 09:30:00.123456+02'::timestamptz": "2026-11-01T07:30:00.123456+00:00",
    "'09:30'::time": "09:30:00",
    "'09:30+02'::timetz": "09:30:00+02:00",
    "'1 day 2 hours 30 minutes'::interval": "P1DT2H30M",
    "'0'::interval": "PT0S",
    "'6fa459ea-ee8a-3ca4-894e-db77e160355e'::uuid": "6fa459ea-ee8a-3ca4-894e-db77e160355e",
    """'{"b": 1.0, "a": [1e5, "ä\\u0000"], "b": 2}'::json""": '{"a":[1e5,"ä\\u0000"],"b":1.0,"b":2}',
    """'{"b": 1.50, "a": null}'::jsonb""": '{"a":null,"b":1.50}',
    "ARRAY[1.50, 2]": "[1.50,2]",
    "ARRAY['NaN'::float8, 0.5]": '["nan",0.5]',
    "ARRAY['a', NULL, 'x,\"y']": '["a",null,"x,\\"y"]',
    "ARRAY['', NULL]": '["",null]',
    "ARRAY[['', NULL], ['a', '']]": '[["",null],["a",""]]',
    "ARRAY[[1, 2], [3, 4]]": "[[1,2],[3,4]]",
    "ARRAY[true, false]": "[true,false]",
    "ARRAY['2026-11-01 09:30+02'::timestamptz]": '["2026-11-01T07:30:00+00:00"]',
    """ARRAY['{"b": 1, "a": 2}'::jsonb]""": '[{"a":2,"b":1}]',
    "ARRAY['sad'::mood]": '["sad"]',
    "'{}'::int[]": "[]",
    "'sad'::mood": "sad",
    "'x'::code": "x",
    "'ab'::char(4)": "ab  ",
    "'[1,3)'::int4range": "[1,3)",
    "'192.0.2.1'::inet": "192.0.2.1",
    "'\\x00ff'::bytea": keep(b"\x00\xff"),
    "''::bytea": None,
    "''": None,
    "NULL::int": None,
    "B'101'": "101",
}

MARIADB = {
    ("tinyint(1)", "1"): "1",
    ("bigint unsigned", "18446744073709551615"): "18446744073709551615",
    ("bit(9)", "b'100000001'"): "257",
    ("decimal(30,3)", "123456789012345678901234567.5"): "123456789012345678901234567.500",
    ("float", "16777216"): "16777216.0",
    ("float", "0.1"): "0.1",
    ("double", "1e20"): "1e+20",
    ("double", "5"): "5.0",
    ("date", "'2026-11-01'"): "2026-11-01",
    ("date", "'0000-00-00'"): "0000-00-00",
    ("datetime(3)", "'2026-11-01 09:30:00.5'"): "2026-11-01T09:30:00.500000",
    ("datetime(3)", "'2026-11-01 09:30:00'"): "2026-11-01T09:30:00",
    ("datetime", "'0000-00-00'"): "0000-00-00T00:00:00",
    ("timestamp", "'2026-11-01 09:30:00'"): "2026-11-01T09:30:00",
    ("time", "'09:30'"): "09:30:00",
    ("time", "'-838:59:59'"): "-838:59:59",
    ("year", "2026"): "2026",
    ("blob", "x'00ff'"): keep(b"\x00\xff"),
    ("varbinary(5)", "x'ff'"): keep(b"\xff"),
    ("enum('x','ü')", "'ü'"): "ü",
    ("set('p','q')", "'p,q'"): "p,q",
    ("varchar(9) character set latin1", "'ä '"): "ä ",
    ("uuid", "'6fa459ea-ee8a-3ca4-894e-db77e160355e'"): "6fa459ea-ee8a-3ca4-894e-db77e160355e",
    ("json", """'{"b": 1}'"""): '{"b": 1}',
    ("text", "''"): None,
    ("text", "NULL"): None,
}


def test_postgresql_types(postgresql: str) -> None:
    """Every type of PostgreSQL is text by the rules, infinity, years BC and the year 20000 among them."""
    source = database(
        postgresql,
        "DROP TYPE IF EXISTS mood",
        "DROP DOMAIN IF EXISTS code",
        "CREATE TYPE mood AS ENUM ('sad', 'glad')",
        "CREATE DOMAIN code AS text",
    )
    query = "SELECT " + ", ".join(f"{value} AS c{at}" for at, value in enumerate(POSTGRESQL))

    [row] = read(source, query).rows

    assert dict(zip(POSTGRESQL, row, strict=True)) == POSTGRESQL


def test_mariadb_types(mariadb: str) -> None:
    """Every type of MariaDB is text by the rules; a zero date and a time over a day are values like others."""
    columns = ", ".join(f"c{at} {kind} NULL" for at, (kind, _) in enumerate(MARIADB))
    engine = open_engine(mariadb)
    with engine.begin() as connection:
        connection.exec_driver_sql("SET sql_mode = ''")
        connection.exec_driver_sql("DROP TABLE IF EXISTS types")
        connection.exec_driver_sql(f"CREATE TABLE types ({columns})")
        connection.exec_driver_sql(f"INSERT INTO types VALUES ({', '.join(value for _, value in MARIADB)})")
    engine.dispose()

    [row] = read(SqlSource(mariadb), "types").rows

    assert dict(zip(MARIADB, row, strict=True)) == MARIADB


def test_sqlite_values_are_read_by_their_storage_class(tmp_path: Path) -> None:
    """A column of SQLite can hold text, numbers and binary values side by side."""
    source = database(
        f"sqlite:///{tmp_path / 'crm.db'}",
        "CREATE TABLE t (v)",
        "INSERT INTO t VALUES ('007'), (7), (9223372036854775807), (0.1), (5.0), (x'00ff'), (NULL), (''), (x'')",
    )

    assert read(source).rows == [
        ("007",), ("7",), ("9223372036854775807",), ("0.1",), ("5.0",), (keep(b"\x00\xff"),), (None,), (None,), (None,)
    ]  # fmt: skip


def test_text_that_is_no_unicode_is_a_fault_of_its_row(tmp_path: Path) -> None:
    """Bytes that are not UTF-8 are shown escaped, in every batch, and the rows around them are read as ever."""
    path = tmp_path / "crm.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (id TEXT, name TEXT)")
        connection.execute("INSERT INTO t VALUES ('1', 'a'), ('2', 'b'), ('3', 'c'), ('4', 'Müller')")
        connection.execute("INSERT INTO t VALUES ('5', CAST(x'4dfc6c6c6572' AS TEXT)), ('6', 'd'), ('7', 'e')")
        connection.execute("INSERT INTO t VALUES (CAST(x'eda080' AS TEXT), 'f')")

    found = read(SqlSource(f"sqlite:///{path}"))

    assert found.rows[3:] == [("4", "Müller"), ("5", r"M\xfcller"), ("6", "d"), ("7", "e"), (r"\xed\xa0\x80", "f")]
    assert found.codes == [(4, "name", "invalid-unicode"), (7, "id", "invalid-unicode")]
    assert found.faults[0].where == "t, row 5"
    assert r"M\xfcller" in found.faults[0].reason


def test_a_postgresql_without_an_encoding_is_read_too(postgresql: str) -> None:
    """A database with SQL_ASCII holds any bytes; rows with such are faults and stop nothing."""
    name = (make_url(postgresql).database or "") + "_ascii"
    server = open_engine(postgresql).execution_options(isolation_level="AUTOCOMMIT")
    url = make_url(postgresql).set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name} ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0"))
    try:
        engine = open_engine(url)
        with engine.begin() as connection:
            connection.exec_driver_sql("SET client_encoding = 'SQL_ASCII'")
            connection.exec_driver_sql("CREATE TABLE t (id int, name text)")
            connection.exec_driver_sql(r"INSERT INTO t SELECT i, 'n' || i FROM generate_series(1, 5) i")
            connection.exec_driver_sql(r"INSERT INTO t VALUES (6, E'M\374ller')")
        engine.dispose()
        found = read(SqlSource(url))
    finally:
        with server.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
        server.dispose()

    assert [row[0] for row in found.rows] == ["1", "2", "3", "4", "5", "6"]
    assert found.rows[5] == ("6", r"M\xfcller")
    assert found.codes == [(5, "name", "invalid-unicode")]


def test_only_the_columns_asked_for_are_read(any_database: str) -> None:
    """Columns come in the source's order, whatever order they are asked for in."""
    source = database(
        any_database,
        "DROP TABLE IF EXISTS abc",
        "CREATE TABLE abc (a int, b int, c int)",
        "INSERT INTO abc VALUES (1, 2, 3)",
    )
    with source:
        assert read_open(source, "abc", ["c", "a"]).rows == [("1", "3")]
