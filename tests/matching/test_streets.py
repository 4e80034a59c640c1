"""Streets and postcodes of many countries: spellings of one door are one, and a suite is no house."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from etl.matching.normal import postcode
from etl.matching.streets import street_and_house


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hauptstr. 3 a", "Hauptstraße 3a"),
        ("Marktpl. 1", "Marktplatz 1"),
        ("12 Avenue Foch", "12, Ave. Foch"),
        ("12 B, rue de Paris", "12b Rue de Paris"),
        ("3858 South Main Street, Suite 200", "3858 S Main St"),
        ("3858 S Main St Ste 200", "3858 S. Main Street #200"),
        ("Unit 4, 12 King Road", "12 King Rd"),
        ("Hoofdstraat 12", "Hoofdstr. 12"),
        ("Mariahilfer Straße 5, Top 12", "Mariahilfer Str. 5"),
        ("Hauptstraße 5, 2. OG", "Hauptstr. 5"),
        ("c/o Kolbe, Hauptstraße 5", "Hauptstr. 5"),
        ("P.O. Box 12, 5 Main Street", "5 Main St"),
        ("Невский проспект 5", "Nevskiy prospekt 5"),
    ],
)
def test_spellings_of_one_door_are_one(one: str, other: str) -> None:
    """Kinds of streets, quarters of a town, suites, floors, and who takes the post."""
    assert street_and_house(one) == street_and_house(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hauptstr. 3", "Hauptstr. 3a"),
        ("3858 S Main St", "3858 N Main St"),
        ("12 Avenue Foch", "12 Rue Foch"),
        ("Am Stock 5", "Am Stock 6"),
        ("Straße des 17. Juni 135", "Straße des 17. Juni 136"),
        ("12 King Road, Unit 4", "4 King Road"),
        ("Postfach 12", "Postfach 13"),
    ],
)
def test_other_doors_stay_apart(one: str, other: str) -> None:
    """Another number, another quarter, another kind of street."""
    assert street_and_house(one) != street_and_house(other)


@pytest.mark.parametrize(
    ("line", "house"),
    [
        ("3858 S Main St", "3858"),
        ("135 W 50 St", "135"),
        ("2 Rue du 8 Mai 1945", "2"),
        ("Main Street, Suite 200", None),
        ("17. Juni Straße 3", "3"),
        ("Am Stock 5", "5"),
        ("Hauptstr. 47-49", "4749"),
        ("Q 7, 24", "724"),
        ("5th Avenue 10", "10"),
    ],
)
def test_the_house_is_the_number_of_the_door(line: str, house: str | None) -> None:
    """Not of a suite, of a street, or of a day."""
    assert street_and_house(line)[1] == house


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("A94 5AE", "a945ae", True),
        ("SW1A 1AA", "sw1a1aa", True),
        ("D-01099", "01099", True),
        ("SE-123 45", "12345", True),
        ("12345-6789", "12345", True),
        ("1234 AB", "1234ab", True),
        ("A94 5AE", "A94 5A", False),
        ("SW1A 1AA", "SW1A 1AE", False),
        ("1234 AB", "1234 AC", False),
        ("01099", "1099", False),
    ],
)
def test_postcodes_keep_their_letters(one: str, other: str, same: bool) -> None:
    """`ae` is no umlaut in a postcode; the country before a number is no part of it."""
    assert (postcode(one) == postcode(other)) is same


@given(st.text(max_size=60))
def test_any_line_has_a_street_and_a_house_or_none(line: str) -> None:
    """For any text."""
    assert all(part is None or part for part in street_and_house(line))
