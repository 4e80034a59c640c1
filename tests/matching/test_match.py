"""Who is who in small lists: what is the same is found, what only looks alike is not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from etl.matching import chained, clusters, with_chain
from etl.matching.candidates import MOST_PAIRS
from etl.matching.copies import FEW
from tests.matching.lists import company, probability, scored
from tests.profiles import examples

NAMES = [
    first + last for first in ("Alt", "Berg", "Cram", "Dorn", "Eich") for last in ("mann", "hoff", "feld", "stein")
]
OTHERS = [
    company(f"{name} GmbH", street=f"Weg {number}", postcode=f"{10000 + 37 * number}", city=city)
    for number, (name, city) in enumerate((name, city) for name in NAMES for city in ("Berlin", "Bonn"))
]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (company("Kraszewski Metallbau GmbH"), company("Kraszewski Metallbau Gesellschaft mbH")),
        (company("Kraszewski Metallbau GmbH"), company("KRASZEWSKI MET.BAU", street="Hauptstraße 5")),
        (company("Kraszewski Metallbau GmbH"), company("Kraszewsky Metallbau GmbH")),
        (company("Kraszewski GmbH", vat="DE136695976"), company("Metallbau Ost AG", vat="DE 136 695 976")),
    ],
    ids=["legal form", "abbreviated", "typo", "same VAT, another name"],
)
def test_spellings_of_one_company_are_found_among_a_few(one: dict[str, str], other: dict[str, str]) -> None:
    """Two short lists teach nothing: what is known beforehand decides."""
    found = scored([one, *OTHERS[:20]], [other, *OTHERS[20:]])

    assert probability(found, 0, 21) >= 0.95


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (company("Müller GmbH"), company("Müller GmbH", street="Elbweg 1", postcode="50667", city="Köln")),
        (company("Kraszewski Bau GmbH", phone="0351 123456"), company("Dolch Logistik AG", phone="0351 123456")),
        (company("Kraszewski GmbH", vat="DE136695976"), company("Kraszewski GmbH", vat="DE811569869")),
        (company("Dresdner Möbel GmbH"), company("Dresdner Druck GmbH", street="Elbweg 1")),
        (
            company("Ludwig GmbH", street="", website="ludwig-dresden.example"),
            company("Ludwig Energie GmbH", street="", postcode="01067", website="ludwig-dresden.example"),
        ),
    ],
    ids=["two towns", "one switchboard", "two VAT numbers", "named after their town", "sisters under one domain"],
)
def test_companies_that_only_look_alike_are_never_sure_to_be_one(one: dict[str, str], other: dict[str, str]) -> None:
    """A person may decide; the tool does not."""
    found = scored([one, *OTHERS[:20]], [other, *OTHERS[20:]])

    assert probability(found, 0, 21) < 0.95


PERSON = {"first_name": "Jiří", "last_name": "Oelschläger"}


@pytest.mark.parametrize(
    ("one", "other", "sure"),
    [
        ({"email": "j.oelschlaeger@a.example"}, {"email": "j.oelschlaeger@b.example"}, False),
        ({"email": "j.oelschlaeger@a.example"}, {"email": "J.Oelschlaeger@A.example"}, True),
        (
            {"email": "j.oelschlaeger@a.example", "phone": "0351 1234567"},
            {"email": "j.oelschlaeger@b.example", "phone": "+49 351 1234567"},
            True,
        ),
    ],
)
def test_a_mail_address_made_of_the_name_says_the_name_again(
    one: dict[str, str], other: dict[str, str], sure: bool
) -> None:
    """Two persons of one name at two domains are no duplicate, unless something else agrees."""
    others = [{"first_name": "Ole", "last_name": f"Brodersen{n}", "email": f"o{n}@c.example"} for n in range(20)]
    found = scored([{**PERSON, **one}, {**PERSON, **other}, *others])

    assert (probability(found, 0, 1) >= 0.95) is sure


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({}, {}),
        ({"phone": "0351 1234567"}, {"first_name": "Hanna", "phone": "0351 1234567"}),
    ],
    ids=["the name alone", "a daughter"],
)
def test_persons_who_may_be_two_are_never_sure_to_be_one(one: dict[str, str], other: dict[str, str]) -> None:
    """Namesakes and relatives, in a list so short that it teaches nothing."""
    shared = {"first_name": "Hans", "last_name": "Kolbe", "email": "kolbe@a.example"} if one else PERSON
    found = scored([{**shared, **one}, {**shared, **other}, {"first_name": "Ole", "last_name": "Brodersen"}])

    assert probability(found, 0, 1) <= 0.9


def test_a_name_of_three_records_is_still_rare_in_a_short_list() -> None:
    """How often a name is seen among few records says little of how often it is seen at all."""
    others = [company(f"Beispiel{n} Werke", postcode=f"{n:05}", street=f"Weg {n}", city="Ort") for n in range(10, 30)]
    twice = [
        company("Kraszewski Metallbau", phone="0351 1234567"),
        company("KRASZEWSKI METALLBAU", phone="03511234567"),
    ]
    third = company("Kraszewski Metallbau", postcode="99084", city="Erfurt", street="Ring 9")
    weights = []
    for found in (scored([*twice, *others]), scored([*twice, third, *others])):
        fields = found.judge.weigh(np.array([0], dtype=np.int32), np.array([1], dtype=np.int32)).fields
        weights.append(float(fields[0, found.judge.names.index("company")]))

    assert min(weights) > 8


def test_the_order_of_rows_changes_nothing() -> None:
    """Pairs, weights and probabilities are those of the records, wherever they stand."""
    rows = [company("Kraszewski Metallbau"), company("Kraszewsky Metallbau GmbH"), *OTHERS]
    order = np.random.default_rng(3).permutation(len(rows)).tolist()
    one, other = scored(rows), scored([rows[at] for at in order])
    first = {(int(a), int(b)): float(p) for a, b, p in zip(one.i, one.j, one.weight, strict=True)}
    second = {
        (min(order[a], order[b]), max(order[a], order[b])): float(p)
        for a, b, p in zip(other.i, other.j, other.weight, strict=True)
    }

    assert first.keys() == second.keys()
    assert first == pytest.approx(second, abs=0.2)


@pytest.mark.parametrize(
    "rows",
    [
        [{"company": "GmbH", "phone": "0351 123456"}] * 5_000,
        [company(f"Firma {n}", phone="0351 999999-0") for n in range(5_000)],
        [{"company": "名前 " * 2_000}, {"company": "Ромашка"}, {"company": "Αθήνα"}, {"company": "x" * 5_000}],
        [{"company": ""}, {"company": "GmbH"}],
        [],
    ],
    ids=["all the same", "one switchboard", "other scripts and long names", "hardly anything", "nothing"],
)
def test_no_list_makes_all_pairs(rows: list[dict[str, str]]) -> None:
    """A key that everybody shares makes no pairs, nor do copies make more than one each."""
    found = scored(rows)

    assert len(found.i) <= 20 * max(len(rows), MOST_PAIRS)


@pytest.mark.parametrize(("count", "more"), [(60, 20), (70, 40), (200, 40), (200, 600), (500, 600)])
def test_a_company_that_is_there_many_times_is_one(count: int, more: int) -> None:
    """Name, address and domain are those of so many records that no key would compare them all with each other."""
    rows = [
        company(
            f"Kraszewski Metallbau{' GmbH' if n % 2 else ''}", website="kraszewski.example", phone=f"0351 72996{n:03}"
        )
        for n in range(count)
    ]
    others = [company(f"Beispiel{n} Werke", postcode=f"{n:05}", street=f"Weg {n}", city="Ort") for n in range(more)]
    found = scored([*rows, *others])
    least = clusters(count + len(others), found.i, found.j, found.probability, 0.95)

    assert set(least[:count]) == {0}
    assert len(found.i) < 20 * MOST_PAIRS


def test_a_place_that_many_share_weighs_little_though_no_other_is_nearly_it() -> None:
    """Of eight postcodes none is another but for a slip: that this would weigh much must not lift the same one."""
    places = (("01000", "Bourg"), ("06300", "Nice"), ("13002", "Marseille"), ("44000", "Nantes"), ("67000", "Trier"))
    rows = [
        company(f"Beispiel{n} Werke", postcode=places[n % 5][0], city=places[n % 5][1], street=f"Weg {n}")
        for n in range(300)
    ]
    found = scored(rows)
    fields = found.judge.weigh(np.array([0], np.int32), np.array([5], np.int32)).fields[0]

    assert 0 < fields[found.judge.names.index("postcode")] < 7


@pytest.mark.parametrize("count", [FEW, FEW + 1, 3_000])
def test_any_number_of_copies_is_one_company(count: int) -> None:
    """Of one list they are one cluster; on the left list each finds its like on the right one."""
    one = company("Kraszewski Metallbau GmbH", phone="0351 1234567")
    twice = scored([one] * count + OTHERS)
    least = clusters(count + len(OTHERS), twice.i, twice.j, twice.probability, 0.95)
    against = scored([one] * count + OTHERS[:20], [*OTHERS[20:], one])
    last = count + len(OTHERS)
    found = {
        int(i) for i, j, p in zip(against.i, against.j, against.probability, strict=True) if j == last and p >= 0.95
    }

    assert set(least[:count]) == {0}
    assert least[count:].tolist() == list(range(count, count + len(OTHERS)))
    assert found == set(range(count))
    assert len(twice.i) < 1_000 + count


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.floats(0, 1)), max_size=25))
@settings(max_examples=examples(50))
def test_clusters_are_groups_and_chains_stay_inside(pairs: list[tuple[int, int, float]]) -> None:
    """Every record is in one cluster, called after its least member; no chain leaves one, and with it a pair is neither
    less sure than by itself nor surer than the chain."""
    given_ = {(min(a, b), max(a, b)): p for a, b, p in pairs if a != b}
    i = np.array([a for a, _ in given_], dtype=np.int32)
    j = np.array([b for _, b in given_], dtype=np.int32)
    p = np.array(list(given_.values()), dtype=np.float64)
    least = clusters(10, i, j, p, 0.6)

    assert all(least[n] <= n and least[least[n]] == least[n] for n in range(10))
    for a, b, chance in chained(least, i, j, p, 0.6):
        own = given_.get((a, b), 0.0)
        assert least[a] == least[b]
        assert chance >= own or own < 0.6
        assert own <= with_chain(np.array([own]), np.array([chance]))[0] <= max(own, chance) + 1e-8


def test_a_chain_of_likely_pairs_does_not_join_what_differs() -> None:
    """A is like B and B like C; A and C were compared and are not alike: B goes with the likelier one only."""
    i, j = np.array([0, 1, 0], dtype=np.int32), np.array([1, 2, 2], dtype=np.int32)

    assert clusters(3, i, j, np.array([0.99, 0.96, 0.01]), 0.95).tolist() == [0, 0, 2]
    assert clusters(3, i[:2], j[:2], np.array([0.99, 0.96]), 0.95).tolist() == [0, 0, 0]
