"""The systems that records are read from and leads are written to: one folder each, and one line below."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from etl.connect import files, import_folder, odoo, sql

if TYPE_CHECKING:
    from etl import config
    from etl.connect.archive import Archive, ArchiveScript, ScriptTerms
    from etl.connect.restoration import Restoration
    from etl.connect.source import Place, Source
    from etl.connect.target import Html, Target


class System(Protocol):
    """What the folder of a system offers; each side is imported only when it is opened."""

    @property
    def ARCHIVES_BY_COLUMNS(self) -> bool:  # noqa: N802  a constant of the folder
        """Whether the config has to name the columns that archive a record (`retire`)."""

    @property
    def CONVERSION_LOSES_VALUES(self) -> bool:  # noqa: N802  a constant of the folder
        """Whether a lead that becomes a customer loses values of its partner, which `open_restoration` gives back."""

    def open_source(self, place: Place, /) -> Source:
        """Open it for reading. Raises ConfigError for a URL that cannot be used, SourceError for what is not there."""

    def open_target(self, target: config.Target, html: Html, /) -> Target:
        """Open its lead pipeline; nothing is connected yet. Raises ConfigError where it can hold none."""

    def open_archive(self, clean_up: config.Config, confirm_lock: Callable[[], None], /) -> Archive:
        """Open it so that its records can be archived. confirm_lock: raises Locked where the lock is lost."""

    def open_script(self, clean_up: config.Config, terms: ScriptTerms, /) -> ArchiveScript | None:
        """Open what writes a script that archives records; None where this system has no scripts."""

    def open_restoration(
        self, source: config.Source, target: config.Target, folder: Path, plan: str, /
    ) -> Restoration | None:
        """Open what gives converted customers their legacy values; None where conversion loses none.

        folder: the plan's; plan: what the plan is called in the target.
        """

    def formats_of(self, url: str, /) -> dict[str, config.CsvFormat]:
        """How each of its tables seems to be written, where it has CSV files."""

    def warning_about(self, url: str, /) -> str | None:
        """Say in a sentence what is unsafe about a URL; None where nothing is."""


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
    from etl.connect.target import Html, replaced

    if target.system is not None:
        return import_folder.open_target(target)
    return system_of(target.url).open_target(target, html or Html(str, str, replaced))


def open_archive(clean_up: config.Config, confirm_lock: Callable[[], None]) -> Archive:
    """Open the source that a config names, for writing.

    confirm_lock: called before each transaction; it raises Locked where another runner has taken the lock. Records that
    stand in files are archived in their CRM by a mass update, where leads go into one by import files.
    """
    source = system_of(clean_up.source.url)
    archive = source.open_archive(clean_up, confirm_lock)
    by_files = source is files and clean_up.target.system is not None
    return import_folder.with_mass_update(archive, clean_up) if by_files else archive


def open_script(clean_up: config.Config, terms: ScriptTerms) -> ArchiveScript | None:
    """Open what writes a script that archives records of the source; None where its system has no scripts."""
    return system_of(clean_up.source.url).open_script(clean_up, terms)


def conversion_loses_values(source: config.Source, target: config.Target) -> bool:
    """Whether `open_restoration` gives something for this source and target; nothing is opened."""
    system = system_of(target.url)
    return system is system_of(source.url) and system.CONVERSION_LOSES_VALUES


def open_restoration(source: config.Source, target: config.Target, folder: Path, plan: str) -> Restoration | None:
    """Open what gives converted customers their legacy values; None where source and target cannot do that."""
    system = system_of(target.url)
    return system.open_restoration(source, target, folder, plan) if system is system_of(source.url) else None


def warning_about(url: str) -> str | None:
    """Say in a sentence what is unsafe about a URL; None where nothing is."""
    return system_of(url).warning_about(url)


def formats_of(url: str) -> dict[str, config.CsvFormat]:
    """Table -> how its CSV file seems to be written; nothing where a source has no such files."""
    return system_of(url).formats_of(url)
