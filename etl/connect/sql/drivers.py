"""What each database driver needs so that reading is consistent, streamed, exact and never stopped by one odd value."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy.engine import Connection

from etl.connect import render
from etl.connect.render import Rendered
from etl.connect.source import Keep

INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,19})")
DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+([eE][-+]?[0-9]+)?")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""Keys as these types are rendered; a text that is none of them stands in no column of the type."""

Renderer = Callable[[Sequence[Any], Keep], Rendered]


class Driver:
    """Any database that SQLAlchemy knows: its Python values, its plain cursor.

    unchecked: the database holds any bytes as text, so that only tolerant cursors read it.
    """

    unchecked = False

    def arguments(self) -> dict[str, Any]:
        """What to ask the driver for when it connects."""
        return {}

    def begin(self, connection: Connection) -> None:
        """Begin one consistent view of all tables, if the database has such a thing."""
        session = connection.connection.dbapi_connection
        if session is not None and "REPEATABLE READ" in connection.dialect.get_isolation_level_values(session):
            connection.execution_options(isolation_level="REPEATABLE READ")
        connection.begin()

    def cursor(self, connection: Any, _tolerant: bool, /) -> Any:
        """Open a cursor that streams. tolerant: bytes that are no valid Unicode arrive as lone surrogates."""
        return connection.cursor()

    def close(self, cursor: Any) -> None:
        """Close a cursor, also one whose connection is lost."""
        cursor.close()

    def undecodable(self, _error: Exception, /) -> bool:
        """Tell whether a driver gave up because of text that is not valid Unicode, and a tolerant cursor would not."""
        return False

    def expression(self, column: str, _code: Any, /) -> str:
        """Say how a quoted column is asked for so that its text is exact."""
        return column

    def findable(self, _code: Any, /) -> bool:
        """Tell whether a column of this type can be asked for the texts of its values."""
        return False

    def among(self, _code: Any, _values: Sequence[str], /) -> tuple[str, Any]:
        """Write the end of a condition on such a column that finds these values, and its parameter."""
        raise NotImplementedError

    def renderers(self, _stored: Sequence[Any], description: Sequence[Any], /) -> list[Renderer]:
        """Say how each column of a result becomes text. _stored: the type codes of the columns as they are stored."""
        return [render.column for _ in description]


def _numbers(values: Sequence[str], most: int = 2**63 - 1) -> list[int]:
    """Those of some texts that are integers as a database spells them, of 64 bits. most: 2**64 - 1 without a sign."""
    integers = (int(value) for value in values if INTEGER.fullmatch(value))
    return [number for number in integers if -(2**63) <= number <= most]


class SQLite(Driver):
    """Values by their storage class: a column can hold text, numbers and binary values side by side."""

    def begin(self, connection: Connection) -> None:
        """Read the schema: it is with its first read that a transaction of SQLite takes its view."""
        connection.exec_driver_sql("PRAGMA query_only = ON")
        connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")

    def cursor(self, connection: Any, tolerant: bool, /) -> Any:
        """Open a cursor; a tolerant one decodes in Python, which is slower."""
        connection.text_factory = _tolerant if tolerant else str
        return connection.cursor()

    def findable(self, _code: Any, /) -> bool:
        """Every column; it can hold what it likes."""
        return True

    def among(self, _code: Any, values: Sequence[str], /) -> tuple[str, Any]:
        """Ask for each value as text, and as a number where it is one: a column without a type converts neither."""
        wanted: list[str | int | float] = [*values, *_numbers(values)]
        wanted += [float(value) for value in values if DECIMAL.fullmatch(value)]
        return "IN (SELECT value FROM json_each(?))", json.dumps(wanted, ensure_ascii=False)

    def undecodable(self, error: Exception, /) -> bool:
        """Know the error by its text; sqlite3 has no class for it."""
        return "Could not decode to UTF-8" in str(error)


def _tolerant(value: bytes) -> str:
    return value.decode("utf-8", "surrogateescape")


