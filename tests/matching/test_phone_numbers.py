"""Phone numbers: all spellings of one number are one, two numbers in a field are two, and no other digits are taken."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import example, given, strategies as st

from etl.matching.features import features
from etl.matching.folding import digits
from etl.matching.phone_numbers import FEWEST, phones, written
from etl.matching.searchable import numbers
from tests.matching.lists import identities


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("0911 / 7299687", "+49 911 7299687"),
        ("+49 / 0911 / 7299687", "0911, 7299687"),
        ("+49 (0) 7131 / 640533 - 0", "07131/640533"),
        ("+49 (0) 7131 / 640533 - 0", "071316405330"),
        ("0351 123456-12", "0351 123456 Durchwahl 12"),
        ("0351 123456-0, DW 12", "0351/123456-12"),
        ("(020) 7946 0958 ext. 12", "+44 (0)20 7946 0958 x12"),
        ("0911 7299687 (Mo-Fr 9-17 Uhr)", "0911 7299687"),
        ("Mo-Do 8.00-16.30, Fr 8.00-12.00: 0911 7299687", "0911 7299687"),
        ("0911 7299687 Mon–Fri 0800-1700", "0911 7299687"),
        ("called 12.05.2023: 0911 7299687", "0911 7299687"),
        ("4935112345678", "0351 12345678"),
        ("4935112345678.0", "0351 12345678"),
        ("49 (0)351 12345678", "0351 12345678"),
        ("1-800-555-0123", "+1 800 555 0123"),
        ("+36 06 1 555 0123", "+36 1 555 0123"),
        ("＋４９ ３５１ １２３４５６", "0351.123456"),
        ("Fr. Müller: 0351 - 123456", "0351 123456"),
    ],
)
def test_spellings_of_one_number_meet(one: str, other: str) -> None:
    """With an area code before a slash, an extension, opening hours, or a country code without its plus."""
    assert {*phones(one)} & {*phones(other)}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("0911 / 7299687", "0921 / 7299687"),
        ("0351 123456-12", "0351 123456-13"),
        ("0351 123456-12", "0351 123456-0"),
        ("020 7946 0958 ext. 12", "020 7946 0958 ext. 13"),
        ("0911 7299687 (Mo-Fr 9-17 Uhr)", "09117299687917"),
        ("+49 351 123456", "+49 351 123457"),
    ],
)
def test_other_numbers_stay_apart(one: str, other: str) -> None:
    """Another area, another extension, and digits that are no number."""
    assert not {*phones(one)} & {*phones(other)}


@pytest.mark.parametrize(
    "text",
    [
        "030 1234567 / 0171 7654321",
        "0301234567/01717654321",
        "030 1234567; 0171 7654321",
        "030 1234567, 0171 7654321",
        "030 1234567 oder 0171 7654321",
        "030 1234567 or +49 171 7654321",
        "+49 30 1234567 +49 171 7654321",
        "Tel. 030/1234567 Fax 0171-7654321",
        "030 1234567 0171 7654321",
    ],
)
def test_two_numbers_in_a_field_are_two(text: str) -> None:
    """Whatever stands between them."""
    assert phones(text) == ["301234567", "1717654321"]
    assert len(written(text)) == 2


def test_the_second_number_is_in_the_area_of_the_first() -> None:
    """Where only one names it, and for two extensions of one switchboard."""
    assert phones("030 1234567 / 7654321") == ["301234567", "307654321"]
    assert phones("0351 123456-78 / -79") == ["35112345678", "35112345679"]


@pytest.mark.parametrize(
    "text", ["0000000", "030 0000000", "+49 111111", "0123456789", "n/a", "keine", "12345", "9-17"]
)
def test_what_fills_a_field_is_no_number(text: str) -> None:
    """Nobody was given it."""
    assert phones(text) == []


def test_a_country_says_what_is_dialled_before_a_number() -> None:
    """06 in Hungary, 8 in Russia; without the country it is part of the number."""
    rows = [
        {"phone": "06 1 555 0123", "country": "Hungary"},
        {"phone": "+36 1 555 0123", "country": "HU"},
        {"phone": "8 495 555 0123", "country": "Russland"},
        {"phone": "+7 495 555 0123", "country": ""},
    ]
    made = features(identities(rows), len(rows), len(rows)).several["phone"]

    assert [made.values[code] for code in made.code] == ["15550123", "15550123", "4955550123", "4955550123"]


def test_a_search_finds_a_number_behind_its_area_and_a_slash() -> None:
    """`0911 / 7299687` is one number, and what follows with a zero another one."""
    assert numbers(pa.array(["0911 / 7299687 / 0171 7654321"])).to_pylist() == [" 09117299687 01717654321 "]


@example("10000#/")
@given(st.text(st.sampled_from("+0123456789 ()/.-,;x#Moh:\n"), max_size=40))
def test_digits_are_those_of_the_text(text: str) -> None:
    """For any text: no number is shorter than one can be, and what was written stands in it."""
    assert all(len(number) >= FEWEST and number.isdecimal() for number in phones(text))
    assert all(set(digits(number)) <= set(digits(text)) for number in written(text))
