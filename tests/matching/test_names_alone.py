"""Lists of nothing but company names: how rare a name is follows from its words, not from how often it is written."""

from __future__ import annotations

import numpy as np
import pytest

from etl.matching import chained, clusters, with_chain
from etl.matching.copies import FEW
from tests.matching.lists import probability, scored

FIRST, LAST = ("Eich", "Brand", "Kirch", "Lind", "Rosen", "Stein"), ("horst", "mühl", "rode", "tal", "wald")
OTHERS = [f"{first}{last} {trade}" for first in FIRST for last in LAST for trade in ("Metallbau", "Gartenbau", "Druck")]


def alone(*names: str) -> list[dict[str, str]]:
    """These names before ninety others."""
    return [{"company": name} for name in (*names, *OTHERS)]


@pytest.mark.parametrize("often", [2, 5, 12])
def test_a_rare_name_is_one_company_however_often_it_is_written(often: int) -> None:
    """Beside addresses a name that many have is common; alone it is one that is written down often."""
    twice, more = (scored(alone(*["Kraszewski Turbinen GmbH"] * count)) for count in (2, often))
    weights = [float(found.judge.weigh(*np.array([[0], [1]], np.int32)).fields[0, 0]) for found in (twice, more)]

    assert probability(more, 0, 1) >= 0.95
    assert weights[0] == pytest.approx(weights[1], abs=0.5)


@pytest.mark.parametrize(
    "other", ["KRASZEWSKI TURBINENTECHN. GMBH", "Kraszewsky Turbinentechnik", "Fa. Kraszewski Turbinen-Technik AG"]
)
def test_two_spellings_of_a_rare_name_are_likely_one(other: str) -> None:
    """Neither has a word of its own."""
    assert probability(scored(alone("Kraszewski Turbinentechnik GmbH", other)), 0, 1) >= 0.6


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Kraszewski Turbinen GmbH", "Kraszewski Optik GmbH"),
        ("Windpark Kraszewski 3 GmbH", "Windpark Kraszewski 4 GmbH"),
        ("Kraszewski Holding GmbH", "Kraszewski Stiftung"),
        ("Kraszetal Turbinen", "Kraszewald Turbinen"),
    ],
)
def test_names_that_words_tell_apart_are_two(name: str, other: str) -> None:
    """Sisters share the rare word, and each has one of its own; and what merely begins alike is no slip."""
    assert probability(scored(alone(name, other)), 0, 1) < 0.5


def test_more_equal_names_than_chance_makes_teach_how_many_are_the_same() -> None:
    """Of each record one other is taken to be the same; where names recur, as many as that, and no more."""
    priors = [
        scored(alone(*(name for name in OTHERS[:30] for _ in range(times)))).judge.model.prior for times in (0, 4)
    ]
    records = len(OTHERS) + 30 * 4
    same = priors[1] * records * (records - 1) / 2

    assert priors[0] * len(OTHERS) * (len(OTHERS) - 1) / 2 == pytest.approx(len(OTHERS), rel=0.01)
    assert 30 * 10 < same < 30 * 10 / 0.65 * 1.1  # each of thirty names five times: ten pairs


def test_hardly_anything_else_makes_a_list_no_other() -> None:
    """A country tells nobody, and one stray mail address is no reason to weigh a hundred names in another way."""
    rows = alone(*["Kraszewski Turbinen GmbH"] * 12)
    plain, stray = scored(rows), scored([{**rows[0], "email": "a@b.example"}, *rows[1:]])
    country = scored([row | {"country": "DE"} for row in rows])

    assert probability(plain, 1, 2) >= 0.95
    assert probability(stray, 1, 2) == pytest.approx(probability(plain, 1, 2), abs=0.01)
    assert probability(country, 1, 2) == pytest.approx(probability(plain, 1, 2), abs=0.01)


@pytest.mark.parametrize("other", ["Universität Hall", "Universität Halle an der Saale Nord"])
def test_names_alone_that_are_not_equal_are_never_certain(other: str) -> None:
    """One letter may be a slip, and may be another town."""
    assert probability(scored(alone("Universität Halle", other)), 0, 1) <= 0.97
    assert probability(scored(alone("Universität Halle", "Universität Halle")), 0, 1) <= 0.99


def test_long_names_of_which_not_all_words_are_compared_are_no_spellings() -> None:
    """The word that tells them apart may be the one that is left out."""
    name = "Leibniz Institut Angewandte Werkstoff Forschung Polymere Technologie"
    many = [f"{word} {town} Werke" for word in name.split() for town in ("Nord", "Süd", "Dresden", "Leipzig")]

    assert probability(scored(alone(f"{name} Dresden", f"{name} Leipzig", *many)), 0, 1) < 0.95


def test_any_number_of_records_with_one_name_is_one_company() -> None:
    """More of them than are compared with each other have no other probability: a name alone makes no copies."""
    few, many = (scored(alone(*["Kraszewski Turbinen GmbH"] * count)) for count in (FEW, FEW + 5))
    cluster = clusters(len(OTHERS) + FEW + 5, many.i, many.j, many.probability, 0.95)

    assert probability(many, 0, 1) == pytest.approx(probability(few, 0, 1), abs=0.005)
    assert set(cluster[: FEW + 5]) == {0}
    assert len(set(cluster[FEW + 5 :])) == len(OTHERS)


def test_a_pair_that_follows_from_others_counts_what_it_shows_itself() -> None:
    """A sixth of its odds: a chain alone says too much where the two have hardly anything in common."""
    own, chain = np.array([0.0, 0.01, 0.5, 0.9, 0.99]), np.full(5, 0.9)
    together = with_chain(own, chain)

    assert (np.diff(together) > 0).all()
    assert together[0] < 0.2
    assert together[2:4].round(2).tolist() == [0.86, 0.9]
    assert together[4] == own[4]


def test_all_pairs_of_a_cluster_have_a_chain() -> None:
    """Also those whose chain is less sure than was asked: what they show themselves may make up for it."""
    i, j = np.array([0, 1], np.int32), np.array([1, 2], np.int32)
    links = [*chained(np.zeros(3, np.int32), i, j, np.array([0.96, 0.97]), 0.95)]

    assert [(a, b) for a, b, _ in links] == [(0, 1), (0, 2), (1, 2)]
    assert links[1][2] == pytest.approx(0.96 * 0.97)