class PostgreSQL(Driver):
    """The server's own text, so that `infinity`, years BC and the year 20000 are values like others."""

    def begin(self, connection: Connection) -> None:
        """Begin a read-only snapshot whose rows come in one order each time they are read."""
        connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        for setting in (
            "intervalstyle = 'iso_8601'",
            "datestyle = 'ISO, YMD'",
            "extra_float_digits = 1",
            "synchronize_seqscans = off",
            "max_parallel_workers_per_gather = 0",
            "statement_timeout = 0",
            "idle_in_transaction_session_timeout = 0",
        ):
            connection.exec_driver_sql(f"SET LOCAL {setting}")
        self.unchecked = connection.exec_driver_sql("SHOW server_encoding").scalar() == "SQL_ASCII"
        connection.exec_driver_sql("SELECT 1")

    def cursor(self, connection: Any, tolerant: bool, /) -> Any:
        """Open a server-side cursor whose values are text; only binary values and arrays are loaded."""
        from psycopg.types import TypeInfo
        from psycopg.types.string import TextLoader

        own = connection.execute(
            "SELECT typname, oid, typarray, typdelim FROM pg_type WHERE typtype IN ('e', 'd') AND typarray <> 0"
        ).fetchall()
        if self.unchecked:
            connection.execute(f"SET LOCAL client_encoding = {'SQL_ASCII' if tolerant else 'UTF8'}")
        cursor = connection.cursor(name="crm_cleanup")
        for name, oid, array, delimiter in own:
            TypeInfo(name, oid, array, delimiter=delimiter).register(cursor)
        loader = _tolerant_loader() if tolerant else TextLoader
        for known in cursor.adapters.types:
            if known.name != "bytea":
                cursor.adapters.register_loader(known.oid, loader)
        cursor.adapters.register_loader(0, loader)
        return cursor

    def findable(self, code: Any, /) -> bool:
        """Text, integers and UUIDs."""
        return code in _FOUND_AS

    def among(self, code: Any, values: Sequence[str], /) -> tuple[str, Any]:
        """Ask for a list of the column's own type, so that an index serves; what is none of its type is in no row."""
        if code in _INTEGERS:
            least, most = _INTEGERS[code]
            values = [str(number) for number in _numbers(values) if least <= number <= most]
        elif code == _UUID:
            values = [value for value in values if UUID.fullmatch(value)]
        return f"= ANY(%s::text[]::{_FOUND_AS[code]}[])", list(values)

    def close(self, cursor: Any) -> None:
        """Close a cursor, and let the session speak Unicode again."""
        cursor.close()
        if self.unchecked and not cursor.connection.closed:
            cursor.connection.execute("SET LOCAL client_encoding = UTF8")

    def renderers(self, _stored: Sequence[Any], description: Sequence[Any], /) -> list[Renderer]:
        """Choose by the type's number in pg_type, which is fixed for the types that need a rule."""
        from psycopg import adapters

        elements = {known.array_oid: known.oid for known in adapters.types}
        return [_postgresql_renderer(column.type_code, elements) for column in description]


def _postgresql_renderer(code: int, elements: dict[int, int]) -> Renderer:
    if code in elements and code:
        return lambda values, keep: render.mapped(values, lambda array: _array(array, elements[code], keep))
    return _POSTGRESQL.get(code, render.column)


def _array(value: Any, element: int, keep: Keep) -> str:
    """Write an array as canonical JSON, each element by the rule of its type."""
    if isinstance(value, str):  # an array of a type that psycopg does not know, as the server spells it
        return value
    return render.canonical(_elements(value, element, keep), keep)


def _elements(value: Any, element: int, keep: Keep) -> Any:
    if isinstance(value, list):
        return [_elements(inner, element, keep) for inner in value]
    if not isinstance(value, str) or not value:
        return value
    if element in (_JSON, _JSONB):
        try:
            return render.parsed(value)
        except (ValueError, RecursionError):
            return value
    if element == _BOOL:
        return value == "t"
    rendered = _POSTGRESQL.get(element, render.column)([value], keep).texts[0].as_py()
    return render.Number(rendered) if element in _NUMBERS and rendered[-1:].isdigit() else rendered


def _tolerant_loader() -> Any:
    from psycopg.adapt import Loader

    class TolerantLoader(Loader):
        """Loads text with bytes that are not UTF-8."""

        def load(self, data: Any) -> str:
            return _tolerant(bytes(data))

    return TolerantLoader


def _vectorised(rule: Callable[[Any], Any]) -> Renderer:
    def renderer(values: Sequence[Any], _keep: Keep) -> Rendered:
        read = render.strings(values)
        return Rendered(rule(read.texts), read.invalid)

    return renderer


def _booleans(values: Sequence[Any], _keep: Keep) -> Rendered:
    return render.strings([None if value is None else "true" if value == "t" else "false" for value in values])


