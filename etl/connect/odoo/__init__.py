"""Odoo, over its own API: JSON-2 where the server has it, JSON-RPC before."""

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

ARCHIVES_BY_COLUMNS = False
"""Odoo has a field of its own for archived records."""

CONVERSION_LOSES_VALUES = True
"""A customer that is made of a lead lacks values that its partner had; `restore` gives them back."""


def open_source(place: Place) -> Source:
    """An Odoo whose models are tables."""
    from etl.connect.odoo.source import OdooSource

    return OdooSource(place.url)


def open_target(target: config.Target, html: Html) -> Target:
    """An Odoo's lead pipeline."""
    from etl.connect.odoo.target import OdooTarget

    return OdooTarget(target, html)


def open_archive(clean_up: config.Config, confirm_lock: Callable[[], None]) -> Archive:
    """An Odoo whose partners are archived."""
    from etl.connect.odoo.archive import OdooArchive

    return OdooArchive(clean_up.source, confirm_lock)


def open_script(_clean_up: config.Config, _terms: ScriptTerms) -> ArchiveScript | None:
    """None: only a SQL database can be archived by a script."""
    return None


def open_restoration(source: config.Source, target: config.Target, folder: Path, plan: str) -> Restoration | None:
    """What gives an Odoo's customers the values that its conversion of leads dropped."""
    from etl.connect.odoo.restoration import OdooRestoration

    return OdooRestoration(source, target, folder, plan)


def formats_of(_url: str) -> dict[str, config.CsvFormat]:
    """Nothing: there are no files."""
    return {}


def warning_about(_url: str) -> str | None:
    """None: an address without TLS on another host is refused when it is opened."""
    return None
