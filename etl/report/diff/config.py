"""Which keys of two configs differ, as they stand in the files: `${NAME}` is not filled in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from etl.errors import excerpt
from etl.report.diff.model import ConfigChange

LONGEST = 60


def config_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[ConfigChange]:
    """Each key whose value differs, by its path, in the order of the newer config.

    Items of a list are called by their `name`, so that a new rule does not change all those below it; that they stand
    in another order is told of the list itself.
    """
    was, now = dict(_flat(before, "")), dict(_flat(after, ""))
    for path in dict.fromkeys([*now, *was]):
        if was.get(path) != now.get(path):
            yield ConfigChange(path, _shown(was.get(path)), _shown(now.get(path)))


def _flat(value: Any, path: str) -> Iterator[tuple[str, object]]:
    """Every value that is no mapping and no list of named items, with its path."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _flat(inner, f"{path}.{key}" if path else str(key))
    elif names := _names(value):
        yield f"{path} (order)", names
        for name, inner in zip(names, value, strict=True):
            yield from _flat(
                {key: inner_value for key, inner_value in inner.items() if key != "name"}, f"{path}[{name}]"
            )
    else:
        yield path, value


def _names(value: Any) -> list[str] | None:
    """What the items of a list are called, if each has a name of its own."""
    if not isinstance(value, list) or not all(isinstance(item, dict) and "name" in item for item in value):
        return None
    names = [str(item["name"]) for item in value]
    return names if len(set(names)) == len(names) else None


def _shown(value: object) -> str | None:
    if value is None:
        return None
    return excerpt(", ".join(map(str, value)) if isinstance(value, list) else str(value), LONGEST)
