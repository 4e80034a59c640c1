"""SQL databases for reading and writing: engines whose sessions speak UTC and Unicode, and names without secrets."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Dialect, Engine, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from etl.errors import CleanupError, ConfigError, excerpt

EXAMPLE = "postgresql://user@host/database, mariadb://user@host/database or sqlite:///file.db"
logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)
"""A connection that is lost is an error of the command's own; SQLAlchemy would add a traceback for each."""

DRIVERS = {"postgresql": "psycopg", "mysql": "pymysql", "mariadb": "pymysql"}
"""The drivers that come with this tool; a URL that names another one gets that one, if it is installed."""

SHOWN_OPTIONS = ("host", "port", "dbname", "service", "unix_socket")
"""What a URL's query may say about the place; all else in it may be a secret and is never shown."""


def open_engine(url: str, *, connect_args: dict[str, Any] | None = None) -> Engine:
    """Prepare connections to a SQL database; nothing is connected yet.

    url: any SQLAlchemy URL. Sessions run in UTC, MySQL's and MariaDB's with utf8mb4 and in strict mode, so that the
    server refuses what it cannot hold instead of cutting it. SQLite begins its transactions with BEGIN, also before it
    reads. connect_args: further arguments for the driver.
    Raises ConfigError for a text that is no URL, and for a driver that is not installed.
    """
    parsed = parse(url)
    arguments = {**_arguments(parsed), **(connect_args or {})}
    try:
        engine = sa.create_engine(parsed, connect_args=arguments)
    except NoSuchModuleError:
        raise ConfigError(
            f"There is no kind of database called {excerpt(parsed.drivername)!r}. A URL looks like {EXAMPLE}.",
            where=shown(url),
        ) from None
    except ImportError as error:
        raise ConfigError(
            f"The driver for {parsed.drivername} is not installed: {error.name or error}.",
            where=shown(url),
            next=f"install the Python package {error.name or parsed.get_driver_name()} where crm-cleanup is installed",
        ) from None
    except (ArgumentError, TypeError, ValueError) as error:
        raise ConfigError(f"The URL cannot be used: {masked(str(error), url)}.", where=shown(url)) from None
    _prepare_sessions(engine)
    return engine


def connect(engine: Engine, url: str, failed: type[CleanupError]) -> Connection:
    """Open a connection. Raises `failed` (SourceError or TargetError) where the server cannot be reached."""
    try:
        return engine.connect()
    except (SQLAlchemyError, OSError, TypeError, ValueError) as error:
        # TypeError and ValueError are how drivers refuse an option of the URL that they do not know
        raise failed(
            f"The database cannot be reached: {driver_message(error, url)}.",
            where=shown(url),
            next="check the URL, the network and the user's rights, and run the command again",
        ) from None


def quoted(dialect: Dialect, *names: str) -> str:
    """Quote a name, or a schema's and a table's, for a statement that is executed without parameters."""
    name = ".".join(dialect.identifier_preparer.quote_identifier(part) for part in names)
    doubled = dialect.paramstyle in ("format", "pyformat")  # the preparer escapes % for statements with parameters
    return name.replace("%%", "%") if doubled else name


def parse(url: str) -> URL:
    """Read a URL, with this tool's driver where it names none. Raises ConfigError, which does not repeat the URL."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise ConfigError(
            f"This is not a database URL. A URL looks like {EXAMPLE}. "
            "In a password, write @ : / and % as %40 %3A %2F and %25."
        ) from None
    if "+" not in parsed.drivername and parsed.drivername in DRIVERS:
        parsed = parsed.set(drivername=f"{parsed.drivername}+{DRIVERS[parsed.drivername]}")
    return parsed


def shown(url: str) -> str:
    """Say who and where a URL means, without its password: `postgresql://crm@host:5432/legacy`.

    The file of a relative SQLite URL is named by its absolute path: from another folder it is another file.
    """
    try:
        parsed = parse(url)
    except ConfigError:
        return "a URL that cannot be read"
    if parsed.get_backend_name() == "sqlite":
        file = sqlite_file(parsed)
        return f"sqlite:///{parsed.database or ':memory:' if file is None or file.is_absolute() else file.resolve()}"
    options = {name: value for name, value in parsed.query.items() if name in SHOWN_OPTIONS}
    plain = URL.create(
        parsed.get_backend_name(),
        username=parsed.username,
        host=parsed.host,
        port=parsed.port,
        database=parsed.database,
        query=options,
    )
    return plain.render_as_string(hide_password=True)


def sqlite_file(url: URL) -> Path | None:
    """The file of an SQLite database; None for one in memory, and for a `file:` URI, which only SQLite can read."""
    name = url.database
    return Path(name) if name and name != ":memory:" and not name.startswith("file:") else None


def driver_message(error: BaseException, url: str) -> str:
    """Say what a driver's error says: the server's own first line, without the statement, its values or a password."""
    original = getattr(error, "orig", None) or error
    diagnosis = getattr(original, "diag", None)
    text = getattr(diagnosis, "message_primary", None)
    if text is None:
        numbered = len(original.args) > 1 and isinstance(original.args[0], int)
        text = str(original.args[1] if numbered else original)
    line = " ".join(text.split("\n", 1)[0].split()) or type(original).__name__
    return masked(line.rstrip("."), url)


def masked(text: str, url: str) -> str:
    """Replace a URL's secrets, should a driver repeat them, by `***`."""
    try:
        parsed = parse(url)
    except ConfigError:
        return text.replace(url, "***")
    secrets = [parsed.password] if parsed.password else []
    for name, value in parsed.query.items():
        if name not in SHOWN_OPTIONS and "pass" in name.lower():
            secrets += [value] if isinstance(value, str) else list(value)
    for secret in secrets:
        text = text.replace(str(secret), "***")
    return text


def _arguments(url: URL) -> dict[str, Any]:
    """What the drivers are asked for when they connect, unless the URL asks for something else."""
    wanted: dict[str, Any] = {}
    if url.get_backend_name() in ("mysql", "mariadb"):
        wanted = {"charset": "utf8mb4", "connect_timeout": 20}
    elif url.get_backend_name() == "postgresql":
        wanted = {"client_encoding": "utf8", "connect_timeout": 20}
    return {name: value for name, value in wanted.items() if name not in url.query}


def _prepare_sessions(engine: Engine) -> None:
    """Bring each new session to UTC; let SQLite begin transactions where SQLAlchemy does."""
    statements = {
        "postgresql": ("SET TIME ZONE 'UTC'",),
        "mysql": ("SET time_zone = '+00:00'", "SET sql_mode = CONCAT(@@sql_mode, ',STRICT_ALL_TABLES')"),
    }
    name = "mysql" if engine.dialect.name == "mariadb" else engine.dialect.name

    @sa.event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: object) -> None:
        if name == "sqlite":
            connection.isolation_level = None  # else the sqlite3 module begins only before it writes
            connection.execute("PRAGMA foreign_keys = ON")
            return
        cursor = connection.cursor()
        for statement in statements.get(name, ()):
            cursor.execute(statement)
        cursor.close()
        if name in statements:
            connection.commit()

    if name == "sqlite":

        @sa.event.listens_for(engine, "begin")
        def _begin(connection: sa.Connection) -> None:
            connection.exec_driver_sql("BEGIN")
