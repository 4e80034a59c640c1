"""The systems that records are read from and leads are written to: one folder each, and one line below."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from etl.connect import files, odoo, sql

if TYPE_CHECKING:
    from etl import config
    from etl.connect.archive import Archive
    from etl.connect.source import Source
    from etl.connect.target import Html, Target


class Place(Protocol):
    """Where tables are: the config's source, or one of the lists of a match."""

    @property
    def url(self) -> str:
        """`files:FOLDER`, a URL of an Odoo, or a URL of SQLAlchemy's."""

    @property
    def csv(self) -> config.CsvFormat:
        """How CSV files are written, if there are any."""


class System(Protocol):
    """What the folder of a system offers: each of its three sides, imported only when it is opened."""

    def open_source(self, place: Place, /) -> Source:
        """Open it for reading. Raises ConfigError for a URL that cannot be used, SourceError for what is not there."""

    def open_target(self, target: config.Target, html: Html, /) -> Target:
        """Open its lead pipeline; nothing is connected yet. Raises ConfigError where it can hold none."""

    def open_archive(self, source: config.Source, confirm_lock: Callable[[], None], /) -> Archive:
        """Open it so that its records can be archived. hold: sees that the runner still has its lock."""


SYSTEMS: dict[str, System] = {"files": files, "odoo+https": odoo, "odoo+http": odoo}
"""What a URL begins with -> the system that it names; every other URL is SQLAlchemy's."""


def system_of(url: str) -> System:
    """The system that a URL names."""
    return SYSTEMS.get(url.split(":", 1)[0], sql)


def open_source(place: Place) -> Source:
    """Open the source that a config names; it is read within a `with` block.

    Raises ConfigError for a URL that cannot be used and SourceError for a folder or database that is not there.
    """
    return system_of(place.url).open_source(place)


def open_target(target: config.Target, html: Html | None = None) -> Target:
    """Open the lead pipeline that a config names; nothing is connected yet.

    html: how notes become HTML and text again, for whoever writes or reads them where a target keeps HTML.
    Raises ConfigError for a URL that names no system that this version can write to.
    """
    from etl.connect.target import Html

    return system_of(target.url).open_target(target, html or Html(str, str))


def open_archive(source: config.Source, confirm_lock: Callable[[], None]) -> Archive:
    """Open the source that a config names, for writing.

    hold: called before each transaction, to see that the runner still has its lock.
    """
    return system_of(source.url).open_archive(source, confirm_lock)
