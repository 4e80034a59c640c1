"""Known systems: which one a source is, and how the source calls what the system's config names.

Each stands in a data file, `etl/profile/systems/NAME.yaml`: by which tables and columns it is recognised, the version
and the documentation that its facts are from, and its config in the words of docs/config.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from ruamel.yaml import YAML

Columns = Mapping[str, frozenset[str]]
"""Table -> its columns."""


@dataclass(frozen=True)
class System:
    """A known system. title: what people call it; version: of which its facts are; sources: where they are from.

    recognised: the tables that it has, each with columns by which it is no other table of that name. url: how its URL
    begins, where that says enough. prefix: what its tables begin with, where each installation may have another one.
    export: of one whose files may have any names, the further files that it may have, by their headers; headers: what a
    header is called in other versions and languages. config: made for it, as a mapping.
    """

    name: str
    title: str
    version: str
    sources: tuple[str, ...]
    recognised: Columns
    config: Mapping[str, Any]
    url: str | None = None
    prefix: str = ""
    export: Columns | None = None
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def recognition(self, url: str, tables: Columns) -> Recognition | None:
        """How a source has this system's tables; None of a source that is not of this system."""
        if self.url is not None and not url.startswith(self.url):
            return None
        recognition = _by_headers(self, tables) if self.export is not None else _by_names(self, tables)
        fits = all(named <= recognition.columns.get(table, frozenset()) for table, named in self.recognised.items())
        return recognition if fits else None


@dataclass(frozen=True)
class Recognition:
    """A source of a known system. tables: those that the system's config can name -> what the source calls them.

    columns: of these tables, in the config's words; headers: a header in the config's words -> in the source's.
    further: a file -> the table whose headers it has as well, as an export in several parts has.
    """

    system: System
    tables: Mapping[str, str]
    columns: Columns
    headers: Mapping[str, str] = field(default_factory=dict)
    further: Mapping[str, str] = field(default_factory=dict)


def system_of(url: str, tables: Columns) -> Recognition | None:
    """The system that a source is of; None of one that is not known. Of several, the one that asks for the most."""
    fitting = [recognition for system in systems() if (recognition := system.recognition(url, tables)) is not None]
    return max(fitting, key=lambda recognition: sum(map(len, recognition.system.recognised.values())), default=None)


def system_by_url(url: str) -> System | None:
    """The system of which a URL alone says that a source is."""
    return next((system for system in systems() if system.url is not None and url.startswith(system.url)), None)


@cache
def systems() -> tuple[System, ...]:
    """All known systems, by name."""
    folder = files("etl.profile.systems")
    names = sorted(file.name for file in folder.iterdir() if file.name.endswith(".yaml"))
    return tuple(_read(name.removesuffix(".yaml"), folder.joinpath(name).read_text(encoding="utf-8")) for name in names)


def _read(name: str, text: str) -> System:
    raw = YAML(typ="safe").load(text)
    return System(
        name,
        raw["title"],
        raw["version"],
        tuple(raw["sources"]),
        _columns(raw.get("recognised")),
        raw["config"],
        raw.get("url"),
        raw.get("prefix", ""),
        _columns(raw["export"]) if "export" in raw else None,
        {header: tuple(others) for header, others in (raw.get("headers") or {}).items()},
    )


def _columns(raw: Mapping[str, list[str]] | None) -> Columns:
    return {table: frozenset(columns) for table, columns in (raw or {}).items()}


def _by_names(system: System, tables: Columns) -> Recognition:
    """The tables of a database, whatever their prefix."""
    for prefix in dict.fromkeys([system.prefix, *_prefixes(system, tables)]):
        named = {system.prefix + table.removeprefix(prefix): table for table in tables if table.startswith(prefix)}
        if system.recognised.keys() <= named.keys():
            return Recognition(system, named, {name: tables[table] for name, table in named.items()})
    return Recognition(system, {}, {})


def _prefixes(system: System, tables: Columns) -> Iterator[str]:
    if system.prefix:
        first = next(iter(system.recognised)).removeprefix(system.prefix)
        yield from (table.removesuffix(first) for table in sorted(tables) if table.endswith(first))


def _by_headers(system: System, tables: Columns) -> Recognition:
    """The files of an export, by their headers, in any of the languages that are known."""
    headers = {header: _spelling(header, others, tables) for header, others in system.headers.items()}
    own = {
        table: columns | {h for h, other in headers.items() if other in columns} for table, columns in tables.items()
    }
    named: dict[str, str] = {}
    further: dict[str, str] = {}
    wanted = {**system.recognised, **(system.export or {})}
    for name, asked in sorted(wanted.items(), key=lambda item: -len(item[1])):
        fitting = [table for table in sorted(own) if asked <= own[table] and table not in named.values()]
        fitting.sort(key=lambda table: (table != name, name.casefold() not in table.casefold()))
        if fitting:
            named[name] = fitting[0]
            further |= dict.fromkeys(fitting[1:], name)
    left = {table: table for table in tables if table not in named.values() and table not in named}
    further = {table: name for table, name in further.items() if table in left}
    spelled = {header: other for header, other in headers.items() if other != header}
    return Recognition(
        system, {**named, **left}, {n: own[table] for n, table in {**named, **left}.items()}, spelled, further
    )


def _spelling(header: str, others: tuple[str, ...], tables: Columns) -> str:
    """What a source calls a header: the first of the known spellings that it has."""
    known = frozenset(column for columns in tables.values() for column in columns)
    return next((spelling for spelling in (header, *others) if spelling in known), header)
