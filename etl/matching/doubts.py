"""What speaks against a pair beyond the fields that differ: each doubt costs bits; what tells two apart is a ceiling.

A field that differs weighs what the model has learned for it. A doubt is about the pair: a sister company shares house
and telephone, a brother all but the first name, so that no sum of such agreements makes them one. Most doubts cost
bits, for enough that agrees outweighs them. A fact that tells two firms or persons apart is a ceiling: below it people
decide, whatever else agrees. How many such pairs are one differs from list to list, and is estimated (`ceilings`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from etl.matching.company_comparison import OTHER_FORM, SAME_NAME, SIMILAR_NAME, UNLIKE_NAME
from etl.matching.compare import MISSING, Levels
from etl.matching.dependence import REACH
from etl.matching.telling import NOTHING, ONE_SIDED, TELLING, TOLD_APART
from etl.texts import stored

UNSURE, PERHAPS, DOUBTFUL, HARDLY = 0.85, 0.6, 0.5, 0.3
"""Ceilings where a list is too short to tell: of a pair that may well be one, of one that people should see, of one
that is as likely two, and of one that a fact tells apart, of which few are one."""
NAME_ALONE, NAME_ALIKE = 0.99, 0.97
"""The most that names of companies can tell where nothing else is compared: names that are the same, and others."""
NAMESAKE = 0.955
"""A ceiling for any list: relatives of one name are few, and nothing tells how many."""
SAYS_LITTLE = ("first_name", "last_name", "email", "gender", "phone", "number")
"""What says of a person no more than the name does, but for a whole mail address."""

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Doubt:
    """Something that speaks against some pairs. holds: which; bits: what it costs them; ceiling: the most that their
    probability can be, 1 where enough that agrees outweighs it; usual: the share of those that are the same against
    which it speaks."""

    words: str
    holds: Mask
    bits: float = 0.0
    ceiling: float = 1.0
    usual: float = 0.0


class Pairs:
    """The levels of some pairs, asked by the name of a field. A field that the lists do not have agrees nowhere."""

    def __init__(self, names: Sequence[str], levels: Levels) -> None:
        self.names = tuple(names)
        self._levels = {name: levels[:, place] for place, name in enumerate(names)}
        self._missing = np.full(len(levels), MISSING, dtype=np.int8)

    def level(self, name: str) -> Levels:
        """The levels of a field, MISSING where one of the two has none."""
        return self._levels.get(name, self._missing)

    def at_least(self, name: str, level: int) -> Mask:
        """Which pairs agree in a field at this level or above."""
        return np.greater_equal(self.level(name), level)

    def present(self, name: str) -> Mask:
        """Of which pairs both have the field."""
        return self.at_least(name, 0)

    def some(self, names: Sequence[str]) -> Mask:
        """Which pairs agree at least a little in one of some fields."""
        agree: Mask = np.logical_or.reduce([self._missing >= 0, *(self.at_least(name, 1) for name in names)])
        return agree

    @property
    def door(self) -> Mask:
        """Which pairs live or work behind one door."""
        return np.logical_and(self.at_least("street", 2), self.at_least("house", 2))

    @property
    def elsewhere(self) -> Mask:
        """Which pairs have no postcode in common, and another town, another area, or postcodes and not one door."""
        other_place = self.unlike("city") | self.unlike("postcode") | self.present("postcode") & ~self.door
        return other_place & ~self.at_least("postcode", 2)

    def unlike(self, name: str, most: int = 0) -> Mask:
        """Which pairs have the field and agree in it at this level at most."""
        return np.logical_and(self.present(name), self.level(name) <= most)


def doubts(names: Sequence[str], levels: Levels) -> list[Doubt]:
    """What speaks against pairs. names: of the comparisons, the columns; levels: a row a pair."""
    pairs = Pairs(names, levels)
    return [
        *_of_numbers(pairs),
        *_of_people(pairs),
        *(_of_companies(pairs) if "company" in names else _of_names(pairs)),
        *(_of_company_names_alone(pairs) if "company" in names else ()),
    ]


def to_be_seen(names: Sequence[str], levels: Levels) -> Mask:
    """Which pairs share an official number: people should see them whatever differs, unless a list has many such."""
    return Pairs(names, levels).at_least("number", 2)


def _of_numbers(pairs: Pairs) -> list[Doubt]:
    differs = pairs.unlike("number")
    if "company" not in pairs.names:
        other_first = pairs.unlike("first_name", 1) & ~pairs.at_least("date_of_birth", 3)
        differs &= other_first | pairs.unlike("date_of_birth")
    return [Doubt(stored("their official numbers differ"), differs, ceiling=DOUBTFUL, usual=0.001)]


def _of_people(pairs: Pairs) -> list[Doubt]:
    """Relatives share all but the first name or the birthday; colleagues their company and all that it has.

    A name that differs is a slip where the birthday or the number is the same.
    """
    born, number = pairs.at_least("date_of_birth", 3), pairs.at_least("number", 2)
    home = pairs.door | pairs.at_least("phone", 2)
    at_home = "street" in pairs.names  # a list of persons without addresses says nothing of households
    village = pairs.at_least("postcode", 2) & ~pairs.present("street") & at_home
    household = home | pairs.at_least("email", 2) | pairs.at_least("company", 4)
    told = pairs.present("date_of_birth") | pairs.present("number")
    own = pairs.some([name for name in pairs.names if name in ("occupation", "gender") or name.startswith("other ")])
    other_first, other_born = pairs.unlike("first_name", 1), pairs.unlike("date_of_birth")
    said = [
        Doubt(
            stored("the first names differ"),
            other_first & ~(born | number) & (household | other_born),
            ceiling=HARDLY,
            usual=0.03,
        ),
        Doubt(
            stored("the first names differ, and no birthday is known"),
            other_first & ~(told | own),
            ceiling=HARDLY,
            usual=0.03,
        ),
        Doubt(
            stored("the first names differ in one household"),
            other_first & household & ~pairs.present("number"),
            ceiling=UNSURE,
            usual=0.01,
        ),
        Doubt(
            stored("the dates of birth differ in one household"),
            other_born & (home | village) & ~pairs.at_least("number", 1),
            ceiling=DOUBTFUL,
            usual=0.003,
        ),
    ]
    said += _of_namesakes(pairs, (household | village) & at_home)
    if "company" in pairs.names:
        firm = pairs.at_least("company", 4) & ~number
        married = pairs.at_least("email", 2) & pairs.at_least("first_name", 4)
        colleagues = pairs.unlike("last_name") & firm & ~(born | married)
        namesakes = pairs.unlike("email") & pairs.at_least("domain", 1) & pairs.present("last_name") & firm
        said += [
            Doubt(stored("the last names differ"), colleagues, ceiling=HARDLY, usual=0.005),
            Doubt(stored("two mail addresses in one company"), namesakes, ceiling=UNSURE, usual=0.003),
        ]
    return said


def _of_namesakes(pairs: Pairs, household: Mask) -> list[Doubt]:
    """Father and son bear one name, and two colleagues may: where neither birthday nor number is known, what each has
    alone tells them apart. Of colleagues the mail address or the phone does; at home both may be the household's."""
    named = pairs.present("first_name") | pairs.present("last_name")
    untold = named & ~(pairs.present("date_of_birth") | pairs.present("number"))
    firm = pairs.at_least("company", 4)
    colleague = firm & (pairs.at_least("email", 2) | pairs.at_least("phone", 2))
    other_phone = pairs.unlike("phone") | pairs.unlike("phone", 1) & firm
    return [
        Doubt(
            stored("two phone numbers and no mail address in common, and no birthday is known"),
            untold & other_phone & ~pairs.at_least("email", 2) & (pairs.door | firm),
            ceiling=UNSURE,
            usual=0.003,
        ),
        Doubt(stored("no birthday is known"), untold & household & ~colleague, ceiling=NAMESAKE),
    ]


