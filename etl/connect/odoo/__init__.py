"""Odoo, over its own API: JSON-2 where the server has it, JSON-RPC before."""

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
    """An Odoo whose models are tables."""
    from etl.connect.odoo.source import OdooSource

    return OdooSource(place.url)


def open_target(target: config.Target, html: Html) -> Target:
    """An Odoo's lead pipeline."""
    from etl.connect.odoo.target import OdooTarget

    return OdooTarget(target, html)


def open_archive(source: config.Source, confirm_lock: Callable[[], None]) -> Archive:
    """An Odoo whose partners are archived."""
    from etl.connect.odoo.archive import OdooArchive

    return OdooArchive(source, confirm_lock)
