"""What the model's assumption that fields agree independently leaves out: facts that say the same twice count once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from etl.matching.compare import Levels
from etl.matching.fields import Floats

PLACE = ("street", "house", "postcode", "city", "state")
REACH = ("domain", "email", "phone")
MOST_AGAINST = {PLACE: -9.0, REACH: -6.0}
"""Another address is one fact, however many of its fields differ: companies move. Bits."""
HALF = 0.4
"""What the lesser of two ways to reach somebody adds to the best one."""
SAYS_THE_NAME = ("first_name", "last_name", "email", "gender")
"""What says of a person no more than the name does, but for a whole mail address."""
UNSURE, DOUBTFUL = 0.9, 0.5
SIMILAR_NAME, OTHER_FORM, SAME_NAME = 2, 5, 6
"""The levels of names that are merely alike, the same but for their legal form, and the same."""

Weights = npt.NDArray[np.floating]


def damp(names: Sequence[str], levels: Levels, weights: Weights) -> None:
    """Lower weights in place. names: of the comparisons, the columns; levels, weights: one row a pair."""
    column = {name: place for place, name in enumerate(names)}
    if "postcode" in column:
        for name in ("city", "state"):
            if name in column:
                same = (levels[:, column["postcode"]] >= 1) & (weights[:, column[name]] > 0)
                weights[same, column[name]] *= 0.3
    reach = [column[name] for name in REACH if name in column]
    if len(reach) > 1 and "company" in column:
        some = np.maximum(weights[:, reach], 0)
        total, best = some.sum(axis=1), some.max(axis=1)
        factor = np.where(total > 0, (best + HALF * (total - best)) / np.maximum(total, 1e-9), 1)
        weights[:, reach] = np.where(weights[:, reach] > 0, weights[:, reach] * factor[:, None], weights[:, reach])
    for group, most in MOST_AGAINST.items():
        mine = [column[name] for name in group if name in column]
        against = np.minimum(weights[:, mine], 0)
        factor = np.minimum(1, most / np.minimum(against.sum(axis=1), -1e-9))
        weights[:, mine] = np.where(weights[:, mine] < 0, weights[:, mine] * factor[:, None], weights[:, mine])


def chances(
    names: Sequence[str],
    levels: Levels,
    weight: Floats,
    prior: float,
    unsure: float = UNSURE,
    doubtful: float = DOUBTFUL,
) -> Floats:
    """The probability that pairs are the same, from their weights in bits.

    unsure, doubtful: the most that is given to companies of which something speaks against it. Those whose names are
    merely alike, or have nothing in common, are sure to be one only by an official number: sister companies share all
    the rest. Nor are those behind another door, or with another legal form, that share neither phone nor number: their
    domain only spells their name; nor those of another town whose names are not the same in every word. Those whose
    official numbers differ are hardly one, nor those whose names are alike and of the rest only the town. Nor are
    persons of whom nothing agrees but the name, or a mail address of another domain that is made of it; and relatives
    share all but the first name, in lists without birthdays and numbers.
    """
    odds = weight + np.log2(prior / (1 - prior))
    chance: Floats = 1 / (1 + np.exp2(-np.clip(odds, -1000, 1000)))
    column = {name: place for place, name in enumerate(names)}

    def at_least(name: str, level: int) -> npt.NDArray[np.bool_]:
        return levels[:, column[name]] >= level if name in column else np.zeros(len(levels), dtype=bool)

    def present(name: str) -> npt.NDArray[np.bool_]:
        return at_least(name, 0)

    def other(name: str) -> npt.NDArray[np.bool_]:
        return levels[:, column[name]] == 0 if name in column else np.zeros(len(levels), dtype=bool)

    if "company" not in column:
        told = [name for name in names if name not in SAYS_THE_NAME]
        agrees = sum((at_least(name, 2 if name in ("phone", "number") else 1) for name in told), at_least("email", 2))
        chance = np.where(agrees > 0, chance, np.minimum(chance, doubtful))
        if "date_of_birth" in column or "number" in column:
            return chance
        relatives = present("first_name") & ~at_least("first_name", 2)
        return np.where(relatives, np.minimum(chance, unsure), chance)
    name, number = levels[:, column["company"]], at_least("number", 2)
    door = at_least("street", 2) & at_least("house", 2)
    reached = at_least("domain", 1) | at_least("email", 1) | at_least("phone", 2)
    near = number | reached | door
    elsewhere = (other("city") | other("postcode")) & ~at_least("postcode", 2)
    elsewhere |= present("postcode") & ~at_least("postcode", 2) & ~door
    another_door = elsewhere | ~at_least("street", 2) & present("street") & other("house")
    doubted = (
        ((name >= 0) & (name <= SIMILAR_NAME) & ~number)
        | (elsewhere & (name < SAME_NAME) & ~number)
        | (another_door & ~number & ~at_least("phone", 2))
        | ((name == OTHER_FORM) & ~number & ~at_least("phone", 2) & ~door)
    )
    chance = np.where(doubted, np.minimum(chance, unsure), chance)
    barely = ((name >= 0) & (name <= SIMILAR_NAME) & ~near) | other("number")
    return np.where(barely, np.minimum(chance, doubtful), chance)
