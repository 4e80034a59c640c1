"""Which columns of a table say who a company or person is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from etl.profile.draft import Draft, alone_or_all
from etl.profile.kinds import FIRST_RATE, SECOND_RATE
from etl.profile.model import Role, Table
from etl.profile.names import kinds_of, words_of
from etl.profile.parts import Part
from etl.profile.profile import Profile

IDENTITY = (
    "company", "first_name", "last_name", "street", "postcode", "city", "state", "country", "email", "phone", "website",
    "vat", "company_number", "date_of_birth",
)  # fmt: skip
SEVERAL = ("email", "phone")
"""The kinds of which all columns are compared; of the others the best one."""


def identity_of(
    draft: Draft, profile: Profile, part: Part, joins: Mapping[str, Any], at: tuple[str, ...]
) -> dict[str, Any]:
    """Which columns of a table, and of those joined to it, say who somebody is."""
    candidates: dict[str, list[tuple[float, str]]] = {}
    tables = [("", part), *((f"{name}.", profile.parts[join.get("from", name)]) for name, join in joins.items())]
    for prefix, source in tables:
        for column, kind in source.kinds.items():
            if kind.name in IDENTITY and source.table[column].fill > 0.001:
                score = kind.points + 30 * kind.sure + 20 * source.table[column].fill - 25 * bool(prefix)
                score += 15 * _among(column, FIRST_RATE) - 40 * _among(column, SECOND_RATE)
                candidates.setdefault(kind.name, []).append((score, prefix + column))
                if not kind.sure:
                    draft.doubt(at, f"{prefix}{column} as {kind.name.replace('_', ' ')}: {kind.why}.")
    if part.role is Role.PERSON and "last_name" not in candidates:
        candidates.update(_whole_name(draft, part, "last_name", at))
    if part.role is not Role.PERSON and "company" not in candidates:
        candidates.update(_whole_name(draft, part, "company", at))
    if part.role is Role.PERSON and {"first_name", "last_name"} & candidates.keys():
        candidates.pop("company", None)
    if not {"postcode", "city"} & candidates.keys():
        candidates.pop("state", None)
    identity: dict[str, Any] = {}
    for kind_name in IDENTITY:
        named = [name for _, name in sorted(candidates.get(kind_name, []), key=lambda item: (-item[0], item[1]))]
        if named:
            chosen = named if kind_name in SEVERAL else [named[0], *_continued(named[0], part.table)]
            identity[kind_name] = alone_or_all(chosen)
    return identity


def _continued(column: str, table: Table) -> list[str]:
    """The columns that go on where one ends, as `name2` does after `name1`."""
    if not column.endswith("1"):
        return []
    further = [f"{column[:-1]}{number}" for number in range(2, 5)]
    return [name for name in further if name in table and table[name].filled]


def _whole_name(draft: Draft, part: Part, kind: str, at: tuple[str, ...]) -> dict[str, list[tuple[float, str]]]:
    """The column that names whole persons or companies, where their values do not say which one it is."""
    named = [
        column.name
        for column in part.table.columns
        if column.filled
        and (kinds_of(column.name).get("label", 0) >= 60 or kinds_of(column.name).get("person", 0) >= 60)
    ]
    if not named:
        return {}
    whom = "whole names of persons" if kind == "last_name" else "the names of companies"
    draft.doubt(at, f"{named[0]} seems to hold {whom}.")
    return {kind: [(50.0, named[0])]}


def _among(column: str, words: tuple[str, ...]) -> bool:
    return bool(set(words_of(column)) & set(words))
