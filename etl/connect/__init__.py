"""The systems that records are read from and leads are written to; a new one is one file here and one line below."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from etl.connect.base import BATCH_BYTES, TEXT, Batch, Keep, Source, near

if TYPE_CHECKING:
    from etl import config

__all__ = ["BATCH_BYTES", "SOURCES", "TEXT", "Batch", "Keep", "Source", "near", "open_source"]


class Place(Protocol):
    """Where tables are: the config's source, or one of the lists of a match."""

    @property
    def url(self) -> str:
        """`files:FOLDER`, or a URL of SQLAlchemy's."""

    @property
    def csv(self) -> config.CsvFormat:
        """How CSV files are written, if there are any."""


def _files(source: Place) -> Source:
    from etl.connect.files import FileSource

    return FileSource(source.url.removeprefix("files:"), source.csv)


def _sql(source: Place) -> Source:
    from etl.connect.sql import SqlSource

    return SqlSource(source.url)


def _odoo(source: Place) -> Source:
    from etl.connect.odoo import OdooSource

    return OdooSource(source.url)


SOURCES: dict[str, Callable[[Place], Source]] = {"files": _files, "odoo+https": _odoo, "odoo+http": _odoo}
"""What a source's URL begins with -> what opens it; every other URL is SQLAlchemy's."""


def open_source(source: Place) -> Source:
    """Open the source that a config names; it is read within a `with` block.

    Raises ConfigError for a URL that cannot be used and SourceError for a folder or database that is not there.
    """
    return SOURCES.get(source.url.split(":", 1)[0], _sql)(source)