def _floats(values: Sequence[Any], _keep: Keep) -> Rendered:
    return render.floats(values)


def _json(values: Sequence[Any], keep: Keep) -> Rendered:
    return render.mapped(values, lambda value: render.json_text(value, keep))


_BOOL, _JSON, _JSONB, _UUID = 16, 114, 3802, 2950
_INTEGERS = {20: (-(2**63), 2**63 - 1), 21: (-(2**15), 2**15 - 1), 23: (-(2**31), 2**31 - 1)}
_FOUND_AS = {20: "bigint", 21: "smallint", 23: "integer", 25: "text", 1042: "bpchar", 1043: "text", _UUID: "uuid"}
_NUMBERS = (20, 21, 23, 26, 700, 701, 1700)
_POSTGRESQL: dict[int, Renderer] = {
    _BOOL: _booleans,
    _JSON: _json,
    _JSONB: _json,
    700: _floats,
    701: _floats,
    1083: _vectorised(render.times),
    1266: _vectorised(render.times),
    1114: _vectorised(render.datetimes),
    1184: _vectorised(render.datetimes),
}


class MariaDB(Driver):
    """MariaDB and MySQL: the server's own text, so that zero dates and times over a day are values like others."""

    def arguments(self) -> dict[str, Any]:
        """Ask for text: PyMySQL then converts what is sent, and nothing that is read."""
        from pymysql.converters import conversions

        return {"conv": {kind: convert for kind, convert in conversions.items() if not isinstance(kind, int)}}

    def begin(self, connection: Connection) -> None:
        """Begin a read-only snapshot; it holds for InnoDB's tables, other engines have none."""
        connection.exec_driver_sql("SET SESSION net_write_timeout = 3600")
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        connection.exec_driver_sql("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")

    def cursor(self, connection: Any, _tolerant: bool, /) -> Any:
        """Open a cursor that leaves the rows at the server until they are fetched."""
        from pymysql.cursors import SSCursor

        return connection.cursor(SSCursor)

    def close(self, cursor: Any) -> None:
        """Close a cursor; PyMySQL would read the rest of the rows, even from a connection that it has closed itself."""
        if cursor.connection is not None and not cursor.connection.open and cursor._result is not None:
            cursor._result.unbuffered_active = False
        cursor.close()

    def findable(self, code: Any, /) -> bool:
        """Text and integers."""
        return code in _MARIADB_INTEGERS or code in _MARIADB_TEXTS

    def among(self, code: Any, values: Sequence[str], /) -> tuple[str, Any]:
        """Ask for a list of the column's own kind: a text column is not compared with numbers, which takes no index."""
        wanted = _numbers(values, 2**64 - 1) if code in _MARIADB_INTEGERS else list(values)
        return "IN %s", wanted or [None]

    def expression(self, column: str, code: Any, /) -> str:
        """Ask for FLOAT as DOUBLE: the server shows only six digits of it."""
        return f"({column} + 0e0)" if code == _FLOAT else column

    def renderers(self, stored: Sequence[Any], description: Sequence[Any], /) -> list[Renderer]:
        """Choose by the protocol's type number; a stored FLOAT has the digits of a 32-bit number."""
        return [
            _floats32 if code == _FLOAT else _MARIADB.get(column[1], render.column)
            for code, column in zip(stored, description, strict=True)
        ]


def _floats32(values: Sequence[Any], _keep: Keep) -> Rendered:
    import numpy as np

    return render.mapped(values, lambda value: repr(float(str(np.float32(value)))))


def _bits(values: Sequence[Any], _keep: Keep) -> Rendered:
    return render.strings([None if value is None else str(int.from_bytes(value, "big")) for value in values])


_FLOAT = 4
_MARIADB_INTEGERS, _MARIADB_TEXTS = (1, 2, 3, 8, 9), (15, 252, 253, 254)
_MARIADB: dict[int, Renderer] = {
    _FLOAT: _floats,
    5: _floats,
    7: _vectorised(render.datetimes),
    11: _vectorised(render.times),
    12: _vectorised(render.datetimes),
    16: _bits,
    245: _json,
}

DRIVERS: dict[str, type[Driver]] = {
    "sqlite": SQLite,
    "postgresql": PostgreSQL,
    "mariadb": MariaDB,
    "mysql": MariaDB,
}