def _of_names(pairs: Pairs) -> list[Doubt]:
    """Of persons nothing agrees but the name, or a mail address of another domain that is made of it."""
    told = [name for name in pairs.names if name not in SAYS_LITTLE]
    agrees = pairs.at_least("email", 2) | pairs.at_least("phone", 2) | pairs.at_least("number", 2) | pairs.some(told)
    return [Doubt(stored("nothing but the name agrees"), ~agrees, ceiling=DOUBTFUL, usual=0.05)]


def _of_companies(pairs: Pairs) -> list[Doubt]:
    return [*_of_company_names(pairs), *_of_company_places(pairs)]


def _of_company_names(pairs: Pairs) -> list[Doubt]:
    """Sister companies share house, telephone and website: what tells them apart is in their names."""
    number, telling = pairs.at_least("number", 2), pairs.level("telling words")
    unlike = pairs.unlike("company", UNLIKE_NAME)
    similar = pairs.unlike("company", SIMILAR_NAME) & (telling != NOTHING)
    near = number | pairs.some(REACH) | pairs.door
    return [
        Doubt(stored("the names have nothing in common"), unlike & ~number, 6.0, PERHAPS, 0.004),
        Doubt(stored("the names are merely alike"), similar & ~number, 5.0),
        Doubt(
            stored("the names have no word in common"), similar & (telling == MISSING) & ~number, 0.0, PERHAPS, 0.001
        ),
        Doubt(stored("of the rest only the town agrees"), similar & ~near, 5.0, DOUBTFUL, 0.001),
        Doubt(stored("a word of the names tells them apart"), (telling == TOLD_APART) & ~number, 10.0, HARDLY),
        Doubt(
            stored("each name has a word that the other has not"), (telling == TELLING) & ~number, 6.0, HARDLY, 0.003
        ),
        Doubt(stored("one name has a word that the other has not"), (telling == ONE_SIDED) & ~number, 4.0),
        Doubt(
            stored("one name has a word that the other has not, and the towns differ"),
            pairs.elsewhere & (telling == ONE_SIDED) & ~number,
            ceiling=UNSURE,
            usual=0.001,
        ),
    ]


