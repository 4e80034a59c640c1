"""Which column of a table says what became of its rows, and what its words say of a purchase."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet
from ruamel.yaml import YAML

from etl.config.links import Step
from etl.profile.lists import all_labels_of, speaks_of_states
from etl.profile.model import Column, Table
from etl.profile.names import kinds_of, words_of
from etl.profile.profile import Profile
from etl.rows.keys import keys_of, normalized

MANY = 40
"""A column of more words than that does not say what became of rows."""
FEW = 12
"""A column of more words than that, of which none is known, may say anything."""
PLAIN = 0.9
"""Where so large a share of rows has a word that is known, their column says what became of them, whatever its name."""
BOUGHT, NOT, ACCEPTED = "bought", "not", "accepted"


@dataclass(frozen=True)
class State:
    """A column that says what became of rows. labels: its words -> what a list of values calls them."""

    column: Column
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def words(self) -> tuple[str, ...]:
        """Its words, the most frequent first."""
        return tuple(word for word, _ in self.column.top)

    def said(self, word: str) -> str:
        """What a word says for people: a code as its label."""
        return self.labels.get(word, word)

    def shown(self, word: str) -> str:
        """A word with its label, if it has another one."""
        return shown(word, self.labels)

    def meaning(self, word: str) -> str | None:
        """Whether a word says that something was bought; None where nobody knows."""
        return meaning_of(self.said(word)) or meaning_of(word)

    def is_accepted(self, word: str) -> bool:
        """Whether a word says of an offer that it was accepted."""
        return is_accepted(self.said(word)) or is_accepted(word)

    @property
    def known(self) -> float:
        """The share of filled rows of which anybody knows what their word says."""
        rows = sum(count for word, count in self.column.top if self.meaning(word) or self.is_accepted(word))
        return rows / max(self.column.filled, 1)


def states_of(profile: Profile, table: Table) -> list[State]:
    """The columns that may say what became of a table's rows, the best one first.

    The best one has the most words that are known, some that speak for a purchase and some that do not.
    """
    labels = labels_in(profile, table)
    states = [
        State(column, labels.get(column.name, {}))
        for column in table.columns
        if column.top and column.distinct <= MANY and not column.flag and not column.dates
    ]
    has_place = any(kinds_of(column.name).keys() & {"city", "postcode"} for column in table.columns)
    return sorted((state for state in states if _says_what_became(state, has_place)), key=_worth, reverse=True)


def _says_what_became(state: State, has_place: bool) -> bool:
    """Whether a column says so by its words, or by its name: beside a city, a `state` may be that of an address."""
    if not speaks_of_states(state.column.name):
        return state.column.distinct > 1 and state.known >= PLAIN
    spoken = kinds_of(state.column.name)
    may_be = spoken.get("status", 0) >= 40 and not (has_place and "state" in spoken)
    return state.known > 0 or (state.column.distinct <= FEW and may_be)


def _worth(state: State) -> tuple[float, ...]:
    known = [state.meaning(word) for word in state.words]
    tells_apart = {BOUGHT, NOT} <= set(known)
    return (
        any(known),
        state.known >= PLAIN and tells_apart,
        round(state.known, 1),
        sum(meaning is not None for meaning in known),
        state.column.fill,
    )


def labels_in(profile: Profile, table: Table) -> dict[str, dict[str, str]]:
    """What lists of values call the words of a table's columns: column -> word -> label."""
    labels: dict[str, dict[str, str]] = {}
    for name, named in all_labels_of(profile, table).items():
        column = table[name]
        if column.top and column.distinct <= MANY:
            steps: Sequence[Step] = named.get("normalize", ())
            called = _called(profile.parts[named["from"]].table, named, steps)
            words = [word for word, _ in column.top]
            keys = normalized(pa.array(words, pa.large_string()), steps).to_pylist()
            said = {word: called[key] for word, key in zip(words, keys, strict=True) if key in called}
            labels[name] = {word: label for word, label in said.items() if label != word}
    return labels


def _called(table: Table, named: Mapping[str, Any], steps: Sequence[Step]) -> dict[str, str]:
    """What a list calls its rows, by their keys. named: the list, as `labels_of` has it."""
    where = [(pc.field(column) == word) for column, word in named.get("where", {}).items()]
    rows = parquet.read_table(table.path, columns=[named["key"], named["show"]], filters=where[0] if where else None)
    keys, labels = keys_of(rows, [named["key"]], steps), keys_of(rows, [named["show"]])
    pairs = zip(keys.to_pylist(), labels.to_pylist(), strict=True)
    return {key: label.strip() for key, label in pairs if key is not None and label and label.strip()}


def shown(word: str, labels: Mapping[str, str]) -> str:
    """A word of a column as people read it: with its label, if it has one."""
    if not word:
        return "no state"
    return f"{word} ({labels[word]})" if word in labels else word


def said_of_states(name: str, state: Column, taken: Sequence[str], labels: Mapping[str, str]) -> str:
    """Which words of a column count and which do not, each with its rows."""
    counts = {**dict(state.top), **state.empties}
    counts[""] = state.rows - sum(counts.values())
    others = [word for word, count in counts.items() if count and word not in taken]

    def told(words: Sequence[str]) -> str:
        return ", ".join(counted(word, counts[word], labels) for word in words) or "none"

    return f"{name}.{state.name}: counted are {told(taken)}; not counted {told(others)}"


def counted(word: str, count: int, labels: Mapping[str, str]) -> str:
    """A word of a column with its label and how many rows have it."""
    return f"{word} ({labels[word]}, {count:,})" if word in labels else f"{shown(word, labels)} ({count:,})"


NEGATIONS = frozenset("not no non nicht kein keine pas ni sin senza ohne without to da zu un never".split())


def meaning_of(word: str) -> str | None:
    """Whether the state of a row says that something was bought; None where nobody knows.

    Of several words, those that are known must speak for it, and none may turn it around.
    """
    said = words_of(word)
    whole = _known().get(_form(said)) or _known().get("".join(said))
    if whole or len(said) < 2 or NEGATIONS & set(said):
        return whole
    parts = {meaning for some in _parts(said) if (meaning := _known().get(_form(some)))}
    return BOUGHT if parts == {BOUGHT} else None


def is_accepted(word: str) -> bool:
    """Whether the state of an offer says that it was accepted."""
    said = words_of(word)
    return _form(said) in _accepted() or "".join(said) in _accepted()


def _parts(words: Sequence[str]) -> Iterator[Sequence[str]]:
    for first in range(len(words)):
        for after in range(first + 1, len(words) + 1):
            yield words[first:after]


def _form(words: Sequence[str]) -> str:
    """Words without what says man, woman, or several."""
    return " ".join(word if len(bare := re.sub("[aeios]+$", "", word)) < STEM else bare for word in words)


STEM = 4
"""So many letters say which word it is: `pagato` and `pagate` are one, `paid` and `pain` are not."""


@cache
def _known() -> dict[str, str]:
    return {form: meaning for meaning in (BOUGHT, NOT) for form in _forms(meaning)}


@cache
def _accepted() -> frozenset[str]:
    return frozenset(_forms(ACCEPTED))


def _forms(meaning: str) -> Iterator[str]:
    for word in _data()[meaning]:
        words = str(word).split()
        yield from (_form(words), "".join(words))


@cache
def _data() -> dict[str, list[object]]:
    data: dict[str, list[object]] = YAML(typ="safe").load(
        files("etl.profile.data").joinpath("states.yaml").read_text(encoding="utf-8")
    )
    return data
