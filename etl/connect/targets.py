"""The registry of targets: which system a URL means. A new one is one file beside this and one line here."""

from __future__ import annotations

from etl import config
from etl.connect.target import Target


def open_target(target: config.Target) -> Target:
    """Open the lead pipeline that a config names; nothing is connected yet.

    Raises ConfigError for a URL that names no system that this version can write to.
    """
    from etl.connect.sql_target import SqlTarget

    return SqlTarget(target)
