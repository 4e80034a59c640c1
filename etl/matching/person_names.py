"""The names of persons: without titles and what says that somebody married, and which name is short for another."""

from __future__ import annotations

from functools import cache

from etl.matching.data import lines
from etl.matching.folding import filled, fold

TITLES = frozenset(
    "dr prof professor dipl ing dipling mag med phd mba msc bsc ba ma herr frau fr hr mr mrs ms miss sir lady lord"
    " dame".split()
)
PARTICLES = frozenset("von van vom zu zum zur de der den del della di da du la le of the".split())
MARRIED = frozenset("geb geborene geborener nee born verh verw formerly vormals ehem".split())
"""What stands between two last names of one person: `Schmidt geb. Müller`."""


def person_name(value: str) -> str | None:
    """A first or last name: without titles, without particles where a name remains, and all last names that somebody
    had: `Schmidt geb. Müller` to `schmidt muller`."""
    words = [word for word in fold(value).split() if word not in TITLES]
    names = [word for at, word in enumerate(words) if word not in MARRIED or at in (0, len(words) - 1)]
    kept = [word for word in names if word not in PARTICLES] or names
    return filled(" ".join(kept))


@cache
def nicknames() -> dict[str, frozenset[str]]:
    """A first name or nickname -> the names that it may stand for, itself among them."""
    names_of: dict[str, set[str]] = {}
    for name, *short in (map(fold, names) for names in lines("nicknames.tsv")):
        names_of.setdefault(name, set()).add(name)
        for nickname in short:
            names_of.setdefault(nickname, {nickname}).add(name)
    return {name: frozenset(of) for name, of in names_of.items()}


def short_for(name: str, other: str) -> bool:
    """Whether one name says less of the other and nothing else: an initial, some of its words, or nicknames. Folded."""
    if " " not in name and " " not in other:
        return _stands_for(name, other)
    less, more = sorted((name.split(), other.split()), key=len)
    if set(less) <= set(more):
        return True
    if len(less) == len(more):
        return all(_stands_for(a, b) for a, b in zip(less, more, strict=True))
    return _stands_for(less[0], more[0]) and set(less[1:]) <= set(more[1:])


def _stands_for(name: str, other: str) -> bool:
    if name == other or ((len(name) == 1 or len(other) == 1) and name[0] == other[0]):
        return True
    known = nicknames()
    names, others = known.get(name), known.get(other)
    if names is None and others is None:
        return False
    return name in (others or ()) or other in (names or ()) or bool(names and others and names & others)
