"""The registry of targets: which system a URL means. A new one is one file beside this and one line here."""

from __future__ import annotations

from etl import config
from etl.connect.target import Html, Target


def open_target(target: config.Target, html: Html | None = None) -> Target:
    """Open the lead pipeline that a config names; nothing is connected yet.

    html: how notes become HTML and text again, for whoever writes or reads them where a target keeps HTML.
    Raises ConfigError for a URL that names no system that this version can write to.
    """
    if config.is_odoo(target.url):
        from etl.connect.odoo_target import OdooTarget

        return OdooTarget(target, html or Html(str, str))
    from etl.connect.sql_target import SqlTarget

    return SqlTarget(target)
