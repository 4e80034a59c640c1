"""SQL databases: SQLite, PostgreSQL, MariaDB and MySQL, and what else SQLAlchemy reads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from etl import config
    from etl.connect.archive import Archive, ArchiveScript, ScriptTerms
    from etl.connect.restoration import Restoration
    from etl.connect.source import Place, Source
    from etl.connect.target import Html, Target

ARCHIVES_BY_COLUMNS = True
"""Records are archived by setting columns, which the config has to name."""

CONVERSION_LOSES_VALUES = False
"""No CRM converts leads here, so none loses values by it."""


def open_source(place: Place) -> Source:
    """A database. Raises ConfigError for a URL that cannot be used, SourceError where none answers."""
    from etl.connect.sql.source import SqlSource

    return SqlSource(place.url)


def open_target(target: config.Target, _html: Html) -> Target:
    """A lead table in a database, made or found there; notes are text. Raises ConfigError for a URL of no database."""
    from etl.connect.sql.target import SqlTarget

    return SqlTarget(target)


def open_archive(clean_up: config.Config, confirm_lock: Callable[[], None]) -> Archive:
    """A database whose records are archived by setting columns."""
    from etl.connect.sql.archive import SqlArchive

    return SqlArchive(clean_up, confirm_lock)


def open_script(clean_up: config.Config, terms: ScriptTerms) -> ArchiveScript | None:
    """SQL that archives records of a database. Raises ConfigError where an entry is read by a query."""
    from etl.connect.sql.script import SqlScript

    return SqlScript(clean_up, terms)


def open_restoration(_source: config.Source, _target: config.Target, _folder: Path, _plan: str) -> Restoration | None:
    """None: nothing is converted here that could lose values."""
    return None


def formats_of(_url: str) -> dict[str, config.CsvFormat]:
    """Nothing: there are no files."""
    return {}


def warning_about(url: str) -> str | None:
    """A sentence where the connection to a database on another host is not encrypted."""
    from etl.connect.sql.tls import without_tls

    return without_tls(url)
