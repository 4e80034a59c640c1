"""The rule of a first config that asks for rows of evidence, with what is not sure of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from etl.profile.draft import alone_or_all, marked
from etl.profile.evidence import Evidence, credit_notes, lasts
from etl.profile.history import named_by
from etl.profile.names import words_of
from etl.profile.naming import Names
from etl.profile.profile import Profile
from etl.profile.questions import SPAN
from etl.profile.states import counted, shown
from etl.profile.table_parts import date_of, deleted_where, says_yes

USUAL_YEARS = 3


def rule_of(profile: Profile, names: Names, evidence: Evidence) -> tuple[Any, ...]:
    """The rule of a table of evidence: what it makes of a record, its name, its condition, and lines that say why."""
    table = evidence.table
    when: dict[str, Any] = {"exists": names.related.get(table.name, table.name)}
    key = profile.keys.get(table.name)
    if key is not None and len(key.columns) == 1:
        when["key"] = key.columns[0]
    when["of"] = named_by(profile, names, table)
    if conditions := list(_conditions(evidence)):
        when["where"] = conditions[0] if len(conditions) == 1 else all_of(conditions)
    if evidence.day is not None:
        form = date_of(evidence.day)
        named = {"column": form} if isinstance(form, str) else form
        when["within"] = {
            "column": named["column"],
            "last": f"{USUAL_YEARS} years",
            **({"format": named["format"]} if "format" in named else {}),
        }
    name = " ".join(words_of(table.name)) or table.name
    span = "" if "within" not in when else SPAN.format(USUAL_YEARS)
    said = [*_said_of_states(evidence), *_said_of_dates(evidence)]
    if taken_back := credit_notes(evidence):
        said.append(marked(taken_back))
    if evidence.named and not evidence.offers:
        return ("customer", f"{name}{span}", when, *said)
    why, which = profile.parts[table.name].why, ""
    asked = "are its rows purchases? Then write customer; if not, take the rule out."
    if evidence.offers:
        why, which = "an offer is no purchase, but these were accepted", "accepted "
        asked = asked.replace("its rows purchases", "they orders that stand nowhere else")
    said.append(marked(f"{why[:1].upper()}{why[1:]}: {asked}"))
    return ("review", f"{which}{name}{span}, perhaps purchases", when, *said)


def _conditions(evidence: Evidence) -> Iterator[dict[str, Any]]:
    """What must hold for a row to count."""
    deleted = deleted_where(evidence.table)
    if deleted is not None:
        yield deleted[0]
    if evidence.state is not None:
        yield {evidence.state.column.name: alone_or_all(list(evidence.counted))}
    elif evidence.won is not None:
        yield says_yes(evidence.won)
    if evidence.cancelled is not None:
        is_flag = evidence.cancelled.is_plain_flag
        yield {"not": says_yes(evidence.cancelled)} if is_flag else {evidence.cancelled.name: {"empty": True}}


def _said_of_states(evidence: Evidence) -> Iterator[str]:
    """Which states count and which do not, with what a list calls them; what is not sure of it is marked."""
    state = evidence.state
    if state is None:
        return
    if state.labels and evidence.bought:
        yield f"Counted: {_listed(evidence.bought, state.labels)}."
    left = [word for word in state.words if word not in evidence.counted]
    if left:
        yield f"Not counted: {_listed(left, state.labels)}."
    if evidence.unsure:
        listed = _listed(evidence.unsure, state.labels)
        yield marked(f"Do these states speak for a purchase: {listed}? They count as long as nobody says no.")
    for other in evidence.others:
        words = ", ".join(counted(word, count, other.labels) for word, count in other.column.top)
        yield marked(f"It also has {other.column.name}: {words}. Does that say better what counts?")


def _listed(words: Sequence[str], labels: Mapping[str, str]) -> str:
    return ", ".join(shown(word, labels) if word else "none at all" for word in words)


def _said_of_dates(evidence: Evidence) -> Iterator[str]:
    """What is not sure of the date of a table's rows."""
    if evidence.day is None and not lasts(evidence.table):
        yield marked("It counts whenever it was, as no column of it holds its date.")
    elif evidence.day is None:
        said = "It counts whenever it began, as it lasts"
        yield f"{said}." if evidence.bought else marked(f"{said}: does nothing say which ones have ended?")
    elif len(evidence.days) > 1:
        others = " or ".join(column.name for column in evidence.days if column is not evidence.day)
        yield marked(f"{evidence.day.name} is taken for its date, as no name says which one it is. Is it {others}?")


WHOLE = frozenset(("not", "flag", "column"))
"""How a condition begins that is more than a column with its value."""


def all_of(conditions: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Several conditions as one: columns side by side where each is plain."""
    if all(not WHOLE & condition.keys() for condition in conditions):
        return {column: value for condition in conditions for column, value in condition.items()}
    listed = [
        condition if WHOLE & condition.keys() else {"all": [as_test(*item) for item in condition.items()]}
        for condition in conditions
    ]
    return {"all": [inner for condition in listed for inner in condition.get("all", [condition])]}


def as_test(column: str, value: Any) -> dict[str, Any]:
    """A column with its value, as a condition of its own."""
    if isinstance(value, dict):
        return {"column": column, **value}
    return {"column": column, "in" if isinstance(value, list) else "equals": value}
