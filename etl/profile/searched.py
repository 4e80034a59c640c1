"""What is searched for in a config in the making, however deep it stands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from etl.config.odoo import ROWS as ODOO


def tables_in(part: Any) -> Iterator[str]:
    """Every table that a config names."""
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


def evidence_in(part: Any) -> Iterator[dict[str, Any]]:
    """The conditions on evidence in rules."""
    if isinstance(part, dict):
        if "exists" in part:
            yield part
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            yield from evidence_in(inner)


def masters_in(part: Any) -> Iterator[dict[str, Any]]:
    """The conditions on lists of known customers in rules."""
    if isinstance(part, dict):
        if "matches" in part and {"at_least", "same"} & part.keys():
            yield part
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            yield from masters_in(inner)
