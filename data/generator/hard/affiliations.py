"""Names alone, as papers and patents have them: one body in many spellings, beside others that are named alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from .. import cards
from .entities import Maker
from .written import NAMES, plain

GERMAN = ("Universität {}", "Technische Universität {}", "Hochschule {}", "Universitätsklinikum {}")
ENGLISH = ("University of {}", "{} Institute of Technology", "{} College", "{} University Hospital")
SHORTER = (
    ("Universität", "Univ."), ("University", "Univ."), ("Technische Univ.", "TU"), ("Technische Universität", "TU"),
    ("Institute", "Inst."), ("Technology", "Tech."), ("Hospital", "Hosp."), ("Hochschule", "HS"), ("College", "Coll."),
)  # fmt: skip
SIZES = (1, 1, 1, 2, 2, 3, 4, 6, 9, 14)
"""How often a body is named."""


def affiliations(maker: Maker, count: int) -> Iterator[tuple[str, list[str]]]:
    """At least so many names, body by body: the kind (`company` or `institution`) and its spellings."""
    towns = set[str]()
    while count > 0:
        for kind, names in _institutions(maker, towns) if maker.chance.holds(0.3) else _company(maker):
            count -= len(names)
            yield kind, names


def _company(maker: Maker) -> Iterator[tuple[str, list[str]]]:
    """A company, in one of three cases with a sister of another trade."""
    chance, firm = maker.chance, maker.firm()
    for each in (firm, replace(firm, trade=maker.trade(firm.at.language)))[: 1 + chance.holds(0.3)]:
        names = [each.name]
        for _ in range(chance.pick(SIZES) - 1):
            parts = NAMES[chance.pick(tuple(NAMES))](maker, each)
            name = " ".join(part for part in parts if part)
            names.append(name.upper() if chance.holds(0.2) else name)
        yield "company", names


def _institutions(maker: Maker, towns: set[str]) -> Iterator[tuple[str, list[str]]]:
    """The university, the college and the hospital of one town; none of a town that has had its own, for two bodies of
    one name are not told apart by names alone. towns: those, to which this one is added."""
    chance, at = maker.chance, maker.place()
    places = maker.words.villages if at.language else maker.words.suburbs
    town = chance.pick((at.city, chance.pick(places)))
    if town in towns:
        return
    towns.add(town)
    for form in (GERMAN if at.language else ENGLISH)[chance.number(0, 2) :]:
        names = [form.format(town)]
        names += [_spelled(maker, names[0], at.language) for _ in range(chance.pick(SIZES) - 1)]
        yield "institution", names


def _spelled(maker: Maker, name: str, language: int) -> str:
    chance = maker.chance
    if chance.holds(0.5):
        for long, short in SHORTER:
            name = name.replace(long, short)
    if chance.holds(0.3):
        name = cards.typo(chance, name)
    if chance.holds(0.3):
        name = plain(chance, name)
    if chance.holds(0.4):
        institute = f"{'Institut für' if language else 'Department of'} {chance.pick(maker.words.institutes[language])}"
        name = f"{institute}, {name}" if chance.holds(0.5) else f"{name}, {institute}"
    return name.upper() if chance.holds(0.15) else name
