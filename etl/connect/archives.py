"""Open a source so that its records can be archived."""

from __future__ import annotations

from collections.abc import Callable

from etl import config
from etl.connect.archive import Archive


def open_archive(source: config.Source, hold: Callable[[], None]) -> Archive:
    """Open the source that a config names, for writing.

    hold: called before each transaction, to see that the runner still has its lock.
    """
    if source.url.startswith("files:"):
        from etl.connect.files_archive import FilesArchive

        return FilesArchive(source)
    if config.is_odoo(source.url):
        from etl.connect.odoo_archive import OdooArchive

        return OdooArchive(source, hold)
    from etl.connect.sql_archive import SqlArchive

    return SqlArchive(source, hold)
