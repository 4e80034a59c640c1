"""Names of persons: initials, nicknames, married names and another order say the same person, other names do not."""

from __future__ import annotations

import pytest

from etl.matching.person_names import person_name, short_for


def short(one: str, other: str) -> bool:
    """Whether one name as it is written says less of the other, or the same."""
    return person_name(one) == person_name(other) or short_for(person_name(one) or "", person_name(other) or "")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hans", "Johannes"),
        ("Uli", "Ulrich"),
        ("Uschi", "Ursula"),
        ("Sepp", "Josef"),
        ("Bill", "William"),
        ("Bob", "Robert"),
        ("Kate", "Katherine"),
        ("Mike", "Michael"),
        ("J.", "Johann"),
        ("J. P.", "Johann Peter"),
        ("H.-Peter", "Hans-Peter"),
        ("Hans", "Hans-Peter"),
        ("Dr. Jiří", "Jiri"),
        ("Юлия", "Yuliya"),
        ("Ελένη", "Eleni"),
    ],
)
def test_a_first_name_may_be_short_for_another(one: str, other: str) -> None:
    """In both orders."""
    assert short(one, other)
    assert short(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Christian", "Christina"),
        ("Hans", "Hanna"),
        ("Peter", "Petra"),
        ("Julia", "Julian"),
        ("Bill", "Bob"),
        ("J.", "Peter"),
        ("J. P.", "Johann Georg"),
        ("Hans-Peter", "Hans-Georg"),
    ],
)
def test_first_names_that_differ_as_names_are_short_for_nothing(one: str, other: str) -> None:
    """Brother and sister, father and daughter, husband and wife."""
    assert not short(one, other)
    assert not short(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Schmidt geb. Müller", "Müller"),
        ("Schmidt geb. Müller", "Schmidt"),
        ("Smith, née Miller", "Miller-Smith"),
        ("Müller-Schmidt", "Schmidt"),
        ("von der Leyen", "Leyen"),
        ("Oelschläger, Jiří", "Jiří Oelschläger"),
        ("Müller", "Mueller"),
        ("Müller", "Muller"),
    ],
)
def test_last_names_of_one_person_meet(one: str, other: str) -> None:
    """After a marriage, as a double name, with the last name before the first."""
    assert short(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Schmidt geb. Müller", "Meier"), ("Born", "Geborn"), ("Max Born", "Max"), ("Müller-Schmidt", "Müller-Meier")],
)
def test_a_marriage_makes_nobody_somebody_else(one: str, other: str) -> None:
    """And Born is a name where nothing follows it."""
    assert person_name(one) != person_name(other)
    assert person_name("Max Born") == "max born"
