"""Pairs made by hand, by what makes them hard: each is right, or for a person to decide where nobody could know."""

from __future__ import annotations

import numpy as np
import pytest

from etl.matching import match
from etl.matching.doubts import doubts
from etl.matching.telling import NOTHING, TELLING, TOLD_APART
from tests.matching.kinds import KINDS, Row, Truth, firms
from tests.matching.lists import company, identities, probability, scored
from tests.matching.test_match import OTHERS

PEOPLE = [
    {
        "first_name": first,
        "last_name": last,
        "street": f"Weg {number}",
        "postcode": f"{10000 + 37 * number}",
        "city": "Bonn",
        "phone": f"030 {5550000 + number}",
        "email": f"{first}@{last}.example",
    }
    for number, (first, last) in enumerate(
        (first, last)
        for first in ("Ole", "Anke", "Jan", "Tom", "Silke", "Birte")
        for last in ("Brodersen", "Lund", "Asmussen", "Thomsen")
    )
]
CASES = [
    pytest.param(truth, pair, id=f"{kind}: {name}")
    for kind, cases in KINDS.items()
    for name, (truth, pair) in cases.items()
]


@pytest.mark.parametrize("lists", [1, 2])
@pytest.mark.parametrize(("truth", "pair"), CASES)
def test_a_hard_pair_is_right_or_for_a_person(truth: Truth, pair: tuple[Row, Row], lists: int) -> None:
    """Within one list and between two, among records that teach nothing."""
    one, other = pair
    others = OTHERS[:24] if "company" in one else PEOPLE
    half = len(others) // 2
    if lists == 1:
        found = probability(scored([one, other, *others]), 0, 1)
    else:
        found = probability(scored([one, *others[:half]], [other, *others[half:]]), 0, half + 1)

    low, high = truth.value
    assert low <= found <= high


def test_every_kind_has_pairs_of_both_sorts() -> None:
    """At least three that are one and three that are two."""
    for kind, cases in KINDS.items():
        one = [truth for truth, _ in cases.values() if truth in (Truth.SURE, Truth.LIKELY)]
        two = [truth for truth, _ in cases.values() if truth in (Truth.TWO, Truth.NEVER)]
        assert min(len(one), len(two)) >= 3, kind


@pytest.mark.parametrize("right", [0, 13], ids=["one list", "two lists"])
@pytest.mark.parametrize("phone", [{}, {"phone": "0351 7299687"}], ids=["no phone", "one phone"])
def test_a_company_that_moved_with_its_website_is_for_people_to_see(phone: Row, right: int) -> None:
    """A rare name and one website in another town are at least 80%, from where people are asked, and not certain."""
    old, new = firms(
        "Kraszewski Metallbau GmbH",
        "KRASZEWSKI Metallbau",
        {"website": "kraszewski.example"},
        phone,
        {"street": "Ringstr. 90", "postcode": "99084", "city": "Erfurt"},
    )
    rows = [old, *OTHERS[:24]]
    rows.insert(right or 1, new)
    found = scored(rows[:right], rows[right:]) if right else scored(rows)

    assert 0.8 <= probability(found, 0, right or 1) < 0.95


def test_a_doubt_is_named() -> None:
    """What holds a pair below certainty stands in words beside its weights."""
    found = scored([company("Kraszewski Nord", phone="0351 7299687"), company("Kraszewski Süd", phone="0351 7299687")])
    weighed = found.judge.weigh(found.i, found.j)
    named = [doubt.words for doubt in doubts(found.judge.names, weighed.levels) if doubt.holds.any()]

    assert "a word of the names tells them apart" in named


@pytest.mark.parametrize(
    ("name", "other", "level"),
    [
        ("Solarpark II", "Solarpark 2", NOTHING),
        ("Solarpark II", "Solarpark III", TOLD_APART),
        ("Gristein Werkzeugbau", "Gristein Wkz.-Bau", NOTHING),
        ("Lange Optik", "Lange Maschinenbau", TELLING),
        ("Vorenport Bau", "Vroenport Bau", NOTHING),
        ("Neil Masrtead Foods", "Neil Marstead Printing", TELLING),
    ],
)
def test_what_is_left_of_two_names(name: str, other: str, level: int) -> None:
    """Spellings and abbreviations leave nothing; numbers, trades and other letters of an acronym do."""
    found = match(identities([company(name), company(other)]), 2, 2, at_least=0.0)
    telling = found.judge.names.index("telling words")

    assert found.judge.weigh(np.array([0], np.int32), np.array([1], np.int32)).levels[0, telling] == level


@pytest.mark.parametrize("kind", ["phone", "email", "number", "company", "first_name"])
def test_no_level_is_worth_less_than_the_one_below_it(kind: str) -> None:
    """An equal phone number is never less than another extension, whatever the list has taught."""
    rows = [
        company(f"Firma {n}", phone=f"0351 72996{n // 2:02}-{n % 2 * 10}", vat=f"DE8115698{n:02}") for n in range(40)
    ]
    people = [{**person, "number": f"{n:06}"} for n, person in enumerate(PEOPLE)]
    found = scored(
        people
        if kind in ("first_name", "number")
        else [{**r, "email": f"info@f{n}.example"} for n, r in enumerate(rows)]
    )
    [field] = [field for field in found.judge.model.fields if field.name == kind]

    assert (np.diff(field.weights()) >= 0).all()


def test_seventeen_comparisons_are_learned() -> None:
    """So many that a combination of their levels does not fit into 64 bits."""
    rows = [
        {**person, "company": f"Firma {n}", "website": f"f{n}.example", "gender": "f", "state": "x", "occupation": "y"}
        for n, person in enumerate([*PEOPLE, *PEOPLE])
    ]
    columns = identities(
        [{**row, "number": f"{n % 24:06}", "date_of_birth": f"19{10 + n % 24}-01-02"} for n, row in enumerate(rows)]
    )
    others = [columns["last_name"][0]] * 3
    found = match({**columns, "other": others}, len(rows), len(rows), at_least=0.0)

    assert len(found.judge.names) >= 17
    assert all(any(abs(field.weights()) > 0) for field in found.judge.model.fields if field.name != "telling words")
    assert sum(found.probability > 0.95) >= 23
