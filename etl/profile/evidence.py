"""What would be evidence of a purchase, and how many records would have it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib.resources import files

import pyarrow.compute as pc
from ruamel.yaml import YAML

from etl.profile.amounts import is_amount
from etl.profile.model import Column, LinkTo, Role, Table
from etl.profile.names import kinds_of, roles_of, singular, words_of
from etl.profile.profile import Profile
from etl.profile.roles import links_to_records
from etl.profile.sales import is_day
from etl.profile.table_parts import dated_column

YEARS = (1, 2, 3, 5, 10)
"""The answers to how long ago a purchase may be; `None` for ever."""
WON = frozenset("won closedwon gewonnen gagne gagnee ganado ganada vinto vinta iswon".split())
POSTED = frozenset("posted gebucht booked".split())
"""A flag by which a bill counts; whether it is paid does not matter."""
LASTING = frozenset(
    map(singular, "contract vertrag subscription abonnement abo membership contrat contrato contratto".split())
)
"""What goes on after the day on which it began: that day says nothing of today."""


@dataclass(frozen=True)
class Evidence:
    """A table whose rows may say that somebody bought something.

    state: the column that says what became of a row; bought, unsure: its words that speak for a purchase, or perhaps.
    An empty text among them stands for rows without a state. won: the flag column of a deal that was won, or of a bill
    that was posted. cancelled: the flag column of what was taken back. day: the column of its date, None of what lasts.
    named: whether the table's name says what its rows are; day_named: whether that of `day` says that it is its date.
    """

    table: Table
    strong: bool
    links: tuple[LinkTo, ...]
    state: Column | None = None
    bought: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()
    won: Column | None = None
    day: Column | None = None
    cancelled: Column | None = None
    named: bool = True
    day_named: bool = True


def evidence_of(profile: Profile) -> list[Evidence]:
    """The tables of evidence, the surest kind first."""
    tables = [part.table for part in profile.parts.values() if part.role is Role.EVIDENCE]
    made = [_evidence(profile, table) for table in tables]
    return sorted((e for e in made if e is not None), key=lambda e: (not e.strong, e.table.name))


def unasked(profile: Profile) -> list[Table]:
    """The tables of evidence of which nothing says which rows are purchases."""
    return [p.table for p in profile.parts.values() if p.role is Role.EVIDENCE and _evidence(profile, p.table) is None]


def _evidence(profile: Profile, table: Table) -> Evidence | None:
    spoken = roles_of(table.name)
    named = max(spoken.get("strong", 0), spoken.get("evidence", 0)) >= 30
    strong = spoken.get("strong", 0) >= 30 or not named
    links = tuple(links_to_records(table.name, profile.parts, profile.graph))
    day = _day(table)
    made = Evidence(
        table,
        strong,
        links,
        day=day,
        cancelled=next(
            (c for c in table.columns if kinds_of(c.name).get("cancelled", 0) >= 40 and c.is_plain_flag), None
        ),
        named=named,
        day_named=day is None or day is dated_column(table, DAYS),
    )
    flags = WON | POSTED if strong else WON
    won = next((c for c in table.columns if c.flag and set(words_of(c.name)) & flags), None)
    state = _state_column(table)
    if state is None:
        return replace(made, won=won) if strong or won else None
    words = [word for word, _ in state.top]
    bought = tuple(word for word in words if _meaning(word) == "bought")
    unsure = tuple(word for word in words if _meaning(word) is None)
    if state.filled < state.rows:
        unsure = (*unsure, *state.empties, "")
    if not strong:
        bought = tuple(word for word in bought if set(words_of(word)) & WON or "closed" in words_of(word))
        unsure = ()
    if not bought and not unsure:
        return None if won is None else replace(made, won=won)
    return replace(made, state=state, bought=bought, unsure=unsure)


def credit_notes(evidence: Evidence) -> str | None:
    """What is asked of a table with amounts below zero: which rows take others back. None where there are none."""
    table = evidence.table
    amounts = [column.name for column in table.columns if is_amount(column) and _has_negative(column)]
    if not amounts:
        return None
    told = [
        f"{column.name} ({', '.join(word for word, _ in column.top)})"
        for column in table.columns
        if 1 < column.distinct <= KINDS and column.top and column not in (evidence.state, evidence.cancelled)
    ]
    which = f" Is it told by {' or '.join(told)}?" if told else ""
    return f"Some rows of {amounts[0]} are below zero, as credit notes are, and count like the others.{which}"


KINDS = 8
"""A column that says of which kind a row is has no more words."""


def _has_negative(column: Column) -> bool:
    return bool(pc.any(pc.match_substring_regex(column.values, r"^\s*-\s*[0-9]|[0-9]\s*-\s*$")).as_py())


DAYS = ("happened", "created", "changed")


def _day(table: Table) -> Column | None:
    """The column of the date of a table's rows, by its name, else the first that could be; None of what lasts."""
    if LASTING & {singular(word) for word in words_of(table.name)}:
        return None
    return dated_column(table, DAYS) or next((column for column in table.columns if is_day(column)), None)


def _state_column(table: Table) -> Column | None:
    columns = [c for c in table.columns if c.top and c.distinct <= 40 and not c.flag and not c.dates]
    named = [c for c in columns if kinds_of(c.name).get("status", 0) >= 40]
    numbers = [c for c in named if all(word.strip().lstrip("-").isdigit() for word, _ in c.top)]
    words = [c for c in named if c not in numbers and any(_meaning(word) for word, _ in c.top)]
    return max(words, key=lambda c: (sum(_meaning(word) is not None for word, _ in c.top), c.fill), default=None)


def _meaning(word: str) -> str | None:
    """Whether the state of a row says that something was bought; None where nobody knows."""
    said = " ".join(words_of(word))
    return _states().get(said) or _states().get(said.replace(" ", ""))


@cache
def _states() -> dict[str, str]:
    raw = YAML(typ="safe").load(files("etl.profile.data").joinpath("states.yaml").read_text(encoding="utf-8"))
    return {
        form: meaning
        for meaning, words in raw.items()
        for word in words
        for form in (str(word), str(word).replace(" ", ""))
    }


def said_of_states(name: str, state: Column, taken: Sequence[str]) -> str:
    """Which words of a column count and which do not, each with its rows."""
    counts = {**dict(state.top), **state.empties}
    counts[""] = state.rows - sum(counts.values())
    others = [word for word, count in counts.items() if count and word not in taken]
    told = (", ".join(f"{word or 'no state'} ({counts[word]:,})" for word in some) for some in (taken, others))
    counted, left = (words or "none" for words in told)
    return f"{name}.{state.name}: counted are {counted}; not counted {left}"


def of_the_first(table: Table) -> str:
    """What is said behind the numbers of a table that was not read as a whole."""
    return "" if table.whole else f" in the first {table.rows:,} rows"


def before(day: date, years: int) -> int:
    """The day some years ago, as a proleptic ordinal."""
    try:
        return day.replace(year=day.year - years).toordinal()
    except ValueError:
        return day.replace(year=day.year - years, day=28).toordinal()
