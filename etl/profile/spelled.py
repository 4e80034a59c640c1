"""A known system's config in the words of a source: its own names of tables, and headers in its language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from etl.config.leads import TEMPLATE_COLUMN
from etl.profile.known import Recognition

NAMED = ("records", "related", "join")
"""What gives tables names of its own."""


def spelled(config: Mapping[str, Any], recognition: Recognition) -> dict[str, Any]:
    """A system's config with the tables and columns of a source as the source calls them."""
    return _Spelling(recognition, frozenset(config["source"].get("related", {}))).mapping(config)


class _Spelling:
    def __init__(self, recognition: Recognition, related: frozenset[str]) -> None:
        self._tables, self._headers, self._related = recognition.tables, recognition.headers, related

    def mapping(self, part: Mapping[str, Any]) -> dict[str, Any]:
        table = "table" if "table" in part else "from"  # where a table stands, `from` is a column of it
        return {self._name(key): self._of_key(key, value, table) for key, value in part.items()}

    def _of_key(self, key: str, value: Any, table: str) -> Any:
        if key == table and isinstance(value, str):
            return self._tables.get(value, value)
        if key == "exists":
            return value if value in self._related else self._tables.get(value, value)
        if key in NAMED and isinstance(value, dict):
            return {name: self.mapping(self._from(name, part)) for name, part in value.items()}
        return self._any(value)

    def _any(self, value: Any) -> Any:
        if isinstance(value, dict):
            return self.mapping(value)
        if isinstance(value, list):
            return [self._any(inner) for inner in value]
        if not isinstance(value, str):
            return value
        if TEMPLATE_COLUMN.search(value):
            return TEMPLATE_COLUMN.sub(lambda column: "{" + self._name(column[1]) + "}", value)
        return self._name(value)

    def _from(self, name: str, part: dict[str, Any]) -> dict[str, Any]:
        """A part with its table, where it is not called like the part."""
        return part if "from" in part or self._tables.get(name, name) == name else {"from": name, **part}

    def _name(self, name: Any) -> Any:
        """A column's name; also one behind the name of a join, and the label of another one."""
        if name in self._headers:
            return self._headers[name]
        if not isinstance(name, str) or "." not in name or not self._headers:
            return name
        before, _, after = name.partition(".")
        return f"{self._name(before)}.{self._name(after)}"
