"""What would be evidence of a purchase, and how many records would have it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from etl.profile.amounts import is_amount
from etl.profile.model import Column, Role, Table
from etl.profile.names import kinds_of, roles_of, singular, words_of
from etl.profile.profile import Profile
from etl.profile.sales import is_day, speaks_of_offers
from etl.profile.states import BOUGHT, State, is_accepted, states_of
from etl.profile.table_parts import MOSTLY, dated_column

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
    An empty text among them stands for rows without a state. others: further columns that say what became of a row.
    won: the flag column of a deal that was won, or of a bill that was posted. cancelled: the column of what was taken
    back: a flag, or a date. day: the column of its date, None of what lasts; days: those that could be it where no name
    says which one it is. named: whether the table's name says what its rows are; offers: whether they are offers, of
    which only those count that were accepted.
    """

    table: Table
    strong: bool
    state: State | None = None
    bought: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()
    others: tuple[State, ...] = ()
    won: Column | None = None
    day: Column | None = None
    days: tuple[Column, ...] = ()
    cancelled: Column | None = None
    named: bool = True
    offers: bool = False

    @property
    def counted(self) -> tuple[str, ...]:
        """The words of its state that count, as long as nobody says no."""
        return (*self.bought, *self.unsure)


def evidence_of(profile: Profile) -> list[Evidence]:
    """The tables of evidence, the surest kind first."""
    made = [
        _evidence(profile, part.table) if part.role is Role.EVIDENCE else _accepted(profile, part.table)
        for part in profile.parts.values()
        if part.role is Role.EVIDENCE or (part.role is Role.HISTORY and speaks_of_offers(part.table.name))
    ]
    return sorted((e for e in made if e is not None), key=lambda e: (not e.strong, e.table.name))


def unasked(profile: Profile) -> list[Table]:
    """The tables of evidence of which nothing says which rows are purchases."""
    return [p.table for p in profile.parts.values() if p.role is Role.EVIDENCE and _evidence(profile, p.table) is None]


def _evidence(profile: Profile, table: Table) -> Evidence | None:
    spoken = roles_of(table.name)
    named = max(spoken.get("strong", 0), spoken.get("evidence", 0)) >= 30
    strong = spoken.get("strong", 0) >= 30 or not named
    made = _dated(table, strong=strong, named=named and "offer" not in spoken)
    flags = WON | POSTED if strong else WON
    won = next((c for c in table.columns if c.is_plain_flag and set(words_of(c.name)) & flags), None)
    states = states_of(profile, table)
    if not states:
        return replace(made, won=won) if strong or won else None
    state, *others = states
    bought = tuple(word for word in state.words if state.meaning(word) == BOUGHT)
    unsure = tuple(word for word in state.words if state.meaning(word) is None)
    if state.column.filled < state.column.rows:
        unsure = (*unsure, *state.column.empties, "")
    if not strong:
        bought = tuple(word for word in bought if _is_won(state.said(word)))
        unsure = ()
    if not bought and not unsure:
        return None if won is None else replace(made, won=won)
    return replace(made, state=state, bought=bought, unsure=unsure, others=tuple(others))


def _is_won(word: str) -> bool:
    return bool(set(words_of(word)) & WON) or "closed" in words_of(word)


def _accepted(profile: Profile, table: Table) -> Evidence | None:
    """Offers that were accepted, by their state or a flag: they may have become orders; None where nothing says so."""
    made = _dated(table, strong=False, named=True)
    for state in states_of(profile, table):
        accepted = tuple(word for word in state.words if state.is_accepted(word))
        if accepted:
            return replace(made, state=state, bought=accepted, offers=True)
    won = next((c for c in table.columns if c.is_plain_flag and (is_accepted(c.name) or _is_won(c.name))), None)
    return None if won is None else replace(made, won=won, offers=True)


def _dated(table: Table, *, strong: bool, named: bool) -> Evidence:
    """A table as evidence, with its date, and with what says that a row was taken back."""
    day = _day(table)
    is_told = day is None or day is dated_column(table, DAYS)
    return Evidence(
        table,
        strong,
        day=day,
        days=() if is_told else tuple(column for column in table.columns if is_day(column)),
        cancelled=next((column for column in table.columns if _says_cancelled(column)), None),
        named=named,
    )


def _says_cancelled(column: Column) -> bool:
    """Whether a column says which rows were taken back: a flag, or a date that few of them have."""
    is_sparse_date = column.dates is not None and 0 < column.fill < MOSTLY
    return kinds_of(column.name).get("cancelled", 0) >= 40 and (column.is_plain_flag or is_sparse_date)


def credit_notes(evidence: Evidence) -> str | None:
    """What is asked of a table where rows that count are below zero: which of them take others back. None where there
    are none."""
    table = evidence.table
    amounts = [column.name for column in table.columns if is_amount(column) and _has_negative(evidence, column)]
    if not amounts:
        return None
    known = [evidence.cancelled, *([evidence.state.column] if evidence.state else [])]
    told = [
        f"{column.name} ({', '.join(word for word, _ in column.top)})"
        for column in table.columns
        if 1 < column.distinct <= KINDS and column.top and column not in known
    ]
    which = f" Is it told by {' or '.join(told)}?" if told else ""
    return f"Some rows of {amounts[0]} are below zero, as credit notes are, and count like the others.{which}"


KINDS = 8
"""A column that says of which kind a row is has no more words."""
BELOW_ZERO = r"^\s*-\s*[0-9]|[0-9]\s*-\s*$"


def _has_negative(evidence: Evidence, column: Column) -> bool:
    """Whether a column has amounts below zero in rows that their state lets count."""
    if not pc.any(pc.match_substring_regex(column.values, BELOW_ZERO)).as_py():
        return False
    if evidence.state is None:
        return True
    state = evidence.state.column.name
    rows = parquet.read_table(evidence.table.path, columns=[column.name, state])
    counted = pc.is_in(pc.fill_null(rows[state], ""), value_set=pa.array(evidence.counted, rows[state].type))
    return bool(pc.any(pc.match_substring_regex(rows[column.name].filter(counted), BELOW_ZERO)).as_py())


DAYS = ("happened", "created", "changed")


def _day(table: Table) -> Column | None:
    """The column of the date of a table's rows, by its name, else the first that could be; None of what lasts."""
    if lasts(table):
        return None
    return dated_column(table, DAYS) or next((column for column in table.columns if is_day(column)), None)


def lasts(table: Table) -> bool:
    """Whether the rows of a table go on after the day on which they began, by its name."""
    return bool(LASTING & {singular(word) for word in words_of(table.name)})


def of_the_first(table: Table) -> str:
    """What is said behind the numbers of a table that was not read as a whole."""
    return "" if table.whole else f" in the first {table.rows:,} rows"


def before(day: date, years: int) -> int:
    """The day some years ago, as a proleptic ordinal."""
    try:
        return day.replace(year=day.year - years).toordinal()
    except ValueError:
        return day.replace(year=day.year - years, day=28).toordinal()
