"""Small clean-ups whose config links tables in any way, each with one literal or cell that can be written otherwise."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol, TypeVar

from ruamel.yaml import YAML

from etl.classify import DECISIONS, classify
from etl.classify.literals import figures_of
from etl.config import load
from etl.connect import open_source
from etl.extract import check_columns, extract
from etl.plan.tables import database
from etl.report.gates import rows_nearly_linked, rows_nearly_met
from tests.told import write

T = TypeVar("T")
Cells = dict[str, list[list[str]]]


class Pick(Protocol):
    """Chooses one of some."""

    def __call__(self, some: Sequence[T], /) -> T:
        """One of them."""


class Word(str):
    """A value that the config names, as it is compared with values of the source."""


class Key(Word):
    """A key that the config names."""


COLUMNS = {
    "accounts": ("id", "name", "kind", "up", "state", "live"),
    "contacts": ("id", "name", "kind", "account"),
    "links": ("person", "account", "live"),
    "invoices": ("no", "account", "contact", "what", "state"),
    "values": ("account", "word", "live"),
    "states": ("id", "word"),
    "merges": ("old", "new", "live"),
}
KEYS = {
    "accounts": ("id", "up", "state"),
    "contacts": ("id", "account"),
    "links": ("person", "account"),
    "invoices": ("account", "contact"),
    "values": ("account",),
    "states": ("id",),
    "merges": ("old", "new"),
}
"""Which of them hold keys, by which rows meet; the others hold words, of which some say yes or no."""
WORDS = ("1", "Won", "0", "")
ACCOUNTS, PERSONS, STATES = ("7", "8", "Ab"), ("1", "Cd"), ("1", "2", "Ef")

LINKS = [*([(person, account)] for person in PERSONS for account in ACCOUNTS)]
LINKS += [[("1", own), ("Cd", other)] for own in ACCOUNTS for other in ACCOUNTS if own != other]
"""What a table of links may have: each key once, as a second row whose key nearly is one that meets is not noticed."""

Disguise = Callable[[str], str]
OF_KEYS: dict[str, Disguise] = {
    "case": str.swapcase,
    "blanks": lambda value: f" {value} ",
    "width": lambda value: "".join(chr(ord(letter) + 0xFEE0) for letter in value),
    "zero": lambda value: f"0{value}" if value.isdigit() else value,
    "decimal": lambda value: f"{value}.0" if value.isdigit() else value,
}
OF_WORDS = OF_KEYS | {
    "truth": lambda value: {"1": "yes", "0": "no"}.get(value, value),
}


@dataclass(frozen=True)
class Place:
    """Where something is written otherwise: a cell of a table, or a literal by its number in the config.

    value: as it stands there.
    """

    table: str | None
    row: int
    column: str
    value: str
    is_key: bool


@dataclass(frozen=True)
class Outcome:
    """What became of the rows of entries, in their order, and what was told.

    near: rows that the gate of near misses counts; told: the tables and columns in which they stand.
    """

    decisions: tuple[str, ...]
    near: int
    told: tuple[str, ...]


@dataclass(frozen=True)
class Small:
    """A clean-up of a few rows."""

    cells: Cells
    config: dict[str, Any]

    def places(self) -> list[Place]:
        """All cells that are filled, and all literals."""
        cells = [
            Place(table, row, column, value, column in KEYS[table])
            for table, rows in self.cells.items()
            for row, values in enumerate(rows)
            for column, value in zip(COLUMNS[table], values, strict=True)
            if value and column not in ("name", "no")
        ]
        words = enumerate(value for _, _, value in _words(self.config))
        return cells + [Place(None, number, "", value, isinstance(value, Key)) for number, value in words]

    def disguised(self, place: Place, disguise: Disguise) -> Small:
        """The same with one value written otherwise."""
        cells, config = deepcopy(self.cells), deepcopy(self.config)
        if place.table is None:
            part, at, value = list(_words(config))[place.row]
            if isinstance(part, list):
                part[at] = type(value)(disguise(value))
            elif at == value:
                part[type(value)(disguise(value))] = part.pop(at)
            else:
                part[at] = type(value)(disguise(value))
        else:
            at = COLUMNS[place.table].index(place.column)
            cells[place.table][place.row][at] = disguise(cells[place.table][place.row][at])
        return replace(self, cells=cells, config=config)

    def decided(self, folder: Path) -> Outcome:
        """What becomes of it, up to the decisions, as `plan` makes them."""
        folder.mkdir(exist_ok=True)
        config = load(write(folder, {name: _csv(name, rows) for name, rows in self.cells.items()}, _yaml(self.config)))
        with open_source(config.source) as source:
            check_columns(config, source)
            extracted = extract(config, source, folder / "staging")
        with database(folder, threads=1) as connection:
            made = classify(connection, extracted.datasets, config)
        literals = [*map(figures_of, extracted.asked), *made.literals]
        joins = [*made.rows.figures, *extracted.lookups]
        records, decision = made.decisions.records, made.decisions.outcome.decision
        rows = [number for name in config.source.records for number in records.rows[name]]
        told = [f"{each.dataset}.{each.column}" for each in literals if each.rows and not each.dates]
        return Outcome(
            tuple(DECISIONS[decision[number]].value if number >= 0 else "reject" for number in rows),
            rows_nearly_met(literals) + rows_nearly_linked(joins),
            (*told, *(join.dataset for join in joins if join.near)),
        )


def _words(config: Any) -> Iterator[tuple[Any, Any, Word]]:
    """The literals of a config: the part that has it, its place there, and itself."""
    if isinstance(config, dict):
        for key, value in config.items():
            if isinstance(key, Word):
                yield config, key, key
            if isinstance(value, Word):
                yield config, key, value
            yield from _words(value)
    elif isinstance(config, list):
        for number, value in enumerate(config):
            if isinstance(value, Word):
                yield config, number, value
            yield from _words(value)


def _csv(name: str, rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows([COLUMNS[name], *rows])
    return text.getvalue()


def _yaml(config: dict[str, Any]) -> str:
    text = io.StringIO()
    YAML(typ="safe", pure=True).dump(_plain(config), text)
    return text.getvalue()


def _plain(config: Any) -> Any:
    if isinstance(config, dict):
        return {_plain(key): _plain(value) for key, value in config.items()}
    if isinstance(config, list):
        return [_plain(value) for value in config]
    return str(config) if isinstance(config, Word) else config


def small(pick: Pick) -> Small:
    """Any clean-up of a few rows: how its tables are linked, what its rule asks, and what stands in its cells."""
    accounts, contacts, related = _accounts(pick), _contacts(pick), _related(pick)
    asks: list[dict[str, Any]] = [{"column": "kind", "of": "accounts", "equals": Word("1")}]
    if "join" in accounts:
        asks.append({"column": "values.word", "equals": Word("Won")})
    if "labels_of" in accounts:
        asks.append({"column": "state.word", "equals": Word("Won")})
    asks += [{"exists": "invoices", "of": _of(pick)} | _where(pick, {"state": Word("Won")})] * 3
    config: dict[str, Any] = {
        "source": {"url": "SOURCE", "records": {"accounts": accounts, "contacts": contacts}} | related,
        "classify": [
            {"as": pick(("customer", "keep")), "name": "asked", "when": pick(asks)},
            {"as": "lead", "name": "rest"},
        ],
    }
    return Small(_cells(pick), config)


def _accounts(pick: Pick) -> dict[str, Any]:
    types = ("company", {"column": "kind", "company": [Word("1"), Word("")], "person": [Word("0"), Word("Won")]})
    made: dict[str, Any] = {"key": "id", "type": pick(types[:1] * 3 + types[1:])}
    if pick((True, False)):
        made["parent"] = {"column": "up", "of": "accounts", "missing": pick(("ignore", "reject")), "circle": "cut"}
        if pick((True, False)):
            made["parent"]["none"] = [Key("8")]
    if pick((True, False)):
        join: dict[str, Any] = {"from": "values", "key": "account", "take": pick(("first", "last", "all"))}
        made["join"] = {"values": join | _live(pick)}
    if pick((True, False)):
        made["labels_of"] = {"state": {"from": "states", "key": "id", "show": "word"}}
    if pick((True, False)):
        made["aliases"] = {"from": "merges", "old": "old", "new": "new"} | _live(pick)
    return made | _live(pick)


def _contacts(pick: Pick) -> dict[str, Any]:
    through = {"table": "links", "from": "person", "to": "account"} | _live(pick)
    parents = ({"column": "account", "of": "accounts", "missing": "ignore"}, {"of": "accounts", "through": through})
    return {"key": "id", "type": "person", "parent": pick(parents)}


def _of(pick: Pick) -> dict[str, Any]:
    """How invoices name their records."""
    to_persons = {"table": "links", "from": "account", "to": "person"}
    ways: tuple[dict[str, Any], ...] = (
        {"accounts": "account"},
        {"accounts": "account", "contacts": "contact"},
        {
            "accounts": {"column": "account", "where": {"what": Word("1")}},
            "contacts": {"column": "contact", "where": {"what": Word("Won")}},
        },
        {"contacts": {"column": "account", "through": to_persons | _live(pick)}},
    )
    return pick(ways)


def _related(pick: Pick) -> dict[str, Any]:
    if pick((True, False)):
        return {}
    return {"related": {"invoices": {"key": "no", "of": _of(pick)} | _where(pick, {"state": Word("1")})}}


def _live(pick: Pick) -> dict[str, Any]:
    return _where(pick, {"live": Word("1")})


def _where(pick: Pick, asked: dict[str, Any]) -> dict[str, Any]:
    return {"where": asked} if pick((True, False, False)) else {}


def _cells(pick: Pick) -> Cells:
    def rows(most: int, *columns: Sequence[str]) -> list[list[str]]:
        return [[pick(values) for values in columns] for _ in range(pick(range(1, most + 1)))]

    some, person = (*ACCOUNTS, ""), (*PERSONS, "")
    return {
        "accounts": [
            [key, f"A{key}", pick(WORDS), pick((*some, "")), pick((*STATES, "")), pick(("1", "1", "0", ""))]
            for key in ACCOUNTS
        ],
        "contacts": [[key, f"C{key}", pick(WORDS), pick(some)] for key in PERSONS],
        "links": [[person, account, pick(WORDS)] for person, account in pick(LINKS)],
        "invoices": [[f"R{n}", *row] for n, row in enumerate(rows(2, some, person, WORDS, WORDS))],
        "values": rows(2, ACCOUNTS, WORDS, WORDS),
        "states": rows(2, STATES, WORDS),
        "merges": rows(1, (*ACCOUNTS, "9"), ACCOUNTS, WORDS),
    }