def _of_company_names_alone(pairs: Pairs) -> list[Doubt]:
    """Where nothing but a name is known nothing is certain: many inns are a *Gasthof Sonne*, *Halle* is not *Hall*."""
    others = [name for name in pairs.names if name not in ("company", "telling words")]
    alone = ~np.logical_or.reduce([pairs.present(name) for name in ("", *others)])
    return [
        Doubt(stored("nothing but the name is known"), alone, ceiling=NAME_ALONE),
        Doubt(
            stored("nothing but the name is known, and it is not the same"),
            alone & ~pairs.at_least("company", OTHER_FORM),
            ceiling=NAME_ALIKE,
        ),
    ]


def _of_company_places(pairs: Pairs) -> list[Doubt]:
    """Companies of one name are in several places, and a company moves. A move costs once, by the door and the town: it
    is not doubted again because one thing differs, nor because nothing but name and website agrees."""
    name, number, phone = pairs.level("company"), pairs.at_least("number", 2), pairs.at_least("phone", 1)
    calls = pairs.at_least("phone", 2) | phone & pairs.at_least("email", 2)
    other_house = pairs.unlike("street", 1) & pairs.unlike("house")
    another_door = pairs.elsewhere | other_house
    loose = ~(number | calls | pairs.at_least("email", 2) | pairs.door)
    same_place = pairs.at_least("postcode", 2) | pairs.at_least("street", 2)
    by_website = pairs.at_least("domain", 1) & ~same_place & ~pairs.unlike("city")
    differs = pairs.unlike("phone") | pairs.unlike("email") | pairs.unlike("city") | pairs.unlike("house")
    return [
        Doubt(
            stored("the names are not the same in every word, and the places differ"),
            pairs.elsewhere & pairs.unlike("company", SAME_NAME - 1) & ~(number | pairs.at_least("phone", 2)),
            5.0,
        ),
        Doubt(
            stored("another town and another street"),
            pairs.unlike("city") & pairs.unlike("street", 1) & ~(number | pairs.some(REACH)),
            4.0,
            UNSURE,
            0.003,
        ),
        Doubt(
            stored("another door, and neither number nor phone is shared"),
            another_door & ~(number | calls),
            3.0,
            UNSURE,
            0.003,
        ),
        Doubt(stored("nothing but name, town and website agree"), loose & by_website, 6.0),
        Doubt(
            stored("neither door, phone nor mail address is the same, and one of them differs"),
            loose & differs & ~another_door,
            3.0,
        ),
        Doubt(stored("another legal form"), (name == OTHER_FORM) & ~(number | phone | pairs.door), 7.0),
    ]
