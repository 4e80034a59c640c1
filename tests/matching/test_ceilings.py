"""What speaks against pairs holds them as far as the list shows that such pairs are two."""

from __future__ import annotations

import numpy as np
import pytest

from etl.matching.ceilings import MOST, SEEN, probabilities, shares
from etl.matching.doubts import NAMESAKE, PERHAPS, Doubt
from etl.matching.explanations import explain
from tests.matching.lists import company, probability, scored

FAR = 20.0
"""Bits with which nothing but a doubt is left."""


def ceiling(sure: int, doubted: int, base: float = 0.85, usual: float = 0.003) -> float:
    """Of a list with so many pairs that nothing speaks against, and so many that something does."""
    holds = np.arange(sure + doubted) >= sure
    against = [Doubt("it differs", holds, ceiling=base, usual=usual)]
    return shares(against, np.zeros_like(holds), np.full(len(holds), FAR), 0.5)["it differs"]


def test_few_pairs_tell_nothing_of_themselves() -> None:
    """One pair with a doubt keeps the ceiling that was measured elsewhere, however long the list is."""
    assert ceiling(0, 1) == ceiling(100_000, 1) == 0.85


def test_more_such_pairs_than_follow_from_the_sure_ones_are_two() -> None:
    """Three of a thousand of the same differ so: of a hundred such pairs hardly ten are one."""
    assert ceiling(1_000, 100) == pytest.approx((3 + 8.5) / (99 + 10), abs=0.001)


def test_as_many_such_pairs_as_follow_are_one_but_not_certain() -> None:
    """A list whose pairs are often written down so says more than the ceiling, and never that nobody needs to look."""
    assert ceiling(100_000, 300, base=0.3) > 0.9
    assert ceiling(1_000_000, 2_500, base=0.3) == MOST


def test_a_pair_counts_for_its_lowest_ceiling_alone() -> None:
    """Pairs that something else tells apart say nothing of a lesser doubt."""
    lesser, told = np.arange(200) >= 100, np.arange(200) >= 110
    against = [Doubt("lesser", lesser, ceiling=0.85), Doubt("told", told, ceiling=0.3)]
    found = shares(against, np.zeros_like(lesser), np.full(200, FAR), 0.5)

    assert found["lesser"] == pytest.approx(8.5 / 19, abs=0.001)
    assert found["told"] == pytest.approx(3 / 99, abs=0.001)


def test_pairs_to_be_seen_are_fewer_where_many_share_a_number() -> None:
    """A number that a thousand unlike records share is no reason to look at each of them."""
    seen = np.arange(1_010) >= 10

    assert shares([], seen, np.full(1_010, -FAR), 0.5)[SEEN] < 0.05
    assert shares([], seen[:11], np.full(11, -FAR), 0.5)[SEEN] == PERHAPS


def test_a_ceiling_of_the_list_holds_a_pair() -> None:
    """Instead of the one that was measured elsewhere."""
    against = [Doubt("it differs", np.array([True, False]), ceiling=0.85)]

    assert probabilities(against, np.full(2, FAR), 0.5, {"it differs": 0.2}).round(3).tolist() == [0.2, 1.0]


def inns(count: int) -> list[dict[str, str]]:
    """So many pairs of inns of one name, each with a door and a phone of its own, and one website and mail address."""
    names = [f"Gasthof {first}{last}" for first in ("Krasz", "Wald", "Birk", "Hirsch") for last in ("au", "eck", "ow")]
    return [
        company(
            name,
            street=f"{street} {n + 7 * place}",
            phone=f"0351 {7290000 + 1013 * n + 50_000 * place}",
            postcode=f"{1067 + 13 * n:05}",
        )
        | {"website": f"{n}.example", "email": f"post@{n}.example"}
        for n, name in enumerate(names[:count])
        for place, street in enumerate(("Am Hafen", "Bergweg"))
    ]


def test_many_inns_of_one_name_are_less_probable_than_two() -> None:
    """The list shows by itself that another door is another inn; the explanation says what this list says."""
    others = [
        company(f"Firma {chr(65 + n % 20)}ort {n}", street=f"Ring {n}", phone=f"0351 {7220000 + n}", city=f"Ort {n}")
        | {"postcode": f"{20_000 + 31 * n}"}
        for n in range(100)
    ]
    two, many = scored([*inns(1), *others]), scored([*inns(12), *others])

    assert probability(many, 0, 1) < probability(two, 0, 1)
    told = explain(many.judge, np.array([0], np.int32), np.array([1], np.int32))[0].as_py()
    assert "another door, and neither number nor phone is shared: at most" in told
    assert "at most 85%" not in told


def test_namesakes_of_a_household_are_never_certain() -> None:
    """Where no birthday tells father and son apart; where it is the same, they are one."""
    home = {
        "first_name": "Kai",
        "last_name": "Kolbe",
        "street": "Elbweg 7",
        "postcode": "01099",
        "phone": "0351 7299611",
    }
    others = [
        {
            "first_name": first,
            "last_name": last,
            "street": f"Weg {n}",
            "postcode": f"{10_000 + 37 * n}",
            "phone": f"030 {5_550_000 + n}",
        }
        for n, (first, last) in enumerate((f, s) for f in ("Ole", "Anke", "Jan", "Tom") for s in ("Lund", "Asmussen"))
    ]
    born = {"date_of_birth": "1980-02-03"}

    assert 0.95 <= probability(scored([home, home, *others]), 0, 1) <= NAMESAKE
    assert probability(scored([home | born, home | born, *others]), 0, 1) > 0.99
