"""SQL databases: SQLite, PostgreSQL, MariaDB and MySQL, and what else SQLAlchemy reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from etl import config
    from etl.connect.archive import Archive
    from etl.connect.registry import Place
    from etl.connect.source import Source
    from etl.connect.target import Html, Target


def open_source(place: Place) -> Source:
    """A database. Raises ConfigError for a URL that cannot be used, SourceError where none answers."""
    from etl.connect.sql.source import SqlSource

    return SqlSource(place.url)


def open_target(target: config.Target, _html: Html) -> Target:
    """A lead table in a database, made or found there; notes are text. Raises ConfigError for a URL of no database."""
    from etl.connect.sql.target import SqlTarget

    return SqlTarget(target)


def open_archive(source: config.Source, confirm_lock: Callable[[], None]) -> Archive:
    """A database whose records are archived by setting columns."""
    from etl.connect.sql.archive import SqlArchive

    return SqlArchive(source, confirm_lock)
