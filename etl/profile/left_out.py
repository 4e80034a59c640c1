"""The tables of a source that a first config leaves out, each with why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from etl.config.odoo import ROWS as ODOO
from etl.errors import plural
from etl.profile.draft import Draft
from etl.profile.profile import Profile

MOST = 200
"""So many tables are listed."""


def say_left_out(draft: Draft, profile: Profile) -> None:
    """List above the rules the tables that a config does not name."""
    named = set(tables_in(draft.config))
    parts = sorted((name, part) for name, part in profile.parts.items() if name not in named)
    lines = [f"  {name}: {plural(part.table.rows, 'row')}; {part.why}" for name, part in parts]
    lines += [f"  {table.name}: {table.why}" for table in profile.unread]
    if lines:
        draft.say(("classify",), "Tables that are left out:", *lines[:MOST])
    if len(lines) > MOST:
        draft.say(("classify",), f"  and {len(lines) - MOST:,} more")


def tables_in(part: Any) -> Iterator[str]:
    """Every table that a config names, wherever."""
    if isinstance(part, list):
        for inner in part:
            yield from tables_in(inner)
    if not isinstance(part, dict):
        return
    if part.get("odoo") in ODOO:
        yield ODOO[part["odoo"]]
    for key in ("table", "exists") if "table" in part else ("from", "exists"):
        if isinstance(part.get(key), str):
            yield part[key]
    for key, inner in part.items():
        if key in ("records", "related", "join") and isinstance(inner, dict):
            yield from (str(said.get("from", called)) for called, said in inner.items() if isinstance(said, dict))
        yield from tables_in(inner)
