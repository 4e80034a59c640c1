"""What a database's error means: a row it refuses, bad luck or a lost connection to try again, or the end."""

from __future__ import annotations

import re
from typing import Literal

Verdict = Literal["refused", "again", "lost", "failed"]

POSTGRESQL_LOST = ("08", "57P01", "57P02", "57P03")
POSTGRESQL_AGAIN = ("40001", "40P01", "55P03")
POSTGRESQL_FAILED = ("08", "0A", "25", "26", "28", "3D", "3F", "40", "42", "53", "55", "57", "58", "F0", "XX")
"""SQLSTATE classes that are not about a row: connection, rights, syntax, resources; appendix A of its manual."""

MARIADB_LOST = (0, 1053, 1927, 2003, 2006, 2013, 2014, 2055, 4031)
MARIADB_AGAIN = (1020, 1205, 1213)
MARIADB_FAILED = (
    *(0, 1021, 1030, 1037, 1038, 1041, 1044, 1045, 1053, 1054, 1064, 1099, 1100, 1114, 1142, 1143, 1146, 1153, 1206),
    *(1227, 1290, 1317, 1792, 1836, 1927, 2003, 2006, 2013, 2014, 2055, 3024, 4031),
)
"""Error numbers that are not about a row: disk, memory, rights, no table, no connection, a read-only server."""

SQLITE_AGAIN = (5, 6)
SQLITE_REFUSED = (18, 19, 20)
"""TOOBIG, CONSTRAINT and MISMATCH: sqlite.org/rescode.html. All else, such as FULL and READONLY, ends the run."""

QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|“[^”]*”")


def verdict(error: BaseException, dialect: str) -> Verdict:
    """Tell what a driver's error, alone or inside SQLAlchemy's, says about the batch that was being written."""
    original = getattr(error, "orig", None) or error
    if getattr(error, "connection_invalidated", False):
        return "lost"
    if dialect == "postgresql":
        return _of_postgresql(original)
    if dialect in ("mysql", "mariadb"):
        number = original.args[0] if original.args and isinstance(original.args[0], int) else 0
        if number in MARIADB_LOST:
            return "lost"
        return "again" if number in MARIADB_AGAIN else "failed" if number in MARIADB_FAILED else "refused"
    if dialect == "sqlite":
        code = getattr(original, "sqlite_errorcode", 0) & 0xFF
        return "refused" if code in SQLITE_REFUSED else "again" if code in SQLITE_AGAIN else "failed"
    return "refused" if type(original).__name__ in ("IntegrityError", "DataError") else "failed"


def _of_postgresql(error: BaseException) -> Verdict:
    state = getattr(error, "sqlstate", None)
    if state is None:  # the driver's own word: DataError for a value that cannot be sent
        kind = type(error).__name__
        return "refused" if kind == "DataError" else "lost" if kind == "OperationalError" else "failed"
    if state.startswith(POSTGRESQL_LOST):
        return "lost"
    if state in POSTGRESQL_AGAIN:
        return "again"
    return "failed" if state.startswith(POSTGRESQL_FAILED) else "refused"


def names_in(error: BaseException) -> set[str]:
    """The names that PostgreSQL gives beside its message: table, column, constraint."""
    diagnosis = getattr(getattr(error, "orig", None) or error, "diag", None)
    named = ("table_name", "column_name", "constraint_name", "datatype_name")
    return {name for part in named if (name := getattr(diagnosis, part, None))}


def without_values(message: str, known: frozenset[str]) -> str:
    """Take what stands in quotes out of a server's message, unless it is a name of the schema."""

    def shown(quotation: re.Match[str]) -> str:
        inner = quotation[0][1:-1]
        if inner in known or inner.rpartition(".")[2] in known:
            return quotation[0]
        return quotation[0][0] + "…" + quotation[0][-1]

    return QUOTED.sub(shown, message)
