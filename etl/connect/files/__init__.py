"""Folders of CSV files, Excel workbooks and Parquet files: read, and archived by writing new files beside them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from etl.errors import ConfigError

if TYPE_CHECKING:
    from etl import config
    from etl.connect.archive import Archive, ArchiveScript, ScriptTerms
    from etl.connect.restoration import Restoration
    from etl.connect.source import Place, Source
    from etl.connect.target import Html, Target

ARCHIVES_BY_COLUMNS = False
"""New files are written without the records that moved."""

CONVERSION_LOSES_VALUES = False
"""No CRM converts leads here, so none loses values by it."""


def open_source(place: Place) -> Source:
    """A folder of files. Raises SourceError where it is not there."""
    from etl.connect.files.source import FileSource

    return FileSource(place.url.removeprefix("files:"), place.csv, place.formats)


def open_target(target: config.Target, _html: Html) -> Target:
    """A folder takes leads only for the import of a CRM that the config names. Raises ConfigError."""
    raise ConfigError(
        f"{target.url} is a folder of files, and the config does not say which CRM imports them.",
        next="add it, for example target: {url: files:out/import, system: salesforce}, or system: csv for any other; "
        "or name a database, for example sqlite:///pipeline.db",
    )


def open_archive(clean_up: config.Config, _confirm_lock: Callable[[], None]) -> Archive:
    """New files of the remaining records, beside the old ones; they need no lock."""
    from etl.connect.files.archive import FilesArchive

    return FilesArchive(clean_up.source)


def open_script(_clean_up: config.Config, _terms: ScriptTerms) -> ArchiveScript | None:
    """None: only a SQL database can be archived by a script."""
    return None


def open_restoration(_source: config.Source, _target: config.Target, _folder: Path, _plan: str) -> Restoration | None:
    """None: nothing is converted here that could lose values."""
    return None


def formats_of(url: str) -> dict[str, config.CsvFormat]:
    """Table -> how its CSV file seems to be written."""
    from etl.connect.files.dialects import dialects

    return dialects(Path(url.removeprefix("files:")).expanduser())


def warning_about(_url: str) -> str | None:
    """None: files are on this machine."""
    return None
