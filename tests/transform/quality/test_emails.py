from __future__ import annotations

import email_validator
import pytest
from hypothesis import example, given, settings, strategies as st

from etl.transform.arrow_text import texts
from etl.transform.quality.emails import clearly_valid, invalid, made_up, several
from tests.profiles import examples
from tests.transform.crm import make_cells

WORD = st.text(st.sampled_from("aZ0-_.+'ü@ "), max_size=6)
END = st.sampled_from(
    [
        "example",
        "de",
        "test",
        "invalid",
        "LOCALHOST",
        "local",
        "onion",
        "arpa",
        "a.test",
        "c",
        "x1",
        "1",
        "xn--p1ai",
        "de.",
        "-de",
    ]
)


@settings(max_examples=examples(300))
@given(WORD, WORD, END)
@example("a" * 65, "b", "de")
@example("a", "b" * 64, "de")
@example("a", "b--c", "de")
@example("a", "xn--b", "de")
@example("", "", "example")
@example("a", "my", "localhost")
def test_what_passes_at_once_is_valid_to_email_validator(local: str, domain: str, end: str) -> None:
    """The expression for clear cases never accepts an address that email-validator refuses."""
    address = f"{local}@{domain}.{end}" if domain else f"{local}@{end}"

    if clearly_valid(texts([address]))[0].as_py():
        email_validator.validate_email(address, check_deliverability=False)


def test_ordinary_addresses_pass_at_once() -> None:
    """Nearly all addresses of a CRM need no validator."""
    ordinary = ["info@x.example", "anna.berg-mai@mail.nord-bau.de", "a_b+crm@x1.co.uk"]

    assert clearly_valid(texts([*ordinary])).to_pylist() == [True] * 3


@pytest.mark.parametrize("address", ["a@b.example", "jörg@müller.de", "o'neil@x.ie", " a@b.de\n", "A@B.DE"])
def test_valid_addresses_are_fine(address: str) -> None:
    """Addresses with umlauts and apostrophes are valid; outer blanks do not count."""
    assert invalid(make_cells([address])) == {}
    assert several(make_cells([address])) == {}


@pytest.mark.parametrize(
    ("address", "proposal"),
    [
        ("-", None),
        ("anna", None),
        ("anna@", None),
        ("anna@localhost", None),
        ("a@b.test", None),
        ("a@b.invalid", None),
        ("a@@b.de", None),
        ("a b@c.de", "b@c.de"),
        ("Anna Berg <anna@berg.de>", "anna@berg.de"),
        ("mailto:anna@berg.de", "anna@berg.de"),
        ("anna@berg.de (privat)", "anna@berg.de"),
    ],
)
def test_invalid_addresses_are_found(address: str, proposal: str | None) -> None:
    """What is no address is found; an address within it is proposed."""
    assert invalid(make_cells([address])) == {0: proposal}


@pytest.mark.parametrize("separator", [", ", ";", " ", "/", "|", "\n"])
def test_several_addresses_are_found(separator: str) -> None:
    """Of several addresses in one field the first is proposed, and the field is not called invalid besides."""
    cells = make_cells([f"a@b.de{separator}c@d.de"])

    assert several(cells) == {0: "a@b.de"}
    assert invalid(cells) == {}


def test_made_up_addresses_are_found() -> None:
    """Addresses that only fill the field are found; the word within a real one is not."""
    addresses: list[str | None] = [
        "test@firma.de",
        "info@test.de",
        "asdf@x.example",
        "contest@x.de",
        "a@protest.de",
        None,
    ]

    assert made_up(make_cells(addresses)) == {0: None, 1: None, 2: None}
