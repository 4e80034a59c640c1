"""What only fills a field is no evidence: two records that share it share nothing, and differ in nothing."""

from __future__ import annotations

import pytest

from etl.matching.features import features
from etl.matching.placeholders import is_made_up
from tests.matching.lists import company, identities, probability, scored
from tests.matching.test_match import OTHERS


@pytest.mark.parametrize("figures", ["0000", "0000000", "1111111", "123456", "987654321", "30000000000"])
def test_figures_that_nobody_was_given(figures: str) -> None:
    """One digit again and again, a sequence, zeros at the end."""
    assert is_made_up(figures)


@pytest.mark.parametrize("figures", ["0001", "136695976", "8001000000", "123457", "11112222"])
def test_figures_that_somebody_may_have(figures: str) -> None:
    """A number of many zeros is a number."""
    assert not is_made_up(figures)


@pytest.mark.parametrize(
    ("kind", "filler", "real"),
    [
        ("vat", "DE000000000", "DE136695976"),
        ("vat", "DE123456789", "DE136695976"),
        ("company_number", "HRB 11111", "HRB 11112"),
        ("number", "999999", "999998"),
        ("phone", "0000000", "0351 1234567"),
        ("phone", "030 0000000", "0351 1234567"),
        ("email", "keine@firma.example", "jiri@firma.example"),
        ("email", "noreply@firma.example", "jiri@firma.example"),
    ],
)
def test_a_filler_is_as_if_nothing_stood_there(kind: str, filler: str, real: str) -> None:
    """A number or address that somebody has is compared, the filler is not."""
    rows = [{kind: filler}, {kind: real}]
    of_kind = kind if kind in ("phone", "email") else "number"
    made = features(identities(rows), len(rows), len(rows)).several[of_kind]

    assert made.record.tolist() == [1]


def test_two_companies_with_the_same_filler_share_nothing() -> None:
    """They are as far apart as without it; with a real number in common they are closer."""
    filler = {"vat": "DE000000000", "phone": "0000000", "email": "keine@firma.example"}
    apart = [company("Kraszewski Bau GmbH"), company("Dolch Logistik AG", street="Elbweg 1")]
    filled, real = ([row | more for row in apart] for more in (filler, {"vat": "DE136695976"}))

    chances = [probability(scored([*rows, *OTHERS[:20]]), 0, 1) for rows in (apart, filled, real)]

    assert chances[0] == chances[1] < chances[2]
