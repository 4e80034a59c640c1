from __future__ import annotations

import random

import phonenumbers
import pytest
from hypothesis import example, given, strategies as st

from etl.transform.arrow_text import texts
from etl.transform.quality.phones import clearly_possible, impossible
from tests.transform.crm import make_cells

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
STARTS = [
    "",
    "0",
    "00",
    "000",
    "1",
    "8",
    "011",
    "+",
    "00{code}",
    "+{code}",
    "+{code}0",
    "+{code}(0)",
    "{code}",
    "0{code}",
    "{prefix}",
]


def possible(text: str, region: str | None) -> bool:
    """What phonenumbers itself says."""
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(text, region))
    except phonenumbers.NumberParseException:
        return False


def spellings(region: str, draw: random.Random) -> list[str]:
    """Numbers of every length, with every start, in one country."""
    code = str(phonenumbers.country_code_for_region(region))
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(region)
    prefix = (metadata and metadata.national_prefix) or "0"
    starts = [start.format(code=code, prefix=prefix) for start in STARTS]
    return [start + "".join(draw.choices("0123456789", k=n)) for start in starts for n in range(1, 15)]


def test_what_passes_unparsed_is_possible_to_phonenumbers() -> None:
    """In every country of the world, for every start and length: the shortcut never passes an impossible number."""
    draw, passed = random.Random(7), 0
    for region in REGIONS:
        numbers = spellings(region, draw)
        clear = clearly_possible(texts(list(numbers)), texts([region] * len(numbers)))
        wrong = [text for text, sure in zip(numbers, clear, strict=True) if sure and not possible(text, region)]
        assert (region, wrong) == (region, [])
        passed += int(clear.sum())

    assert passed > len(REGIONS) * 30


@given(
    st.text(st.sampled_from("+0123456789 ()/.-49x,"), min_size=1, max_size=24),
    st.none()
    | st.sampled_from(["DE", "AT", "CH", "US", "GB", "IT", "FR", "PL", "BR", "RU", "LU", "AR", "KZ", "IM", "XX"]),
)
@example("+49 (0) 351 123456", None)
@example("(+49) 351 123456", "DE")
@example("180020" * 2, "GB")
def test_findings_are_those_of_phonenumbers(text: str, region: str | None) -> None:
    """With a country all numbers are judged, without one only those with a plus: exactly as phonenumbers would."""
    judged = text.strip() and (region is not None or text.strip().startswith("+"))

    assert bool(impossible(make_cells([text], region))) == bool(judged and not possible(text.strip(), region))


@pytest.mark.parametrize(
    "text",
    [
        "0351/123456",
        "+49 (0) 351 123456",
        "+49 351 123456",
        "0049 351 123456",
        "(0351) 12 34 56",
        "0351 - 123456-12",
        "+49.351.123456",
        "0351123456",
        "0351 123456 ext. 12",
        " 0172 1234567\n",
        "+43 1 5123456",
    ],
)
def test_real_spellings_are_fine(text: str) -> None:
    """The ways in which Germans write phone numbers are no findings."""
    assert impossible(make_cells([text], "DE")) == {}


@pytest.mark.parametrize(
    ("text", "region", "proposal"),
    [
        ("0351 12345678901", "GB", None),
        ("siehe Website", "DE", None),
        ("-", "DE", None),
        ("+999 12345678", None, None),
        ("+49 351 123456789012345", "DE", None),
        ("020 7946", "FR", None),
        ("0351/1234567 oder 0172/12345678", "DE", "0351/1234567"),
        ("Zentrale, +49 351 123456", None, None),
    ],
)
def test_impossible_numbers_are_found(text: str, region: str | None, proposal: str | None) -> None:
    """Numbers that are too long, too short or no numbers are found; the first possible one of several is proposed."""
    judged = region is not None or text.startswith("+")

    assert impossible(make_cells([text], region)) == ({0: proposal} if judged else {})


def test_unknown_countries_are_not_guessed() -> None:
    """Without a country a number without a plus is not judged, and neither is an empty one."""
    assert impossible(make_cells(["0351", "12", None, " "])) == {}
